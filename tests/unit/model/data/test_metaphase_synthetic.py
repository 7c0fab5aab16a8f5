"""Generated metaphases: what is told of them is what can be seen on them."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.data.metaphase_synthetic import (
    PlacedObject,
    SlideStyle,
    SyntheticMetaphase,
    render_metaphase,
)
from model.data.synthetic import karyotype_counts
from model.light import flatten
from model.segmentation.preparation import estimate_width, threshold_mask
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind

FEW = {"1": 2, "2": 2, "3": 2, "21": 3, "X": 2}
SMALL = SlideStyle(size=(420, 380), touching=2, crossings=1, nuclei=0, specks=4)
TRISOMY = karyotype_counts("47,XX,+21")


def few(seed: int) -> SyntheticMetaphase:
    return render_metaphase(FEW, np.random.default_rng(seed), SMALL)


def at_place(found: PlacedObject, picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The mask in the whole picture."""
    whole = np.zeros(picture.shape, bool)
    (x, y), (h, w) = found.origin, found.mask.shape
    whole[y : y + h, x : x + w] = found.mask
    return whole


@pytest.fixture(scope="module")
def metaphase() -> SyntheticMetaphase:
    return render_metaphase(TRISOMY, np.random.default_rng(5))


def test_the_same_seed_gives_the_same_metaphase_and_another_one_another() -> None:
    first, second, other = few(1), few(1), few(2)
    assert np.array_equal(first.picture, second.picture)
    for one, two in zip(first.objects, second.objects, strict=True):
        assert (one.type, one.kind, one.origin) == (two.type, two.kind, two.origin)
        assert np.array_equal(one.mask, two.mask)
    assert not np.array_equal(first.picture, other.picture)


def test_every_chromosome_of_the_karyotype_is_there(metaphase: SyntheticMetaphase) -> None:
    seen = Counter(chromosome.type for chromosome in metaphase.chromosomes)
    assert seen == Counter({kind: n for kind, n in TRISOMY.items() if n})
    assert metaphase.picture.shape == (700, 800)


def test_the_masks_lie_on_what_is_dark(metaphase: SyntheticMetaphase) -> None:
    flattened = flatten(metaphase.picture)
    dark = threshold_mask(flattened)
    covered = np.zeros(dark.shape, bool)
    for found in metaphase.objects:
        covered |= at_place(found, metaphase.picture)
    for chromosome in metaphase.chromosomes:
        mask = at_place(chromosome, metaphase.picture)
        assert dark[mask].mean() > 0.7
        assert np.median(flattened[mask]) < 185
    around = cv2.dilate(covered.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert (dark & ~around).sum() < 0.01 * dark.sum()


def test_it_has_the_scale_of_a_photograph(metaphase: SyntheticMetaphase) -> None:
    width = estimate_width(threshold_mask(flatten(metaphase.picture)))
    assert 12.0 <= width <= 17.0
    assert 205 < np.median(metaphase.picture) < 245


def test_light_is_lost_twice_where_two_cross(metaphase: SyntheticMetaphase) -> None:
    masks = [at_place(found, metaphase.picture) for found in metaphase.chromosomes]
    crossings = 0
    for i, one in enumerate(masks):
        for other in masks[:i]:
            shared = one & other
            if shared.sum() < 60:
                continue
            crossings += 1
            single = one ^ other
            assert metaphase.picture[shared].mean() < 0.8 * metaphase.picture[single].mean()
    assert 2 <= crossings <= 4


def test_as_many_touch_or_cross_as_were_asked_for(metaphase: SyntheticMetaphase) -> None:
    style = SlideStyle()
    masks = [at_place(found, metaphase.picture) for found in metaphase.chromosomes]
    together = np.any(masks, axis=0).astype(np.uint8)
    pieces = cv2.connectedComponents(together, connectivity=8)[0] - 1
    apart = len(masks) - pieces
    assert 0.6 * (style.touching + style.crossings) <= apart <= style.touching + style.crossings


def test_nuclei_dirt_and_something_cut_lie_around(metaphase: SyntheticMetaphase) -> None:
    kinds = Counter(found.kind for found in metaphase.objects)
    assert kinds[ObjectKind.NUCLEUS] == 2
    assert kinds[ObjectKind.EDGE] == 1
    assert kinds[ObjectKind.DEBRIS] >= 8
    height, width = metaphase.picture.shape
    for found in metaphase.objects:
        x, y, w, h = found.box
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + h <= height
        assert found.mask.any(axis=0).all()
        assert found.mask.any(axis=1).all()
        if found.kind is ObjectKind.EDGE:
            assert x + w == width or y + h == height
        if found.kind is ObjectKind.CHROMOSOME:
            assert min(x, y, width - x - w, height - y - h) > 0


def test_polarity_tells_where_the_q_arm_points() -> None:
    # The short arm of an acrocentric is the narrower end.
    right = total = 0
    style = SlideStyle(size=(420, 380), touching=0, crossings=0, nuclei=0)
    made = render_metaphase({"13": 4, "14": 4, "15": 4}, np.random.default_rng(3), style)
    for found in made.chromosomes:
        if found.mask.shape[0] < 1.3 * found.mask.shape[1]:
            continue  # It lies too flat to tell.
        third = found.mask.shape[0] // 3
        q_down = found.mask[:third].sum() < found.mask[-third:].sum()
        right += int(q_down) == found.polarity
        total += 1
    assert total >= 3
    assert right >= 0.75 * total


def test_too_many_for_the_picture_are_refused() -> None:
    style = SlideStyle(size=(200, 200), nuclei=0)
    with pytest.raises(ModelError, match="do not fit"):
        render_metaphase({"1": 30}, np.random.default_rng(1), style)
