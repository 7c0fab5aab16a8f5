"""A metaphase, a cut-out and a karyogram are told apart, however they come."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.cell import PictureKind
from karyogui.services.picture_kind import Impression, agreed, look_at
from tests.unit.services.fakes import blob
from tests.unit.services.photographs import enlarged, karyogram, metaphase, rod


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [12, 30, 46])
def test_a_scatter_of_chromosomes_is_a_metaphase(seed: int, count: int) -> None:
    seen = look_at(metaphase(seed, count))
    assert (seen.kind, seen.is_sure, seen.objects) == (PictureKind.METAPHASE, True, count)
    assert not seen.bright_on_dark


def test_a_metaphase_bright_on_dark_is_seen_and_told() -> None:
    seen = look_at(255 - metaphase(1))
    assert (seen.kind, seen.is_sure, seen.bright_on_dark) == (PictureKind.METAPHASE, True, True)


@pytest.mark.parametrize("times", [1, 4, 8])
def test_one_chromosome_is_a_cut_out_at_any_resolution(times: int) -> None:
    assert look_at(enlarged(blob(60, 20), times)).kind is PictureKind.CUT_OUT
    assert look_at(255 - enlarged(blob(60, 20), times)).kind is PictureKind.CUT_OUT


def test_a_large_cut_out_with_a_crumb_of_its_neighbour_is_a_cut_out() -> None:
    picture = enlarged(blob(90, 40), 5)
    picture[5:30, 5:40] = 120
    assert look_at(picture).kind is PictureKind.CUT_OUT


def test_a_clump_that_spans_the_picture_is_no_chromosome() -> None:
    darkness = np.zeros((500, 500), np.uint8)
    for step in range(60, 400, 70):
        darkness[step : step + 14, 60:440] = darkness[60:440, step : step + 14] = 150
    seen = look_at(255 - darkness)
    assert (seen.kind, seen.is_sure) == (PictureKind.METAPHASE, False)


def on_paper(picture: np.ndarray, table: int) -> np.ndarray:
    """A print on white paper that lies askew on a table, which the picture cuts."""
    page = cv2.copyMakeBorder(picture, 90, 160, 90, 90, cv2.BORDER_CONSTANT, value=245)
    askew = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), -7, 0.85)
    return cv2.warpAffine(page, askew, page.shape[::-1], borderValue=table)


def on_screen(picture: np.ndarray, level: int) -> np.ndarray:
    """A picture in a window of plain grey, with bars of another grey above and below."""
    screen = np.full((picture.shape[0] * 3 // 2, picture.shape[1] * 3 // 2), level, np.uint8)
    screen[:24] = screen[-20:] = level + 30
    screen[40 : 40 + picture.shape[0], 150 : 150 + picture.shape[1]] = picture
    return screen


def drawn(shape: tuple[int, int], rectangle: tuple[int, int, int, int], turn: float) -> np.ndarray:
    """A dark rectangle on white, turned: a page, a label, a slide."""
    picture = np.full(shape, 240, np.uint8)
    corners = cv2.boxPoints(((rectangle[0], rectangle[1]), (rectangle[2], rectangle[3]), turn))
    return cv2.fillConvexPoly(picture, corners.astype(np.int32), 90)


NOT_ONE_CHROMOSOME = {
    "far out of focus": lambda seed: cv2.GaussianBlur(metaphase(seed), (0, 0), 10),
    "farther": lambda seed: cv2.GaussianBlur(metaphase(seed), (0, 0), 16),
    "a print on a light table": lambda seed: on_paper(metaphase(seed), 200),
    "a print on a grey table": lambda seed: on_paper(metaphase(seed), 150),
    "in a grey window": lambda seed: on_screen(metaphase(seed), 190),
    "in a dark grey window": lambda seed: on_screen(metaphase(seed), 120),
    "a page": lambda seed: drawn((600, 800), (400, 300, 560, 380), 4 * seed),
    "a label": lambda seed: drawn((600, 800), (400, 300, 640, 200), 5 * seed),
    "a nucleus": lambda seed: cv2.ellipse(
        np.full((600, 640), 235, np.uint8), (320, 300), (200, 150 + 20 * seed), 20, 0, 360, 90, -1
    ),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NOT_ONE_CHROMOSOME)
def test_a_large_picture_of_something_else_is_no_cut_out(name: str, seed: int) -> None:
    """Folders of them were one cell of as many chromosomes as there were pictures."""
    picture = np.asarray(NOT_ONE_CHROMOSOME[name](seed), np.uint8)
    for shown in (picture, 255 - picture):
        assert look_at(shown).kind is not PictureKind.CUT_OUT


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "name", ["a print on a light table", "a print on a grey table", "in a grey window"]
)
def test_what_lies_around_a_photograph_does_not_turn_it_round(name: str, seed: int) -> None:
    """A grey table or window is darker than the slide; its chromosomes are dark all the same."""
    picture = np.asarray(NOT_ONE_CHROMOSOME[name](seed), np.uint8)
    assert not look_at(picture).bright_on_dark


def thumbnail(picture: np.ndarray, side: int) -> np.ndarray:
    times = side / max(picture.shape)
    return np.asarray(cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_AREA))


def words(seed: int) -> np.ndarray:
    page = np.full((180, 230), 250, np.uint8)
    for line in range(7):
        text = "".join(chr(97 + (seed + 7 * line + 5 * k) % 26) for k in range(14))
        cv2.putText(page, text, (6, 22 + 24 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 20, 1)
    return page


THUMBNAILS = {
    "metaphases": lambda seed: thumbnail(metaphase(seed), 220),
    "small metaphases": lambda seed: thumbnail(metaphase(seed), 130),
    "bright metaphases": lambda seed: 255 - thumbnail(metaphase(seed), 200),
    "karyograms": lambda seed: thumbnail(karyogram(seed), 200),
    "words": words,
    "noise": lambda seed: np.random.default_rng(seed).integers(0, 256, (150, 200), np.uint8),
}


@pytest.mark.parametrize("name", THUMBNAILS)
def test_thumbnails_are_no_cut_outs(name: str) -> None:
    """46 of them were a cell of 46 chromosomes, with a karyotype and without a question."""
    seen = [look_at(np.asarray(THUMBNAILS[name](seed), np.uint8)) for seed in range(4)]
    assert PictureKind.CUT_OUT not in agreed(seen)
    few = [look_at(blob(60 - 9 * number, 14, number)) for number in range(3)]
    assert agreed([*few, *seen])[3:] == agreed(seen)


def test_cut_outs_of_any_size_are_sure() -> None:
    pictures = [blob(60 - number, 14, number) for number in range(46)]
    for times in (1, 2, 3):
        seen = [look_at(enlarged(picture, times)) for picture in pictures]
        assert {(each.kind, each.is_sure) for each in seen} == {(PictureKind.CUT_OUT, True)}


@pytest.mark.parametrize("turn", [0, 35, 90])
@pytest.mark.parametrize(("length", "width"), [(90, 22), (60, 24), (50, 28)])
def test_a_large_chromosome_is_a_cut_out_however_it_lies(
    length: int, width: int, turn: float
) -> None:
    picture = enlarged(np.asarray(255 - rod(length, width, turn), np.uint8), 6)
    assert look_at(picture).kind is PictureKind.CUT_OUT


@pytest.mark.parametrize("seed", range(3))
def test_upright_rows_are_a_karyogram(seed: int) -> None:
    sheet = karyogram(seed)
    for picture in (sheet, 255 - sheet, enlarged(sheet, 3)):
        seen = look_at(picture)
        assert (seen.kind, seen.objects) == (PictureKind.KARYOGRAM, 46)


@pytest.mark.parametrize("seed", range(3))
def test_a_cell_drawn_out_in_one_direction_is_a_metaphase(seed: int) -> None:
    spread = metaphase(seed)
    for wide, high in ((2.0, 1.0), (1.0, 1.6)):
        drawn_out = cv2.resize(spread, None, fx=wide, fy=high)
        assert look_at(drawn_out).kind is PictureKind.METAPHASE
    moved = cv2.blur(spread, (25, 1))
    assert look_at(moved).kind is PictureKind.METAPHASE


def test_our_own_karyogram_is_known_again() -> None:
    from karyogui.export.drawing import karyogram_image
    from tests.unit.export.builders import cell

    sheet = np.asarray(karyogram_image(cell()))
    assert look_at(sheet).kind is PictureKind.KARYOGRAM


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([90, 180, 270]), st.booleans())
def test_turning_and_mirroring_a_metaphase_changes_nothing(
    seed: int, turn: int, mirrored: bool
) -> None:
    picture = metaphase(seed, 16, (300, 360))
    turned = np.rot90(picture, turn // 90)
    assert look_at(turned[:, ::-1] if mirrored else turned).kind is look_at(picture).kind


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([0, 7, 255]), st.integers(0, 99))
def test_any_picture_is_something(height: int, width: int, level: int, seed: int) -> None:
    flat = np.full((height, width), level, np.uint8)
    noise = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    for picture in (flat, noise):
        assert look_at(picture).kind in PictureKind


def seen(look: PictureKind, is_sure: bool = True) -> Impression:
    return Impression(look, is_sure, 1, False)


def test_doubtful_pictures_follow_the_sure_ones_beside_them() -> None:
    doubtful = seen(PictureKind.METAPHASE, is_sure=False)
    cut_outs = [seen(PictureKind.CUT_OUT)] * 3
    assert agreed([*cut_outs, doubtful]) == (PictureKind.CUT_OUT,) * 4
    assert agreed([doubtful]) == (PictureKind.METAPHASE,)
    mixed = [*cut_outs, seen(PictureKind.METAPHASE), seen(PictureKind.KARYOGRAM)]
    assert agreed(mixed) == tuple(each.kind for each in mixed)
    # A filed karyogram beside it says nothing about a doubtful picture.
    assert agreed([seen(PictureKind.KARYOGRAM), doubtful]) == (
        PictureKind.KARYOGRAM,
        PictureKind.METAPHASE,
    )


@pytest.mark.parametrize("fall", [1.0, 0.4])
def test_the_noise_of_an_empty_slide_is_no_page_of_text(fall: float) -> None:
    noise = np.random.default_rng(0).normal(220, 2, (700, 800)) * np.linspace(fall, 1, 800)
    seen = look_at(noise.astype(np.uint8))
    assert (seen.kind, seen.objects) == (PictureKind.METAPHASE, 0)
