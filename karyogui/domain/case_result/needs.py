"""What a protocol still asks of a case: cells, cultures, karyograms and bands, in sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from karyogui.domain import iscn
from karyogui.domain.amounts import amount
from karyogui.domain.case_result.cells import CaseCell, CellStatus
from karyogui.domain.case_result.clonality import units_text
from karyogui.domain.case_result.lines import CellLine
from karyogui.domain.case_result.protocol import Protocol, Unit
from karyogui.domain.case_result.result import CaseResult


@dataclass(frozen=True)
class Need:
    """Something that is not there: `text` is the sentence of the window.

    `key` and `values` name the same in the words of a report, in whichever language.
    """

    text: str
    key: str
    values: tuple[tuple[str, str], ...] = ()


def need(text: str, key: str, **values: object) -> Need:
    """A need with values for its words."""
    return Need(text, key, tuple((name, str(value)) for name, value in values.items()))


@dataclass(frozen=True)
class ProtocolProgress:
    """How many of a case's cells are done, of how many that its protocol asks for.

    `counted` are colonies where these are the unit of the protocol; `cultures` those that a
    counted cell comes from.
    """

    counted: int
    analysed: int
    karyotyped: int
    cultures: tuple[str, ...]
    open: tuple[Need, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """What is still needed, a sentence each."""
        return tuple(one.text for one in self.open)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is needed any more."""
        return not self.open


def progress(
    cells: Sequence[CaseCell], protocol: Protocol, lines: Sequence[CellLine] = ()
) -> ProtocolProgress:
    """How far a case has come by its protocol, and what is still needed.

    Excluded cells do not count.
    """
    used = [cell for cell in cells if not cell.excluded and cell.status.is_counted]
    units = {cell.unit(protocol.unit) for cell in used}
    analysed = [cell for cell in used if cell.status.is_analysed]
    karyotyped = [cell for cell in used if cell.status is CellStatus.KARYOTYPED]
    cultures = tuple(sorted({cell.culture for cell in used if cell.culture}))
    needs = [
        *_of_counts(used, len(units), protocol),
        *_of_work(len(analysed), protocol.analysed, "analyse"),
        *_of_work(len(karyotyped), protocol.karyotyped, "karyotype"),
        *_of_cultures(used, cultures, protocol),
        *_of_colonies(used, protocol),
        *_of_lines(karyotyped, lines, protocol),
        *_of_bands(karyotyped, protocol),
    ]
    return ProtocolProgress(len(units), len(analysed), len(karyotyped), cultures, tuple(needs))


def unmet(
    done: ProtocolProgress, result: CaseResult, cells: Sequence[CaseCell], band_level: str = ""
) -> tuple[Need, ...]:
    """All that a report must not pass over: what the protocol asks for, and what is not settled.

    `band_level` is what the report states; it stands where no karyogram tells its own.
    """
    return (
        *done.open,
        *_of_stated_bands(cells, result.protocol, band_level),
        *_of_open_cells(result, cells),
        *_of_changes(result, cells),
    )


def _of_stated_bands(cells: Sequence[CaseCell], protocol: Protocol, stated: str) -> list[Need]:
    shown = [c for c in cells if c.status is CellStatus.KARYOTYPED and not c.excluded]
    if not protocol.bands or not shown or any(c.bands is not None for c in shown):
        return []
    levels = [int(number) for number in re.findall(r"[0-9]+", stated)]
    if not stated.strip() or (levels and min(levels) >= protocol.bands):
        return []
    told = f"The band level is {stated.strip()}; the protocol asks for {protocol.bands}."
    return [need(told, "bands", bands=stated.strip(), asked=protocol.bands)]


def _of_open_cells(result: CaseResult, cells: Sequence[CaseCell]) -> list[Need]:
    """Cells that are called counted or more and whose count nobody has settled."""
    names = {cell.id: cell.name for cell in cells}
    return [
        need(
            f"{names[one.cell_id]} is in no line: {one.reason}",
            "open_cell",
            cell=names[one.cell_id],
        )
        for one in result.left_out
        if one.is_open
    ]


def _of_changes(result: CaseResult, cells: Sequence[CaseCell]) -> list[Need]:
    """Changes in too few cells, as long as the protocol asks for more cells because of them."""
    protocol = result.protocol
    units = len({c.unit(protocol.unit) for c in cells if c.status.is_counted and not c.excluded})
    further = [number for number in protocol.extend if number > units]
    if not further:
        return []
    to = units_text(further[0], protocol.unit)
    return [
        need(
            f"{one.copy.text} in {units_text(one.units, protocol.unit)} is no result yet: "
            f"the protocol extends to {to}.",
            "change",
            change=one.copy.text,
            number=one.units,
            asked=further[0],
        )
        for one in result.decisions
        if one.is_unsolved
    ]


def _of_counts(used: Sequence[CaseCell], units: int, protocol: Protocol) -> list[Need]:
    """How many to count, from the cultures that have given fewest."""
    missing = protocol.counted - units
    if missing <= 0:
        return []
    per_culture = Counter({cell.culture: 0 for cell in used if cell.culture})
    if protocol.cultures < 2 or len(per_culture) < protocol.cultures:
        return [_to_count(f"{_more(missing, protocol)} to count.", missing, "", protocol)]
    for culture, _ in {(cell.culture, cell.unit(protocol.unit)) for cell in used if cell.culture}:
        per_culture[culture] += 1
    wanted: Counter[str] = Counter()
    for _ in range(missing):
        fewest = min(per_culture, key=lambda culture: (per_culture[culture], culture))
        per_culture[fewest] += 1
        wanted[fewest] += 1
    return [
        _to_count(
            f"{_more(number, protocol)} from culture {culture} to count.", number, culture, protocol
        )
        for culture, number in sorted(wanted.items())
    ]


def _to_count(text: str, number: int, culture: str, protocol: Protocol) -> Need:
    key = "count_colonies" if protocol.unit is Unit.COLONY else "count"
    return need(text, key, number=f"{number} ({culture})" if culture else number)


def _more(number: int, protocol: Protocol) -> str:
    count, noun = units_text(number, protocol.unit).split(" ")
    return f"{count} more {noun}"


def _of_work(done: int, asked: int, verb: str) -> list[Need]:
    missing = asked - done
    if missing <= 0:
        return []
    told = f"{amount(missing, 'more cell')} to {verb}."
    return [need(told, verb, number=missing)]


def _of_cultures(
    used: Sequence[CaseCell], cultures: Sequence[str], protocol: Protocol
) -> list[Need]:
    if protocol.cultures < 2 or len(cultures) >= protocol.cultures:
        return []
    unnamed = sum(not cell.culture for cell in used)
    if unnamed:
        of = amount(unnamed, "counted cell is", "counted cells are")
        told = f"{of} of no named culture: {protocol.cultures} cultures are asked for."
        return [need(told, "unnamed_culture", number=unnamed, asked=protocol.cultures)]
    missing = protocol.cultures - len(cultures)
    told = f"Cells from {amount(missing, 'more culture')}."
    return [need(told, "cultures", number=missing)]


def _of_colonies(used: Sequence[CaseCell], protocol: Protocol) -> list[Need]:
    if protocol.unit is not Unit.COLONY:
        return []
    told = []
    without = sum(not cell.colony for cell in used)
    if without:
        cells = amount(without, "counted cell has", "counted cells have")
        text = f"{cells} no named colony: each is taken for one of its own."
        told.append(need(text, "unnamed_colony", number=without))
    most = protocol.per_colony
    taken = Counter((cell.culture, cell.colony) for cell in used if cell.colony)
    for (culture, colony), number in sorted(taken.items()):
        if most and number > most:
            of = f" of culture {culture}" if culture else ""
            text = f"{number} cells of colony {colony}{of}: no more than {most} are taken."
            told.append(need(text, "colony", colony=colony, number=number, asked=most))
    return told


def _of_lines(
    karyotyped: Sequence[CaseCell], lines: Sequence[CellLine], protocol: Protocol
) -> list[Need]:
    """Karyograms of each line, where there is more than one."""
    if len(lines) < 2:
        return []
    done = {cell.id for cell in karyotyped}
    told = []
    for line in lines:
        missing = protocol.per_line - sum(i in done for i in line.cells)
        if missing > 0:
            text = f"{amount(missing, 'more karyogram')} of {_name(line)}."
            told.append(need(text, "line", number=missing, line=_called(line)))
    return told


def _called(line: CellLine) -> str:
    """Its changes; the karyotype of a line without any."""
    plain = iscn.CaseKaryotype((replace(line.karyotype, cells=None),))
    return ", ".join(line.texts) or iscn.write(plain)


def _name(line: CellLine) -> str:
    return f"the line with {', '.join(line.texts)}" if line.changes else "the line without changes"


def _of_bands(karyotyped: Sequence[CaseCell], protocol: Protocol) -> list[Need]:
    levels = [cell.bands for cell in karyotyped if cell.bands is not None]
    if not protocol.bands or not levels or max(levels) >= protocol.bands:
        return []
    told = f"No karyogram reaches {protocol.bands} bands; the best has {max(levels)}."
    return [need(told, "bands", bands=max(levels), asked=protocol.bands)]
