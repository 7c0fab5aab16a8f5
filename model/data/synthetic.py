"""Generated G-banded chromosomes: ideogram bands, bent, shaded, blurred and noisy.

A picture is made in small steps that can be used alone: bands along the axis (`draw_bands`),
outline (`draw_outline`), course of the axis (`draw_axis`), axis coordinates of every pixel
(`axis_coordinates`), darkness of every pixel (`paint`), grey levels (`develop`). All lengths are
pixels of the result, all darkness values 0 (white) to about 1 (black). Everything random comes
from one `numpy.random.Generator`: the same seed gives the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.data.ideogram import ACROCENTRIC, load_appearance, load_ideogram
from model.vocabulary.labels import Q_DOWN, Q_UP, TYPES

Array = NDArray[np.float64]

BACKGROUND = 255
STEPS_PER_PIXEL = 4
"""Samples along the axis for one pixel of length."""

_LEVELS = np.array([0.0, 0.02, 0.10, 0.25, 0.50, 0.75, 0.90, 0.98, 1.0])
_GREYS = np.array([3.0, 19.0, 43.0, 74.0, 119.0, 169.0, 210.0, 240.0, 253.0])
"""Grey levels at these shares of a chromosome's pixels, dark to light: karyotyping systems stretch
every cut-out to about the same greys, whatever its stain was."""

_LENGTH_JITTER = {"gvar": 0.16, "stalk": 0.25, "acen": 0.10}
_SATELLITE, _STALK, _SHORT_ARM = 0.58, 0.48, 0.64


@dataclass(frozen=True)
class CellStyle:
    """What the chromosomes of one cell share. Factors are 1 on average.

    contraction: factor on length (0.7 … 1.3); width: factor on width; contrast: factor on the
    difference of dark and light bands; band_blur, optical_blur: Gaussian sigma in px; rim: width of
    the soft edge in px; texture: grain in darkness units; sharpening: share of an unsharp mask, as
    cameras and karyotyping systems add it; separation: how far apart the sister
    chromatids lie (0 … 1); bend: factor on the bending; noise: camera noise in grey levels.
    """

    contraction: float = 1.0
    width: float = 1.0
    contrast: float = 1.0
    band_blur: float = 1.0
    optical_blur: float = 0.9
    rim: float = 2.8
    texture: float = 0.10
    sharpening: float = 0.6
    separation: float = 0.4
    bend: float = 1.0
    noise: float = 2.0


@dataclass(frozen=True, eq=False)
class Bands:
    """The bands of one chromosome on an axis of `length` px.

    `darkness` (n,) at n even steps; in px from the p telomere `stops` (b,), where each band ends,
    and `centromere`.
    """

    length: float
    darkness: Array
    stops: Array
    centromere: float


@dataclass(frozen=True, eq=False)
class Outline:
    """Half the width (n,) and half the distance (n,) of the chromatids' middles in px."""

    half_width: Array
    apart: Array


@dataclass(frozen=True, eq=False)
class Axis:
    """The bent middle line: `points` (n, 2) as x, y in px, unit `tangents` (n, 2), `step` in px."""

    points: Array
    tangents: Array
    step: float


@dataclass(frozen=True, eq=False)
class SyntheticChromosome:
    """A generated cut-out with its truth.

    `image` (h, w) uint8 on 255, `polarity` Q_DOWN or Q_UP, `tilt` in degrees, clockwise.
    """

    kind: str
    image: NDArray[np.uint8]
    polarity: int
    tilt: float


def draw_style(rng: np.random.Generator) -> CellStyle:
    """One cell's style: long cells are thin, well spread and finely banded, short ones thick."""
    contraction = float(np.clip(np.exp(rng.normal(0.0, 0.10)), 0.7, 1.3))
    return CellStyle(
        contraction=contraction,
        width=float(np.exp(rng.normal(0.0, 0.09)) * contraction**-0.3),
        contrast=float(np.clip(rng.normal(1.0, 0.15), 0.6, 1.4)),
        band_blur=float(rng.uniform(0.7, 1.4)),
        optical_blur=float(rng.uniform(0.6, 1.2)),
        rim=float(rng.uniform(2.2, 3.3)),
        texture=float(rng.uniform(0.06, 0.15)),
        sharpening=float(rng.uniform(0.0, 1.2)),
        separation=float(np.clip(rng.beta(2.0, 3.0) / contraction, 0.0, 1.0)),
        bend=float(np.exp(rng.normal(0.0, 0.3))),
        noise=float(rng.uniform(1.0, 3.0)),
    )


def smooth(values: Array, sigma: float, *, axis: int = 0) -> Array:
    """Gaussian blur of (n,) or (h, w) along `axis`; sigma in samples, border values go on."""
    radius = int(np.ceil(3.0 * sigma))
    if radius == 0:
        return values
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2)
    kernel /= kernel.sum()
    rows, columns = (kernel, np.ones(1)) if axis == 0 else (np.ones(1), kernel)
    table = np.asarray(values, np.float64).reshape(len(values), -1)
    blurred = cv2.sepFilter2D(table, cv2.CV_64F, columns, rows, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float64).reshape(values.shape)


def _blur(picture: Array, sigma: float) -> Array:
    """Gaussian blur of a picture (h, w); sigma in px."""
    return smooth(smooth(picture, sigma, axis=0), sigma, axis=1)


def draw_bands(
    kind: str, length: float, rng: np.random.Generator, style: CellStyle, scale: float = 1.0
) -> Bands:
    """Bands of a homologue about `length` px long, each a little longer or darker than the average.

    Variable heterochromatin (gvar), satellites' stalks and centromeres vary most; fine bands below
    the 400 level come and go.
    """
    look = load_appearance(kind)
    stains = [band.stain for band in load_ideogram(kind, 400).bands]
    spread = np.array([_LENGTH_JITTER.get(stain, 0.07) for stain in stains])
    lengths = np.diff(look.stops, prepend=0.0) * np.exp(rng.normal(0.0, 1.0, len(stains)) * spread)
    p_arm = np.array([band.arm == "p" for band in load_ideogram(kind, 400).bands])
    lengths[p_arm] *= np.exp(rng.normal(0.0, 0.04))
    stops = np.cumsum(lengths) * length
    average = float(np.mean(look.darkness))
    darkness = average + style.contrast * (np.array(look.darkness) - average)
    darkness += rng.normal(0.0, 0.06, len(stains)) * np.where(spread > 0.1, 1.4, 1.0)
    count = max(8, round(stops[-1] * STEPS_PER_PIXEL))
    positions = (np.arange(count) + 0.5) * (stops[-1] / count)
    profile = darkness[np.minimum(np.searchsorted(stops, positions), len(stains) - 1)]
    fine = smooth(rng.normal(size=count), scale * STEPS_PER_PIXEL)
    profile = profile + 0.045 * fine / max(float(fine.std()), 1e-9)
    blurred = smooth(profile, style.band_blur * scale * STEPS_PER_PIXEL)
    return Bands(float(stops[-1]), blurred, stops, float(stops[p_arm][-1]))


def draw_outline(
    kind: str,
    bands: Bands,
    rng: np.random.Generator,
    style: CellStyle,
    scale: float = 1.0,
) -> Outline:
    """Width along the axis: waist at the centromere, thin acrocentric short arms, tapered ends."""
    count = len(bands.darkness)
    position: Array = (np.arange(count, dtype=np.float64) + 0.5) * (bands.length / count)
    share = position / bands.length
    width: Array = np.full(count, load_appearance(kind).width * scale * style.width)
    width *= 1.0 - 0.10 * (2.0 * share - 1.0) ** 2
    wave = smooth(rng.normal(size=count), 5.0 * scale * STEPS_PER_PIXEL)
    width *= 1.0 + 0.05 * wave / max(float(wave.std()), 1e-9)
    if kind in ACROCENTRIC:
        width *= _short_arm(bands, position, rng)
    waist = np.clip(rng.normal(0.30, 0.09), 0.08, 0.55) * (0.35 if kind in ACROCENTRIC else 1.0)
    distance = (position - bands.centromere) / (rng.uniform(2.4, 3.8) * scale)
    pinch = np.exp(-0.5 * distance**2)
    apart = np.full(count, 0.22 + 0.22 * style.separation * rng.uniform(0.6, 1.4))
    splay = style.separation * rng.gamma(1.2, 0.12)
    far = np.clip((position - bands.centromere) / (bands.length - bands.centromere), 0.0, 1.0)
    width *= (1.0 + splay * far) * (1.0 - waist * pinch)
    apart = np.clip(apart * (1.0 + splay * far), 0.0, 0.5) * (1.0 - 0.6 * pinch)
    half_width = width / 2.0
    return Outline(half_width, apart * half_width)


def _short_arm(bands: Bands, position: Array, rng: np.random.Generator) -> Array:
    """Width factor (n,) of an acrocentric: satellites, thin stalks, short arm, full q arm."""
    satellite, stalk = bands.stops[0], bands.stops[1]
    begin, end = bands.centromere, bands.centromere + 0.16 * (bands.length - bands.centromere)
    thin = _STALK * rng.uniform(0.6, 1.3)
    marks = [0.0, satellite, (satellite + stalk) / 2.0, stalk, begin, end, bands.length]
    factors = [_SATELLITE, _SATELLITE, thin, _SHORT_ARM, _SHORT_ARM + 0.08, 0.96, 1.0]
    return np.asarray(np.interp(position, marks, factors), dtype=np.float64)


def draw_axis(
    bands: Bands, rng: np.random.Generator, style: CellStyle, tilt_degrees: float = 0.0
) -> Axis:
    """A smoothly bent axis, its ends one above the other (p telomere up), then tilted clockwise."""
    count = len(bands.darkness)
    step = bands.length / count
    share = (np.arange(count) + 0.5) / count
    amount = style.bend * np.clip(bands.length / 80.0, 0.3, 1.2)
    if rng.random() < 0.10:
        amount *= 2.5
    heading = np.zeros(count)
    for wave, degrees in ((1, 11.0), (2, 5.0), (3, 3.0)):
        turn = np.clip(rng.normal(0.0, degrees) * amount, -65.0, 65.0)
        heading += np.deg2rad(turn) * np.cos(wave * np.pi * share)
    kink = np.tanh((share * bands.length - bands.centromere) / 3.0)
    heading += np.deg2rad(rng.normal(0.0, 4.0) * amount) * kink
    path = np.stack([np.sin(heading), np.cos(heading)], axis=1)
    lean = np.arctan2(path[:, 0].sum(), path[:, 1].sum()) + np.deg2rad(tilt_degrees)
    heading = heading - lean
    tangents = np.stack([np.sin(heading), np.cos(heading)], axis=1)
    return Axis((np.cumsum(tangents, axis=0) - tangents / 2.0) * step, tangents, step)


def axis_coordinates(axis: Axis, margin: float) -> tuple[Array, Array]:
    """Along (h, w) and across (h, w), px, of every pixel within `margin` px of the axis' box.

    Along is 0 at the p telomere and may lie outside 0 … length beyond the ends; across is positive
    to the right of somebody walking up from q to p.
    """
    low = np.floor(axis.points.min(axis=0) - margin)
    high = np.ceil(axis.points.max(axis=0) + margin)
    size = (high - low).astype(int) + 1
    x, y = np.meshgrid(np.arange(size[0]) + low[0], np.arange(size[1]) + low[1])
    pixels = np.stack([x.ravel(), y.ravel()], axis=1)
    coarse = slice(None, None, 2)
    nodes = axis.points[coarse]
    squared = (nodes**2).sum(axis=1)[None, :] - 2.0 * pixels @ nodes.T
    nearest = np.argmin(squared, axis=1) * 2
    offset = pixels - axis.points[nearest]
    tangent = axis.tangents[nearest]
    along = (nearest + 0.5) * axis.step + (offset * tangent).sum(axis=1)
    across = offset[:, 0] * tangent[:, 1] - offset[:, 1] * tangent[:, 0]
    return along.reshape(x.shape), across.reshape(x.shape)


def grain(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> Array:
    """Smooth noise (h, w), mean 0, standard deviation 1, structures of about `sigma` px."""
    noise = _blur(rng.normal(size=shape), sigma)
    return noise / max(float(noise.std()), 1e-9)


def _sample(values: Array, along: Array, length: float) -> Array:
    """Linear interpolation of (n,) samples at positions `along` in px."""
    centres = (np.arange(len(values)) + 0.5) * (length / len(values))
    return np.asarray(np.interp(along, centres, values), dtype=np.float64)


def depth_inside(
    along: Array, across: Array, outline: Outline, length: float, scale: float
) -> Array:
    """Distance in px (h, w) from the outline of the two chromatids, negative outside."""
    half = _sample(outline.half_width, along, length)
    apart = _sample(outline.apart, along, length)
    radius = np.maximum(half - apart, 1.0)
    cap = np.minimum(4.5 * scale, radius)
    over = np.maximum(np.maximum(cap - along, along - (length - cap)), 0.0) / cap
    left = radius * (1.0 - np.hypot((across + apart) / radius, over))
    right = radius * (1.0 - np.hypot((across - apart) / radius, over))
    return np.asarray(np.maximum(left, right), dtype=np.float64)


def paint(
    along: Array,
    across: Array,
    bands: Bands,
    outline: Outline,
    rng: np.random.Generator,
    style: CellStyle,
    scale: float,
) -> tuple[Array, NDArray[np.bool_]]:
    """Darkness (h, w) and mask (h, w) of a chromosome from its pixels' axis coordinates."""
    shape = along.shape
    depth = depth_inside(along, across, outline, bands.length, scale)
    depth += 0.35 * scale * grain(shape, 1.6 * scale, rng)
    mask = depth > 0.0
    cover = np.clip(depth / (style.rim * scale), 0.0, 1.0)
    cover = cover * cover * (3.0 - 2.0 * cover)
    skew = rng.normal(0.0, 0.7) * scale * np.tanh(across / (2.0 * scale))
    wobble = 0.8 * scale * grain(shape, 3.0 * scale, rng)
    body = _sample(bands.darkness, along + skew + wobble, bands.length)
    apart = _sample(outline.apart, along, bands.length)
    gap = np.clip(rng.normal(0.9, 0.4), 0.0, 1.6) * (0.35 + apart / (4.0 * scale))
    gap *= style.separation
    body -= 0.28 * gap * np.exp(-0.5 * (across / (1.3 * scale)) ** 2)
    body += style.texture * grain(shape, 1.1 * scale, rng)
    shade = rng.normal(0.0, 0.05, 2)
    body += shade[0] * (2.0 * along / bands.length - 1.0)
    body += shade[1] * across / max(float(outline.half_width.max()), 1.0)
    body += 0.04 * grain(shape, 8.0 * scale, rng)
    darkness = cover * np.maximum(body, 0.06)
    seen = _blur(darkness, style.optical_blur * scale)
    return seen + style.sharpening * (seen - _blur(seen, 2.2 * scale)), mask


def develop(
    darkness: Array,
    mask: NDArray[np.bool_],
    rng: np.random.Generator,
    style: CellStyle,
    scale: float = 1.0,
) -> NDArray[np.uint8]:
    """Grey levels (h, w): the usual spread of greys inside the mask, exactly 255 outside."""
    values = darkness[mask]
    size = np.sqrt(values.size) / scale
    lighter = rng.normal(0.0, 5.0) + 1.1 * np.clip(26.0 - size, 0.0, 12.0)
    greys = _GREYS + lighter * 4.0 * _LEVELS * (1.0 - _LEVELS)
    ranks = np.quantile(values, 1.0 - _LEVELS)
    inside = np.interp(-values, -ranks, greys) + rng.normal(0.0, style.noise, values.size)
    image = np.full(mask.shape, BACKGROUND, dtype=np.uint8)
    image[mask] = np.clip(np.rint(inside), 0, BACKGROUND - 1).astype(np.uint8)
    return image


def _crop(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The tightest box around everything that is not background."""
    rows = np.flatnonzero((image < BACKGROUND).any(axis=1))
    columns = np.flatnonzero((image < BACKGROUND).any(axis=0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()


def render_chromosome(
    kind: str,
    rng: np.random.Generator,
    *,
    scale: float = 1.0,
    style: CellStyle | None = None,
    tilt_degrees: float = 0.0,
) -> NDArray[np.uint8]:
    """A cut-out (h, w) uint8 of chromosome `kind`, p arm up, on background of exactly 255.

    At `scale` 1 chromosome 1 is about 28 px wide and 119 px high. Without `style` one is drawn.
    `tilt_degrees` turns it clockwise. ValueError for an unknown kind or a scale outside 0.25 … 8.
    """
    if kind not in TYPES:
        raise ValueError(f"no chromosome {kind!r}")
    if not 0.25 <= scale <= 8.0:
        raise ValueError(f"scale {scale} is outside 0.25 to 8")
    style = draw_style(rng) if style is None else style
    length = load_appearance(kind).length * scale * style.contraction
    bands = draw_bands(kind, length, rng, style, scale)
    outline = draw_outline(kind, bands, rng, style, scale)
    axis = draw_axis(bands, rng, style, tilt_degrees)
    along, across = axis_coordinates(axis, float(outline.half_width.max()) + 2.0)
    darkness, mask = paint(along, across, bands, outline, rng, style, scale)
    return _crop(develop(darkness, mask, rng, style, scale))


def karyotype_counts(karyotype: str) -> dict[str, int]:
    """Copies of every type, "1".."22", "X", "Y", of a purely numerical karyotype.

    For example `47,XX,+21`, `45,X` or `46,XY`. ValueError where it is malformed or does not add up.
    """
    parts = [part.strip() for part in karyotype.split(",")]
    if len(parts) < 2 or not parts[0].isdigit() or not parts[1] or set(parts[1]) - {"X", "Y"}:
        raise ValueError(f"not a numerical karyotype: {karyotype!r}")
    counts = dict.fromkeys(TYPES, 2)
    counts["X"], counts["Y"] = parts[1].count("X"), parts[1].count("Y")
    for change in parts[2:]:
        sign, kind = change[:1], change[1:]
        if sign not in {"+", "-"} or kind not in counts or kind in {"X", "Y"}:
            raise ValueError(f"not a gain or loss of an autosome: {change!r}")
        counts[kind] += 1 if sign == "+" else -1
    if min(counts.values()) < 0 or sum(counts.values()) != int(parts[0]):
        raise ValueError(f"the chromosomes of {karyotype!r} do not add up to {parts[0]}")
    return counts


def render_cell(
    counts: Mapping[str, int],
    rng: np.random.Generator,
    *,
    turned: float = 0.5,
    tilt_degrees: float = 0.0,
    tilted: float = 0.15,
    scale: float = 1.0,
    style: CellStyle | None = None,
) -> tuple[SyntheticChromosome, ...]:
    """The chromosomes of one cell in the order of the types, all in one style.

    `turned`: share of them turned by 180° (polarity Q_UP). `tilted`: share of them tilted by up to
    ± `tilt_degrees`; none where that is 0. Without `style` one is drawn.
    """
    style = draw_style(rng) if style is None else style
    cell = []
    for kind in TYPES:
        for _ in range(counts.get(kind, 0)):
            tilt = float(rng.uniform(-tilt_degrees, tilt_degrees)) if rng.random() < tilted else 0.0
            image = render_chromosome(kind, rng, scale=scale, style=style, tilt_degrees=tilt)
            polarity = Q_UP if rng.random() < turned else Q_DOWN
            shown = np.rot90(image, 2).copy() if polarity == Q_UP else image
            cell.append(SyntheticChromosome(kind, shown, polarity, tilt))
    return tuple(cell)
