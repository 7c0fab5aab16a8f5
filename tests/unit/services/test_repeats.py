"""The same picture twice is told with where it is, and comes in only where somebody says so."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from karyogui.errors import KaryoError
from karyogui.services.progress import SilentMonitor
from karyogui.services.repeats import Repeat, Within
from karyogui.services.workspace import Workspace
from tests.unit.services.fakes import blob, encoded
from tests.unit.services.photographs import metaphase


def write(folder: Path, **pictures: int) -> Path:
    """A folder with pictures by name; equal numbers are equal pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, number in pictures.items():
        (folder / f"{name}.png").write_bytes(encoded(blob(seed=number)))
    return folder


class Person:
    """Answers, and remembers what was asked."""

    def __init__(self, keeps: bool) -> None:
        self.keeps = keeps
        self.asked: list[Repeat] = []

    def __call__(self, repeats: Sequence[Repeat]) -> bool:
        self.asked += repeats
        return self.keeps


def test_in_one_cell(workspace: Workspace, tmp_path: Path) -> None:
    folder = write(tmp_path / "a", one=1, two=2, three=1)
    person = Person(keeps=False)
    outcome = workspace.importer.import_paths([folder], SilentMonitor(), choose=person)
    assert [repeat.within for repeat in person.asked] == [Within.CELL]
    assert outcome.problems == ("a: three.png is in this cell already as one.png.",)
    assert len(workspace.library.cell(outcome.cell_ids[0]).pictures) == 2


def test_in_the_case_and_in_another_case(workspace: Workspace, tmp_path: Path) -> None:
    first = workspace.importer.import_paths([write(tmp_path / "a", x=1)], SilentMonitor())
    (case_id,) = first.case_ids
    person = Person(keeps=True)
    more = write(tmp_path / "b", y=1, z=2)
    workspace.importer.import_paths([more], SilentMonitor(), case_id, choose=person)
    outcome = workspace.importer.import_paths([more], SilentMonitor(), choose=person)
    assert [str(repeat) for repeat in person.asked] == [
        "b: y.png is in cell a already as x.png.",
        "b: y.png is in cell a of case a already as x.png.",
        "b: z.png is in cell b of case a already.",
    ]
    assert outcome.remarks == tuple(str(repeat) for repeat in person.asked[1:])
    assert outcome.problems == ()


def test_a_case_of_the_same_name_is_another_case(workspace: Workspace, tmp_path: Path) -> None:
    folder = write(tmp_path / "a", x=1)
    workspace.importer.import_paths([folder], SilentMonitor())
    person = Person(keeps=True)
    workspace.importer.import_paths([folder], SilentMonitor(), choose=person)
    assert [repeat.within for repeat in person.asked] == [Within.LIBRARY]


def test_in_a_case_in_the_bin(workspace: Workspace, tmp_path: Path) -> None:
    folder = write(tmp_path / "a", x=1)
    workspace.library.delete(workspace.importer.import_paths([folder], SilentMonitor()).case_ids)
    person = Person(keeps=True)
    workspace.importer.import_paths([folder], SilentMonitor(), choose=person)
    assert str(person.asked[0]) == "a: x.png is in cell a of case a in the bin already."


def test_nothing_new_is_told_and_stores_nothing(workspace: Workspace, tmp_path: Path) -> None:
    folder = write(tmp_path / "a", x=1)
    workspace.importer.import_paths([folder], SilentMonitor())
    with pytest.raises(KaryoError, match="Every picture is already there"):
        workspace.importer.import_paths([folder], SilentMonitor(), choose=Person(keeps=False))
    assert len(workspace.library.summaries()) == 1


def test_nobody_is_asked_where_every_picture_is_new(workspace: Workspace, tmp_path: Path) -> None:
    person = Person(keeps=False)
    workspace.importer.import_paths(
        [write(tmp_path / "a", x=1, y=2)], SilentMonitor(), choose=person
    )
    assert person.asked == []


def test_saved_in_another_way(workspace: Workspace, tmp_path: Path) -> None:
    """A photograph as PNG and as JPEG, and one of another cell beside them."""
    (tmp_path / "a").mkdir()
    for name, seed in (("1.png", 1), ("2.jpg", 1), ("3.png", 2)):
        Image.fromarray(metaphase(seed, 46, (480, 600))).save(tmp_path / "a" / name)
    person = Person(keeps=False)
    outcome = workspace.importer.import_paths([tmp_path / "a"], SilentMonitor(), choose=person)
    assert outcome.problems == ("2: 2.jpg looks the same as 1.png in cell 1.",)
    assert len(outcome.cell_ids) == 2
