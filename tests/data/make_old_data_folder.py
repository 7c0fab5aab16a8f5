"""Made `old-data-folder.zip`: a data folder with much in it, of version 0004 of the database.

It is kept as the program left it then, so that every later version is seen to open it. It ran in a
checkout of that version (the commit before decisions were stored with the placements):

    python tests/data/make_old_data_folder.py FOLDER

and wrote `old-data-folder.zip` and `old-data-folder.json` there: the folder, and what that version
read out of it. All pictures are generated; the network is the bundled one.
"""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image

from karyogui import paths
from karyogui.domain.case import CaseDetails
from karyogui.domain.karyogram import Change, Karyogram, Placement
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import decided_by_person, decisions
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services import proposals, repair_geometry
from karyogui.services.picture_kind import Look
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage.placing import kept
from karyogui.workers.model_analyser import ModelAnalyser
from karyogui.workers.model_assigner import ModelAssigner
from model.data.metaphase_synthetic import SlideStyle, render_metaphase

TYPES_SHOWN = {"1": 1, "3": 2, "6": 1, "9": 2, "13": 1, "16": 2, "21": 3}
SILENT = SilentMonitor()
WEIGHTS = paths.WEIGHTS / "compact.safetensors"


class Hand:
    """A person at a cell: what they do is recorded as the window recorded it."""

    def __init__(self, workspace: Workspace, cell_id: int, who: str, looker: ModelAnalyser) -> None:
        self.workspace, self.cell_id, self.who, self.looker = workspace, cell_id, who, looker
        self.seconds = 0.0
        self.recorder = workspace.recorder(lambda: who)
        self.recorder._clock = self._tick
        self.recorder.start(cell_id)

    def _tick(self) -> float:
        self.seconds += 2.5
        return self.seconds

    @property
    def karyogram(self) -> Karyogram:
        return Karyogram(self.workspace.library.cell(self.cell_id).placements)

    def does(self, change: Change) -> Change:
        self.workspace.reviews.record(self.cell_id, change, self.who)
        self.recorder.note(change.kind or ActionKind.MOVE)
        return change

    def undoes(self, change: Change) -> None:
        self.workspace.reviews.record(self.cell_id, change.inverse, self.who)
        self.recorder.note(ActionKind.UNDO)

    def standing(self) -> list[SeparatedObject]:
        objects = self.workspace.library.cell(self.cell_id).objects
        return [o for o in objects if o.kind is ObjectKind.CHROMOSOME]

    def used(self) -> frozenset[str]:
        return self.workspace.library.cell(self.cell_id).used_ids

    def repairs(self, repair: Repair) -> Repair:
        assigner = ModelAssigner(WEIGHTS, "map")
        self.workspace.repairs.apply(self.cell_id, repair, self.looker, assigner, self.who, SILENT)
        self.recorder.note(ActionKind(str(repair.kind)))
        return repair


def photograph(seed: int) -> bytes:
    style = SlideStyle(
        size=(300, 260), touching=2, crossings=1, nuclei=1, specks=3, edge_objects=1, noise=0.0,
        mottle=0.0, gradient=8.0,
    )  # fmt: skip
    picture = render_metaphase(TYPES_SHOWN, np.random.default_rng(seed), style).picture
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def imported(workspace: Workspace, folder: Path, kind: Look | None = None) -> tuple[int, ...]:
    return workspace.importer.import_paths([folder], SILENT, kind=kind).cell_ids


def main(out: Path) -> None:
    looker = ModelAnalyser(WEIGHTS, "cpu", "map")
    with tempfile.TemporaryDirectory() as name:
        folder, pictures = Path(name) / "data", Path(name) / "pictures"
        workspace = open_workspace(folder)
        slide = pictures / "Photographs" / "slide 1"
        slide.mkdir(parents=True)
        for seed in (5, 6, 7):
            (slide / f"metaphase {seed}.png").write_bytes(photograph(seed))
        for cell, chosen in (
            ("cell A", range(1, 18)),
            ("cell B", range(18, 26)),
            ("cell C", range(26, 28)),
        ):
            (pictures / "Cut-outs" / cell).mkdir(parents=True)
            with zipfile.ZipFile(paths.DEMO / "demo-46-XY.zip") as archive:
                for n in chosen:
                    member = f"chromosome-{n:02d}.png"
                    (pictures / "Cut-outs" / cell / member).write_bytes(archive.read(member))
        (pictures / "Thrown away" / "cell D").mkdir(parents=True)
        with zipfile.ZipFile(paths.DEMO / "demo-46-XY.zip") as archive:
            for n in range(42, 44):
                member = f"chromosome-{n:02d}.png"
                (pictures / "Thrown away" / "cell D" / member).write_bytes(archive.read(member))
        first, second, third = imported(workspace, pictures / "Photographs", Look.METAPHASE)
        a, b, _new = imported(workspace, pictures / "Cut-outs")
        (thrown,) = imported(workspace, pictures / "Thrown away")
        for cell_id in (first, second, a, b, thrown):
            workspace.analysis.analyse(cell_id, looker, SILENT)
        workspace.analysis.judge(third, looker, SILENT)
        work_on_cut_outs(workspace, a, looker)
        sign(workspace, b, looker)
        work_on_photograph(workspace, first, looker)
        enhance(workspace, second, looker)
        case = workspace.library.case_named("Photographs")
        workspace.library.set_details(case.id, CaseDetails(specimen="blood", laboratory="Lab 1"))
        workspace.library.delete([workspace.library.case_named("Thrown away").id])
        out.mkdir(parents=True, exist_ok=True)
        (out / "old-data-folder.json").write_text(json.dumps(told(workspace), indent=1) + "\n")
        workspace.close()
        with closing(sqlite3.connect(folder / "karyogui.db")) as connection:
            connection.execute("VACUUM")
        pack(folder, out / "old-data-folder.zip")


def work_on_cut_outs(workspace: Workspace, cell_id: int, looker: ModelAnalyser) -> None:
    hand = Hand(workspace, cell_id, "Ann", looker)
    board = hand.karyogram
    ids = [p.chromosome_id for p in board.placements]
    hand.does(board.move([ids[0]], "5"))
    undone = hand.does(hand.karyogram.move([ids[1]], "tray"))
    hand.undoes(undone)
    hand.does(hand.karyogram.swap(ids[2], ids[5]))
    hand.does(hand.karyogram.turn([ids[6]], 180.0))
    hand.does(hand.karyogram.turn([ids[7]], 5.0))
    hand.does(hand.karyogram.mirror([ids[8]]))
    hand.does(hand.karyogram.confirm([ids[9]]))
    hand.does(hand.karyogram.confirm([ids[10]]))
    hand.does(hand.karyogram.confirm([ids[10]], confirmed=False))
    there = hand.karyogram.placement(ids[11])
    hand.does(hand.karyogram.move([ids[11]], "mar"))
    hand.does(hand.karyogram.move([ids[11]], there.slot, there.index))  # back by hand
    hand.recorder.stop()
    # Analysed again later: what Ann decided on stays.
    workspace.analysis.analyse(cell_id, looker, SILENT)
    hand = Hand(workspace, cell_id, "Bob", looker)
    hand.does(hand.karyogram.move([ids[12]], "tray"))
    hand.recorder.stop()


def sign(workspace: Workspace, cell_id: int, looker: ModelAnalyser) -> None:
    hand = Hand(workspace, cell_id, "Ann", looker)
    hand.does(hand.karyogram.confirm([p.chromosome_id for p in hand.karyogram.placements]))
    hand.recorder.stop()
    workspace.reviews.sign_off(cell_id, "Ann")
    workspace.reviews.withdraw_sign_off(cell_id, "Ann")
    workspace.reviews.sign_off(cell_id, "Dr. Eve")


def _line(item: SeparatedObject) -> list[tuple[float, float]]:
    """Across the middle of an object, at right angles to its longer side."""
    (x, y), (h, w) = item.origin, item.mask.shape
    if h >= w:
        return [(x - 4.0, y + h / 2), (x + w + 4.0, y + h / 2)]
    return [(x + w / 2, y - 4.0), (x + w / 2, y + h + 4.0)]


def work_on_photograph(workspace: Workspace, cell_id: int, looker: ModelAnalyser) -> None:
    hand = Hand(workspace, cell_id, "Ann", looker)
    standing = hand.standing()
    width = repair_geometry.chromosome_width(standing)
    crossing = hand.repairs(repair_geometry.join(_near_each_other(standing), width, hand.used()))
    pairing = proposals.crossing_proposals(crossing.after[0])[0]
    hand.repairs(proposals.split_crossing(crossing.after[0], pairing, hand.used()))
    long = max(hand.standing(), key=lambda o: max(o.mask.shape))
    cut = hand.repairs(repair_geometry.cut(long, _line(long), hand.used()))
    pieces = [o for o in hand.standing() if o.id in {p.id for p in cut.after}]
    hand.does(hand.karyogram.move([hand.karyogram.placements[0].chromosome_id], "7"))
    hand.repairs(repair_geometry.join(pieces, width, hand.used()))
    board = hand.karyogram
    hand.does(board.turn([board.placements[1].chromosome_id], 180.0))
    hand.does(hand.karyogram.confirm([board.placements[2].chromosome_id]))
    marked = hand.standing()[3]
    x, y = marked.origin
    rows, columns = np.nonzero(marked.mask)
    tip = (x + float(columns[0]), y + float(rows[0]))
    hand.repairs(repair_geometry.brush(marked, [tip], 2.0, True, (300, 260)))
    moved = hand.karyogram.move([hand.standing()[4].id], "X")
    hand.does(moved)
    taken = hand.repairs(repair_geometry.delete([hand.standing()[4]]))
    hand.repairs(taken.inverse)
    gone = hand.standing()[5]
    hand.repairs(repair_geometry.mark([gone], ObjectKind.DEBRIS))
    hand.repairs(repair_geometry.rotate([hand.standing()[0]], 10.0))
    undone = hand.does(hand.karyogram.move([hand.standing()[1].id], "tray"))
    hand.undoes(undone)
    # One that Ann has put somewhere leaves the board: where it stood is still known.
    hand.does(hand.karyogram.move([hand.standing()[2].id], "22"))
    hand.repairs(repair_geometry.delete([hand.standing()[2]]))
    hand.recorder.stop()


def _near_each_other(objects: list[SeparatedObject]) -> list[SeparatedObject]:
    """Two objects that make a crossing when they are joined."""
    width = repair_geometry.chromosome_width(objects)
    for one in objects:
        for other in objects:
            if one.id < other.id:
                joined = repair_geometry.join([one, other], width, ()).after[0]
                try:
                    proposals.crossing_proposals(joined)
                except KaryoError:
                    continue
                return [one, other]
    raise SystemExit("no two objects make a crossing")


def enhance(workspace: Workspace, cell_id: int, looker: ModelAnalyser) -> None:
    hand = Hand(workspace, cell_id, "Ann", looker)
    workspace.repairs.set_recipe(cell_id, Recipe(flatten=True, gamma=1.2), "Ann")
    hand.recorder.note(ActionKind.ENHANCE)
    board = hand.karyogram
    hand.does(board.move([board.placements[0].chromosome_id], "X"))
    hand.repairs(repair_geometry.delete([hand.standing()[-1]]))
    hand.recorder.stop()


def told(workspace: Workspace) -> list[dict[str, object]]:
    """What this version reads of every cell."""
    rows = []
    for deleted in (False, True):
        for summary in sorted(workspace.library.summaries(deleted), key=lambda s: s.id):
            for entry in summary.cells:
                cell = workspace.library.cell(entry.id)
                same = {p.chromosome_id: 0.0 for p in cell.placements}
                decided = kept(cell.placements, decisions(cell.edits), same)
                rows.append(
                    {
                        "case": summary.name,
                        "deleted": deleted,
                        "state": str(entry.state),
                        "cell": cell.name,
                        "slide": cell.slide,
                        "iscn": entry.iscn,
                        "findings": list(entry.findings),
                        "revision": cell.revision,
                        "chromosomes": {
                            c.id: [
                                None if c.assigned is None else c.assigned.type,
                                None if c.predicted is None else c.predicted.argmax_type,
                            ]
                            for c in cell.chromosomes
                        },
                        "objects": {o.id: [str(o.kind), o.by_person] for o in cell.objects},
                        "placements": [_placement(p) for p in cell.placements],
                        "decided": sorted(p.chromosome_id for p in decided),
                        "slot decided": sorted(
                            decided_by_person(cell.edits, Karyogram(cell.placements))
                        ),
                        "left": sorted(decisions(cell.edits).left),
                        "trail": [[e.who, e.change.text, str(e.change.kind)] for e in cell.edits],
                        "signed by": cell.reviewed_by,
                        "recipe": cell.recipe.text() if cell.recipe else None,
                        "quality": cell.quality.reason if cell.quality else None,
                        "at stake": workspace.analysis.at_stake(cell.id).decided,
                        "sittings": [
                            [s.who, s.seconds_active, {str(k): n for k, n in s.actions.items()}]
                            for s in cell.sittings
                        ],
                    }
                )
    return rows


def _placement(p: Placement) -> list[object]:
    return [p.chromosome_id, p.slot, p.index, p.turn, p.mirrored, p.confirmed]


def pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in (".db", ".png"):
                archive.write(path, path.relative_to(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
