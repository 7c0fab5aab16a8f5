"""A karyotype in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from karyogui.domain.amounts import number_word
from karyogui.domain.iscn.checker import reading
from karyogui.domain.iscn.expected import MARKER, ExpectedCounts, expected_counts
from karyogui.domain.iscn.order import is_normal
from karyogui.domain.iscn.symbols import ORIGINS, SYMBOLS
from karyogui.domain.iscn.syntax import Change, Kind, Line, Operation

_KINDS = {"mos": "Mosaic", "chi": "Chimera"}
_REFERENCES = {"idem": "the first line", "sl": "the stem line", "sdl": "the side line"}


def describe(text: str) -> list[str]:
    """What a karyotype says, one sentence for each line; words for what could not be read too."""
    karyotype = reading(text)
    text = karyotype.text
    sentences = []
    if karyotype.prefix:
        lines = number_word(len(karyotype.lines))
        sentences.append(f"{_KINDS[karyotype.prefix]} of {lines} lines.")
    counts = expected_counts(karyotype)
    for number, (line, expected) in enumerate(zip(karyotype.lines, counts, strict=True), 1):
        head = f"Line {number}: " if len(karyotype.lines) > 1 else ""
        donor = "donor, " if line.side else ""
        sentences.append(f"{head}{donor}{_of_line(line, expected, text)}.")
    if karyotype.scope:
        sentences.append(f"{karyotype.scope} follows, which is not read.")
    return sentences


def compare(text: str, board: Mapping[str, int]) -> str:
    """In one sentence, how a board with these counts per slot differs from a karyotype.

    Of several lines the nearest one is given. Empty where the string leaves its counts open.
    """
    told = expected_counts(reading(text))
    certain = [(number, one) for number, one in enumerate(told, 1) if one.is_certain]
    if not certain:
        return ""
    number, nearest = min(certain, key=lambda each: _distance(each[1], board))
    which = f"line {number}" if len(told) > 1 else "this karyotype"
    different = [
        f"{board.get(kind, 0)} instead of {wanted} {'markers' if kind == MARKER else f'of {kind}'}"
        for kind, wanted in nearest.counts.items()
        if board.get(kind, 0) != wanted
    ]
    if not different:
        return f"The open cell has the numbers of {which}."
    return f"The open cell differs from {which}: {', '.join(different)}."


def _distance(expected: ExpectedCounts, board: Mapping[str, int]) -> int:
    return sum(abs(board.get(kind, 0) - wanted) for kind, wanted in expected.counts.items())


def _of_line(line: Line, expected: ExpectedCounts, text: str) -> str:
    parts = []
    if line.count and line.count != (0, 0):
        low, high = line.count
        parts.append(f"{low} to {high} chromosomes" if low != high else f"{low} chromosomes")
    parts.append(_sex(line))
    changes = [_of_change(change, text) for change in line.changes]
    if is_normal(line):
        changes = ["normal"]
    parts += changes
    if line.cells is not None:
        cells = "cell" if line.cells == 1 else "cells"
        found = "composite of" if line.composite else "found in"
        parts.append(f"{found} {line.cells} {cells}")
    if line.is_unread:
        parts.append("not everything could be read")
    elif expected.is_certain and line.count and expected.total != line.count[0]:
        parts.append(f"what is listed makes {expected.total}")
    return "; ".join(part for part in parts if part)


def _sex(line: Line) -> str:
    if line.reference:
        meant = _REFERENCES.get(line.reference.rstrip("0123456789"), line.reference)
        number = line.reference.removeprefix("sdl") if line.reference.startswith("sdl") else ""
        times = f" {number_word(line.multiple)} times" if line.multiple > 1 else ""
        also = ", and" if line.changes else ""
        return f"all of {meant}{f' {number}' if number else ''}{times}{also}"
    if not line.sex:
        return ""
    if "U" in line.sex:
        return "sex chromosomes not disclosed"
    present = [letter for letter in "XY" if letter in line.sex]
    told = [f"{number_word(line.sex.count(letter))} {letter}" for letter in present]
    constitutional = " by constitution" if line.sex_constitutional else ""
    return " and ".join(told) + constitutional


def _of_change(change: Change, text: str) -> str:
    body = _body(change, text)
    many = ""
    if change.low != change.high:
        most = f"to {change.high}" if change.high < 10**6 else "or more"
        many = f" ({change.low} {most})"
    elif change.low > 1:
        many = f" ({number_word(change.low)} times)"
    doubt = "perhaps " if "?" in text[change.start : change.suffix_place] else ""
    doubt = "either or: " if " or " in text[change.start : change.end] else doubt
    constitutional = ", constitutional" if change.constitutional else ""
    tail = text[change.suffix_place : change.end]
    origin = next((words for word, words in ORIGINS.items() if tail.startswith(word)), "")
    return f"{doubt}{body}{many}{f' {origin}' if origin else ''}{constitutional}"


def _body(change: Change, text: str) -> str:
    gained = {"+": "gain of ", "-": "loss of "}.get(change.sign, "")
    if change.kind is Kind.NUMBER:
        return f"{gained}chromosome {change.chromosome}"
    if change.kind is Kind.MARKER:
        label = change.label.removeprefix("mar")
        return f"{gained}marker chromosome{f' {label}' if label else ''}"
    if change.kind is Kind.RING:
        return f"{gained}ring chromosome of unknown origin"
    if change.kind is Kind.FRAGMENT:
        return {"dmin": "double minutes", "hsr": "a homogeneously staining region"}.get(
            change.label, "an acentric fragment"
        )
    if change.kind is Kind.VARIANT:
        return f"variant {change.label}"
    if change.kind is Kind.INCOMPLETE:
        return "further changes that are not listed (incomplete karyotype)"
    if change.kind is Kind.UNREAD or not change.operations:
        return f"“{text[change.start : change.end]}”, which could not be read"
    return gained + _of_operations(change.operations)


def _of_operations(operations: Iterable[Operation]) -> str:
    first, *story = map(_of_operation, operations)
    return f"{first} from {', '.join(story)}" if story else first


def _of_operation(operation: Operation) -> str:
    symbol = SYMBOLS.get(operation.symbol)
    words = symbol.words if symbol else operation.symbol
    names = [name if name != "?" else "of unknown origin" for name in operation.chromosomes]
    several = "s" if len(names) > 1 else ""
    of = several if words.endswith("chromosome") else f" of chromosome{several}"
    told = f"{words}{of} {' and '.join(names)}"
    bands = ["".join(part) for part in operation.bands or () if part]
    return f"{told} ({'; '.join(bands)})" if bands else told
