"""The cells of a stored case as evidence of its result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from karyogui.domain.case import CaseDetails, NotedCell
from karyogui.domain.case_result.cells import CaseCell, CellStatus
from karyogui.domain.case_result.changes import Constitution
from karyogui.domain.complement import Complement
from karyogui.domain.karyogram import TRAY
from karyogui.domain.labelled_changes import LabelledChange, for_case, troubles
from karyogui.domain.review import Exclusion
from karyogui.domain.separation import Quality
from karyogui.domain.separation_check import CheckEntry, open_entries, unsettled

_MALE = frozenset(
    ("m", "male", "man", "boy", "xy", "männlich", "masculin", "homme", "hombre", "男")
)
_FEMALE = frozenset(
    ("f", "w", "female", "woman", "girl", "xx", "weiblich", "féminin", "femme", "mujer", "女")
)


def case_cell(
    cell: NotedCell,
    *,
    counts: Mapping[str, int] | None,
    changes: Sequence[LabelledChange],
    slots: Mapping[str, str],
    check: Sequence[CheckEntry],
    quality: Quality | None,
    exclusion: Exclusion | None,
    slide: str,
    has_photograph: bool,
    is_signed: bool,
    waits: str = "",
) -> CaseCell:
    """One cell as evidence. A signed-off cell is karyotyped unless a person says otherwise.

    `counts` are those of all slots, None for a cell that nobody has analysed; `slots` says where
    each of its chromosomes stands, of a cell with `changes` at least; `waits` is `Cell.waits`.
    """
    note = cell.note
    status = note.status or CellStatus.OPEN
    if note.status is None and is_signed:
        status = CellStatus.KARYOTYPED
    has_board = counts is not None and any(counts.values())
    left = open_entries(check, Complement.of(counts or {}).lacking) if check else ()
    number = len(note.marks) or None
    if counts is not None and quality is not None and quality.unreadable:
        # Of a cell whose bands cannot be read only the number of its chromosomes is known.
        number, counts = number or sum(counts.values()), None
    structural: tuple[str, ...] = ()
    asked = troubles(changes, slots)
    if counts is not None and changes:
        told = for_case(counts, changes, slots)
        counts, structural = told.counts, told.structural
    open_points = unsettled(left, waits)
    estimate = quality.band_level if quality else None
    return CaseCell(
        id=cell.id,
        name=cell.name,
        status=CellStatus.EXCLUDED if exclusion else status,
        counts=counts,
        structural=structural,
        number=number,
        culture=note.culture,
        slide=note.slide if note.slide is not None else slide,
        colony=note.colony,
        excluded=exclusion.reason if exclusion else "",
        bands=note.bands if note.bands is not None else estimate,
        unsettled=open_points or (asked[0].text.rstrip(".") if asked else ""),
        has_board=has_board,
        has_photograph=has_photograph,
        is_signed=is_signed,
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
