"""A typed karyotype against the board of a cell: what is missing, and what is too many.

From the string it follows what the board would show; of several lines the nearest one is meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from karyogui.domain import iscn
from karyogui.domain.amounts import number_word
from karyogui.domain.karyogram import MARKER, TRAY, slot_name
from karyogui.domain.labelled_changes import LabelledChange, for_case, troubles


@dataclass(frozen=True)
class BoardDifference:
    """One thing that the board shows otherwise than a karyotype says.

    `mark` is what stands at the `slot`, shortly: `+1` and `−1` chromosomes too many and too few,
    `+t` a change that is labelled and not in the string, `−del` one that is not labelled. `text` is
    empty where another one says it already.
    """

    slot: str
    mark: str
    text: str


@dataclass(frozen=True)
class BoardComparison:
    """A karyotype, which of its lines is compared (0 for the only one), and all differences."""

    karyotype: str
    line: int
    differences: tuple[BoardDifference, ...]

    @property
    def text(self) -> str:
        """The comparison in words."""
        which = f"line {self.line}" if self.line else "this karyotype"
        if not self.differences:
            return f"The board shows {which}."
        told = "; ".join(d.text for d in self.differences if d.text)
        return f"The board differs from {which}: {told}."

    @property
    def marks(self) -> dict[str, str]:
        """What stands over each slot of the board."""
        marks: dict[str, list[str]] = {}
        for difference in self.differences:
            if difference.slot:
                marks.setdefault(difference.slot, []).append(difference.mark)
        return {slot: " ".join(dict.fromkeys(told)) for slot, told in marks.items()}


def compare_board(
    typed: str,
    counts: Mapping[str, int],
    changes: Sequence[LabelledChange],
    slots: Mapping[str, str],
) -> BoardComparison | None:
    """Compare a valid karyotype with a board; None where the string leaves its counts open."""
    told = iscn.expected_counts(iscn.reading(typed))
    sides = iscn.read_lines(typed)
    lines = (*sides.lines, *sides.donor)
    own = for_case(counts, changes, slots)
    labelled = Counter(_unsigned(text) for text in own.structural)
    unsettled = {t.change_id for t in troubles(changes, slots)}
    labelled.update(c.text for c in changes if c.id in unsettled)
    found = []
    for number, (expected, line) in enumerate(zip(told, lines, strict=False)):
        if not expected.is_certain:
            continue
        wanted = Counter(_unsigned(text) for text in _structural(line, lines))
        differences = [
            *_of_counts(expected.counts, own.counts),
            *_of_changes(wanted, labelled),
            *_of_tray(counts),
        ]
        found.append(BoardComparison(typed, number + 1 if len(told) > 1 else 0, tuple(differences)))
    return min(found, key=_weight, default=None)


def _weight(comparison: BoardComparison) -> int:
    return sum(int(d.mark[1:]) if d.mark[1:].isdigit() else 1 for d in comparison.differences)


def _of_counts(wanted: Mapping[str, int], there: Mapping[str, int]) -> list[BoardDifference]:
    differences = []
    for kind, count in wanted.items():
        by = there.get(kind, 0) - count
        if by:
            what = slot_name(kind) if kind == MARKER else f"chromosome {kind}"
            many = "too many" if by > 0 else "missing"
            text = f"{number_word(abs(by))} {what} {many} ({there.get(kind, 0)} instead of {count})"
            differences.append(BoardDifference(kind, f"{'+' if by > 0 else '−'}{abs(by)}", text))
    return differences


def _of_changes(wanted: Counter[str], labelled: Counter[str]) -> list[BoardDifference]:
    differences = []
    for text in sorted(wanted - labelled):
        differences += _at_slots(text, "−", f"{text} is not labelled")
    for text in sorted(labelled - wanted):
        differences += _at_slots(text, "+", f"{text} is labelled and not in the karyotype")
    return differences


def _at_slots(text: str, sign: str, told: str) -> list[BoardDifference]:
    """A difference at each slot where such a change is; described once."""
    item = iscn.read_item(text)
    slots = list(dict.fromkeys(bearers[0] for bearers in item.bearers)) or [""]
    mark = f"{sign}{item.symbol}"
    return [BoardDifference(slot, mark, "" if n else told) for n, slot in enumerate(slots)]


def _of_tray(counts: Mapping[str, int]) -> list[BoardDifference]:
    lying = counts.get(TRAY, 0)
    if not lying:
        return []
    noun = "chromosome is" if lying == 1 else "chromosomes are"
    return [BoardDifference("", "", f"{number_word(lying)} {noun} unplaced")]


def _structural(line: iscn.KaryotypeLine, lines: Sequence[iscn.KaryotypeLine]) -> list[str]:
    """The changes of a line, those of the first line with it where it refers to that."""
    own = [*line.structural]
    if line.reference in ("idem", "sl"):
        stems = (other for other in lines if not other.reference and not other.is_normal)
        stem = next(stems, None)
        own = [*(stem.structural if stem else ()), *own]
    found: list[str] = []
    for text in own:
        change, _, times = text.replace("x", "×").rpartition("×")
        is_many = bool(change) and times.isdigit()
        found += [change] * int(times) if is_many else [text]
    return found


def _unsigned(text: str) -> str:
    return text.lstrip("+")
