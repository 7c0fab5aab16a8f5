"""The verdict on a cell: what is counted, what is measured, and which sentence a person reads."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.data.metaphase_synthetic import SlideStyle, SyntheticMetaphase, render_metaphase
from model.data.synthetic import karyotype_counts
from model.light import flatten
from model.segmentation.base import Instance, Separation
from model.segmentation.quality import assess
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.quality import Quality

WIDTH = 12
SIZE = (760, 900)


def bars(
    places: list[tuple[int, int, float]], length: int = 48, *, blur: float = 0.7
) -> tuple[Separation, NDArray[np.uint8]]:
    """Banded bars at x, y, each turned by some degrees, as a separation that knows them all."""
    light = np.full(SIZE, 255.0)
    found = []
    stripes = 0.55 + 0.25 * np.sin(np.arange(length + 1) * 2 * np.pi / 9)
    for x, y, degrees in places:
        reach = length + WIDTH
        turn = cv2.getRotationMatrix2D((reach / 2, reach / 2), degrees, 1.0)
        upright = np.zeros((reach, reach))
        top, left = (reach - length) // 2, (reach - WIDTH) // 2
        upright[top : top + length + 1, left : left + WIDTH] = stripes[:, None]
        turned = cv2.warpAffine(upright, turn, (reach, reach))
        mask = turned > 0.2
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        light[y : y + reach, x : x + reach] *= 1 - turned
        tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        origin = (x + int(columns[0]), y + int(rows[0]))
        box = (*origin, tight.shape[1], tight.shape[0])
        found.append(Instance(tight, origin, ObjectKind.CHROMOSOME, 0.9, box))
    picture = np.clip(cv2.GaussianBlur(light, (0, 0), blur), 0, 255).astype(np.uint8)
    return Separation(tuple(found), picture, WIDTH, "classical"), picture


def scattered(count: int, seed: int = 0) -> list[tuple[int, int, float]]:
    rng = np.random.default_rng(seed)
    cells = [(x, y) for y in range(10, 690, 68) for x in range(10, 830, 68)]
    order = rng.permutation(len(cells))[:count]
    return [
        (cells[i][0] + int(rng.integers(6)), cells[i][1] + int(rng.integers(-8, 8)),
         float(rng.uniform(20, 160)))
        for i in order
    ]  # fmt: skip


def judged(count: int, *, blur: float = 0.7) -> Quality:
    return assess(*bars(scattered(count), blur=blur))


def test_it_is_told_in_plain_values_that_can_be_stored() -> None:
    for quality in (judged(46), judged(46, blur=6.0)):
        assert {type(v) for v in vars(quality).values()} <= {int, float, bool, str, type(None)}
    assert judged(46, blur=6.0).band_level is None


def slide_quality(style: SlideStyle, karyotype: str = "46,XX") -> Quality:
    metaphase = render_metaphase(karyotype_counts(karyotype), np.random.default_rng(3), style)
    return assess(true_separation(metaphase), metaphase.picture)


def true_separation(metaphase: SyntheticMetaphase) -> Separation:
    found = tuple(Instance(o.mask, o.origin, o.kind, 1.0, o.box) for o in metaphase.objects)
    return Separation(found, flatten(metaphase.picture), 14.0, "truth")


def test_a_spread_of_forty_six_is_worth_it() -> None:
    quality = judged(46)
    assert quality.worth
    assert (quality.objects, quality.crossings, quality.touching_groups) == (46, 0, 0)
    assert quality.reason == "46 objects, none crossing."
    assert quality.score > 0.7


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "No chromosome was found."),
        (1, "Only 1 object was found: chromosomes are missing or lie in clumps."),
        (20, "Only 20 objects were found: chromosomes are missing or lie in clumps."),
        (60, "60 objects were found: too many for one cell."),
        (92, "92 objects were found: two cells may lie in the picture."),
    ],
)
def test_a_wrong_number_of_objects_is_told(count: int, words: str) -> None:
    quality = judged(count)
    assert not quality.worth
    assert quality.reason == words
    assert quality.score < 0.5


def test_a_karyogram_is_told_from_a_metaphase() -> None:
    rows = [(20 + 60 * column, 20 + 150 * row, 0.0) for row in range(4) for column in range(12)]
    quality = assess(*bars(rows[:46]))
    assert not quality.worth
    assert "looks like a karyogram" in quality.reason


def test_crossings_and_touching_groups_are_counted() -> None:
    places = scattered(40)
    x, y, _ = places[0]
    crossing = [(x, y, 45.0), (x, y, 135.0)]
    quality = assess(*bars([*crossing, *places[1:]]))
    assert (quality.crossings, quality.touching_groups) == (1, 1)
    assert quality.reason == "41 objects, 1 crossing."
    assert quality.score < judged(41).score


def test_a_generated_slide_is_counted_as_it_was_made() -> None:
    quality = slide_quality(SlideStyle(touching=0, crossings=3))
    assert quality.objects == 46
    assert quality.crossings == 3
    assert quality.worth


def test_too_many_crossings_are_not_worth_it() -> None:
    places = scattered(23)
    doubled = [(x, y, d) for x, y, _ in places for d in (45.0, 135.0)]
    quality = assess(*bars(doubled))
    assert not quality.worth
    assert quality.reason == "Too many chromosomes cross (23 crossings)."


def test_a_blurred_picture_is_told_and_the_sharper_one_ranks_higher() -> None:
    blurs = (0.7, 1.5, 2.5, 6.0)
    seen = [judged(46, blur=blur) for blur in blurs]
    sharpness = [q.sharpness for q in seen]
    assert sharpness == sorted(sharpness, reverse=True)
    assert seen[0].score > seen[2].score > seen[3].score
    assert not seen[3].worth
    assert "blurred" in seen[3].reason
    assert seen[3].band_level is None


def test_more_bands_give_a_higher_level() -> None:
    style = SlideStyle(touching=0, crossings=0, blur=0.4)
    long = replace(style, chromosomes=replace(style.chromosomes, contraction=1.4))
    short = replace(style, blur=1.4, chromosomes=replace(style.chromosomes, contraction=0.8))
    many, few = slide_quality(long).band_level, slide_quality(short).band_level
    assert many is not None
    assert few is not None
    assert 300 <= many <= 550
    assert few < many


def test_only_chromosomes_count() -> None:
    separation, picture = bars(scattered(46))
    dirt = [replace(o, kind=ObjectKind.DEBRIS) for o in separation.instances[:3]]
    mixed = replace(separation, instances=(*separation.instances[3:], *dirt))
    assert assess(mixed, picture).objects == 43


@settings(max_examples=10, deadline=None)
@given(count=st.integers(0, 90), seed=st.integers(0, 5), blur=st.floats(0.5, 6.0))
def test_every_figure_stays_in_its_range(count: int, seed: int, blur: float) -> None:
    quality = assess(*bars(scattered(count, seed), blur=blur))
    assert 0 <= quality.sharpness <= 1
    assert 0 <= quality.score <= 1
    assert quality.objects == count
    assert quality.reason.endswith(".")
    assert quality.band_level is None or 150 <= quality.band_level <= 850
