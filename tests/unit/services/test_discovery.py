"""Which pictures are which cell's, in folders and zips; unsafe archives are refused."""

import os
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.errors import KaryoError
from karyogui.services import discovery
from karyogui.services.discovery import find_cells, natural_key
from tests.unit.services.fakes import blob, encoded, make_cell_folder

PICTURE = encoded(blob())


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def layout(*paths: Path) -> list[tuple[str, str, list[str]]]:
    with find_cells(paths) as found:
        assert not found.problems
        return [(c.case_name, c.name, [p.name for p in c.pictures]) for c in found.cells]


def problems(*paths: Path) -> tuple[str, ...]:
    with find_cells(paths) as found:
        assert not found.cells
        return found.problems


def test_names_sort_by_their_numbers() -> None:
    assert sorted(["10-1", "2-2", "x", "2-1", "X1"], key=natural_key) == [
        *("2-1", "2-2", "10-1"),
        *("x", "X1"),
    ]


def test_a_folder_is_a_cell(tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "24-0173.12", 11)
    names = [f"{number}.png" for number in range(1, 12)]
    assert layout(folder) == [("24-0173.12", "24-0173.12", names)]


def test_a_folder_of_folders_is_a_case(tmp_path: Path) -> None:
    for cell in ("cell 2", "cell 10", "cell 1"):
        make_cell_folder(tmp_path / "case" / cell, 1)
    found = [(case, cell) for case, cell, _ in layout(tmp_path / "case")]
    assert found == [("case", "cell 1"), ("case", "cell 2"), ("case", "cell 10")]


def test_a_folder_of_cases_is_several_cases(tmp_path: Path) -> None:
    make_cell_folder(tmp_path / "all" / "A" / "1", 1)
    make_cell_folder(tmp_path / "all" / "B" / "1", 1)
    assert [(case, cell) for case, cell, _ in layout(tmp_path / "all")] == [("A", "1"), ("B", "1")]


def test_zips_are_read_like_folders(tmp_path: Path) -> None:
    flat = zipped(tmp_path / "46,XY.v2.zip", {"2.png": PICTURE, "10.png": PICTURE})
    deep = zipped(tmp_path / "deep.zip", {"A/1/a.png": PICTURE, "A/2/a.png": PICTURE})
    assert layout(flat, deep) == [
        ("46,XY.v2", "46,XY.v2", ["2.png", "10.png"]),
        ("A", "1", ["a.png"]),
        ("A", "2", ["a.png"]),
    ]


def test_zips_in_a_folder_are_cells_of_its_case(tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "case" / "cell 1", 1).parent
    zipped(folder / "cell 2.zip", {"1.png": PICTURE})
    assert [(case, cell) for case, cell, _ in layout(folder)] == [
        ("case", "cell 1"),
        ("case", "cell 2"),
    ]


def test_single_pictures_are_one_cell(tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "somewhere", 3)
    chosen = [folder / "3.png", folder / "1.png"]
    assert layout(*chosen) == [("somewhere", "somewhere", ["1.png", "3.png"])]


def test_other_files_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    members = {
        "__MACOSX/._1.png": b"x",
        ".hidden/1.png": PICTURE,
        "cell/.DS_Store": b"x",
        "cell/Thumbs.db": b"x",
        "cell/notes.txt": b"words",
        "cell/without ending": PICTURE,
        "manifest.csv": b"a,b",
    }
    archive = zipped(tmp_path / "a.zip", members)
    folder = tmp_path / "b"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    assert layout(archive) == [("a", "cell", ["without ending"])]
    assert layout(folder) == [("b", "cell", ["without ending"])]


@pytest.mark.parametrize(
    "name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "C:\\evil.png", "..\\evil.png"]
)
def test_an_archive_that_leads_outside_is_refused_whole(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path / "bad.zip", {"good.png": PICTURE, name: PICTURE})
    (sentence,) = problems(archive)
    assert "bad.zip was not opened" in sentence
    assert "leads outside" in sentence


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (sentence,) = problems(tmp_path / "empty")
    assert "There is no picture in the folder" in sentence


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 but then nothing", "not a readable zip"),
        (b"", "not a readable zip"),
    ],
)
def test_a_broken_zip_is_told(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "broken.zip").write_bytes(data)
    (sentence,) = problems(tmp_path / "broken.zip")
    assert words in sentence


def test_a_zip_without_pictures_is_told(tmp_path: Path) -> None:
    (sentence,) = problems(zipped(tmp_path / "text.zip", {"a.txt": b"words"}))
    assert "There is no picture in text.zip" in sentence


def test_missing_and_wrong_files_are_told_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    missing, wrong = problems(tmp_path / "gone", tmp_path / "words.txt")
    assert "does not exist" in missing
    assert "words.txt is neither a picture nor a zip" in wrong


def test_one_bad_path_does_not_hide_the_good_ones(tmp_path: Path) -> None:
    good = make_cell_folder(tmp_path / "good", 1)
    with find_cells([tmp_path / "gone", good]) as found:
        assert [cell.name for cell in found.cells] == ["good"]
        assert len(found.problems) == 1


def test_a_zip_bomb_is_refused_by_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "MAX_ARCHIVE_BYTES", 1000)
    archive = zipped(tmp_path / "bomb.zip", {"1.bmp": bytes(2000)})
    (sentence,) = problems(archive)
    assert "was not opened" in sentence


def test_too_large_a_member_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "MAX_FILE_BYTES", 1000)
    archive = zipped(tmp_path / "a.zip", {"1.bmp": bytes(2000)})
    with find_cells([archive]) as found, pytest.raises(KaryoError, match="larger than"):
        found.cells[0].pictures[0].read()


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_cell_folder(tmp_path / "many", 5)
    monkeypatch.setattr(discovery, "MAX_FILES", 4)
    (sentence,) = problems(folder)
    assert "more than 4 files" in sentence


def test_a_damaged_member_is_told_when_read(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"1.png": PICTURE})
    data = bytearray(archive.read_bytes())
    data[60] ^= 0xFF
    archive.write_bytes(data)
    with find_cells([archive]) as found, pytest.raises(KaryoError, match="damaged"):
        found.cells[0].pictures[0].read()


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"1.png": PICTURE})
    data = bytearray(archive.read_bytes())
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    with find_cells([archive]) as found, pytest.raises(KaryoError, match="password"):
        found.cells[0].pictures[0].read()


@given(st.data())
def test_a_damaged_zip_is_told_and_never_a_bug(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("zips") / "a.zip"
    good = bytearray(zipped(path, {"a/1.png": PICTURE, "a/b": b"words"}).read_bytes())
    # The directory stands at the end; most of what can go wrong is decided there.
    start = data.draw(st.sampled_from([0, good.find(b"PK\x01\x02")]))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(start, len(good) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(good)
    with find_cells([path]) as found:
        assert found.cells or found.problems
        for picture in (picture for cell in found.cells for picture in cell.pictures):
            with suppress(KaryoError):
                picture.read()


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "I/O")])
def test_what_the_system_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def refuse(*_: object) -> None:
        raise error

    folder = make_cell_folder(tmp_path / "cell", 1)
    with find_cells([folder]) as found:
        monkeypatch.setattr(Path, "read_bytes", refuse)
        with pytest.raises(KaryoError, match=r"1\.png cannot be opened"):
            found.cells[0].pictures[0].read()
    monkeypatch.setattr(Path, "open", refuse)
    (sentence,) = problems(folder / "1.png")
    assert "cannot be opened" in sentence


def test_too_large_a_file_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_cell_folder(tmp_path / "cell", 1)
    monkeypatch.setattr(discovery, "MAX_FILE_BYTES", 10)
    with find_cells([folder]) as found, pytest.raises(KaryoError, match="larger than"):
        found.cells[0].pictures[0].read()


def test_one_picture_is_a_cell_of_its_name(tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "cell", 2)
    assert layout(folder / "2.png") == [("2", "2", ["2.png"])]


def test_a_zip_in_a_zip_is_told(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "outer.zip", {"1.png": PICTURE, "inner.zip": b"PK"})
    with find_cells([archive]) as found:
        assert len(found.cells) == 1
        assert "inner.zip in outer.zip was left out" in found.problems[0]


def test_a_bad_zip_in_a_folder_does_not_hide_the_cells_beside_it(tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "case" / "cell 1", 1).parent
    (folder / "cell 2.zip").write_bytes(b"PK\x03\x04")
    with find_cells([folder]) as found:
        assert [cell.name for cell in found.cells] == ["cell 1"]
        assert "cell 2.zip" in found.problems[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of Unix")
def test_pipes_and_links_to_nothing_are_named_and_never_waited_for(tmp_path: Path) -> None:
    folder = make_cell_folder(tmp_path / "cell", 2)
    os.mkfifo(folder / "pipe.png")
    os.mkfifo(folder / "pipe.zip")
    (folder / "link.png").symlink_to(folder / "gone")
    os.mkfifo(tmp_path / "alone.tif")
    with find_cells([folder, tmp_path / "alone.tif", Path("/dev/zero")]) as found:
        assert [len(cell.pictures) for cell in found.cells] == [2]
        told = " ".join(found.problems)
        assert len(found.problems) == 5
        for name in ("pipe.png", "pipe.zip", "link.png", "alone.tif", "zero"):
            assert f"{name} is no file" in told


def test_a_name_of_thousands_of_letters_is_cut_in_its_middle(tmp_path: Path) -> None:
    path = tmp_path / "long.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for png in make_cell_folder(tmp_path / "cell", 1).iterdir():
            archive.write(png, f"{'a' * 30_000}b/1.png")
    with find_cells([path]) as found:
        (cell,) = found.cells
        assert len(cell.name) < 300
        assert cell.name.endswith("ab")
        assert cell.pictures[0].read()


def test_links_to_folders_are_told(tmp_path: Path) -> None:
    elsewhere = make_cell_folder(tmp_path / "elsewhere", 3)
    folder = make_cell_folder(tmp_path / "cell", 2)
    (folder / "more").symlink_to(elsewhere)
    with find_cells([folder]) as found:
        assert [len(cell.pictures) for cell in found.cells] == [2]
        assert found.problems == (
            "more is a link to a folder: it was not followed. Choose the folder itself.",
        )
