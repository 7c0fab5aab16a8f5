"""Finished karyograms are read: every label is right, or there is none."""

import io
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from karyogui.domain.chromosome import TYPES
from karyogui.services.karyogram_reading import MARGIN, read_karyogram
from karyogui.services.lying_parallel import turned
from karyogui.services.picture_kind import PictureKind, look_at
from tests.unit.services.karyograms import (
    FEMALE,
    KARYOTYPES,
    MALE,
    STANDARD,
    other_sheet,
    own_sheet,
)
from tests.unit.services.photographs import karyogram, metaphase


def slots(picture: np.ndarray) -> list[str | None]:
    return [one.slot for one in read_karyogram(picture)]


def never_wrong(picture: np.ndarray, truth: Sequence[str]) -> int:
    """How many have a label; all of these are right."""
    told = slots(picture)
    if len(told) != len(truth):
        assert told == [None] * len(told)
        return 0
    assert all(slot in (None, right) for slot, right in zip(told, truth, strict=True))
    return sum(slot is not None for slot in told)


@pytest.mark.parametrize("name", KARYOTYPES)
@pytest.mark.parametrize("width", [480, 1150, 2400])
def test_our_own_karyogram_is_read_at_any_size(name: str, width: int) -> None:
    picture, truth = own_sheet(KARYOTYPES[name], 1, width)
    assert look_at(picture).kind is PictureKind.KARYOGRAM
    assert slots(picture) == truth


@pytest.mark.parametrize("name", ["46,XX", "47,XXY"])
def test_bent_homologues_and_white_on_black(name: str) -> None:
    picture, truth = own_sheet(KARYOTYPES[name], 2, 1150, bend=60)
    assert slots(picture) == truth
    assert slots(255 - picture) == truth


@pytest.mark.parametrize("name", KARYOTYPES)
def test_labels_without_lines_are_enough(name: str) -> None:
    for sheet in (
        other_sheet(KARYOTYPES[name], 3),
        other_sheet(KARYOTYPES[name], 3, by_centromere=True),
        other_sheet(KARYOTYPES[name], 3, rows=(STANDARD[0][:3], STANDARD[0][3:], *STANDARD[1:])),
    ):
        assert slots(sheet[0]) == sheet[1]


@pytest.mark.parametrize("name", [n for n in KARYOTYPES if n != "47,XXY"])
def test_gaps_alone_are_enough(name: str) -> None:
    picture, truth = other_sheet(KARYOTYPES[name], 4, labels=False)
    assert slots(picture) == truth


def test_a_small_one_behind_two_x_may_be_a_marker_where_no_label_says_it_is_y() -> None:
    counts = KARYOTYPES["47,XXY"]
    bare, truth = other_sheet(counts, 5, labels=False)
    assert slots(bare) == [*truth[:-1], None]
    labelled, _ = other_sheet(counts, 5)
    assert slots(labelled) == truth


@pytest.mark.parametrize("counts", [FEMALE, MALE])
@pytest.mark.parametrize(
    ("rows", "least"),
    [
        ((*STANDARD[:3], ("X", "Y", "19", "20", "21", "22")), 36),
        ((*STANDARD[:3], ("19", "20", "X", "Y", "21", "22")), 40),
        ((STANDARD[0], (*STANDARD[1], "X"), STANDARD[2], ("19", "20", "21", "22", "Y")), 26),
    ],
)
def test_sex_chromosomes_elsewhere_never_give_a_wrong_label(
    counts: dict[str, int], rows: tuple[tuple[str, ...], ...], least: int
) -> None:
    for seed in range(3):
        assert never_wrong(*other_sheet(counts, seed, rows=rows)) >= least


@pytest.mark.parametrize("counts", [MALE, KARYOTYPES["47,XXY"]])
def test_y_before_x_gives_neither_a_label(counts: dict[str, int]) -> None:
    rows = (*STANDARD[:3], ("19", "20", "21", "22", "Y", "X"))
    picture, truth = other_sheet(counts, 3, rows=rows)
    sexes = sum(kind in "XY" for kind in truth)
    assert slots(picture) == [*truth[:-sexes], *[None] * sexes]


def test_a_place_that_is_missing_shifts_no_label() -> None:
    for missing in ("5", "9", "15", "22"):
        for labels in (True, False):
            picture, truth = other_sheet(MALE | {missing: 0}, 6, labels=labels)
            never_wrong(picture, truth)
            rows = tuple(tuple(kind for kind in row if kind != missing) for row in STANDARD)
            picture, truth = other_sheet(MALE | {missing: 0}, 6, rows=rows, labels=labels)
            assert never_wrong(picture, truth) == 0


def test_evenly_spaced_chromosomes_get_no_label() -> None:
    told = slots(karyogram())
    assert told == [None] * 46


def test_a_photograph_of_the_cell_beside_it_is_passed_over() -> None:
    picture, truth = own_sheet(KARYOTYPES["47,XX,+21"], 7, 800)
    page = np.full((max(picture.shape[0], 640), 1560), 255, np.uint8)
    page[: picture.shape[0], 760:] = picture
    page[20:620, 20:740] = metaphase(3)
    assert slots(page) == truth


def lying(picture: np.ndarray, degrees: float) -> np.ndarray:
    """A page scanned as it lay, turned counter-clockwise, on the white of the scanner's lid."""
    return turned(picture, degrees, 255)


@pytest.mark.parametrize("degrees", [90, 180, 270, 6, -9, 25, 84, 200])
def test_a_page_is_read_however_it_lies(degrees: int) -> None:
    for picture, truth in (own_sheet(MALE, 11, 1000), other_sheet(KARYOTYPES["47,XX,+21"], 11)):
        page = lying(picture, degrees)
        assert look_at(page).kind is PictureKind.KARYOGRAM
        assert slots(page) == truth


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_beside_a_photograph_is_known_and_read(quarters: int) -> None:
    picture, truth = own_sheet(KARYOTYPES["45,X"], 7, 800)
    page = np.full((max(picture.shape[0], 640), 1560), 255, np.uint8)
    page[: picture.shape[0], 760:] = picture
    page[20:620, 20:740] = metaphase(3)
    page = np.rot90(page, quarters)
    assert look_at(page).kind is PictureKind.KARYOGRAM
    assert slots(page) == truth


@pytest.mark.parametrize("degrees", [0, 90, 15])
@pytest.mark.parametrize("part", [0.5, 0.75])
def test_part_of_a_page_is_known_and_has_no_label(part: float, degrees: int) -> None:
    picture, _ = other_sheet(FEMALE, 12)
    page = lying(picture[: round(part * picture.shape[0])], degrees)
    assert look_at(page).kind is PictureKind.KARYOGRAM
    assert set(slots(page)) == {None}


@pytest.mark.parametrize("degrees", [0, 90, 12])
def test_mirrored_it_is_known_and_has_no_label(degrees: int) -> None:
    page = lying(other_sheet(FEMALE, 13)[0][:, ::-1], degrees)
    assert look_at(page).kind is PictureKind.KARYOGRAM
    assert set(slots(page)) == {None}


def test_the_sheet_of_a_scanner_is_read() -> None:
    picture, truth = own_sheet(MALE, 8, 1150)
    rough = np.clip(picture * 0.9 + np.random.default_rng(0).normal(0, 4, picture.shape), 0, 255)
    buffer = io.BytesIO()
    Image.fromarray(rough.astype(np.uint8)).save(buffer, "JPEG", quality=70)
    assert slots(np.asarray(Image.open(buffer))) == truth


@pytest.mark.parametrize("gap", [-3, -5, -8])
@pytest.mark.parametrize("touching", [("21",), ("2", "9", "X"), TYPES])
def test_two_that_touch_are_parted_or_have_no_label(touching: Sequence[str], gap: int) -> None:
    """The pictures are 14 pixels thick and have a rim of one: neighbours lie over one another."""
    picture, truth = other_sheet(FEMALE, 9, gaps=dict.fromkeys(touching, gap))
    told = slots(picture)
    assert len(told) < len(truth) or told == truth
    for kind in TYPES:
        assert told.count(kind) in (0, truth.count(kind))


def test_what_is_cut_out_is_the_chromosome_alone_on_white() -> None:
    picture, _ = own_sheet(FEMALE, 10, 1150, bend=50)
    for one in read_karyogram(picture):
        x, y, w, h = one.box
        assert one.picture.shape == (h + 2 * MARGIN, w + 2 * MARGIN)
        edge = np.concatenate([one.picture[0], one.picture[-1], one.picture[:, 0]])
        assert edge.min() == 255
        inner = one.picture[MARGIN:-MARGIN, MARGIN:-MARGIN]
        seen = picture[y : y + h, x : x + w]
        assert np.abs(inner[inner < 200].astype(int) - seen[inner < 200]).max() <= 1
        count, _ = cv2.connectedComponents((one.picture < 240).astype(np.uint8))
        assert count == 2


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(sorted(KARYOTYPES)),
    st.integers(0, 10_000),
    st.booleans(),
    st.integers(2, 30),
    st.integers(10, 70),
    st.floats(0, 70),
)
def test_no_label_is_ever_wrong(
    name: str, seed: int, labels: bool, gap: int, between: int, bend: float
) -> None:
    never_wrong(
        *other_sheet(KARYOTYPES[name], seed, labels=labels, gap=gap, between=between, bend=bend)
    )


@given(st.integers(1, 200), st.integers(1, 200), st.sampled_from([0, 7, 255]), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_any_picture_can_be_read(height: int, width: int, level: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    for picture in (np.full((height, width), level, np.uint8), noise):
        assert all(slot is None for slot in slots(picture))


@pytest.mark.parametrize("slope", [0, 10, 18])
def test_a_chromosome_with_a_band_as_light_as_the_paper_is_one(slope: int) -> None:
    """Also where the band runs obliquely, so that the pieces stand beside one another in part."""
    picture, truth = other_sheet(FEMALE, 3, bend=0)
    down = 200 - 40
    cv2.line(picture, (55, down), (82, down + slope), 255, 5)
    read = read_karyogram(picture)
    assert [one.slot for one in read] == truth


@pytest.mark.parametrize("drawn", ["around every place", "around every row", "around the sheet"])
def test_lines_drawn_around_places_are_no_chromosomes(drawn: str) -> None:
    picture, truth = other_sheet(FEMALE, 3)
    groups: dict[str, list[tuple[int, int, int, int]]] = {}
    for one in read_karyogram(picture):
        row = str(one.box[1] // 260)
        place = {"around every place": one.slot, "around every row": row}.get(drawn, "")
        groups.setdefault(place or "", []).append(one.box)
    for boxes in groups.values():
        left, top = min(x for x, *_ in boxes), min(y for _, y, *_ in boxes)
        right, foot = max(x + w for x, _, w, _ in boxes), max(y + h for _, y, _, h in boxes)
        cv2.rectangle(picture, (left - 12, top - 12), (right + 12, foot + 46), 0, 1)
    assert [one.slot for one in read_karyogram(picture)] == truth
