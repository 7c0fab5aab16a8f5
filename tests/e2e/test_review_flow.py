"""Look at what is doubtful, correct, confirm, sign off; nothing is lost on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMenu
from pytestqt.qtbot import QtBot

from karyogui.domain.case import CaseState
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.windows import TRISOMY, NamesAnalyser, answering, make_cell, open_window

DOUBTFUL = NamesAnalyser(doubtful=["20-21.png", "44-21.png"])
ASKING = 5
"""The three 21 and, as their count is one about group G, the two 22."""


def fill(workspace: Workspace, folder: Path) -> None:
    cell = make_cell(folder / "24-0173", TRISOMY)
    (cell_id,) = workspace.importer.import_paths([cell], SilentMonitor()).cell_ids
    workspace.analysis.analyse(cell_id, DOUBTFUL, SilentMonitor())


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config", DOUBTFUL) as opened:
        opened.cases.panel.open_requested.emit(opened.cases.summaries[0].id)
        yield opened


def press(qtbot: QtBot, window: MainWindow, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(window.board.view, key)


def test_keys_typed_before_a_dialog_came_do_nothing_behind_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    karyogram = window.board.karyogram
    assert karyogram is not None
    window.board.select(karyogram.in_slot("3")[:1])
    before = karyogram.placements
    dialog = QDialog(window)
    dialog.setModal(True)
    dialog.show()
    qtbot.addWidget(dialog)
    # As of a display that has not given the keys to the dialog yet.
    window.activateWindow()
    window.board.view.setFocus()
    qtbot.waitUntil(window.isActiveWindow)
    handle = window.windowHandle()
    assert handle is not None
    for key in (Qt.Key.Key_R, Qt.Key.Key_5, Qt.Key.Key_Delete, Qt.Key.Key_N):
        QTest.keyClick(handle, key)
    qtbot.wait(700)  # digits wait for a second one
    assert karyogram.placements == before
    dialog.close()
    QTest.keyClick(handle, Qt.Key.Key_R)
    assert karyogram.placements != before


def test_the_keyboard_leads_from_doubt_to_sign_off(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    findings = window.review.findings
    assert findings.list.count() == ASKING
    assert not findings.sign_off.isEnabled()
    assert f"{ASKING} chromosomes need review" in findings.reason.text()
    for _ in range(ASKING):
        press(qtbot, window, Qt.Key.Key_N, Qt.Key.Key_Return)
    assert not findings.list.isVisible()
    assert findings.sign_off.isEnabled()
    qtbot.mouseClick(findings.sign_off, Qt.MouseButton.LeftButton)
    assert findings.reason.text().startswith("Reviewed by")
    cell = window.open_cell.cell
    assert cell is not None
    assert workspace.library.cell(cell.id).reviewed_by == cell.reviewed_by
    qtbot.waitUntil(lambda: window.cases.summaries[0].state is CaseState.REVIEWED)


def test_an_edit_is_shown_everywhere_and_stored_at_once(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    cell = window.open_cell.cell
    assert cell is not None
    assert window.review.findings.finding_texts == ("Three chromosomes 21 in this cell.",)
    press(qtbot, window, Qt.Key.Key_N)
    inspector = window.review.inspector
    assert inspector.title.text() == "Chromosome 21"
    assert inspector.reasons.text().startswith("Hard to tell.\n")
    press(qtbot, window, Qt.Key.Key_2, Qt.Key.Key_2)
    assert inspector.title.text() == "Chromosome 22"
    assert "Move" in inspector.history.text()
    assert window.review.findings.finding_texts == ("Three chromosomes 22 in this cell.",)
    assert window.status.saved.text() == "saved ✓"
    assert len(workspace.library.cell(cell.id).edits) == 1
    assert window.actions_["edit.undo"].isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.review.findings.iscn.text() == "47,XX,+21"
    assert not window.actions_["edit.undo"].isEnabled()
    assert window.actions_["edit.redo"].isEnabled()
    stored = workspace.library.cell(cell.id)
    assert len(stored.edits) == 2
    qtbot.waitUntil(lambda: window.cases.summaries[0].state is CaseState.IN_REVIEW)


def test_a_signed_cell_refuses_edits_until_it_is_withdrawn(
    qtbot: QtBot, window: MainWindow
) -> None:
    for _ in range(ASKING):
        press(qtbot, window, Qt.Key.Key_N, Qt.Key.Key_Return)
    window.actions_["review.sign"].trigger()
    press(qtbot, window, Qt.Key.Key_Home)
    karyogram = window.board.karyogram
    assert karyogram is not None
    before = karyogram.placements
    with answering(qtbot, lambda box: box.reject()) as seen:
        press(qtbot, window, Qt.Key.Key_R)
    assert "signed off" in seen[0]
    assert karyogram.placements == before
    window.actions_["review.withdraw"].trigger()
    press(qtbot, window, Qt.Key.Key_R)
    assert karyogram.placements != before


def test_the_tray_blocks_a_sign_off(qtbot: QtBot, window: MainWindow) -> None:
    for _ in range(ASKING):
        press(qtbot, window, Qt.Key.Key_N, Qt.Key.Key_Return)
    press(qtbot, window, Qt.Key.Key_Delete)
    assert not window.review.findings.sign_off.isEnabled()
    assert "tray" in window.review.findings.reason.text()
    window.actions_["review.sign"].trigger()
    assert window.open_cell.cell is not None
    assert window.open_cell.cell.reviewed_at is None


def test_the_list_leads_to_the_chromosome(qtbot: QtBot, window: MainWindow) -> None:
    findings = window.review.findings
    at = findings.list.visualItemRect(findings.list.item(1)).center()
    qtbot.mouseClick(findings.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert window.board.selection == (window.open_cell.needs_review[1],)
    assert window.review.inspector.view.isVisible()


def test_the_proposal_is_copied_by_key(qtbot: QtBot, window: MainWindow) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_C, both)
    assert QGuiApplication.clipboard().text() == "47,XX,+21"


def test_the_next_cell_of_the_case_opens_by_key(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, tmp_path: Path
) -> None:
    case_id = window.cases.summaries[0].id
    folder = make_cell(tmp_path / "second")
    workspace.importer.import_paths([folder], SilentMonitor(), case_id)
    window.open_cell.close()
    window.cases.refresh()
    window.cases.panel.open_requested.emit(case_id)
    first = window.open_cell.cell
    qtbot.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    second = window.open_cell.cell
    assert first is not None
    assert second is not None
    assert second.id != first.id
    assert window.centre.not_analysed.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert window.open_cell.cell is not None
    assert window.open_cell.cell.id == first.id


def test_the_menu_moves_to_any_slot(qtbot: QtBot, window: MainWindow) -> None:
    menus = {a.text().replace("&", ""): a.menu() for a in window.menuBar().actions()}
    chromosome = menus["Chromosome"]
    assert isinstance(chromosome, QMenu)
    chromosome.aboutToShow.emit()
    slots = next(m for m in chromosome.findChildren(QMenu) if m.title() == "Move to")
    assert not slots.isEnabled()
    press(qtbot, window, Qt.Key.Key_N)
    chromosome.aboutToShow.emit()
    assert slots.isEnabled()
    next(a for a in slots.actions() if a.text().startswith("Markers")).trigger()
    assert window.board.karyogram is not None
    assert window.board.karyogram.counts["mar"] == 1
    assert len(slots.actions()) == 25


def test_the_menu_offers_the_most_probable_types_first(qtbot: QtBot, window: MainWindow) -> None:
    menus = {a.text().replace("&", ""): a.menu() for a in window.menuBar().actions()}
    menu = menus["Chromosome"]
    assert isinstance(menu, QMenu)
    for _ in range(2):
        press(qtbot, window, Qt.Key.Key_N)
        menu.aboutToShow.emit()
    board, cell = window.board, window.open_cell.cell
    assert cell is not None
    assert board.karyogram is not None
    (chosen,) = board.selection
    predicted = next(c.predicted for c in cell.chromosomes if c.id == chosen)
    assert predicted is not None
    elsewhere = [k for k, _ in predicted.best(3) if k != board.karyogram.placement(chosen).slot]
    offered = [a for a in menu.actions() if a.text().startswith("Move to ") and not a.menu()]
    offered = [a for a in offered if a.text() != "Move to the tray"]
    assert [a.text().split(" ")[2] for a in offered] == elsewhere
    assert menu.actions()[0] is window.actions_["review.confirm"]
    offered[0].trigger()
    assert board.karyogram.placement(chosen).slot == elsewhere[0]


def test_what_nobody_sees_is_not_turned(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Qt.Key.Key_N)
    assert window.actions_["chromosome.turn"].isEnabled()
    window.show_cases()
    assert not window.actions_["chromosome.turn"].isEnabled()
    window.show_karyogram()
    assert window.actions_["chromosome.turn"].isEnabled()
