"""The first fields of a line: modal number, sex chromosomes, or a reference in their place."""

from __future__ import annotations

import re

from karyogui.domain.iscn.counting import own_count, ploidy_of
from karyogui.domain.iscn.findings import Fix, insert, remove, replace
from karyogui.domain.iscn.reader import Reader
from karyogui.domain.iscn.symbols import COMMON, REFERENCES, SYMBOLS, nearest_word
from karyogui.domain.iscn.syntax import Change, Kind, Line

_COUNT = re.compile(r"~?([0-9]+)(?:([~-])([0-9]+)(?=[<,.:;XYxyU\[({]|$))?(<([0-9]+)[nN][±+-]?>)?")
_ODD_RANGE = re.compile(r"(?:~~+|\.\.+|~?to|--+|->)([0-9]{2,3})|~+(?=,)")
_ODD_LEVEL = re.compile(r"(?:<([0-9])?n?>|[({\[]([0-9])n[)}\]]|n)(?=,)")
_LETTER_DIGITS = re.compile(r"[0-9OolI]{2,3}(?=,)")
_SEX = re.compile(
    r"(?:\??[XYxyU])+\??(?=[,/\[.:;+?-]|$|[({<](?:cp)?[0-9]+[)}>](?:/|$)|c(?![a-z(])|C(?![a-z(])"
    rf"|c(?=(?:{COMMON})\())"
)
_SEX_THEN_CHANGE = re.compile(
    r"(?:[XY]+|U)(?=\??[a-z]*\(|inc(?:[,\[/]|$)|[0-9]+(?:p|q|cen)[0-9.]*[hs]|[0-9]+~[0-9]+dmin)"
)
_FIELDS: dict[int, tuple[str, ...]] = {
    1: ("X",),
    2: ("XX", "XY"),
    3: ("XXX", "XXY", "XYY"),
    4: ("XXXX", "XXYY", "XXXY"),
}
"""Sex fields by their number of letters, the usual ones first."""
_LETTERS = re.compile(r"[A-Za-z0-9?]+")
_WORD = re.compile(r"[a-z]{2,6}(?=[,\[/]|$)")
_CONSTITUTIONAL = re.compile(rf"\??([cC])(?:(?![a-z(])|(?=(?:{COMMON})\())")
_REST = re.compile(r"[^/]*")
_FIRST_FIELD = re.compile(r"[+\-?0-9a-zXY~>]")
LINE_AHEAD = re.compile(r"[0-9]+(?:~[0-9]+)?(?:<[0-9]n>)?,(?:[XY]+|idem|sl|sdl)")
REFERENCE = re.compile(
    rf"(idem|sdl[0-9]*|sl)(?:(?![a-wyzA-WYZ])|(?=(?:{COMMON})\())(?:[×xX]([0-9]+))?", re.I
)


def read_count(reader: Reader, line: Line, place: int) -> int:
    """Read `46`, `45~48`, `58<2n>`; returns where to go on, below 0 where no line begins here."""
    text, notes = reader.text, reader.notes
    found = _COUNT.match(text, place)
    line.count_span = (place, place)
    line.number_end = place
    if not found:
        return _without_count(reader, line, place)
    end = found.end()
    low = int(found[1][:7])
    high = int(found[3][:7]) if found[3] else low
    line.count, line.count_span = (low, high), (place, end)
    line.number_end = found.start(4) if found[4] else end
    line.ploidy = int(found[5][:3]) if found[5] else None
    if found[4] and "N" in found[4]:
        at = text.index("N", found.start(4))
        notes.form(at, at + 1, "n is lower case.", replace(at, at + 1, "n"))
    if found[2] == "-":
        at = found.start(2)
        notes.form(at, at + 1, "A range is written with a tilde (~).", replace(at, at + 1, "~"))
    if high < low:
        mend = replace(place, line.number_end, f"{high}~{low}")
        notes.error(place, line.number_end, "The lower number comes first.", mend)
        line.count = (high, low)
    if low == 0 or high > 1000 or len(found[1]) > 1 + len(str(low)):
        message = f"{found[0]} is no number of chromosomes."
        notes.error(place, end, message, replace(place, end, "46"))
        line.is_unread = True
    return _after_count(reader, line, _odd_range_or_level(reader, line, end))


def _odd_range_or_level(reader: Reader, line: Line, place: int) -> int:
    """Pass over `..48`, `to48`, `(2n)` behind the number, with what ISCN has for it."""
    text, notes = reader.text, reader.notes
    span = _ODD_RANGE.match(text, place)
    if span:
        start, end = span.span()
        high = span[1]
        mend = replace(start, end, f"~{high}") if high else remove(start, end)
        notes.error(start, end, "A range is written with one tilde: 45~48.", mend)
        if high and line.count:
            line.count = (line.count[0], max(line.count[0], int(high)))
        place = end
    level = _ODD_LEVEL.match(text, place)
    if level:
        start, end = level.span()
        digit = level[1] or level[2]
        mend = replace(start, end, f"<{digit}n>") if digit else remove(start, end)
        notes.error(start, end, "The ploidy level is written as in 69<3n>.", mend)
        line.ploidy = int(digit) if digit else None
        line.number_end, line.count_span = start, (line.count_span[0], end)
        place = end
    return place


def _after_count(reader: Reader, line: Line, place: int) -> int:
    """The comma behind the modal number, or what was typed for it."""
    text, notes = reader.text, reader.notes
    sign = text[place : place + 1]
    following = text[place + 1 : place + 2]
    if sign == ",":
        end = place + 1
        while text[end : end + 1] == "," and (
            text[end + 1 : end + 2] in (",", "X", "Y") or REFERENCE.match(text, end + 1)
        ):
            end += 1
        if end > place + 1:
            message = "There is nothing between the commas."
            notes.error(place + 1, end, message, remove(place + 1, end))
        return end
    if sign.lower() == "c" and following == ",":
        message = "c belongs to a change or to the sex chromosomes."
        notes.error(place, place + 1, message, remove(place, place + 1))
        return place + 2
    is_sex = following.upper() in ("X", "Y", "U")
    if sign and sign in ".:;-/+" and (is_sex or sign in ".:;"):
        message = "A comma comes after the number of chromosomes."
        notes.error(place, place + 1, message, replace(place, place + 1, ","))
        return place + 1
    if sign and sign not in "/[(":
        notes.error(place, place, "A comma is missing.", insert(place, ","))
    return place


def _without_count(reader: Reader, line: Line, place: int) -> int:
    """A line that does not begin with a number: perhaps letters for digits, or none was typed."""
    text, notes = reader.text, reader.notes
    letters = _LETTER_DIGITS.match(text, place)
    if letters and any(character.isdigit() for character in letters[0]):
        meant = letters[0].translate(str.maketrans("OolI", "0011"))
        mend = replace(*letters.span(), meant)
        notes.form(*letters.span(), "Letters are used as digits.", mend)
        line.count, line.count_span = (int(meant), int(meant)), letters.span()
        line.number_end = letters.end()
        return _after_count(reader, line, letters.end())
    rest = _REST.match(text, place)
    assert rest
    stray = re.match(r"[.,:;]+", rest[0])
    if stray and len(stray[0]) < len(rest[0]):
        end = place + stray.end()
        message = "Nothing comes before the number of chromosomes."
        report = notes.form if set(stray[0]) == {"."} else notes.error
        report(place, end, message, remove(place, end))
        line.start = end
        return read_count(reader, line, end)
    starts_like_a_line = re.match(
        r"[+-](?:[0-9]|[XY])|(?:[XY]+|U)c?(?:[,\[]|$)|(?:idem|sl|sdl[0-9]*)[,×x]", rest[0]
    )
    if starts_like_a_line:
        return place
    operation = re.match(r"([a-z]{1,4})\(", rest[0])
    return place if operation and operation[1] in SYMBOLS else -1


def no_karyotype(reader: Reader, line: Line, place: int) -> int:
    """Words, commas or a number of cells alone."""
    rest = _REST.match(reader.text, place)
    end = rest.end() if rest else len(reader.text)
    line.is_unread = True
    mends = []
    inside = LINE_AHEAD.search(reader.text, place, end)
    if inside:
        mends.append(remove(place, inside.start()))
    elif place and reader.text[place - 1] == "/":
        mends.append(remove(place - 1, end))
    elif end < len(reader.text):
        mends.append(remove(place, end + 1))
    message = "This is no karyotype: it begins with the number of chromosomes, as in 46,XX."
    reader.notes.error(place, end, message, *mends)
    line.sex, line.count = "", (0, 0)
    line.end = end
    return end


def read_sex(reader: Reader, line: Line, place: int) -> int:
    """The sex chromosomes, or the reference to an earlier line in their place."""
    text, notes = reader.text, reader.notes
    reference = REFERENCE.match(text, place)
    if reference:
        return read_reference(reader, line, reference)
    word = _WORD.match(text, place)
    meant = nearest_word(word[0], REFERENCES) if word else ""
    if word and meant:
        start, end = word.span()
        notes.error(start, end, f"Meant is {meant}.", replace(start, end, meant))
        line.reference, line.reference_span, line.is_unread = meant, word.span(), True
        return end
    found = _SEX.match(text, place)
    end = found.end() if found else place
    if not found:
        change = _SEX_THEN_CHANGE.match(text, place)
        if change:
            end = change.end()
        elif text[place : place + 1] in ("X", "Y", "x", "y", "O", "Z", "W"):
            letters = _LETTERS.match(text, place)
            assert letters
            if text[letters.end() : letters.end() + 1] != "(":
                return _wrong_letters(reader, line, letters)
            return place
        else:
            return place
    letters_typed = text[place:end]
    if letters_typed != letters_typed.upper():
        upper = replace(place, end, letters_typed.upper())
        notes.form(place, end, "X and Y are capitals.", upper)
    line.sex = letters_typed.upper().replace("?", "")
    line.sex_span = (place, end)
    sorted_sex = "".join(sorted(line.sex))
    if line.sex != sorted_sex and "?" not in letters_typed:
        notes.error(place, end, "X comes before Y.", replace(place, end, sorted_sex))
    constitutional = _CONSTITUTIONAL.match(text, end)
    if letters_typed.endswith("?") and len(line.sex) > 1 and not constitutional:
        message = "The question mark precedes what is uncertain."
        notes.error(end - 1, end, message, remove(end - 1, end))
    if constitutional:
        line.sex_constitutional = True
        if constitutional[1] == "C":
            at = constitutional.start(1)
            notes.form(at, at + 1, "c is lower case.", replace(at, at + 1, "c"))
        end = constitutional.end()
    _after_sex(reader, line, end)
    if text[end : end + 1] in (".", ":", ";") and _FIRST_FIELD.match(text, end + 1):
        return end + 1
    return end


def _after_sex(reader: Reader, line: Line, place: int) -> None:
    text, notes = reader.text, reader.notes
    sign, following = text[place : place + 1], text[place + 1 : place + 2]
    reference = REFERENCE.match(text, place + 1) if sign == "," else None
    if reference:
        start = line.sex_span[0]
        mend = remove(start, place + 1)
        message = f"{reference[1]} includes the sex chromosomes."
        notes.error(start, place + 1, message, mend)
    elif (
        sign
        and sign in ".:;"
        and following
        and (following in "+-?~>XY" or following.islower() or following.isdigit())
    ):
        notes.error(place, place + 1, "A comma is missing.", replace(place, place + 1, ","))


def _wrong_letters(reader: Reader, line: Line, letters: re.Match[str]) -> int:
    """`XO`, `XZY`: letters that are no sex chromosomes."""
    start, end = letters.span()
    meant = "".join(sorted(letter for letter in letters[0] if letter in "XY"))
    digits = len(letters[0]) - len(letters[0].rstrip("0123456789"))
    if meant and digits and reader.text[end : end + 1] == "]":
        end -= digits
        line.sex, line.sex_span = meant, (start, end)
        if end - start == len(meant):
            return end
    wrong = [i for i, letter in enumerate(reader.text[start:end]) if letter not in "XY"]
    if not wrong:
        line.sex, line.sex_span = meant, (start, end)
        return end
    first, last = start + wrong[0], start + wrong[-1] + 1
    bad = letters[0][wrong[0] : wrong[-1] + 1]
    message = f"{bad[:20]} is no sex chromosome; one that is missing is not written."
    mends = [replace(start, end, meant)] if meant else []
    if meant and digits and end - start == len(meant) + digits:
        mends.insert(0, replace(end - digits, end, f"[{reader.text[end - digits : end]}]"))
        if LINE_AHEAD.match(reader.text, end - digits):
            mends.insert(0, insert(end - digits, "/"))
    reader.notes.error(first, last, message, *mends)
    line.sex, line.sex_span = meant, (start, end)
    return end


def read_reference(reader: Reader, line: Line, found: re.Match[str]) -> int:
    start, end = found.span(1)
    word = found[1].lower()
    if found[1] != word:
        reader.notes.form(start, end, f"{word} is lower case.", replace(start, end, word))
    line.reference, line.reference_span = word, found.span()
    line.multiple = int(found[2][:4]) if found[2] else 1
    end = found.end()
    digit = reader.text[end : end + 1]
    if word == "sl" and digit.isdigit():
        mends = (replace(start, end + 1, f"sdl{digit}"), remove(end, end + 1))
        reader.notes.error(
            start, end + 1, "There is one stem line; side lines are sdl1, sdl2.", *mends
        )
        return end + 1
    if not found[2] and digit.isdigit() and word == "idem":
        reader.notes.error(end, end, f"How often {word}: ×{digit}.", insert(end, "×"))
        line.multiple = int(digit)
        return end + 1
    if found[2] and len(found[2]) > 1 and reader.text[end : end + 1] == "]":
        line.multiple = int(found[2][0])  # cells whose bracket was not opened
        return found.start(2) + 1
    return end


def reference_without_line(reader: Reader, line: Line) -> None:
    start, end = line.reference_span
    word = line.reference
    after = reader.text[end : end + 1] == ","
    mends: list[Fix] = []
    if start != line.count_span[1] + 1:
        mends.append(remove(start, end + after))
    else:
        mends = [replace(start, end, "XX"), replace(start, end, "XY")]
    message = f"{word} stands for an earlier line, but there is none."
    reader.notes.error(start, end, message, *mends)
    line.is_unread = True


def count_missing(reader: Reader, line: Line) -> None:
    """Report a line without its number; the arithmetic adds what it would be."""
    end = line.body_end
    message = "A line begins with the number of chromosomes and the sex chromosomes."
    reader.notes.error(line.start, max(end, line.start), message, *_with_count(line))


def _with_count(line: Line) -> list[Fix]:
    start = line.start
    if line.is_unread or line.reference:
        return []
    fields = [""] if line.sex is not None else ["XX,", "XY,"]
    mends = []
    for added in fields:
        assumed = line.sex if line.sex is not None else added.rstrip(",")
        low, high = own_count(line, assumed, 2)
        if low == high:
            mends.append(insert(start, f"{low},{added}"))
    return mends


def _fields_left_out(line: Line) -> tuple[str, ...]:
    """The sex fields that make the number right; the two usual ones where none does."""
    assert line.count is not None
    ploidy = line.ploidy or ploidy_of(line.count[0])
    low, high = own_count(line, "", ploidy)
    is_range = low != high or line.count[0] != line.count[1]
    wanted = ploidy if is_range else line.count[0] - low
    return _FIELDS.get(wanted, _FIELDS[2])


def sex_missing(reader: Reader, line: Line) -> None:
    """No sex chromosomes: nothing may be guessed, both are offered where changes follow."""
    start, end = line.count_span
    if line.count is None or line.is_unread:
        return
    first: Change | None = line.changes[0] if line.changes else None
    names = {name for change in line.changes[:4] for op in change.operations[:1]
             for name in op.chromosomes}  # fmt: skip
    if first and {"X", "Y"} <= names:
        line.sex = ""
        if reader.text.startswith(",,", end):
            message = "There is nothing between the commas."
            reader.notes.error(end + 1, end + 2, message, remove(end + 1, end + 2))
        return
    if first and line.count[1] <= 34 and first.kind is Kind.NUMBER and first.chromosome in "XY":
        reader.notes.warn(start, end, "No sex chromosomes are given here; read against one X.")
        line.sex = ""
        return
    message = "The sex chromosomes are missing."
    if first is None:
        reader.notes.error(start, max(end, line.body_end), message)
        line.is_unread = True
        return
    mends = [insert(first.start, f"{sex},") for sex in _fields_left_out(line)]
    if "/" in reader.text[: line.start]:
        mends += [insert(first.start, f"{word},") for word in ("idem", "sl")]
    reader.notes.error(first.start, max(line.body_end, first.end), message, *mends)
    line.is_unread = True
