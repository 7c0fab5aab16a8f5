"""The reviewed cells of the open data folder as data to train on."""

from __future__ import annotations

from pathlib import Path

from karyogui.services.library import Library
from karyogui.services.progress import Monitor
from karyogui.services.training_set import TrainingSetSummary, summarise, write_training_set
from karyogui.ui.training.training_form import OwnSummary


class OwnData:
    """Counts and writes them."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def summary(self) -> OwnSummary:
        """How much there is, in words."""
        return own_summary(summarise(self._library))

    def write(self, target: Path, monitor: Monitor) -> None:
        """Write them as an archive; `KaryoError` when that cannot be done."""
        write_training_set(self._library, target, monitor)


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
