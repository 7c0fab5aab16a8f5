"""Cells with equal changes are one line; related lines have a stem line and side lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from karyogui.domain import iscn
from karyogui.domain.case_result.changes import (
    ChangeSet,
    Constitution,
    can_be_added,
    chromosome_number,
    has_other_sex,
    line_from,
    line_of,
    sex_changes,
    texts,
)
from karyogui.domain.karyogram import MARKER

_MANY_LINES = 3
"""More related lines than this, most of them of a single cell, are written as a composite."""


@dataclass(frozen=True)
class CellLine:
    """Cells with the same changes. `changes` are empty for the line without any.

    `strays` are changes of single cells, by cell, that are no result; `karyotype` is how it is
    written beside the other lines. A `composite` stands for all lines of a family. A `donor`'s is
    of another person.
    """

    changes: ChangeSet
    cells: tuple[int, ...]
    karyotype: iscn.KaryotypeLine
    strays: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    composite: bool = False
    donor: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """Its changes as ISCN writes them."""
        return texts(self.changes)


def group(
    changes: Mapping[int, ChangeSet],
    reported: ChangeSet,
    constitution: Constitution,
    *,
    acquired: bool,
    stem_word: str = "sl",
    composite: bool | None = None,
    beside_others: bool = False,
) -> tuple[CellLine, ...]:
    """The lines of cells with these `changes`, in the order in which ISCN writes them.

    What is not `reported` counts for no line. `acquired` are those of a tumour, whose related lines
    stand together, the stem line first; else the largest stands first. The line without changes is
    last. `composite` says whether related lines are written as one, None for as it is sensible;
    `beside_others` that another person's lines stand in the same string.
    """
    members: dict[ChangeSet, list[int]] = defaultdict(list)
    for cell_id, all_changes in changes.items():
        members[all_changes & reported].append(cell_id)
    families = _families([key for key in members if key]) if acquired else []
    if not acquired:
        families = [[key] for key in members if key]
    families.sort(key=lambda f: (-sum(len(members[key]) for key in f), _names(f)))
    if not acquired and (beside_others or any(has_other_sex(key) for key in members)):
        # Written without mos, related lines stand as in a tumour.
        families.sort(key=lambda family: len(family[0] - sex_changes(family[0])))
    lines: list[CellLine] = []
    for number, family in enumerate(families, 1):
        ordered = sorted(family, key=lambda key: (_size(key), -len(members[key]), texts(key)))
        as_one = composite if composite is not None else _is_diverse(ordered, members)
        if as_one and len(ordered) > 1 and acquired:
            lines.append(_composite(ordered, members, constitution))
        else:
            word = stem_word if number == 1 and acquired else ""
            lines += _written(ordered, members, constitution, acquired, word)
    if frozenset() in members:
        plain = line_of(frozenset(), constitution, len(members[frozenset()]), acquired=acquired)
        lines.append(CellLine(frozenset(), tuple(members[frozenset()]), plain))
    return tuple(_with_strays(line, changes) for line in lines)


def _size(key: ChangeSet) -> int:
    """By how many changes related lines are ordered, the fewest first: the other sex is none."""
    return len(key) - has_other_sex(key)


def _names(family: Sequence[ChangeSet]) -> list[tuple[str, ...]]:
    return sorted(texts(key) for key in family)


def _families(keys: Sequence[ChangeSet]) -> list[list[ChangeSet]]:
    """Sets that share a change, at once or through others."""
    families: list[list[ChangeSet]] = []
    for key in keys:
        related = [family for family in families if any(key & other for other in family)]
        families = [family for family in families if family not in related]
        families.append([key, *(other for family in related for other in family)])
    return families


def _is_diverse(ordered: Sequence[ChangeSet], members: Mapping[ChangeSet, list[int]]) -> bool:
    single = sum(len(members[key]) == 1 for key in ordered)
    return len(ordered) > _MANY_LINES and 2 * single > len(ordered)


def _written(
    ordered: Sequence[ChangeSet],
    members: Mapping[ChangeSet, list[int]],
    constitution: Constitution,
    acquired: bool,
    word: str,
) -> list[CellLine]:
    """The lines of a family; those that add to the stem or a side line refer to it by `word`."""
    lines: list[CellLine] = []
    stem, derived = ordered[0], list[ChangeSet]()
    for key in ordered:
        cells = tuple(members[key])
        karyotype = line_of(key, constitution, len(cells), acquired=acquired)
        if word and key > stem and can_be_added(key - stem):
            base, name = stem, word
            if word == "sl":
                for number, earlier in enumerate(derived, 1):
                    if key > earlier and len(earlier) > len(base):
                        base, name = earlier, f"sdl{number}"
            karyotype = line_from(name, key - base, len(cells))
            derived.append(key)
        elif key is not stem:
            # A line in full stands between: what follows could not tell which stem is meant.
            word = ""
        lines.append(CellLine(key, cells, karyotype))
    return lines


def _composite(
    ordered: Sequence[ChangeSet],
    members: Mapping[ChangeSet, list[int]],
    constitution: Constitution,
) -> CellLine:
    """All lines of a family as one: every change with its number of cells, the range of counts."""
    cells = tuple(sorted(i for key in ordered for i in members[key]))
    seen = Counter(copy for key in ordered for copy in key for _ in members[key])
    union = frozenset(seen)
    whole = line_of(union, constitution, len(cells), acquired=True)
    numbers = [chromosome_number(key, constitution) for key in ordered]
    per_change: dict[str, list[int]] = defaultdict(list)
    for copy in sorted(union - _markers(union)):
        per_change[copy.change].append(seen[copy])
    markers = {key: len(_markers(key)) for key in ordered if _markers(key)}

    def told(changes: Sequence[str]) -> tuple[str, ...]:
        return tuple(
            f"{change}[{per_change[change].pop(0)}]" if per_change.get(change) else change
            for change in changes
        )

    karyotype = iscn.KaryotypeLine(
        sex=whole.sex,
        numerical=told(whole.numerical),
        structural=(*told(whole.structural), *_marker_range(markers, members)),
        cells=len(cells),
        ploidy=whole.ploidy,
        states_ploidy=whole.states_ploidy,
        sex_constitutional=whole.sex_constitutional,
        counts=(min(numbers), max(numbers)),
    )
    return CellLine(union, cells, karyotype, composite=True)


def _markers(key: ChangeSet) -> ChangeSet:
    return frozenset(copy for copy in key if copy.change == f"+{MARKER}")


def _marker_range(
    markers: Mapping[ChangeSet, int], members: Mapping[ChangeSet, list[int]]
) -> tuple[str, ...]:
    """The markers of a composite in one item, `+1~2mar[5]`, as nobody knows which are alike."""
    if not markers:
        return ()
    low, high = min(markers.values()), max(markers.values())
    number = f"{low}~{high}" if low != high else str(low) if low > 1 else ""
    return (f"+{number}{MARKER}[{sum(len(members[key]) for key in markers)}]",)


def _with_strays(line: CellLine, changes: Mapping[int, ChangeSet]) -> CellLine:
    strays = {i: texts(changes[i] - line.changes) for i in line.cells}
    kept = {i: told for i, told in strays.items() if told}
    return replace(line, cells=tuple(sorted(line.cells)), strays=kept)
