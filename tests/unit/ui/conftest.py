"""The program's look, and a window over the data folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.services.workspace import Workspace
from karyogui.ui import theme
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.printer import Person
from tests.unit.ui.windows import open_window


@pytest.fixture(scope="session")
def _dressed(qapp: QApplication) -> Iterator[None]:
    """The program's look, put on once: it takes as long as a window."""
    style, palette, font = qapp.style().name(), qapp.palette(), qapp.font()
    theme.apply(qapp, theme.LIGHT)
    yield
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)
    qapp.setFont(font)


@pytest.fixture
def look(qapp: QApplication, _dressed: None) -> None:
    """The light theme, whatever the test before has chosen."""
    if theme.current() is not theme.LIGHT:
        theme.apply(qapp, theme.LIGHT)


@pytest.fixture
def window(qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        yield opened


@pytest.fixture
def case_id(workspace: Workspace) -> int:
    """Of the newest case."""
    return workspace.library.summaries()[0].id


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Who answers the system's dialog of printing."""
    someone = Person(tmp_path / "printed.pdf")
    monkeypatch.setattr(QPrintDialog, "exec", lambda dialog: someone.answer(dialog))
    return someone
