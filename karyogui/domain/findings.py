"""Cell findings: numerical abnormalities of one cell, in words (Algorithm 1, line 17).

A cell finding is about one cell. It is never the result of a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from karyogui.domain.amounts import amount, number_word, sentence
from karyogui.domain.complement import PLOIDY_NAMES, Complement
from karyogui.domain.karyogram import MARKER, TRAY

_LONGEST_FORMULA = 6


class FindingKind(StrEnum):
    """What a finding says about a slot."""

    INCOMPLETE = "incomplete"
    PLOIDY = "ploidy"
    SEX = "sex complement"
    TOO_MANY = "too many"
    TOO_FEW = "too few"
    MARKER = "marker"
    UNPLACED = "unplaced"


@dataclass(frozen=True)
class CellFinding:
    """One finding: the slots it concerns, how many stand there, and a sentence about it.

    `slots` is empty for a finding about the whole cell (incomplete, ploidy), whose `count` is the
    number of chromosomes on the board.
    """

    kind: FindingKind
    slots: tuple[str, ...]
    count: int
    text: str


def find(counts: Mapping[str, int], is_readable: bool = True) -> tuple[CellFinding, ...]:
    """Findings of a cell from its counts per slot (see `Karyogram.counts`).

    Algorithm 1 of the Varifocal-Net paper warns when |O_k| ≠ 2 for an autosome or
    |O_X| + |O_Y| ≠ 2. Here 2 is the cell's ploidy, two Y without an X are not normal either, and
    markers and unplaced objects are named too. Order: incomplete, ploidy, sex, autosomes 1 → 22,
    markers, unplaced. A cell with more than four chromosomes missing says so first, then names
    every deviating slot all the same (`condensed` is the short form). Where bands
    cannot be read only what lies unplaced is told. A cell without anything in it has no findings.
    Raises ValueError for an unknown slot or a negative count.
    """
    cell = Complement.of(counts)
    if not cell.placed + cell.unplaced:
        return ()
    found: list[CellFinding] = []
    if cell.is_incomplete:
        text = _incomplete_text(cell)
        found.append(CellFinding(FindingKind.INCOMPLETE, (), cell.placed, text))
    if cell.ploidy != 2:
        found.append(CellFinding(FindingKind.PLOIDY, (), cell.placed, _ploidy_text(cell)))
    if not cell.sex_is_normal:
        text = _sex_text(cell)
        found.append(CellFinding(FindingKind.SEX, ("X", "Y"), cell.x + cell.y, text))
    for kind, deviation in cell.autosome_deviations.items():
        found.append(_autosome_finding(kind, cell.counts[kind], deviation))
    if cell.markers:
        text = sentence(f"{_amount(cell.markers, 'marker chromosome')} in this cell.")
        found.append(CellFinding(FindingKind.MARKER, (MARKER,), cell.markers, text))
    if cell.unplaced:
        verb = "lies" if cell.unplaced == 1 else "lie"
        text = sentence(f"{_amount(cell.unplaced, 'chromosome')} {verb} unplaced in the tray.")
        found.append(CellFinding(FindingKind.UNPLACED, (TRAY,), cell.unplaced, text))
    if not is_readable:
        return tuple(f for f in found if f.kind is FindingKind.UNPLACED)
    return tuple(found)


def findings_by_slot(findings: Iterable[CellFinding]) -> dict[str, CellFinding]:
    """The finding of each slot that has one; whole-cell findings belong to no slot."""
    return {slot: finding for finding in findings for slot in finding.slots}


def condensed(findings: Sequence[CellFinding]) -> tuple[CellFinding, ...]:
    """The findings for a list or a headline: for an incomplete cell without those it explains.

    The sentence that the counts are incomplete stands for every autosome that is short; gains,
    sex chromosomes, markers and unplaced objects stay.
    """
    if all(finding.kind is not FindingKind.INCOMPLETE for finding in findings):
        return tuple(findings)
    return tuple(finding for finding in findings if finding.kind is not FindingKind.TOO_FEW)


def _autosome_finding(kind: str, count: int, deviation: int) -> CellFinding:
    what = f"{_amount(count, 'chromosome')} {kind} in this cell."
    if deviation > 0:
        return CellFinding(FindingKind.TOO_MANY, (kind,), count, sentence(what))
    text = f"Only {what}" if count else sentence(what)
    return CellFinding(FindingKind.TOO_FEW, (kind,), count, text)


def _incomplete_text(cell: Complement) -> str:
    if not cell.unplaced:
        what = amount(cell.placed, "chromosome")
        return f"Only {what} in this cell: counts are incomplete."
    total = cell.placed + cell.unplaced
    if not cell.placed:
        return "No chromosome is placed yet: counts are incomplete."
    verb = "is" if cell.placed == 1 else "are"
    what = amount(total, "chromosome")
    return f"Only {cell.placed} of {what} {verb} placed: counts are incomplete."


def _ploidy_text(cell: Complement) -> str:
    about = "about " if cell.deviation_count else ""
    each = f"{about}{number_word(cell.ploidy)} of each type ({PLOIDY_NAMES[cell.ploidy]})"
    return f"{cell.placed} chromosomes in this cell: {each}."


def _sex_text(cell: Complement) -> str:
    count = cell.x + cell.y
    if not count:
        return "No sex chromosome in this cell."
    if not cell.x:
        return sentence(f"{number_word(cell.y)} Y without an X in this cell.")
    formula = "X" * cell.x + "Y" * cell.y
    if count > _LONGEST_FORMULA:
        formula = f"{cell.x} X, {cell.y} Y"
    if count == cell.ploidy:
        return f"Unusual sex chromosomes ({formula}) in this {PLOIDY_NAMES[cell.ploidy]} cell."
    what = f"{_amount(count, 'sex chromosome')} ({formula}) in this cell."
    return f"Only {what}" if count < cell.ploidy else sentence(what)


def _amount(count: int, noun: str) -> str:
    return f"{number_word(count)} {noun}{'' if count < 2 else 's'}"
