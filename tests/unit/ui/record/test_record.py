"""Checking, backing up, restoring, erasing and exporting in the window, with real dialogs."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from karyogui.app import Session
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.settings import SettingsStore
from karyogui.storage.checking import check_folder
from karyogui.ui.main_window import MainWindow
from karyogui.ui.window_state import WindowState
from tests.unit.records import move
from tests.unit.ui.printer import Person
from tests.unit.ui.windows import answering, open_window


@pytest.fixture
def folder(filled_folder: Path) -> Path:
    return filled_folder


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    opened = open_workspace(folder, who=lambda: "Ann")
    yield opened
    opened.close()


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path) as opened:
        opened.cases.panel.select([1])
        yield opened


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """What a person chooses in the next file dialogs."""

    def choose(path: Path) -> None:
        for name in ("getSaveFileName", "getOpenFileName"):
            monkeypatch.setattr(QFileDialog, name, lambda *_: (str(path), ""))
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path))

    return choose


def notice(window: MainWindow) -> str:
    return window.centre.notices.text if window.centre.notices.isVisible() else ""


def test_check_says_that_all_is_sound_or_lists_what_is_not(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    window.actions_["file.check"].trigger()
    qtbot.waitUntil(lambda: "is sound" in notice(window))
    connection = sqlite3.connect(folder / "karyogui.db")
    connection.execute("UPDATE placement SET slot = '21' WHERE cell_id = 1 AND slot = '4'")
    connection.commit()
    connection.close()
    said: list[str] = []

    def read(dialog: Any) -> None:
        said.extend(dialog.list.item(n).text() for n in range(dialog.list.count()))
        dialog.reject()

    with answering(qtbot, read):
        window.actions_["file.check"].trigger()
        qtbot.waitUntil(lambda: bool(said))
    assert any("placement" in sentence for sentence in said)
    assert any("by Bob does not hold" in sentence for sentence in said)


def test_a_backup_is_written_and_verified(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, chosen: Callable[[Path], None]
) -> None:
    chosen(tmp_path / "mine")
    window.actions_["file.backup"].trigger()
    qtbot.waitUntil(lambda: "and verified" in notice(window))
    assert (tmp_path / "mine.karyobackup").stat().st_size > 1000


def test_a_case_is_erased_with_its_name_and_a_reason(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    window.cases.case_opened.emit(1)

    def fill(dialog: Any) -> None:
        assert not dialog.erase.isEnabled()
        qtbot.keyClicks(dialog.reason, "consent withdrawn")
        qtbot.keyClicks(dialog.name, "Mill")
        assert not dialog.erase.isEnabled()
        qtbot.keyClicks(dialog.name, "er")
        qtbot.mouseClick(dialog.erase, Qt.MouseButton.LeftButton)

    with answering(qtbot, fill):
        window.actions_["edit.erase"].trigger()
    assert [summary.name for summary in workspace.library.summaries()] == ["Smith"]
    assert [summary.name for summary in window.cases.summaries] == ["Smith"]
    assert window.open_cell.cell is None
    assert workspace.record.trail(1)[-1].reason == "consent withdrawn"
    assert workspace.record.check().is_sound


def test_escape_erases_nothing(qtbot: QtBot, window: MainWindow, workspace: Workspace) -> None:
    with answering(qtbot, lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Escape)):
        window.actions_["edit.erase"].trigger()
    assert len(workspace.library.summaries()) == 2


def test_a_case_goes_out_and_comes_in_again(
    qtbot: QtBot,
    window: MainWindow,
    workspace: Workspace,
    tmp_path: Path,
    chosen: Callable[[Path], None],
) -> None:
    chosen(tmp_path / "Miller.karyocase")
    with answering(qtbot, lambda d: qtbot.mouseClick(d.export, Qt.MouseButton.LeftButton)):
        window.actions_["file.export_case"].trigger()
    qtbot.waitUntil(lambda: "Saved as" in notice(window), timeout=20_000)
    window.cases.import_paths([tmp_path / "Miller.karyocase"])
    qtbot.waitUntil(lambda: "Imported with trail" in notice(window), timeout=20_000)
    assert "Miller (2)" in {summary.name for summary in window.cases.summaries}
    assert workspace.library.case(3).cells[0].reviewed_by == "Bob"


def test_the_trail_is_read_filtered_and_printed(
    qtbot: QtBot, window: MainWindow, person: Person
) -> None:
    seen: dict[str, Any] = {}

    def look(dialog: Any) -> None:
        seen["all"] = len(dialog.model.rows)
        qtbot.keyClicks(dialog.words, "patient example")
        seen["words"] = [row[3] for row in dialog.model.rows]
        seen["count"] = dialog.count.text()
        dialog.words.clear()
        dialog.who.setCurrentText("Bob")
        seen["bob"] = [row[3] for row in dialog.model.rows]
        qtbot.mouseClick(dialog.print, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not window.jobs.is_busy)
        dialog.reject()

    with answering(qtbot, look):
        window.actions_["review.trail"].trigger()
    assert seen["words"] == ["Details changed"]
    assert seen["count"] == f"1 of {seen['all']} entries"
    assert seen["bob"] == ["Signed off"]
    assert person.titles == ["Print the trail"]
    assert notice(window) == f"Printed to {person.file}"
    document = pypdfium2.PdfDocument(person.file)
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    assert "Signed off" in text
    assert "Details changed" not in text  # by somebody else


def test_a_window_whose_database_is_gone_says_so_and_stores_nothing(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, folder: Path
) -> None:
    (folder / "karyogui.db").unlink()
    with pytest.raises(Exception, match="was deleted while it was open"):
        move(workspace, 2, 0, "7")
    qtbot.waitUntil(
        lambda: any(
            "was deleted while it was open" in label.text()
            for label in window.centre.findChildren(QLabel)
            if label.isVisible()
        )
    )


def test_what_is_no_backup_is_refused_before_a_place_is_asked_for(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, chosen: Callable[[Path], None]
) -> None:
    requested = []
    window.record.restore_requested.connect(lambda *told: requested.append(told))
    (tmp_path / "notes.txt").write_text("no backup", encoding="utf-8")
    seen = []

    def answer(dialog: Any) -> None:
        seen.append(dialog.text())
        qtbot.keyClick(dialog, Qt.Key.Key_Return)

    chosen(tmp_path / "notes.txt")
    with answering(qtbot, answer):
        window.actions_["file.restore"].trigger()
    assert ["notes.txt" in told for told in seen] == [True]
    assert requested == []


@pytest.mark.parametrize("here", [True, False])
def test_a_backup_is_restored_and_opened(
    qtbot: QtBot,
    folder: Path,
    tmp_path: Path,
    chosen: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
    here: bool,
) -> None:
    session = Session(SettingsStore(tmp_path / "settings.toml"), WindowState(tmp_path / "w.ini"))
    session.open(folder)
    try:
        window = session.window
        assert window is not None
        with qtbot.waitSignal(window.record.notice_raised):
            chosen(tmp_path / "b.karyobackup")
            window.actions_["file.backup"].trigger()
        window._workspace.library.rename(1, "renamed after the backup")

        def answer(box: Any) -> None:
            words = "In place of this folder" if here else "Into another folder…"
            (button,) = [b for b in box.buttons() if b.text() == words]
            if not here:
                chosen(tmp_path / "elsewhere")
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

        with answering(qtbot, answer):
            window.actions_["file.restore"].trigger()
        assert session.window is not None
        assert session.window is not window
        wanted = folder if here else tmp_path / "elsewhere"
        assert session.window._workspace.folder == wanted
        names = {summary.name for summary in session.window.cases.summaries}
        assert names == {"Miller", "Smith"}
        kept = list(tmp_path.glob("data (kept *"))
        assert len(kept) == (1 if here else 0)
        assert check_folder(wanted).is_sound
    finally:
        session.close()
