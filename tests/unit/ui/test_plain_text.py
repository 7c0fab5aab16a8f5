"""No text from outside is read as markup: not in a label, a box, a tooltip, whoever made it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QInputDialog,
    QLabel,
    QMessageBox,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from karyogui.errors import KaryoError
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.ui.dialogs import errors
from karyogui.ui.dialogs.parts import ProblemsDialog, ask
from tests.unit.services.fakes import FakeAnalyser, make_cell_folder
from tests.unit.ui.windows import open_window

SUBTLE = "<img src='x.png'>"
RICH = Qt.TextFormat.RichText, Qt.TextFormat.AutoText, Qt.TextFormat.MarkdownText


def labels() -> list[QLabel]:
    return [w for w in QApplication.allWidgets() if isinstance(w, QLabel) and w.isVisible()]


def check_labels() -> int:
    """Every label that is shown is plain; how many hold the name."""
    for label in labels():
        assert label.textFormat() not in RICH, f"{label.objectName()}: {label.text()[:80]}"
    return sum(SUBTLE in label.text() for label in labels())


def test_a_label_of_anybody_is_plain(qtbot: QtBot, look: None) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(QLabel(SUBTLE))
    window.show()
    assert check_labels() == 1


def test_tooltips_are_plain(qtbot: QtBot, look: None) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    try:
        for text in (SUBTLE, "<b>bold</b>", SUBTLE):
            QToolTip.showText(QPoint(10, 10), text, window)
            (tip,) = [w for w in labels() if w.metaObject().className() == "QTipLabel"]
            assert tip.text() == text
            assert tip.textFormat() == Qt.TextFormat.PlainText
    finally:
        QToolTip.hideText()


@pytest.mark.parametrize(
    "show",
    [
        lambda: errors.show_error(None, KaryoError(f"{SUBTLE} is damaged.", SUBTLE)),
        lambda: ask(None, f"Move case {SUBTLE} to the bin?", SUBTLE, yes="Yes", no="No"),
        lambda: ProblemsDialog(None, SUBTLE, SUBTLE, [SUBTLE]).exec(),
        lambda: QMessageBox.warning(None, "KaryoGUI", SUBTLE),
        lambda: QInputDialog.getText(None, "KaryoGUI", SUBTLE),
    ],
)
def test_boxes_are_plain(qtbot: QtBot, look: None, show: object) -> None:
    seen: list[int] = []

    def look_and_close() -> None:
        box = QApplication.activeModalWidget()
        assert box is not None
        seen.append(check_labels())
        box.close()

    QTimer.singleShot(100, look_and_close)
    show()  # type: ignore[operator]
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, ProblemsDialog):
            widget.deleteLater()
    QApplication.processEvents()
    assert seen
    assert seen[0] >= 1


def test_a_whole_window_over_a_case_with_such_a_name_is_plain(
    qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path
) -> None:
    folder = make_cell_folder(tmp_path / "case", 3)
    outcome = workspace.importer.import_paths([folder], SilentMonitor())
    workspace.library.rename(outcome.case_ids[0], SUBTLE)
    workspace.analysis.analyse(outcome.cell_ids[0], FakeAnalyser(), SilentMonitor())
    with open_window(qtbot, workspace, tmp_path / "config", FakeAnalyser()) as window:
        window.open_cell.open(outcome.cell_ids[0])
        for page in range(window.centre.count() if hasattr(window.centre, "count") else 3):
            window.centre.show_page(page)
            qtbot.wait(20)
            assert check_labels() >= 0
        assert any(SUBTLE in label.text() for label in labels())
