"""The arithmetic of a line: how many chromosomes its fields make, and what mends a conflict.

n = 22·p + sex chromosomes + changes. The sex field of a line shows the sex chromosomes that are
left, so -X and -Y are not subtracted from it, unless it carries c. An abnormal sex chromosome
stands in place of its letter and counts itself. In lines that refer to an earlier one (idem, sl,
sdl) everything counts. Lines with `inc` or `cp`, ranges and what could not be read are not judged.
"""

from __future__ import annotations

from collections import Counter

from karyogui.domain.iscn.findings import (
    LONGEST_REPAIRED,
    Edit,
    Findings,
    Fix,
    insert,
    remove,
    replace,
)
from karyogui.domain.iscn.symbols import SYMBOLS
from karyogui.domain.iscn.syntax import Change, Karyotype, Kind, Line

Range = tuple[int, int]

_UPPER = (34, 57, 80, 103, 126, 149, 172, 195)
"""The highest number of chromosomes that is read against 1n, 2n … 8n."""
_MANY = 200
"""Changes of a line from which on only the number is offered for repair: it is no typing slip."""


def ploidy_of(count: int) -> int:
    """The ploidy against which a number of chromosomes is read when none is stated."""
    return next((level for level, upper in enumerate(_UPPER, 1) if count <= upper), len(_UPPER))


def change_count(
    change: Change, *, is_derived: bool, is_constitution: bool, sex: str | None = None
) -> Range:
    """How many chromosomes a change adds, at least and at most, beside the letters `sex`."""
    low, high = _count_of_one(change, is_derived, is_constitution)
    if change.kind is Kind.VARIANT and high:
        low, high = _letter_of_variant(change.chromosome, sex)
    low, high = min(low * change.low, low * change.high), max(high * change.low, high * change.high)
    return (min(low, 0), max(high, 0)) if change.is_doubtful else (low, high)


def _count_of_one(change: Change, is_derived: bool, is_constitution: bool) -> Range:
    kind, sign = change.kind, change.sign
    if kind is Kind.NUMBER:
        if sign == "-" and change.chromosome in ("X", "Y"):
            counts = is_derived or is_constitution
            return (-1, -1) if counts else (0, 0)
        return (1, 1) if sign == "+" else (-1, -1)
    if kind in (Kind.FRAGMENT, Kind.INCOMPLETE):
        return (0, 1) if kind is Kind.FRAGMENT and sign == "+" else (0, 0)
    if kind is Kind.VARIANT:
        is_sex = change.chromosome in ("X", "Y")
        return (0, 1) if is_sex and not (is_derived or is_constitution) else (0, 0)
    if sign == "+":
        return 1, 1
    if sign == "-":
        return -1, -1
    if kind is not Kind.STRUCTURE:
        return 0, 0
    joined = _joined(change)
    if is_derived or is_constitution:
        return joined, joined
    return joined + replaced_sex(change), joined + replaced_sex(change)


def _letter_of_variant(letter: str, sex: str | None) -> Range:
    """Whether a variant X or Y stands for its letter: `46,X,Yqh+`, but `46,XY,Yqh+`."""
    if sex is None or sex == letter:
        return 0, 1
    return (0, 0) if letter in sex else (1, 1)


def _joined(change: Change) -> int:
    """How many chromosomes fewer there are because whole arms were joined."""
    first = change.operations[0]
    symbol = SYMBOLS.get(first.symbol)
    if symbol is None or not symbol.joined or len(first.chromosomes) < 2:
        return 0
    return -symbol.joined * (len(first.chromosomes) - 1)


def replaced_sex(change: Change) -> int:
    """How many letters of the sex field a structural change stands for."""
    if change.kind is not Kind.STRUCTURE or change.sign:
        return 0
    first = change.operations[0]
    if first.symbol in ("upd", "upid", "uphd"):
        return 0
    return sum(name.lstrip("?").rstrip("pq") in ("X", "Y") for name in first.chromosomes)


def changes_count(line: Line, *, is_derived: bool, sex: str | None = None) -> Range:
    """How many chromosomes the changes of a line add together, beside the letters `sex`."""
    low = high = 0
    for change in line.changes:
        least, most = change_count(
            change, is_derived=is_derived, is_constitution=line.sex_constitutional, sex=sex
        )
        low += least
        high += most
    return low, high


def own_count(line: Line, sex: str | None, ploidy: int) -> Range:
    """The number of chromosomes of a line that refers to no other."""
    is_open = sex is None or "U" in sex
    low, high = changes_count(line, is_derived=False, sex=None if is_open else sex)
    letters = ploidy if is_open else len(sex or "")
    if sex == "" and ploidy == 1:  # no field at all: read against one X
        low, high = changes_count(line, is_derived=True)
        letters = 1
    return 22 * ploidy + letters + low, 22 * ploidy + letters + high


class References:
    """Which earlier line `idem`, `sl` or `sdl2` takes up: lines of the same side of `//`."""

    def __init__(self) -> None:
        self._number = 0
        self._stems: dict[tuple[int, int], list[tuple[int, bool]]] = {}
        self._sides: dict[tuple[int, int], list[int]] = {}
        self._derived: dict[tuple[int, int], list[int]] = {}

    def add(self, line: Line) -> None:
        """Take note of the next line."""
        side = (line.alternative, line.side)
        if side in self._stems or side in self._derived:
            self._sides.setdefault(side, []).append(self._number)
        if line.reference:
            self._derived.setdefault(side, []).append(self._number)
        else:
            self._stems.setdefault(side, []).append((self._number, bool(line.changes)))
        self._number += 1

    def of(self, line: Line) -> list[int]:
        """Numbers of the lines that may be meant, the likeliest first."""
        side = (line.alternative, line.side)
        if not line.reference.startswith("sdl"):
            return self._stem(self._stems.get(side, []))
        sides = self._sides.get(side, [])
        typed = line.reference.removeprefix("sdl")
        if not typed:
            return list(dict.fromkeys(sides[:1] + sides[-1:]))
        wanted = int(typed[:4]) - 1
        groups = (self._derived.get(side, []), sides)
        chosen = [group[wanted] for group in groups if 0 <= wanted < len(group)]
        return list(dict.fromkeys(chosen))

    @staticmethod
    def _stem(stems: list[tuple[int, bool]]) -> list[int]:
        """The first line, and where that is normal the one behind it; the last one may be meant."""
        if not stems:
            return []
        chosen = [stems[0][0], stems[-1][0]]
        if not stems[0][1] and len(stems) > 1:
            chosen.insert(0, stems[1][0])
        return list(dict.fromkeys(chosen))


class Counted:
    """The numbers of chromosomes that the lines of a karyotype may have."""

    def __init__(self) -> None:
        self._told: list[set[Range] | None] = []
        self._references = References()

    def judge(self, line: Line) -> set[Range] | None:
        """The ranges that a line's fields make; None where its arithmetic is not judged."""
        expected = self._expected(line)
        own = line.count
        told = set(expected or ())
        if own and not line.composite and not line.is_unread and own[0] == own[1]:
            told.add(own)
        is_open = line.composite or line.incomplete or line.is_unread or expected is None
        self._told.append(None if is_open else told)
        self._references.add(line)
        return None if is_open or own is None or own[0] != own[1] else expected

    def _expected(self, line: Line) -> set[Range] | None:
        if line.is_unread or line.count is None:
            return None
        if not line.reference:
            ploidy = line.ploidy or ploidy_of(line.count[0])
            return {own_count(line, line.sex, ploidy)}
        bases = self._bases(line)
        if bases is None:
            return None
        low, high = changes_count(line, is_derived=True)
        times = line.multiple
        return {(base[0] * times + low, base[1] * times + high) for base in bases}

    def _bases(self, line: Line) -> set[Range] | None:
        """What the referred line may count; None where that is not known."""
        bases: set[Range] = set()
        for number in self._references.of(line):
            told = self._told[number]
            if told is None:
                return None
            bases |= told
        return set(sorted(bases)[:8]) or None


def judge_counts(karyotype: Karyotype, text: str, notes: Findings) -> None:
    """Report lines whose number disagrees with their fields, with at least two ways out."""
    counted = Counted()
    for line in karyotype.lines:
        expected = counted.judge(line)
        if notes.is_full:
            break
        if not expected or line.count is None:
            continue
        count = line.count[0]
        if any(low <= count <= high for low, high in expected):
            continue
        _report(line, min(expected), text, notes)


def _report(line: Line, expected: Range, text: str, notes: Findings) -> None:
    assert line.count is not None
    count = line.count[0]
    made = f"{expected[0]}" if expected[0] == expected[1] else f"{expected[0]} to {expected[1]}"
    start, end = line.count_span
    both = _sex_given_twice(line, count - expected[0])
    if both:
        letter = both.operations[0].chromosomes[0].lstrip("?")
        message = f"The abnormal {letter} replaces its letter; as written {made} are made."
        end = both.end
    else:
        message = f"{count} chromosomes are stated, but the changes listed make {made}."
    fixes = count_fixes(line, count, expected, text) if len(text) <= LONGEST_REPAIRED else []
    notes.error(start, end, message, *fixes)


def _sex_given_twice(line: Line, difference: int) -> Change | None:
    """The abnormal sex chromosome whose letter was left in the field, if that explains it."""
    if difference >= 0 or line.sex is None or line.reference:
        return None
    for change in line.changes[:_MANY]:
        if replaced_sex(change) == -difference:
            name = change.operations[0].chromosomes[0].lstrip("?")
            if name in line.sex:
                return change
    return None


def count_fixes(line: Line, count: int, expected: Range, text: str) -> list[Fix]:
    """Ways out of a conflict: the number, the ploidy, the sex field, one change more or less."""
    difference = count - expected[0]
    fixes: list[Fix] = []
    both = _sex_given_twice(line, difference)
    if both and line.sex:
        letters = line.sex
        for name in both.operations[0].chromosomes:
            letters = letters.replace(name.lstrip("?"), "", 1)
        start, end = line.sex_span
        fixes.append(replace(start, end, letters) if letters else remove(start, end + 1))
    fixes += _level_fixes(line, count)
    fixes.append(_number_fix(line, expected[0]))
    fixes += _diploid_fix(line, count)
    if len(line.changes) > _MANY:
        return fixes
    fixes += _joined_fixes(line, difference)
    fixes += _change_fixes(line, difference, text)
    fixes += _sex_fixes(line, difference)
    fixes += _partner_fixes(line, difference)
    fixes.append(insert(line.body_end, ",inc"))
    return fixes


def _number_fix(line: Line, expected: int) -> Fix:
    level = ""
    if not line.reference and line.ploidy is None and line.count:
        ploidy = ploidy_of(line.count[0])
        level = "" if ploidy_of(expected) == ploidy else f"<{ploidy}n>"
    return replace(line.count_span[0], line.number_end, f"{expected}{level}")


def _diploid_fix(line: Line, count: int) -> list[Fix]:
    """The number of a line that a slip (58 for 48) put among those of another ploidy."""
    if line.reference or line.ploidy or ploidy_of(count) == 2:
        return []
    low, high = own_count(line, line.sex, 2)
    is_known = low == high and ploidy_of(low) == 2
    return [replace(line.count_span[0], line.number_end, f"{low}")] if is_known else []


def _level_fixes(line: Line, count: int) -> list[Fix]:
    """The ploidy level that makes the number right."""
    if line.reference:
        return []
    for ploidy in range(1, len(_UPPER) + 1):
        if own_count(line, line.sex, ploidy)[0] == count:
            level = "" if ploidy == ploidy_of(count) else f"<{ploidy}n>"
            return [replace(line.number_end, line.count_span[1], level)]
    return []


def _change_fixes(line: Line, difference: int, text: str) -> list[Fix]:
    """Drop a change, write it more or fewer times, or drop so many gains or losses."""
    fixes: list[Fix] = []
    is_derived = bool(line.reference)
    for change in _repeated_first(line, text):
        low, high = change_count(
            change, is_derived=is_derived, is_constitution=line.sex_constitutional
        )
        if low != high or not low:
            continue
        if change.kind in (Kind.MARKER, Kind.RING) and not change.label[3:].isdigit():
            number = change.low + difference * (1 if change.sign == "+" else -1)
            if number > 0 and number != change.low:
                typed = str(number) if number > 1 else ""
                fixes.append(replace(*change.number, typed))
        if -low == difference:
            fixes.append(remove(change.start - 1, change.end))
        if change.sign and change.kind is Kind.NUMBER and low == difference:
            fixes.append(insert(change.end, f",{text[change.start : change.end]}"))
    if abs(difference) > 1:
        wanted = 1 if difference < 0 else -1
        some = [
            change
            for change in line.changes
            if change_count(
                change, is_derived=is_derived, is_constitution=line.sex_constitutional
            ) == (wanted, wanted)
        ]  # fmt: skip
        if len(some) >= abs(difference):
            dropped = some[len(some) - abs(difference) :]
            fixes.append(tuple(Edit(change.start - 1, change.end, "") for change in dropped))
    return fixes


def _joined_fixes(line: Line, difference: int) -> list[Fix]:
    """Whole arms joined into one chromosome (der) or exchanged between two (t)."""
    other = {1: ("der", "t"), -1: ("t", "der")}.get(difference)
    if other is None:
        return []
    fixes = []
    for change in line.changes:
        first = change.operations[0] if change.operations else None
        if first is None or change.sign or first.symbol != other[0] or not first.bands:
            continue
        arms = [band for part in first.bands for band in part]
        if len(arms) == 2 and all(band in ("p10", "q10") for band in arms):
            fixes.append(replace(first.start, first.start + len(other[0]), other[1]))
    return fixes


def _repeated_first(line: Line, text: str) -> list[Change]:
    """The changes from the end, those that stand twice first: they are the likeliest slips."""
    told = Counter(text[change.start : change.end] for change in line.changes)
    backwards = reversed(line.changes)
    return sorted(backwards, key=lambda change: told[text[change.start : change.end]] < 2)


def _sex_fixes(line: Line, difference: int) -> list[Fix]:
    """One letter more or fewer in the sex field."""
    sex = line.sex
    if line.reference or not sex or "U" in sex or abs(difference) > 2:
        return []
    is_unusual = len(sex) != (line.ploidy or ploidy_of(line.count[0] if line.count else 46))
    if any(change.sign for change in line.changes) and not is_unusual:
        return []
    if difference > 0:
        more = ["X" * difference, "Y" * difference]
        wanted = ["".join(sorted(sex + letters)) for letters in more]
    else:
        wanted = [sex[: len(sex) + difference], sex[:1] + sex[1 - difference :]]
    return [replace(*line.sex_span, letters) for letters in dict.fromkeys(wanted) if "X" in letters]


def _partner_fixes(line: Line, difference: int) -> list[Fix]:
    """A gain or a loss of a chromosome that takes part in a structural change."""
    if abs(difference) != 1:
        return []
    sign = "+" if difference > 0 else "-"
    fixes: list[Fix] = []
    for change in line.changes:
        if change.kind is Kind.STRUCTURE and not change.sign:
            for name in change.operations[0].chromosomes[:2]:
                if name.isdigit():
                    fixes.append(insert(change.start, f"{sign}{name},"))
                    fixes.append(insert(change.end, f",{sign}{name}"))
    return fixes[:4]
