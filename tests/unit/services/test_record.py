"""What the trail tells of a case, and what a sign-off that does not hold does to its report."""

import contextlib
import io
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.domain.notes import CellField, NoteChange, Noted
from karyogui.errors import KaryoError
from karyogui.export import EXPORTERS
from karyogui.services.record import check_folder, restore
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage import trail
from tests.unit.records import move


@pytest.fixture
def folder(filled_folder: Path) -> Path:
    return filled_folder


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    opened = open_workspace(folder, who=lambda: "Ann")
    yield opened
    opened.close()


def by_sql(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "karyogui.db")
    with connection:
        connection.execute(statement)
    connection.close()


def exported(workspace: Workspace, case_id: int, wanted: str) -> bytes:
    exporter = next(e for e in EXPORTERS if e.suffix == f".{wanted}")
    target = io.BytesIO()
    exporter.write(workspace.reports.report_data(case_id), target)
    return target.getvalue()


def test_the_trail_tells_who_did_what_when_before_and_after(workspace: Workspace) -> None:
    entries = workspace.record.trail(1)
    told = {entry.act: entry for entry in entries}
    assert [entry.seq for entry in entries] == sorted(entry.seq for entry in entries)
    assert told["case created"].who == "Ann"
    assert told["analysed"].who == "KaryoGUI"
    assert told["Cut a chromosome into 2"].cell == "cell 1"
    assert told["signed off"].who == "Bob"
    details = told["details changed"]
    assert "patient name: Eve Example" in details.after
    assert "Eve" not in details.before
    workspace.library.rename(1, "Miller II")
    renamed = workspace.record.trail(1)[-1]
    assert (renamed.act, renamed.before, renamed.after) == (
        "renamed", "name: Miller", "name: Miller II",
    )  # fmt: skip


def test_the_trail_tells_what_persons_said_of_several_cells_and_why(workspace: Workspace) -> None:
    ids = workspace.library.name_and_cells(1)[1]
    assert len(ids) > 1

    def set_to(status: str | None, before: str | None) -> None:
        sides = [
            tuple(Noted(CellField.STATUS, value, cell_id) for cell_id in ids)
            for value in (before, status)
        ]
        workspace.case_work.record(NoteChange("Status", 1, *sides), "Ann")

    set_to("counted", None)
    set_to("analysed", "counted")
    workspace.library.exclude(ids[:1], "poor spreading", "Ann")
    first, second, third = workspace.record.trail(1)[-3:]
    assert (first.before, first.after) == ("–", "Status: counted")
    assert first.cell == f"{len(ids)} cells: cell 1, cell 2"
    assert (second.before, second.after) == ("Status: counted", "Status: analysed")
    assert (third.cell, third.after, third.reason) == ("cell 1", "excluded", "poor spreading")


def test_a_note_that_cannot_be_read_does_not_hide_its_entry(
    workspace: Workspace, folder: Path
) -> None:
    cell_id = workspace.library.name_and_cells(1)[1][0]
    change = NoteChange(
        "Culture", 1, (Noted(CellField.CULTURE, None, cell_id),),
        (Noted(CellField.CULTURE, "A", cell_id),),
    )  # fmt: skip
    workspace.case_work.record(change, "Ann")
    by_sql(folder, "DROP TRIGGER cell_note_refuses_update")
    by_sql(folder, "UPDATE cell_note SET value = '{'")
    told = workspace.record.trail(1)[-1]
    assert (told.act, told.after) == ("note of the cell", "what was said cannot be read")


def test_what_is_stored_elsewhere_can_be_put_into_the_trail(workspace: Workspace) -> None:
    workspace.record.note("model chosen", "compact 1.0", "mine 2.0")
    entry = workspace.record.trail(None)[-1]
    assert (entry.act, entry.who, entry.before, entry.after) == (
        "model chosen", "Ann", "compact 1.0", "mine 2.0",
    )  # fmt: skip


def test_a_signed_cell_altered_outside_is_not_reviewed(workspace: Workspace, folder: Path) -> None:
    assert b'"reviewed_by": "Bob"' in exported(workspace, 1, "json")
    by_sql(folder, "UPDATE placement SET slot = '21' WHERE cell_id = 1 AND slot = '4'")
    broken = workspace.library.cell(1).broken
    assert broken == (
        "The sign-off of cell 1 by Bob does not hold: altered since, outside the program: "
        "placements."
    )
    assert workspace.library.case(1).cells[0].broken == broken
    assert not workspace.library.cell(2).broken
    told = exported(workspace, 1, "json")
    assert b'"reviewed_by": "Bob"' not in told
    assert b"does not hold" in told
    cells = workspace.reports.report_data(1).cells
    assert not any(report.cell.reviewed_by for report in cells)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE picture SET name = 'other.png' WHERE cell_id = 1",
        "UPDATE \"case\" SET details = replace(details, 'Eve', 'Eva')",
        "DELETE FROM placement WHERE cell_id = 1 AND slot = '4'",
        "UPDATE \"case\" SET name = 'Smith too' WHERE id = 1",
    ],
)
def test_whatever_is_altered_of_a_signed_cell_is_noticed(
    workspace: Workspace, folder: Path, statement: str
) -> None:
    by_sql(folder, statement)
    assert workspace.library.cell(1).broken


def test_work_on_other_cells_and_new_details_leave_a_sign_off_whole(workspace: Workspace) -> None:
    move(workspace, 2, 0, "7")
    details = workspace.library.case(1).details

    workspace.library.set_details(1, replace(details, requester="Dr. Example"))
    workspace.library.exclude([2], "Bands too poor", "Ann")
    assert not workspace.library.cell(1).broken
    workspace.reviews.withdraw_sign_off(1, "Bob")
    move(workspace, 1, 0, "8")
    workspace.reviews.sign_off(1, "Bob")
    assert not workspace.library.cell(1).broken
    assert workspace.record.check().is_sound


def test_erasing_needs_a_reason(workspace: Workspace) -> None:
    with pytest.raises(KaryoError, match="with a reason"):
        workspace.record.erase(1, "  ")
    assert workspace.library.case(1).name == "Miller"


def test_the_number_of_an_erased_case_is_not_given_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.record.export_case(1, tmp_path / "case")
    workspace.record.erase(2, "not of this laboratory")
    assert workspace.record.import_case(tmp_path / "case").case_id == 3


def test_an_edit_costs_little_more_by_its_entry(workspace: Workspace) -> None:
    """The trail's part of an edit: a few queries on what was touched, whatever lies there."""

    spent: list[float] = []
    whole = trail.append_touched

    def timed(*arguments: object) -> trail.Head:
        began = time.perf_counter()
        try:
            return whole(*arguments)
        finally:
            spent.append(time.perf_counter() - began)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trail, "append_touched", timed)
        for number in range(30):
            move(workspace, 2, 0, str(1 + number % 22))
    spent.sort()
    print(f"an edit's entry: median {1000 * spent[15]:.2f} ms")  # noqa: T201
    assert spent[15] < 0.05


def test_a_backup_made_during_edits_is_one_of_their_states(
    workspace: Workspace, tmp_path: Path
) -> None:
    stop = threading.Event()

    def edit() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            move(workspace, 2, number, str(7 + number % 15))

    editing = threading.Thread(target=edit)
    editing.start()
    try:
        done = [workspace.record.back_up(tmp_path / f"{number}") for number in range(3)]
    finally:
        stop.set()
        editing.join()
    states = [entry for entry in workspace.record.trail(1) if entry.act.startswith("Move")]
    assert len(states) > 2
    for number, backed_up in enumerate(done):
        folder = tmp_path / f"folder {number}"
        restore(backed_up.path, folder)
        assert check_folder(folder).is_sound
        with contextlib.closing(open_workspace(folder)) as other:
            told = other.record.trail(1)
            assert told == workspace.record.trail(1)[: len(told)]
            edits = other.library.cell(2).edits
            assert edits == workspace.library.cell(2).edits[: len(edits)]
