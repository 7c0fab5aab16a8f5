"""Cells against types: what each board has too many or too few of, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from karyogui.domain.case_result.cells import CaseCell
from karyogui.domain.case_result.changes import Constitution, ploidy_of_counts
from karyogui.domain.chromosome import AUTOSOMES, TYPES
from karyogui.domain.karyogram import MARKER, TRAY

COLUMNS: tuple[str, ...] = (*TYPES, MARKER)
"""The columns of the matrix: the types, then markers."""


@dataclass(frozen=True)
class MatrixRow:
    """One cell: gains (above 0) and losses of each deviating type, and what no column holds.

    `is_known` is False for a cell without a board, of which nothing can be said.
    """

    cell_id: int
    deviations: Mapping[str, int] = field(default_factory=dict)
    other: tuple[str, ...] = ()
    is_known: bool = True


def row_of(cell: CaseCell, constitution: Constitution) -> MatrixRow:
    """The row of a cell against the constitution, or the ploidy nearest to what it has."""
    if cell.counts is None or not cell.placed:
        return MatrixRow(cell.id, other=cell.structural, is_known=False)
    counts = cell.counts
    ploidy = ploidy_of_counts(counts)
    expected = dict.fromkeys(AUTOSOMES, ploidy) | {MARKER: 0}
    if ploidy == 2:
        expected |= {letter: constitution.sex.count(letter) for letter in "XY"}
    deviations = {kind: counts.get(kind, 0) - number for kind, number in expected.items()}
    other = list(cell.structural)
    if ploidy != 2:
        other.insert(0, f"<{ploidy}n>,{'X' * counts.get('X', 0)}{'Y' * counts.get('Y', 0)}")
    if counts.get(TRAY):
        other.append(f"{counts[TRAY]} in the tray")
    ordered = {kind: deviations.get(kind, 0) for kind in COLUMNS}
    return MatrixRow(cell.id, {kind: by for kind, by in ordered.items() if by}, tuple(other))
