"""Export of a case of several cells: which cells, which formats, and what cannot be written."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from karyogui.export import EXPORTERS
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from karyogui.ui.report.export_dialog import ExportDialog
from tests.unit.ui.windows import (
    NORMAL,
    answering,
    press,
    store_case,
)

PDF, PNG, _, JSON, _ = EXPORTERS


def fill(workspace: Workspace, folder: Path) -> None:
    store_case(workspace, folder / "24-0173", dict.fromkeys("123", NORMAL))


@pytest.fixture
def window(window: MainWindow) -> MainWindow:
    cells = window.cases.summaries[0].cells
    window.cases.panel.cell_open_requested.emit(cells[1].id)
    return window


def tick(qtbot: QtBot, dialog: ExportDialog, row: int) -> None:
    """Click on the box of a row."""
    option = QStyleOptionViewItem()
    dialog.list.initViewItemOption(option)
    option.rect = dialog.list.visualItemRect(dialog.list.item(row))
    option.features = QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    # Where it stands depends on the theme, which another test may have put on.
    box = dialog.list.style().subElementRect(
        QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, dialog.list
    )
    qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=box.center())


def export(qtbot: QtBot, window: MainWindow, answer: Callable[[ExportDialog], None]) -> None:
    with answering(qtbot, answer):
        window.reports.export(JSON)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=30_000)


def test_the_open_cell_alone_is_meant_at_first(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed: list[str] = []

    def choose(_parent: object, _title: str, name: str, kinds: str) -> tuple[str, str]:
        proposed.append(Path(name).name)
        return str(tmp_path / "out.json"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    export(qtbot, window, lambda dialog: press(qtbot, dialog, "Export…"))
    assert proposed == ["24-0173 2.json"]
    told = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [cell["cell"] for cell in told["cells"]] == ["2"]


def test_chosen_cells_go_into_one_file(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = str(tmp_path / "out.json")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (target, ""))

    def answer(dialog: ExportDialog) -> None:
        tick(qtbot, dialog, 2)
        assert dialog.summary.text() == "2 cells, 1 file"
        press(qtbot, dialog, "Export…")

    export(qtbot, window, answer)
    told = json.loads(Path(target).read_text(encoding="utf-8"))
    assert [cell["cell"] for cell in told["cells"]] == ["2", "3"]


def test_each_cell_in_each_format_and_one_that_cannot_be_written_is_told_by_name(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    (folder / "24-0173 2.json").mkdir(parents=True)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    monkeypatch.setattr("karyogui.ui.report.controller.ask", lambda *_, **__: True)

    def answer(dialog: ExportDialog) -> None:
        press(qtbot, dialog, "All cells")
        for box in (dialog.formats[PNG.id], dialog.apart):
            qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
        assert dialog.summary.text() == "3 cells, 6 files"
        press(qtbot, dialog, "Export…")

    export(qtbot, window, answer)
    written = {path.name for path in folder.iterdir() if path.is_file()}
    assert written == {f"24-0173 {n}.{end}" for n in "123" for end in ("json", "png")} - {
        "24-0173 2.json"
    }
    notices = window.centre.notices
    assert notices.text == f"5 files saved in {folder}; 1 could not be written."
    seen: list[str] = []
    with answering(qtbot, lambda box: (seen.append(box.list.item(0).text()), box.reject())):
        press(qtbot, notices, "Show list")
    assert "24-0173 2.json" in seen[0]


def test_nothing_chosen_cannot_be_exported(qtbot: QtBot, window: MainWindow) -> None:
    states: list[bool] = []

    def answer(dialog: ExportDialog) -> None:
        press(qtbot, dialog, "None")
        states.append(dialog.go_on.isEnabled())
        press(qtbot, dialog, "All cells")
        dialog.formats[JSON.id].click()
        states.append(dialog.go_on.isEnabled())
        dialog.reject()

    export(qtbot, window, answer)
    assert states == [False, False]
    assert window.centre.notices.text == ""


def test_rows_selected_in_the_browser_are_meant(qtbot: QtBot, window: MainWindow) -> None:
    window.show_cases()
    window.cases.panel.select([window.cases.summaries[0].id])
    chosen: list[int] = []

    def answer(dialog: ExportDialog) -> None:
        chosen.append(len(dialog.choice.cell_ids))
        dialog.reject()

    export(qtbot, window, answer)
    assert chosen == [3]
