"""What persons say of the separation check: stored, told in the trail, and taken back."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from karyogui.domain.karyogram import Change
from karyogui.domain.separation import ObjectKind
from karyogui.domain.separation_check import CheckEntry, CheckKind, EntryState
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.storage.cells import CellStore
from karyogui.storage.checks import with_later
from karyogui.storage.database import Database
from karyogui.storage.tables import SignOffRow
from tests.unit.services.metaphases import Bench, changed, open_bench, thing

CROSSING = CheckEntry("c01", CheckKind.SEVERAL, 0.75, ("4", "13"))
DEBRIS = CheckEntry("c08", CheckKind.REJECTED, 0.5, ("21",), 0.9)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = open_bench(tmp_path)
    bench.reader.check = (CROSSING, DEBRIS)
    bench.analyse()
    return bench


def open_ids(bench: Bench) -> list[str]:
    cell = bench.cell
    return [entry.object_id for entry in cell.open_check]


def test_a_rejected_object_is_right_as_it_is_after_a_restart_and_until_that_is_taken_back(
    bench: Bench, tmp_path: Path
) -> None:
    bench.reviews.check(bench.cell_id, "c08", "ann")
    bench.database.close()
    again = CellStore(Database(tmp_path / "karyogui.db"), bench.images).load(bench.cell_id)
    assert [entry.state for entry in again.check] == [EntryState.OPEN, EntryState.RIGHT]
    assert again.open_check == (CROSSING,)
    told = again.edits[-1]
    assert (told.who, told.change.kind) == ("ann", ActionKind.CHECK)
    assert told.change.text == "Separation check: debris is right as it is"

    bench.reviews.check(bench.cell_id, "c08", "bea", right=False)
    assert open_ids(bench) == ["c01", "c08"]
    texts = [edit.change.text for edit in bench.cell.edits]
    assert texts[-2:] == [told.change.text, f"{told.change.text}: taken back"]


def test_a_chromosome_that_is_right_is_not_confirmed_by_that(bench: Bench) -> None:
    bench.reviews.check(bench.cell_id, "c01", "ann")
    assert open_ids(bench) == ["c08"]
    assert not any(p.confirmed or p.is_decided for p in bench.cell.placements)


def test_a_word_is_about_the_object_as_it_was(bench: Bench) -> None:
    bench.reviews.check(bench.cell_id, "c01", "ann")
    mended = changed(ActionKind.BRUSH, bench.object("c01"), origin=(6, 5))
    bench.repair(mended)
    assert bench.cell.check[0].state is EntryState.REPAIRED
    bench.repair(mended.inverse)
    assert bench.cell.check[0].state is EntryState.RIGHT


def test_a_turn_of_the_crop_works_nothing_off(bench: Bench) -> None:
    bench.repair(changed(ActionKind.ROTATE, bench.object("c01"), turn=3.0))
    assert open_ids(bench) == ["c01", "c08"]


def test_a_mark_works_off_and_undoing_it_opens_again(bench: Bench) -> None:
    mark = changed(ActionKind.MARK, bench.object("c08"), kind=ObjectKind.CHROMOSOME)
    bench.repair(mark)
    assert open_ids(bench) == ["c01"]
    bench.repair(mark.inverse)
    assert open_ids(bench) == ["c01", "c08"]


def test_an_analysis_that_finds_the_same_does_not_ask_again_and_another_one_does(
    bench: Bench,
) -> None:
    bench.reviews.check(bench.cell_id, "c01", "ann")
    bench.analyse()
    assert open_ids(bench) == ["c08"]
    bench.reader.found = (thing("c01", 5, 5, 29), *bench.reader.found[1:])
    bench.analyse()
    assert open_ids(bench) == ["c01", "c08"]


def test_what_the_check_does_not_list_is_refused(bench: Bench) -> None:
    for name in ("c02", "c99"):
        with pytest.raises(KaryoError, match="does not list this object"):
            bench.reviews.check(bench.cell_id, name, "ann")
    bench.repair(changed(ActionKind.BRUSH, bench.object("c01"), origin=(6, 5)))
    with pytest.raises(KaryoError, match="does not list this object"):
        bench.reviews.check(bench.cell_id, "c01", "ann")


def test_a_cell_is_not_signed_off_while_an_entry_is_open(bench: Bench) -> None:
    with pytest.raises(KaryoError) as refused:
        bench.reviews.sign_off(bench.cell_id, "ann")
    assert "Count not settled: 1 object may be two chromosomes, 1 rejected" in str(refused.value)
    bench.reviews.check(bench.cell_id, "c01", "ann")
    bench.reviews.check(bench.cell_id, "c08", "ann")
    bench.reviews.sign_off(bench.cell_id, "ann")
    with pytest.raises(KaryoError, match="signed off and cannot be checked"):
        bench.reviews.check(bench.cell_id, "c08", "ann", right=False)


def test_a_full_disk_keeps_the_entry_open(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise KaryoError("The disk is full.")

    monkeypatch.setattr(bench.database, "write", refuse)
    with pytest.raises(KaryoError, match="disk is full"):
        bench.reviews.check(bench.cell_id, "c08", "ann")
    monkeypatch.undo()
    assert open_ids(bench) == ["c01", "c08"]


def test_entries_of_an_older_version_are_open_until_a_person_touches_the_object(
    bench: Bench,
) -> None:
    with bench.database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("DROP TRIGGER analysis_refuses_update")
        connection.exec_driver_sql(
            "UPDATE analysis SET separation_check = (SELECT json_group_array(json_remove(value,"
            " '$.seen')) FROM json_each(separation_check))"
        )
    assert open_ids(bench) == ["c01", "c08"]
    bench.reviews.check(bench.cell_id, "c08", "ann")
    assert open_ids(bench) == ["c01"]
    bench.repair(changed(ActionKind.BRUSH, bench.object("c01"), origin=(6, 5)))
    assert open_ids(bench) == []


def test_a_later_look_replaces_what_it_sees_alike_and_keeps_the_rest() -> None:
    first = [{"object_id": "c1", "seen": ["a"]}, {"object_id": "c2", "seen": ["b"]}]
    later = [{"object_id": "c2", "seen": ["b"], "n": 2}, {"object_id": "c1", "seen": ["z"]}]
    told = with_later(first, later)  # type: ignore[arg-type]
    assert told == [first[0], *({**entry, "later": True} for entry in later)]
    assert with_later(first, None) is first  # type: ignore[arg-type]


def test_the_check_of_a_cell_without_one_is_known_to_be_none(bench: Bench) -> None:
    assert bench.cell.has_check
    assert not replace(bench.cell, has_check=False).has_check


def test_the_case_browser_knows_of_a_word_at_once(bench: Bench) -> None:
    def told() -> str:
        return bench.rows()[0].cells[0].iscn

    assert "1 object may be two chromosomes, 1 rejected object" in told()
    bench.reviews.check(bench.cell_id, "c08", "ann")
    assert "1 object may be two chromosomes" in told()
    assert "rejected" not in told()
    bench.reviews.check(bench.cell_id, "c01", "ann")
    assert "Count not settled" not in told()


def test_a_cell_that_was_signed_before_stays_signed(bench: Bench) -> None:
    with bench.database.write() as session:
        session.add(
            SignOffRow(
                cell_id=bench.cell_id, analysis_id=1, who="ann", at=datetime.now(UTC),
                meaning="Karyogram reviewed and approved", withdrawn=False,
            )
        )  # fmt: skip
    assert bench.cell.reviewed_by == "ann"
    assert open_ids(bench) == ["c01", "c08"]
    bench.reviews.withdraw_sign_off(bench.cell_id, "ann")
    with pytest.raises(KaryoError, match="Count not settled"):
        bench.reviews.sign_off(bench.cell_id, "ann")


def test_a_loss_is_not_signed_off_while_an_object_that_may_hold_it_was_not_looked_at(
    tmp_path: Path,
) -> None:
    bench = open_bench(tmp_path)
    held = CheckEntry("c07", CheckKind.REJECTED, 0.2, ("22",), 0.4, if_lacking=("22", "7"))
    bench.reader.check = (held, replace(held, object_id="c01", if_lacking=("1",)))
    bench.analyse()  # it has one each of 1 … 6
    assert bench.cell.open_check == (held, replace(held, object_id="c01", if_lacking=("1",)))
    with pytest.raises(KaryoError, match="a 1, a 7 or a 22 is missing, 2 objects may hold it"):
        bench.reviews.sign_off(bench.cell_id, "ann")
    assert "2 objects may hold it" in bench.rows()[0].cells[0].iscn
    second = bench.cell.placements[1]
    moved = replace(second, slot="1", index=1)
    bench.reviews.record(bench.cell_id, Change("Moved", (second,), (moved,)), "ann")
    assert open_ids(bench) == ["c07"]  # the second 1 is there now
    bench.reviews.check(bench.cell_id, "c07", "ann")
    assert open_ids(bench) == []
    assert "may hold it" not in bench.rows()[0].cells[0].iscn
