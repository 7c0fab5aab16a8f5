"""The laboratory's own cells as data to train on: how many there are, and writing them."""

from __future__ import annotations

from dataclasses import dataclass

from karyogui.services.checked_pictures import (
    CheckedSummary,
    summarise_checked,
    write_checked_pictures,
)
from karyogui.services.progress import Monitor
from karyogui.services.training_set import TrainingSetSummary, summarise, write_training_set
from karyogui.services.workspace import Workspace
from model.vocabulary.choices import SEPARATION
from model.vocabulary.training_request import TrainingRequest


@dataclass(frozen=True)
class OwnSummary:
    """What the workspace's reviewed cells offer; `complaint` says why they cannot be used."""

    words: str
    complaint: str = ""


class OwnData:
    """What persons have checked in the open data folder, as data to train on."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def summary(self) -> OwnSummary:
        """How many cells were reviewed, in words."""
        return own_summary(summarise(self._workspace.library))

    def checked(self) -> CheckedSummary:
        """How many photographs' separation was checked."""
        return summarise_checked(self._workspace)

    def write(self, request: TrainingRequest, monitor: Monitor) -> None:
        """Write what a training asks for as its archive; `KaryoError` when that cannot be done."""
        if request.network == SEPARATION:
            fold = request.held_out
            write_checked_pictures(self._workspace, request.data, monitor, fold)
        else:
            write_training_set(self._workspace.library, request.data, monitor)


def own_summary(found: TrainingSetSummary) -> OwnSummary:
    """What was found in words, and why it cannot be trained on, if so."""
    if not found.chromosomes:
        return OwnSummary(
            "", "Nothing has been reviewed here yet: confirm chromosomes, or sign off cells."
        )
    words = (
        f"{_count(found.chromosomes, 'chromosome')} of {_count(found.cells, 'cell')} "
        f"and {_count(found.cases, 'case')}"
    )
    if found.partial_cells:
        words += f"; {_count(found.partial_cells, 'cell')} reviewed in part"
    if missing := found.missing_types:
        named = ", ".join(missing) if len(missing) <= 6 else f"{len(missing)} types"
        return OwnSummary(
            words, f"No chromosome {named} has been reviewed yet; all 24 types are needed."
        )
    if found.cases < 2:
        return OwnSummary(words, "At least two cases must be reviewed: one is kept for the test.")
    return OwnSummary(f"{words}.")


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
