"""Round brackets: which chromosomes and which bands stand in them, and what is wrong with that."""

from __future__ import annotations

import re
from typing import NamedTuple

from karyogui.domain.iscn import bands as table
from karyogui.domain.iscn.findings import Edit, Findings, Fix, insert, remove, replace

_CLOSED = re.compile(
    r"\(([^()\[\]/]*|\??[0-9XYxy]+(?:[;/](?:\??[0-9XYxy]+|\?))+"
    r"|\??[pq][0-9pq.?~]*(?:[;/]\??[pq?][0-9pq.?~]*)+)\)"
)
_BANDS_GLUED = re.compile(
    r"((?:\??(?:[0-9]+|[XY])|\?)(?:;(?:\??(?:[0-9]+|[XY])|\?))+)(\??[pq][^;]*(?:;\??[pq?][^;]*)+)"
)
_OPEN = re.compile(
    r"\((\??(?:[0-9]+|[XY?])(?:;\??(?:[0-9]+|[XY?]))*(?=\??[a-z×(\[,/]|$)"
    r"|(?:;?(?:\??[pq](?:ter|[0-9?.~-]+)|\?(?![pq0-9])))+(?=[a-z×(\[,/]|$)"
    r"|[^()\[\]/,]*)"
)
_RUN = re.compile(r"\(+")
_DETAILED = re.compile(r"->|→|::|ter>|>")
_CHROMOSOME = re.compile(r"(\??)([0-9]+|[XYxy]|\?)")
_WITH_BANDS = re.compile(r"(\??(?:[0-9]+|[XY]))([pq](?:[0-9?.]+|ter)?(?:[pq][0-9?.]+)*)\Z")
_LENGTH = re.compile(r"(?:[0-9]+|[XY])[pq]([+-])\Z")
_BAND = re.compile(
    r"\??(?:[pqPQ](?:ter|TER|[0-9?.]*)|cen)(?:[~-]\??[pq]?(?:ter|[0-9?.]+))?|\?"
    r"|[0-9][0-9?.]*"
)
_SIGNS = re.compile(r"([;,:/.]|(?<=[0-9XY?])-(?=[0-9XY?]))")
_SEMICOLON = re.compile(r"([;,:/])")
_WRONG_SIGNS = {
    ",": "a comma",
    ":": "a colon",
    "/": "a slash",
    ".": "a full stop",
    "-": "a hyphen",
}
_OR = re.compile(r" or ")
_TURNED = re.compile(r"([0-9]+(?:\.[0-9]+)?)([pq])(?=[;)]|$)")
_DECIMAL_COMMA = re.compile(r"[pq~-][0-9?]+,(?=[0-9])")
_PLAIN_BAND = re.compile(r"[pq][0-9?.]+")


class Group(NamedTuple):
    """A bracket: its content lies at `start` to `end`; `next` is where reading goes on."""

    content: str
    start: int
    end: int
    next: int


class Chromosomes(NamedTuple):
    """The chromosomes of a bracket, their places, and bands that were typed into the same one."""

    names: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    bands: tuple[str, ...] = ()


class Bands(NamedTuple):
    """The bands of a bracket, for each chromosome; `spans` of each chromosome's bands."""

    bands: tuple[tuple[str, ...], ...]
    spans: tuple[tuple[int, int], ...]
    is_sound: bool = True


def read_group(text: str, place: int, notes: Findings) -> Group:
    """Read the bracket that opens at `place`; one that is not closed ends before the next sign."""
    opening = _RUN.match(text, place)
    if opening and len(opening[0]) > 1:
        notes.error(
            place, opening.end() - 1, "A bracket too many.", remove(place, opening.end() - 1)
        )
        place = opening.end() - 1
    closed = _CLOSED.match(text, place)
    if closed:
        return Group(closed[1], *closed.span(1), closed.end())
    opened = _OPEN.match(text, place)
    assert opened
    end = opened.end()
    if not opened[1] and end < len(text) and text[end] in "([":
        notes.error(place, place + 1, "A bracket too many.", remove(place, place + 1))
        return Group("", end, end, end)
    notes.error(end, end, "This round bracket is not closed.", insert(end, ")"))
    return Group(opened[1], *opened.span(1), end)


def is_detailed(content: str) -> bool:
    """Whether a bracket describes whole bands (pter→q13::…), which is not checked."""
    return _DETAILED.search(content) is not None


def read_chromosomes(group: Group, notes: Findings, *, arms_allowed: bool) -> Chromosomes:
    """Read `9;22`; names that cannot be are reported and read as `?`."""
    glued = _BANDS_GLUED.fullmatch(group.content)
    if glued:
        return _chromosomes_before_bands(group, glued, notes)
    names: list[str] = []
    spans: list[tuple[int, int]] = []
    typed_bands: list[str] = []
    place = group.start
    has_bands = "p" in group.content or "q" in group.content
    signs = _SEMICOLON if has_bands else _SIGNS
    for part in signs.split(group.content) if group.content else [""]:
        if notes.is_full:
            break
        end = place + len(part)
        if not part and _is_between(group, place, notes):
            pass
        elif part in _WRONG_SIGNS:
            _wrong_separator(part, place, notes)
        elif part != ";":
            found = _CHROMOSOME.match(part)
            rest = part[found.end() :] if found else part
            name = _chromosome(found, place, notes) if found else "?"
            if not found:
                notes.error(place, max(end, place), "Here a chromosome must be named.")
            elif rest == "?":
                mend = (Edit(place, place, "?"), Edit(end - 1, end, ""))
                notes.error(end - 1, end, "The question mark precedes what is uncertain.", mend)
            elif rest in table.RANKS:
                at = end - len(rest)
                notes.error(at, at, "A semicolon is missing here.", insert(at, ";"))
                names.append(name)
                spans.append((place, at))
                name, place = rest, at
            elif rest and not (arms_allowed and rest in ("p", "q")):
                typed_bands.append(rest)
            names.append(name)
            spans.append((place, end))
        place = end
    bands: tuple[str, ...] = ()
    if typed_bands:
        bands = _misplaced_bands(group, tuple(names), notes)
    return Chromosomes(tuple(names), tuple(spans), bands)


def _chromosomes_before_bands(group: Group, glued: re.Match[str], notes: Findings) -> Chromosomes:
    """Read `9;22q34;q11.2`, where `)(` was left out between chromosomes and bands."""
    at = group.start + glued.start(2)
    message = "The bands go in a bracket of their own, behind that of the chromosomes."
    notes.error(at, at, message, insert(at, ")("))
    names = tuple(name if name.lstrip("?") in table.RANKS else "?" for name in glued[1].split(";"))
    bands = glued[2].split(";")
    known = tuple(bands) if len(bands) == len(names) else ("?",) * len(names)
    return Chromosomes(names, ((group.start, group.end),) * len(names), known)


def _is_between(group: Group, place: int, notes: Findings) -> bool:
    """Whether nothing stands at a place because a semicolon is one too many; reported."""
    text = group.content
    at = place - group.start
    if ";" not in text or len(text) < 2:
        return False
    start = place - 1 if at else place
    notes.error(start, start + 1, "A semicolon too many.", remove(start, start + 1))
    return True


def _wrong_separator(sign: str, place: int, notes: Findings) -> None:
    message = f"Chromosomes are separated by a semicolon, not {_WRONG_SIGNS[sign]}."
    notes.error(place, place + 1, message, replace(place, place + 1, ";"))


def _chromosome(found: re.Match[str], place: int, notes: Findings) -> str:
    doubt, name = found.groups()
    start, end = place + len(doubt), place + found.end()
    if name in "xy":
        notes.form(start, end, "X and Y are capitals.", replace(start, end, name.upper()))
        name = name.upper()
    if name != "?" and name not in table.RANKS:
        mends = [replace(start, end, pair) for pair in table.pairs(name)]
        notes.error(start, end, f"There is no chromosome {name}.", *mends)
        return "?"
    return f"?{name}" if doubt and name != "?" else name


def _misplaced_bands(group: Group, names: tuple[str, ...], notes: Findings) -> tuple[str, ...]:
    """Report bands typed beside the chromosome: (9q34;22q11.2), (17p), (9q+;22q-)."""
    parts = group.content.split(";")
    if any(_LENGTH.match(part) for part in parts):
        place = group.start
        for part in parts:
            if _LENGTH.match(part):
                message = "A sign for the length of an arm is a form used before 1978."
                mend = replace(group.start, group.end, ";".join(names))
                notes.error(place + len(part) - 2, place + len(part), message, mend)
            place += len(part) + 1
        return ()
    found = [_WITH_BANDS.match(part) for part in parts]
    message = "The bracket after a symbol names chromosomes; arms and bands go in the next one."
    if all(found):
        matches = [match for match in found if match]
        bands = [match[2] if len(match[2]) > 1 else f"{match[2]}?" for match in matches]
        chromosomes = ";".join(match[1] for match in matches)
        inner = f"{chromosomes})({';'.join(bands)}"
        places = [group.start + matches[0].start(2), group.end]
        notes.error(places[0], places[1], message, replace(group.start, group.end, inner))
        return tuple(bands)
    notes.error(group.start, group.end, message)
    return ("?",) * len(names)


def read_bands(group: Group, chromosomes: tuple[str, ...], notes: Findings) -> Bands:
    """Read `q34;q11.2` for these chromosomes; what cannot be is reported, and is not sound."""
    wanted = len(chromosomes)
    base = group.start
    has_signs = wanted == 1 or group.content.count(";") >= wanted - 1
    content, sound = _with_points(group, notes) if has_signs else (group.content, True)
    pieces: list[tuple[int, int]] = []
    place = 0
    for sign in re.finditer(r"[;,:/]", content):
        if notes.is_full:
            break
        pieces.append((place, sign.start()))
        place = sign.end()
        sound &= _separator_is_right(sign[0], base + sign.start(), wanted, notes)
    pieces.append((place, len(content)))
    if wanted > 1 and len(pieces) > wanted:
        pieces, is_right = _without_empty(content, base, pieces, notes)
        sound &= is_right
    if wanted == 1:
        named = [_bands_meant(content[a:b], base + a, chromosomes[0], notes) for a, b in pieces]
        bands = tuple(band for part, _ in named for band in part)
        return Bands((bands,), ((base, group.end),), sound and all(ok for _, ok in named))
    if len(pieces) == 1:
        pieces, is_right = _run_together(content, base, wanted, notes)
        sound &= is_right
    read: list[tuple[str, ...]] = []
    for number, (start, end) in enumerate(pieces):
        chromosome = chromosomes[number] if number < wanted else "?"
        part, is_right = _bands_meant(content[start:end], base + start, chromosome, notes)
        read.append(part)
        sound &= is_right
    spans = tuple((base + start, base + end) for start, end in pieces)
    return Bands(tuple(read), spans, sound)


def _with_points(group: Group, notes: Findings) -> tuple[str, bool]:
    """The content with decimal commas (q11,2) reported and read as full stops."""
    content = group.content
    commas = [found.end() - 1 for found in _DECIMAL_COMMA.finditer(content)]
    for at in commas:
        place = group.start + at
        message = "A sub-band comes after a full stop, not a comma."
        notes.error(place, place + 1, message, replace(place, place + 1, "."))
        content = f"{content[:at]}.{content[at + 1 :]}"
    return content, not commas


def _without_empty(
    content: str, base: int, pieces: list[tuple[int, int]], notes: Findings
) -> tuple[list[tuple[int, int]], bool]:
    """The pieces between which something stands; semicolons too many are reported."""
    full = [piece for piece in pieces if piece[0] < piece[1]]
    for start, end in pieces:
        if notes.is_full:
            break
        if start == end and content:
            at = base + (start - 1 if start else 0)
            notes.error(at, at + 1, "A semicolon too many.", remove(at, at + 1))
    return full, len(full) == len(pieces)


def _separator_is_right(sign: str, place: int, wanted: int, notes: Findings) -> bool:
    """Report a wrong sign between bands, with what would mend it."""
    if wanted == 1:
        message = "The bands of one chromosome follow one another without a sign between them."
        notes.error(place, place + 1, message, remove(place, place + 1))
    elif sign != ";":
        message = "Bands of two chromosomes are separated by a semicolon."
        notes.error(place, place + 1, message, replace(place, place + 1, ";"))
    return wanted > 1 and sign == ";"


def _run_together(
    content: str, base: int, wanted: int, notes: Findings
) -> tuple[list[tuple[int, int]], bool]:
    """Pieces of `q34q11.2` for two chromosomes, where the semicolon was left out."""
    found = [match.span() for match in _PLAIN_BAND.finditer(content)]
    is_whole = "".join(content[start:end] for start, end in found) == content
    firsts = [place * len(found) // wanted for place in range(wanted)]
    if wanted == 2 and len(found) == 3:  # an insertion: one site, then two ends
        firsts = [0, 1]
    elif len(found) not in (wanted, 2 * wanted):
        is_whole = False
    if not is_whole:
        return [(0, len(content))], True
    starts = [found[first][0] for first in firsts]
    mend = tuple(edit for start in starts[1:] for edit in insert(base + start, ";"))
    message = "Bands of two chromosomes are separated by a semicolon."
    notes.error(base + starts[1], base + starts[1], message, mend)
    return list(zip(starts, [*starts[1:], len(content)], strict=True)), False


def _bands_meant(
    content: str, base: int, chromosome: str, notes: Findings
) -> tuple[tuple[str, ...], bool]:
    """The bands of one chromosome; of two that a slip ran together, both are offered."""
    before = len(notes.all)
    bands, is_sound = _bands_of(content, base, chromosome, notes)
    if not is_sound and len(notes.all) > before and chromosome in table.RANKS:
        found = notes.all[before]
        meant = table.run_together(content, chromosome)[:2]
        mends = [replace(base, base + len(content), text) for text in meant]
        notes.all[before] = found._replace(fixes=(*mends, *found.fixes))
    return bands, is_sound


def _bands_of(
    content: str, base: int, chromosome: str, notes: Findings
) -> tuple[tuple[str, ...], bool]:
    """The bands of one chromosome, and whether all of them can be."""
    found: list[str] = []
    sound = True
    place = 0
    while place < len(content) and not notes.is_full:
        chance = _OR.match(content, place)
        if chance:  # of two readings the first is counted
            rest = _BAND.match(content, chance.end())
            if rest:
                sound &= _judge(rest[0], base + rest.start(), chromosome, notes)
            place = rest.end() if rest else len(content)
            continue
        turned = _TURNED.match(content, place)
        if turned:
            start, end = base + place, base + turned.end()
            mend = replace(start, end, turned[2] + turned[1])
            notes.error(start, end, "The arm comes before the band.", mend)
            place, sound = turned.end(), False
            continue
        repeated = len(chromosome)
        if chromosome in ("X", "Y") and re.match(f"{chromosome}[pq]", content[place : place + 2]):
            message = "The chromosome is not repeated before its band."
            start = base + place
            notes.error(start, start + repeated, message, remove(start, start + repeated))
            place, sound = place + repeated, False
            continue
        band = _BAND.match(content, place)
        if not band:
            if content[place] == "-" and place + 1 < len(content):
                place += 1
                continue
            message = "Here a band such as q21 or p11.2 must be named."
            notes.error(base + place, base + len(content), message)
            return tuple(found), False
        if band[0] == chromosome and content[band.end() : band.end() + 1] in ("p", "q"):
            message = "The chromosome is not repeated before its band."
            notes.error(
                base + place, base + band.end(), message, remove(base + place, base + band.end())
            )
            sound = False
        else:
            sound &= _judge(band[0], base + place, chromosome, notes)
            found.append(band[0])
        place = band.end()
    return tuple(found), sound


def _judge(band: str, base: int, chromosome: str, notes: Findings) -> bool:
    """Report a band that cannot be; a range of bands is two of them."""
    first, sign, second = _halves(band)
    end = base + len(first)
    if first[:1].isdigit():
        mends = [insert(base, arm) for arm in _arms(chromosome, first)]
        notes.error(base, base + len(band), "The arm is missing: p or q.", *mends)
        return False
    if first[:1] in "PQ" or first.endswith("TER"):
        lower = replace(base, end, first.lower())
        notes.form(base, end, "Arms are lower-case letters.", lower)
        first = first.lower()
    sound = _judge_one(first, base, end, chromosome, notes)
    if sign == "-" and second[:1] in ("p", "q"):
        message = (
            "The hyphen reads as an uncertain breakpoint; two ends follow one another without."
        )
        notes.warn(end, end + 1, message, remove(end, end + 1))
    if sign:
        if second[0] not in "pq?":
            second = first.lstrip("?")[:1] + second
        start = end + 1
        sound &= _judge_one(second, start, base + len(band), chromosome, notes)
    return sound


def _halves(band: str) -> tuple[str, str, str]:
    for sign in "~-":
        first, found, second = band.partition(sign)
        if found:
            return first, found, second
    return band, "", ""


def _arms(chromosome: str, digits: str) -> list[str]:
    if chromosome not in table.RANKS:
        return ["p", "q"]
    if "?" in digits:
        bare = digits.replace("?", "")
        return [arm for arm in "pq" if table.begins_a_band(chromosome, arm + bare)]
    return table.arms_with(chromosome, digits)


def _judge_one(band: str, start: int, end: int, chromosome: str, notes: Findings) -> bool:
    known = chromosome.lstrip("?")
    bare = band.replace("?", "")
    if bare.endswith(".") or ".." in bare or bare[1:2] == ".":
        mended = re.sub(r"\.+", ".", band).rstrip(".").replace("q.", "q").replace("p.", "p")
        message = "Behind the full stop a sub-band is missing."
        at = end - len(band) + band.rindex(".")
        notes.error(at, at + 1, message, replace(start, end, mended))
        return False
    if known not in table.RANKS or not bare or bare in ("cen", "pter", "qter"):
        return True
    if "?" in band and (table.begins_a_band(known, bare) or len(bare) == 1):
        return True
    if table.exists(known, bare):
        return True
    if len(bare) == 1:
        message = f"Which band of {known}{bare}? Where it is not known, {bare}? is written."
        mends = [replace(start, end, f"{bare}?"), replace(start, end, f"{bare}10")]
        notes.error(start, end, message, *mends)
        return False
    if table.begins_a_band(known, bare) and len(bare) == 2:
        message = f"{known}{bare} is a region, not a band; {bare}? says that the band is not known."
        notes.warn(start, end, message, replace(start, end, f"{bare}?"))
        return True
    mends = _existing(band, known, start, end)
    notes.error(start, end, f"There is no band {known}{bare}.", *mends)
    return False


def _existing(band: str, chromosome: str, start: int, end: int) -> list[Fix]:
    """What may stand instead: with the full stop set, the band that holds it, or the arm alone."""
    digits = band[1:].replace("?", "")
    names = []
    if "." not in digits and len(digits) > 2:
        names.append(f"{band[0]}{digits[:2]}.{digits[2:]}")
    major, _, minor = digits.partition(".")
    names += [f"{band[0]}{major}.{minor[:size]}" for size in range(len(minor) - 1, 0, -1)]
    names += [f"{band[0]}{major}", f"{band[0]}{major[:2]}"]
    real = [name for name in dict.fromkeys(names) if table.exists(chromosome, name)]
    return [replace(start, end, name) for name in [*real[:1], f"{band[0]}?"]]
