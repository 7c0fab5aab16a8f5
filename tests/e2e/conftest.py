"""A window over the data folder that the module fills."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.windows import open_window


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        yield opened
