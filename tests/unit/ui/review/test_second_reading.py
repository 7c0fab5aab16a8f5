"""A second reader reads behind a curtain; the differences are shown after it and resolved."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.second_reading import differences, unresolved
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from karyogui.ui.review.second_reading import Curtain
from karyogui.ui.review.second_reading_dialog import COMPARE, READ, START, SecondReadingDialog
from tests.unit.ui.windows import NORMAL, NamesAnalyser, answering, make_cell


@pytest.fixture
def cell_id(workspace: Workspace, window: MainWindow, tmp_path: Path) -> int:
    make_cell(tmp_path / "24-0173" / "cell 1", NORMAL)
    outcome = workspace.importer.import_paths([tmp_path / "24-0173"], SilentMonitor())
    (cell_id,) = outcome.cell_ids
    workspace.analysis.analyse(cell_id, NamesAnalyser(), SilentMonitor())
    window.cases.refresh()
    window.open_cell.open(cell_id)
    return cell_id


def move(window: MainWindow, number: int, slot: str) -> str:
    """What the first reader does: a chromosome to another slot."""
    cell = window.open_cell.cell
    assert cell is not None
    item = cell.chromosomes[number].id
    window.board.select([item])
    window.board.move_selection(slot)
    return item


def test_from_the_curtain_to_resolved_differences(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cell_id: int
) -> None:
    item = move(window, 0, "5")
    window.cases.refresh()
    seen = []

    def read(dialog: SecondReadingDialog) -> None:
        assert isinstance(dialog, SecondReadingDialog)
        if dialog.pages.currentIndex() == START:
            curtain = window.findChild(Curtain)
            assert curtain.isVisible()
            assert curtain.geometry() == window.rect()
            dialog.name.clear()
            qtbot.keyClicks(dialog.name, "Bert Ozil")
            qtbot.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
            return
        if dialog.pages.currentIndex() == READ:
            assert dialog.board.karyogram is not None
            seen.append(dialog.board.karyogram.placement(item).slot)
            qtbot.keyClick(dialog.board.view, Qt.Key.Key_N)
            assert len(dialog.board.selection) == 1
            asked = set(dialog.board.needs_review)
            qtbot.keyClick(dialog.board.view, Qt.Key.Key_Return)
            assert set(dialog.board.needs_review) < asked
            dialog.board.select([item])
            qtbot.keyClick(dialog.board.view, Qt.Key.Key_R)
            qtbot.keyClick(dialog.board.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            qtbot.keyClicks(dialog.iscn, "46,XY")
            qtbot.mouseClick(dialog.finish, Qt.MouseButton.LeftButton)
            return
        assert dialog.pages.currentIndex() == COMPARE
        compare = dialog.compare
        assert compare.reading is not None
        found = differences(compare.reading)
        assert [(d.first, d.second) for d in found] == [("5", "1"), ("46,XY,-1,+5", "46,XY")]
        qtbot.mouseClick(compare.buttons[item, True], Qt.MouseButton.LeftButton)
        assert "person" in compare.problem.text()
        qtbot.keyClicks(compare.who, "Dora Lee")
        qtbot.mouseClick(compare.buttons[item, True], Qt.MouseButton.LeftButton)
        assert "reason" in compare.problem.text()
        for left in (2, 1):  # with keys alone: the reason, Tab to the second, Return
            assert dialog.focusWidget() is compare.reason
            qtbot.keyClicks(compare.reason, "Bands of a 1")
            for _ in range(2):
                qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
            takes_second = next(b for (_, second), b in compare.buttons.items() if second)
            assert dialog.focusWidget() is takes_second
            assert len(compare.buttons) == 2 * left
            qtbot.keyClick(takes_second, Qt.Key.Key_Return)
            assert not compare.problem.isVisible()
        assert "all resolved" in compare.heading.text()
        assert dialog.focusWidget().text() == "Close"
        dialog.accept()

    with answering(qtbot, read):
        qtbot.keyClick(
            window,
            Qt.Key.Key_R,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
    assert seen == ["1"]
    reading = workspace.second_readings.last(cell_id)
    assert reading is not None
    assert unresolved(differences(reading)) == 0
    assert window.board.karyogram is not None
    assert window.board.karyogram.placement(item).slot == "1"
    curtain = window.findChild(Curtain)
    assert curtain is None or not curtain.isVisible()


def test_the_first_reader_is_refused_and_stays_at_the_start(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cell_id: int
) -> None:
    move(window, 0, "5")
    first = workspace.library.cell(cell_id).edits[0].who
    told = []

    def read(dialog: SecondReadingDialog) -> None:
        dialog.name.clear()
        qtbot.keyClicks(dialog.name, first.upper())
        qtbot.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
        told.append((dialog.pages.currentIndex(), dialog.problem.text()))
        dialog.reject()

    with answering(qtbot, read):
        window.second_reading.open()
    assert told[0][0] == START
    assert told[0][1]


def test_unresolved_differences_are_shown_first_when_it_is_opened_again(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, cell_id: int
) -> None:
    seen = workspace.second_readings.begin(cell_id, "Bert Özil")
    move(window, 0, "5")
    workspace.second_readings.finish(cell_id, "Bert Özil", datetime.now(UTC), "", seen.placements)
    pages = []

    def look(dialog: SecondReadingDialog) -> None:
        pages.append(dialog.pages.currentIndex())
        dialog.accept()

    with answering(qtbot, look):
        window.second_reading.open()
    assert pages == [COMPARE]


def test_sure_chromosomes_are_drawn_as_the_settings_say(
    qtbot: QtBot, window: MainWindow, cell_id: int
) -> None:
    before = set(window.board.needs_review)
    window._settings.change(replace(window._settings.values, random_share="20"))
    window.open_cell.close()
    window.open_cell.open(cell_id)
    drawn = set(window.board.needs_review) - before
    assert 1 <= len(drawn) <= 23
    assert all(
        window.board.needs_review[i].reasons[0].startswith("Chosen at random") for i in drawn
    )
