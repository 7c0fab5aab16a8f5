"""The separation without weights: clumps are cut, crossings shared, what is whole left whole."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.data.metaphase_synthetic import SlideStyle, SyntheticMetaphase, render_metaphase
from model.data.synthetic import karyotype_counts
from model.segmentation.base import Separation
from model.segmentation.classical import ClassicalSeparator, nuclei_of
from model.segmentation.preparation import threshold_mask
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind

WIDTH = 14
Grey = NDArray[np.uint8]


def slide(*strokes: list[tuple[int, int]], size: tuple[int, int] = (300, 300)) -> Grey:
    """Bent dark strokes of a chromosome's width; where two lie over each other it is darker."""
    light = np.full(size, 230.0)
    for stroke in strokes:
        line = np.zeros(size, np.uint8)
        cv2.polylines(line, [np.array(stroke)], False, 255, WIDTH, cv2.LINE_AA)
        light *= 1 - 0.55 * line / 255.0
    noise = np.random.default_rng(0).normal(0, 1.5, size)
    return np.clip(cv2.GaussianBlur(light, (0, 0), 0.8) + noise, 0, 255).astype(np.uint8)


def arc(x: int, y: int, radius: int, degrees: float) -> list[tuple[int, int]]:
    angles = np.radians(np.linspace(0, degrees, 24))
    return [(round(x + radius * np.cos(a)), round(y + radius * np.sin(a))) for a in angles]


APART = ([(30, 30), (30, 120)], [(70, 30), (70, 90)], [(110, 30), (110, 75)])


def kinds(separation: Separation) -> Counter[ObjectKind]:
    return Counter(o.kind for o in separation.instances)


def boxes(separation: Separation) -> list[tuple[int, int, int, int]]:
    """Tight boxes of the chromosomes, x, y, w, h."""
    return [
        (*o.origin, o.mask.shape[1], o.mask.shape[0])
        for o in separation.instances
        if o.kind is ObjectKind.CHROMOSOME
    ]


def overlap(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    low = np.maximum(one[:2], other[:2])
    high = np.minimum(np.add(one[:2], one[2:]), np.add(other[:2], other[2:]))
    both = float(np.prod(np.maximum(high - low, 0)))
    return both / (one[2] * one[3] + other[2] * other[3] - both)


@pytest.fixture(scope="module")
def metaphase() -> SyntheticMetaphase:
    return render_metaphase(karyotype_counts("46,XX"), np.random.default_rng(8), SlideStyle())


@pytest.fixture(scope="module")
def separated(metaphase: SyntheticMetaphase) -> Separation:
    return ClassicalSeparator()(metaphase.picture)


def test_most_chromosomes_of_a_metaphase_are_found_one_by_one(
    metaphase: SyntheticMetaphase, separated: Separation
) -> None:
    found = boxes(separated)
    matched = sum(max(overlap(o.box, b) for b in found) >= 0.5 for o in metaphase.chromosomes)
    assert matched >= 38
    assert 40 <= len(found) <= 50
    assert separated.method == "classical"


def test_nuclei_and_what_the_border_cuts_are_kept_apart_but_kept(separated: Separation) -> None:
    found = kinds(separated)
    assert found[ObjectKind.NUCLEUS] == 2
    assert found[ObjectKind.EDGE] == 1
    assert found[ObjectKind.DEBRIS] >= 1


def test_nothing_dark_is_hidden(separated: Separation) -> None:
    dark = threshold_mask(separated.flattened)
    covered = np.zeros(dark.shape, np.uint8)
    for one in separated.instances:
        (x, y), (h, w) = one.origin, one.mask.shape
        covered[y : y + h, x : x + w] |= one.mask
    left = dark & (cv2.dilate(covered, np.ones((3, 3), np.uint8)) == 0)
    _, _, stats, _ = cv2.connectedComponentsWithStats(left.astype(np.uint8))
    least = 0.08 * separated.chromosome_width**2
    assert not (stats[1:, cv2.CC_STAT_AREA] > least).any()


def test_boxes_have_the_margin_of_annotators_and_stay_in_the_picture(
    separated: Separation,
) -> None:
    height, breadth = separated.flattened.shape
    for one in separated.instances:
        x, y, w, h = one.box
        assert 0 <= x < x + w <= breadth
        assert 0 <= y < y + h <= height
        if one.kind is ObjectKind.CHROMOSOME:
            assert w > one.mask.shape[1]
            assert h > one.mask.shape[0]
            assert x <= one.origin[0]
            assert y <= one.origin[1]


def test_a_crossing_gives_two_whole_chromosomes_that_share_the_middle() -> None:
    picture = slide([(60, 180), (200, 270)], [(60, 270), (200, 180)], *APART)
    separation = ClassicalSeparator()(picture)
    crossing = [o for o in separation.instances if o.mask.shape[1] > 100]
    assert len(crossing) == 2
    whole = np.zeros(picture.shape, int)
    for one in crossing:
        (x, y), (h, w) = one.origin, one.mask.shape
        whole[y : y + h, x : x + w] += one.mask
    assert whole[225, 130] == 2
    assert 0.5 * WIDTH**2 < (whole == 2).sum() < 3 * WIDTH**2


def test_two_that_touch_with_their_ends_in_a_t_are_cut() -> None:
    picture = slide([(60, 180), (220, 180)], [(140, 192), (140, 280)], *APART)
    found = boxes(ClassicalSeparator()(picture))
    assert len(found) == 5
    assert any(overlap(b, (53, 172, 175, 17)) > 0.7 for b in found)
    assert any(overlap(b, (132, 188, 17, 100)) > 0.7 for b in found)


@settings(max_examples=12, deadline=None)
@given(degrees=st.integers(20, 150), radius=st.integers(40, 55))
def test_a_bent_chromosome_stays_whole(degrees: int, radius: int) -> None:
    picture = slide(arc(150, 190, radius, degrees), *APART)
    assert len(boxes(ClassicalSeparator()(picture))) == 4


def test_bright_on_dark_is_the_same_picture() -> None:
    picture = slide([(60, 180), (200, 270)], *APART)
    inverted = (255 - picture).astype(np.uint8)
    one, other = (ClassicalSeparator()(p) for p in (picture, inverted))
    assert len(boxes(one)) == len(boxes(other)) == 4


def test_the_same_picture_gives_the_same_objects(
    metaphase: SyntheticMetaphase, separated: Separation
) -> None:
    again = ClassicalSeparator()(metaphase.picture)
    assert [(o.kind, o.box, o.score) for o in again.instances] == [
        (o.kind, o.box, o.score) for o in separated.instances
    ]


def test_one_that_lies_alone_is_surer_than_a_piece_of_a_clump(separated: Separation) -> None:
    shared = np.zeros(separated.flattened.shape, int)
    found = [o for o in separated.instances if o.kind is ObjectKind.CHROMOSOME]
    for one in found:
        (x, y), (h, w) = one.origin, one.mask.shape
        shared[y : y + h, x : x + w] += cv2.dilate(one.mask.astype(np.uint8), np.ones((3, 3)))
    alone: list[float] = []
    pieces: list[float] = []
    for one in found:
        (x, y), (h, w) = one.origin, one.mask.shape
        near = shared[y : y + h, x : x + w][one.mask].max() > 1
        (pieces if near else alone).append(one.score)
    assert np.mean(alone) > np.mean(pieces) + 0.1
    assert all(0 <= score <= 1 for score in alone + pieces)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_holds_no_chromosome(level: int) -> None:
    noise = np.random.default_rng(1).normal(level, 1.0, (200, 240))
    with pytest.raises(ModelError, match="No chromosome can be seen"):
        ClassicalSeparator()(np.clip(noise, 0, 255).astype(np.uint8))


def test_a_picture_full_of_objects_is_refused_in_a_sentence() -> None:
    picture = np.full((700, 700), 230, np.uint8)
    for x in range(10, 690, 28):
        for y in range(10, 690, 36):
            cv2.line(picture, (x, y), (x, y + 20), 90, 8)
    with pytest.raises(ModelError, match="more than 300 objects") as caught:
        ClassicalSeparator()(picture)
    assert caught.value.hint


def test_it_reports_how_far_it_is() -> None:
    seen: list[tuple[int, int]] = []
    ClassicalSeparator()(slide(*APART), lambda done, total, _: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_nucleus_is_told_from_a_chromosome_that_touches_it() -> None:
    dark = np.zeros((200, 200), np.uint8)
    cv2.circle(dark, (70, 70), 40, 1, -1)
    cv2.line(dark, (112, 70), (180, 70), 1, WIDTH)
    nucleus = nuclei_of(dark > 0, WIDTH)
    assert nucleus[70, 70]
    assert nucleus[:, :100].sum() > 0.95 * dark[:, :100].sum()
    assert not nucleus[:, 125:].any()
