"""One change by itself, as a person types it for chromosomes of a cell: checked, and completed.

The sign, and how many there are, follow from the board; what is typed has neither: `del(5)(q31)`,
`t(9;22)(q34;q11.2)`, `mar`. A lone `?` says that something is changed, and not yet what.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from karyogui.domain.iscn import bands as table
from karyogui.domain.iscn.changes import read_change
from karyogui.domain.iscn.characters import clean
from karyogui.domain.iscn.checker import check
from karyogui.domain.iscn.counting import Range, change_count
from karyogui.domain.iscn.findings import Problem, Severity
from karyogui.domain.iscn.reader import Reader
from karyogui.domain.iscn.symbols import SYMBOLS
from karyogui.domain.iscn.syntax import Change, Kind

UNKNOWN = "?"
"""Text of a change of which nobody has said what it is."""
KINDS: dict[str, str] = {
    "der": "derivative chromosome",
    "del": "deletion",
    "dup": "duplication",
    "inv": "inversion",
    "t": "translocation",
    "ins": "insertion",
    "i": "isochromosome",
    "r": "ring chromosome",
    "add": "additional material of unknown origin",
    "dic": "dicentric chromosome",
    "rob": "Robertsonian translocation",
    "mar": "marker chromosome",
    "hsr": "homogeneously staining region",
    "dmin": "double minutes",
    "fra": "fragile site",
    UNKNOWN: "changed, not yet specified how",
}
"""What a person chooses from first; any other symbol of ISCN may be typed."""
_WITHOUT_ORIGIN = re.compile(r"(mar|r|min|ace)[0-9]*\Z", re.IGNORECASE)
_SIGNED = re.compile(r"\s*[+\-\u2212\u2013]")
_TIMES = re.compile(r"[×x][0-9]+\Z")
_SEVERAL = re.compile(r",")


@dataclass(frozen=True)
class Item:
    """A typed change: `text` in ISCN's characters, what was read, and what is wrong with it.

    `types` are the chromosomes that it names first, in order (`?` among them where it says so). It
    needs as many chromosomes of the board as `bearers` names slots: several names of one are those
    that it may stand at.
    """

    typed: str
    text: str
    change: Change | None
    problems: tuple[Problem, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Whether it only says that something is changed."""
        return self.text == UNKNOWN

    @property
    def is_valid(self) -> bool:
        """Whether it may be entered."""
        return all(p.severity is Severity.WARNING for p in self.problems)

    @property
    def types(self) -> tuple[str, ...]:
        """The chromosomes that its first symbol names."""
        if self.change is None or not self.change.operations:
            return (self.change.chromosome,) if self.change and self.change.chromosome else ()
        names = self.change.operations[0].chromosomes
        return tuple(name.lstrip("?").rstrip("pq") or "?" for name in names)

    @property
    def bearers(self) -> tuple[tuple[str, ...], ...]:
        """For each chromosome that carries one such change, the slots at which it may stand."""
        if self.is_unknown or self.change is None or self.change.kind is Kind.FRAGMENT:
            return ()
        if self.change.kind in (Kind.MARKER, Kind.RING):
            return (("mar",),)
        slots = tuple(name if name in table.RANKS else "mar" for name in self.types)
        if not slots:
            return (("mar",),)
        if len(slots) > 1 and self.is_joined:
            return (slots,)
        return tuple((slot,) for slot in slots)

    @property
    def is_joined(self) -> bool:
        """Whether it makes one chromosome of several."""
        symbol = SYMBOLS.get(self.change.symbol) if self.change else None
        return bool(symbol and symbol.joined) and len(self.types) > 1

    @property
    def symbol(self) -> str:
        """The short form for the board: `del`, `t`, `mar1`."""
        if self.change is None or self.is_unknown:
            return UNKNOWN
        return self.change.symbol or self.change.label or UNKNOWN


def written(text: str) -> str:
    """A change as it stands in a karyotype where it is one more: what has no origin is gained."""
    return f"+{text}" if _WITHOUT_ORIGIN.match(text) else text


@lru_cache(maxsize=1024)
def read_item(typed: str, beside: tuple[str, ...] = ()) -> Item:
    """Read and check a change; `beside` are others of the cell, which may tell its breakpoints.

    Never raises. Places of problems are in what was typed, repairs are whole texts of the change.
    """
    stripped = typed.strip()
    text = clean(stripped).text.strip()
    if not text:
        message = "Nothing is typed yet: a change such as del(5)(q31)."
        return Item(typed, "", None, (Problem(0, len(typed), Severity.ERROR, message),))
    if text == UNKNOWN:
        return Item(typed, UNKNOWN, None)
    own = _own_problem(typed, text)
    if own is not None:
        mended = tuple(r for r in own.repairs if r != typed and read_item(r, beside).is_valid)
        return Item(typed, text, None, (replace(own, repairs=mended),))
    whole = written(text)
    reader = Reader(whole)
    change, end = read_change(reader, 0)
    wrong = _of_kind(typed, change)
    if wrong is not None:
        return Item(typed, text, None, (wrong,))
    problems = _checked(typed, stripped, change, beside)
    is_read = end == len(whole) and change.kind is not Kind.UNREAD
    if not is_read and all(p.severity is Severity.WARNING for p in problems):
        message = "This is no single change, such as del(5)(q31) or t(9;22)(q34;q11.2)."
        problems = (*problems, Problem(0, len(typed), Severity.ERROR, message))
    return Item(typed, text, change if is_read else None, problems)


def _own_problem(typed: str, text: str) -> Problem | None:
    """What a karyotype may have, and a change by itself has not."""
    if re.fullmatch(r"\s*[+\-]?(?:[0-9]{1,2}|[XYxy])\s*", typed):
        message = "A whole chromosome follows from the board: move it there, or away."
        return Problem(0, len(typed), Severity.ERROR, message)
    if sign := _SIGNED.match(typed):
        repairs = (typed[sign.end() :].strip(),) if typed[sign.end() :].strip() else ()
        message = "No sign: whether it is gained follows from the board."
        return Problem(sign.end() - 1, sign.end(), Severity.ERROR, message, repairs)
    if _TIMES.search(text):
        message = "How many there are follows from the chromosomes that are marked."
        repairs = (_TIMES.sub("", text),)
        return Problem(0, len(typed), Severity.ERROR, message, repairs)
    if comma := _SEVERAL.search(text):
        message = "This is more than one change: enter them one by one."
        repairs = (text[: comma.start()],) if text[: comma.start()] else ()
        return Problem(0, len(typed), Severity.ERROR, message, repairs)
    return None


def _of_kind(typed: str, change: Change) -> Problem | None:
    if change.kind is Kind.NUMBER:
        message = "A whole chromosome follows from the board: move it there, or away."
        return Problem(0, len(typed), Severity.ERROR, message)
    if change.kind is Kind.INCOMPLETE:
        message = "A description that is incomplete belongs to a cell line, not to a chromosome."
        return Problem(0, len(typed), Severity.ERROR, message)
    return None


def _checked(
    typed: str, stripped: str, change: Change, beside: Sequence[str]
) -> tuple[Problem, ...]:
    """What the checker says of the change within a karyotype that is right but for it."""
    others = "".join(f"{written(other)}," for other in beside if other != UNKNOWN)
    sign = "+" if written(clean(stripped).text) != clean(stripped).text else ""
    count = 46 + _most(change)[0] + sum(_most(_change_of(o))[0] for o in beside if o != UNKNOWN)
    before = f"{count},XX,{others}{sign}"
    lead = len(typed) - len(typed.lstrip())
    told = []
    for problem in check(before + stripped).problems:
        if problem.end <= len(before) and problem.start < len(before):
            continue
        if _is_of_order(problem):
            continue
        start = min(max(problem.start - len(before), 0) + lead, len(typed))
        end = min(max(problem.end - len(before), 0) + lead, len(typed))
        repairs = dict.fromkeys(
            repair[len(before) :] for repair in problem.repairs if repair.startswith(before)
        )
        kept = tuple(r for r in repairs if r and "," not in r and "/" not in r and "[" not in r)
        told.append(Problem(start, max(start, end), problem.severity, problem.message, kept))
    return tuple(told)


def _is_of_order(problem: Problem) -> bool:
    return " comes before " in problem.message and "X, Y, 1 to 22" in problem.message


def _change_of(text: str) -> Change:
    return read_change(Reader(written(text)), 0)[0]


def _most(change: Change) -> Range:
    if change.kind is Kind.UNREAD:
        return 0, 0
    return change_count(change, is_derived=False, is_constitution=False)


# -- completion ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Completion:
    """What may stand in place of `text[start:end]`, the likeliest first."""

    start: int
    end: int
    options: tuple[str, ...]


_BEGUN_SYMBOL = re.compile(r"(?:\A|(?<=[)\s?]))[a-z]*\Z")
_BEGUN_NAME = re.compile(r"([0-9]+|[XY])?\Z")
_BEGUN_BAND = re.compile(r"(?:[pq][0-9.]*|[a-z]+)?\Z")
_FIRST_BRACKET = re.compile(r"\(([0-9XY;?pq]*)\)\s*\(\Z")


def complete(text: str, cursor: int, types: Sequence[str] = ()) -> Completion:
    """What may be typed next at a place of a change; `types` are those that are marked.

    Symbols first, then chromosomes, then bands of the chromosome whose turn it is.
    """
    before = text[:cursor]
    opened = before.rfind("(")
    if opened <= before.rfind(")"):
        begun = _BEGUN_SYMBOL.search(before)
        typed = begun[0] if begun else ""
        if begun is None or (not typed and before and before[-1] == ")"):
            return Completion(cursor, cursor, ())
        options = tuple(k for k in KINDS if k.startswith(typed) and k != UNKNOWN)
        return Completion(cursor - len(typed), cursor, options if typed else ())
    inside = before[opened + 1 :]
    bands_of = _FIRST_BRACKET.search(before[: opened + 1])
    if bands_of is None:
        found = _BEGUN_NAME.search(inside)
        typed = found[0] if found else ""
        wanted = (*dict.fromkeys(t for t in types if t in table.RANKS), *table.CHROMOSOMES)
        options = tuple(n for n in dict.fromkeys(wanted) if n.startswith(typed))
        return Completion(cursor - len(typed), cursor, options)
    names = [name.lstrip("?").rstrip("pq") for name in bands_of[1].split(";")]
    number = inside.count(";")
    name = names[number] if number < len(names) else names[0] if len(names) == 1 else ""
    found = _BEGUN_BAND.search(inside)
    typed = found[0] if found else ""
    options = table.beginning(name, typed) if name in table.RANKS else ()
    return Completion(cursor - len(typed), cursor, options)


def template(kind: str, types: Sequence[str]) -> tuple[str, int]:
    """The text to begin a change of a kind with, on chromosomes of these types, and the cursor."""
    if kind in (UNKNOWN, "mar", "dmin"):
        return kind, len(kind)
    named = sorted((t for t in types if t in table.RANKS), key=table.RANKS.__getitem__)
    if not named:
        return ("r", 1) if kind == "r" else (f"{kind}()", len(kind) + 1)
    symbol = SYMBOLS[kind]
    most = symbol.partners[1]
    names = ";".join(dict.fromkeys(named[:most])) if most > 1 else named[0]
    text = f"{kind}({names})("
    return f"{text})", len(text)
