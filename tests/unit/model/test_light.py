"""The lit field, the fall-off of the light and which way the contrast goes."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.light import flatten, is_bright_on_dark, is_unevenly_lit, lit_field

HEIGHT, WIDTH = 300, 400


def slide(seed: int = 0, level: float = 220.0) -> np.ndarray:
    """Dark rods apart from one another on a light ground, and a nucleus."""
    rng = np.random.default_rng(seed)
    grey = np.full((HEIGHT, WIDTH), level) + rng.normal(0, 2, (HEIGHT, WIDTH))
    for k in range(30):
        x, y = 30 + 58 * (k % 6) + rng.integers(0, 20), 30 + 52 * (k // 6) + rng.integers(0, 12)
        ends = rng.integers(-14, 15, 2)
        cv2.line(grey, (int(x), int(y)), (int(x + ends[0]), int(y + ends[1])), level * 0.4, 6)
    cv2.circle(grey, (WIDTH - 30, HEIGHT - 40), 26, level * 0.5, -1)
    return np.clip(grey, 0, 255).astype(np.uint8)


@settings(max_examples=40)
@given(st.integers(0, 5), st.tuples(*[st.integers(0, 60)] * 4), st.integers(0, 40), st.booleans())
def test_a_frame_is_found_where_it_is(
    seed: int, sides: tuple[int, int, int, int], level: int, letters: bool
) -> None:
    top, _, left, _ = sides
    inner = slide(seed)
    whole = cv2.copyMakeBorder(inner, *sides, cv2.BORDER_CONSTANT, value=level)
    if letters and top > 30:
        cv2.putText(whole, "Live", (5, top - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 200, 2)
    field = lit_field(whole)
    if max(sides) < 6:
        return  # a frame of a pixel or two may be missed: it is too thin to be an object
    truth = np.zeros(whole.shape, bool)
    truth[top : top + HEIGHT, left : left + WIDTH] = True
    narrow = sum(side > 5 for side in sides) < 1
    if field is None:
        assert narrow
        return
    assert (field & ~truth).sum() == 0
    assert (field & truth).sum() > 0.93 * truth.sum()


@pytest.mark.parametrize("seed", range(4))
def test_a_photograph_without_a_frame_has_none(seed: int) -> None:
    for picture in (slide(seed), 255 - slide(seed), slide(seed, 120.0)):
        assert lit_field(picture) is None
        assert not is_unevenly_lit(picture)


def test_bright_chromosomes_on_black_are_no_field() -> None:
    glowing = np.where(slide() < 160, 180, 3).astype(np.uint8)
    assert lit_field(glowing) is None
    assert is_bright_on_dark(glowing)


@pytest.mark.parametrize("least", [0.35, 0.5, 0.8])
@pytest.mark.parametrize("shape", ["corners", "side"])
def test_light_that_falls_off_is_evened_out(least: float, shape: str) -> None:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    radius = ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2) * 2
    fall = 1 - (1 - least) * (radius if shape == "corners" else x / WIDTH)
    picture = np.clip(slide() * fall, 0, 255).astype(np.uint8)
    assert lit_field(picture) is None
    assert not is_bright_on_dark(picture)
    even, wanted = flatten(picture).astype(int), flatten(slide()).astype(int)
    assert np.abs(even - wanted).mean() < 4
    assert np.percentile(even[wanted > 245], 2) > 215
    assert is_unevenly_lit(picture) == (least < 0.7)


@pytest.mark.parametrize("level", [0, 30])
def test_what_lies_outside_of_the_field_is_background(level: int) -> None:
    framed = cv2.copyMakeBorder(slide(), 25, 25, 25, 25, cv2.BORDER_CONSTANT, value=level)
    even = flatten(framed)
    assert (even[:24] == 255).all()
    inner = even[25:-25, 25:-25].astype(int)
    assert np.abs(inner - flatten(slide()))[4:-4, 4:-4].mean() < 3


@pytest.mark.parametrize("level", [60, 110, 128, 160, 190])
@pytest.mark.parametrize("sides", [(30, 30, 30, 30), (0, 90, 0, 0), (0, 0, 80, 20)])
def test_a_frame_of_one_grey_is_no_object(level: int, sides: tuple[int, int, int, int]) -> None:
    inner = slide()
    framed = cv2.copyMakeBorder(inner, *sides, cv2.BORDER_CONSTANT, value=level)
    field = lit_field(framed)
    assert field is not None
    top, left = sides[0], sides[2]
    even = flatten(np.asarray(framed, np.uint8))
    within = even[top : top + HEIGHT, left : left + WIDTH]
    assert np.abs(within.astype(int) - flatten(inner)).mean() < 4
    assert (even < 200).sum() == (within < 200).sum()


def test_a_negative_on_a_white_page_keeps_its_contrast() -> None:
    page = cv2.copyMakeBorder(255 - slide(), *[40] * 4, cv2.BORDER_CONSTANT, value=255)
    even = flatten(np.asarray(page, np.uint8))[40:-40, 40:-40]
    assert np.corrcoef(even.ravel(), flatten(slide()).ravel())[0, 1] > 0.98


@pytest.mark.parametrize("levels", [(60, 0), (0, 240), (10, 255), (0, 90)])
def test_of_frames_in_one_another_the_innermost_counts(levels: tuple[int, int]) -> None:
    whole, margin = slide(), 0
    for level, width in zip(levels, (20, 35), strict=True):
        whole = cv2.copyMakeBorder(whole, *[width] * 4, cv2.BORDER_CONSTANT, value=level)
        margin += width
    field = lit_field(whole)
    assert field is not None
    inside = np.zeros(whole.shape, bool)
    inside[margin:-margin, margin:-margin] = True
    assert not (field & ~inside).any()
    assert (field & inside).sum() > 0.93 * inside.sum()


@pytest.mark.parametrize("width", [12, 25, 60])
def test_a_negative_in_a_white_frame_is_bright_on_dark(width: int) -> None:
    whole = cv2.copyMakeBorder(255 - slide(), *[width] * 4, cv2.BORDER_CONSTANT, value=255)
    field = lit_field(whole)
    assert field is not None
    assert is_bright_on_dark(whole, field)


@pytest.mark.parametrize("sharp", [1.5, 4.0])
@pytest.mark.parametrize("fall", [1.0, 0.5])
def test_a_round_field_with_chromosomes_on_a_soft_edge(sharp: float, fall: float) -> None:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    edge = (0.47 * HEIGHT - np.hypot(x - WIDTH / 2, y - HEIGHT / 2)) / sharp
    light = (fall + (1 - fall) * x / WIDTH) / (1 + np.exp(-np.clip(edge, -50, 50)))
    picture = np.clip(slide() * light + 4, 0, 255).astype(np.uint8)
    field = lit_field(picture)
    assert field is not None
    assert field.mean() > 0.3
    assert not is_bright_on_dark(picture, field)
    even, wanted = flatten(picture)[field], flatten(slide())[field]
    assert np.corrcoef(even, wanted)[0, 1] > 0.97


@pytest.mark.parametrize("shape", ["corners", "side"])
def test_light_falls_off_within_a_frame(shape: str) -> None:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    radius = ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2) * 2
    fall = 1 - 0.65 * (radius if shape == "corners" else x / WIDTH)
    picture = np.clip(slide() * fall, 0, 255).astype(np.uint8)
    even = flatten(np.pad(picture, 30))[30:-30, 30:-30]
    assert np.corrcoef(even.ravel(), flatten(slide()).ravel())[0, 1] > 0.95


def test_one_solid_chromosome_on_white_is_no_field() -> None:
    page = np.full((500, 300), 255, np.uint8)
    cv2.line(page, (150, 60), (150, 440), 90, 70)
    assert lit_field(page) is None
