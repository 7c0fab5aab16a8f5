"""Enhancement of the whole picture: what each step does to grey levels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from karyogui.domain.recipe import Recipe
from karyogui.services.enhancement import enhance, flatten, histogram, level_table
from tests.unit.domain.test_recipe import RECIPES

Grey = NDArray[np.uint8]


def sheet(height: int = 240, width: int = 320) -> Grey:
    """Dark rods on a background that grows lighter from the left to the right."""
    light = np.broadcast_to(np.linspace(150, 240, width), (height, width)).copy()
    for x in range(20, width - 20, 50):
        light[40:180, x : x + 12] *= 0.4
    return light.astype(np.uint8)


@given(arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40))))
def test_the_identity_gives_equal_pixels_and_another_array(pixels: Grey) -> None:
    same = enhance(pixels, Recipe())
    assert np.array_equal(same, pixels)
    assert not np.shares_memory(same, pixels)


@given(RECIPES, arrays(np.uint8, st.tuples(st.integers(4, 40), st.integers(4, 40))))
def test_every_recipe_keeps_size_and_kind_and_never_writes_into_the_raw_picture(
    recipe: Recipe, pixels: Grey
) -> None:
    raw = pixels.copy()
    enhanced = enhance(pixels, recipe)
    assert enhanced.shape == pixels.shape
    assert enhanced.dtype == np.uint8
    assert np.array_equal(pixels, raw)
    assert np.array_equal(enhance(pixels, recipe), enhanced)


def test_flattening_evens_out_the_background_and_keeps_the_contrast() -> None:
    raw = sheet()
    even = flatten(raw)
    left, right = even[:, :15].mean(), even[:, -15:].mean()
    assert abs(float(raw[:, :15].mean()) - float(raw[:, -15:].mean())) > 60
    assert abs(left - right) < 4
    rods = [even[60:160, x + 2 : x + 10].mean() / left for x in range(20, 300, 50)]
    assert np.ptp(rods) < 0.03
    assert np.allclose(rods, 0.4, atol=0.03)


def test_flattening_a_flat_picture_changes_nothing_that_could_be_seen() -> None:
    raw = np.full((120, 160), 220, np.uint8)
    raw[30:90, 40:52] = 90
    assert np.abs(flatten(raw).astype(int) - raw).max() <= 1


def test_a_dark_background_is_subtracted() -> None:
    ramp = np.broadcast_to(np.linspace(10, 50, 200), (150, 200)).copy()
    ramp[40:110, 20:32] += 100
    ramp[40:110, 160:172] += 100
    even = flatten(ramp.astype(np.uint8)).astype(int)
    assert abs(even[60:90, 22:30].mean() - even[60:90, 162:170].mean()) < 4


def test_flattening_a_picture_without_a_background_is_harmless() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (80, 80)).astype(np.uint8)
    assert flatten(noise).shape == noise.shape
    assert flatten(np.zeros((5, 5), np.uint8)).max() == 0


def test_noise_reduction_calms_the_background_and_keeps_edges() -> None:
    noise = np.random.default_rng(2).normal(0, 8, (240, 320))
    clean = np.full((240, 320), 210.0)
    clean[:, 150:] = 80
    noisy = np.clip(clean + noise, 0, 255).astype(np.uint8)
    calm = enhance(noisy, Recipe(denoise=0.8))
    assert calm[:, :140].std() < 0.6 * noisy[:, :140].std()
    assert calm[:, 149].mean() - calm[:, 150].mean() > 115


def test_contrast_spreads_the_levels_between_its_percentiles() -> None:
    raw = np.linspace(100, 150, 10_000).reshape(100, 100).astype(np.uint8)
    stretched = enhance(raw, Recipe(contrast_low=1, contrast_high=99))
    assert stretched.min() == 0
    assert stretched.max() == 255


def test_gamma_above_one_darkens_the_middle_and_keeps_the_ends() -> None:
    raw = np.array([[0, 128, 255]], np.uint8)
    dark, light = enhance(raw, Recipe(gamma=2)), enhance(raw, Recipe(gamma=0.5))
    assert dark[0, 1] < 128 < light[0, 1]
    assert (dark[0, 0], dark[0, 2], light[0, 0], light[0, 2]) == (0, 255, 0, 255)


def test_unsharp_mask_steepens_an_edge() -> None:
    raw = np.full((40, 40), 180, np.uint8)
    raw[:, 20:] = 100
    sharp = enhance(raw, Recipe(unsharp=0.5)).astype(int)
    assert sharp[20, 19] > 180
    assert sharp[20, 20] < 100
    assert sharp[20, 2] == 180


def test_inverting_twice_is_the_identity() -> None:
    raw = sheet()
    once = enhance(raw, Recipe(inverted=True))
    assert np.array_equal(enhance(once, Recipe(inverted=True)), raw)


@given(st.integers(0, 200), st.integers(1, 55), st.floats(0.2, 5))
def test_the_table_of_levels_rises_from_black_to_white(low: int, span: int, gamma: float) -> None:
    table = level_table(low, low + span, gamma).astype(int)
    assert table[low] == 0
    assert table[low + span] == 255
    assert (np.diff(table) >= 0).all()


def test_the_histogram_counts_every_pixel() -> None:
    counts = histogram(sheet())
    assert counts.shape == (256,)
    assert counts.sum() == 240 * 320
    assert np.array_equal(counts, np.bincount(sheet().ravel(), minlength=256))


def test_the_histogram_of_a_huge_picture_is_exact() -> None:
    """More pixels of one level than a float32 can count one by one."""
    counts = histogram(np.full((4111, 4099), 255, np.uint8))
    assert counts[255] == counts.sum() == 4111 * 4099
