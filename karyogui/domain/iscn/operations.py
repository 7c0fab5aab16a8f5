"""Structural changes: symbols with their brackets, read one after another and judged."""

from __future__ import annotations

import re
from typing import NamedTuple

from karyogui.domain.iscn import bands as table
from karyogui.domain.iscn.brackets import (
    Bands,
    Chromosomes,
    Group,
    is_detailed,
    read_bands,
    read_chromosomes,
    read_group,
)
from karyogui.domain.iscn.findings import Edit, Findings, Fix, insert, remove, replace
from karyogui.domain.iscn.reader import Mention, Reader
from karyogui.domain.iscn.symbols import (
    MODIFIERS,
    ORIGINS,
    SYMBOLS,
    USUAL_BREAKPOINTS,
    Symbol,
    nearest_symbols,
)
from karyogui.domain.iscn.syntax import Operation

GLUED = r"[XY](?:;\??[0-9XY?]+){0,4}\)"
"""A sex chromosome that stands at once behind its symbol: delX)(q21)."""
_NAME = re.compile(
    rf"(\??)((?:psu|dir|inv|tan|mir|ter|dic(?= r\()) )?([A-Za-z]+?(?={GLUED}|(?![A-Za-z])))"
)
_SQUARE = re.compile(r"\[([0-9XYxy;?]+)\](?=[(\[])")
_SQUARE_ALONE = re.compile(r"\[([0-9XYxy;?]+)\](?=[a-z,/]|$)")
_BETWEEN_BRACKETS = re.compile(r"[,;:.-]+(?=\(\??[pq?])")
_CELLS_IN_ROUND = re.compile(r"\((?:cp)?[0-9]+\)(?:/|$)")
_SQUARE_BANDS = re.compile(r"\[([pq?][^()\[\],/]*)\]")
_NO_OPENING = re.compile(r"(\??[0-9XY?]+(?:;\??[0-9XY?]+)*)\)")
_NO_BRACKETS = re.compile(r"([0-9]+|[XY])((?:;(?:[0-9]+|[XY]))*)(?=[(pq])")
_BANDS_NO_OPENING = re.compile(r"([pq?][0-9?.;pq~-]*)\)")
_BANDS_BARE = re.compile(r"[pq][0-9?][0-9?.]*(?:;?[pq][0-9?][0-9?.]*)*")


_ONE_BAND = re.compile(r"\(([pq][0-9?.]*)\)")
_PARTNERS = re.compile(r"\(([0-9XY;?]*)")
_BEGINS = frozenset({"der", "ider", "rec", "rob", "upd", "uphd", "upid"})
"""Symbols that begin a change and never go on with one."""


_KEEPS_TO_ITSELF = frozenset({"dic", "idic", "r", "neo"})
"""Symbols that go on only with what happened to their own chromosomes."""


class Chain(NamedTuple):
    """Symbols that make one change (`der(9)del(9)(p12)t(9;22)(q34;q11.2)`), read up to `next`."""

    operations: tuple[Operation, ...]
    next: int
    is_read: bool


def read_chain(reader: Reader, place: int) -> Chain:
    """Read the symbols from `place` on; the first is there, or the caller would not ask."""
    operations: list[Operation] = []
    is_read = True
    early_origin: tuple[int, int] | None = None
    while (
        (name := _NAME.match(reader.text, place))
        and (not operations or _goes_on(reader, name, operations[0]))
        and not reader.notes.is_full
    ):
        symbol, known, origin = _symbol(reader, name)
        early_origin = origin or early_origin
        in_story = bool(operations) and operations[0].symbol == "rec"
        before = len(reader.mentions)
        operation, place, is_sound = _read_one(reader, symbol, _start(name), name.end(), in_story)
        is_read &= known and is_sound
        if in_story:  # what a recombinant has too much or too little of is told by its last part
            del reader.mentions[before:]
        if operation is None:
            break
        operations.append(operation)
    if len(operations) > 1 and operations[0].symbol == "der":  # the others say where it broke
        start = operations[0].start
        reader.mentions[:] = [told for told in reader.mentions if told.start != start]
    while reader.text[place : place + 1] == ")" and not reader.notes.is_full:
        message = "A closing bracket without an opening one."
        reader.notes.error(place, place + 1, message, remove(place, place + 1))
        place += 1
    if early_origin:
        _origin_in_front(reader, early_origin, place)
    if operations and is_read:
        _judge_story(reader, operations, place)
    return Chain(tuple(operations), place, is_read)


def _start(name: re.Match[str]) -> int:
    """Where a symbol begins, with the word before it and without its question mark."""
    return name.start(2) if name[2] else name.start(3)


def _goes_on(reader: Reader, name: re.Match[str], first: Operation) -> bool:
    """Whether a further symbol belongs to the same change."""
    word = name[3].lower()
    bracket = reader.text[name.end() : name.end() + 1]
    if bracket != "(" or word in ORIGINS or word in ("c", "or", "x"):
        return False
    if word in _BEGINS or (word.startswith("or") and word not in SYMBOLS):
        return False
    if first.symbol in SYMBOLS and not SYMBOLS[first.symbol].chains:
        return False
    if len(first.chromosomes) == 1 and first.symbol not in _KEEPS_TO_ITSELF:
        return True
    partners = _PARTNERS.match(reader.text, name.end())
    told = partners[1].split(";") if partners else []
    return "?" in told or not set(first.chromosomes).isdisjoint(told)


def _symbol(reader: Reader, name: re.Match[str]) -> tuple[str, bool, tuple[int, int] | None]:
    """The symbol that a word means, whether it is one, and an origin that was typed before it."""
    notes, word = reader.notes, name[3]
    start, end = name.span(3)
    lower = word.lower()
    if lower in SYMBOLS:
        if word != lower:
            notes.form(start, end, "Symbols are lower case.", replace(start, end, lower))
        return lower, True, None
    for modifier in MODIFIERS:
        if lower.startswith(modifier) and lower[len(modifier) :] in SYMBOLS:
            at = start + len(modifier)
            if lower != "invtrp":
                notes.form(at, at, f"A space follows {modifier}.", insert(at, " "))
            return lower[len(modifier) :], True, None
    for origin in ORIGINS:
        if lower.startswith(origin) and lower[len(origin) :] in SYMBOLS:
            return lower[len(origin) :], True, (start, start + len(origin))
    nearest = nearest_symbols(lower)
    mends = [replace(start, end, symbol) for symbol in nearest]
    hint = f" Meant is perhaps {' or '.join(nearest)}." if nearest else ""
    notes.error(start, end, f"There is no symbol {word}.{hint}", *mends)
    return (nearest[0] if nearest else lower), bool(nearest), None


def _origin_in_front(reader: Reader, origin: tuple[int, int], end: int) -> None:
    start, stop = origin
    word = reader.text[start:stop]
    mend = (Edit(start, stop, ""), Edit(end, end, word.lower()))
    reader.notes.error(start, stop, f"The origin ({word}) follows the change.", mend)


def _read_one(
    reader: Reader, name: str, start: int, place: int, in_story: bool
) -> tuple[Operation | None, int, bool]:
    """Read the brackets behind a symbol and judge them: operation, where reading goes on, sound."""
    notes = reader.notes
    group = _first_group(reader, name, place)
    if group is None:
        message = f"Behind {name} the chromosome goes in round brackets."
        notes.error(start, max(place, start + 1), message)
        return None, place, False
    symbol = SYMBOLS.get(name)
    is_free = symbol is None or symbol.partners[0] == 0
    if is_free:
        chromosomes = Chromosomes(tuple(group.content.split(";")), ())
    else:
        chromosomes = read_chromosomes(group, notes, arms_allowed=in_story)
    names = tuple(n if n.lstrip("?") in table.RANKS else "?" for n in chromosomes.names)
    bands: Bands | None = None
    second: Group | None = None
    place = group.next
    if not chromosomes.bands:
        second = _second_group(reader, place, f"{name}({group.content})")
    if second:
        place = second.next
        if not is_free and not is_detailed(second.content):
            before = len(notes.all)
            bands = read_bands(second, names, notes)
            _offer_usual(notes, before, f"{name}({group.content})", second)
            if len(names) == 2 and not bands.is_sound:
                _offer_exchanged(notes, before, names, group, second)
    if second and len(names) == 2:
        place = _bands_in_two(reader, second, place)
    place = _further_groups(reader, place, is_free)
    told: tuple[tuple[str, ...], ...] | None = None
    if chromosomes.bands:
        told = tuple((band,) for band in chromosomes.bands)
    elif second:
        told = bands.bands if bands else ((),)
    bracket = (group.start, group.end)
    operation = Operation(name, chromosomes.names, told, start, place, bracket)
    if symbol and not is_free:
        _judge(reader, operation, symbol, bands, second)
    return operation, place, symbol is not None and "?" not in _unreadable(group, chromosomes)


def _unreadable(group: Group, chromosomes: Chromosomes) -> str:
    """`?` where a chromosome that was named cannot be: its change counts for nothing certain."""
    if "?" in group.content or "?" not in chromosomes.names:
        return ""
    return "?"


def _first_group(reader: Reader, name: str, place: int) -> Group | None:
    """The bracket that names chromosomes, also where its signs are missing or of the wrong kind."""
    text, notes = reader.text, reader.notes
    following = text[place : place + 1]
    if text.startswith("?(", place):
        mend = (Edit(place - len(name), place - len(name), "?"), Edit(place, place + 1, ""))
        notes.error(place, place + 1, "The question mark precedes what is uncertain.", mend)
        return read_group(text, place + 1, notes)
    if following == "(":
        return read_group(text, place, notes)
    square = _SQUARE.match(text, place)
    if not square and name in SYMBOLS and text.endswith(name, 0, place):
        square = _SQUARE_ALONE.match(text, place)
    if square:
        end = square.end()
        mend = (Edit(place, place + 1, "("), Edit(end - 1, end, ")"))
        notes.error(place, end, "Chromosomes go in round brackets.", mend)
        return Group(square[1], *square.span(1), end)
    opening = _NO_OPENING.match(text, place)
    if opening:
        notes.error(place, place, "The opening bracket is missing.", insert(place, "("))
        return Group(opening[1], *opening.span(1), opening.end())
    bare = _NO_BRACKETS.match(text, place)
    if bare and len(name) > 0:
        mend = (Edit(place, place, "("), Edit(bare.end(), bare.end(), ")"))
        notes.error(place, bare.end(), "Chromosomes go in round brackets.", mend)
        return Group(bare[0], *bare.span(), bare.end())
    return None


def _second_group(reader: Reader, place: int, key: str) -> Group | None:
    """The bracket that names bands, also where its signs are missing."""
    text, notes = reader.text, reader.notes
    if _CELLS_IN_ROUND.match(text, place) and (";" in key or key in reader.full):
        return None
    between = _BETWEEN_BRACKETS.match(text, place)
    if between:
        message = "No sign goes between the chromosomes and their bands."
        notes.error(place, between.end(), message, remove(place, between.end()))
        place = between.end()
    if text.startswith(")(", place):
        notes.error(place, place + 1, "A bracket too many.", remove(place, place + 1))
        place += 1
    if text[place : place + 1] == "(":
        return read_group(text, place, notes)
    square = _SQUARE_BANDS.match(text, place)
    if square:
        end = square.end()
        mend = (Edit(place, place + 1, "("), Edit(end - 1, end, ")"))
        notes.error(place, end, "Bands go in round brackets.", mend)
        return Group(square[1], *square.span(1), end)
    opening = _BANDS_NO_OPENING.match(text, place)
    if opening:
        notes.error(place, place, "The opening bracket is missing.", insert(place, "("))
        return Group(opening[1], *opening.span(1), opening.end())
    bare = _BANDS_BARE.match(text, place)
    if bare:
        mend = (Edit(place, place, "("), Edit(bare.end(), bare.end(), ")"))
        notes.error(place, bare.end(), "Bands go in round brackets.", mend)
        return Group(bare[0], *bare.span(), bare.end())
    return None


def _bands_in_two(reader: Reader, second: Group, place: int) -> int:
    """`(q34)(q11.2)`: bands of two chromosomes in a bracket each."""
    third = _ONE_BAND.match(reader.text, place)
    if third is None or not _ONE_BAND.match(reader.text, second.start - 1):
        return place
    message = "Bands of two chromosomes go in one bracket, separated by a semicolon."
    mend = replace(second.end, third.start(1), ";")
    reader.notes.error(second.end, third.start(1), message, mend)
    return third.end()


def _further_groups(reader: Reader, place: int, is_free: bool) -> int:
    """Pass over brackets behind the bands; but for rare symbols they are one too many."""
    while reader.text[place : place + 1] == "(" and not reader.notes.is_full:
        if _CELLS_IN_ROUND.match(reader.text, place):
            break
        group = read_group(reader.text, place, reader.notes)
        if group.content in ORIGINS:
            message = "The origin stands behind without brackets."
            reader.notes.error(
                place, group.next, message, replace(place, group.next, group.content)
            )
        elif not is_free:
            message = "A symbol has two brackets: chromosomes and bands. This one is too many."
            reader.notes.error(place, group.next, message, remove(place, group.next))
        place = max(group.next, place + 1)
    return place


def _offer_exchanged(
    notes: Findings, before: int, names: tuple[str, ...], group: Group, second: Group
) -> None:
    """Where the bands exist on each other's chromosomes, offer the chromosomes exchanged."""
    told = second.content.split(";")
    first, last = names
    known = first in table.RANKS and last in table.RANKS and len(told) == 2
    if known and len(notes.all) > before and all(map(table.exists, (last, first), told)):
        found = notes.all[before]
        mend = replace(group.start, group.end, f"{last};{first}")
        notes.all[before] = found._replace(fixes=(mend, *found.fixes))


def _offer_usual(notes: Findings, before: int, key: str, second: Group) -> None:
    """Where a recurrent rearrangement has a wrong band beside a right one, offer its usual bands.

    They are offered beside an unknown band (`q?`), never alone.
    """
    usual = USUAL_BREAKPOINTS.get(key)
    if usual is None or not any(found.fixes for found in notes.all[before:]):
        return
    typed = second.content.split(";")
    right = usual[1:-1].split(";")
    if not any(a == b for a, b in zip(typed, right, strict=False)):
        return
    mend = replace(second.start, second.end, usual[1:-1])
    for place in range(before, len(notes.all)):
        found = notes.all[place]
        notes.all[place] = found._replace(fixes=(mend, *found.fixes))


def _judge(
    reader: Reader, operation: Operation, symbol: Symbol, bands: Bands | None, second: Group | None
) -> None:
    """Number of partners and bands, order of both, and whether the bands were named at all."""
    notes, names = reader.notes, operation.chromosomes
    start, end = operation.bracket
    least, most = symbol.partners
    if not least <= len(names) <= most:
        wanted = {1: "one chromosome", 2: "two chromosomes"}.get(least, f"{least} chromosomes")
        parted = table.pairs(names[0]) if len(names) == 1 and least == 2 else ()
        mends = [replace(start, end, pair) for pair in parted]
        notes.error(start, end, f"{symbol.name} takes {wanted}; here: {len(names)}.", *mends)
        return
    if operation.bands is None:
        if symbol.needs_bands or (len(names) > 1 and symbol.name != "rec"):
            reader.mentions.append(
                Mention(operation.start, operation.end, operation.key, symbol.name, names)
            )
        return
    if operation.key not in reader.full:
        told = reader.text[second.start - 1 : second.next] if second else ""
        reader.full[operation.key] = (operation.start, told)
    if bands is None or second is None:
        return
    if not _number_is_right(reader, operation, symbol, bands, second):
        return
    if len(names) > 1:
        _judge_partners(reader, operation, symbol, bands, second)
    elif symbol.in_order and bands.is_sound:
        _judge_band_order(reader, names[0], bands.bands[0], second)
    if symbol.name == "rob":
        _judge_robertsonian(reader, operation)


def _number_is_right(
    reader: Reader, operation: Operation, symbol: Symbol, bands: Bands, second: Group
) -> bool:
    """Whether each chromosome has the bands that the symbol takes."""
    notes = reader.notes
    names = operation.chromosomes
    start, end = second.start, second.end
    if not bands.is_sound:
        return False
    if len(names) == 1:
        found = len(bands.bands[0])
        if bands.bands[0] == ("?",) and symbol.least:
            return True
        if symbol.least <= found <= symbol.most:
            return True
        wanted = f"{symbol.least}"
        if symbol.most != symbol.least:
            wanted += f" or {symbol.most}"
        message = f"{symbol.name} takes {wanted} breakpoint{'s'[: wanted != '1']}, here {found}."
        if symbol.name == "dup" or symbol.least == 0:
            notes.warn(start, end, message)
            return True
        notes.error(start, end, message, *_with_unknown_band(symbol, bands, second))
        return False
    if len(bands.bands) != len(names):
        message = f"{len(names)} chromosomes, but bands of {len(bands.bands)}: one for each."
        missing = len(names) - len(bands.bands)
        mends = [insert(end, ";?" * missing)] if missing > 0 else []
        usual = USUAL_BREAKPOINTS.get(operation.key, "")
        if usual.startswith(f"({second.content};"):
            mends.insert(0, replace(start, end, usual[1:-1]))
        first = operation.start if symbol.name == "ins" else start
        notes.error(first, max(end, start), message, *mends)
        return False
    for name, part, (first, last) in zip(names, bands.bands, bands.spans, strict=True):
        if not symbol.each_least <= len(part) <= symbol.each_most:
            notes.error(first, last, f"{symbol.name} takes another number of bands of {name}.")
            return False
    if symbol.name == "t" and len({len(part) for part in bands.bands}) > 1:
        notes.error(start, end, "t takes as many breakpoints of each of its chromosomes.")
        return False
    if symbol.name == "ins" and len(bands.bands[1]) == 1 and bands.bands[1] != ("?",):
        first, last = bands.spans[1]
        message = "An insertion has three breaks: one site, and two ends of what was inserted."
        notes.warn(first, last, message)
    return True


def _with_unknown_band(symbol: Symbol, bands: Bands, second: Group) -> list[Fix]:
    """An unknown band for one that is missing: a guess would be no repair."""
    if not bands.bands[0]:
        return [insert(second.end, "?")]
    if len(set(bands.bands[0])) == 1 == symbol.most:
        return [replace(second.start, second.end, bands.bands[0][0])]
    if len(bands.bands[0]) != symbol.least - 1:
        return []
    arm = bands.bands[0][-1].lstrip("?")[:1]
    return [insert(second.end, f"{arm}?")] if arm in ("p", "q") else []


def _judge_partners(
    reader: Reader, operation: Operation, symbol: Symbol, bands: Bands, second: Group
) -> None:
    """The sex chromosome or the lowest number leads; the bands go with their chromosomes."""
    names = operation.chromosomes
    inner = reader.text[operation.start : operation.bracket[0]]
    if not symbol.lowest_first or any("?" in name for name in names) or " " in inner:
        return
    if symbol.name == "der" and len(names) > 2:
        return
    ranks = [table.RANKS[name] for name in names]
    lead = ranks.index(min(ranks))
    if lead == 0:
        return
    told = [reader.text[a:b] for a, b in bands.spans]
    mend = (
        Edit(*operation.bracket, ";".join(names[lead:] + names[:lead])),
        Edit(second.start, second.end, ";".join(told[lead:] + told[:lead])),
    )
    message = "The sex chromosome or the lowest number comes first, and its band with it."
    reader.notes.error(operation.bracket[0], second.end, message, mend)


def _judge_band_order(reader: Reader, name: str, told: tuple[str, ...], second: Group) -> None:
    if len(told) != 2 or name.lstrip("?") not in table.RANKS:
        return
    first, last = (table.span(name.lstrip("?"), band) for band in told)
    if first is None or last is None or first[0] <= last[1]:
        return
    message = "Bands run from the end of the short arm to the end of the long arm."
    mend = replace(second.start, second.end, told[1] + told[0])
    reader.notes.error(second.start, second.end, message, mend)


def _judge_robertsonian(reader: Reader, operation: Operation) -> None:
    if any(name in table.RANKS and name not in table.ACROCENTRIC for name in operation.chromosomes):
        start = operation.start
        message = "rob joins two of 13, 14, 15, 21 and 22; other whole arms are joined by der."
        reader.notes.error(start, operation.end, message, replace(start, start + 3, "der"))


def _judge_story(reader: Reader, operations: list[Operation], end: int) -> None:
    """A derivative names how it came about, and has a part in it."""
    first = operations[0]
    if first.symbol not in ("der", "ider", "rec") or len(first.chromosomes) != 1:
        return
    name = first.chromosomes[0]
    story = operations[1:]
    if not story:
        if first.symbol != "ider" and first.bands is None and name != "?":
            key = f"{first.symbol}({name})"
            reader.mentions.append(Mention(first.start, end, key, first.symbol, (name,)))
        return
    reader.full.setdefault(f"{first.symbol}({name})", (first.start, reader.text[first.end : end]))
    partners = {part.lstrip("?") for operation in story for part in operation.chromosomes}
    partners = {part.rstrip("pq") for part in partners}
    if name == "?" or "?" in name or "" in partners or "?" in partners or name in partners:
        return
    start, stop = first.bracket
    mends = [replace(start, stop, part) for part in sorted(partners, key=len)]
    message = f"Chromosome {name} has no part in what follows."
    reader.notes.error(start, stop, message, *mends)
