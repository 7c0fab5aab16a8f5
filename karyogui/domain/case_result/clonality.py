"""Which changes are a result and which are not: clonality, and levels of prenatal mosaicism."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from karyogui.domain.amounts import amount
from karyogui.domain.case_result.cells import CaseCell, Ruling, RulingKind
from karyogui.domain.case_result.changes import ChangeSet, Copy, in_order
from karyogui.domain.case_result.protocol import Protocol, Unit


@dataclass(frozen=True)
class ChangeDecision:
    """Whether a change is a result, why, and every cell behind it.

    `units` are the cells, or colonies, that show it, of which `needed` make it clonal; `level` is
    that of prenatal mosaicism (I, II or III), empty where there is none. `is_reported` is what the
    rules say, or the person's `ruling` on it.
    """

    copy: Copy
    cells: tuple[int, ...]
    units: int
    needed: int
    cultures: tuple[str, ...]
    is_reported: bool
    reason: str
    level: str = ""
    ruling: Ruling | None = None

    @property
    def is_chance(self) -> bool:
        """Whether it is a single loss, as it often happens in the preparation."""
        return self.copy.is_loss and self.units == 1 and not self.is_reported

    @property
    def is_unsolved(self) -> bool:
        """Whether it was seen, is no result, and neither chance nor a person explains it."""
        return not (self.is_reported or self.is_chance or self.ruling)


def decide(
    changes: Mapping[int, ChangeSet],
    cells: Sequence[CaseCell],
    protocol: Protocol,
    rulings: Iterable[Ruling] = (),
) -> tuple[ChangeDecision, ...]:
    """A decision on every change that any of the cells shows; `changes` are theirs, by id.

    A change counts over all lines: the stem line of a clone may be a single cell.
    """
    members = [cell for cell in cells if cell.id in changes]
    all_units = {cell.unit(protocol.unit) for cell in members}
    ruled = {r.subject: r for r in rulings if r.kind in (RulingKind.REPORT, RulingKind.DISREGARD)}
    found = in_order({copy for each in changes.values() for copy in each})
    decisions = []
    for copy in found:
        having = [cell for cell in members if copy in changes[cell.id]]
        decision = _decide(copy, having, len(all_units), protocol)
        ruling = ruled.get(copy.change)
        decisions.append(_overruled(decision, ruling) if ruling else decision)
    return tuple(decisions)


def _decide(
    copy: Copy, having: Sequence[CaseCell], all_units: int, protocol: Protocol
) -> ChangeDecision:
    units = len({cell.unit(protocol.unit) for cell in having})
    needed = protocol.losses if copy.is_loss else protocol.gains
    cultures = tuple(sorted({cell.culture for cell in having if cell.culture}))
    unit = protocol.unit
    seen = f"{copy.text} in {units_text(units, unit)}"
    what = "a loss" if copy.is_loss else "a gain or structural change"
    is_clonal, level = units >= needed, ""
    if units == all_units:
        # What every cell shows is never taken for chance: then there would be no cell left.
        reason = f"{copy.text} in every one of {units_text(units, unit)}"
        reason += "." if is_clonal else f", which are fewer than the {needed} that {what} needs."
        is_clonal = True
    elif protocol.prenatal:
        level = "I" if units == 1 else "II" if len(cultures) < 2 else "III"
        reason = f"{seen}{_of_cultures(cultures)}: {_LEVELS[level]}"
        if not is_clonal and level != "I":
            reason = f"{seen}: {what} is clonal from {needed} on."
        is_clonal = is_clonal and level == "III"
    else:
        reason = f"{seen}: {what} is clonal from {needed} on."
        if copy.is_loss and units == 1:
            reason = f"{seen}: a single loss is taken for chance in the preparation."
    ids = tuple(cell.id for cell in having)
    return ChangeDecision(copy, ids, units, needed, cultures, is_clonal, reason, level)


_LEVELS = {
    "I": "level I, which is no result yet.",
    "II": "level II, pseudomosaicism unless an independent culture shows it too.",
    "III": "level III, true mosaicism.",
}


def _of_cultures(cultures: tuple[str, ...]) -> str:
    if not cultures:
        return " of unnamed culture"
    return f" of culture{'s' if len(cultures) > 1 else ''} {', '.join(cultures)}"


def _overruled(decision: ChangeDecision, ruling: Ruling) -> ChangeDecision:
    is_reported = ruling.kind is RulingKind.REPORT
    told = "Reported" if is_reported else "Not reported"
    reason = f"{told} by {ruling.who}: {ruling.reason.rstrip('.')}. ({decision.reason})"
    return replace(decision, is_reported=is_reported, reason=reason, ruling=ruling)


def units_text(number: int, unit: Unit) -> str:
    """A number of cells or colonies in words."""
    return amount(number, "colony", "colonies") if unit is Unit.COLONY else amount(number, "cell")
