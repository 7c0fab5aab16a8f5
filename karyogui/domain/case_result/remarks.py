"""What a person should know of a case's result, or do about it, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from karyogui.domain.case_result.cells import CaseCell, Ruling, RulingKind
from karyogui.domain.case_result.changes import OTHER_SEX, has_other_sex
from karyogui.domain.case_result.clonality import ChangeDecision, units_text
from karyogui.domain.case_result.lines import CellLine
from karyogui.domain.case_result.protocol import Protocol, Unit
from karyogui.domain.case_result.statistics import excluded_percent, interval, next_excluded


def remarks(
    cells: Sequence[CaseCell],
    lines: Sequence[CellLine],
    decisions: Sequence[ChangeDecision],
    left_out: Mapping[int, str],
    protocol: Protocol,
    rulings: Sequence[Ruling],
) -> tuple[str, ...]:
    """Everything worth saying, the most urgent first."""
    told = [*_of_sex(lines, decisions, rulings), *_of_few(decisions)]
    told += _of_changes(decisions, cells, lines, protocol)
    told += _of_rulings(decisions, cells, left_out, rulings)
    told += _of_numbers(cells, lines, left_out, protocol)
    return tuple(told)


def limits(units: int, protocol: Protocol, is_alike: bool) -> str:
    """What the cells exclude, in a sentence; empty where they are not all alike."""
    if not units or not is_alike:
        return ""
    excluded = excluded_percent(units, protocol.confidence)
    sure = _per_cent(protocol.confidence)
    verb = "excludes" if units == 1 else "exclude"
    told = (
        f"{units_text(units, protocol.unit)} alike {verb} mosaicism of {excluded} % or more "
        f"with {sure} confidence"
    )
    more = next_excluded(units, protocol.confidence)
    if more is None:
        return f"{told}."
    return f"{told}; {units_text(more[1], protocol.unit)} more would exclude {more[0]} %."


def of_two_persons(lines: Sequence[CellLine]) -> bool:
    """Whether a line has the other sex, as it is from a twin, a mother or a donor."""
    return any(has_other_sex(line.changes) for line in lines)


def _of_sex(
    lines: Sequence[CellLine], decisions: Sequence[ChangeDecision], rulings: Sequence[Ruling]
) -> list[str]:
    explained = (RulingKind.CHIMERA, RulingKind.DONOR)
    other = [d for d in decisions if d.copy.change in OTHER_SEX]
    if not other or any(one.kind in explained and not one.subject for one in rulings):
        return []
    letters = other[0].copy.change.removeprefix("sex ")
    what = "cell is" if len(other[0].cells) == 1 else "cells are"
    return [
        f"The cells disagree on sex: {len(other[0].cells)} {what} {letters}. Maternal cells, a "
        "chimera, a transplant or exchanged specimens?"
    ]


def _of_few(decisions: Sequence[ChangeDecision]) -> list[str]:
    few = [d for d in decisions if d.is_reported and not d.ruling and d.units < d.needed]
    return [d.reason for d in few if not d.level]


def _of_changes(
    decisions: Sequence[ChangeDecision],
    cells: Sequence[CaseCell],
    lines: Sequence[CellLine],
    protocol: Protocol,
) -> list[str]:
    """What is asked for because a change is in too few cells, and what share it may have."""
    told, single_losses = [], []
    in_lines = {i for line in lines for i in line.cells}
    units = len({cell.unit(protocol.unit) for cell in cells if cell.id in in_lines})
    for decision in decisions:
        if decision.is_reported or decision.ruling is not None:
            continue
        if decision.is_chance:
            single_losses.append(decision.copy.text)
            continue
        share = _share(decision, units, protocol)
        if decision.level in ("I", "II"):
            told.append(f"{decision.reason}{share} Examine more cells of other cultures.")
        elif protocol.neoplastic and decision.copy.is_loss:
            told.append(f"{decision.reason}{share} FISH would show more.")
        else:
            told.append(f"{decision.reason}{share}{_extend(cells, protocol)}")
    if single_losses:
        what = "A single loss" if len(single_losses) == 1 else "Single losses"
        told.append(f"{what} ({', '.join(single_losses)}): taken for chance in the preparation.")
    return told


def _share(decision: ChangeDecision, units: int, protocol: Protocol) -> str:
    """The exact interval of what was seen: it is not excluded."""
    if not 0 < decision.units <= units:
        return ""
    low, high = interval(decision.units, units, protocol.confidence)
    return f" Its share is between {100 * low:.1f} and {100 * high:.1f} %."


def _extend(cells: Sequence[CaseCell], protocol: Protocol) -> str:
    units = len({cell.unit(protocol.unit) for cell in cells if cell.status.is_counted})
    further = [str(number) for number in protocol.extend if number > units]
    noun = "colonies" if protocol.unit is Unit.COLONY else "cells"
    return f" Extend to {' or '.join(further)} {noun}." if further else ""


def _of_rulings(
    decisions: Sequence[ChangeDecision],
    cells: Sequence[CaseCell],
    left_out: Mapping[int, str],
    rulings: Sequence[Ruling],
) -> list[str]:
    """Rulings that concern nothing any more."""
    changes = {decision.copy.change for decision in decisions}
    names = {str(cell.id): cell.name for cell in cells}
    told = []
    for ruling in rulings:
        if ruling.kind in (RulingKind.REPORT, RulingKind.DISREGARD):
            if ruling.subject not in changes:
                told.append(f"The ruling on {ruling.subject} concerns no cell any more.")
        elif ruling.kind is RulingKind.PLACE:
            name = names.get(ruling.subject, "a cell that is gone")
            if ruling.subject not in names or int(ruling.subject) in left_out:
                told.append(f"The ruling that places {name} concerns no line: it is left out.")
        elif ruling.kind is RulingKind.DONOR and ruling.subject:
            name = names.get(ruling.subject, "a cell that is gone")
            if ruling.subject not in names or int(ruling.subject) in left_out:
                told.append(f"That {name} is a donor's concerns no line: it is left out.")
    return told


def _of_numbers(
    cells: Sequence[CaseCell],
    lines: Sequence[CellLine],
    left_out: Mapping[int, str],
    protocol: Protocol,
) -> list[str]:
    """The difference between the cells examined and those in lines."""
    examined = [c for c in cells if c.status.is_counted and not c.excluded]
    if protocol.neoplastic:
        examined = [c for c in examined if c.status.is_analysed]
    missing = [cell for cell in examined if cell.id in left_out]
    if not missing:
        return []
    in_lines = sum(len(line.cells) for line in lines)
    done = "analysed" if protocol.neoplastic else "counted"
    why = Counter(left_out[cell.id].rstrip(".") for cell in missing)
    reasons = "; ".join(f"{number}: {reason}" for reason, number in why.items())
    return [f"{in_lines} of {len(examined)} cells {done} are in lines. Left out: {reasons}."]


def _per_cent(fraction: float) -> str:
    return f"{100 * fraction:.4g} %"
