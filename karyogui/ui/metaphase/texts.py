"""What the metaphase view says in words. No Qt."""

from __future__ import annotations

from collections.abc import Iterable

from karyogui.domain.amounts import amount
from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import MARKER, TRAY, Karyogram, slot_name
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject, quality_figures
from karyogui.domain.separation_check import CheckEntry, expected_repairs, expected_text
from karyogui.ui.metaphase.items import LOW_SCORE
from model.vocabulary.quality import TWO_CELLS

NO_METAPHASE = "This cell has no metaphase picture"
NO_METAPHASE_HINT = (
    "It was imported as ready cut-outs, one picture for each chromosome. "
    "Everything is shown in the karyogram."
)
OF_KARYOGRAM_HINT = (
    "Its chromosomes were cut out of a finished karyogram and keep their places there. "
    "Everything is shown in the karyogram."
)
OPENING = "Opening the picture…"
UNREADABLE = "The metaphase picture cannot be shown"
NOT_ANALYSED = "Press F5 to separate and analyse."
WAITING = "Being analysed. The outlines appear as soon as it is done."
ANALYSE_AGAIN = "Recorded. Press F5 to analyse the picture with it."
DIVIDE = "are there two cells in the picture? The Metaphase menu divides it."

_LINE = 100
"""Pixels: objects whose middles are in one such stripe are read from left to right."""

_NAMES = {
    ObjectKind.CHROMOSOME: "Chromosome",
    ObjectKind.NUCLEUS: "Nucleus",
    ObjectKind.DEBRIS: "Debris",
    ObjectKind.EDGE: "Cut by the border",
    ObjectKind.DELETED: "Deleted",
}
_STATES = {
    ObjectKind.NUCLEUS: "Nucleus: not placed on the board.",
    ObjectKind.DEBRIS: "Debris: not placed on the board.",
    ObjectKind.EDGE: "Cut by the border of the picture: not placed on the board.",
    ObjectKind.DELETED: "Deleted by a person: not placed on the board.",
}


def name_of(kind: ObjectKind) -> str:
    """What an object is, as a title: `Debris`, `Cut by the border`."""
    return _NAMES[kind]


def verdict(quality: Quality, entries: Iterable[CheckEntry] = ()) -> str:
    """What the cell will still cost, and why; `entries` are those of the separation check."""
    if quality.objects > TWO_CELLS:
        return f"{amount(quality.objects, 'object')}: {DIVIDE}"
    word = expected_text(expected_repairs(quality, entries))
    if word and quality.worth:
        return f"{word}."  # its counts are those before any repair; the line below has today's
    if not word:
        word = "Worth karyotyping" if quality.worth else "Hardly worth karyotyping"
    reason = quality.reason.strip()
    return f"{word}: {reason[:1].lower() + reason[1:]}" if reason else f"{word}."


def facts(cell: Cell) -> str:
    """What was found, and how good the picture is; empty where nothing is known or was seen."""
    chromosomes = sum(each.kind is ObjectKind.CHROMOSOME for each in cell.objects)
    others = len(cell.objects) - chromosomes
    parts = []
    if cell.objects:
        parts.append(amount(chromosomes, "chromosome"))
    if others:
        parts.append(amount(others, "other object"))
    quality = cell.quality
    if quality is not None and (cell.objects or quality.objects):
        if not cell.objects:
            parts.append(amount(quality.objects, "object"))
        parts += _measures(cell, quality)
        parts += [f.replace(" %", "\N{NO-BREAK SPACE}%") for f in quality_figures(quality)]
    doubts = []  # behind the count, since what does not fit is cut off at the end
    if quality is not None and quality.unreadable:
        doubts.append(quality.unreadable[:1].lower() + quality.unreadable[1:])
    if cell.is_stout:
        doubts.append("stouter than any seen in training: types are less certain")
    parts[1:1] = doubts
    return "  ·  ".join(parts)


def _measures(cell: Cell, quality: Quality) -> list[str]:
    """Width of a chromosome and scale of the types, and by what factor they were set or chosen."""
    told = cell.analysed_recipe if cell.is_analysed else cell.recipe
    width, scale = (told.width, told.scale) if told else (0.0, 0.0)
    parts = []
    if quality.width is not None:
        chosen = quality.width_factor or 1.0
        factor = f" ({width:g} × by hand)" if width else f" ({chosen:.3g} × the estimate)"
        is_plain = not width and round(chosen, 2) == 1.0
        parts.append(f"width {quality.width:.1f} px{'' if is_plain else factor}")
    if cell.assignment is not None and cell.assignment.scale is not None:
        fits = quality.other_scale
        factor = f" ({fits:.3g} × would fit)" if fits else ""
        if scale:
            factor = f" ({scale:g} × by hand)"
        parts.append(f"scale {cell.assignment.scale.size:.2f}{factor}")
    return parts


def label_of(slot: str) -> str:
    """What stands beside a chromosome of a slot."""
    return {MARKER: "mar", TRAY: "?"}.get(slot, slot)


def reading_order(shown: SeparatedObject) -> tuple[int, int, str]:
    """Where an object comes as one reads the picture: line by line, from the left."""
    (x, y), (height, width) = shown.origin, shown.mask.shape
    return int(y + height / 2) // _LINE, int(x + width / 2), shown.id


def tooltip(shown: SeparatedObject, karyogram: Karyogram | None) -> str:
    """What an object is, where it stands, and whether the separation is sure of it."""
    parts = []
    if shown.kind is not ObjectKind.CHROMOSOME:
        parts.append(_STATES[shown.kind])
    else:
        slot = _slot(shown.id, karyogram)
        name = f"Chromosome {slot}" if slot not in ("", TRAY, MARKER) else "Chromosome"
        where = {"": "", TRAY: " in the tray", MARKER: " among the markers"}.get(slot, "")
        parts.append(f"{name}{where}")
    if shown.by_person:
        parts.append("Outlined or marked by a person.")
    else:
        sure = f"The separation is sure by {round(100 * shown.score)}\N{NO-BREAK SPACE}%"
        unsure = shown.kind is ObjectKind.CHROMOSOME and shown.score < LOW_SCORE
        parts.append(f"{sure}: check whether it is one whole chromosome." if unsure else f"{sure}.")
    return "\n".join(parts)


def _slot(object_id: str, karyogram: Karyogram | None) -> str:
    if karyogram is None:
        return ""
    try:
        return karyogram.placement(object_id).slot
    except KeyError:
        return ""


def describe(cell: Cell | None, selected: tuple[str, ...], karyogram: Karyogram | None) -> str:
    """The view for assistive technology."""
    if cell is None:
        return ""
    if len(selected) != 1:
        return f"{facts(cell)}. {amount(len(selected), 'object')} selected."
    shown = next((each for each in cell.objects if each.id == selected[0]), None)
    if shown is None:
        return ""
    slot = _slot(shown.id, karyogram)
    return f"{shown.kind.value} {slot_name(slot) if slot else ''}".strip() + " selected."
