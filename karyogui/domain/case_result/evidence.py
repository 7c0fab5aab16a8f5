"""Which cells of a case say what: known changes, mere counts, and who is left out and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from karyogui.domain.case_result.cells import CaseCell, CellStatus, Ruling, RulingKind
from karyogui.domain.case_result.changes import (
    ChangeSet,
    Constitution,
    changes_of,
    chromosome_number,
    copies,
    effect,
    is_structural,
    likely_sex,
    texts,
)
from karyogui.domain.case_result.protocol import Protocol
from karyogui.domain.karyogram import TRAY


class Evidence:
    """The cells of a case, sorted: each is in `changes` or in `left_out`, by its id.

    Of those left out, `open` are the ones that say nothing until a person has settled something.

    A cell that is only counted is evidence for numbers alone: it joins the one line of analysed
    cells that it agrees with (`fit_counted`). In a tumour it joins none.
    """

    def __init__(
        self,
        cells: Iterable[CaseCell],
        protocol: Protocol,
        constitution: Constitution,
        rulings: Iterable[Ruling] = (),
    ) -> None:
        self.changes: dict[int, ChangeSet] = {}
        self.left_out: dict[int, str] = {}
        self.open: set[int] = set()
        self._constitution = constitution
        self._counted: set[int] = set()
        self._numbers: dict[int, int] = {}
        placed = {r.subject: r for r in rulings if r.kind is RulingKind.PLACE}
        counted = []
        for cell in cells:
            ruling = placed.get(str(cell.id))
            if reason := _why_not(cell, protocol):
                self.left_out[cell.id] = reason
            elif ruling is not None:
                self.changes[cell.id] = copies(ruling.changes)
            elif cell.status.is_analysed:
                self._read(cell)
            else:
                counted.append(cell)
        shared = _shared_structures(list(self.changes.values()))
        for cell in counted:
            self._take_counted(cell, shared)

    def fit_counted(self, reported: ChangeSet) -> None:
        """Bring counted cells to the line that they agree with, by what is `reported`."""
        keys = {own & reported for i, own in self.changes.items() if i not in self._counted}
        for i in sorted(self._counted):
            own = self.changes[i] & reported
            near = [key for key in keys if effect(key) == effect(own)]
            if len(near) == 1:
                self.changes[i] = near[0] | (self.changes[i] - own)
            elif near:
                del self.changes[i]
                self.left_out[i] = "Only counted: several lines have these numbers."
        all_keys = keys | {own & reported for own in self.changes.values()}
        for i, number in self._numbers.items():
            near = [k for k in all_keys if chromosome_number(k, self._constitution) == number]
            if len(near) == 1:
                self.changes[i] = near[0]
            elif near:
                self.left_out[i] = f"{number} chromosomes counted, as several lines have."
            else:
                self._leave(i, f"{number} chromosomes counted, and no line has so many.")

    def _read(self, cell: CaseCell, shared: Sequence[str] = ()) -> None:
        assert cell.counts is not None or not shared
        counts: Mapping[str, int] = cell.counts or {}
        tray = counts.get(TRAY, 0)
        if cell.unsettled:
            self._leave(cell.id, f"{cell.unsettled}.")
        elif tray:
            lie = "One chromosome is" if tray == 1 else f"{tray} chromosomes are"
            self._leave(cell.id, f"{lie} in the tray: place or name every one.")
        elif not cell.placed:
            self._leave(cell.id, "It is marked as analysed, but there is nothing on its board.")
        else:
            structural = [*cell.structural, *(c for c in shared if c not in cell.structural)]
            try:
                self.changes[cell.id] = changes_of(counts, structural, self._constitution)
            except ValueError as error:
                self._leave(cell.id, str(error))

    def _take_counted(self, cell: CaseCell, shared: Sequence[str]) -> None:
        if cell.number is not None and cell.number != (cell.placed or cell.number):
            told = f"{cell.number} chromosomes were counted, but {cell.placed} are on its board."
            self._leave(cell.id, told)
        elif cell.placed:
            self._read(cell, shared)
            # Whoever entered a structural change has seen more than a number.
            if cell.id in self.changes and not cell.structural:
                self._counted.add(cell.id)
        elif cell.number is not None:
            self._numbers[cell.id] = cell.number
        else:
            self._leave(cell.id, "It is marked as counted, but no number was entered.")

    def _leave(self, cell_id: int, reason: str) -> None:
        """Leave a cell out that a person has to look at again."""
        self.left_out[cell_id] = reason
        self.open.add(cell_id)


def sex_of(cells: Iterable[CaseCell], protocol: Protocol) -> str:
    """The sex chromosomes that most cells in lines have normally."""
    boards = [cell.counts for cell in cells if cell.counts and not _why_not(cell, protocol)]
    return likely_sex((counts.get("X", 0), counts.get("Y", 0)) for counts in boards)


def _why_not(cell: CaseCell, protocol: Protocol) -> str:
    """Why a cell is no evidence for lines, or nothing."""
    if cell.excluded or cell.status is CellStatus.EXCLUDED:
        return f"Excluded: {cell.excluded.rstrip('.') or 'no reason given'}."
    if cell.status is CellStatus.OPEN:
        return "Not yet counted or analysed."
    if cell.status is CellStatus.SCORED:
        return "Scored for one feature alone."
    if protocol.neoplastic and not cell.status.is_analysed:
        return "Only counted: lines of a neoplastic case are of analysed cells."
    return ""


def _shared_structures(analysed: Sequence[ChangeSet]) -> tuple[str, ...]:
    """Structural changes that every analysed cell has: a counted one is taken to have them too."""
    if not analysed:
        return ()
    shared = frozenset.intersection(*analysed)
    return texts(frozenset(copy for copy in shared if is_structural(copy)))
