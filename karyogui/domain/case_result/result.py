"""The result of a case: from its cells and its protocol to lines, reasons and an ISCN string."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from karyogui.domain import iscn
from karyogui.domain.case_result.cells import CaseCell, Ruling, RulingKind
from karyogui.domain.case_result.changes import ChangeSet, Constitution, has_other_sex, sexes_in
from karyogui.domain.case_result.clonality import ChangeDecision, decide
from karyogui.domain.case_result.evidence import Evidence, sex_of
from karyogui.domain.case_result.lines import CellLine, group
from karyogui.domain.case_result.protocol import Protocol
from karyogui.domain.case_result.remarks import of_two_persons, remarks
from karyogui.domain.case_result.statistics import excluded_percent, interval


@dataclass(frozen=True)
class LeftOut:
    """A cell that is in no line, and why; `is_open` where a person has to settle that."""

    cell_id: int
    reason: str
    is_open: bool = False


@dataclass(frozen=True)
class CaseResult:
    """What the cells of a case say together. Every cell is in one line or left out.

    `text` is the ISCN string, empty where `problem` says why there is none. `units` are the cells,
    or colonies, that the lines rest on. `excluded` is the mosaicism in per cent that they exclude,
    None unless all are alike but for single losses. `remarks` are sentences about what a person
    should know or do.
    """

    protocol: Protocol
    constitution: Constitution
    lines: tuple[CellLine, ...]
    decisions: tuple[ChangeDecision, ...]
    left_out: tuple[LeftOut, ...]
    text: str
    problem: str = ""
    units: int = 0
    excluded: int | None = None
    remarks: tuple[str, ...] = ()
    rulings: tuple[Ruling, ...] = ()

    @property
    def cell_count(self) -> int:
        """How many cells are in lines."""
        return sum(len(line.cells) for line in self.lines)

    @property
    def abnormal_count(self) -> int:
        """How many cells in lines show a change, single losses and what a person disregards apart.

        A change that is in too few cells for a clone was seen all the same. A donor's sex is none.
        """
        seen = {
            i
            for line in self.lines
            if (line.changes - sexes_in(line.changes) if line.donor else line.changes)
            for i in line.cells
        }
        unsolved = {i for d in self.decisions if d.is_unsolved for i in d.cells}
        return len(seen | {i for line in self.lines for i in line.cells if i in unsolved})

    @property
    def line_numbers(self) -> dict[int, int]:
        """The number of its line, from 1, for each cell that is in one."""
        return {i: n for n, line in enumerate(self.lines, 1) for i in line.cells}

    def share(self, line: CellLine) -> tuple[float, float, float]:
        """A line's share of the cells (0 … 1) with its exact interval."""
        low, high = interval(len(line.cells), self.cell_count, self.protocol.confidence)
        return len(line.cells) / self.cell_count, low, high


def conclude(
    cells: Sequence[CaseCell],
    protocol: Protocol,
    constitution: Constitution | None = None,
    rulings: Iterable[Ruling] = (),
) -> CaseResult:
    """The result of these cells; their order does not matter.

    Without a `constitution` it is inferred from the cells: the sex chromosomes that most have.
    """
    holding = tuple({ruling.key: ruling for ruling in rulings}.values())
    cells = sorted(cells, key=lambda cell: cell.id)
    marked = {r.subject for r in holding if r.kind is RulingKind.DONOR}
    own = [cell for cell in cells if str(cell.id) not in marked]
    known = constitution or Constitution(sex_of(own or cells, protocol))
    evidence = Evidence(cells, protocol, known, holding)
    # The sex of a donor's cells is no change of the person, and not asked for a number of cells.
    asked = {
        i: told - sexes_in(told) if str(i) in marked else told
        for i, told in evidence.changes.items()
    }
    decisions = decide(asked, cells, protocol, holding)
    reported = frozenset(d.copy for d in decisions if d.is_reported)
    evidence.fit_counted(reported)
    lines = _of_both_persons(evidence.changes, reported, known, protocol, holding)
    text, problem = _string(lines, holding, protocol)
    units = len({c.unit(protocol.unit) for c in cells if any(c.id in a.cells for a in lines)})
    is_alike = len(lines) == 1 and not lines[0].composite
    # What was seen is not excluded; a single loss is taken for chance.
    is_alike = is_alike and not any(d.is_unsolved for d in decisions)
    return CaseResult(
        protocol=protocol,
        constitution=known,
        lines=lines,
        decisions=decisions,
        left_out=tuple(
            LeftOut(i, told, i in evidence.open) for i, told in sorted(evidence.left_out.items())
        ),
        text=text,
        problem=problem,
        units=units,
        excluded=excluded_percent(units, protocol.confidence) if is_alike and units else None,
        remarks=remarks(cells, lines, decisions, evidence.left_out, protocol, holding),
        rulings=holding,
    )


def _is_ruled(rulings: Iterable[Ruling], kind: RulingKind) -> bool:
    return any(ruling.kind is kind for ruling in rulings)


def _of_both_persons(
    changes: Mapping[int, ChangeSet],
    reported: ChangeSet,
    constitution: Constitution,
    protocol: Protocol,
    rulings: Iterable[Ruling],
) -> tuple[CellLine, ...]:
    """The lines in the order of the string: those of a donor stand behind all others.

    A donor's are those of the other sex where that was ruled, and of the cells marked as a donor's,
    which are no line together with others even where they show the same.
    """
    marked = {r.subject for r in rulings if r.kind is RulingKind.DONOR}
    theirs = {i: told for i, told in changes.items() if str(i) in marked}
    own = {i: told for i, told in changes.items() if i not in theirs}
    composite, acquired = _composite(rulings), protocol.neoplastic
    word = protocol.stem_word
    lines = group(
        own,
        reported,
        constitution,
        acquired=acquired,
        stem_word=word,
        composite=composite,
        beside_others=bool(theirs),
    )
    if "" in marked:
        lines = tuple(replace(one, donor=has_other_sex(one.changes)) for one in lines)
    reported |= frozenset(copy for told in theirs.values() for copy in sexes_in(told))
    # A reference to a stem line could not tell which person's is meant.
    others = group(
        theirs,
        reported,
        constitution,
        acquired=acquired,
        stem_word="",
        composite=composite,
        beside_others=True,
    )
    lines += tuple(replace(one, donor=True) for one in others)
    return tuple(sorted(lines, key=lambda line: line.donor))


def _composite(rulings: Iterable[Ruling]) -> bool | None:
    for ruling in rulings:
        if ruling.kind in (RulingKind.COMPOSITE, RulingKind.SEPARATE):
            return ruling.kind is RulingKind.COMPOSITE
    return None


def _string(
    lines: Sequence[CellLine], rulings: Iterable[Ruling], protocol: Protocol
) -> tuple[str, str]:
    """The ISCN string and why there is none; one of the two is empty."""
    if not lines:
        return "", "No cell is analysed yet."
    kind = ""
    donor = tuple(line.karyotype for line in lines if line.donor)
    if not donor and len(lines) > 1:
        if _is_ruled(rulings, RulingKind.CHIMERA):
            kind = "chi"
        elif not protocol.neoplastic and not of_two_persons(lines):
            kind = "mos"
    try:
        own = tuple(line.karyotype for line in lines if not line.donor)
        text = iscn.write(iscn.CaseKaryotype(own, kind, donor))
    except ValueError as error:
        return "", f"The lines cannot be written: {error}"
    wrong = [p for p in iscn.check(text).problems if p.severity is not iscn.Severity.WARNING]
    return ("", f"The lines make {text}. {wrong[0].message}") if wrong else (text, "")
