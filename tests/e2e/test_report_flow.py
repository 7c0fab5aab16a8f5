"""Fill in the details, export every format, see where it went."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from karyogui.domain.case import CaseDetails
from karyogui.export import EXPORTERS, Exporter
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from karyogui.ui.report.details_dialog import DetailsDialog
from tests.unit.ui.windows import (
    NORMAL,
    NamesAnalyser,
    answering,
    make_cell,
    press,
)


def fill(workspace: Workspace, folder: Path) -> None:
    cell = make_cell(folder / "24-0173")
    (cell_id,) = workspace.importer.import_paths([cell], SilentMonitor()).cell_ids
    workspace.analysis.analyse(cell_id, NamesAnalyser(), SilentMonitor())


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    window.cases.panel.open_requested.emit(window.cases.summaries[0].id)
    return window


def export(qtbot: QtBot, window: MainWindow, exporter: Exporter) -> None:
    line = next(
        action
        for action in window.export_menu.actions()
        if action.objectName() == f"export.{exporter.id}"
    )
    line.trigger()
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=30_000)


def test_the_menu_holds_every_format(window: MainWindow) -> None:
    labels = [action.text() for action in window.export_menu.actions()]
    assert labels == [f"{exporter.label}…" for exporter in EXPORTERS]


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.id)
def test_every_format_is_written_and_told(
    qtbot: QtBot,
    window: MainWindow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    exporter: Exporter,
) -> None:
    proposed: list[str] = []

    def choose(parent: object, title: str, name: str, kinds: str) -> tuple[str, str]:
        proposed.append(Path(name).name)
        return str(tmp_path / "out"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    export(qtbot, window, exporter)
    assert proposed == [f"24-0173{exporter.suffix}"]
    written = tmp_path / f"out{exporter.suffix}"
    assert written.stat().st_size > 0
    notices = window.centre.notices
    assert notices.text == f"Saved as {written}"
    assert "Open" in [button.text() for button in notices.findChildren(QPushButton)]


def test_a_folder_that_cannot_be_written_is_told(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "out.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    with answering(qtbot, lambda box: box.reject()) as seen:
        window.reports.export(EXPORTERS[1])
        qtbot.waitUntil(lambda: bool(seen), timeout=30_000)
    assert "could not be written" in seen[0]


def test_giving_up_the_file_dialog_writes_nothing(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    export(qtbot, window, EXPORTERS[0])
    assert window.centre.notices.text == ""


def test_letters_that_cannot_be_printed_are_told_before_the_file_is_named(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = window.cases.summaries[0].id
    workspace.library.set_details(case_id, CaseDetails(patient_name="\u16a0 Person"))
    named: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: named.append("") or ("", ""))
    with answering(qtbot, lambda box: press(qtbot, box, "Cancel")) as seen:
        export(qtbot, window, EXPORTERS[0])
    assert seen == ["The report cannot print this letter rightly: \u16a0."]
    assert named == []
    with answering(qtbot, lambda box: press(qtbot, box, "Export anyway")):
        export(qtbot, window, EXPORTERS[0])
    export(qtbot, window, EXPORTERS[3])  # JSON has every letter
    assert named == ["", ""]


def test_details_are_kept_with_the_case(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    def fill(dialog: DetailsDialog) -> None:
        qtbot.keyClicks(dialog.editors["patient_name"], "Example Person")
        buttons = dialog.findChild(QDialogButtonBox)
        save = buttons.button(QDialogButtonBox.StandardButton.Save)
        qtbot.mouseClick(save, Qt.MouseButton.LeftButton)

    with answering(qtbot, fill):
        qtbot.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    case = workspace.library.case(window.cases.summaries[0].id)
    assert case.details.patient_name == "Example Person"


def test_a_case_without_an_analysis_says_so(
    qtbot: QtBot,
    window: MainWindow,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = make_cell(tmp_path / "24-0174", NORMAL[:3])
    workspace.importer.import_paths([folder], SilentMonitor())
    window.cases.refresh()
    window.show_cases()
    new = next(s for s in window.cases.summaries if s.name == "24-0174")
    window.cases.panel.select([new.id])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "o.pdf"), ""))
    with answering(qtbot, lambda box: box.reject()) as seen:
        window.reports.export(EXPORTERS[0])
        qtbot.waitUntil(lambda: bool(seen), timeout=30_000)
    assert "analysed" in seen[0]
    assert not (tmp_path / "o.pdf").exists()
