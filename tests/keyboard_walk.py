"""`python -m tests.keyboard_walk --data ARCHIVE --out FILE`: photographs settled by keys alone.

Of held-out pictures. A window is driven by key presses, as by a person who knows what the
archive's boxes say: entry by entry of the separation check, then chromosome by chromosome of the
review. What no proposal repairs is counted as unsolved and called right, so that the walk comes to
an end. Told are the keys, what was unsolved, and whether the counts are the true ones.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import mean, median

import cv2
import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from scipy.optimize import linear_sum_assignment

from karyogui.app import make_analyser, make_application
from karyogui.domain.cell import Cell
from karyogui.domain.separation import ObjectKind
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import open_workspace
from karyogui.settings import SettingsStore
from karyogui.ui import theme
from karyogui.ui.main_window import MainWindow
from karyogui.ui.metaphase.tools.join import JoinTool
from karyogui.ui.metaphase.tools.split import SplitTool
from karyogui.ui.window_state import WindowState
from model.data.metaphases import MetaphaseArchive
from model.evaluation.metaphases.cells import FoundCell, FoundObject, KnownCell
from model.evaluation.metaphases.matching import box_ious, tally
from model.evaluation.metaphases.silence import Fault, FaultKind, class_of, faults_of
from model.vocabulary.labels import TYPES
from model.weights import DEFAULT

FITS = 0.5
MOST_TRIES, MOST_STEPS = 2, 160
Key = Qt.Key
KEYS = {str(n): getattr(Key, f"Key_{n}") for n in range(10)} | {"X": Key.Key_X, "Y": Key.Key_Y}


@dataclass
class Walked:
    """What one photograph cost. Its name stays out: it belongs to the archive."""

    entries: int
    keys: int = 0
    unsolved: list[str] = field(default_factory=list)
    left: int = 0
    counts_are_right: bool = False


class Walk:
    """One window, and a person at its keyboard."""

    def __init__(self, folder: Path) -> None:
        self.app = make_application()
        theme.apply(self.app, theme.LIGHT)
        settings = SettingsStore(folder / "settings.toml")
        settings.change(replace(settings.values, who="A. Reviewer", analyse_after_import=False))
        self.folder = folder
        self.workspace = open_workspace(folder / "data")
        self.network = make_analyser(DEFAULT, "cpu", "map")
        state = WindowState(folder / "window.ini")
        self.window = MainWindow(
            self.workspace, settings, state, lambda path, device: make_analyser(path, device, "map")
        )
        self.window.resize(1280, 800)
        self.window.show()
        self.window.activateWindow()
        self.walked = Walked(0)

    # -- the keyboard ----------------------------------------------------------------------------

    def press(self, *keys: Key) -> None:
        """Press keys one after the other, each where the focus is; wait for what they set off."""
        for key in keys:
            self.walked.keys += 1
            QTest.keyClick(QApplication.focusWidget() or self.window, key)
            self.wait(30)
            for _ in range(2000):
                cell = self.window.open_cell.cell
                if not (self.window.queue.running or (cell and cell.awaits_answer)):
                    break
                self.wait(50)
            self.wait(60)

    def wait(self, milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    # -- the walk --------------------------------------------------------------------------------

    def work_off(self, archive: MetaphaseArchive, name: str) -> Walked:
        known = KnownCell(
            name, archive.case(name), archive.truth(name), archive.counts(name),
            archive.countable(name),
        )  # fmt: skip
        picture = self.folder / "metaphase.png"
        cv2.imwrite(str(picture), np.asarray(archive.picture(name)))
        outcome = self.workspace.importer.import_paths([picture], SilentMonitor())
        (cell_id,) = outcome.cell_ids
        self.workspace.analysis.analyse(cell_id, self.network, SilentMonitor())
        self.window.open_cell.open(cell_id)
        self.window.show_metaphase()
        self.wait(300)
        self.window.metaphase.panel.view.setFocus()
        self.walked = Walked(len(self.cell.open_check))
        self.check(known)
        self.review(known)
        found = self.found()
        faults = faults_of(known, found, tally(known, found))
        self.walked.left = len(faults)
        counts = np.bincount([o.type for o in found.chromosomes if o.type is not None],
                             minlength=len(TYPES))  # fmt: skip
        self.walked.counts_are_right = tuple(counts.tolist()) == known.counts
        return self.walked

    def check(self, known: KnownCell) -> None:
        """The entries of the separation check, round and round until there is none."""
        tried: dict[str, int] = {}
        self.press(Key.Key_N)
        for _ in range(MOST_STEPS):
            if not self.window.check.entries:
                return
            current = self.window.check.current
            if current is None:
                self.press(Key.Key_N)
                continue
            tried[current] = tried.get(current, 0) + 1
            self.entry(known, current, tried[current] > MOST_TRIES)
            if self.window.metaphase.panel.view.has_tool:
                self.press(Key.Key_Escape)

    def entry(self, known: KnownCell, current: str, gives_up: bool) -> None:
        found = self.found()
        faults = faults_of(known, found, tally(known, found))
        number = [o.id for o in self.cell.objects].index(current)
        truth = class_of(number, found, faults)
        is_chromosome = found.objects[number].kind is ObjectKind.CHROMOSOME
        if gives_up:
            self.walked.unsolved.append("gave up")
            self.press(Key.Key_Return if is_chromosome else Key.Key_D)
        elif truth != "none" and not is_chromosome:
            self.press(Key.Key_H)  # whatever else it is: it is judged again
        elif truth == "one":
            self.press(Key.Key_Return)
        elif truth == "none":
            self.press(Key.Key_D if is_chromosome else Key.Key_Return)
        elif truth == "several":
            self.split(known, current)
        else:
            self.join(current, number, faults)

    def split(self, known: KnownCell, current: str) -> None:
        item = next(o for o in self.cell.objects if o.id == current)
        self.press(Key.Key_S)
        tool = self.window.metaphase.panel.view.tool
        proposals = tool.proposals if isinstance(tool, SplitTool) else ()
        fits = [fitting(known, p.masks, item.origin) for p in proposals]
        if not fits or max(fits) <= fitting(known, [item.mask], item.origin):
            self.leave(current, "several")
            return
        best = fits.index(max(fits))
        self.press(*([KEYS[str(best + 1)]] if best else []), Key.Key_Return)

    def join(self, current: str, number: int, faults: Sequence[Fault]) -> None:
        mates = {
            self.cell.objects[i].id
            for fault in faults
            if fault.kind is FaultKind.PART and number in fault.objects
            for i in fault.objects
        }
        self.press(Key.Key_J)
        tool = self.window.metaphase.panel.view.tool
        partners = tool.partners if isinstance(tool, JoinTool) else ()
        at = next((n for n, other in enumerate(partners) if other.id in mates), None)
        if at is None:
            self.leave(current, "part")
        else:
            self.press(*([KEYS[str(at + 1)]] if at else []), Key.Key_Return)

    def leave(self, current: str, what: str) -> None:
        """No proposal is right: it is counted, and called right."""
        self.walked.unsolved.append(what)
        self.press(Key.Key_Escape)
        if self.window.metaphase.panel.view.has_tool:
            self.press(Key.Key_Escape)
        self.window.metaphase.panel.select((current,))
        self.press(Key.Key_Return)

    def review(self, known: KnownCell) -> None:
        """The chromosomes whose type is to be reviewed."""
        opened = self.window.open_cell
        for _ in range(MOST_STEPS):
            if not opened.needs_review:
                return
            if len(opened.selection) != 1 or opened.selection[0] not in opened.needs_review:
                self.press(Key.Key_N)
            chosen = [i for i in opened.selection if i in opened.needs_review]
            if chosen:
                self.one_type(known, chosen[0])

    def one_type(self, known: KnownCell, current: str) -> None:
        assert self.window.open_cell.karyogram is not None
        found = self.found()
        number = [i for i, o in enumerate(found.objects) if o.kind is ObjectKind.CHROMOSOME]
        true = {number[o]: known.truths[t].type for t, o in tally(known, found).pairs}
        kind = true.get([o.id for o in self.cell.objects].index(current))
        slot = self.window.open_cell.karyogram.placement(current).slot
        if kind is not None and TYPES[kind] != slot:
            self.press(*(KEYS[letter] for letter in TYPES[kind]))
            self.wait(750)  # as long as another digit is waited for
            if current not in self.window.open_cell.needs_review:
                return
        elif slot not in TYPES:
            self.press(Key.Key_M)
        self.press(Key.Key_Return)

    # -- what there is ---------------------------------------------------------------------------

    @property
    def cell(self) -> Cell:
        cell = self.window.open_cell.cell
        assert cell is not None
        return cell

    def found(self) -> FoundCell:
        """The cell as it stands, as the evaluation knows cells."""
        board = self.window.open_cell.karyogram
        objects = []
        for item in self.cell.objects:
            kind = None
            if item.kind is ObjectKind.CHROMOSOME and board is not None:
                slot = board.placement(item.id).slot
                kind = TYPES.index(slot) if slot in TYPES else None
            (x, y), (h, w) = item.origin, item.mask.shape
            box = (x, y, w, h)
            objects.append(FoundObject(item.kind, item.score, box, item.mask, item.origin, kind))
        return FoundCell(self.cell.name, tuple(objects), 0.0)


def fitting(
    known: KnownCell, masks: Sequence[np.ndarray], origin: tuple[int, int]
) -> tuple[int, float]:
    """How many true chromosomes masks at `origin` fit, and how well together."""
    boxes = []
    for mask in masks:
        rows, columns = np.nonzero(mask)
        left, top = origin[0] + columns.min(), origin[1] + rows.min()
        boxes.append((left, top, np.ptp(columns) + 1, np.ptp(rows) + 1))
    overlaps = box_ious(known.boxes, np.array(boxes, np.float64))
    pairs = overlaps[linear_sum_assignment(-overlaps)]
    return int((pairs >= FITS).sum()), float(pairs[pairs >= FITS].sum())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("tests.keyboard_walk", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="ARCHIVE")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--pictures", type=int, default=20)
    options = parser.parse_args(arguments)
    archive = MetaphaseArchive(options.data)
    _, held = archive.split(0)
    names = [held[i * len(held) // options.pictures] for i in range(options.pictures)]
    with tempfile.TemporaryDirectory() as folder:
        walk = Walk(Path(folder))
        rows = [walk.work_off(archive, name) for name in names]
        walk.window.close()
    options.out.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    keys = [row.keys for row in rows]
    sys.stdout.write(
        f"{len(rows)} photographs: keys {min(keys)} … {max(keys)}, median {median(keys)}, mean "
        f"{mean(keys):.1f}; counts right in {sum(row.counts_are_right for row in rows)}; "
        f"{sum(len(row.unsolved) for row in rows)} objects that no proposal repairs, in "
        f"{sum(bool(row.unsolved) for row in rows)}\n"
    )
    sys.stdout.flush()
    os._exit(0)  # no waiting for threads of the network


if __name__ == "__main__":
    main()
