"""The items of a line: gains, losses, structural changes, markers, rings, variants."""

from __future__ import annotations

import re

from karyogui.domain.iscn import bands as table
from karyogui.domain.iscn.findings import Edit, insert, remove, replace
from karyogui.domain.iscn.operations import GLUED, read_chain
from karyogui.domain.iscn.reader import Reader
from karyogui.domain.iscn.symbols import (
    COMMON,
    ORIGINS,
    PHILADELPHIA,
    SYMBOLS,
    USUAL_BREAKPOINTS,
    nearest_word,
)
from karyogui.domain.iscn.syntax import Change, Kind

_SIMPLE = re.compile(r"([+-])(1[0-9]?|2[0-2]?|[3-9]|X|Y)(?=[,/\[]|$)")
_LEAD = re.compile(r"(\??)([+-]*)(\??)")
_COUNTED = re.compile(
    r"([~>]?[0-9]+(?:[~-]>?[0-9]+)?|~>?[0-9]+)?(mar|dmin|min|ace|hsr|r)([0-9]*)"
    r"(?:(?=cp[0-9]+\]|\((?:cp)?[0-9]+\)(?:/|$)|(?:d?mat|d?pat|d?inh|dn)(?![A-Za-z(]))"
    r"|(?![0-9A-WYZa-wyz(]|\)\(|[XY][;)]|\?[0-9]+\)|\[[0-9XY;?]+\]\())",
    re.IGNORECASE,
)
_VARIANT = re.compile(
    r"([0-9]+|[XY])(?:(?:p|q|cen)(?:[0-9]+(?:\.[0-9]+)?)?(?:h|stk|ss|s|tas)+[0-9]*[+-]{0,2})+"
)
_BAND_OF_VARIANT = re.compile(r"[pq][0-9]+(?:\.[0-9]+)?")
_OLD_LENGTH = re.compile(r"([0-9]+|[XY])([pq])([+-])(?![0-9XY])")
_NUMBER = re.compile(
    r"([0-9]+|[XYxy])(?:(?=(?:cp)?[0-9]+\])|(?![A-Za-z0-9]|\((?!(?:cp)?[0-9]+\)(?:/|$))))"
)
_NUMBER_BEFORE_SUFFIX = re.compile(
    r"([0-9]+|[XY])(?=\??[cC](?:(?![A-Za-z(])|(?=\((?:cp)?[0-9]+\)(?:/|$)))|(?:d?mat|d?pat|dn|d?inh|x[0-9]+|X[0-9]+|or)\b"
    rf"|(?:{COMMON})\()"
)
_BEHIND = rf"(?:(?![A-Za-z(])|(?=(?:{COMMON})\(|\((?:cp)?[0-9]+\)(?:/|$)))"
_SUFFIX = re.compile(
    rf"(?P<c>\??c{_BEHIND})"
    r"|(?P<origin>(?:(?<=[a-z]) )?(?:de-?novo|maternal|paternal|inherited|"
    r"dmat|dpat|dinh|mat|pat|inh|dn))"
    rf"{_BEHIND}"
    r"|(?P<times>[×x]([0-9]+))"
    r"|(?P<doubt>\?)",
    re.IGNORECASE,
)
_OR = re.compile(r" ?or ?(?=[?+\-a-z0-9])")
_ORIGIN_ALONE = re.compile(r"(mat|pat|dn|inh|dmat|dpat|dinh)(?![A-Za-z(])")
_CELLS_OF_CHANGE = re.compile(
    r"\[([0-9]+)\](?=\[|[+-](?![0-9]+,[XY])|,(?![0-9]+(?:~[0-9]+)?(?:<[0-9]n>)?,(?:[XY]|idem|sl|sdl)))"
)
_WORD = re.compile(rf"[A-Za-z]+?(?={GLUED}|(?![A-Za-z]))")
_PIECE = re.compile(r"[^,/\[]+")
_REST = re.compile(r"[^,/\[\]]*")
_CELLS = re.compile(r"\[(?:cp)?[0-9]+\](?:/|$)")
_NUMBER_THEN_MORE = re.compile(r"([+-])(c?)(1[0-9]?|2[0-2]?|[3-9]|X|Y)(?![0-9.~])")
_LETTERS_OF_SEX = re.compile(r"(?<=[XY],)[XY]+(?=[,/\[]|$)")
_KARYOTYPE_AHEAD = re.compile(r"[0-9]+(?:~[0-9]+)?(?:<[0-9]n>)?,")
_C_IN_FRONT = re.compile(r"c(?=[+-](?:[0-9]+|[XY])(?:[,\[/]|$))")
_WORDS_OF_ORIGIN = {
    "denovo": "dn",
    "de-novo": "dn",
    "maternal": "mat",
    "paternal": "pat",
    "inherited": "inh",
}
_MISSING_SIGN = "Markers and rings without a known origin are gained: + comes before them."


def read_change(reader: Reader, place: int) -> tuple[Change, int]:
    """Read the item at `place`, with everything behind it that belongs to it."""
    simple = _SIMPLE.match(reader.text, place)
    if simple:
        sign, name = simple.groups()
        end = simple.end()
        change = Change(
            place, end, Kind.NUMBER, sign, name, symbol_place=place + 1, suffix_place=end
        )
        if not reader.text.startswith("[", end):
            return change, end
        return _with_own_cells(reader, change)
    piece = _PIECE.match(reader.text, place)
    item = piece[0] if piece else ""
    known = reader.sound.get(item)
    if known is not None:
        return _with_own_cells(reader, known.moved(place - known.start))
    before = (len(reader.notes.all), len(reader.mentions))
    change = _read_choice(reader, place)
    after = (len(reader.notes.all), len(reader.mentions))
    if before == after and change.end - place == len(item):
        reader.sound[item] = change
    return _with_own_cells(reader, change)


def _read_choice(reader: Reader, place: int) -> Change:
    """One item, or several joined by `or`."""
    change = _read_alone(reader, place)
    while chance := _OR.match(reader.text, change.end):
        if _KARYOTYPE_AHEAD.match(reader.text, chance.end()):
            break
        if not (chance[0].startswith(" ") and chance[0].endswith(" ")):
            start, end = chance.span()
            message = "“or” goes between spaces."
            reader.notes.form(start, end, message, replace(start, end, " or "))
        other = _read_alone(reader, chance.end())
        change = change._replace(end=other.end, is_doubtful=True)
        if other.kind is Kind.UNREAD:
            change = change._replace(kind=Kind.UNREAD)
        if other.end == chance.end():
            break
    return change


def _with_own_cells(reader: Reader, change: Change) -> tuple[Change, int]:
    """In a composite a change may tell its cells: `-7[4],+8[2][cp4]`."""
    own_cells = _CELLS_OF_CHANGE.match(reader.text, change.end)
    if own_cells:
        change = change._replace(end=own_cells.end())
        if not int(own_cells[1][:7]):
            start, end = own_cells.span()
            reader.notes.error(start, end, "A change in no cell is no change.", remove(start, end))
    return change, change.end


def _read_alone(reader: Reader, place: int) -> Change:
    """One reading of an item: signs, body, and what follows the body."""
    text = reader.text
    lead = _LEAD.match(text, place)
    assert lead
    doubt, signs, _ = lead.groups()
    body = lead.end()
    sign = signs[:1]
    if len(signs) > 1:
        start, end = lead.span(2)
        kinds = dict.fromkeys(signs)
        mends = [replace(start, end, kind) for kind in kinds]
        reader.notes.error(start, end, "Only one sign comes before a change.", *mends)
    early_c = _C_IN_FRONT.match(text, body)
    if early_c and not sign:
        return _c_in_front(reader, body)
    change = _body(reader, place, body, sign)
    if doubt and sign:
        change = change._replace(is_doubtful=True)
    return _with_suffixes(reader, change._replace(symbol_place=body, suffix_place=change.end))


def _body(reader: Reader, place: int, body: int, sign: str) -> Change:
    """The body of an item; what cannot be read is reported up to the next comma."""
    text = reader.text
    counted = _COUNTED.match(text, body)
    if counted:
        return _counted(reader, place, sign, counted)
    variant = _VARIANT.match(text, body)
    if variant and not sign:
        if _known(reader, variant[1], *variant.span(1)):
            _judge_bands_of_variant(reader, variant)
        return Change(place, variant.end(), Kind.VARIANT, "", variant[1], label=variant[0])
    old = _OLD_LENGTH.match(text, body)
    if old:
        return _old_length(reader, place, old)
    number = _NUMBER.match(text, body) or _NUMBER_BEFORE_SUFFIX.match(text, body)
    if number:
        return _number(reader, place, sign, number)
    word = _WORD.match(text, body)
    if word:
        return _worded(reader, place, body, sign, word)
    if text[body - 1 : body] == "?" and sign:
        return Change(place, body, Kind.MARKER, sign)
    return _unread(reader, place)


def _judge_bands_of_variant(reader: Reader, variant: re.Match[str]) -> None:
    """`1q41h+`: a band in the name of a variant exists on its chromosome."""
    for found in _BAND_OF_VARIANT.finditer(reader.text, variant.end(1), variant.end()):
        if not table.exists(variant[1], found[0]):
            message = f"Chromosome {variant[1]} has no band {found[0]}."
            reader.notes.error(*found.span(), message)


def _worded(reader: Reader, place: int, body: int, sign: str, word: re.Match[str]) -> Change:
    text, notes = reader.text, reader.notes
    lower = word[0].lower()
    following = text[word.end() : word.end() + 1]
    if lower == "inc" and not sign:
        if word[0] != lower:
            notes.form(*word.span(), "inc is lower case.", replace(*word.span(), lower))
        return Change(place, word.end(), Kind.INCOMPLETE)
    if lower == "ph" and following in ("", "+", "1", ",", "[", "/"):
        end = _REST.match(text, body).end()  # type: ignore[union-attr]
        mend = replace(place, end, PHILADELPHIA + USUAL_BREAKPOINTS[PHILADELPHIA])
        notes.error(place, end, "Ph is no symbol of ISCN any more.", mend)
        return Change(place, end, Kind.UNREAD)
    is_operation = following == "(" or lower in SYMBOLS or text[body : body + 4] == "psu "
    is_operation |= following == "[" and not _CELLS.match(text, word.end())
    meant = nearest_word(word[0], ("mar", "dmin", "inc")) if following != "(" else ""
    if meant and not is_operation:
        start, end = word.span()
        notes.error(start, end, f"Meant is {meant}.", replace(start, end, meant))
        return Change(place, end, Kind.UNREAD)
    if not is_operation and not re.match(
        r" [A-Za-z]+[(\[0-9]|[0-9XY;]+[()pq]", text[word.end() :][:24]
    ):
        return _unread(reader, place)
    chain = read_chain(reader, body)
    if chain.next <= body:
        return _unread(reader, place)
    if not chain.operations or not chain.is_read:
        end = chain.next
        if not chain.operations:
            end = max(end, _REST.match(text, chain.next).end())  # type: ignore[union-attr]
        return Change(place, end, Kind.UNREAD, sign, operations=chain.operations)
    first = chain.operations[0]
    name = first.chromosomes[0].lstrip("?").rstrip("pq") if first.chromosomes else ""
    if first.symbol == "hsr" and sign:
        at = body - 1
        notes.warn(at, body, "An hsr is part of a chromosome: no sign.", remove(at, body))
        sign = ""
    return Change(
        place,
        chain.next,
        Kind.STRUCTURE,
        sign,
        name if name in table.RANKS else "",
        chain.operations,
    )


def _counted(reader: Reader, place: int, sign: str, found: re.Match[str]) -> Change:
    """Markers, rings, double minutes, with how many there are."""
    notes = reader.notes
    word = found[2]
    lower = word.lower()
    if word != lower:
        start, end = found.span(2)
        notes.form(start, end, f"{lower} is lower case.", replace(start, end, lower))
    low, high = _numbers(found[1])
    kind = {"mar": Kind.MARKER, "r": Kind.RING}.get(lower, Kind.FRAGMENT)
    start, end = found.start(), found.end()
    label = lower + found[3]
    if found[3] and reader.text[end : end + 1] == "]":  # cells whose bracket was not opened
        end, label = found.start(3), lower
    if kind is not Kind.FRAGMENT and not sign:
        notes.error(start, end, _MISSING_SIGN, insert(start, "+"))
        sign = "+"
    elif kind is Kind.FRAGMENT and sign == "+" and lower in ("dmin", "hsr"):
        at = start - 1
        notes.warn(at, start, f"{lower} takes no sign.", remove(at, start))
    if low > 1 and found[3]:
        notes.warn(start, end, f"How many of {lower}{found[3]}: the number comes after it, as ×2.")
    return Change(
        place,
        end,
        kind,
        sign,
        low=low,
        high=high,
        number=found.span(1) if found[1] else (start, start),
        label=label,
    )


def _numbers(text: str | None) -> tuple[int, int]:
    """`2` → 2, 2; `1~3` → 1, 3; `>50` and `~14` → from 0 on; nothing → 1, 1."""
    if not text:
        return 1, 1
    numbers = [int(number[:6]) for number in re.findall(r"[0-9]+", text)]
    if ">" in text or text[0] == "~":
        return 0, 10**6
    return numbers[0], numbers[-1]


def _known(reader: Reader, name: str, start: int, end: int) -> bool:
    if name in table.RANKS:
        return True
    reader.notes.error(start, end, f"There is no chromosome {name}.")
    return False


def _old_length(reader: Reader, place: int, found: re.Match[str]) -> Change:
    """`5p-`, `14q+`: forms of before 1978."""
    name, arm, sign = found.groups()
    symbol = "del" if sign == "-" else "add"
    mend = replace(found.start(), found.end(), f"{symbol}({name})({arm}?)")
    message = "A sign after an arm, for its length, is a form used before 1978."
    reader.notes.error(found.start(), found.end(), message, mend)
    return Change(place, found.end(), Kind.UNREAD)


def _number(reader: Reader, place: int, sign: str, found: re.Match[str]) -> Change:
    """A whole chromosome: `+21`, and what is typed for it."""
    text, notes = reader.text, reader.notes
    start, end = found.span(1)
    name = found[1]
    if len(name) > 1 and text[end : end + 1] == "]":  # cells whose bracket was not opened
        name = name[:2] if name[:2] in table.RANKS and len(name) > 2 else name[:1]
        end = start + len(name)
    if name in "xy":
        notes.form(start, end, "X and Y are capitals.", replace(start, end, name.upper()))
        name = name.upper()
    is_known = _known(reader, name, start, end)
    behind = text[end : end + 1]
    if not sign and behind in ("+", "-") and not text[end + 1 : end + 2].isalnum():
        mend = replace(start, end + 1, behind + name)
        notes.error(start, end + 1, "The sign comes before the chromosome.", mend)
        sign, end = behind, end + 1
    elif not sign and is_known:
        mends = [insert(start, "+"), insert(start, "-")]
        if name in ("X", "Y") and text[start - 2 : start - 1] in ("X", "Y"):
            mends.insert(0, remove(start - 1, start))
        notes.error(start, end, "Gained or lost? + or - comes before the chromosome.", *mends)
        return Change(place, end, Kind.UNREAD)
    elif not sign:
        return Change(place, end, Kind.UNREAD)
    elif behind == sign and text[end + 1 : end + 2] in ("", ",", "[", "/"):
        notes.error(end, end + 1, "The sign is not repeated behind.", remove(end, end + 1))
        end += 1
    kind = Kind.NUMBER if is_known else Kind.UNREAD
    return Change(place, end, kind, sign, name if is_known else "")


def _with_suffixes(reader: Reader, change: Change) -> Change:
    """What follows a body: constitutional, origin, how many, and a misplaced question mark."""
    notes = reader.notes
    while not notes.is_full and (found := _SUFFIX.match(reader.text, change.end)):
        start, end = found.span()
        if found["c"]:
            if found["c"].endswith("C"):
                notes.form(end - 1, end, "c is lower case.", replace(end - 1, end, "c"))
            change = change._replace(constitutional=True)
        elif found["origin"]:
            word = found["origin"].lower().strip()
            right = _WORDS_OF_ORIGIN.get(word, word)
            start = end - len(word)
            if found["origin"].strip() != right:
                message = f"{right} is lower case." if right == word else f"The symbol is {right}."
                notes.form(start, end, message, replace(start, end, right))
        elif found["times"]:
            change = _multiplied(reader, change, found)
            is_open = reader.text[end : end + 1] == "]" and end - start > 2
            end = start + 2 if is_open else end  # cells whose bracket was not opened
        elif change.kind in (Kind.NUMBER, Kind.MARKER, Kind.RING):
            mend = (Edit(change.symbol_place, change.symbol_place, "?"), Edit(start, end, ""))
            notes.error(start, end, "The question mark precedes what is uncertain.", mend)
        elif change.kind not in (Kind.STRUCTURE, Kind.VARIANT) or reader.text[start - 1] == "?":
            notes.error(start, end, "The question mark precedes what is uncertain.")
        change = change._replace(end=end)
    return change


def _multiplied(reader: Reader, change: Change, found: re.Match[str]) -> Change:
    start, end = found.span()
    if found["times"].startswith("X"):
        lower = replace(start, start + 1, "×")
        reader.notes.form(start, start + 1, "The sign for “times” is × or x.", lower)
    number = int(found[4][:6])
    if number == 0:
        message = "×0 says that it is not there."
        reader.notes.error(start, end, message, remove(start, end))
    elif number == 1:
        reader.notes.warn(start, end, "×1 is not written.", remove(start, end))
    return change._replace(
        low=change.low * number, high=change.high * number, number=(start + 1, end)
    )


def _c_in_front(reader: Reader, place: int) -> Change:
    """`c+21`: the c stands behind."""
    number = _SIMPLE.match(reader.text, place + 1)
    if not number:
        return _unread(reader, place)
    end = number.end()
    mend = (Edit(place, place + 1, ""), Edit(end, end, "c"))
    reader.notes.error(place, place + 1, "c comes after the constitutional change.", mend)
    sign, name = number.groups()
    return Change(place, end, Kind.NUMBER, sign, name, constitutional=True)


def _unread(reader: Reader, place: int) -> Change:
    """Report everything up to the next comma as not understood."""
    text, notes = reader.text, reader.notes
    origin = _ORIGIN_ALONE.match(text, place)
    if origin and text[place - 1 : place] == ",":
        message = "No comma comes before the origin."
        notes.error(place - 1, place, message, remove(place - 1, place))
        return Change(place, origin.end(), Kind.UNREAD)
    number = _NUMBER_THEN_MORE.match(text, place)
    if number:
        return _number_with_more(reader, place, number)
    letters = _LETTERS_OF_SEX.match(text, place)
    if letters:
        message = "The sex chromosomes stand together, without a comma."
        notes.error(place - 1, letters.end(), message, remove(place - 1, place))
        return Change(place, letters.end(), Kind.UNREAD)
    rest = _REST.match(text, place)
    end = rest.end() if rest else place
    if end == place:
        end = place + 1
    before = place - 1 if place and text[place - 1] in ",;:." else place
    message = f"“{_short(text[place:end])}” is no change that ISCN knows."
    notes.error(before, end, message, remove(before, end))
    return Change(place, end, Kind.UNREAD)


def _number_with_more(reader: Reader, place: int, number: re.Match[str]) -> Change:
    """`+21(c)`, `+c21`, `+8cp[10]`, `+8a`: a gain or loss that is read, and the rest reported."""
    text, notes = reader.text, reader.notes
    sign, early, name = number.groups()
    at = number.end()
    rest = _REST.match(text, at)
    end = rest.end() if rest else at
    more = text[at:end]
    change = Change(place, end, Kind.NUMBER, sign, name, symbol_place=place, suffix_place=at)
    if early:
        mend = (Edit(place + 1, place + 2, ""), Edit(at, at, "c"))
        notes.error(place + 1, place + 2, "c comes after the constitutional change.", mend)
    origin = more.strip("()")
    word = nearest_word(more, ("mar",)) if sign == "+" else ""
    if word:
        notes.error(at, end, f"Meant is {word}.", replace(at, end, word))
        return change._replace(kind=Kind.UNREAD)
    if origin == "c" or origin in ORIGINS:
        message = "What stands behind a change has no brackets."
        notes.error(at, end, message, replace(at, end, origin))
    elif more == "cp" and text[end : end + 1] == "[":
        mend = (Edit(at, end, ""), Edit(end + 1, end + 1, "cp"))
        notes.error(at, end, "cp belongs into the bracket with the cells.", mend)
    elif more:
        message = f"“{_short(more)}” behind {sign}{name} is nothing that ISCN knows."
        notes.error(at, end, message, remove(at, end))
    return change


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
