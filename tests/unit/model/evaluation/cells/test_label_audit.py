"""Planted label errors are found and ranked; names stay in the lists."""

import csv
import dataclasses
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from model.evaluation.cells.collect import Posteriors
from model.evaluation.cells.label_audit import (
    ASSIGNMENT,
    JSON,
    LEARNING,
    SHIFT,
    TURNED_CSV,
    TYPES_CSV,
    audit,
    confident_learning,
    files_of,
    find_shift,
    main,
    picture_names,
)
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from tests.unit.model.simulated import normal_formulas, simulate

CELLS = 12


def clean() -> Posteriors:
    return simulate(normal_formulas(CELLS), noise=0.7, seed=2, polarity_errors=0.0)


def relabelled(posteriors: Posteriors, changes: dict[int, int]) -> Posteriors:
    types = posteriors.types.copy()
    types[list(changes)] = list(changes.values())
    return dataclasses.replace(posteriors, types=types)


def slipped(posteriors: Posteriors, cell: int) -> tuple[Posteriors, np.ndarray]:
    """Every label of a woman's cell from the second 15 on is one too high."""
    rows = posteriors.members(cell)[29:]
    assert posteriors.types[rows[0]] == TYPES.index("15")
    return relabelled(posteriors, {int(r): int(posteriors.types[r]) + 1 for r in rows}), rows


class TestTypes:
    def test_clean_labels_raise_no_doubt(self) -> None:
        found = audit(clean())
        assert (found.types, found.polarities, found.shifts) == ((), (), ())

    def test_an_exchanged_pair_is_found_and_nothing_else(self) -> None:
        posteriors = clean()
        nine, ten = (int(posteriors.members(3)[TYPES.index(k) * 2]) for k in ("9", "10"))
        found = audit(relabelled(posteriors, {nine: TYPES.index("10"), ten: TYPES.index("9")}))
        assert {s.row for s in found.types} == {nine, ten}
        for suspect in found.types:
            assert set(suspect.reasons) == {ASSIGNMENT, LEARNING}
            assert suspect.margin > 6
            assert suspect.suspected == posteriors.types[suspect.row]
            assert suspect.probability_of_suspected > 0.9 > suspect.probability_of_label

    def test_a_cell_whose_labels_slipped_comes_first(self) -> None:
        posteriors = clean()
        wrong = int(posteriors.members(0)[0])
        spoilt, rows = slipped(relabelled(posteriors, {wrong: TYPES.index("2")}), 6)
        found = audit(spoilt)
        [shift] = found.shifts
        assert (shift.cell, shift.by, shift.first) == (6, -1, TYPES.index("16"))
        assert set(shift.rows) == set(rows.tolist())
        assert [SHIFT in s.reasons for s in found.types] == [True] * len(rows) + [False]
        assert found.types[-1].row == wrong

    def test_what_was_not_seen_is_not_doubted(self) -> None:
        posteriors = clean()
        row = int(posteriors.members(4)[7])
        seen = posteriors.seen.copy()
        seen[row] = False
        spoilt = dataclasses.replace(relabelled(posteriors, {row: 20}), seen=seen)
        assert row not in {s.row for s in audit(spoilt).types}

    def test_a_cell_cannot_judge_itself(self) -> None:
        with pytest.raises(ModelError, match="two cases"):
            audit(simulate(["XX", "XX"]))


class TestShift:
    TYPES = np.repeat(np.arange(22), 2)

    def test_exchanges_are_no_shift(self) -> None:
        answers = self.TYPES.copy()
        answers[[6, 8, 16, 18]] = answers[[8, 6, 18, 16]]
        assert find_shift(self.TYPES, answers) is None

    def test_single_errors_of_the_same_step_are_no_shift(self) -> None:
        answers = self.TYPES.copy()
        answers[::7] += 1
        assert find_shift(self.TYPES, answers) is None

    def test_a_run_of_types(self) -> None:
        labels = self.TYPES.copy()
        labels[10:20] += 1
        found = find_shift(labels, self.TYPES)
        assert found is not None
        at, first, last, by = found
        assert (at.tolist(), first, last, by) == (list(range(10, 20)), 6, 10, -1)

    def test_nothing_wrong(self) -> None:
        assert find_shift(self.TYPES, self.TYPES) is None


class TestConfidentLearning:
    def test_only_what_is_as_sure_as_its_class_usually_is(self) -> None:
        table = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.05, 0.95], [0.6, 0.4]])
        labels = np.array([0, 1, 1, 1, 0])
        # Class 0 is meant with a mean of 0.75, class 1 with 0.62.
        found = confident_learning(table, labels, np.ones(5, dtype=np.bool_))
        assert found.tolist() == [-1, 0, -1, -1, -1]

    def test_without_anything(self) -> None:
        nothing = confident_learning(np.empty((0, 2)), np.empty(0, int), np.empty(0, bool))
        assert nothing.tolist() == []


def test_turned_pictures_are_found() -> None:
    posteriors = clean()
    polarities = posteriors.polarities.copy()
    turned = [10, 100, 300]
    polarities[turned] = 1 - polarities[turned]
    found = audit(dataclasses.replace(posteriors, polarities=polarities))
    assert {s.row for s in found.polarities} == set(turned)
    assert all(s.suspected == posteriors.polarities[s.row] for s in found.polarities)
    margins = [s.margin for s in found.polarities]
    assert margins == sorted(margins, reverse=True)


def archive(posteriors: Posteriors, path: Path) -> Path:
    """Empty pictures named as the cells of the posteriors."""
    with zipfile.ZipFile(path, "w") as file:
        for cell, (case, name) in enumerate(zip(posteriors.cases, posteriors.cells, strict=True)):
            for n, kind in enumerate(posteriors.types[posteriors.members(cell)]):
                file.writestr(f"data/{case}/{name}/{TYPES[kind]}-{n + 1}.png", b"")
        file.writestr("data/manifest.csv", "case,cell")
        file.writestr("data/case-0/cell-0/notes-1.txt", "")
    return path


class TestFiles:
    def test_rows_find_their_files(self, tmp_path: Path) -> None:
        posteriors = simulate(["XX", "XY"])
        files = files_of(posteriors, picture_names(archive(posteriors, tmp_path / "a.zip")))
        assert (files[0], files[45], files[91]) == ("1-1.png", "X-46.png", "Y-46.png")

    def test_a_folder_reads_alike(self, tmp_path: Path) -> None:
        posteriors = simulate(["XX", "XY"])
        with zipfile.ZipFile(archive(posteriors, tmp_path / "a.zip")) as file:
            file.extractall(tmp_path / "unpacked")
        assert picture_names(tmp_path / "unpacked") == picture_names(tmp_path / "a.zip")

    def test_a_cell_of_other_pictures_gets_no_names(self, tmp_path: Path) -> None:
        posteriors = simulate(["XX", "XY"])
        names = picture_names(archive(posteriors, tmp_path / "a.zip"))
        names["case-0", "cell-0"].pop()
        files = files_of(posteriors, names)
        assert set(files[:46]) == {""}
        assert files[46] == "1-1.png"


class TestMain:
    def run(self, tmp_path: Path, out: Path) -> int:
        spoilt, _ = slipped(clean(), 6)
        spoilt.save(tmp_path / "p.npz")
        archive(spoilt, tmp_path / "a.zip")
        return main([
            "--data", str(tmp_path / "a.zip"), "--posteriors", str(tmp_path / "p.npz"),
            "--out", str(out),
        ])  # fmt: skip

    def test_lists_have_names_and_what_is_printed_has_none(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run(tmp_path, tmp_path / "out") == 0
        printed = capsys.readouterr().out
        assert "Cells with shifted labels: 1." in printed
        assert "case-" not in printed
        assert "case-" not in (tmp_path / "out" / JSON).read_text()
        with (tmp_path / "out" / TYPES_CSV).open(newline="") as file:
            rows = list(csv.DictReader(file))
        numbers = json.loads((tmp_path / "out" / JSON).read_text())
        assert len(rows) == numbers["suspect_types"] == 17
        assert {(row["case"], row["cell"]) for row in rows} == {("case-3", "cell-6")}
        assert [row["rank"] for row in rows] == [str(n + 1) for n in range(17)]
        assert all(row["file"].startswith(f"{row['label']}-") for row in rows)
        assert (tmp_path / "out" / TURNED_CSV).exists()

    def test_lists_of_names_never_go_into_the_program(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        inside = Path(__file__).parents[5] / "audit"
        assert self.run(tmp_path, inside) == 2
        assert "choose a folder outside" in capsys.readouterr().err
        assert not inside.exists()

    def test_posteriors_of_another_archive(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        simulate(["XX", "XX"]).save(tmp_path / "p.npz")
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
            file.writestr("other/cell/1-1.png", b"")
        arguments = ["--data", str(tmp_path / "a.zip"), "--posteriors", str(tmp_path / "p.npz")]
        assert main([*arguments, "--out", str(tmp_path / "out")]) == 2
        assert "not about the cells" in capsys.readouterr().err

    def test_no_archive(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "a.zip").write_text("none")
        simulate(["XX", "XX"]).save(tmp_path / "p.npz")
        arguments = ["--data", str(tmp_path / "a.zip"), "--posteriors", str(tmp_path / "p.npz")]
        assert main([*arguments, "--out", str(tmp_path / "out")]) == 2
        assert "cannot be read as an archive" in capsys.readouterr().err
