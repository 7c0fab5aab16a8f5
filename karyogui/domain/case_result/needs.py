"""What a protocol still asks of a case: cells, cultures, karyograms and bands, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from karyogui.domain.case_result.cells import CaseCell, CellStatus
from karyogui.domain.case_result.clonality import amount
from karyogui.domain.case_result.lines import CellLine
from karyogui.domain.case_result.protocol import Protocol, Unit


@dataclass(frozen=True)
class Progress:
    """How many of a case's cells are done, of how many that its protocol asks for.

    `counted` are colonies where these are the unit of the protocol; `cultures` those that a
    counted cell comes from.
    """

    counted: int
    analysed: int
    karyotyped: int
    cultures: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is needed any more."""
        return not self.needs


def progress(
    cells: Sequence[CaseCell], protocol: Protocol, lines: Sequence[CellLine] = ()
) -> Progress:
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
    return Progress(len(units), len(analysed), len(karyotyped), cultures, tuple(needs))


def _of_counts(used: Sequence[CaseCell], units: int, protocol: Protocol) -> list[str]:
    """How many to count, from the cultures that have given fewest."""
    missing = protocol.counted - units
    if missing <= 0:
        return []
    per_culture = Counter({cell.culture: 0 for cell in used if cell.culture})
    if protocol.cultures < 2 or len(per_culture) < protocol.cultures:
        return [f"{_more(missing, protocol)} to count."]
    for culture, _ in {(cell.culture, cell.unit(protocol.unit)) for cell in used if cell.culture}:
        per_culture[culture] += 1
    wanted: Counter[str] = Counter()
    for _ in range(missing):
        fewest = min(per_culture, key=lambda culture: (per_culture[culture], culture))
        per_culture[fewest] += 1
        wanted[fewest] += 1
    return [
        f"{_more(number, protocol)} from culture {culture} to count."
        for culture, number in sorted(wanted.items())
    ]


def _more(number: int, protocol: Protocol) -> str:
    count, noun = amount(number, protocol.unit).split(" ")
    return f"{count} more {noun}"


def _of_work(done: int, asked: int, verb: str) -> list[str]:
    missing = asked - done
    if missing <= 0:
        return []
    return [f"{missing} more {'cell' if missing == 1 else 'cells'} to {verb}."]


def _of_cultures(
    used: Sequence[CaseCell], cultures: Sequence[str], protocol: Protocol
) -> list[str]:
    if protocol.cultures < 2 or len(cultures) >= protocol.cultures:
        return []
    unnamed = sum(not cell.culture for cell in used)
    if unnamed:
        of = "1 counted cell is" if unnamed == 1 else f"{unnamed} counted cells are"
        return [f"{of} of no named culture: {protocol.cultures} cultures are asked for."]
    missing = protocol.cultures - len(cultures)
    return [f"Cells from {missing} more {'culture' if missing == 1 else 'cultures'}."]


def _of_colonies(used: Sequence[CaseCell], protocol: Protocol) -> list[str]:
    if protocol.unit is not Unit.COLONY:
        return []
    told = []
    without = sum(not cell.colony for cell in used)
    if without:
        cells = "1 counted cell has" if without == 1 else f"{without} counted cells have"
        told.append(f"{cells} no named colony: each is taken for one of its own.")
    most = protocol.per_colony
    taken = Counter((cell.culture, cell.colony) for cell in used if cell.colony)
    for (culture, colony), number in sorted(taken.items()):
        if most and number > most:
            of = f" of culture {culture}" if culture else ""
            told.append(f"{number} cells of colony {colony}{of}: no more than {most} are taken.")
    return told


def _of_lines(
    karyotyped: Sequence[CaseCell], lines: Sequence[CellLine], protocol: Protocol
) -> list[str]:
    """Karyograms of each line, where there is more than one."""
    if len(lines) < 2:
        return []
    done = {cell.id for cell in karyotyped}
    told = []
    for line in lines:
        missing = protocol.per_line - sum(i in done for i in line.cells)
        if missing > 0:
            what = "karyogram" if missing == 1 else "karyograms"
            told.append(f"{missing} more {what} of {_name(line)}.")
    return told


def _name(line: CellLine) -> str:
    return f"the line with {', '.join(line.texts)}" if line.changes else "the line without changes"


def _of_bands(karyotyped: Sequence[CaseCell], protocol: Protocol) -> list[str]:
    levels = [cell.bands for cell in karyotyped if cell.bands is not None]
    if not protocol.bands or not levels or max(levels) >= protocol.bands:
        return []
    return [f"No karyogram reaches {protocol.bands} bands; the best has {max(levels)}."]
