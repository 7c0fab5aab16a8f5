"""Structural changes entered by a person: typed, seen on the board, undone, told when broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from karyogui.domain.karyogram import TRAY
from karyogui.services.workspace import Workspace
from karyogui.ui.centre import STRIP_PAGE
from karyogui.ui.changes.dialog import ChangeDialog
from karyogui.ui.main_window import MainWindow
from karyogui.ui.review.iscn_dialog import IscnDialog
from tests.unit.ui.windows import NORMAL, answering, open_window, press, store_case


def fill(workspace: Workspace, folder: Path) -> None:
    store_case(workspace, folder / "24-0173", {f"cell-{n}": NORMAL for n in range(3)})


@pytest.fixture
def cells(workspace: Workspace) -> tuple[int, ...]:
    return tuple(cell.id for cell in workspace.library.case(1).cells)


@pytest.fixture
def window(
    qtbot: QtBot, look: None, workspace: Workspace, cells: tuple[int, ...], tmp_path: Path
) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        opened.open_cell.open(cells[0])
        opened.show_karyogram()
        yield opened


def first(window: MainWindow, *slots: str) -> list[str]:
    karyogram = window.open_cell.karyogram
    assert karyogram is not None
    return [karyogram.in_slot(slot)[0] for slot in slots]


def focus(qtbot: QtBot, dialog: ChangeDialog) -> None:
    """Without the keys, Return would be the window's."""
    dialog.activateWindow()
    dialog.field.setFocus()
    qtbot.waitUntil(dialog.field.hasFocus, timeout=2000)


def typing(qtbot: QtBot, text: str) -> object:
    def answer(dialog: QDialog) -> None:
        assert isinstance(dialog, ChangeDialog)
        focus(qtbot, dialog)
        dialog.field.selectAll()
        qtbot.keyClicks(dialog.field, text)
        qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
        assert not dialog.isVisible(), dialog.state.text()

    return answer


def enter(qtbot: QtBot, window: MainWindow, text: str, *slots: str) -> list[str]:
    ids = first(window, *slots)
    window.board.select(ids)
    with answering(qtbot, typing(qtbot, text)):
        qtbot.keyClick(window.board.view, Qt.Key.Key_A)
    return ids


def test_a_change_is_typed_seen_stored_and_part_of_the_proposal(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    ids = enter(qtbot, window, "t(9;22)(q34;q11.2)", "9", "22")
    assert window.review.findings.iscn.text() == "46,XY,t(9;22)(q34;q11.2)"
    assert [window.board._scene.item(i).label for i in ids] == ["t", "t"]
    assert "Carries t(9;22)" in window.board._tooltip(ids[0])
    assert window.review.findings.changes.texts == ("t(9;22)(q34;q11.2)",)
    stored = workspace.cells.load(cells[0])
    assert [(c.text, set(c.chromosome_ids)) for c in stored.changes] == [
        ("t(9;22)(q34;q11.2)", set(ids))
    ]
    assert stored.edits[-1].change.text.startswith("Change entered: t(9;22)(q34;q11.2)")
    listed = workspace.library.summaries()[0].cells
    assert {c.iscn for c in listed} == {"46,XY,t(9;22)(q34;q11.2)", "46,XY"}


def test_entering_is_undone_and_done_again(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    (own,) = enter(qtbot, window, "del(5)(q31)", "5")
    window.open_cell.undo()
    assert workspace.cells.outline(cells[0]).changes == ()
    assert window.board._scene.item(own).label == ""
    assert window.review.findings.iscn.text() == "46,XY"
    window.open_cell.redo()
    assert [c.text for c in workspace.cells.outline(cells[0]).changes] == ["del(5)(q31)"]
    assert window.board._scene.item(own).label == "del"
    told = [e.change.text for e in workspace.cells.outline(cells[0]).edits]
    assert [t.split(":")[0] for t in told] == ["Change entered", "Change removed", "Change entered"]


def test_breakpoints_are_offered_and_taken_with_tab(qtbot: QtBot, window: MainWindow) -> None:
    window.board.select(first(window, "5"))
    seen = []

    def answer(dialog: QDialog) -> None:
        assert isinstance(dialog, ChangeDialog)
        focus(qtbot, dialog)
        dialog.kind.setCurrentIndex(dialog.kind.findData("del"))
        dialog.kind.activated.emit(dialog.kind.currentIndex())
        qtbot.keyClicks(dialog.field, "q3")
        seen.extend(dialog.field.offered)
        qtbot.waitUntil(dialog.field.offers.isVisible)
        qtbot.keyClick(dialog.field, Qt.Key.Key_Tab)
        assert dialog.field.text() == "del(5)(q31)"
        qtbot.waitUntil(dialog.enter.isEnabled, timeout=2000)
        press(qtbot, dialog, "Enter change")

    with answering(qtbot, answer):
        qtbot.keyClick(window.board.view, Qt.Key.Key_A)
    assert seen[:5] == ["q31", "q32", "q33", "q34", "q35"]
    assert window.review.findings.iscn.text() == "46,XY,del(5)(q31)"


def test_what_is_wrong_is_said_while_typing_and_mended_by_a_click(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.board.select(first(window, "5"))

    def answer(dialog: QDialog) -> None:
        assert isinstance(dialog, ChangeDialog)
        dialog.field.setText("d\u0435l(5)(q31)")
        qtbot.waitUntil(lambda: "looks like" in dialog.state.text())
        assert not dialog.enter.isEnabled()
        assert "plain character" in dialog.state.text()
        dialog.field.setText("del(7)(q31)")
        dialog.check_now()
        assert "is at 5, not at 7" in dialog.note.text()
        dialog.field.setText("+del(5)(q31)")
        dialog.check_now()
        assert "No sign" in dialog.state.text()
        press(qtbot, dialog, "Write del(5)(q31)")
        assert dialog.enter.isEnabled()
        assert not dialog.note.isVisible()
        dialog.reject()

    with answering(qtbot, answer):
        qtbot.keyClick(window.board.view, Qt.Key.Key_A)
    assert window.open_cell.cell is not None
    assert window.open_cell.cell.changes == ()


def test_a_change_that_lost_its_chromosome_is_told_and_blocks_the_sign_off(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    (own,) = enter(qtbot, window, "del(5)(q31)", "5")
    window.board.select([own])
    window.board.move_selection("4")
    says = "a chromosome that carries it is at 4, not at 5"
    assert says in window.review.obstacle
    assert says in window.review.findings.question.text()
    assert says in window.review.findings.changes.texts[0]
    assert says in window.board.hint.text()
    assert workspace.cells.outline(cells[0]).changes[0].chromosome_ids == (own,)
    window.open_cell.undo()
    assert window.review.findings.iscn.text() == "46,XY,del(5)(q31)"
    window.board.select([own])
    window.board.move_selection(TRAY)
    assert "is in the tray" in window.review.obstacle


def test_a_translocation_on_one_chromosome_asks_for_the_other(
    qtbot: QtBot, window: MainWindow
) -> None:
    enter(qtbot, window, "t(9;22)(q34;q11.2)", "9")
    assert "needs 2 chromosomes: none is marked at 22" in window.review.obstacle
    assert not window.review.findings.iscn.isVisible()


def test_a_change_is_altered_and_removed_from_the_list(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    enter(qtbot, window, "del(5)(q31)", "5")
    rows = window.review.findings.changes.rows
    rows.setCurrentRow(0)
    with answering(qtbot, typing(qtbot, "del(5)(q13q33)")):
        qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert [c.text for c in workspace.cells.outline(cells[0]).changes] == ["del(5)(q13q33)"]
    rows.setCurrentRow(0)
    qtbot.keyClick(rows, Qt.Key.Key_Delete)
    assert workspace.cells.outline(cells[0]).changes == ()
    window.open_cell.undo()
    window.open_cell.undo()
    assert [c.text for c in workspace.cells.outline(cells[0]).changes] == ["del(5)(q31)"]
    assert len(workspace.cells.outline(cells[0]).edits) == 5


def test_the_last_change_is_offered_where_it_fits(
    qtbot: QtBot, window: MainWindow, cells: tuple[int, ...]
) -> None:
    enter(qtbot, window, "t(9;22)(q34;q11.2)", "9", "22")
    window.open_cell.open(cells[1])
    changes = window.review.changes
    assert changes.suggested(first(window, "9", "22")) == "t(9;22)(q34;q11.2)"
    assert changes.suggested(first(window, "9")) == ""
    assert changes.suggested(first(window, "5", "22")) == ""


def test_signed_cells_take_no_change(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    workspace.reviews.sign_off(cells[0], "A")
    window.open_cell.take(workspace.cells.load(cells[0]))
    window.board.select(first(window, "5"))
    qtbot.keyClick(window.board.view, Qt.Key.Key_A)  # nothing opens
    assert workspace.cells.outline(cells[0]).changes == ()


def test_in_the_strip_the_same_change_is_entered_in_several_cells(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cells: tuple[int, ...]
) -> None:
    window.strip.show()
    assert window.centre.page == STRIP_PAGE
    panel = window.strip.panel
    panel.want("9", "22")
    qtbot.waitUntil(lambda: not window.strip._reading.is_busy and len(panel.strip) == 12)
    keys = [
        next(s.key for s in panel.strip if s.cell_id == c and s.slot == slot)
        for c in cells
        for slot in ("9", "22")
    ]
    panel.view.select(keys)
    with answering(qtbot, typing(qtbot, "t(9;22)(q34;q11.2)")):
        qtbot.keyClick(panel.view, Qt.Key.Key_A)
    for cell_id in cells:
        (change,) = workspace.cells.outline(cell_id).changes
        assert change.text == "t(9;22)(q34;q11.2)"
        assert len(change.chromosome_ids) == 2
    assert {c.iscn for c in workspace.library.summaries()[0].cells} == {"46,XY,t(9;22)(q34;q11.2)"}
    qtbot.waitUntil(lambda: [s.label for s in panel.strip].count("t") == 6)

    def in_cells() -> list[int]:
        return [len(workspace.cells.outline(cell_id).changes) for cell_id in cells]

    window.actions_["edit.undo"].trigger()  # one step takes it back in all of them
    assert in_cells() == [0, 0, 0]
    qtbot.waitUntil(lambda: [s.label for s in panel.strip].count("t") == 0)
    window.actions_["edit.redo"].trigger()
    assert in_cells() == [1, 1, 1]
    workspace.reviews.sign_off(cells[1], "Ann Nowak")  # a cell that refuses keeps it in all
    with answering(qtbot, lambda box: box.accept()) as said:
        window.actions_["edit.undo"].trigger()
    assert "signed off" in said[0]
    assert in_cells() == [1, 1, 1]


def test_a_typed_karyotype_is_compared_with_the_board_and_marked_there(
    qtbot: QtBot, window: MainWindow
) -> None:
    enter(qtbot, window, "del(5)(q31)", "5")

    def answer(dialog: QDialog) -> None:
        assert isinstance(dialog, IscnDialog)
        dialog.field.setText("47,XY,t(9;22)(q34;q11.2),+21")
        dialog.check_now()
        assert "one chromosome 21 missing" in dialog.comparison.text()
        assert "del(5)(q31) is labelled and not in the karyotype" in dialog.comparison.text()
        press(qtbot, dialog, "Mark on the board")

    with answering(qtbot, answer):
        window.actions_["review.check_iscn"].trigger()
    told = {bracket.difference for bracket in window.board._scene.brackets}
    assert told == {"−1", "+del", "−t"}
    assert "Shift+Esc" in window.board.hint.text()
    assert window.review.changes.enter_text("t(9;22)(q34;q11.2)", first(window, "9", "22"))
    assert {b.difference for b in window.board._scene.brackets} == {"−1", "+del"}
    assert window.actions_["review.end_comparison"].isEnabled()
    window.actions_["review.end_comparison"].trigger()
    assert not window.board._scene.brackets
    assert not window.board.hint.isVisible()


def test_another_cell_ends_the_comparison(
    qtbot: QtBot, window: MainWindow, cells: tuple[int, ...]
) -> None:
    window.review.comparing.begin("47,XY,+21")
    assert window.board._scene.brackets
    window.open_cell.open(cells[1])
    assert not window.review.comparing.is_comparing
    assert not window.board._scene.brackets
