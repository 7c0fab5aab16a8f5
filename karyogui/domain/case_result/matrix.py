"""Cells against types: what each board has too many or too few of, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

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
    deviations, ploidy = _deviations(tuple(sorted(cell.counts.items())), constitution.sex)
    in_tray = cell.counts.get(TRAY)
    tray = (f"{in_tray} in the tray",) if in_tray else ()
    return MatrixRow(cell.id, deviations, (*ploidy, *cell.structural, *tray))


@lru_cache(maxsize=1000)  # asked of every cell of a case after each act
def _deviations(
    items: tuple[tuple[str, int], ...], sex: str
) -> tuple[Mapping[str, int], tuple[str, ...]]:
    """By how much the numbers differ from those of the ploidy, which is told if it is not two."""
    counts = dict(items)
    ploidy = ploidy_of_counts(counts)
    expected = dict.fromkeys(AUTOSOMES, ploidy) | {MARKER: 0}
    if ploidy == 2:
        expected |= {letter: sex.count(letter) for letter in "XY"}
    deviations = {kind: counts.get(kind, 0) - number for kind, number in expected.items()}
    ordered = {kind: deviations.get(kind, 0) for kind in COLUMNS}
    letters = f"{'X' * counts.get('X', 0)}{'Y' * counts.get('Y', 0)}"
    told = () if ploidy == 2 else (f"<{ploidy}n>,{letters}",)
    return MappingProxyType({kind: by for kind, by in ordered.items() if by}), told
