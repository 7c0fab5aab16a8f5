"""Repairs can go back, and no id is used twice."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.cell import Cell, PictureKind, SourcePicture
from karyogui.domain.chromosome import Chromosome, Segment
from karyogui.domain.karyogram import Placement
from karyogui.domain.review import Edit
from karyogui.domain.separation import (
    ObjectKind,
    Repair,
    SeparatedObject,
    new_object_id,
)
from karyogui.domain.sitting import ActionKind, Sitting
from tests.unit.domain.trails import NOW, edit


def item(name: str) -> SeparatedObject:
    return SeparatedObject(name, ObjectKind.CHROMOSOME, np.ones((4, 2), bool), (3, 5), (2, 4, 4, 6))


def test_a_repair_and_its_inverse_exchange_before_and_after() -> None:
    whole, left, right = item("c01"), item("c47"), item("c48")
    repair = Repair(ActionKind.CUT, "Cut a chromosome into 2", (whole,), (left, right))
    back = repair.inverse
    assert (back.kind, back.text) == (ActionKind.CUT, "Undo: Cut a chromosome into 2")
    assert back.before == (left, right)
    assert back.after == (whole,)
    assert back.inverse.before == repair.before
    assert back.inverse.after == repair.after


@pytest.mark.parametrize(
    ("taken", "new"),
    [
        ((), "c01"),
        (("c01", "c46"), "c47"),
        (("c02",), "c03"),
        (("c99",), "c100"),
        (("c100", "c09"), "c101"),
        (("crossing", "c", "x12", "c²", "c07a"), "c01"),
    ],
)
def test_the_next_id_is_behind_every_one_taken(taken: tuple[str, ...], new: str) -> None:
    assert new_object_id(taken) == new
    assert new_object_id(frozenset(taken)) == new


@given(st.sets(st.text("c0123456789x²", max_size=5)), st.integers(1, 5))
def test_new_ids_are_never_taken(taken: set[str], count: int) -> None:
    used = set(taken)
    for _ in range(count):
        fresh = new_object_id(used)
        assert fresh not in used
        used.add(fresh)


def cell(**fields: object) -> Cell:
    picture = SourcePicture("a.tif", "k", 9, 9, "k", PictureKind.METAPHASE)
    return replace(Cell(1, 1, "cell 1", (picture,)), **fields)  # type: ignore[arg-type]


def test_ids_of_objects_that_are_gone_stay_used() -> None:
    pixels = np.full((4, 2), 9, np.uint8)
    chromosome = Chromosome("c02", Segment("a", pixels, pixels < 99))
    gone = Placement("c47", "1", 0)
    trail: tuple[Edit, ...] = (
        edit((), (gone,), by_person=False, repairs=True),
        edit((gone,), (), by_person=False, repairs=True),
    )
    present = cell(objects=(item("c01"),), chromosomes=(chromosome,), edits=trail)
    assert present.used_ids == {"c01", "c02", "c47"}
    assert new_object_id(present.used_ids) == "c48"


def test_a_cell_knows_what_it_came_as() -> None:
    assert cell().has_photograph
    cut_outs = (SourcePicture("1.png", "k", 9, 9, "k"), SourcePicture("2.png", "l", 9, 9, "l"))
    assert not cell(pictures=cut_outs).has_photograph
    assert not cell(pictures=()).has_photograph


def test_a_cell_sums_up_its_sittings() -> None:
    sittings = (Sitting("ann", NOW, NOW, 4.0, {}), Sitting("bob", NOW, NOW, 6.5, {}))
    assert cell(sittings=sittings).cost.seconds_active == 10.5
