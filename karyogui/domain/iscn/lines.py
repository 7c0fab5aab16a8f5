"""Cell lines: how a string falls into lines, and lines into fields and changes."""

from __future__ import annotations

import re

from karyogui.domain.iscn.brackets import read_group
from karyogui.domain.iscn.cells import behind_cells, cells_in_wrong_bracket, read_cells
from karyogui.domain.iscn.changes import read_change
from karyogui.domain.iscn.fields import (
    LINE_AHEAD,
    REFERENCE,
    count_missing,
    no_karyotype,
    read_count,
    read_reference,
    read_sex,
    reference_without_line,
    sex_missing,
)
from karyogui.domain.iscn.findings import Edit, Findings, Fix, insert, remove, replace
from karyogui.domain.iscn.reader import Mention, Reader
from karyogui.domain.iscn.symbols import PHILADELPHIA, SYMBOLS, USUAL_BREAKPOINTS
from karyogui.domain.iscn.syntax import Karyotype, Kind, Line

_NAME = re.compile(r"([A-Za-z]+)(?=\()")


def settle_mentions(reader: Reader) -> None:
    """Report changes whose breakpoints were given nowhere before, with what may stand there."""
    for mention in reader.mentions:
        if reader.notes.is_full:
            break
        known = reader.full.get(mention.key)
        if known and known[0] < mention.start:
            continue
        if mention.symbol in ("der", "rec") and len(mention.chromosomes) == 1:
            _report_derivative(reader, mention)
            continue
        texts = [known[1]] if known else []
        usual = USUAL_BREAKPOINTS.get(mention.key)
        texts += [usual] if usual and not known else []
        texts.append(f"({';'.join('?' * len(mention.chromosomes))})")
        mends = [insert(mention.end, text) for text in dict.fromkeys(texts)]
        message = "The breakpoints are missing, and nothing earlier gives them."
        if mention.symbol == "r":
            reader.notes.warn(mention.start, mention.end, message)
        else:
            reader.notes.error(mention.start, mention.end, message, *mends)


def _report_derivative(reader: Reader, mention: Mention) -> None:
    name = mention.chromosomes[0]
    text = reader.text
    comma = text[mention.end : mention.end + 1] == ","
    following = _NAME.match(text, mention.end + 1) if comma else None
    if following and following[1] in SYMBOLS:
        group = read_group(text, following.end(), Findings())
        if name in group.content.split(";"):
            message = "A derivative and its story are one item, without a comma."
            mend = remove(mention.end, mention.end + 1)
            reader.notes.error(mention.start, mention.end + 1, message, mend)
            return
    is_philadelphia = mention.chromosomes[0] == "22"
    story = PHILADELPHIA + USUAL_BREAKPOINTS[PHILADELPHIA]
    mends = [insert(mention.end, story)] if is_philadelphia else []
    mends.append(insert(mention.end, f"t({name};?)(?;?)"))
    message = f"How der({name}) came about is not stated anywhere."
    reader.notes.error(mention.start, mention.end, message, *mends)


_PREFIX = re.compile(
    r"\(?(mosaicism|mosaic|mos|chimaera|chimera|chi)\)?[:,;.]*( ?)(?=[0-9XYxy\[,+]|$)", re.I
)
_NESTED = re.compile(r"\(([^()\[\]]*)\)(?:[×x]([0-9]+))")
_ROUND_CELLS = re.compile(r"[({<]((?:cp)?[0-9]+)[])}>](?=/|$)")
_MANY = re.compile(r",(?:2[3-9]|[3-9][0-9]|1[0-9][0-9])(?:~[0-9]+)?(?:<[0-9]n>)?,")
_NO_OPENING = re.compile(r"((?:cp)?[0-9]+)\]")
_OR = re.compile(r" ?or ?")


def read(text: str) -> tuple[Karyotype, Reader]:
    """Read a whole string of ISCN characters; never raises, whatever stands in it."""
    reader = Reader(text)
    karyotype = Karyotype(text, end=len(text))
    place = _read_prefix(reader, karyotype)
    side = alternative = 0
    after_bar = False
    while True:
        bars = 0
        while text[place : place + 1] == "/":
            bars += 1
            place += 1
        if bars:
            _judge_bars(reader, karyotype, place - bars, bars)
            side += bars > 1
            after_bar = True
        elif karyotype.lines and _takes_for_slash(text, place):  # reported already
            place += 1
            after_bar = True
        if place >= len(text) or reader.notes.is_full:
            break
        line = Line(place, side=side, alternative=alternative)
        if after_bar:
            place = _misplaced_prefix(reader, karyotype, place)
            line.start = place
        place = _read_line(reader, line, place, is_first=not karyotype.lines)
        line.end = line.end or place
        karyotype.lines.append(line)
        chance = _OR.match(text, place)
        if chance and chance.end() < len(text):
            place = chance.end()
            alternative += 1
            side = 0
            after_bar = False
    settle_mentions(reader)
    return karyotype, reader


def _takes_for_slash(text: str, place: int) -> bool:
    """Whether a wrong sign stands between two lines."""
    return text[place : place + 1] in (*",;.:+-",) and LINE_AHEAD.match(text, place + 1) is not None


def _is_next_line(line: Line, text: str, place: int) -> bool:
    """Whether what follows a comma has more chromosomes than there are types: 45,X,46,XX."""
    number = _MANY.match(text, place)
    return number is not None and line.sex is not None


def _read_prefix(reader: Reader, karyotype: Karyotype) -> int:
    found = _PREFIX.match(reader.text)
    if not found:
        return 0
    word = found[1]
    right = "mos" if word.lower().startswith("mos") else "chi"
    start, end = found.span(1)
    if len(found[0]) > len(word) + len(found[2]):
        message = f"{right} comes before the lines, followed by a space and no other sign."
        mend = replace(0, found.end(), f"{right} ")
        reader.notes.error(0, found.end(), message, mend)
    elif word != right:
        message = f"{right} is lower case." if word.lower() == right else f"The symbol is {right}."
        reader.notes.form(start, end, message, replace(start, end, right))
    if not found[2] and len(found[0]) == len(word):
        reader.notes.form(end, end, f"A space follows {right}.", insert(end, " "))
    karyotype.prefix, karyotype.prefix_span = right, found.span()
    return found.end()


def _misplaced_prefix(reader: Reader, karyotype: Karyotype, place: int) -> int:
    """`mos` behind a slash: it is given once, in front of all lines."""
    found = _PREFIX.match(reader.text, place)
    if not found:
        return place
    word = found[1].lower()[:3]
    mend: Fix = (Edit(place, found.end(), ""),)
    if not karyotype.prefix:
        mend = (Edit(0, 0, f"{word} "), *mend)
    message = f"{word} is given once, in front of all lines."
    reader.notes.error(place, place + len(found[1]), message, mend)
    return found.end()


def _judge_bars(reader: Reader, karyotype: Karyotype, place: int, bars: int) -> None:
    """A slash wants a line on both sides; `//` may have nobody on one of them."""
    end = place + bars
    if bars > 2:
        message = "Lines are separated by /, recipient and donor by //."
        reader.notes.error(place, end, message, replace(place, end, "/"), replace(place, end, "//"))
    elif bars == 1 and (not karyotype.lines or end >= len(reader.text)):
        where = "before" if not karyotype.lines else "behind"
        at = place if not karyotype.lines else end
        message = f"There is no line {where} the slash."
        reader.notes.error(min(at, place), end, message, remove(place, end))


def _read_line(reader: Reader, line: Line, place: int, *, is_first: bool) -> int:
    """Read one line up to its end or the slash behind it."""
    text = reader.text
    counted = read_count(reader, line, place)
    if counted < 0:
        return no_karyotype(reader, line, place)
    place = counted
    nested = _NESTED.match(text, place)
    if nested and line.count:
        _nested_line(line, nested)
        place = nested.end()
    if not line.is_nested:
        place = read_sex(reader, line, place)
    place = _read_items(reader, line, place)
    line.end = place
    if line.count is None:
        count_missing(reader, line)
    if line.sex is None and not line.reference:
        sex_missing(reader, line)
    if is_first and line.reference:
        reference_without_line(reader, line)
    return place


def _nested_line(line: Line, nested: re.Match[str]) -> None:
    """`50(25,X,+Y,+21)×2`: a line written out and multiplied, whose items are not counted."""
    line.is_unread = True
    line.sex = ""
    line.is_nested = True
    line.multiple = int(nested[2][:4])


def _read_items(reader: Reader, line: Line, place: int) -> int:
    """The changes of a line and its number of cells."""
    text, notes = reader.text, reader.notes
    expects_item = place > 0 and text[place - 1] in ",.;:"
    own_cells: list[tuple[int, int]] = []
    while place < len(text) and not notes.is_full:
        sign = text[place]
        if sign == "/":
            break
        if sign == "[":
            if expects_item and text[place - 1] == ",":
                notes.error(
                    place - 1, place, "There is nothing after the comma.", remove(place - 1, place)
                )
            place = read_cells(reader, line, place)
            expects_item = False
            continue
        if (line.cells_span or _is_next_line(line, text, place)) and _takes_for_slash(text, place):
            message = "Cell lines are separated by a slash."
            notes.error(place, place + 1, message, replace(place, place + 1, "/"))
            break
        if sign == ",":
            place = _read_comma(reader, line, place)
            expects_item = True
            continue
        if _OR.match(text, place) and re.match(r" ?or ?[0-9]", text[place : place + 5]):
            break
        known = _between_items(reader, line, place) if not expects_item else place
        if known != place:
            place = known
            expects_item = True
            continue
        if line.cells_span is not None and not line.changes and REFERENCE.match(text, place):
            break
        if REFERENCE.match(text, place):
            place = _misplaced_reference(reader, line, place)
            expects_item = False
            continue
        change, place = read_change(reader, place)
        line.changes.append(change)
        opened = text.rfind("[", change.start, place) if text[place - 1] == "]" else -1
        if opened >= 0 and text[opened + 1 : place - 1].isdigit():
            own_cells.append((opened, place))
        line.is_unread |= change.kind is Kind.UNREAD
        expects_item = False
    _judge_cells_within(reader, line, own_cells)
    return place


def _judge_cells_within(reader: Reader, line: Line, own_cells: list[tuple[int, int]]) -> None:
    """Cells of single changes belong to a composite; the line's own stand at its end."""
    notes = reader.notes
    if line.composite:
        own_cells = []
    if own_cells and line.cells_span and own_cells[-1][1] == line.cells_span[0]:
        message = "The number of cells is given once, at the end of the line."
        start, end = own_cells[-1]
        notes.error(start, line.cells_span[1], message, remove(start, end))
    elif own_cells:
        start, end = own_cells[0]
        message = "Cells with a single change are given in a composite ([cp10]) only."
        mend = tuple(edit for span in own_cells for edit in remove(*span))
        notes.error(start, end, message, mend)
    if line.cells_span and line.changes and line.changes[-1].start > line.cells_span[0]:
        start, end = line.cells_span
        last = max(line.changes[-1].end, end)
        mend = (Edit(start, end, ""), Edit(last, last, reader.text[start:end]))
        notes.error(start, end, "The number of cells comes at the end of the line.", mend)


def _read_comma(reader: Reader, line: Line, place: int) -> int:
    """A comma, and the ones that have nothing behind them."""
    text, notes = reader.text, reader.notes
    end = place + 1
    while text[end : end + 1] == ",":
        end += 1
    if end > place + 1:
        notes.error(place + 1, end, "There is nothing between the commas.", remove(place + 1, end))
    if end == len(text) or text[end] == "/":
        has_field = line.sex is not None or bool(line.reference)
        mends = [remove(place, end)] if has_field else []
        notes.error(place, end, "There is nothing after the comma.", *mends)
    return end


def _between_items(reader: Reader, line: Line, place: int) -> int:
    """What stands where a comma ought to be; returns where to go on, or `place` to read an item."""
    text, notes = reader.text, reader.notes
    sign = text[place]
    start = place == line.count_span[1] and line.sex is None
    if sign in ".;:":
        end = place + 1
        while text[end : end + 1] in (".", ";", ":") and end < len(text):
            end += 1
        if end == len(text) or text[end] in "/[":
            words = "The karyotype ends without a sign." if end == len(text) else "Nothing here."
            notes.form(place, end, words, remove(place, end))
        else:
            notes.error(place, end, "Items are separated by commas.", replace(place, end, ","))
        return end
    if sign == "]":
        notes.error(place, place + 1, "A bracket too many.", remove(place, place + 1))
        return place + 1
    if line.cells_span is not None:
        return behind_cells(reader, place)
    cells = _ROUND_CELLS.match(text, place) or _NO_OPENING.match(text, place)
    if cells:
        return cells_in_wrong_bracket(reader, line, cells)
    if sign == ")":
        notes.error(place, place + 1, "A bracket too many.", remove(place, place + 1))
        return place + 1
    if not start:
        notes.error(place, place, "A comma is missing.", insert(place, ","))
    return place


def _misplaced_reference(reader: Reader, line: Line, place: int) -> int:
    """`47,XX,idem,+8`: the reference is read, the field was reported before."""
    found = REFERENCE.match(reader.text, place)
    assert found
    if line.changes or line.reference:
        start, end = found.span()
        message = f"{found[1]} comes after the number of chromosomes."
        before = start - 1 if reader.text[start - 1] == "," else start
        mends = [remove(before, end)]
        if line.sex is None and not line.reference and line.count:
            line.sex, line.is_unread = "", True
            at = line.changes[0].start
            mends.insert(0, (Edit(at, at, f"{found[0]},"), *mends[0]))
        reader.notes.error(start, end, message, *mends)
        return end
    line.sex = None
    return read_reference(reader, line, found)
