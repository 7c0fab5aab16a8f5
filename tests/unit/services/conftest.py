"""A cell, to be imported into the data folder, imported, and analysed."""

from pathlib import Path

import pytest

from karyogui.domain.cell import Cell
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from tests.unit.services.fakes import FakeAnalyser, make_cell_folder


@pytest.fixture
def cell_folder(tmp_path: Path) -> Path:
    return make_cell_folder(tmp_path / "case 7" / "cell 1")


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """Where `workspace` is."""
    return tmp_path / "data"


@pytest.fixture
def imported(workspace: Workspace, cell_folder: Path) -> Cell:
    outcome = workspace.importer.import_paths([cell_folder], SilentMonitor())
    return workspace.library.cell(outcome.cell_ids[0])


@pytest.fixture
def analysed(workspace: Workspace, imported: Cell) -> Cell:
    return workspace.analysis.analyse(imported.id, FakeAnalyser(), SilentMonitor())
