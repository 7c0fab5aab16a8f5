import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.data.cells import (
    Archive,
    LabelledCell,
    counts_of,
    is_label_shift,
    is_normal,
    read_archive,
)
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES, X, Y
from tests.unit.model.builders import blob, cell_files, manifest, png, write_folder, write_zip

FILES = {
    **cell_files("p2", "m1", [0, 0, 20]),
    **cell_files("p1", "m2", [3, X, Y]),
    **cell_files("p1", "m1", [1, 1, 9]),
}
NORMAL_XY = (*[2] * 22, 1, 1)
SHIFTED = tuple(1 if k in (14, 15) else 2 for k in range(24))


def read_files(tmp_path: Path, files: dict[str, bytes], form: str = "zip") -> Archive:
    if form == "zip":
        return read_archive(write_zip(tmp_path / "cells.zip", files))
    return read_archive(write_folder(tmp_path / "cells", files))


def keys(archive: Archive) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(c.case, c.name, c.types) for c in archive.cells]


WANTED = [("p1", "m1", (1, 1, 9)), ("p1", "m2", (3, X, Y)), ("p2", "m1", (0, 0, 20))]


@pytest.mark.parametrize("form", ["zip", "folder"])
@pytest.mark.parametrize("wrap", ["", "archive/", "outer/inner/"])
def test_a_zip_and_a_folder_wrapped_or_not_read_the_same(
    tmp_path: Path, form: str, wrap: str
) -> None:
    archive = read_files(tmp_path, {wrap + name: data for name, data in FILES.items()}, form)
    assert keys(archive) == WANTED
    assert archive.problems == ()
    assert np.array_equal(archive.cells[2].pictures[2], blob(20))
    assert archive.cells[0].counts is None


def test_other_files_do_not_matter(tmp_path: Path) -> None:
    others = {"README.txt": b"hello", "p1/notes.md": b"", "p1/m1/thumb.png": png(blob())}
    assert keys(read_files(tmp_path, FILES | others)) == WANTED


def test_the_hidden_twins_of_a_zip_from_a_mac_do_not_matter(tmp_path: Path) -> None:
    twins = {f"__MACOSX/{n.rsplit('/', 1)[0]}/._{n.rsplit('/', 1)[1]}": b"\0" for n in FILES}
    archive = read_files(tmp_path, FILES | twins)
    assert keys(archive) == WANTED
    assert archive.problems == ()


def test_pictures_stand_in_the_order_of_type_and_number(tmp_path: Path) -> None:
    files = {f"p/m/1-{n}.png": png(blob(height=20 + n)) for n in (10, 2, 1)}
    cell = read_files(tmp_path, files).cells[0]
    assert [p.shape[0] for p in cell.pictures] == [27, 28, 36]


def test_small_letters_and_other_formats_are_understood(tmp_path: Path) -> None:
    archive = read_files(tmp_path, {"p/m/x-1.PNG": png(blob(X)), "p/m/Y-1.tif": png(blob(Y))})
    assert archive.cells[0].types == (X, Y)


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_the_manifest_is_the_truth_about_copies(tmp_path: Path, form: str) -> None:
    trisomy = tuple(3 if k == 20 else n for k, n in enumerate(NORMAL_XY))
    rows = {("p1", "m1"): NORMAL_XY, ("p2", "m1"): trisomy}
    archive = read_files(tmp_path, FILES | {"manifest.csv": manifest(rows)}, form)
    assert [c.counts for c in archive.cells] == [NORMAL_XY, None, trisomy]
    assert [c.is_numerically_normal for c in archive.cells] == [True, False, False]


def test_a_manifest_in_a_wrapping_folder_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    files = {f"a/{name}": data for name, data in FILES.items()}
    text = b"\xef\xbb\xbf" + manifest({("p1", "m1"): NORMAL_XY})
    assert read_files(tmp_path, files | {"a/Manifest.CSV": text}).cells[0].counts == NORMAL_XY


@pytest.mark.parametrize(
    "text",
    [b"case,cell\np1,m1\n", b"case,cell,1\np1,m1,two\n", b"\xff\xfe\x00", b"case,cell,1\np1\n"],
    ids=["no types", "no number", "no text", "short row"],
)
def test_a_manifest_that_cannot_be_understood_is_told(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(ModelError, match=r"manifest\.csv cannot be understood"):
        read_files(tmp_path, FILES | {"manifest.csv": text})


def test_class_names_that_are_none_are_told_and_left_out(tmp_path: Path) -> None:
    odd = {f"p1/m1/{kind}-1.png": png(blob()) for kind in ("23", "0", "Z", "chr1")}
    archive = read_files(tmp_path, FILES | odd)
    assert keys(archive) == WANTED
    assert len(archive.problems) == 4
    assert "p1/m1/23-1.png: “23” is no chromosome type." in archive.problems


@pytest.mark.parametrize("data", [b"", b"no picture", png(blob())[:60]])
def test_pictures_that_cannot_be_read_are_told_and_left_out(tmp_path: Path, data: bytes) -> None:
    archive = read_files(tmp_path, FILES | {"p1/m1/5-1.png": data})
    assert keys(archive) == WANTED
    assert archive.problems == ("p1/m1/5-1.png: the picture cannot be read.",)


def test_a_picture_of_absurd_size_is_told_and_left_out(tmp_path: Path) -> None:
    """A header that promises 60,000 × 60,000 pixels."""
    data = bytearray(png(blob()))
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    archive = read_files(tmp_path, FILES | {"p1/m1/5-1.png": bytes(data)})
    assert archive.problems == ("p1/m1/5-1.png: the picture cannot be read.",)


def test_a_cell_with_shifted_labels_is_left_out_and_told(tmp_path: Path) -> None:
    archive = read_files(tmp_path, FILES | {"manifest.csv": manifest({("p1", "m2"): SHIFTED})})
    assert [(c.case, c.name) for c in archive.cells] == [("p1", "m1"), ("p2", "m1")]
    assert archive.problems == ("p1/m2: labels shifted by one, left out.",)


def test_shifted_labels_are_seen_without_a_manifest(tmp_path: Path) -> None:
    kinds = [k for k, n in enumerate(SHIFTED) for _ in range(n)]
    archive = read_files(tmp_path, FILES | cell_files("p9", "m1", kinds))
    assert keys(archive) == WANTED
    assert len(archive.problems) == 1


@pytest.mark.parametrize(
    ("changes", "shifted"),
    [
        ({}, False),
        ({14: 1, 15: 1, 22: 2, 23: 2}, True),
        ({14: 1, 22: 2}, False),
        ({14: 1, 15: 1, 22: 2, 23: 2, 20: 3}, False),
    ],
)
def test_what_counts_as_a_label_shift(changes: dict[int, int], shifted: bool) -> None:
    counts = tuple(changes.get(k, n) for k, n in enumerate(NORMAL_XY))
    assert is_label_shift(counts) is shifted


def test_normal_counts_are_those_of_46_xx_and_46_xy() -> None:
    assert is_normal(NORMAL_XY)
    assert is_normal((*[2] * 22, 2, 0))
    for sex in ((1, 0), (0, 2), (2, 1), (1, 2), (3, 0)):
        assert not is_normal((*[2] * 22, *sex))
    assert not is_normal((3, *[2] * 21, 1, 1))
    assert counts_of((0, 0, Y)) == (2, *[0] * 22, 1)


def test_a_cell_without_manifest_is_judged_by_its_pictures() -> None:
    kinds = tuple(k for k, n in enumerate(NORMAL_XY) for _ in range(n))
    assert LabelledCell("p", "m", (), kinds, None).is_numerically_normal
    assert not LabelledCell("p", "m", (), kinds[1:], None).is_numerically_normal
    assert LabelledCell("p", "m", (), kinds[1:], NORMAL_XY).is_numerically_normal


def test_what_is_no_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cells.zip"
    path.write_bytes(b"this is no archive")
    with pytest.raises(ModelError, match=r"cells\.zip cannot be read as an archive"):
        read_archive(path)


def test_a_truncated_zip_is_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cells.zip", FILES)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ModelError, match="cannot be read as an archive"):
        read_archive(path)


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cells.zip", FILES)
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ModelError, match="cannot be read as an archive"):
        read_archive(path)


def test_damaged_compression_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cells.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p/m/1-1.png", bytes(range(256)) * 40)
    data = bytearray(path.read_bytes())
    data[45:60] = b"\xff" * 15
    path.write_bytes(data)
    with pytest.raises(ModelError, match="cannot be read as an archive"):
        read_archive(path)


def test_a_zip_with_a_password_is_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "cells.zip", {"p/m/1-1.png": png(blob())})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag of encryption in both headers of the only member
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="cannot be read as an archive"):
        read_archive(path)


def test_a_missing_archive_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no file or folder .*gone\.zip"):
        read_archive(tmp_path / "gone.zip")


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_an_archive_without_labelled_pictures_is_told(tmp_path: Path, form: str) -> None:
    with pytest.raises(ModelError, match="holds no labelled chromosomes") as error:
        read_files(tmp_path, {"a/b.txt": b"", "chromosome.png": png(blob())}, form)
    assert "<case>/<cell>/<type>-<n>.png" in error.value.hint


def test_a_file_that_cannot_be_read_in_a_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "cells", FILES)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ModelError, match="cells cannot be read as an archive"):
        read_archive(folder)


def test_every_type_has_its_index(tmp_path: Path) -> None:
    archive = read_files(tmp_path, cell_files("p", "m", list(range(24))))
    assert archive.cells[0].types == tuple(range(24))
    assert [TYPES[k] for k in (0, 21, 22, 23)] == ["1", "22", "X", "Y"]


def test_a_row_without_numbers_marks_a_cell_that_is_not_whole(tmp_path: Path) -> None:
    rows: dict[tuple[str, str], Any] = {("p1", "m1"): NORMAL_XY, ("p1", "m2"): ("",) * 24}
    archive = read_files(tmp_path, FILES | {"manifest.csv": manifest(rows)})
    assert [c.complete for c in archive.cells] == [True, False, True]
    partial = archive.cells[1]
    assert partial.counts is None
    assert partial.is_numerically_normal  # nothing else is known
    assert not archive.cells[2].is_numerically_normal


def test_a_row_with_a_number_missing_is_refused(tmp_path: Path) -> None:
    rows: dict[tuple[str, str], Any] = {("p1", "m1"): ("", *NORMAL_XY[1:])}
    with pytest.raises(ModelError, match=r"manifest\.csv cannot be understood"):
        read_files(tmp_path, FILES | {"manifest.csv": manifest(rows)})
