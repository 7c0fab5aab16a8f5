"""Training examples of the separation: what is known of them is true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.data import separation_samples
from model.data.bending import bent
from model.data.metaphases import MetaphaseArchive
from model.data.separation_data import empty_scene, pieces_of, scenes_of, without_margin
from model.data.separation_samples import NO_TYPE, UNKNOWN, Piece, Scene, compose
from model.segmentation.base import ANNOTATION_MARGIN
from model.segmentation.preparation import threshold_mask
from tests.unit.model.builders import write_zip
from tests.unit.model.metaphases import encoded, voc

WIDTH = 11.0


def scene() -> Scene:
    """Four separate rods and one crossing, with the boxes of all six."""
    picture = np.full((300, 300), 250, np.uint8)
    lines = [((30, 40), (30, 110)), ((80, 40), (80, 110)), ((130, 40), (130, 100)),
             ((200, 40), (270, 40)), ((180, 160), (260, 240)),
             ((260, 170), (190, 235))]  # fmt: skip
    boxes = []
    for start, end in lines:
        mask = np.zeros(picture.shape, np.uint8)
        cv2.line(mask, start, end, 1, 12)
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        boxes.append([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
        picture = np.where(mask > 0, picture * 0.5, picture).astype(np.uint8)
    return Scene(picture, threshold_mask(picture), 12.0, np.array(boxes, np.float32))


def rod() -> Piece:
    mask = np.zeros((70, 14), bool)
    mask[1:-1, 1:-1] = True
    return Piece(np.where(mask, 120, 255).astype(np.uint8), mask, 12.0)


def test_separate_chromosomes_are_found_as_pieces() -> None:
    found = pieces_of(scene())
    assert len(found) == 4
    assert {p.origin for p in found} == {(24, 34), (74, 34), (124, 34), (194, 34)}
    assert all((p.grey[~p.mask] == 255).all() for p in found)


def test_a_pixel_in_one_box_belongs_to_it_and_in_several_to_one_of_them() -> None:
    sample = compose(scene(), [], np.random.default_rng(0), WIDTH)
    inside = sample.candidates >= 0
    assert (inside.any(0) == (sample.chromosome == 1)).all()
    # Of a crossing in a real picture nobody knows who lies where.
    both = inside[1]
    assert both.any()
    assert (sample.overlap[both] == UNKNOWN).all()
    assert (sample.overlap[~both] == 0).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_candidate_boxes_hold_their_pixels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sample = compose(scene(), [rod() for _ in range(4)], rng, WIDTH)
    assert np.isfinite(sample.depth).all()
    for rows in sample.candidates:
        ys, xs = np.nonzero(rows >= 0)
        box = sample.boxes[rows[ys, xs]]
        x, y = (xs + 0.5) * 2, (ys + 0.5) * 2
        slack = 2.5  # half-resolution pixels on the border
        assert (x >= box[:, 0] - slack).all()
        assert (x <= box[:, 2] + slack).all()
        assert (y >= box[:, 1] - slack).all()
        assert (y <= box[:, 3] + slack).all()


def test_where_a_piece_lies_over_a_chromosome_the_overlap_is_known_and_darker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # On other days exposure clips what is darkest.
    monkeypatch.setattr(separation_samples, "disturbed", lambda depth, width, rng: depth)
    found = 0
    for seed in range(12):
        sample = compose(scene(), [rod() for _ in range(6)], np.random.default_rng(seed), WIDTH)
        overlap = sample.overlap == 1
        if overlap.sum() < 10:
            continue
        found += 1
        small = cv2.resize(sample.depth, overlap.shape, interpolation=cv2.INTER_AREA)
        single = (sample.chromosome == 1) & (sample.overlap == 0)
        assert np.median(small[overlap]) > 1.15 * np.median(small[single])
    assert found >= 4


def test_an_empty_slide_with_pieces_knows_everything() -> None:
    rng = np.random.default_rng(2)
    sample = compose(empty_scene(rng, WIDTH, 352), [rod() for _ in range(12)], rng, WIDTH)
    assert not (sample.overlap == UNKNOWN).any()
    assert not (sample.chromosome == UNKNOWN).any()
    assert len(sample.boxes) >= 6


def test_the_same_random_numbers_give_the_same_example() -> None:
    one, other = (
        compose(scene(), [rod(), rod()], np.random.default_rng(7), WIDTH) for _ in range(2)
    )
    assert np.array_equal(one.depth, other.depth)
    assert np.array_equal(one.candidates, other.candidates)


def test_an_annotators_margin_is_taken_off_but_not_of_the_smallest() -> None:
    boxes = np.array([[100, 100, 160, 180], [10, 10, 24, 24]], np.float32)
    tight = without_margin(boxes, 15.0)
    left, top, right, bottom = ANNOTATION_MARGIN
    expected = [100 + 15 * left, 100 + 15 * top, 160 - 15 * right, 180 - 15 * bottom]
    assert np.allclose(tight[0], expected)
    assert np.array_equal(tight[1], boxes[1])


@pytest.mark.parametrize("degrees", [-120.0, -40.0, 30.0, 90.0])
def test_bending_keeps_the_area(degrees: float) -> None:
    piece = rod()
    grey, mask = bent(piece.grey, piece.mask, degrees)
    assert abs(int(mask.sum()) - int(piece.mask.sum())) < 0.08 * piece.mask.sum()
    assert cv2.connectedComponents(mask.astype(np.uint8))[0] == 2
    assert abs(float(grey[mask].mean()) - 120) < 12


def test_types_go_with_their_boxes() -> None:
    """Long rods are of type 3, the crossing ones of type 5, laid pieces of type 7."""
    known = replace(scene(), types=np.array([3, 3, 3, 3, 5, 5]))
    piece = replace(rod(), type=7)
    assert {p.type for p in pieces_of(known)} == {3}
    for seed in range(6):
        sample = compose(known, [piece] * 3, np.random.default_rng(seed), WIDTH)
        assert len(sample.types) == len(sample.boxes)
        owners = sample.candidates[1][sample.overlap == UNKNOWN]
        assert set(sample.types[owners[owners >= 0]].tolist()) <= {5, 7}
        assert set(sample.types.tolist()) <= {3, 5, 7}


def test_without_types_all_are_unknown() -> None:
    sample = compose(scene(), [rod()], np.random.default_rng(0), WIDTH)
    assert set(sample.types.tolist()) == {NO_TYPE}


@pytest.mark.parametrize("tightly", [True, False])
def test_boxes_of_either_custom_become_those_of_the_chromosomes(
    tightly: bool, tmp_path: Path
) -> None:
    """An archive with tight boxes is not cut into for a margin that nobody left."""
    at = [(10 + 70 * (i % 6), 20 + 90 * (i // 6), 16, 30 + 8 * (i % 4)) for i in range(12)]
    grey = np.full((220, 440), 240, np.uint8)
    rows = []
    left, top, right, bottom = (round(16 * m) for m in ANNOTATION_MARGIN)
    for x, y, w, h in at:
        grey[y : y + h, x : x + w] = 90
        tight = (x, y, x + w, y + h)
        margined = (x - left, y - top, x + w + right, y + h + bottom)
        rows.append(("A1", tight if tightly else margined))
    files = {"images/a1.png": encoded(grey), "annotations/a1.xml": voc(rows, (440, 220))}
    archive = MetaphaseArchive(write_zip(tmp_path / "some.zip", files))
    (found,) = scenes_of(archive, archive.names, print)
    expected = np.array([(x, y, x + w, y + h) for x, y, w, h in at], np.float32)
    assert np.abs(found.boxes - expected).max() <= 3
    assert len(pieces_of(found)) == 12
