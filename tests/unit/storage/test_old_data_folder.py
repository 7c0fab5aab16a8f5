"""A data folder that the program wrote before decisions were stored opens with everything.

`tests/data/make_old_data_folder.py` made it; the JSON beside it is what that version read.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import Placement
from karyogui.domain.separation_check import UNCHECKED
from karyogui.services.progress import SilentMonitor
from karyogui.services.repair_geometry import restore
from karyogui.services.workspace import Workspace, open_workspace
from tests.unit.services.fakes import FakeAssigner
from tests.unit.services.metaphases import FakeReader

DATA = Path(__file__).parents[2] / "data"
TOLD: list[dict[str, Any]] = json.loads((DATA / "old-data-folder.json").read_text())


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with zipfile.ZipFile(DATA / "old-data-folder.zip") as archive:
        archive.extractall(tmp_path / "data")
    opened = open_workspace(tmp_path / "data")
    yield opened
    opened.close()


def cells(workspace: Workspace) -> list[tuple[dict[str, Any], Any, Cell]]:
    """What was told of each cell, its row in the browser, and the cell itself."""
    rows = [
        (entry, workspace.library.cell(entry.id))
        for deleted in (False, True)
        for summary in sorted(workspace.library.summaries(deleted), key=lambda s: s.id)
        for entry in summary.cells
    ]
    return [(told, entry, cell) for told, (entry, cell) in zip(TOLD, rows, strict=True)]


def placed(p: Placement) -> list[object]:
    return [p.chromosome_id, p.slot, p.index, p.turn, p.mirrored, p.confirmed]


def test_it_holds_what_it_should() -> None:
    trails = [text for told in TOLD for _, text, _ in told["trail"]]
    for act in ("Cut", "Split", "Join", "Erase", "Move", "Swap", "Turn", "Confirm", "Undo", "Mark"):
        assert any(text.startswith(act) for text in trails), act
    assert any(told["signed by"] for told in TOLD)
    assert any(told["recipe"] for told in TOLD)
    assert any(told["deleted"] for told in TOLD)
    assert any(told["left"] for told in TOLD)


def test_every_cell_stands_as_it_was_left(workspace: Workspace) -> None:
    for told, entry, cell in cells(workspace):
        assert (cell.name, cell.slide, str(entry.state)) == (
            told["cell"], told["slide"], told["state"],
        )  # fmt: skip
        if cell.waits:  # no version before the separation check said that there was none
            assert cell.waits == UNCHECKED
            assert entry.iscn.startswith("Count not settled: the separation was never checked")
        assert entry.iscn.endswith(told["iscn"])
        assert list(entry.findings[bool(cell.waits) :]) == told["findings"]
        assert [placed(p) for p in cell.placements] == told["placements"]
        assert {c.id for c in cell.chromosomes} == told["chromosomes"].keys()
        for chromosome in cell.chromosomes:
            assert chromosome.assigned is not None
            assert chromosome.predicted is not None
            said = [chromosome.assigned.type, chromosome.predicted.argmax_type]
            assert said == told["chromosomes"][chromosome.id]
        assert {o.id: [str(o.kind), o.by_person] for o in cell.objects} == told["objects"]


def test_trail_sign_off_sittings_and_enhancement_are_all_there(workspace: Workspace) -> None:
    for told, _, cell in cells(workspace):
        trail = [[e.who, e.change.text, str(e.change.kind)] for e in cell.edits]
        assert trail == told["trail"]
        assert (cell.reviewed_by, cell.revision) == (told["signed by"], told["revision"])
        assert (cell.recipe.text() if cell.recipe else None) == told["recipe"]
        assert (cell.quality.reason if cell.quality else None) == told["quality"]
        sittings = [
            [s.who, s.seconds_active, {str(k): n for k, n in s.actions.items()}]
            for s in cell.sittings
        ]
        assert sittings == told["sittings"]


def test_what_a_person_decided_on_is_known(workspace: Workspace) -> None:
    for told, _, cell in cells(workspace):
        assert workspace.analysis.at_stake(cell.id).decided == told["at stake"]
        assert ids(p for p in cell.placements if p.is_decided) == told["decided"]
        assert ids(p for p in cell.placements if p.slot_is_decided) == told["slot decided"]


def test_where_a_person_had_put_what_has_left_the_board_is_known(workspace: Workspace) -> None:
    ((told, cell),) = [(told, cell) for told, _, cell in cells(workspace) if told["left"]]
    (name,) = told["left"]
    (deleted,) = [o for o in cell.objects if o.id == name]
    repair = restore([deleted])
    workspace.repairs.apply(cell.id, repair, "ann")
    workspace.repairs.answer(cell.id, FakeReader(), FakeAssigner("map"), SilentMonitor())
    (back,) = [p for p in workspace.library.cell(cell.id).placements if p.chromosome_id == name]
    assert (back.slot, back.is_decided) == ("22", True)


def ids(placements: Iterable[Placement]) -> list[str]:
    return sorted(p.chromosome_id for p in placements)
