"""Windows over a real workspace, and a network that knows the answer from the pictures' names."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QMessageBox,
    QProgressDialog,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult, ModelIdentity
from karyogui.domain.case import CaseState, CaseSummary, CellSummary
from karyogui.domain.case_list import CasePage, CaseQuery, search_text, sort_key
from karyogui.domain.chromosome import (
    AUTOSOMES,
    TYPES,
    Assignment,
    Chromosome,
    Polarity,
    Prediction,
    Segment,
    chromosome_id,
)
from karyogui.services.progress import Monitor, Progress, SilentMonitor
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui.main_window import MainWindow
from karyogui.ui.window_state import WindowState
from tests.unit.services.fakes import blob, encoded

NORMAL = (*AUTOSOMES, *AUTOSOMES, "X", "Y")
TRISOMY = (*AUTOSOMES, *AUTOSOMES, "21", "X", "X")


def make_cell(folder: Path, kinds: Sequence[str] = NORMAL) -> Path:
    """A folder of one generated picture for each type; the name tells the type.

    No two folders have a picture in common: the first pixels of each tell the folder.
    """
    folder.mkdir(parents=True)
    digest = hashlib.sha256(str(folder).encode()).digest()[:6]
    for number, kind in enumerate(kinds):
        picture = blob(64 - 2 * TYPES.index(kind), 12, number)
        picture[0, : len(digest)] = [240 + byte % 16 for byte in digest]
        (folder / f"{number:02}-{kind}.png").write_bytes(encoded(picture))
    return folder


class NamesAnalyser:
    """Reads the type from the picture's name; is unsure about those in `doubtful`."""

    def __init__(self, doubtful: Sequence[str] = ()) -> None:
        self.doubtful = doubtful

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        objects = []
        for number, picture in enumerate(request.pictures):
            monitor.report(Progress(number, len(request.pictures), picture.name))
            kind = picture.name.removesuffix(".png").split("-")[1]
            sure = picture.name not in self.doubtful
            confidence = 0.99 if sure else 0.5
            probabilities = [(1 - confidence) / 23] * 24
            probabilities[TYPES.index(kind)] = confidence
            objects.append(
                Chromosome(
                    chromosome_id(number),
                    Segment(picture.name, picture.pixels, picture.pixels < 200),
                    Prediction(tuple(probabilities), (0.02, 0.98), (0.0, 0.25, 1.0, 0.75)),
                    Assignment(
                        kind, Polarity.Q_DOWN, confidence, () if sure else ("Hard to tell.",)
                    ),
                )
            )
        model = ModelIdentity("fake", "1.0", "0123456789ab")
        return AnalysisResult(request.cell_id, tuple(objects), model, 0.5)


def store_case(
    workspace: Workspace, folder: Path, cells: Mapping[str, Sequence[str]], analysed: int = 99
) -> None:
    """Import a case, named as the folder, with cells of these types; analyse the first ones."""
    for name, kinds in cells.items():
        make_cell(folder / name, kinds)
    outcome = workspace.importer.import_paths([folder], SilentMonitor())
    for cell_id in outcome.cell_ids[:analysed]:
        workspace.analysis.analyse(cell_id, NamesAnalyser(), SilentMonitor())


@contextmanager
def open_window(
    qtbot: QtBot, workspace: Workspace, folder: Path, analyser: Any = None
) -> Iterator[MainWindow]:
    """A shown window, closed afterwards; its settings and layout live in `folder`.

    The quality of photographs is judged where the analyser can do that.
    """
    settings = SettingsStore(folder / "settings.toml")
    settings.change(replace(settings.values, judge_quality=hasattr(analyser, "assess")))
    window = MainWindow(
        workspace,
        settings,
        WindowState(folder / "window.ini"),
        lambda weights, device: analyser or NamesAnalyser(),
    )
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    try:
        yield window
    finally:
        window.close()
        window.deleteLater()


@contextmanager
def answering(qtbot: QtBot, answer: Callable[[Any], object]) -> Iterator[list[str]]:
    """While inside, the next modal dialog is given to `answer`, which must close it.

    Gives a list that then holds what a message box said.
    """
    seen: list[str] = []
    failures: list[BaseException] = []
    timer = QTimer()
    timer.setInterval(5)

    def look() -> None:
        dialog = QApplication.activeModalWidget() or QApplication.activePopupWidget()
        if not isinstance(dialog, QDialog) or not dialog.isVisible():
            return
        if isinstance(dialog, QProgressDialog):  # asks nothing
            return
        timer.stop()
        if not seen:
            seen.append(dialog.text() if isinstance(dialog, QMessageBox) else "")
        try:
            answer(dialog)
        except BaseException as error:
            failures.append(error)
            dialog.reject()
        # On a busy machine a click can come before the dialog is laid out: answer again.
        if shiboken6.isValid(dialog) and dialog.isVisible():
            timer.start()

    timer.timeout.connect(look)
    timer.start()
    yield seen
    qtbot.waitUntil(lambda: bool(seen))
    timer.stop()
    if failures:
        raise failures[0]


def cell_summary(cell_id: int = 1, count: int = 46, **changes: Any) -> CellSummary:
    values = {
        "id": cell_id,
        "case_id": 1,
        "name": f"cell {cell_id}",
        "chromosome_count": count,
        "state": CaseState.NEW,
        "findings": (),
        "iscn": "",
    }
    return CellSummary(**(values | changes))


def case_summary(case_id: int = 1, name: str = "24-0173", **changes: Any) -> CaseSummary:
    values = {
        "id": case_id,
        "name": name,
        "created": datetime(2026, 3, case_id, 12, tzinfo=UTC),
        "state": CaseState.NEW,
        "cells": (cell_summary(),),
    }
    return CaseSummary(**(values | changes))


class Listed:
    """A list of cases in memory, by the same rules as that of a data folder."""

    def __init__(self, summaries: Sequence[CaseSummary], keeps_order: bool = False) -> None:
        self.summaries = tuple(summaries)
        self.keeps_order = keeps_order

    def page(self, query: CaseQuery, start: int, count: int) -> CasePage:
        found = [
            summary
            for summary in self.summaries
            if query.state in (None, summary.state)
            and all(word in search_text(summary).casefold() for word in query.words)
        ]
        if self.keeps_order:
            return CasePage(tuple(found), len(found), len(self.summaries))
        found.sort(key=lambda summary: sort_key(summary, query.order), reverse=query.descending)
        return CasePage(tuple(found[start : start + count]), len(found), len(self.summaries))


def press(qtbot: QtBot, box: QWidget, text: str) -> None:
    """Click the button of a dialog that says `text`."""
    buttons = box.findChildren(QPushButton)
    button = next(b for b in buttons if b.text().replace("&", "") == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def click(qtbot: QtBot, button: QWidget) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def wheel(view: QAbstractScrollArea, at: QPoint, notches: float) -> None:
    """Turn the wheel over a place of a view."""
    where = QPointF(at)
    event = QWheelEvent(
        where, view.viewport().mapToGlobal(where), QPoint(), QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def drop(target: QWidget, *paths: Path) -> bool:
    """Drag files over a widget and let them go; True when the window took them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none, at = Qt.KeyboardModifier.NoModifier, target.rect().center()
    enter = QDragEnterEvent(at, copy, data, left, none)
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(target, QDropEvent(at, copy, data, left, none))
    return True


def wait_until_quiet(qtbot: QtBot, window: MainWindow) -> None:
    """Let all imports and analyses end."""
    qtbot.waitUntil(lambda: not window.jobs.is_busy and not window.analyses.waiting, timeout=30_000)
