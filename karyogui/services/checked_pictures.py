"""The laboratory's own photographs whose separation a person has checked, to train on.

Labelme files with a mask for every chromosome as it stands now, repairs included, beside the
pictures as the network saw them; names are opaque, as those of reviewed cells. Whatever is dark and
not outlined is no chromosome; of what the border cuts nobody says so.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from karyogui.domain.amounts import amount
from karyogui.domain.cell import Cell
from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.domain.separation_check import EntryState
from karyogui.errors import KaryoError
from karyogui.services.analysis import metaphase_of
from karyogui.services.progress import Monitor, Progress
from karyogui.services.training_set import Put, as_png, opened_set, own_cells
from karyogui.services.workspace import Workspace
from karyogui.storage.files import disk_error
from model.vocabulary.archive import (
    FOLDS,
    ArchiveFiles,
    case_of_outlines,
    ending,
    fold_of,
    own_picture,
    stem,
)
from model.vocabulary.training import LEAST_HELD_OUT, LEAST_LEARNED

NEEDED = (
    f"At least {LEAST_LEARNED} are needed to learn from, and {LEAST_HELD_OUT} of other cases to "
    "measure on."
)


@dataclass(frozen=True)
class CheckedSummary:
    """How many photographs were checked, of how many persons, and in which fold they fall."""

    cases: int = 0
    pictures: int = 0
    by_fold: Mapping[int, int] = field(default_factory=dict)

    def held_out(self, fold: int) -> int:
        """How many are kept apart when that fold is."""
        return self.by_fold.get(fold, 0)

    def suffices(self, fold: int) -> bool:
        """Whether there are enough on both sides when that fold is kept apart."""
        held = self.held_out(fold)
        return held >= LEAST_HELD_OUT and self.pictures - held >= LEAST_LEARNED

    @property
    def best_fold(self) -> int:
        """The fold to keep apart: one with enough on both sides, nearest to a fifth of them all."""
        wanted = self.pictures / FOLDS
        return min(
            range(FOLDS),
            key=lambda f: (not self.suffices(f), abs(self.held_out(f) - wanted), f),
        )

    def complaint(self, fold: int) -> str:
        """Why a training that keeps that fold apart is not worth while, a sentence; or empty."""
        if not self.pictures:
            return (
                "No photograph of this data folder has been checked yet: work off the separation "
                f"check of some cells, or sign them off. {NEEDED}"
            )
        if self.suffices(fold):
            return ""
        held = self.held_out(fold)
        if not any(self.suffices(each) for each in range(FOLDS)):
            return f"{self.words(fold)} {NEEDED} Check more photographs."
        return (
            f"Of fold {fold} there {'is' if held == 1 else 'are'} {amount(held, 'checked picture')}"
            f", of the others {self.pictures - held}: keep fold {self.best_fold} apart. {NEEDED}"
        )

    def words(self, fold: int) -> str:
        """How many there are and what becomes of them, a sentence."""
        held = self.held_out(fold)
        return (
            f"{amount(self.pictures, 'checked picture')} of {amount(self.cases, 'case')}: "
            f"{self.pictures - held} to learn from, {held} kept apart to measure on."
        )


def is_checked(cell: Cell) -> bool:
    """Whether a person has seen to it that every chromosome of a photograph is outlined.

    Signed off; or nothing of the separation check is open any more and a person did that, or has
    counted the cell since. A check without an entry says nothing: nobody need have looked.
    """
    if not cell.has_photograph or not cell.is_analysed or cell.awaits_answer or cell.broken:
        return False
    if cell.reviewed_at is not None:
        return True
    if not cell.has_check or cell.open_check:
        return False
    worked_off = any(entry.state is not EntryState.OPEN for entry in cell.check)
    status = cell.note.status
    return worked_off or (status is not None and status.is_counted)


def summarise_checked(workspace: Workspace) -> CheckedSummary:
    """How many photographs were checked; reads no picture."""
    return _summary([(case, cell.id) for case, cell in _checked(workspace)])


def summary_of_archive(archive: Path) -> CheckedSummary:
    """The same of an archive that was written before; `KaryoError` when it cannot be read."""
    names = {stem(n) for n in ArchiveFiles(archive).names if ending(n) == "json"}
    return _summary([(case_of_outlines(name), name) for name in names])


def write_checked_pictures(
    workspace: Workspace, target: Path, monitor: Monitor, fold: int | None = None
) -> CheckedSummary:
    """Write the archive: a zip where `target` ends in `.zip`, else a folder. All of it or nothing.

    Raises `KaryoError` when too few are checked for a training that keeps `fold` apart (None: the
    best one), `target` exists or the disk refuses, and `Cancelled` when the monitor says so.
    """
    chosen = [(case, cell.id) for case, cell in _checked(workspace)]
    found = _summary(chosen)
    if complaint := found.complaint(found.best_fold if fold is None else fold):
        raise KaryoError(complaint)
    if target.exists():
        raise KaryoError(f"{target} exists already.", "Choose another name.")
    try:
        with opened_set(target) as put:
            for done, (case, cell_id) in enumerate(chosen):
                cell = workspace.library.cell(cell_id)
                monitor.report(Progress(done, len(chosen), f"Collecting {cell.name}"))
                picture = metaphase_of(cell, workspace.cells).enhanced
                _write(own_picture(case, cell_id), picture, cell.objects, put)
            monitor.report(Progress(len(chosen), len(chosen), "Collected"))
    except OSError as error:
        raise disk_error(error, target) from error
    return found


def _checked(workspace: Workspace) -> Iterator[tuple[str, Cell]]:
    return ((case, cell) for case, cell in own_cells(workspace.library) if is_checked(cell))


def _summary(chosen: Sequence[tuple[str, object]]) -> CheckedSummary:
    folds = Counter(fold_of(case) for case, _ in chosen)
    return CheckedSummary(len({case for case, _ in chosen}), len(chosen), dict(folds))


def _write(
    name: str, picture: NDArray[np.uint8], objects: Sequence[SeparatedObject], put: Put
) -> None:
    kinds = (ObjectKind.CHROMOSOME, ObjectKind.EDGE)
    height, width = picture.shape
    labels = {
        "version": "5.2.1",
        "flags": {},
        "shapes": [_shape(item) for item in objects if item.kind in kinds],
        "imagePath": f"{name}.png",
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }
    put(f"{name}.png", as_png(picture))
    put(f"{name}.json", json.dumps(labels).encode())


def _shape(item: SeparatedObject) -> dict[str, object]:
    """An object as labelme keeps masks: packed, with the corners of its box."""
    (x, y), (h, w) = item.origin, item.mask.shape
    packed = as_png(item.mask.astype(np.uint8) * 255)
    return {
        "label": item.kind.value,
        "points": [[x, y], [x + w - 1, y + h - 1]],
        "group_id": None,
        "shape_type": "mask",
        "flags": {},
        "mask": base64.b64encode(packed).decode(),
    }
