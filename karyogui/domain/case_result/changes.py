"""The set of changes of a cell, and the line of an ISCN string that such a set makes.

Numerical changes are read from the board: what differs there from the constitution and is not
explained by the structural changes that a person entered. Two cells with equal sets are of one
line, whatever their chromosomes look like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from karyogui.domain import iscn
from karyogui.domain.chromosome import AUTOSOMES
from karyogui.domain.karyogram import MARKER, TRAY

NORMAL_SEX = ("XX", "XY")
_SEX, _NONE = "sex ", "none"
OTHER_SEX = tuple(f"{_SEX}{sex}" for sex in NORMAL_SEX)
"""Changes that state normal sex chromosomes other than those of the constitution."""
_MARKER = f"+{MARKER}"
_LEVELS = range(1, 9)
_PLOIDY = {f"<{level}n>": level for level in _LEVELS}


class Copy(NamedTuple):
    """One copy of a change: the second `+8` of a cell is another one than the first.

    `change` is a single change as ISCN writes it (`+8`, `-X`, `del(5)(q13q33)`, `+mar`), a ploidy
    (`<3n>`), or the whole sex complement (`sex XY`) where it is not written as gains and losses.
    """

    change: str
    nth: int = 1

    @property
    def is_loss(self) -> bool:
        """Whether something is missing, which happens by chance more often than a gain."""
        return self.change.startswith("-")

    @property
    def text(self) -> str:
        """The change in a sentence."""
        if self.change == f"{_SEX}{_NONE}":
            return "no sex chromosomes"
        if self.change.startswith(_SEX):
            return f"sex chromosomes {self.change.removeprefix(_SEX)}"
        if self.change in _PLOIDY:
            return f"{self.change.strip('<>')} (ploidy)"
        return self.change if self.nth == 1 else f"{self.change} ×{self.nth}"


ChangeSet = frozenset[Copy]
"""All changes of a cell or line; empty for one that is as the constitution."""


@dataclass(frozen=True)
class Constitution:
    """What the person has in all cells: sex chromosomes, and changes (without their `c`)."""

    sex: str = "XX"
    changes: tuple[str, ...] = ()


def copies(changes: Iterable[str]) -> ChangeSet:
    """Changes as a set that keeps how often each is there."""
    return frozenset(
        Copy(c, n + 1) for c, number in Counter(changes).items() for n in range(number)
    )


def in_order(changes: Iterable[Copy]) -> list[Copy]:
    """Copies of changes in the order in which ISCN writes them."""
    return sorted(changes, key=_order)


def texts(changes: ChangeSet) -> tuple[str, ...]:
    """The changes in the order in which ISCN writes them, each as often as it is there."""
    return tuple(copy.change for copy in in_order(changes))


def changes_of(
    counts: Mapping[str, int], structural: Iterable[str], constitution: Constitution
) -> ChangeSet:
    """The changes of a cell with these counts per slot. ValueError for a change not to be read.

    The tray is no place: what lies there belongs to no count.
    """
    return _changes_of(tuple(sorted(counts.items())), tuple(structural), constitution)


@lru_cache(maxsize=1000)  # asked of every cell of a case after each act
def _changes_of(
    counts: tuple[tuple[str, int], ...], structural: tuple[str, ...], constitution: Constitution
) -> ChangeSet:
    entered = list(structural)
    left = Counter({slot: number for slot, number in counts if slot != TRAY})
    for change in (*entered, *constitution.changes):
        left.subtract(iscn.effect_on_counts(change))
    ploidy = ploidy_of_counts(left)
    found = [*entered] + ([f"<{ploidy}n>"] if ploidy != 2 else [])
    found += _sex_changes(left["X"], left["Y"], ploidy, constitution.sex)
    for kind in AUTOSOMES:
        found += _signed(kind, left[kind] - ploidy)
    found += [_MARKER] * max(0, left[MARKER])
    return copies(found)


def ploidy_of_counts(counts: Mapping[str, int]) -> int:
    """The ploidy (1 … 8) that leaves the fewest autosomes gained or lost, the lower of equals."""
    return _ploidy(tuple(counts.get(kind, 0) for kind in AUTOSOMES))


@lru_cache(maxsize=1000)  # asked of every cell of a case after each act
def _ploidy(autosomes: tuple[int, ...]) -> int:
    return min(_LEVELS, key=lambda level: sum(abs(number - level) for number in autosomes))


def _sex_changes(x: int, y: int, ploidy: int, constitution: str) -> list[str]:
    letters = "X" * max(0, x) + "Y" * max(0, y)
    if letters == constitution and ploidy == 2:
        return []
    if ploidy != 2 or (letters in NORMAL_SEX and constitution in NORMAL_SEX):
        return [f"{_SEX}{letters or _NONE}"]
    gained = {"X": x - constitution.count("X"), "Y": y - constitution.count("Y")}
    return [change for letter, by in gained.items() for change in _signed(letter, by)]


def line_of(
    changes: ChangeSet,
    constitution: Constitution,
    cells: int | None,
    *,
    acquired: bool = False,
) -> iscn.KaryotypeLine:
    """The line that a set of changes makes, written in full.

    Where changes are `acquired`, those of the sex chromosomes carry a sign (`45,X,-Y`),
    constitutional ones a `c`, and what is gained or lost from another ploidy than two has that
    stated (`68<3n>,XX,-X`); else the sex chromosomes are written as they are (`45,X`).
    """
    ploidy = next((_PLOIDY[copy.change] for copy in changes if copy.change in _PLOIDY), 2)
    whole = next((c.change for c in changes if c.change.startswith(_SEX)), "")
    items = [c.change for c in changes if c.change != whole and c.change not in _PLOIDY]
    sex = Counter(whole.removeprefix(_SEX) if whole else constitution.sex)
    keeps_letters = acquired and not whole and constitution.sex not in NORMAL_SEX
    numerical, structural, markers = list[str](), list[str](), 0
    if acquired and ploidy != 2:
        numerical += _from_multiple(sex, constitution.sex, ploidy)
    for change in constitution.changes:
        target = numerical if change[1:] in AUTOSOMES else structural
        target.append(f"{change}c" if acquired else change)
    for change in items:
        if change == _MARKER:
            markers += 1
        elif change[1:] in ("X", "Y"):
            if change[0] == "-" and not keeps_letters:
                sex[change[1:]] -= 1
            elif change[0] == "+" and not acquired:
                sex[change[1:]] += 1
            if acquired:
                numerical.append(change)
        elif change[1:] in AUTOSOMES:
            numerical.append(change)
        else:
            structural.append(change)
            if not keeps_letters:
                sex.subtract(iscn.replaced_letters(change))
    return iscn.KaryotypeLine(
        sex="X" * sex["X"] + "Y" * sex["Y"],
        numerical=tuple(sorted(numerical, key=_rank)),
        structural=tuple(sorted(structural, key=_rank)),
        markers=markers,
        cells=cells,
        ploidy=ploidy,
        states_ploidy=acquired and ploidy != 2 and bool(numerical or structural or markers),
        sex_constitutional=keeps_letters,
    )


def _from_multiple(sex: Counter[str], constitution: str, ploidy: int) -> list[str]:
    """Gained and lost sex chromosomes against the multiplied ones, whose letters leave `sex`.

    Nothing where an odd ploidy may have multiplied X and Y in two ways.
    """
    if constitution not in NORMAL_SEX or (constitution == "XY" and ploidy % 2):
        return []
    changes: list[str] = []
    for letter in "XY":
        difference = sex[letter] - constitution.count(letter) * ploidy // 2
        sex[letter] -= max(0, difference)
        changes += _signed(letter, difference)
    return changes


def line_from(base: str, changes: ChangeSet, cells: int) -> iscn.KaryotypeLine:
    """The line that refers to an earlier one by `base` (sl, idem, sdl1) and adds changes."""
    added = texts(changes)
    numerical = [c for c in added if c[1:] in (*AUTOSOMES, "X", "Y")]
    structural = [c for c in added if c not in numerical and c != _MARKER]
    return iscn.KaryotypeLine(
        sex="",
        reference=base,
        numerical=tuple(numerical),
        structural=tuple(structural),
        markers=added.count(_MARKER),
        cells=cells,
    )


def chromosome_number(changes: ChangeSet, constitution: Constitution) -> int:
    """How many chromosomes a cell with these changes has."""
    line = line_of(changes, constitution, None)
    number = 22 * line.ploidy + len(line.sex) + line.markers
    number += sum(1 if change.startswith("+") else -1 for change in line.numerical)
    for change in line.structural:
        number += sum(iscn.effect_on_counts(change).values()) + sum(
            iscn.replaced_letters(change).values()
        )
    return number


def effect(changes: ChangeSet) -> dict[str, int]:
    """What the changes do to the counts of a cell, whatever they are."""
    total: Counter[str] = Counter()
    for copy in changes:
        change = copy.change
        if change in _PLOIDY or change.startswith(_SEX):
            total[change] += 1
        else:
            total.update(iscn.effect_on_counts(change))
    return {kind: number for kind, number in total.items() if number}


def is_structural(copy: Copy) -> bool:
    """Whether a person entered it; whole chromosomes, ploidy and sex are read from the board."""
    change = copy.change
    is_whole = change[1:] in (*AUTOSOMES, "X", "Y", MARKER)
    return not (is_whole or change in _PLOIDY or change.startswith(_SEX))


def sexes_in(changes: ChangeSet) -> ChangeSet:
    """Of these changes the one that states normal sex chromosomes other than the constitution's."""
    return frozenset(copy for copy in changes if copy.change in OTHER_SEX)


def has_other_sex(changes: ChangeSet) -> bool:
    """Whether the sex chromosomes are normal and not those of the constitution."""
    return bool(sexes_in(changes))


def sex_changes(changes: ChangeSet) -> ChangeSet:
    """What of them is written as sex chromosomes in a constitution, and as changes in a tumour."""
    return frozenset(c for c in changes if c.change[1:] in {"X", "Y"} or c.change.startswith(_SEX))


def can_be_added(changes: ChangeSet) -> bool:
    """Whether a line can be written as an earlier one with these changes added."""
    return not any(c.change in _PLOIDY or c.change.startswith(_SEX) for c in changes)


def likely_sex(complements: Iterable[tuple[int, int]]) -> str:
    """The sex chromosomes that most cells have normally, from (X, Y) of each; XY where a Y is."""
    seen = Counter("X" * x + "Y" * y for x, y in complements)
    normal = [(seen[sex], sex) for sex in NORMAL_SEX if seen[sex]]
    if normal:
        return max(normal)[1]
    return "XY" if any("Y" in sex for sex in seen) else "XX"


def check_change(text: str) -> None:
    """ValueError, with a sentence, for what is no change that a cell may have."""
    if text not in _PLOIDY and not text.startswith(_SEX):
        iscn.read_single(text)


def _signed(kind: str, difference: int) -> list[str]:
    return [f"{'+' if difference > 0 else '-'}{kind}"] * abs(difference)


def _order(copy: Copy) -> tuple[object, ...]:
    return (*_order_of(copy.change), copy.nth)


def _order_of(change: str) -> tuple[object, ...]:
    if change in _PLOIDY:
        return 0, change
    if change.startswith(_SEX):
        return 1, change
    return 2, _rank(change), change


def _rank(change: str) -> iscn.Rank:
    return iscn.rank(iscn.read_single(change))
