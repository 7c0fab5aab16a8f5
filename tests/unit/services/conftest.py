"""A cell folder and an open data folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from karyogui.domain.cell import Cell
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from tests.unit.services.fakes import FakeAnalyser, make_cell_folder


@pytest.fixture
def cell_folder(tmp_path: Path) -> Path:
    return make_cell_folder(tmp_path / "case 7" / "cell 1")


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def workspace(data_folder: Path) -> Iterator[Workspace]:
    opened = open_workspace(data_folder)
    yield opened
    opened.close()


@pytest.fixture
def imported(workspace: Workspace, cell_folder: Path) -> Cell:
    outcome = workspace.importer.import_paths([cell_folder], SilentMonitor())
    return workspace.library.cell(outcome.cell_ids[0])


@pytest.fixture
def analysed(workspace: Workspace, imported: Cell) -> Cell:
    return workspace.analysis.analyse(imported.id, FakeAnalyser(), SilentMonitor())
