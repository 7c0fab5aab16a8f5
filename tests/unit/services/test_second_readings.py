"""A second reading in the database: begun blind, compared, resolved one by one with reasons."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from karyogui.domain.karyogram import Karyogram
from karyogui.domain.second_reading import SecondReading, differences, unresolved
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from tests.unit.services.whole_cells import stored_case

WHEN = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def cell_id(workspace: Workspace, tmp_path: Path) -> int:
    case_id = stored_case(workspace, tmp_path, (46,))
    (cell,) = workspace.library.case(case_id).cells
    return cell.id


def read(
    workspace: Workspace, cell_id: int, moves: dict[int, str], iscn: str = ""
) -> SecondReading:
    seen = workspace.second_readings.begin(cell_id, "Bert Özil")
    karyogram = Karyogram(seen.placements)
    for number, slot in moves.items():
        karyogram.apply(karyogram.move([seen.chromosomes[number].id], slot))
    return workspace.second_readings.finish(cell_id, "Bert Özil", WHEN, iscn, karyogram.placements)


def test_differences_are_resolved_one_by_one(workspace: Workspace, cell_id: int) -> None:
    readings = workspace.second_readings
    case_id = workspace.library.cell(cell_id).case_id
    reading = read(workspace, cell_id, {0: "2", 4: "6"})
    assert readings.last(cell_id) == reading
    found = differences(reading)
    assert [(d.first, d.second) for d in found] == [("1", "2"), ("5", "6")]
    assert readings.open_differences(case_id) == 2
    report = workspace.case_reports.report(case_id)
    assert "2 differences of the second reading to be resolved." in report.missing
    first, second = (d.item for d in found)
    reading = readings.resolve(reading, first, True, "Bands of a 2", "Dora Lee")
    reading = readings.resolve(reading, second, False, "Bands of a 5", "Dora Lee")
    cell = workspace.library.cell(cell_id)
    slots = {p.chromosome_id: p.slot for p in cell.placements}
    assert (slots[first], slots[second]) == ("2", "5")
    assert [edit.who for edit in cell.edits] == ["Dora Lee"]
    assert "second reading" in cell.edits[0].change.text
    assert unresolved(differences(reading)) == readings.open_differences(case_id) == 0
    assert [(d.first, d.second) for d in differences(reading)] == [("1", "2"), ("5", "6")]


def test_a_chromosome_the_other_way_up_is_turned(workspace: Workspace, cell_id: int) -> None:
    seen = workspace.second_readings.begin(cell_id, "Bert Özil")
    karyogram = Karyogram(seen.placements)
    item = seen.chromosomes[7].id
    karyogram.apply(karyogram.turn([item], 180.0))
    reading = workspace.second_readings.finish(cell_id, "Bert Özil", WHEN, "", karyogram.placements)
    before = Karyogram(workspace.library.cell(cell_id).placements).placement(item).turn
    workspace.second_readings.resolve(reading, item, True, "p arm up", "Dora Lee")
    after = Karyogram(workspace.library.cell(cell_id).placements).placement(item).turn
    assert (after - before) % 360 == 180


def test_who_worked_at_it_does_not_read_it(workspace: Workspace, cell_id: int) -> None:
    cell = workspace.library.cell(cell_id)
    change = Karyogram(cell.placements).move([cell.chromosomes[0].id], "3")
    workspace.reviews.record(cell_id, change, "Ann Nowak")
    with pytest.raises(KaryoError, match="Ann Nowak has worked at"):
        workspace.second_readings.begin(cell_id, " nowak,  ANN")
    seen = workspace.second_readings.begin(cell_id, "Bert Özil")
    assert Karyogram(seen.placements).placement(cell.chromosomes[0].id).slot == "1"


def test_nothing_is_stored_without_reason_person_or_karyotype(
    workspace: Workspace, cell_id: int
) -> None:
    readings = workspace.second_readings
    with pytest.raises(KaryoError, match="not right in ISCN"):
        read(workspace, cell_id, {}, "47,XX")
    assert readings.last(cell_id) is None
    reading = read(workspace, cell_id, {0: "2"}, "47,XY,+21")
    assert [d.item == "" for d in differences(reading)] == [False, True]
    item = differences(reading)[0].item
    for reason, who in (("", "Dora Lee"), ("why", "unknown")):
        with pytest.raises(KaryoError):
            readings.resolve(reading, item, True, reason, who)
    assert unresolved(differences(readings.last(cell_id) or reading)) == 2


def test_a_signed_cell_keeps_the_first_until_it_is_opened_again(
    workspace: Workspace, cell_id: int
) -> None:
    workspace.reviews.sign_off(cell_id, "Ann Nowak")
    reading = read(workspace, cell_id, {0: "2"})
    item = differences(reading)[0].item
    with pytest.raises(KaryoError, match="signed off"):
        workspace.second_readings.resolve(reading, item, True, "Bands of a 2", "Dora Lee")
    assert workspace.second_readings.last(cell_id) == reading
    workspace.second_readings.resolve(reading, item, False, "Bands of a 1", "Dora Lee")
