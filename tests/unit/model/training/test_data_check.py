"""Archives that are told to be wrong before the hours."""

import dataclasses
import zipfile
from pathlib import Path

import cv2
import pytest

from model.data.cells import Archive, LabelledCell
from model.data.dataset import samples_of
from model.scale import REFERENCE_LOG_SIZE
from model.training.data_check import check_archive, suspicions
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from tests.unit.model.builders import (
    PIXEL_FOR_PIXEL,
    TINY,
    Grey,
    blob,
    case_in_fold,
    cell_files,
    write_folder,
    write_zip,
)
from tests.unit.model.training.conftest import Train

ALL = tuple(range(24))


def cell(case: str, types: tuple[int, ...] = ALL) -> LabelledCell:
    return LabelledCell(case, "m", tuple(blob() for _ in types), types, None)


def refusal(*cells: LabelledCell, held_out: int | None = None, allow: bool = False) -> ModelError:
    with pytest.raises(ModelError) as refused:
        check_archive(Archive(cells, ("p/m: labels shifted.",)), "cells.zip", held_out, allow)
    return refused.value


def test_a_good_archive_passes() -> None:
    cells = (cell(case_in_fold(0)), cell(case_in_fold(3)))
    check_archive(Archive(cells, ()), "cells.zip", 0, False)
    check_archive(Archive(cells[:1], ()), "cells.zip", None, False)


def test_no_usable_cell_is_told_with_its_reason() -> None:
    error = refusal()
    assert str(error) == "No cell of cells.zip can be used. p/m: labels shifted."


def test_missing_types_are_named() -> None:
    most = tuple(kind for kind in ALL if TYPES[kind] not in ("13", "21", "Y"))
    error = refusal(cell("p", most))
    assert error.sentence == "cells.zip holds no chromosome 13, 21 or Y to learn from."
    assert "--allow-missing-types" in error.hint
    check_archive(Archive((cell("p", most),), ()), "cells.zip", None, True)


def test_a_type_that_only_the_held_out_cases_have_is_missing() -> None:
    others = tuple(kind for kind in ALL if TYPES[kind] != "Y")
    cells = (cell(case_in_fold(2)), cell(case_in_fold(1), others))
    assert "no chromosome Y to learn from (without fold 2)" in refusal(*cells, held_out=2).sentence
    check_archive(Archive(cells, ()), "cells.zip", 1, False)


def test_of_one_case_nothing_can_be_held_out() -> None:
    error = refusal(cell("p"), dataclasses.replace(cell("p"), name="n"), held_out=0)
    assert error.sentence == "cells.zip holds one case only, so none can be held out for the test."
    assert "--hold-out -1" in error.hint


def test_a_fold_without_a_case_is_told_with_those_that_have() -> None:
    cells = [cell(case_in_fold(f)) for f in (1, 3)]
    error = refusal(*cells, held_out=0)
    assert error.sentence.startswith("None of the 2 cases of cells.zip falls into fold 0")
    assert error.hint.startswith("Hold out fold 1 or 3")


def test_all_cases_in_the_held_out_fold_leave_nothing_to_learn_from() -> None:
    error = refusal(cell(case_in_fold(4)), cell(case_in_fold(4, 1)), held_out=4)
    assert error.sentence.startswith("All 2 cases of cells.zip fall into fold 4")


def true_to_size(kind: int, factor: float = 1.0) -> Grey:
    """A blob of the area that a chromosome of its type has."""
    height = round(float(2.718281828 ** (2 * REFERENCE_LOG_SIZE[kind])) / 14)
    picture = blob(kind, height=height)
    size = round(picture.shape[1] * factor), round(picture.shape[0] * factor)
    return cv2.resize(picture, size).astype("uint8")


def sized(name: str, factors: tuple[float, ...]) -> LabelledCell:
    pictures = tuple(true_to_size(kind, f) for kind, f in zip(ALL, factors, strict=True))
    return LabelledCell("p", name, pictures, ALL, None)


ONE = (1.0,) * 24


@pytest.mark.parametrize("factor", [1.7, 0.5])
def test_pictures_of_another_scale_within_a_cell_are_told(factor: float) -> None:
    mixed = tuple(factor if kind % 4 == 0 else 1.0 for kind in ALL)
    cells = (sized("even", ONE), sized("mixed", mixed))
    told = suspicions(cells, samples_of(cells, TINY), TINY)
    assert told == ["p/mixed: 6 of 24 chromosomes do not have the scale of the others."]


def test_two_odd_chromosomes_are_no_mixed_scale() -> None:
    cells = (sized("odd", (2.0, 2.0, *ONE[2:])),)
    assert suspicions(cells, samples_of(cells, TINY), TINY) == []


def test_cells_of_other_scales_matter_only_without_a_scale_per_cell() -> None:
    cells = (sized("a", ONE), sized("b", (2.0,) * 24))
    assert suspicions(cells, samples_of(cells, TINY), TINY) == []
    (told,) = suspicions(cells, samples_of(cells, PIXEL_FOR_PIXEL), PIXEL_FOR_PIXEL)
    assert "differ by up to a factor of 2." in told


@pytest.mark.parametrize("kind", ["text", "empty", "truncated", "garbled"])
def test_what_is_no_archive_is_one_sentence(train: Train, tmp_path: Path, kind: str) -> None:
    files = cell_files("p", "m", [0, 1])
    data = write_zip(tmp_path / "cells.zip", files)
    whole = data.read_bytes()
    if kind == "garbled":
        at = whole.index(b"IDAT") + 20
        content = whole[:at] + bytes(50) + whole[at + 50 :]
    else:
        content = {"text": b"not a zip", "empty": b"", "truncated": whole[:-40]}[kind]
    data.write_bytes(content)
    if kind == "garbled":
        assert zipfile.is_zipfile(data)
    outcome = train(tmp_path / "run", "--hold-out", "-1", data=data)
    assert outcome.status == 2
    (failed,) = outcome.named("failed")
    assert failed["sentence"].startswith("cells.zip cannot be read as an archive (")
    assert outcome.named("started") == []


def test_a_folder_of_other_files_is_told(train: Train, tmp_path: Path) -> None:
    data = write_folder(tmp_path / "photos", {"a.png": b"", "notes.txt": b"x"})
    (failed,) = train(tmp_path / "run", data=data).named("failed")
    assert failed["sentence"] == "photos holds no labelled chromosomes."
    assert "<case>/<cell>/<type>-<n>.png" in failed["hint"]


def test_the_training_checks_and_warns(train: Train, tmp_path: Path) -> None:
    types = [0, 0, 0, 4, 4, 4, 9, 9, 9]
    files = cell_files("p", "m", types)
    enlarged = cv2.resize(blob(0, width=28, height=170), None, fx=1.5, fy=1.5)
    for n in (1, 2, 3):
        files[f"p/m/1-{n}.png"] = cv2.imencode(".png", enlarged)[1].tobytes()
    data = write_folder(tmp_path / "cells", files)
    outcome = train(tmp_path / "run", "--hold-out", "-1", "--epochs", "5", data=data)
    (warning,) = outcome.named("warning")
    assert warning["sentence"].startswith("p/m: 3 of 9 chromosomes")
    assert outcome.named("finished")
