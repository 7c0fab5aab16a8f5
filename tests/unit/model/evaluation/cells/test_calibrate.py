"""Fitting the probabilities and writing them into the card."""

import json
from pathlib import Path

import numpy as np
import pytest

from model.assignment.calibration import Calibration
from model.data.cells import counts_of
from model.evaluation.cells.calibrate import (
    calibrate,
    main,
    strongest_disagreement,
    write_calibration,
)
from model.evaluation.cells.collect import Posteriors
from model.vocabulary.errors import ModelError
from tests.unit.model.assignment.cells import certain, complement, noisy


def posteriors(cells: int = 8) -> Posteriors:
    """Simulated cells, XY, some chromosomes misread."""
    types = complement("XY")
    tables = [noisy(types, seed, 12.0) for seed in range(cells)]
    return Posteriors(
        probabilities=np.vstack(tables),
        polarity=np.full((46 * cells, 2), 0.5),
        types=np.array(types * cells),
        polarities=np.ones(46 * cells, dtype=np.int64),
        seen=np.ones(46 * cells, dtype=np.bool_),
        cell=np.repeat(np.arange(cells), 46),
        cells=tuple(f"cell {i}" for i in range(cells)),
        cases=tuple(f"case {i}" for i in range(cells)),
        counts=np.array([counts_of(tuple(types))] * cells),
    )


def weights(folder: Path) -> Path:
    file = folder / "net.safetensors"
    file.write_bytes(b"not looked into")
    file.with_suffix(".json").write_text(json.dumps({"name": "net", "split": "fold 0"}))
    return file


def test_nobody_disagrees_in_a_sure_cell() -> None:
    assert strongest_disagreement(certain(complement("XX"))) == 0.0


def test_a_chromosome_against_its_picture_is_the_strongest() -> None:
    table = certain(complement("XY"))
    table[12] = 0.99 * certain([7])[0] + 0.01 * certain([6])[0]
    assert strongest_disagreement(table) == pytest.approx(np.log(99), abs=0.05)


def test_the_card_gets_what_was_fitted_and_keeps_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, kept = weights(tmp_path), tmp_path / "posteriors.npz"
    posteriors().save(kept)
    assert main(["--weights", str(file), "--posteriors", str(kept)]) == 0
    card = json.loads(file.with_suffix(".json").read_text())
    assert card["name"] == "net"
    assert card["calibration"]["cells"] == 8
    assert Calibration.of_card(card) == calibrate(posteriors())
    assert "from 8 cells" in capsys.readouterr().out


def test_missing_posteriors_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = weights(tmp_path)
    assert main(["--weights", str(file), "--posteriors", str(tmp_path / "none.npz")]) == 2
    assert "none.npz holds no posteriors" in capsys.readouterr().err


def test_a_full_disk_leaves_the_card_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = weights(tmp_path)
    before = file.with_suffix(".json").read_text()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ModelError, match="could not be written"):
        write_calibration(file, Calibration(), 1)
    monkeypatch.undo()
    assert file.with_suffix(".json").read_text() == before
