"""Archives that draw their boxes with a margin, and such as draw them tightly."""

from dataclasses import replace

import numpy as np
import pytest

from model.data.metaphases import Truth
from model.evaluation.metaphases.boxes import MARGIN, TIGHT, as_drawn
from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell
from model.evaluation.metaphases.matching import tally
from model.vocabulary.kinds import ObjectKind

LEFT, TOP, RIGHT, BOTTOM = 5, 6, 3, 2
SMALL, LONG = (12, 14), (14, 60)


def cell(name: str, drawn_tightly: bool, missed: int = 0) -> tuple[KnownCell, FoundCell]:
    """Chromosomes of two sizes in a row; what is found has the usual margin."""
    truths, objects = [], []
    for n in range(10):
        (w, h), x, y = (SMALL, LONG)[n % 2], 20 + 40 * n, 30
        margined = (x - LEFT, y - TOP, w + LEFT + RIGHT, h + TOP + BOTTOM)
        truths.append(Truth(n, (x, y, w, h) if drawn_tightly else margined))
        mask = np.ones((h, w), np.bool_)
        objects.append(FoundObject(ObjectKind.CHROMOSOME, 0.9, margined, mask, (x, y), n))
    known = KnownCell(name, name, tuple(truths), (0,) * 24, False)
    return known, FoundCell(name, tuple(objects[missed:]), 1.0)


@pytest.mark.parametrize(("drawn_tightly", "said"), [(True, TIGHT), (False, MARGIN)])
def test_what_is_found_is_separated_whichever_way_boxes_are_drawn(
    drawn_tightly: bool, said: str
) -> None:
    """The margin alone would make a small chromosome a miss and a false object."""
    known, found = zip(*(cell(f"{n}", drawn_tightly) for n in range(3)), strict=True)
    boxed, custom = as_drawn(known, found)
    assert custom == said
    for k, f in zip(known, boxed, strict=True):
        assert tally(k, f).corrections == 0
    if drawn_tightly:
        assert tally(known[0], found[0]).misses != ()


def test_the_custom_is_the_archives_and_hides_no_fault() -> None:
    """One picture in which much is missed does not change how the others are measured."""
    cells = [cell("a", True), cell("b", True, missed=4)]
    known, found = zip(*cells, strict=True)
    boxed, custom = as_drawn(known, found)
    assert custom == TIGHT
    assert len(tally(known[1], boxed[1]).misses) == 4


def test_types_scores_and_masks_stay() -> None:
    known, found = cell("a", True)
    (boxed,), _ = as_drawn([known], [found])
    for before, after in zip(found.objects, boxed.objects, strict=True):
        assert replace(after, box=before.box).to_json() == before.to_json()


def test_without_objects_nothing_is_said_against_the_usual_margin() -> None:
    known, _ = cell("a", True)
    assert as_drawn([known], [FoundCell("a", (), 0.0)])[1] == MARGIN
    assert as_drawn([], []) == ([], MARGIN)
