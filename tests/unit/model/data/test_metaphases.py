import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.data.metaphases import MetaphaseArchive, case_of
from model.vocabulary.archive import fold_of
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES, X, Y
from tests.unit.model.builders import write_folder, write_zip
from tests.unit.model.metaphases import (
    NORMAL_XX,
    SIZE,
    boxes,
    encoded,
    label,
    metaphase,
    picture,
    voc,
)  # fmt: skip

TRISOMY_21 = (*NORMAL_XX, TYPES.index("21"))
NUMBERS_HEAD = b"filename,chromosome numbers,description (abnormal chromosome-pair)\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {
        **metaphase("1001"),
        **metaphase("1002", NORMAL_XX[:-1]),
        **metaphase("2001", TRISOMY_21),
        **metaphase("2002"),
        **metaphase("3001", NORMAL_XX[:-1]),
        **metaphase("3002"),
        "number_abnormalities.csv": NUMBERS_HEAD
        + b"2001.JPG,47,21\n2002.jpg,46,21\n9999.jpg,47,8\n\n",
        "structural_abnormalities.csv": NUMBERS_HEAD + b'3001.jpg,45,"2,x"\n3002.jpg,46,\n',
    }
    return write_zip(tmp_path_factory.mktemp("data") / "some.zip", files)


def test_pictures_and_their_truth(path: Path) -> None:
    found = MetaphaseArchive(path)
    assert found.names == ("1001", "1002", "2001", "2002", "3001", "3002")
    grey = found.picture("1001")
    assert (grey.shape, grey.dtype) == (SIZE[::-1], np.uint8)
    truth = found.truth("2001")
    assert tuple(t.type for t in truth) == TRISOMY_21
    assert [t.box for t in truth] == boxes(47)
    assert found.counts("1002")[X] == 1


def test_a_folder_is_read_like_a_zip(path: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(path) as zipped:
        zipped.extractall(tmp_path / "folder")
    one, other = MetaphaseArchive(path), MetaphaseArchive(tmp_path / "folder")
    assert one.names == other.names
    assert one.truth("1001") == other.truth("1001")
    assert one.number_abnormalities == other.number_abnormalities


def test_lists_whatever_the_case_and_the_ending(path: Path) -> None:
    found = MetaphaseArchive(path)
    row = found.number_abnormalities["2001"][0]
    assert (row.chromosomes, row.types) == (47, (TYPES.index("21"),))
    assert found.structural_abnormalities["3001"][0].types == (TYPES.index("2"), X)
    assert found.structural_abnormalities["3002"][0].types == ()
    assert [p for p in found.problems if "9999" in p] == [
        "number_abnormalities: there is no picture 9999.jpg with boxes."
    ]


@pytest.mark.parametrize(
    ("text", "chromosomes", "types"),
    [
        ("45,x", 45, (X,)),
        ("44,XX/XY", 44, (X, Y)),
        ("46,unknow", 46, ()),
        ("47,2,14", 47, (1, 13)),  # several, unquoted
        (",18", None, (17,)),
        ("47", 47, ()),
        ("46,99", 46, ()),
    ],
)
def test_a_row_of_a_list(
    text: str, chromosomes: int | None, types: tuple[int, ...], tmp_path: Path
) -> None:
    listed = f"\ufefffilename,n,what\r\na1.png,{text}\r\n".encode()
    found = MetaphaseArchive(
        write_zip(tmp_path / "a.zip", {**metaphase("a1"), "Number_Abnormalities.CSV": listed})
    )
    (row,) = found.number_abnormalities["a1"]
    assert (row.chromosomes, row.types) == (chromosomes, types)


def test_several_rows_and_semicolons_and_latin_letters(tmp_path: Path) -> None:
    listed = "filename;n;what\na1.TIF;47;é8\na1;47;9\n".encode("latin-1")
    files = {**metaphase("a1", ending="tif"), "structural_abnormalities.csv": listed}
    found = MetaphaseArchive(write_zip(tmp_path / "a.zip", files))
    assert [row.types for row in found.structural_abnormalities["a1"]] == [(7,), (8,)]


def test_counts_are_a_truth_only_where_nothing_speaks_against_it(path: Path) -> None:
    found = MetaphaseArchive(path)
    assert {name: found.countable(name) for name in found.names} == {
        "1001": True,
        "1002": False,  # 45 boxes, on no list
        "2001": True,
        "2002": False,  # listed as numerically abnormal, boxes of a normal cell
        "3001": True,  # listed with 45, 45 boxes
        "3002": True,
    }


def test_a_list_that_contradicts_the_boxes_leaves_the_cell_out(tmp_path: Path) -> None:
    files = {**metaphase("a1"), "structural_abnormalities.csv": b"f,n,d\na1.jpg,45,14\n"}
    assert not MetaphaseArchive(write_zip(tmp_path / "a.zip", files)).countable("a1")


@pytest.mark.parametrize(
    ("name", "case"),
    [("9990011", "999001"), ("990012", "99001"), ("other123", "other12"), ("a", "a"),
     ("9990012_1", "999001"), ("ab", "ab"), ("7", "7")],
)  # fmt: skip
def test_a_case_is_the_name_without_its_last_digit(name: str, case: str) -> None:
    assert case_of(name) == case


@given(st.from_regex(r"\A[0-9]{2,8}(_[0-9])?\Z"), st.from_regex(r"\A[0-9]\Z"))
def test_pictures_of_one_person_never_part(name: str, digit: str) -> None:
    stem, _, suffix = name.partition("_")
    assert case_of(name) == case_of(stem[:-1] + digit + (f"_{suffix}" if suffix else ""))


def test_the_split_is_that_of_the_other_archives(path: Path) -> None:
    found = MetaphaseArchive(path)
    assert found.split(None) == (found.names, ())
    everything = []
    for fold in range(5):
        kept, apart = found.split(fold)
        assert sorted((*kept, *apart)) == list(found.names)
        assert all(fold_of(found.case(n)) == fold for n in apart)
        everything += apart
    assert sorted(everything) == list(found.names)


def test_boxes_are_clipped_and_what_is_no_chromosome_is_told(tmp_path: Path) -> None:
    rows = [
        ("A1", (-5.5, 10, 20, 30)), ("x", (400, 390, 500, 500)), ("marker", (1, 1, 9, 9)),
        ("Y", (430, 10, 440, 20)), ("7", (30, 30, 30, 40)), ("G22", (40, 40, 60, 70)),
    ]  # fmt: skip
    files = {"images/a1.png": encoded(picture([])), "annotations/a1.xml": voc(rows)}
    found = MetaphaseArchive(write_zip(tmp_path / "a.zip", files))
    assert [(t.type, t.box) for t in found.truth("a1")] == [
        (0, (0.0, 10.0, 20.0, 20.0)), (X, (400.0, 390.0, 20.0, 10.0)),
        (21, (40.0, 40.0, 20.0, 30.0)),
    ]  # fmt: skip
    assert len(found.truth_problems("a1")) == 3
    assert "marker" in found.truth_problems("a1")[0]


def test_without_a_size_the_picture_tells_it(tmp_path: Path) -> None:
    files = {
        "images/a1.png": encoded(picture([])),
        "annotations/a1.xml": voc([("A1", (400, 10, 600, 30))], size=(0, 0)),
    }
    found = MetaphaseArchive(write_zip(tmp_path / "a.zip", files))
    assert found.truth("a1")[0].box == (400.0, 10.0, SIZE[0] - 400.0, 20.0)


def test_what_has_no_partner_is_told(tmp_path: Path) -> None:
    files = {
        **metaphase("a1"), "images/lonely.jpg": b"", "annotations/alone.xml": voc([]),
        "other/a1.jpg": b"", "images/.a9.png": b"", "__MACOSX/annotations/a9.xml": b"",
    }  # fmt: skip
    found = MetaphaseArchive(write_zip(tmp_path / "a.zip", files))
    assert found.names == ("a1",)
    assert sorted(found.problems) == [
        "alone: the annotation has no picture.",
        "lonely: the picture has no annotation.",
        "other/a1.jpg: there is another file of this name, left out.",
    ]
    assert found.number_abnormalities == found.structural_abnormalities == {}


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (b"<annotation><object>", "cannot be understood"),
        (b"\xff\x00", "cannot be understood"),
        (voc([("A1", ("a", 1, 2, 3))]), "cannot be understood"),  # type: ignore[list-item]
        (voc([("A1", (float("nan"), 1, 2, 3))]), "not a number"),
        (b"<annotation><object><name>A1</name></object></annotation>", "cannot be understood"),
    ],
)
def test_a_bad_annotation_is_one_sentence(annotation: bytes, words: str, tmp_path: Path) -> None:
    files = {"images/a1.png": encoded(picture([])), "annotations/a1.xml": annotation}
    found = MetaphaseArchive(write_zip(tmp_path / "a.zip", files))
    with pytest.raises(ModelError, match=words):
        found.truth("a1")


def test_a_damaged_picture_is_one_sentence(tmp_path: Path) -> None:
    files = {"images/a1.png": b"no picture", "annotations/a1.xml": voc([])}
    with pytest.raises(ModelError, match="a1: the picture cannot be read"):
        MetaphaseArchive(write_zip(tmp_path / "a.zip", files)).picture("a1")


def test_damage_within_a_zip_is_one_sentence(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", metaphase("a1"))
    data = bytearray(path.read_bytes())
    data[200:400] = bytes(200)
    path.write_bytes(data)
    found = MetaphaseArchive(path)
    with pytest.raises(ModelError):
        (found.picture("a1"), found.truth("a1"))


def test_bad_archives_are_one_sentence_each(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no file or folder"):
        MetaphaseArchive(tmp_path / "nowhere.zip")
    (tmp_path / "text.zip").write_text("text")
    with pytest.raises(ModelError, match="cannot be read as an archive"):
        MetaphaseArchive(tmp_path / "text.zip")
    with pytest.raises(ModelError, match="holds no metaphase with boxes") as refusal:
        MetaphaseArchive(write_zip(tmp_path / "empty.zip", {"readme.md": b""}))
    assert "annotations/<name>.xml" in refusal.value.hint
    write_folder(tmp_path / "folder", {"images/a1.png": b""})
    with pytest.raises(ModelError, match="holds no metaphase with boxes"):
        MetaphaseArchive(tmp_path / "folder")


def test_labels_are_those_of_the_groups() -> None:
    assert [label(k) for k in (0, 3, 11, 12, 17, 18, 21, 22)] == [
        "A1", "B4", "C12", "D13", "E18", "F19", "G22", "X",
    ]  # fmt: skip
