"""A small data folder with something in every table, for the tests of the record."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from karyogui.domain.cell import PictureKind
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import Quality
from karyogui.domain.sitting import ActionKind, Sitting
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from tests.unit.services.fakes import FakeAssigner, encoded
from tests.unit.services.metaphases import FakeReader, cut, photograph

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
QUALITY = Quality(6, 1, 2, 0.75, 450, True, "Well spread.", 0.9)


def write_photographs(folder: Path, count: int = 1, first: int = 0) -> Path:
    """Generated photographs in a folder, each a little other than the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        pixels = photograph()
        pixels[:3, :3] = np.uint8(number)
        (folder / f"cell {number + 1}.png").write_bytes(encoded(pixels))
    return folder


def analysed(workspace: Workspace, folder: Path, count: int = 1, first: int = 0) -> tuple[int, ...]:
    """Cells of generated photographs, imported as a case and analysed."""
    source = write_photographs(folder, count, first)
    came = workspace.importer.import_paths([source], SilentMonitor(), kind=PictureKind.METAPHASE)
    for cell_id in came.cell_ids:
        workspace.analysis.analyse(cell_id, FakeReader(), SilentMonitor())
    return came.cell_ids


def move(workspace: Workspace, cell_id: int, number: int, slot: str) -> None:
    """Move a chromosome of a cell, by its place in the list."""
    placements = workspace.library.cell(cell_id).placements
    wanted = placements[number % len(placements)].chromosome_id
    workspace.reviews.record(cell_id, Karyogram(placements).move([wanted], slot), "Ann")


def filled(folder: Path, pictures: Path) -> None:
    """A data folder: one case with a repaired and signed cell, another with an excluded one."""
    workspace = open_workspace(folder, who=lambda: "Ann")
    try:
        first, second = analysed(workspace, pictures / "Miller", 2)
        cell = workspace.library.cell(first)
        repair = cut(cell.objects[0], 10, "n1", "n2")
        workspace.repairs.apply(first, repair, "Ann")
        workspace.repairs.answer(first, FakeReader(), FakeAssigner("map"), SilentMonitor())
        workspace.cells.record_recipe(second, Recipe(gamma=1.2), "Ann")
        workspace.cells.add_first_look(second, QUALITY)
        workspace.cells.add_sitting(first, Sitting("Ann", NOW, NOW, 5.0, {ActionKind.MOVE: 2}))
        move(workspace, first, 1, "5")
        details = workspace.library.case(1).details
        named = replace(details, patient_name="Eve Example", comment="seen twice")
        workspace.library.set_details(1, named)
        workspace.reviews.sign_off(first, "Bob")
        (other,) = analysed(workspace, pictures / "Smith", 1, first=2)
        workspace.library.exclude([other], "Bands too poor", "Ann")
    finally:
        workspace.close()
