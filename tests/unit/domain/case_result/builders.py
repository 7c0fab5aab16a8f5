"""Cells of a case, made in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from karyogui.domain.case_result import (
    PRESETS,
    CaseCell,
    CaseResult,
    CellStatus,
    Protocol,
    Ruling,
    RulingKind,
)
from karyogui.domain.chromosome import AUTOSOMES
from karyogui.domain.iscn import Severity, check

PH = "t(9;22)(q34;q11.2)"


def preset(name: str, **changes: object) -> Protocol:
    """The preset whose name begins so."""
    found = next(p for p in PRESETS if p.name.startswith(name))
    return replace(found, **changes)  # type: ignore[arg-type]


BLOOD = preset("Blood")
MARROW = preset("Marrow")


def board(sex: str = "XX", *changes: str) -> dict[str, int]:
    """Counts of a diploid board with whole chromosomes gained (`+21`) and lost (`-7`)."""
    counts = dict.fromkeys(AUTOSOMES, 2) | {"X": sex.count("X"), "Y": sex.count("Y"), "mar": 0}
    for change in changes:
        counts[change[1:]] += 1 if change[0] == "+" else -1
    return counts


def cells(
    how_many: int,
    sex: str = "XX",
    *changes: str,
    first: int = 1,
    structural: tuple[str, ...] = (),
    status: CellStatus = CellStatus.ANALYSED,
    culture: str = "A",
    **more: object,
) -> list[CaseCell]:
    """So many cells alike, numbered from `first`."""
    return [
        CaseCell(i, f"cell {i}", status, board(sex, *changes), structural, culture=culture, **more)  # type: ignore[arg-type]
        for i in range(first, first + how_many)
    ]


def together(*groups: list[CaseCell]) -> list[CaseCell]:
    """Groups of cells as one case, numbered through."""
    return [replace(cell, id=n, name=f"cell {n}") for n, cell in enumerate(chain(*groups), 1)]


def ruling(kind: RulingKind, subject: str = "", *changes: str) -> Ruling:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    return Ruling(kind, subject, "Seen before", "Ada", when, changes)


def valid(result: CaseResult) -> str:
    """The string, in which the checker finds nothing but habits."""
    wrong = [p for p in check(result.text).problems if p.severity is not Severity.WARNING]
    assert not wrong
    return result.text


def marked(cells: Sequence[CaseCell]) -> list[Ruling]:
    """Every one of these is a donor's."""
    return [ruling(RulingKind.DONOR, str(cell.id)) for cell in cells]
