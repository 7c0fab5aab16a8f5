"""What the board says in words: tooltips, accessible descriptions and hints. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from karyogui.domain.amounts import sentence
from karyogui.domain.chromosome import Chromosome, Polarity
from karyogui.domain.karyogram import MARKER, TRAY, Karyogram, Placement
from karyogui.domain.review import per_cent

EMPTY_BOARD = "Drop a folder of chromosome pictures here,\nor open the demonstration case."
NOT_ANALYSED = "This cell has not been analysed yet.\nAnalyse it to fill the board."
NOTHING_TO_REVIEW = "Nothing is left to review."
NOTHING_SELECTED = "Select a chromosome first."
SWAP_HINT = "Hold Ctrl to swap the two."


def slot_title(slot: str) -> str:
    """A slot as a headline: `Chromosome 7`, `Marker`, `Unplaced`."""
    return {MARKER: "Marker", TRAY: "Unplaced"}.get(slot, f"Chromosome {slot}")


def slot_label(slot: str) -> str:
    """What stands under a slot."""
    return "Unplaced" if slot == TRAY else slot


def headline(placement: Placement, karyogram: Karyogram) -> str:
    """Where a chromosome stands: `Chromosome 7, 1 of 2`."""
    count = len(karyogram.in_slot(placement.slot))
    return f"{slot_title(placement.slot)}, {placement.index + 1} of {count}"


def _standing(placement: Placement, shrunk: float) -> list[str]:
    words = []
    if placement.confirmed:
        words.append("confirmed ✓")
    if placement.turn:
        words.append(f"turned {placement.turn:g}° clockwise")
    if placement.mirrored:
        words.append("mirrored")
    if shrunk < 1:
        words.append(f"shown at {shrunk:.0%} of the common scale".replace("%", " %"))
    return words


def _polarity(chromosome: Chromosome) -> str:
    if chromosome.predicted is None:
        return ""
    up = chromosome.predicted.polarity_probabilities[Polarity.Q_UP]
    down = chromosome.predicted.polarity_probabilities[Polarity.Q_DOWN]
    return f"picture as imported: q arm down {per_cent(down)}, up {per_cent(up)}"


def describe(
    chromosome: Chromosome,
    placement: Placement,
    karyogram: Karyogram,
    reasons: Sequence[str] = (),
    shrunk: float = 1.0,
) -> str:
    """One chromosome in one plain sentence, for a screen reader; `reasons` need review."""
    words = [headline(placement, karyogram)]
    if chromosome.predicted:
        kind, probability = chromosome.predicted.best(1)[0]
        words.append(f"network says {kind} with {per_cent(probability)}")
    words += _standing(placement, shrunk)
    words += [reason.rstrip(".") for reason in reasons]
    return "; ".join(words) + "."


def tooltip(
    chromosome: Chromosome,
    placement: Placement,
    karyogram: Karyogram,
    reasons: Sequence[str] = (),
    shrunk: float = 1.0,
) -> str:
    """One chromosome, line by line: five best types, polarity, reasons, how it stands, source."""
    lines = [headline(placement, karyogram)]
    if chromosome.predicted:
        lines += [f"{kind}: {per_cent(likely)}" for kind, likely in chromosome.predicted.best()]
    told = [*reasons, _polarity(chromosome), ", ".join(_standing(placement, shrunk))]
    lines += [sentence(line) for line in told if line]
    return "\n".join([*lines, chromosome.segment.source])
