"""A karyotype as a sentence of a report, in the language of its template.

Numerical changes and the commonest structural ones have words; for anything else there is no
sentence at all, and a person writes it: half a sentence would be a wrong one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from karyogui.domain.amounts import sentence
from karyogui.domain.iscn import expected_counts, reading
from karyogui.domain.iscn.counting import ploidy_of
from karyogui.domain.iscn.order import is_normal
from karyogui.domain.iscn.syntax import Change, Kind, Line, Operation
from karyogui.domain.report_template import ReportTemplate

_ONE_CHROMOSOME = ("del", "dup", "inv", "i", "r", "add")
_TWO_CHROMOSOMES = ("t", "rob")
_ORIGINS = ("dn", "mat", "pat")
_PLAIN_SEX = {"XX": "result_female_with", "XY": "result_male_with"}
_MULTIPLES = {3: "result_triploidy", 4: "result_tetraploidy"}
_SEX_SYNDROMES = {"X": "45,X", "XXY": "47,XXY", "XXX": "47,XXX", "XYY": "47,XYY"}


class _NoWordsError(Exception):
    """Something in a karyotype that the template has no words for."""


def result_in_words(iscn: str, words: ReportTemplate, *, acquired: bool = False) -> str:
    """What a karyotype says, in one sentence; empty where there are no words for all of it.

    A syndrome is of the person: where the changes are `acquired`, as in a tumour, none is named.
    """
    karyotype = reading(iscn)
    if acquired or any(map(_is_of_tumour, karyotype.lines)):
        words = replace(words, syndromes={})
    if not karyotype.lines or karyotype.scope or any(line.is_unread for line in karyotype.lines):
        return ""
    counts = expected_counts(karyotype)
    if any(
        line.count is None or (line.count[0] != told.total and told.is_certain)
        for line, told in zip(karyotype.lines, counts, strict=True)
    ):
        return ""
    try:
        lines = [_of_person(line, karyotype.text, words) for line in karyotype.lines]
    except _NoWordsError:
        return ""
    if len(lines) == 1:
        return f"{sentence(lines[0])}{_stop(words)}"
    is_chimera = karyotype.prefix == "chi" or "//" in karyotype.text
    key = "result_chimera" if is_chimera else "result_mosaic"
    told = words.filled(key, number=len(lines), lines=words["result_next"].join(lines))
    return f"{sentence(told)}{_stop(words)}"


def _is_of_tumour(line: Line) -> bool:
    """Whether a line is written as only acquired changes are."""
    constitutional = line.sex_constitutional or any(c.constitutional for c in line.changes)
    signed = any(c.kind is Kind.NUMBER and c.chromosome in ("X", "Y") for c in line.changes)
    return bool(line.reference or line.ploidy or line.composite or constitutional or signed)


def _stop(words: ReportTemplate) -> str:
    return "。" if words.language == "zh" else "."


def _of_person(line: Line, text: str, words: ReportTemplate) -> str:
    """A line, which is a donor's where it stands behind `//`."""
    told = _of_line(line, text, words)
    return words.filled("result_donor", result=told) if line.side else told


def _of_line(line: Line, text: str, words: ReportTemplate) -> str:
    told = _changes(line, text, words)
    if line.cells is None:
        return told
    key = "result_line_one" if line.cells == 1 else "result_line"
    return words.filled(key, result=told, cells=line.cells)


def _changes(line: Line, text: str, words: ReportTemplate) -> str:
    if line.composite or line.incomplete or line.is_nested or line.multiple > 1:
        raise _NoWordsError
    changes = [_of_change(change, line, text, words) for change in _together(line.changes)]
    if line.reference:
        if not changes:
            raise _NoWordsError
        return words.filled("result_stem", changes=words["result_and"].join(changes))
    sex = line.sex or ""
    if is_normal(line):
        return words["result_normal_male" if "Y" in sex else "result_normal_female"]
    if _level(line) not in (2, 3, 4):
        raise _NoWordsError
    if not changes and "U" in sex:
        return words["result_normal"]
    told = words["result_and"].join(changes)
    if changes and sex in _PLAIN_SEX and _level(line) == 2:
        return words.filled(_PLAIN_SEX[sex], changes=told)
    return words["result_and"].join([*_of_sex(line, sex, words), *([told] if told else [])])


def _level(line: Line) -> int:
    """The ploidy that a line states, or that its number is read against."""
    return line.ploidy or ploidy_of(line.count[0] if line.count else 46)


def _of_sex(line: Line, sex: str, words: ReportTemplate) -> list[str]:
    """What the sex field says: a name of its own, a ploidy, or the letters."""
    if "U" in sex:
        return []
    if multiple := _MULTIPLES.get(_level(line)):
        return [words[multiple], words.filled("result_sex", sex=sex)]
    acquired = any(c.chromosome in ("X", "Y") for c in line.changes)
    named = words.syndromes.get(_SEX_SYNDROMES.get(sex, ""))
    if named and not acquired:
        return [named]
    return [words.filled("result_sex", sex=sex)]


def _together(changes: Sequence[Change]) -> list[tuple[Change, int]]:
    """Equal numerical changes beside each other as one, with how many there are."""
    told: list[tuple[Change, int]] = []
    for change in changes:
        if change.low != change.high:
            raise _NoWordsError
        last = told[-1][0] if told else None
        if (
            last is not None
            and change.kind is last.kind
            and change.kind in (Kind.NUMBER, Kind.MARKER)
            and (change.sign, change.chromosome) == (last.sign, last.chromosome)
            and change.end == change.suffix_place
            and last.end == last.suffix_place
        ):
            told[-1] = (change, told[-1][1] + change.low)
        else:
            told.append((change, change.low))
    return told


def _of_change(found: tuple[Change, int], line: Line, text: str, words: ReportTemplate) -> str:
    change, number = found
    if change.is_doubtful or "?" in text[change.start : change.end]:
        raise _NoWordsError
    if change.kind is Kind.NUMBER:
        return _of_number(change, number, line, words)
    if change.kind is Kind.MARKER:
        told = (
            words["result_marker"] if number == 1 else words.filled("result_markers", number=number)
        )
        return _with_origin(told, change, text, words)
    if change.kind is not Kind.STRUCTURE or number != 1 or len(change.operations) != 1:
        raise _NoWordsError
    operation = change.operations[0]
    if not text.startswith(operation.symbol, operation.start):  # psu dic, inv dup, dic r
        raise _NoWordsError
    told = _of_operation(operation, words)
    if change.sign == "+":
        told = words.filled("result_gain", chromosome=told)
    elif change.sign:
        raise _NoWordsError
    return _with_origin(told, change, text, words)


def _with_origin(told: str, change: Change, text: str, words: ReportTemplate) -> str:
    tail = text[change.suffix_place : change.end].strip()
    origin = next((words[f"result_{name}"] for name in _ORIGINS if tail == name), "")
    if tail and not origin:
        raise _NoWordsError
    return f"{told} {origin}".strip() if words.language != "zh" else f"{told}{origin}"


def _of_number(change: Change, number: int, line: Line, words: ReportTemplate) -> str:
    """A trisomy or monosomy with its name where it is one; else a gain or loss."""
    told = f"{change.sign}{change.chromosome}"
    is_diploid = _level(line) == 2 and not line.reference
    if change.chromosome in ("X", "Y") or not is_diploid or number > 1 or change.constitutional:
        key = "result_gain" if change.sign == "+" else "result_loss"
        times = f" (×{number})" if number > 1 else ""
        return words.filled(key, chromosome=change.chromosome) + times
    if told in words.syndromes:
        return words.syndromes[told]
    key = "result_trisomy" if change.sign == "+" else "result_monosomy"
    return words.filled(key, chromosome=change.chromosome)


def _of_operation(operation: Operation, words: ReportTemplate) -> str:
    names = operation.chromosomes
    bands = "; ".join("".join(part) for part in operation.bands or () if part)
    if operation.symbol in _ONE_CHROMOSOME and len(names) == 1 and bands:
        return words.filled(f"result_{operation.symbol}", chromosome=names[0], bands=bands)
    if operation.symbol in _TWO_CHROMOSOMES and len(names) == 2 and bands:
        pair = words.filled("result_pair", first=names[0], second=names[1])
        return words.filled(f"result_{operation.symbol}", chromosomes=pair, bands=bands)
    if operation.symbol == "der" and len(names) == 2 and bands:
        pair = words.filled("result_pair", first=names[0], second=names[1])
        return words.filled("result_rob", chromosomes=pair, bands=bands)
    if operation.symbol == "der" and len(names) == 1:
        return words.filled("result_der", chromosome=names[0])
    raise _NoWordsError
