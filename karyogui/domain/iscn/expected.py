"""From a string, or a single change, to the board: how many chromosomes there must be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from karyogui.domain.iscn import bands as table
from karyogui.domain.iscn.changes import read_change
from karyogui.domain.iscn.counting import References, change_count, ploidy_of, replaced_sex
from karyogui.domain.iscn.reader import Reader
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
    low, high = change_count(
        change, is_derived=is_derived, is_constitution=line.sex_constitutional, sex=line.sex
    )
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


@lru_cache(maxsize=2048)
def read_single(text: str) -> Change:
    """One change that stands alone; ValueError, with a sentence, for anything else."""
    # The number of cells of a change in a composite, +8[5], is only read before the next item.
    reader = Reader(f"{text}," if text.endswith("]") else text)
    change, end = read_change(reader, 0)
    is_wrong = any(finding.severity != "warning" for finding in reader.notes.all)
    if is_wrong or end != len(text) or change.kind is Kind.UNREAD:
        reason = reader.notes.all[0].message if reader.notes.all else "It is no single change."
        raise ValueError(f"{text} cannot be written: {reason}")
    return change


def effect_on_counts(text: str) -> dict[str, int]:
    """Chromosomes of each type (and `mar`) that a change adds or takes: `der(13;14)…`: one 14 less.

    A derivative counts to its own type. ValueError for what cannot be read.
    """
    # In a line that refers to another one everything counts, also what stands for a letter.
    counts, _ = added_counts(read_single(text), Line(0, reference="sl"))
    return {kind: number for kind, number in counts.items() if number}


def replaced_letters(text: str) -> Counter[str]:
    """Letters of the sex field that a change stands in place of: `i(X)(q10)` for one X."""
    change = read_single(text)
    if not replaced_sex(change):
        return Counter()
    names = (name.lstrip("?").rstrip("pq") for name in change.operations[0].chromosomes)
    return Counter({name: change.low for name in names if name in ("X", "Y")})
