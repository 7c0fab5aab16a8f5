"""Every fault is drawn in its colour and told by its name; what is right is quiet."""

import numpy as np
import pytest

from model.data.metaphases import Truth
from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell
from model.evaluation.metaphases.drawing import (
    FALSE,
    MERGE,
    MISS,
    REJECTED,
    RIGHT,
    SPLIT,
    WRONG,
    Colour,
    Shown,
    caption,
    drawn,
    sheet,
)
from model.evaluation.metaphases.matching import tally
from model.vocabulary.kinds import ObjectKind

Box = tuple[int, int, int, int]
ONE, TWO, THREE = (20, 30, 12, 60), (60, 30, 12, 60), (100, 30, 12, 60)


def found(box: Box, kind: int = 0, what: ObjectKind = ObjectKind.CHROMOSOME) -> FoundObject:
    x, y, w, h = box
    return FoundObject(what, 0.9, box, np.ones((h, w), bool), (x, y), kind, None)


def shown(truths: list[tuple[int, Box]], objects: list[FoundObject]) -> Shown:
    known = KnownCell("a1", "a", tuple(Truth(t, b) for t, b in truths), (0,) * 24, False)
    cell = FoundCell("a1", tuple(objects), 1.0)
    return Shown(np.full((120, 160), 200, np.uint8), known, cell, tally(known, cell))


CASES = {
    "right": ([(0, ONE)], [found(ONE)], RIGHT, "no fault"),
    "wrong": ([(4, ONE)], [found(ONE)], WRONG, "1 wrong type"),
    "merge": ([(0, ONE), (0, (34, 30, 12, 60))], [found((20, 30, 26, 60))], MERGE, "1 merge"),
    "split": ([(0, ONE)], [found((20, 30, 12, 40)), found((20, 71, 12, 19))], SPLIT, "1 split"),
    "miss": ([(0, ONE), (0, TWO)], [found(ONE)], MISS, "1 miss"),
    "false": ([(0, ONE)], [found(ONE), found(THREE)], FALSE, "1 false"),
    "rejected": (
        [(0, ONE)], [found(ONE), found(THREE, what=ObjectKind.DEBRIS)], REJECTED, "no fault",
    ),
}  # fmt: skip


def has(canvas: np.ndarray, colour: Colour) -> bool:
    return bool((np.abs(canvas.astype(int) - colour).max(axis=2) <= 40).sum() > 20)


@pytest.mark.parametrize("name", CASES)
def test_each_outcome_has_its_colour_and_its_name(name: str) -> None:
    truths, objects, colour, words = CASES[name]
    each = shown(truths, objects)
    canvas = drawn(each)
    assert canvas.shape == (240, 320, 3)
    assert has(canvas, colour)
    assert words in caption(each)
    for other in {MERGE, SPLIT, MISS, FALSE, WRONG} - {colour}:
        assert not has(canvas, other)


def test_a_sheet_holds_every_picture_and_the_legend() -> None:
    cells = [shown(truths, objects) for truths, objects, _, _ in CASES.values()]
    page = sheet(cells, tile=320)
    assert page.shape[1] > 2 * 320
    assert page.shape[0] > 4 * 240  # seven pictures, two beside each other
    assert all(has(page, colour) for _, _, colour, _ in CASES.values())
    assert sheet(cells[:1], tile=320).shape[1] < 2 * 320
