import cv2
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from model.segmentation.cut_out import (
    LEAST_TILT,
    chromosome_mask,
    cut_out,
    dark_on_white,
    tilt_of,
)
from model.vocabulary.errors import ModelError
from model.vocabulary.results import CutOut
from tests.unit.model.builders import Grey, blob, tilted


def upright() -> Grey:
    return blob(3, height=70, width=16)


def assert_sound(result: CutOut) -> None:
    """Tight, dark on exactly white, mask where the chromosome is."""
    assert result.crop.dtype == np.uint8
    assert result.mask.dtype == np.bool_
    assert result.crop.shape == result.mask.shape
    for line in (result.mask[0], result.mask[-1], result.mask[:, 0], result.mask[:, -1]):
        assert line.any()
    far = cv2.dilate(result.mask.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0
    assert (result.crop[far] == 255).all()
    assert result.crop[result.mask].mean() < 200


def test_an_upright_chromosome_is_only_cropped() -> None:
    picture = upright()
    result = cut_out(picture)
    assert_sound(result)
    assert result.angle == 0.0
    assert np.array_equal(result.crop, picture[3:-3, 3:-3])
    assert result.mask.all()


@pytest.mark.parametrize("degrees", [-80, -45, -20, 20, 45, 60, 80])
def test_a_tilted_chromosome_is_set_upright(degrees: float) -> None:
    result = cut_out(tilted(upright(), degrees))
    assert_sound(result)
    assert result.angle == pytest.approx(degrees, abs=2.0)
    assert result.crop.shape == pytest.approx((70, 16), abs=4)


def test_setting_upright_keeps_which_end_is_up() -> None:
    """By less than 90° the dark arm stays below; half a turn is the polarity's matter."""
    for degrees in (-50, 50):
        crop = cut_out(tilted(upright(), degrees)).crop.astype(float)
        half = len(crop) // 2
        assert crop[:half].mean() > crop[half:].mean()


@settings(max_examples=40)
@given(st.floats(-89.0, 89.0))
def test_little_tilt_remains(degrees: float) -> None:
    assume(abs(abs(degrees) - LEAST_TILT) > 1.5)
    result = cut_out(tilted(upright(), degrees))
    y, x = np.nonzero(result.mask)
    vector = np.linalg.eigh(np.cov(np.stack([x, y]).astype(float)))[1][:, 1]
    remaining = np.degrees(np.arctan2(abs(vector[0]), abs(vector[1])))
    assert remaining < (LEAST_TILT + 1.0 if abs(degrees) < LEAST_TILT else 2.5)


def test_half_a_turn_gives_the_turned_crop() -> None:
    straight, turned = cut_out(upright()), cut_out(np.rot90(upright(), 2).copy())
    assert np.array_equal(np.rot90(straight.crop, 2), turned.crop)


def test_light_on_dark_is_inverted() -> None:
    picture = upright()
    inverted = cut_out(255 - picture)
    assert np.array_equal(inverted.crop, cut_out(picture).crop)
    assert_sound(cut_out(tilted((255 - picture).astype(np.uint8), 30, background=0)))


@pytest.mark.parametrize("background", [200, 225, 240])
def test_a_grey_background_becomes_white(background: int) -> None:
    picture = upright()
    grey = np.where(picture == 255, background, picture * (background / 255)).astype(np.uint8)
    lifted = dark_on_white(grey)
    assert lifted[0, 0] == 255
    result = cut_out(grey)
    assert_sound(result)
    assert result.crop.shape == (70, 16)


@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_background_is_not_chromosome(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = np.full((110, 60), 228.0)
    picture[20:90, 22:38] = upright()[3:-3, 3:-3]
    noisy = np.clip(picture + rng.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)
    result = cut_out(noisy)
    assert_sound(result)
    assert result.crop.shape == pytest.approx((70, 16), abs=4)


def test_holes_are_filled() -> None:
    picture = upright()
    picture[30:34, 8:12] = 255
    mask = chromosome_mask(picture)
    assert mask[30:34, 8:12].all()
    assert mask.sum() == 70 * 16


def test_dirt_is_removed() -> None:
    framed = np.full((120, 80), 255, np.uint8)
    framed[20:96, 30:52] = upright()
    clean = cut_out(framed)
    framed[5:8, 5:9] = 60
    framed[100:104, 70:75] = 20
    dirty = cut_out(framed)
    assert np.array_equal(clean.crop, dirty.crop)


def test_a_large_second_part_belongs_to_it() -> None:
    """A satellite on an invisible stalk is not dirt."""
    framed = np.full((120, 60), 255, np.uint8)
    framed[30:100, 20:36] = upright()[3:-3, 3:-3]
    framed[18:26, 22:34] = 120
    assert cut_out(framed).crop.shape == (82, 16)


def test_a_round_one_has_no_tilt() -> None:
    y, x = np.mgrid[-12:13, -12:13]
    assert tilt_of((x - y) ** 2 / 1.1 + (x + y) ** 2 < 100) == 0.0


@pytest.mark.parametrize("size", [(2, 2), (4, 1), (1, 4), (1, 9), (9, 2), (3, 3)])
def test_tiny_ones_survive(size: tuple[int, int]) -> None:
    picture = np.full((20, 20), 255, np.uint8)
    picture[5 : 5 + size[0], 5 : 5 + size[1]] = 50
    result = cut_out(picture)
    assert sorted(result.mask.shape) == pytest.approx(sorted(size), abs=1)


@settings(max_examples=60)
@given(ends=st.tuples(*[st.integers(0, 11)] * 4))
@example(ends=(0, 2, 3, 5))
def test_a_hairline_at_any_slope_survives_or_is_told(ends: tuple[int, int, int, int]) -> None:
    """Thinner than a pixel once turned, it must not vanish."""
    picture = np.full((12, 12), 255, np.uint8)
    cv2.line(picture, ends[:2], ends[2:], 30, 1)
    if (picture < 255).sum() < 4:
        with pytest.raises(ModelError):
            cut_out(picture)
    else:
        assert cut_out(picture).mask.sum() >= 4


@pytest.mark.parametrize(
    "picture",
    [
        np.full((50, 30), 255, np.uint8),
        np.full((50, 30), 128, np.uint8),
        np.zeros((50, 30), np.uint8),
        np.full((1, 1), 255, np.uint8),
        np.full((1, 1), 0, np.uint8),
        np.full((5, 5), 252, np.uint8),
        np.zeros((0, 0), np.uint8),
        np.zeros((0, 7), np.uint8),
    ],
    ids=["white", "grey", "black", "one white", "one black", "faint", "empty", "no rows"],
)
def test_a_picture_of_nothing_is_told(picture: Grey) -> None:
    with pytest.raises(ModelError, match="No chromosome can be seen"):
        cut_out(picture)


def test_two_dark_pixels_are_not_a_chromosome() -> None:
    picture = np.full((20, 20), 255, np.uint8)
    picture[5, 5:8] = 0
    with pytest.raises(ModelError):
        cut_out(picture)


def test_the_given_picture_is_not_written_to() -> None:
    for picture in (upright(), tilted(upright(), 40), 255 - upright()):
        before = picture.copy()
        picture.setflags(write=False)
        cut_out(picture)
        assert np.array_equal(picture, before)
