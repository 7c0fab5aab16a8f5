"""What a karyotype consists of once it is read: lines, their fields and their changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What sort of change an item of a line is."""

    NUMBER = 0
    """A whole chromosome gained or lost."""
    STRUCTURE = 1
    VARIANT = 2
    """A normal variant such as 9qh+."""
    RING = 3
    MARKER = 4
    FRAGMENT = 5
    """Double minutes, fragments, regions without a place: they do not count."""
    INCOMPLETE = 6
    UNREAD = 7
    """Something that could not be read; its line is not counted."""


class Operation(NamedTuple):
    """One symbol with its brackets: `t(9;22)(q34;q11.2)`. Bands are None where none are given."""

    symbol: str
    chromosomes: tuple[str, ...]
    bands: tuple[tuple[str, ...], ...] | None
    start: int
    end: int
    bracket: tuple[int, int]
    """Place of what stands in the first bracket."""

    def moved(self, by: int) -> Operation:
        """The same operation further on in the text."""
        bracket = (self.bracket[0] + by, self.bracket[1] + by)
        return self._replace(start=self.start + by, end=self.end + by, bracket=bracket)

    @property
    def key(self) -> str:
        """The operation without its breakpoints."""
        return f"{self.symbol}({';'.join(self.chromosomes)})"


class Change(NamedTuple):
    """One item of a line, as it stands in `text[start:end]`."""

    start: int
    end: int
    kind: Kind
    sign: str = ""
    chromosome: str = ""
    """What it is sorted by: a type, or empty where none is known."""
    operations: tuple[Operation, ...] = ()
    low: int = 1
    high: int = 1
    """How many alike, at least and at most."""
    constitutional: bool = False
    is_doubtful: bool = False
    """A question mark stands before the sign: perhaps not there at all."""
    number: tuple[int, int] = (0, 0)
    """Place of the number before or behind it (2 in +2mar, ×2)."""
    label: str = ""
    """What it is named among its like: mar1, 9qh+."""
    symbol_place: int = 0
    """Where its body begins, behind signs and question marks."""
    suffix_place: int = 0
    """Where its body ends, before ×2, c and the origin."""

    def moved(self, by: int) -> Change:
        """The same change further on in the text."""
        return self._replace(
            start=self.start + by,
            end=self.end + by,
            operations=tuple([operation.moved(by) for operation in self.operations]),
            number=(self.number[0] + by, self.number[1] + by),
            symbol_place=self.symbol_place + by,
            suffix_place=self.suffix_place + by,
        )

    @property
    def symbol(self) -> str:
        """The first symbol, or nothing."""
        return self.operations[0].symbol if self.operations else ""


@dataclass
class Line:
    """One cell line. Spans are half-open places in the text."""

    start: int
    end: int = 0
    count: tuple[int, int] | None = None
    count_span: tuple[int, int] = (0, 0)
    """The modal number, with its range and its <pn>."""
    number_end: int = 0
    ploidy: int | None = None
    reference: str = ""
    multiple: int = 1
    reference_span: tuple[int, int] = (0, 0)
    sex: str | None = None
    sex_span: tuple[int, int] = (0, 0)
    sex_constitutional: bool = False
    changes: list[Change] = field(default_factory=list)
    cells: int | None = None
    cells_span: tuple[int, int] | None = None
    composite: bool = False
    is_unread: bool = False
    """Something in it could not be read, so its arithmetic is not judged."""
    is_nested: bool = False
    """Written out in brackets and multiplied: 50(25,X,+Y,+21)×2."""
    side: int = 0
    """Number of `//` before it."""
    alternative: int = 0
    """Number of karyotypes before it that are joined by `or`."""

    @property
    def incomplete(self) -> bool:
        """Whether it says itself (inc) that not everything is listed."""
        return any(change.kind is Kind.INCOMPLETE for change in self.changes)

    @property
    def body_end(self) -> int:
        """Where its changes end, before the number of cells."""
        return self.cells_span[0] if self.cells_span else self.end


@dataclass
class Karyotype:
    """A whole string: the word before it (mos, chi), and its lines in order."""

    text: str = ""
    """The text that all places are in: what was typed, in ISCN's characters."""
    prefix: str = ""
    prefix_span: tuple[int, int] = (0, 0)
    lines: list[Line] = field(default_factory=list)
    end: int = 0
    """Where the part that is not checked (array, FISH, sequence) begins."""
    scope: str = ""
    """What that part is, in words."""
