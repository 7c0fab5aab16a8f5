"""The live checker: all problems of a typed karyotype at once, with repairs that check clean."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from karyogui.domain.iscn.characters import Cleaned, Remark, clean
from karyogui.domain.iscn.counting import judge_counts
from karyogui.domain.iscn.findings import (
    LONGEST_REPAIRED,
    MOST,
    Edit,
    Finding,
    Findings,
    Fix,
    Problem,
    Severity,
    apply,
)
from karyogui.domain.iscn.lines import read
from karyogui.domain.iscn.order import judge_alike, judge_lines, judge_order
from karyogui.domain.iscn.sexes import judge_sex
from karyogui.domain.iscn.syntax import Karyotype, Kind, Line

_MOST_REPAIRS = 4
_TRIES = 25
"""Texts that are read again for one repair, at most."""
_READ_AGAIN = 40_000
"""Characters that are read again for all repairs together, at most."""
_OVERHEAD = 30
_MOST_REPAIRED = 40
"""Problems for which repairs are looked for; a text with more is no karyotype with slips."""
_DEEPEST = 8

_TECHNIQUES: dict[str, str] = {
    "arr": "Array notation",
    "sarr": "Array notation",
    "ish": "FISH notation",
    "nuc ish": "FISH notation",
    "rev ish": "Comparative genomic hybridisation notation",
    "fib ish": "FISH notation",
    "rsa": "Region-specific assay notation",
    "mlpa": "Region-specific assay notation",
    "seq": "Sequence notation",
    "sseq": "Sequence notation",
    "bseq": "Sequence notation",
    "ogm": "Optical genome mapping notation",
}
_SCOPE = re.compile(
    r"(?:\A|(?<=[\s.,;/\]]))((?:nuc|rev|fib)\s+ish|ish|s?arr|rsa|mlpa|[sb]?seq|ogm)(?=[\s(\[])",
    re.IGNORECASE,
)
_MEIOTIC = re.compile(r"\A\s*(?:MI{1,2}|PI|AI{1,2}|oom|spm|pac|MI/MII)\s*[,.]")


class Edition(StrEnum):
    """An edition of ISCN; most rules are the same in all of them."""

    OF_2016 = "2016"
    OF_2020 = "2020"
    OF_2024 = "2024"


@dataclass(frozen=True)
class Verdict:
    """What the checker says of a string: `problems` in the order of their places."""

    text: str
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing but warnings was found."""
        return all(problem.severity is Severity.WARNING for problem in self.problems)


@dataclass(frozen=True)
class _Reading:
    """A text in ISCN's characters, what was read in it, and what is wrong with it."""

    text: str
    karyotype: Karyotype
    findings: list[Finding]

    @property
    def wrong(self) -> list[Finding]:
        """All findings that keep it from being valid."""
        return [f for f in self.findings if f.severity is not Severity.WARNING]


def check(typed: str, edition: Edition = Edition.OF_2024) -> Verdict:
    """Check a karyotype as typed; never raises, whatever the text."""
    if not typed.strip():
        message = "Nothing is typed yet: a karyotype such as 46,XX."
        return Verdict(typed, (Problem(0, len(typed), Severity.ERROR, message),))
    classical, scope = _split_scope(typed)
    problems: list[Problem] = []
    if scope:
        message = f"{scope} is recognised and left as it is: not checked."
        problems.append(Problem(len(classical), len(typed), Severity.WARNING, message))
    if classical.strip():
        rest = typed[len(classical) :]
        rest = f".{rest}" if rest[:1].isalpha() else rest
        problems = [*_check_classical(classical, rest, edition), *problems]
    return Verdict(typed, _limited(problems, len(typed)))


def reading(typed: str) -> Karyotype:
    """What a karyotype says, read as far as it can be; the part that is not checked is named."""
    classical, scope = _split_scope(typed)
    karyotype, _ = read(clean(classical).text)
    karyotype.scope = scope
    return karyotype


def _split_scope(typed: str) -> tuple[str, str]:
    """The part that is checked, and in words what follows it."""
    if _MEIOTIC.match(typed):
        return "", "Meiotic notation"
    found = _SCOPE.search(typed)
    if not found:
        return typed, ""
    name = " ".join(found[1].lower().split())
    classical = typed[: found.start()].rstrip(" .;/")
    return classical, _TECHNIQUES[name]


def _limited(problems: list[Problem], end: int) -> tuple[Problem, ...]:
    if len(problems) <= MOST:
        return tuple(problems)
    start = problems[MOST].start
    message = "There are more problems; the rest of the text is not checked."
    return (*problems[:MOST], Problem(start, end, Severity.ERROR, message))


def _check_classical(typed: str, rest: str, edition: Edition) -> list[Problem]:
    cleaned = clean(typed)
    found = _read_and_judge(cleaned.text)
    repairer = _Repairer(found)
    problems = [
        Problem(remark.start, remark.end, remark.severity, remark.message)
        for remark in _outside_words(cleaned, found)
    ]
    if problems:
        whole = repairer.of_whole()
        problems = [_repaired(problem, whole, rest) for problem in problems]
    for finding in found.findings:
        start, end = cleaned.range_in_typed(finding.start, finding.end)
        problem = Problem(start, end, finding.severity, finding.message)
        problems.append(_repaired(problem, repairer.of(finding), rest))
    problems += _of_edition(found.karyotype, cleaned, edition)
    return sorted(problems, key=lambda problem: (problem.start, problem.end))


def _repaired(problem: Problem, repairs: Iterable[str], rest: str) -> Problem:
    return Problem(
        problem.start,
        problem.end,
        problem.severity,
        problem.message,
        tuple(repair + rest for repair in repairs),
    )


def _outside_words(cleaned: Cleaned, found: _Reading) -> list[Remark]:
    """Remarks on characters, but those within words that are no karyotype at all."""
    words = [
        cleaned.range_in_typed(line.start, line.end)
        for line in found.karyotype.lines
        if line.count == (0, 0)
    ]
    starts = [start for start, _ in words]
    outside = []
    for remark in cleaned.remarks:
        before = bisect_right(starts, remark.start)
        if not before or words[before - 1][1] <= remark.start:
            outside.append(remark)
        if len(outside) > MOST:
            break
    return outside


def _of_edition(karyotype: Karyotype, cleaned: Cleaned, edition: Edition) -> list[Problem]:
    """What an older edition does not have."""
    problems = []
    for line in karyotype.lines:
        if line.sex and "U" in line.sex and edition is not Edition.OF_2024:
            start, end = cleaned.range_in_typed(*line.sex_span)
            message = f"U for sex chromosomes that are not disclosed is not in ISCN {edition}."
            problems.append(Problem(start, end, Severity.WARNING, message))
        for change in line.changes:
            if change.symbol == "rob":
                start, end = cleaned.range_in_typed(change.start, change.end)
                message = "der is recommended for a Robertsonian translocation."
                problems.append(Problem(start, end, Severity.WARNING, message))
    return problems


def _read_and_judge(text: str) -> _Reading:
    """Read a text in ISCN's characters and judge all of it."""
    karyotype, reader = read(text)
    notes: Findings = reader.notes
    if notes.is_full:
        notes.all.sort(key=lambda finding: (finding.start, finding.end))
        return _Reading(text, karyotype, notes.all)
    for line in karyotype.lines:
        judge_sex(line, notes)
        judge_order(line, text, notes)
        judge_alike(line, text, notes)
    reported = {finding.start for finding in notes.all if finding.severity is Severity.ERROR}
    counts = Findings()
    judge_counts(karyotype, text, counts)
    explained = {
        line.count_span[0]
        for line in karyotype.lines
        if line.sex_span[0] in reported and _changes_sex(line)
    }
    notes.all += [finding for finding in counts.all if finding.start not in explained]
    judge_lines(karyotype, text, notes)
    notes.all.sort(key=lambda finding: (finding.start, finding.end))
    return _Reading(text, karyotype, notes.all)


def _changes_sex(line: Line) -> bool:
    return any(
        change.kind is Kind.NUMBER and change.chromosome in ("X", "Y") for change in line.changes
    )


class _Repairer:
    """Looks for whole repairs of a text: fixes of one problem, then of all that remain."""

    def __init__(self, found: _Reading) -> None:
        self._found = found
        self._seen: dict[str, _Reading] = {found.text: found}
        self._left = _READ_AGAIN if len(found.text) <= LONGEST_REPAIRED else 0
        self._wrong = found.wrong[:_MOST_REPAIRED]
        self._asked = 0

    def of_whole(self) -> tuple[str, ...]:
        """Repairs of the text whose characters alone were wrong."""
        if len(self._found.text) > LONGEST_REPAIRED or not self._found.text:
            return ()
        clean_one = self._first_clean([self._found.text])
        return (clean_one,) if clean_one else ()

    def of(self, finding: Finding) -> tuple[str, ...]:
        """Repairs of one finding that check clean, one for each of its fixes."""
        self._asked += 1
        if self._left <= 0 or self._asked > _MOST_REPAIRED:
            return ()
        others = [other for other in self._wrong if other is not finding]
        rest = [other.fixes[0] for other in others if other.fixes]
        repairs: list[str] = []
        for fix in finding.fixes:
            together = apply(self._found.text, [*fix, *_apart(rest, fix)])
            alone = apply(self._found.text, fix)
            starts = [text for text in (alone, together) if text is not None]
            clean_one = self._first_clean(starts)
            if clean_one and clean_one != self._found.text and clean_one not in repairs:
                repairs.append(clean_one)
            if len(repairs) == _MOST_REPAIRS:
                break
        return tuple(repairs)

    def _first_clean(self, starts: list[str]) -> str:
        """The first clean text that is reached by mending what remains, breadth first."""
        tries = _TRIES
        waiting = [(text, 0) for text in dict.fromkeys(starts)]
        known = set(starts)
        while waiting and tries and self._left > 0:
            text, depth = waiting.pop(0)
            text = clean(text).text  # a mended place may leave a space that has no use any more
            tries -= 1
            found = self._read(text)
            if not found.wrong:
                return text
            first = next((finding for finding in found.wrong if finding.fixes), None)
            if first is None or depth >= _DEEPEST:
                continue
            for fix in first.fixes[:3]:
                mended = apply(text, fix)
                if mended is not None and mended not in known:
                    known.add(mended)
                    waiting.append((mended, depth + 1))
        return ""

    def _read(self, text: str) -> _Reading:
        known = self._seen.get(text)
        if known is None:
            self._left -= len(text) + _OVERHEAD
            known = self._seen[text] = _read_and_judge(text)
        return known


def _apart(fixes: Iterable[Fix], fix: Fix) -> list[Edit]:
    """All edits of the fixes that leave the places of `fix`, and one another, alone.

    A fix is taken whole or not at all: half of one that moves something would lose it.
    """
    taken = [(edit.start, edit.end) for edit in fix]
    free: list[Edit] = []
    for other in fixes:
        if all(edit.end < start or end < edit.start for edit in other for start, end in taken):
            taken += [(edit.start, edit.end) for edit in other]
            free += other
    return free
