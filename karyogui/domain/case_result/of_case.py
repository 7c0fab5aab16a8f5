"""The cells of a stored case as evidence of its result."""

from __future__ import annotations

from karyogui.domain.case import Case, CaseDetails
from karyogui.domain.case_result.cells import CaseCell, CellStatus
from karyogui.domain.case_result.changes import Constitution
from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, slot_counts
from karyogui.domain.labelled_changes import for_case, troubles
from karyogui.domain.separation_check import unsettled

_MALE = frozenset(
    ("m", "male", "man", "boy", "xy", "männlich", "masculin", "homme", "hombre", "男")
)
_FEMALE = frozenset(
    ("f", "w", "female", "woman", "girl", "xx", "weiblich", "féminin", "femme", "mujer", "女")
)


def case_cells(case: Case) -> tuple[CaseCell, ...]:
    """All cells of a case, with what their boards and their notes say."""
    return tuple(case_cell(cell) for cell in case.cells)


def case_cell(cell: Cell) -> CaseCell:
    """One cell as evidence. A signed-off cell is karyotyped unless a person says otherwise."""
    note = cell.note
    status = note.status or CellStatus.OPEN
    if note.status is None and cell.reviewed_at is not None:
        status = CellStatus.KARYOTYPED
    counts = slot_counts(cell.placements) if cell.is_analysed else None
    number = len(note.marks) or None
    if counts is not None and not cell.is_readable:
        # Of a cell whose bands cannot be read only the number of its chromosomes is known.
        number, counts = number or sum(counts.values()), None
    structural: tuple[str, ...] = ()
    asked = troubles(cell.changes, cell.slots)
    if counts is not None and cell.changes:
        told = for_case(counts, cell.changes, cell.slots)
        counts, structural = told.counts, told.structural
    open_points = unsettled(cell.open_check) if cell.open_check else ""
    estimate = cell.quality.band_level if cell.quality else None
    return CaseCell(
        id=cell.id,
        name=cell.name,
        status=CellStatus.EXCLUDED if cell.is_excluded else status,
        counts=counts,
        structural=structural,
        number=number,
        culture=note.culture,
        slide=cell.slide,
        colony=note.colony,
        excluded=cell.exclusion.reason if cell.exclusion else "",
        bands=note.bands if note.bands is not None else estimate,
        unsettled=open_points or (asked[0].text.rstrip(".") if asked else ""),
    )


def constitution_from(details: CaseDetails) -> Constitution | None:
    """The sex chromosomes that the sex given with the specimen lets expect, if it does."""
    given = details.sex_as_given.strip().casefold()
    if given in _MALE:
        return Constitution("XY")
    return Constitution("XX") if given in _FEMALE else None


def is_settled(cell: CaseCell) -> bool:
    """Whether what stands on its board could be taken for its karyotype."""
    return bool(cell.placed) and not cell.unsettled and not (cell.counts or {}).get(TRAY)
