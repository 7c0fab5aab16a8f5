from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication, QScreen
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
)
from pytestqt.qtbot import QtBot

from karyogui.errors import KaryoError
from karyogui.paths import log_folder
from karyogui.settings import SETTINGS, Kind, Settings
from karyogui.ui.board.actions import BOARD_KEYS
from karyogui.ui.dialogs.about import DISCLAIMER, AboutDialog, DiagnosticsDialog
from karyogui.ui.dialogs.command_palette import KEY_ROLE, NO_MATCH, CommandPalette
from karyogui.ui.dialogs.errors import error_box
from karyogui.ui.dialogs.parts import FRAME, ProblemsDialog
from karyogui.ui.dialogs.settings_dialog import SettingsDialog
from karyogui.ui.dialogs.shortcuts import shortcut_groups
from karyogui.ui.main_window import MainWindow
from karyogui.ui.widgets import Notice, NoticeBar, Tone
from tests.unit.ui.windows import answering


def button_named(widget: object, text: str) -> QPushButton:
    buttons = widget.findChildren(QPushButton)  # type: ignore[attr-defined]
    return next(b for b in buttons if b.text().replace("&", "") == text)


def test_the_worlds_fault_is_one_sentence_and_a_hint(qtbot: QtBot, look: None) -> None:
    box = error_box(None, KaryoError("The disk is full.", "Free some space."))
    qtbot.addWidget(box)
    assert (box.text(), box.informativeText()) == ("The disk is full.", "Free some space.")
    assert not box.detailedText()


def test_a_bug_can_be_copied_and_the_dialog_stays(qtbot: QtBot, look: None) -> None:
    try:
        raise ZeroDivisionError("a bug")
    except ZeroDivisionError as error:
        box = error_box(None, error)
    qtbot.addWidget(box)
    box.show()
    assert "Traceback" not in box.text()
    qtbot.mouseClick(button_named(box, "Copy details"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "ZeroDivisionError: a bug" in copied
    assert "test_a_bug_can_be_copied" in copied
    assert box.isVisible()


def test_diagnostics_are_read_and_copied(qtbot: QtBot, look: None) -> None:
    dialog = DiagnosticsDialog(None, "KaryoGUI: 1\nPython: 3")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.text.isReadOnly()
    qtbot.mouseClick(button_named(dialog, "Copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "KaryoGUI: 1\nPython: 3"
    assert dialog.isVisible()


def test_settings_are_edited_from_the_table(qtbot: QtBot, look: None) -> None:
    dialog = SettingsDialog(None, Settings(who="Anna", weights="kept"))
    qtbot.addWidget(dialog)
    dialog.show()
    assert set(dialog.editors) == {s.key for s in SETTINGS if s.kind is not Kind.HIDDEN}
    name, theme = dialog.editors["who"], dialog.editors["theme"]
    assert isinstance(name, QLineEdit)
    assert isinstance(theme, QComboBox)
    name.clear()
    qtbot.keyClicks(name, " Ben ")
    qtbot.keyClicks(theme, "Dark")
    qtbot.keyClick(dialog.editors["analyse_after_import"], Qt.Key.Key_Space)
    assert dialog.values == Settings("Ben", "dark", "auto", False, "", "kept")


def test_the_notes_of_the_settings_are_whole_and_all_fit_a_small_screen(
    qtbot: QtBot, look: None
) -> None:
    dialog = SettingsDialog(None, Settings())
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.height() <= 760
    notes = {s.note for s in SETTINGS if s.kind is not Kind.HIDDEN and s.note}
    shown = [label for label in dialog.findChildren(QLabel) if label.text() in notes]
    assert len(shown) == len(notes)
    for label in shown:
        assert label.height() >= label.heightForWidth(label.width()), label.text()


@pytest.mark.parametrize("room", [QSize(500, 300), QSize(2000, 300), QSize(2000, 1200)])
def test_a_dialog_larger_than_the_screen_scrolls_above_its_buttons(
    qtbot: QtBot, look: None, monkeypatch: pytest.MonkeyPatch, room: QSize
) -> None:
    monkeypatch.setattr(QScreen, "availableSize", lambda _: room + FRAME)
    dialog = SettingsDialog(None, Settings())
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    assert dialog.size().boundedTo(room) == dialog.size()
    areas = dialog.findChildren(QScrollArea)
    assert len(areas) == (0 if room.height() > 1000 else 1)
    ok = button_named(dialog, "OK")
    assert ok.isVisible()
    assert dialog.rect().contains(QRect(ok.mapTo(dialog, QPoint()), ok.size()))
    # The keys reach what is out of sight, and bring it into view.
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    last = dialog.editors["backups_kept"]
    for _ in range(40):
        if last.hasFocus():
            break
        qtbot.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Tab)
    assert last.hasFocus()
    assert not last.visibleRegion().isEmpty()


def test_problems_can_be_copied(qtbot: QtBot, look: None) -> None:
    dialog = ProblemsDialog(
        None, "Import", "1 cell imported.", ["a.png is empty.", "b.png is broken."]
    )
    qtbot.addWidget(dialog)
    qtbot.mouseClick(button_named(dialog, "Copy list"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "a.png is empty.\nb.png is broken."


def test_the_overview_tells_every_key(window: MainWindow) -> None:
    told = {keys for _, rows in shortcut_groups(window.actions_) for keys, _ in rows}
    for _, action in window.actions_.pairs():
        for key in action.shortcuts():
            assert any(key.toString() in keys for keys in told)
    assert {keys for keys, _ in BOARD_KEYS} <= told


# Without a display there is no keyboard to grab for the popup.
@pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)
def test_the_palette_does_what_is_chosen(qtbot: QtBot, window: MainWindow) -> None:
    def choose(palette: CommandPalette) -> None:
        qtbot.keyClicks(palette.field, "case list")
        qtbot.keyClick(palette.field, Qt.Key.Key_Down)
        assert palette.list.count() == 1
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)

    assert not window.docks.left.isHidden()
    with answering(qtbot, choose):
        qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.docks.left.isHidden)


def test_the_palette_leaves_out_what_cannot_be_done(qtbot: QtBot, window: MainWindow) -> None:
    palette = CommandPalette(window, window.actions_)
    qtbot.addWidget(palette)
    texts = [palette.list.item(row).text() for row in range(palette.list.count())]
    assert "File: Import folder…" in texts
    assert "Chromosome: Mirror" not in texts


def test_the_palette_says_what_a_command_needs(qtbot: QtBot, window: MainWindow) -> None:
    palette = CommandPalette(window, window.actions_)
    qtbot.addWidget(palette)
    qtbot.keyClicks(palette.field, "overrule")
    (row,) = [palette.list.item(n) for n in range(palette.list.count())]
    assert row.text() == "Case: Overrule…"
    assert row.data(KEY_ROLE) == "Choose a change or a line below, or cells above"
    assert not row.flags() & Qt.ItemFlag.ItemIsEnabled
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(palette.field, key)
    assert palette.result() != CommandPalette.DialogCode.Accepted
    qtbot.keyClicks(palette.field, "zzz")
    assert [palette.list.item(n).text() for n in range(palette.list.count())] == [NO_MATCH]


def test_what_no_program_opens_is_told_with_its_place(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    told: list[str] = []

    def read(box: QMessageBox) -> None:
        told.append(f"{box.text()} {box.informativeText()}")
        box.accept()

    with answering(qtbot, read):
        window.actions_["help.log"].trigger()
    assert told[0].startswith("No program on this computer opens this.")
    assert str(log_folder()).replace("/", "") in told[0].replace("/", "").replace("\u200b", "")


def test_a_folder_of_the_settings_can_be_chosen(
    qtbot: QtBot, look: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dialog = SettingsDialog(None, Settings())
    qtbot.addWidget(dialog)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    qtbot.mouseClick(button_named(dialog, "Choose…"), Qt.MouseButton.LeftButton)
    assert dialog.values.backup_folder == str(tmp_path)


def test_about_says_what_it_is_not(qtbot: QtBot, look: None) -> None:
    dialog = AboutDialog(None)
    qtbot.addWidget(dialog)
    assert DISCLAIMER in [label.text() for label in dialog.findChildren(QLabel)]
    assert "not a certified medical device" in DISCLAIMER


def test_what_is_only_done_is_said_for_a_while(qtbot: QtBot, look: None) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar._away.setInterval(30)
    bar.show_notice(Notice("20 cells imported."))
    qtbot.waitUntil(lambda: bar.text == "")
    stays = (Notice("Left out.", Tone.LOOK), Notice("Gone.", actions=(("Undo", lambda: None),)))
    for notice in stays:
        bar.show_notice(Notice("20 cells imported."))
        bar.show_notice(notice)
        qtbot.wait(60)
        assert bar.text == notice.text


def test_all_of_a_long_notice_is_seen_and_none_widens_the_window(qtbot: QtBot, look: None) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.show_notice(Notice("A region is a cell."))
    low = bar.heightForWidth(400)
    bar.show_notice(Notice("A region is a cell of its own; the object went to one side. " * 4))
    assert bar.heightForWidth(400) > 2 * low
    bar.show_notice(Notice("x" * 250 + ".tif"))
    assert bar.minimumSizeHint().width() < 200


@pytest.mark.parametrize("tone", Tone)
def test_a_notice_does_one_thing_and_goes(qtbot: QtBot, look: None, tone: Tone) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    done: list[str] = []
    bar.show_notice(Notice("First.", tone, (("Undo", lambda: done.append("first")),)))
    bar.show_notice(Notice("Second.", tone, (("Undo", lambda: done.append("second")),)))
    assert bar.text == "Second."
    qtbot.mouseClick(bar._buttons[0], Qt.MouseButton.LeftButton)
    assert done == ["second"]
    assert bar.text == ""
