"""The program's look, an open data folder and a window over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.services.workspace import Workspace, open_workspace
from karyogui.ui import theme
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.windows import open_window


@pytest.fixture
def look(qapp: QApplication) -> Iterator[None]:
    """The light theme; the test run's own look returns afterwards."""
    style, palette, font = qapp.style().name(), qapp.palette(), qapp.font()
    theme.apply(qapp, theme.LIGHT)
    yield
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)
    qapp.setFont(font)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = open_workspace(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def window(qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        yield opened
