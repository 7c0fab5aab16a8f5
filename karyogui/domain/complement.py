"""The chromosome complement of a cell: what its counts say against the nearest ploidy.

Findings and the ISCN proposal read the same complement, so they cannot disagree. Only counts are
read; nothing is ever moved to make them fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from karyogui.domain.chromosome import AUTOSOMES, TYPES
from karyogui.domain.karyogram import MARKER, SLOTS, TRAY

PLOIDY_NAMES: dict[int, str] = {2: "diploid", 3: "triploid", 4: "tetraploid"}

NORMAL_SEX: dict[int, tuple[tuple[int, int], ...]] = {
    2: ((2, 0), (1, 1)),
    3: ((3, 0), (2, 1), (1, 2)),
    4: ((4, 0), (2, 2)),
}
"""(X, Y) that need no word, by ploidy. Doubling a normal cell gives XXXX or XXYY, not XXXY."""

PLAUSIBLE_DEVIATIONS = 4
"""More deviations than this in one cell ask for a second look before they are believed.

A textbook case has at most three (49,XXXXY); losses beyond it are mostly a broken metaphase.
"""


@dataclass(frozen=True)
class Complement:
    """Counts of a cell for every one of `SLOTS`, and the ploidy (2, 3 or 4) nearest to them."""

    counts: Mapping[str, int]
    ploidy: int

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> Complement:
        """Read counts per slot; slots that are not named hold nothing.

        The ploidy is the one that leaves the fewest deviations, the lower one of equals: decided
        before any gain is listed, or a triploid cell would have 23 of them. Raises ValueError for
        an unknown slot or a negative count: an unknown label must never drop out of a result.
        """
        unknown = [slot for slot in counts if slot not in SLOTS]
        if unknown:
            raise ValueError(f"unknown slot {unknown[0]!r}")
        if any(count < 0 for count in counts.values()):
            raise ValueError("a count cannot be negative")
        return _complement(tuple(counts.get(slot, 0) for slot in SLOTS))

    @property
    def x(self) -> int:
        """Number of X."""
        return self.counts["X"]

    @property
    def y(self) -> int:
        """Number of Y."""
        return self.counts["Y"]

    @property
    def markers(self) -> int:
        """Number of markers."""
        return self.counts[MARKER]

    @property
    def unplaced(self) -> int:
        """Number of objects in the tray; they belong to no count."""
        return self.counts[TRAY]

    @property
    def placed(self) -> int:
        """Number of chromosomes on the board, markers included: the count that ISCN writes."""
        return sum(self.counts.values()) - self.unplaced

    @property
    def expected(self) -> int:
        """Number of chromosomes at this ploidy: 46, 69 or 92."""
        return 23 * self.ploidy

    @property
    def missing(self) -> int:
        """How many chromosomes the cell is short of its ploidy; 0 when it is not."""
        return max(0, self.expected - self.placed)

    @property
    def is_incomplete(self) -> bool:
        """Whether so many chromosomes are missing that the counts say more of the picture."""
        return self.missing > PLAUSIBLE_DEVIATIONS

    @cached_property
    def autosome_deviations(self) -> Mapping[str, int]:
        """Gain (above 0) or loss (below 0) of each deviating autosome, 1 → 22."""
        deviations = {kind: self.counts[kind] - self.ploidy for kind in AUTOSOMES}
        return {kind: deviation for kind, deviation in deviations.items() if deviation}

    @property
    def lacking(self) -> frozenset[str]:
        """Types of which the cell has fewer than its ploidy; none while the tray may hold them.

        Where a sex chromosome is missing and there is no Y, it may be an X or a Y. Where nothing
        is placed, as without bands, and the number is unusual, nobody knows which: all of them.
        """
        if self.unplaced and not self.placed and self.unplaced != self.expected:
            return frozenset(TYPES)
        short = {kind: -n for kind, n in self.autosome_deviations.items() if n < 0}
        sex = max(self.ploidy - self.x - self.y, int(not self.x))
        if sum(short.values()) + sex <= self.unplaced:
            return frozenset()
        which = {"X"} if self.y else {"X", "Y"}
        return frozenset({*short, *(which if sex > 0 else ())})

    @property
    def sex_is_normal(self) -> bool:
        """Whether the sex chromosomes are as expected at this ploidy."""
        return (self.x, self.y) in NORMAL_SEX[self.ploidy]

    @property
    def sex_deviations(self) -> tuple[dict[str, int], ...]:
        """Gains and losses of X and Y against every nearest normal complement.

        More than one where the counts do not tell: a lone X has lost an X or a Y.
        """
        readings = [{"X": self.x - x, "Y": self.y - y} for x, y in NORMAL_SEX[self.ploidy]]
        sizes = [sum(map(abs, reading.values())) for reading in readings]
        return tuple(r for r, size in zip(readings, sizes, strict=True) if size == min(sizes))

    @property
    def deviation_count(self) -> int:
        """Number of chromosomes gained and lost, markers included."""
        autosomes = sum(map(abs, self.autosome_deviations.values()))
        return autosomes + sum(map(abs, self.sex_deviations[0].values())) + self.markers


@lru_cache(maxsize=1024)
def _complement(counts: tuple[int, ...]) -> Complement:
    """The complement of counts in the order of `SLOTS`; of hundreds of cells most have the same."""
    full = dict(zip(SLOTS, counts, strict=True))
    return Complement(full, min(PLOIDY_NAMES, key=lambda ploidy: _distance(full, ploidy)))


def _distance(counts: Mapping[str, int], ploidy: int) -> int:
    autosomes = sum(abs(counts[kind] - ploidy) for kind in AUTOSOMES)
    return autosomes + abs(counts["X"] + counts["Y"] - ploidy)
