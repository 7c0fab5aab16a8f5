"""Folders of photographs become cases of cells; a person may say what the pictures are."""

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from karyogui.domain.cell import PictureKind
from karyogui.services.discovery import find_cells
from karyogui.services.picture_limits import MAX_PAGES
from karyogui.services.pictures import page_count
from karyogui.services.progress import Cancelled, SilentMonitor
from karyogui.services.sorting import sort_pictures
from tests.unit.services.fakes import RecordingMonitor, blob, encoded, make_cell_folder
from tests.unit.services.photographs import karyogram, make_case_folder

Row = tuple[str, str, str, str, int]


def rows(*paths: Path, choice: PictureKind | None = None) -> tuple[list[Row], tuple[str, ...]]:
    """Case, slide, cell, kind and number of pictures of every cell; and the problems."""
    with find_cells(paths) as found:
        made = sort_pictures(found.cells, SilentMonitor(), choice)
    cells = [(c.case_name, c.slide, c.name, c.kind.value, len(c.pictures)) for c in made.cells]
    return cells, (*found.problems, *made.problems)


def test_a_folder_of_metaphases_is_a_case_with_a_cell_for_each(tmp_path: Path) -> None:
    folder = make_case_folder(tmp_path / "24-0173", "10.png", "2.png", "1.png")
    assert rows(folder) == (
        [("24-0173", "", name, "metaphase", 1) for name in ("1", "2", "10")],
        (),
    )


def test_a_folder_within_it_is_a_slide(tmp_path: Path) -> None:
    names = ("0.png", "slide A/1.png", "slide A/2.png", "slide B/1.png")
    folder = make_case_folder(tmp_path / "24-0173", *names)
    assert rows(folder)[0] == [
        ("24-0173", "", "0", "metaphase", 1),
        ("24-0173", "slide A", "1", "metaphase", 1),
        ("24-0173", "slide A", "2", "metaphase", 1),
        ("24-0173", "slide B", "1", "metaphase", 1),
    ]


def test_cases_of_slides_in_one_folder(tmp_path: Path) -> None:
    names = ("24-0173/slide 1/1.png", "24-0174/slide 1/1.png")
    cells, _ = rows(make_case_folder(tmp_path / "all", *names))
    assert [(case, slide) for case, slide, *_ in cells] == [
        ("24-0173", "slide 1"),
        ("24-0174", "slide 1"),
    ]


def test_single_photographs_are_cells_of_one_case(tmp_path: Path) -> None:
    folder = make_case_folder(tmp_path / "today", "a.png", "b.png", "c.png")
    assert rows(folder / "b.png", folder / "a.png")[0] == [
        ("today", "", "a", "metaphase", 1),
        ("today", "", "b", "metaphase", 1),
    ]
    assert rows(folder / "c.png")[0] == [("c", "", "c", "metaphase", 1)]


def test_a_folder_of_cut_outs_stays_one_cell(tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "case" / "cell 1", 4)
    assert rows(folder)[0] == [("cell 1", "", "cell 1", "cut-out", 4)]
    assert rows(folder.parent)[0] == [("case", "", "cell 1", "cut-out", 4)]


def test_cut_outs_and_their_photograph_in_one_folder_are_two_cells(tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "case" / "cell 1", 4)
    make_case_folder(folder, "raw.png")
    (folder / "karyogram.png").write_bytes(encoded(karyogram()))
    cells, problems = rows(folder.parent)
    assert cells == [
        ("case", "", "cell 1", "cut-out", 4),
        ("case", "cell 1", "raw", "metaphase", 1),
    ]
    (problem,) = problems
    assert "karyogram.png looks like a finished karyogram (or a page of text), 46 " in problem


def test_a_person_decides_what_the_pictures_are(tmp_path: Path) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png")
    (folder / "rows.png").write_bytes(encoded(karyogram()))
    (folder / "small.png").write_bytes(encoded(blob()))
    cells, problems = rows(folder, choice=PictureKind.METAPHASE)
    assert [(cell[2], cell[3]) for cell in cells] == [
        ("a", "metaphase"),
        ("rows", "metaphase"),
        ("small", "metaphase"),
    ]
    assert rows(folder, choice=PictureKind.CUT_OUT)[0] == [("case", "", "case", "cut-out", 3)]
    assert problems == ()


def test_what_cannot_be_read_is_left_to_its_reader(tmp_path: Path) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png", "b.png")
    (folder / "c.png").write_bytes(b"")
    cells, problems = rows(folder)
    assert [(cell[2], cell[3]) for cell in cells] == [(n, "metaphase") for n in "abc"]
    assert problems == ()


def test_looking_at_photographs_can_be_cancelled(tmp_path: Path) -> None:
    folder = make_case_folder(tmp_path / "case", "a.png", "b.png")
    with find_cells([folder]) as found, pytest.raises(Cancelled):
        sort_pictures(found.cells, RecordingMonitor(2), None)


def tiff_of_pages(count: int) -> bytes:
    """A chain of so many directories, all of one small picture."""
    entries = [
        (256, 50), (257, 50), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 50),
        (279, 2500),
    ]  # fmt: skip
    head = struct.pack("<2sHI", b"II", 42, 8 + 2500)
    size = 2 + 12 * len(entries) + 4
    made = [head, bytes(range(250)) * 10]
    for number in range(count):
        after = 0 if number == count - 1 else 8 + 2500 + size * (number + 1)
        made.append(struct.pack("<H", len(entries)))
        made += [struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries]
        made.append(struct.pack("<I", after))
    return b"".join(made)


@pytest.mark.parametrize("choice", [None, PictureKind.METAPHASE])
@pytest.mark.parametrize("ending", ["gif", "tif", "long.tif"])
def test_a_file_of_thousands_of_pictures_is_left_out(
    tmp_path: Path, ending: str, choice: PictureKind | None
) -> None:
    """To read one after the other would take hours: each goes through all before it."""
    path = tmp_path / f"many.{ending}"
    if ending == "gif":
        frames = [Image.fromarray(np.full((8, 8), n % 251, np.uint8)) for n in range(MAX_PAGES + 1)]
        frames[0].save(path, save_all=True, append_images=frames[1:])
    else:
        path.write_bytes(tiff_of_pages(MAX_PAGES + 1 if ending == "tif" else 60_000))
    cells, problems = rows(path, choice=choice)
    assert cells == []
    assert len(problems) == 1
    assert "holds more than 1,000 pictures and was left out" in problems[0]


def test_a_file_of_many_pictures_is_counted_whole() -> None:
    assert page_count(tiff_of_pages(300)).readable == 300


@pytest.mark.parametrize("offset", [2**63, 2**64 - 1, 10**6])
def test_a_directory_beyond_all_files_is_no_page(offset: int) -> None:
    big = struct.pack("<2sHHHQ", b"II", 43, 8, 0, offset) + b"\0" * 100
    assert page_count(big).readable == 1
