"""What the strip says in words. No Qt."""

from __future__ import annotations

from html import escape

from karyogui.domain.amounts import amount
from karyogui.domain.karyogram import MARKER, TRAY
from karyogui.domain.review import per_cent
from karyogui.domain.strip import StripChromosome

NO_CASE = "Open a case to compare its chromosomes across the cells."
NOTHING = "No chromosome of this type in any analysed cell of the case."
LOADING = "The chromosomes of the case are being read …"
STRAIGHTENING = "Straightening …"
NO_MARKED = "None looks different from the others."
SELECT_FIRST = "Select a chromosome first."


def section_title(slot: str) -> str:
    """A slot as a headline: `Chromosome 7`, `Markers`, `Unplaced`."""
    return {MARKER: "Markers", TRAY: "Unplaced"}.get(slot, f"Chromosome {slot}")


def lines(item: StripChromosome) -> list[str]:
    """What is known of one chromosome, the most telling first."""
    told = [f"{section_title(item.slot)} of {item.cell_name}"]
    if item.carries:
        told.append(f"Carries {item.carries}")
    if item.is_marked:
        told.append(
            f"▲ Looks different from the others of its type (distance {item.distance:.2f} of 1)"
        )
    if item.chromosome.predicted is not None:
        best = ", ".join(f"{k} {per_cent(p)}" for k, p in item.chromosome.predicted.best(2))
        told.append(f"Looks like {best}")
    if item.asks:
        told.append("● It would fit its cell nearly as well elsewhere")
    if item.placement.confirmed:
        told.append("Confirmed ✓")
    if item.is_signed:
        told.append("Its cell is signed off and cannot be edited")
    if item.is_excluded:
        told.append("Its cell is excluded from the case")
    return told


def tooltip(item: StripChromosome) -> str:
    """The same as rich text, names from outside escaped."""
    return "<br>".join(escape(line) for line in lines(item))


def described(items: list[StripChromosome]) -> str:
    """The selection, for the line above the strip and for assistive technology."""
    if not items:
        return ""
    if len(items) == 1:
        return ". ".join(lines(items[0])) + "."
    cells = len({item.cell_id for item in items})
    return f"{len(items)} chromosomes of {amount(cells, 'cell')} selected."
