"""What a second reader gets to see, where two readings differ, and what is drawn at random."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.domain.notes import CellNote
from karyogui.domain.review import DRAWN, PROGRAM, Edit, review_queue
from karyogui.domain.second_reading import (
    STRING,
    ReadingDecision,
    ReadingDifference,
    SecondReading,
    asked_at_random,
    blind,
    differences,
    refuse_reader,
    string_of,
    unresolved,
)
from karyogui.errors import KaryoError
from tests.unit.export.builders import cell as cell_report

WHEN = datetime(2026, 3, 4, 12, tzinfo=UTC)


def worked_at() -> Cell:
    """A cell in which Ann has moved one chromosome, and signed."""
    cell = cell_report().cell
    karyogram = Karyogram(cell.placements)
    change = karyogram.move([cell.chromosomes[0].id], "5")
    karyogram.apply(change)
    return replace(
        cell,
        placements=karyogram.placements,
        edits=(Edit("Ann Nowak", WHEN, change), Edit(PROGRAM, WHEN, change)),
        reviewed_by="Bert Özil",
        reviewed_at=WHEN,
        note=CellNote(culture="of Ann", marks=((1.0, 2.0),)),
    )


def reading(cell: Cell, second: Karyogram, iscn: str = "", *told: ReadingDecision) -> SecondReading:
    return SecondReading(1, cell.id, "Carla", WHEN, WHEN, iscn, second.placements,
                         cell.placements, string_of(cell), told)  # fmt: skip


@pytest.mark.parametrize("from_tray", [False, True])
def test_nothing_of_the_first_result_is_seen(from_tray: bool) -> None:
    cell = worked_at()
    seen = blind(cell, from_tray)
    first = cell.chromosomes[0].id
    slots = {p.chromosome_id: p.slot for p in seen.placements}
    assert slots[first] == (TRAY if from_tray else "1")
    assert len(slots) == len(cell.chromosomes)
    assert not any(p.confirmed or p.is_decided for p in seen.placements)
    assert (seen.edits, seen.reviewed_by, seen.reviewed_at) == ((), "", None)
    assert seen.note == CellNote()
    assert seen.changes == ()
    assert "Ann" not in repr(replace(seen, chromosomes=()))


def test_who_worked_at_the_cell_or_signed_it_is_no_second_reader() -> None:
    for name in ("ann nowak", "Bert Ozil", "", "unknown"):
        with pytest.raises(KaryoError):
            refuse_reader(worked_at(), name)
    refuse_reader(worked_at(), "Carla Ruiz")


def test_differences_are_told_one_by_one() -> None:
    cell = worked_at()
    ids = [c.id for c in cell.chromosomes]
    second = Karyogram(blind(cell).placements)
    second.apply(second.turn([ids[4]], 180.0))
    second.apply(second.move([ids[6]], TRAY))
    found = differences(reading(cell, second, "46,XX"))
    assert {d.item: (d.first, d.second) for d in found} == {
        ids[0]: ("5", "1"),
        ids[4]: ("3", "3, the other way up"),
        ids[6]: ("4", "the tray"),
        STRING: ("46,XX,-1,+5", "46,XX"),
    }
    assert unresolved(found) == 4


def test_equal_readings_do_not_differ() -> None:
    cell = worked_at()
    assert differences(reading(cell, Karyogram(cell.placements), "46,XX,-1,+5")) == ()


def test_a_resolved_difference_stays_legible() -> None:
    cell = worked_at()
    first = cell.chromosomes[0].id
    told = ReadingDecision(first, True, "The bands are those of a 1", "Dora", WHEN)
    found = differences(reading(cell, Karyogram(blind(cell).placements), "", told))
    assert found == (ReadingDifference(first, "5", "1", told),)
    assert unresolved(found) == 0


def test_a_share_is_drawn_the_same_way_every_time() -> None:
    cell = cell_report().cell
    ids = {c.id for c in cell.chromosomes}
    assert asked_at_random(cell, 0.0) == frozenset()
    assert asked_at_random(cell, 1.0) == ids
    small, large = asked_at_random(cell, 0.1), asked_at_random(cell, 0.4)
    assert small == asked_at_random(cell, 0.1)
    assert small < large < ids
    other = replace(cell, name="another cell")
    assert asked_at_random(other, 0.4) != large


def test_those_drawn_ask_although_they_are_sure_until_they_are_confirmed() -> None:
    cell = cell_report().cell
    karyogram = Karyogram(cell.placements)
    sure = cell.chromosomes[3].id
    assert review_queue(cell.chromosomes, karyogram) == ()
    (item,) = review_queue(cell.chromosomes, karyogram, None, {sure})
    assert (item.chromosome_id, item.reasons) == (sure, (DRAWN,))
    karyogram.apply(karyogram.confirm([sure]))
    assert review_queue(cell.chromosomes, karyogram, None, {sure}) == ()


def test_what_the_first_reader_labelled_is_part_of_the_first_string_and_not_seen() -> None:
    cell = cell_report().cell
    change = LabelledChange("s1", "del(5)(q13q33)", (cell.chromosomes[8].id,), "Ann", WHEN)
    cell = replace(cell, changes=(change,))
    assert string_of(cell) == "46,XX,del(5)(q13q33)"
    assert blind(cell).changes == ()
    second = Karyogram(blind(cell).placements)
    (found,) = differences(reading(cell, second, "46,XX"))
    assert (found.item, found.first, found.second) == (STRING, "46,XX,del(5)(q13q33)", "46,XX")
