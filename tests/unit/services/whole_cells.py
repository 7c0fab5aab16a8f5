"""A stored case of whole cells: cut-outs that a fake network takes for 46,XY and 47,XXY."""

from pathlib import Path

from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from tests.unit.services.fakes import FakeAnalyser, blob, encoded


def stored_case(workspace: Workspace, folder: Path, numbers: tuple[int, ...] = (46, 47)) -> int:
    """The id of a new, analysed case with a cell for each number of chromosomes."""
    for number, count in enumerate(numbers, start=1):
        cell = folder / "case 7" / f"cell {number}"
        cell.mkdir(parents=True)
        for n in range(count):
            pixels = blob(30 + n % 20, 14, number)
            (cell / f"{n:02d}.png").write_bytes(encoded(pixels))
    outcome = workspace.importer.import_paths([folder / "case 7"], SilentMonitor())
    for cell_id in outcome.cell_ids:
        workspace.analysis.analyse(cell_id, FakeAnalyser(), SilentMonitor())
    return workspace.library.cell(outcome.cell_ids[0]).case_id
