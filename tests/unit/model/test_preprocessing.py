from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.preprocessing import (
    FOREGROUND_DEPTH,
    extents,
    normalise,
    place,
    relative_sizes,
    sharpened,
)
from model.vocabulary.presets import COMPACT, PAPER, NetworkConfig
from model.vocabulary.results import CutOut
from tests.unit.model.builders import TINY, blob


def box_of(canvas: np.ndarray) -> tuple[int, int, int, int]:
    """Top, left, height and width of what is not background."""
    rows = np.flatnonzero((canvas < 255).any(1))
    columns = np.flatnonzero((canvas < 255).any(0))
    return rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


def full(height: int, width: int, grey: int = 90) -> np.ndarray:
    return np.full((height, width), grey, np.uint8)


def test_the_papers_padding_and_resizing() -> None:
    """III-B: padded to 320 × 320 with 255, then resized to 256 × 256: lengths times 0.8."""
    canvas = place(full(100, 40), 1.0, PAPER)
    assert canvas.shape == (256, 256)
    assert box_of(canvas) == (88, 112, 80, 32)
    assert canvas[0, 0] == 255


def test_the_compact_canvas_shows_one_common_pixel_per_pixel() -> None:
    crop = blob(0, height=70)[3:-3, 3:-3]
    canvas = place(crop, 1.0, COMPACT)
    top, left = (192 - 70) // 2, (96 - 14) // 2
    assert np.array_equal(canvas[top : top + 70, left : left + 14], crop)
    assert (canvas < 255).sum() == (crop < 255).sum()
    assert box_of(place(crop, 1.5, COMPACT))[2:] == (105, 21)


@pytest.mark.parametrize("config", [PAPER, COMPACT, TINY], ids=lambda c: c.preset)
@given(height=st.integers(1, 600), width=st.integers(1, 600), scale=st.floats(0.1, 8.0))
def test_nothing_is_ever_cut_and_the_aspect_is_kept(
    config: NetworkConfig, height: int, width: int, scale: float
) -> None:
    canvas = place(full(height, width), scale, config)
    assert canvas.shape == config.canvas
    top, left, h, w = box_of(canvas)
    assert top >= 1
    assert left >= 1
    assert top + h <= config.canvas[0] - 1
    assert left + w <= config.canvas[1] - 1
    factor = min(
        scale * config.canvas[0] / config.field[0],
        (config.canvas[0] - 2) / height, (config.canvas[1] - 2) / width,
    )  # fmt: skip
    assert h == max(1, round(height * factor))
    assert w == max(1, round(width * factor))
    assert abs(2 * top + h - config.canvas[0]) <= 1  # in the middle
    assert abs(2 * left + w - config.canvas[1]) <= 1


def test_equation_11_gives_zero_mean_and_unit_variance() -> None:
    canvases = torch.randint(0, 256, (3, 40, 30), dtype=torch.uint8)
    image = normalise(canvases, PAPER)
    assert image.shape == (3, 1, 40, 30)
    assert image.dtype == torch.float32
    for one in image:
        assert one.mean().item() == pytest.approx(0.0, abs=1e-5)
        assert one.var(correction=0).item() == pytest.approx(1.0, abs=1e-4)
    by_hand = (canvases[0] - canvases[0].float().mean()) / canvases[0].float().std(correction=0)
    assert torch.allclose(image[0, 0], by_hand, atol=1e-4)


def test_an_even_picture_does_not_become_nan() -> None:
    even = torch.full((1, 8, 8), 255, dtype=torch.uint8)
    for config in (PAPER, COMPACT):
        assert torch.isfinite(normalise(even, config)).all()


def test_the_foreground_statistics_ignore_how_much_white_is_around() -> None:
    crop = blob(2, height=20, width=10)[3:-3, 3:-3]
    small, large = np.full((30, 20), 255, np.uint8), np.full((44, 22), 255, np.uint8)
    small[5:25, 5:15] = crop
    large[10:30, 6:16] = crop
    image = normalise(torch.from_numpy(small)[None], COMPACT)[0, 0]
    inside = image[5:25, 5:15]
    assert inside.mean().item() == pytest.approx(0.0, abs=1e-5)
    assert inside.var(correction=0).item() == pytest.approx(1.0, abs=1e-4)
    other = normalise(torch.from_numpy(large)[None], COMPACT)[0, 0, 10:30, 6:16]
    assert torch.allclose(inside, other, atol=1e-5)
    darkest = np.unravel_index(crop.argmin(), crop.shape)
    assert inside[darkest] == inside.max()  # dark is high
    assert (image[:5] < inside.min()).all()  # and the background below everything


def test_extents_are_height_and_width_of_the_chromosome() -> None:
    canvases = np.full((3, 40, 30), 255, np.uint8)
    canvases[0, 5:25, 10:17] = 80
    canvases[1, 0, 0] = canvases[1, 39, 29] = 100
    canvases[1, 20:30] = 255 - int(FOREGROUND_DEPTH) + 1  # too faint to count
    assert extents(torch.from_numpy(canvases)).tolist() == [[20, 7], [40, 30], [0, 0]]


def test_relative_sizes_do_not_depend_on_the_microscope() -> None:
    """The same cell at twice the magnification has half the scale and the same sizes."""

    def cut(height: int, width: int) -> CutOut:
        return CutOut(full(height, width), np.ones((height, width), bool), 0.0)

    once = relative_sizes([cut(60, 16), cut(20, 10)], 1.0)
    twice = relative_sizes([cut(120, 32), cut(40, 20)], 0.5)
    assert torch.allclose(once, twice, atol=1e-5)
    assert (once[0] > once[1]).all()


def test_relative_sizes_are_standardised_over_a_normal_cell() -> None:
    """e^3.38 is the middling √area and e^4.06 the middling height, in common-scale pixels."""
    height, width = 58, 15
    cut_out = CutOut(full(height, width), np.ones((height, width), bool), 0.0)
    assert relative_sizes([cut_out], 1.0).abs().max() < 0.1


def test_pictures_of_any_scale_come_to_the_same_canvas() -> None:
    crop = full(64, 16)
    upright = replace(COMPACT, scale_per_cell=True)
    assert box_of(place(full(128, 32), 0.5, upright)) == box_of(place(crop, 1.0, upright))


@given(level=st.integers(40, 200), band=st.integers(-25, 25), scale=st.floats(0.5, 1.5))
def test_sharpening_strengthens_bands_and_moves_no_outline(
    level: int, band: int, scale: float
) -> None:
    crop = full(80, 16, level)
    crop[38:42] = level + band
    canvas = place(crop, scale, COMPACT)
    seen = sharpened(canvas, COMPACT)
    assert np.array_equal(seen < 255, canvas < 255)
    assert box_of(seen) == box_of(canvas)
    top, left, h, w = box_of(canvas)
    inside = seen[top : top + h, left + w // 2].astype(int)
    assert abs(inside[h // 5] - level) <= 1  # far from the band nothing changes
    assert (inside[h // 2] - level) * np.sign(band) >= abs(band)
