"""Labelled changes in a data folder: stored at once, refused in words, never lost by a repair."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from karyogui.domain.case import CaseState
from karyogui.domain.labelled_changes import LabelledChange, troubles
from karyogui.domain.separation import ObjectKind
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.reporting import cell_report
from karyogui.storage.tables import SignOffRow
from tests.unit.services.metaphases import Bench, changed, cut, open_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = open_bench(tmp_path / "photographs")
    bench.analyse()
    yield bench
    bench.database.close()


def label(bench: Bench, text: str = "?", on: str = "c01", own_id: str = "s1") -> LabelledChange:
    change = LabelledChange(own_id, text, (on,))
    bench.reviews.label(bench.cell_id, None, change, " ann ")
    return change


def told(bench: Bench) -> list[str]:
    return [t.text for t in troubles(bench.cell.changes, bench.cell.slots)]


def test_it_is_stored_with_who_and_when_and_stands_in_the_trail(bench: Bench) -> None:
    label(bench, "d\u0435l(5)(q31)")  # a Cyrillic letter: kept in ISCN's characters
    (change,) = bench.cell.changes
    assert (change.text, change.chromosome_ids, change.who) == ("del(5)(q31)", ("c01",), "ann")
    assert change.when is not None
    assert change.when.tzinfo is not None
    assert bench.cell.edits[-1].change.text == "Change entered: del(5)(q31) on c01"
    assert bench.rows()[0].cells[0].state is CaseState.IN_REVIEW


@pytest.mark.parametrize("text", ["", "21", "-7", "xyz", "del(5)(q31),add(7)(q22)"])
def test_what_is_no_change_is_not_stored(bench: Bench, text: str) -> None:
    with pytest.raises(KaryoError, match="no change"):
        label(bench, text)
    assert bench.cell.changes == ()
    assert bench.cell.edits == ()


def test_an_act_on_what_is_not_stored_any_more_is_refused(bench: Bench) -> None:
    change = label(bench)
    other = replace(change, text="del(5)(q31)")
    with pytest.raises(KaryoError, match="others by now"):
        bench.reviews.label(bench.cell_id, other, None, "ben")
    with pytest.raises(KaryoError, match="others by now"):
        label(bench)
    bench.reviews.label(bench.cell_id, change, None, "ben")
    assert bench.cell.changes == ()
    assert [e.who for e in bench.cell.edits] == ["ann", "ben"]


def test_what_is_signed_is_the_karyotype_with_the_change_as_it_was_shown(bench: Bench) -> None:
    label(bench, "dmin", "c01")
    bench.reviews.sign_off(bench.cell_id, "ann")
    with bench.database.read() as session:
        (row,) = session.scalars(select(SignOffRow)).all()
    assert row.signed["string"] == str(cell_report(bench.cell).iscn)
    assert "dmin" in row.signed["string"]


def test_a_chromosome_that_is_cut_leaves_its_label_to_be_settled(bench: Bench) -> None:
    label(bench, "del(5)(q31)")
    repair = cut(bench.object("c01"), 18, "c10", "c11")
    bench.repair(repair)
    assert [c.text for c in bench.cell.changes] == ["del(5)(q31)"]
    assert "no longer in the cell (deleted, joined or split)" in told(bench)[0]
    bench.repair(repair.inverse)
    assert all("no longer" not in text for text in told(bench))


def test_a_chromosome_that_is_deleted_and_restored_keeps_its_label(bench: Bench) -> None:
    label(bench)
    gone = changed(ActionKind.DELETE, bench.object("c01"), kind=ObjectKind.DELETED)
    bench.repair(gone)
    assert "no longer in the cell" in told(bench)[0]
    bench.repair(changed(ActionKind.RESTORE, bench.object("c01"), kind=ObjectKind.CHROMOSOME))
    assert all("no longer" not in text for text in told(bench))
    assert bench.cell.changes[0].chromosome_ids == ("c01",)


def test_another_analysis_leaves_labels_alone(bench: Bench) -> None:
    label(bench, "del(5)(q31)")
    bench.analyse()
    assert [c.text for c in bench.cell.changes] == ["del(5)(q31)"]
