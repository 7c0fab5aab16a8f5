from pathlib import Path

import numpy as np
import pytest

from model.assignment.calibration import Calibration
from model.data.cells import LabelledCell
from model.evaluation.cells.collect import Posteriors, collect, observe
from model.inference.predictor import Predictor
from model.vocabulary.errors import ModelError
from tests.unit.model.builders import blob

WHITE = np.full((20, 20), 255, np.uint8)


def cell(name: str, types: tuple[int, ...], counts: tuple[int, ...] | None = None) -> LabelledCell:
    return LabelledCell("case", name, tuple(blob(k) for k in types), types, counts)


def test_what_is_kept_is_what_the_network_said_before_calibration(tiny_weights: Path) -> None:
    predictor = Predictor.load(tiny_weights, "cpu")
    predictor.calibration = Calibration(temperature=0.5)
    seen = observe(predictor, cell("a", (0, 5, 23)))
    kept = collect(predictor, [cell("a", (0, 5, 23))])
    assert (kept.probabilities == seen.raw_probabilities).all()
    assert kept.probabilities.sum(axis=1) == pytest.approx(1)
    assert predictor.calibration.apply(kept.probabilities) == pytest.approx(seen.probabilities)
    assert not np.allclose(seen.probabilities, kept.probabilities)


def test_posteriors_survive_the_disk(tiny_weights: Path, tmp_path: Path) -> None:
    counts = (3, *[2] * 21, 1, 1)
    cells = [cell("ä 1", (0, 0)), cell("b", ()), cell("c", (3, 4, 22), counts)]
    kept = collect(Predictor.load(tiny_weights, "cpu", views=1), cells)
    kept.save(tmp_path / "new" / "p.npz")
    again = Posteriors.load(tmp_path / "new" / "p.npz")
    assert again.cells == ("ä 1", "b", "c")
    assert again.cases == ("case",) * 3
    assert again.types.tolist() == [0, 0, 3, 4, 22]
    assert again.cell.tolist() == [0, 0, 2, 2, 2]
    assert again.members(2).tolist() == [2, 3, 4]
    assert again.counts[0, 0] == 2
    assert tuple(again.counts[2]) == counts
    for name in ("probabilities", "polarity", "polarities", "seen"):
        assert (getattr(again, name) == getattr(kept, name)).all()
    assert [f.name for f in (tmp_path / "new").iterdir()] == ["p.npz"]


def test_a_picture_of_nothing_is_flat_and_told(tiny_weights: Path) -> None:
    white = LabelledCell("p", "m", (WHITE, blob(3)), (7, 3), None)
    kept = collect(Predictor.load(tiny_weights, "cpu", views=1), [white])
    assert kept.seen.tolist() == [False, True]
    assert kept.probabilities[0] == pytest.approx(1 / 24)


def test_no_cells_at_all_can_be_kept(tiny_weights: Path, tmp_path: Path) -> None:
    kept = collect(Predictor.load(tiny_weights, "cpu"), [])
    assert kept.probabilities.shape == (0, 24)
    assert kept.counts.shape == (0, 24)
    kept.save(tmp_path / "p.npz")
    assert Posteriors.load(tmp_path / "p.npz").cells == ()


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    (tmp_path / "text.npz").write_text("no")
    np.savez(tmp_path / "objects.npz", probabilities=np.array([{}], dtype=object))
    for name in ("other.npz", "text.npz", "objects.npz", "gone.npz"):
        with pytest.raises(ModelError, match="holds no posteriors"):
            Posteriors.load(tmp_path / name)


def test_a_folder_that_is_a_file_is_told(tiny_weights: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="could not be written"):
        collect(Predictor.load(tiny_weights, "cpu"), []).save(tmp_path / "file" / "p.npz")
