"""From a dropped folder to an analysed cell, and the cases' life in the browser."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from karyogui.domain.case import CaseState
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace
from karyogui.ui.case_browser.repeats import RepeatsDialog
from karyogui.ui.centre import CASES_PAGE, KARYOGRAM_PAGE
from karyogui.ui.dialogs.parts import ProblemsDialog
from karyogui.ui.main_window import MainWindow
from tests.unit.services.fakes import encoded
from tests.unit.services.karyograms import KARYOTYPES, own_sheet
from tests.unit.ui.windows import (
    NORMAL,
    TRISOMY,
    answering,
    drop,
    make_cell,
    open_window,
    press,
    wait_until_quiet,
)


def import_cells(qtbot: QtBot, window: MainWindow, folders: Sequence[Path]) -> None:
    for folder in folders:
        window.cases.import_paths([folder])
        wait_until_quiet(qtbot, window)


def button_named(widget: QWidget, text: str) -> QPushButton:
    return next(b for b in widget.findChildren(QPushButton) if b.text() == text)


def test_a_dropped_folder_becomes_a_karyogram(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    def empty_words() -> set[str]:
        labels = window.cases.panel.findChildren(QLabel)
        return {label.text() for label in labels} & {"No cases yet", "Importing…"}

    assert empty_words() == {"No cases yet"}
    assert drop(window, make_cell(tmp_path / "24-0173", TRISOMY))
    assert empty_words() == {"Importing…"}
    wait_until_quiet(qtbot, window)
    assert empty_words() == {"No cases yet"}
    assert window.centre.page == KARYOGRAM_PAGE
    karyogram = window.board.karyogram
    assert karyogram is not None
    assert karyogram.counts["21"] == 3
    assert window.review.findings.iscn.text() == "47,XX,+21"
    assert "47 of 47 placed" in window.status.placed.text()
    assert "fake 1.0" in window.status.model.text()
    qtbot.waitUntil(lambda: window.cases.summaries[0].state is CaseState.ANALYSED)
    assert window.cases.summaries[0].findings == ("Three chromosomes 21 in this cell.",)


def test_a_dropped_karyogram_stands_on_the_board_as_it_was_made(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "filed.png"
    path.write_bytes(encoded(own_sheet(KARYOTYPES["47,XX,+21"], 1, 1150)[0]))
    assert drop(window, path)
    wait_until_quiet(qtbot, window)
    assert window.centre.page == KARYOGRAM_PAGE
    karyogram = window.board.karyogram
    assert karyogram is not None
    assert karyogram.counts["21"] == 3
    assert window.review.findings.iscn.text() == "47,XX,+21"
    assert window.centre.notices.text == "1 cell imported; 1 remark."
    # The network takes each for 1, 2 or 3: those that stand elsewhere wait to be looked at.
    waiting = window.review.findings.list.count()
    assert waiting == sum(not placement.confirmed for placement in karyogram.placements) > 0
    qtbot.keyClick(window.board.view, Qt.Key.Key_N)
    reason = window.review.inspector.reasons.text()
    assert reason.startswith("The assignment puts it at ")
    assert "; it is at " in reason
    qtbot.keyClick(window.board.view, Qt.Key.Key_Return)
    assert window.review.findings.list.count() == waiting - 1


@pytest.mark.parametrize("page", [CASES_PAGE, KARYOGRAM_PAGE])
def test_the_window_takes_what_is_dropped_anywhere(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, page: int
) -> None:
    import_cells(qtbot, window, [make_cell(tmp_path / "first")])
    window.centre.show_page(page)
    at = window.centre.mapTo(window, window.centre.rect().center())
    widget = window.childAt(at)
    assert widget is not None
    while not widget.acceptDrops() and widget is not window:
        widget = widget.parentWidget()
    assert widget is window


def test_text_is_not_a_folder(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("hello")
    event = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()


def test_problems_are_listed_after_the_import(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = make_cell(tmp_path / "24-0173")
    (folder / "broken.png").write_bytes(b"not a picture")
    drop(window, folder)
    wait_until_quiet(qtbot, window)
    notices = window.centre.notices
    assert "1 cell imported; 1 problem" in notices.text
    listed: list[str] = []

    def read(dialog: ProblemsDialog) -> None:
        listed.append(dialog.list.item(0).text())
        dialog.reject()

    with answering(qtbot, read):
        qtbot.mouseClick(button_named(notices, "Show list"), Qt.MouseButton.LeftButton)
    assert "broken.png" in listed[0]


def test_a_folder_without_pictures_is_told_and_nothing_comes_in(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with answering(qtbot, lambda box: box.reject()) as seen:
        drop(window, tmp_path / "empty")
        qtbot.waitUntil(lambda: bool(seen))
    wait_until_quiet(qtbot, window)
    assert not window.cases.summaries


def test_deleting_is_undone_from_the_notice(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folders = [make_cell(tmp_path / name) for name in ("24-0173", "24-0174")]
    import_cells(qtbot, window, folders)
    assert window.open_cell.cell is not None
    qtbot.mouseClick(
        window.centre.tabs,
        Qt.MouseButton.LeftButton,
        pos=window.centre.tabs.tabRect(CASES_PAGE).center(),
    )
    table = window.cases.panel.table
    table.selectAll()
    table.setFocus()
    with answering(qtbot, lambda box: press(qtbot, box, "Keep")):
        qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert len(window.cases.summaries) == 2
    with answering(qtbot, lambda box: press(qtbot, box, "Move to bin")) as asked:
        # Without a window manager nobody gives the focus back to the table.
        window.actions_["edit.delete"].trigger()
    assert asked == ["Move 2 cases to the bin?"]
    assert not window.cases.summaries
    assert window.open_cell.cell is None
    assert window.centre.notices.text == "2 cases moved to the bin."
    undo = button_named(window.centre.notices, "Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert len(window.cases.summaries) == 2
    assert len(window.cases.panel.selected_ids()) == 2


def test_a_case_is_restored_from_the_bin(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    import_cells(qtbot, window, [make_cell(tmp_path / "24-0173")])
    window.show_cases()
    panel = window.cases.panel
    panel.select([window.cases.summaries[0].id])
    with answering(qtbot, lambda box: press(qtbot, box, "Move to bin")):
        window.actions_["edit.delete"].trigger()
    qtbot.mouseClick(panel.bin, Qt.MouseButton.LeftButton)
    assert len(panel.shown_ids()) == 1
    assert not window.actions_["edit.delete"].isEnabled()
    panel.select(panel.shown_ids())
    window.actions_["edit.restore"].trigger()
    assert not panel.shows_bin
    assert [summary.name for summary in window.cases.summaries] == ["24-0173"]


def test_renaming_a_case(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    import_cells(qtbot, window, [make_cell(tmp_path / "24-0173")])
    window.show_cases()
    window.cases.panel.select([window.cases.summaries[0].id])
    table = window.cases.panel.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_F2)
    editor = QApplication.focusWidget()
    assert editor is not None
    assert editor is not table
    qtbot.keyClicks(editor, "24-0200")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.cases.summaries[0].name == "24-0200")
    assert window.centre.page == CASES_PAGE


@pytest.mark.parametrize("answer", ["Leave out the copies", "Keep both"])
def test_a_picture_that_is_there_already_is_asked_about(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, workspace: Workspace, answer: str
) -> None:
    first = make_cell(tmp_path / "24-0173", NORMAL[:3])
    second = make_cell(tmp_path / "24-0174", NORMAL[:3])
    shutil.copy(first / "00-1.png", second / "copy-1.png")
    import_cells(qtbot, window, [first])
    told: list[str] = []

    def choose(dialog: RepeatsDialog) -> None:
        told.append(dialog.list.item(0).text())
        press(qtbot, dialog, answer)

    with answering(qtbot, choose):
        window.cases.import_paths([second])
        wait_until_quiet(qtbot, window)
    assert told == ["24-0174: copy-1.png is in cell 24-0173 of case 24-0173 already as 00-1.png."]
    case = workspace.library.case_named("24-0174")
    assert len(case.cells[0].pictures) == (4 if answer == "Keep both" else 3)
    way = "1 remark" if answer == "Keep both" else "1 problem"
    assert window.centre.notices.text == f"1 cell imported; {way}."


def test_an_import_that_waits_for_an_answer_can_be_cancelled(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, workspace: Workspace
) -> None:
    folder = make_cell(tmp_path / "24-0173", NORMAL[:3])
    import_cells(qtbot, window, [folder])

    def cancel(dialog: RepeatsDialog) -> None:
        window.jobs.cancel()
        qtbot.wait(300)
        dialog.accept()

    with answering(qtbot, cancel):
        window.cases.import_paths([folder])
        wait_until_quiet(qtbot, window)
    assert len(workspace.library.summaries()) == 1


def test_several_cells_queue_up_and_can_be_cancelled(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    for name in ("cell 1", "cell 2", "cell 3"):
        make_cell(tmp_path / "24-0173" / name)
    seen: list[int] = []
    window.analyses.cell_analysed.connect(lambda cell: seen.append(cell.id))
    window.analyses.cell_analysed.connect(lambda _: window.actions_["cell.cancel"].trigger())
    # The next cell is only started after this one was told, so the cancel must reach it.
    window.queue.started.connect(lambda *_: seen and window.analyses.cancel())
    drop(window, tmp_path / "24-0173")
    wait_until_quiet(qtbot, window)
    assert len(seen) == 1
    window.cases.refresh()
    window.cases.refresh()
    assert window.cases.counts.new_cells == 2


def test_a_cell_waits_for_its_analysis_and_says_so(
    qtbot: QtBot, workspace: Workspace, tmp_path: Path
) -> None:
    class NoWeights:
        def analyse(self, request: object, monitor: object) -> None:
            raise KaryoError("There are no weights.", "Train a model.")

    with open_window(qtbot, workspace, tmp_path / "config", NoWeights()) as window:
        with answering(qtbot, lambda box: box.reject()) as seen:
            drop(window, make_cell(tmp_path / "24-0173", NORMAL))
            qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
        wait_until_quiet(qtbot, window)
        assert seen[0] == "There are no weights."  # type: ignore[attr-defined]
        page = window.centre.not_analysed
        assert page.isVisible()
        qtbot.waitUntil(page.buttons[0].isVisible)
        assert window.actions_["cell.analyse"].isEnabled()


def test_the_window_remembers_where_it_was(
    qtbot: QtBot, workspace: Workspace, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    with open_window(qtbot, workspace, config) as window:
        import_cells(qtbot, window, [make_cell(tmp_path / "24-0173")])
        window.docks.toggle_left()
        window.toggle_theme()
        cell = window.open_cell.cell
        assert cell is not None
    with open_window(qtbot, workspace, config) as again:
        assert again.open_cell.cell is not None
        assert again.open_cell.cell.id == cell.id
        assert again.centre.page == KARYOGRAM_PAGE
        assert again.docks.left.isHidden()
        again.toggle_theme()


def test_the_window_closes_in_the_middle_of_work(
    qtbot: QtBot, workspace: Workspace, tmp_path: Path
) -> None:
    with open_window(qtbot, workspace, tmp_path / "config") as window:
        drop(window, make_cell(tmp_path / "24-0173"))
        assert window.jobs.is_busy
    assert not window.jobs.is_busy
