"""From a string to the board: how many chromosomes of each type every line must have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from karyogui.domain.iscn import bands as table
from karyogui.domain.iscn.counting import References, change_count, ploidy_of, replaced_sex
from karyogui.domain.iscn.symbols import SYMBOLS
from karyogui.domain.iscn.syntax import Change, Karyotype, Kind, Line

MARKER = "mar"


@dataclass(frozen=True)
class ExpectedCounts:
    """Counts of a line per type (`1` … `22`, `X`, `Y`) and of markers and rings (`mar`).

    A derivative chromosome counts to its own type; whole arms joined (`der(13;14)`) to the first
    one named. `is_certain` is False where the string leaves it open: ranges, `?`, `or`, `inc`, a
    composite, or something that could not be read.
    """

    counts: dict[str, int]
    is_certain: bool = True

    @property
    def total(self) -> int:
        """How many chromosomes there are together."""
        return sum(self.counts.values())


def expected_counts(karyotype: Karyotype) -> list[ExpectedCounts]:
    """The counts of every line of a karyotype, in the order of the string."""
    told: list[ExpectedCounts] = []
    references = References()
    for line in karyotype.lines:
        told.append(_of_line(line, references, told))
        references.add(line)
    return told


def _of_line(line: Line, references: References, told: list[ExpectedCounts]) -> ExpectedCounts:
    counts: Counter[str] = Counter()
    is_certain = not (line.is_unread or line.composite or line.incomplete or line.count is None)
    if line.reference:
        meant = references.of(line)
        if meant:
            base = told[meant[0]]
            counts.update({kind: number * line.multiple for kind, number in base.counts.items()})
            is_certain &= base.is_certain
        else:
            is_certain = False
    else:
        ploidy = line.ploidy or ploidy_of(line.count[0] if line.count else 46)
        counts.update({str(number): ploidy for number in range(1, 23)})
        sex = line.sex or ""
        counts.update({"X": sex.count("X"), "Y": sex.count("Y")})
        is_certain &= line.sex is not None and "U" not in sex
    for change in line.changes:
        added, is_sure = added_counts(change, line)
        counts.update(added)
        is_certain &= is_sure
    kinds = [*(str(number) for number in range(1, 23)), "X", "Y", MARKER]
    return ExpectedCounts({kind: max(0, counts[kind]) for kind in kinds}, is_certain)


def added_counts(change: Change, line: Line) -> tuple[Counter[str], bool]:
    """What a change of a line adds to the counts, below 0 for less; whether that is certain."""
    counts: Counter[str] = Counter()
    is_derived = bool(line.reference)
    low, high = change_count(change, is_derived=is_derived, is_constitution=line.sex_constitutional)
    if change.kind is not Kind.STRUCTURE or change.sign:
        kind = change.chromosome if change.chromosome in table.RANKS else MARKER
        counts[kind] += low
        return counts, low == high
    names = [name.lstrip("?").rstrip("pq") for name in change.operations[0].chromosomes]
    symbol = SYMBOLS.get(change.symbol)
    if symbol and symbol.joined:
        for name in names[1:]:
            counts[name if name in table.RANKS else MARKER] -= change.low
    if not (is_derived or line.sex_constitutional) and replaced_sex(change):
        for name in names:
            if name in ("X", "Y"):
                counts[name] += change.low
    return counts, low == high and not change.is_doubtful
