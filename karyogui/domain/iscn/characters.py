"""From what was typed or pasted to ISCN's own characters, with every replacement named.

A no-break space, a Cyrillic Х, a full-width bracket or an en dash look right and are not. Each is
replaced by what it stands for; what nothing is known of is left out and called an error. Positions
are kept, so that problems found later can be shown in the text as typed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from karyogui.domain.iscn.findings import Severity
from karyogui.domain.iscn.symbols import COMMON, MODIFIERS

_PLAIN = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789,;:/()[]<>+-~.?×→± "
)
_LOOKALIKES = {
    **dict.fromkeys("‐‑‒–—―−﹘⁃➖ー", "-"),
    **dict.fromkeys("∼˜〜⁓∽", "~"),
    **dict.fromkeys("，、‚،٬", ","),
    **dict.fromkeys(";；؛", ";"),
    **dict.fromkeys("：∶ː", ":"),
    **dict.fromkeys("∕⁄⧸", "/"),
    **dict.fromkeys("【〔〚「", "["),
    **dict.fromkeys("】〕〛」", "]"),
    **dict.fromkeys("❨⁽", "("),
    **dict.fromkeys("❩⁾", ")"),
    **dict.fromkeys("‹〈⟨", "<"),
    **dict.fromkeys("›〉⟩", ">"),
    **dict.fromkeys("⁇؟", "?"),
    **dict.fromkeys("➕﬩", "+"),
    **dict.fromkeys("✕✖⨯⨉╳*", "×"),
    **dict.fromkeys("➔➙➜⟶➝➞⇒", "→"),
    **dict.fromkeys("。．․·∙•", "."),
    **dict(zip("АВЕЅІЈКМНОРСТУХҮ", "ABESIJKMHOPCTYXY", strict=True)),
    **dict(zip("авеѕіјкмнорстухԁԛһ", "aBesijkMHopcTyxdqh", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
    **dict(zip("ινορυχϲ", "ivopyxc", strict=True)),
    **dict(zip("ıɡǀ", "igl", strict=True)),
}
_SEPARATORS = frozenset("\\|¦")
_QUOTES = frozenset("\"'`´“”„‟‘’‛«»′″")
_CURLY = frozenset("{}")
_LONGEST_TOLD = 40
_LETTER_DIGIT = re.compile(
    r"(?<=[0-9])[lIO](?![a-zA-Z(])|(?<=[pq][0-9.])[lIO](?=[0-9.;)])"
    r"|(?<=[pq])[lI](?=[0-9])|(?<=[pq][0-9])[lI](?=[pq])"
    r"|(?<=[(;+-])[lI](?=[;),0-9])|(?<![A-Za-z])[lIO](?=[0-9]+[,;)])"
)
_SPACE = re.compile(r" +")
_KEEPS_SPACE = frozenset({"mos", "chi", "mosaic", "chimera", "chimaera"}) | MODIFIERS
_UNIDENTIFIED = re.compile(r"(?<![A-Za-z])(?:mar|r|min|ace)[0-9]*\Z", re.IGNORECASE)
_ORIGIN = re.compile(r"(?:d?mat|d?pat|d?inh|dn)(?![A-Za-z(])", re.IGNORECASE)
_LETTERS_BEFORE = re.compile(r"[A-Za-z]*\Z")
_NUMBER_ALONE = re.compile(r"(?:\A|[/ n>])[0-9~]+>?\Z")
_CHAIN_BEFORE = re.compile(r"(?:der|ider|rec|dic|r)\([0-9XY;?]+\)\Z")
_JOINS_WITH_COMMA = re.compile(r"[0-9)XYxyc\]]")
_OPERATION_AFTER = re.compile(rf"[+]|-(?=[0-9XY])|(?:{COMMON})\(")
_CELLS_IN_CURLY = re.compile(r"\{(?:cp)?[0-9]+\}\s*(?:/|\Z)")


class Remark(NamedTuple):
    """A replacement: half-open range in the text as typed, severity, reason."""

    start: int
    end: int
    severity: Severity
    message: str
    meant: str = ""
    """What look-alikes stand for."""


class Cleaned(NamedTuple):
    """`text` in ISCN's characters; its character i stood at `places[i]` in the text as typed.

    `places` has one more element than the text, the length of the text as typed; None: unchanged.
    """

    text: str
    places: list[int] | None
    remarks: list[Remark]

    def range_in_typed(self, start: int, end: int) -> tuple[int, int]:
        """A half-open range of `text` as a range of the text as typed."""
        if self.places is None:
            return start, end
        if start == end:
            place = self.places[start - 1] + 1 if start else self.places[0]
            return place, place
        return self.places[start], self.places[end - 1] + 1


def clean(typed: str) -> Cleaned:
    """Replace look-alikes, drop what is invisible, settle spaces; positions are kept."""
    if _PLAIN.issuperset(typed) and " " not in typed and not _LETTER_DIGIT.search(typed):
        return Cleaned(typed, None, [])
    characters: list[str] = []
    places: list[int] = []
    remarks: list[Remark] = []
    depth = 0
    for place, character in enumerate(typed):
        if character in _PLAIN:
            meant = character
        else:
            meant, severity, message = _meaning(character)
            if character in _CURLY:
                meant = _curly(characters, typed[place : place + 16], character, depth)
            alike = meant.strip() if severity is Severity.FORMAT else ""
            _remark(remarks, Remark(place, place + 1, severity, message, alike))
        depth = max(0, depth + (meant == "(") - (meant == ")"))
        for letter in meant:
            characters.append(letter)
            places.append(place)
    text, places = _settle_spaces("".join(characters), places, typed, remarks)
    text = _digits_for_letters(text, places, remarks)
    return Cleaned(text, [*places, len(typed)], remarks)


def _curly(before: list[str], ahead: str, character: str, depth: int) -> str:
    """The bracket that a curly one stands for: round behind a symbol and around bands."""
    if character == "}":
        return ")" if depth else "]"
    if _CELLS_IN_CURLY.match(ahead):
        return "["
    last = before[-1] if before else ""
    return "(" if last.islower() or (last == ")" and ahead[1:2] in ("p", "q", "?")) else "["


def _remark(remarks: list[Remark], new: Remark) -> None:
    """Neighbours of the same kind are one remark."""
    if remarks:
        last = remarks[-1]
        is_next = last.end == new.start
        if is_next and last.severity is new.severity and last.message == new.message:
            meant = last.meant + new.meant if len(last.meant) < _LONGEST_TOLD else last.meant
            remarks[-1] = last._replace(end=new.end, meant=meant)
            return
        if is_next and last.meant and new.meant:
            if len(last.meant) >= _LONGEST_TOLD:
                remarks[-1] = last._replace(end=new.end)
                return
            meant = last.meant + new.meant
            message = f"These characters only look like “{meant}”; the plain ones are written."
            remarks[-1] = Remark(last.start, new.end, new.severity, message, meant)
            return
    remarks.append(new)


@lru_cache(maxsize=4096)
def _meaning(character: str) -> tuple[str, Severity, str]:
    """What a foreign character stands for, and the sentence about it."""
    name = f"U+{ord(character):04X}"
    if character in _SEPARATORS:
        return "/", Severity.ERROR, "Cell lines are separated by a slash (/)."
    if character in _CURLY:
        return "", Severity.ERROR, "Curly brackets are not used: write ( ) or [ ]."
    if character in _QUOTES:
        return "", Severity.FORMAT, "Quotation marks do not belong to the karyotype."
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in "\t\n\r\v\f\x85":
        return " ", Severity.FORMAT, f"{name} is a blank that is no ordinary space."
    if category in ("Cf", "Cc"):
        return "", Severity.FORMAT, f"{name} is an invisible character."
    if category in ("Mn", "Me", "Mc"):
        return "", Severity.FORMAT, f"{name} is a mark on the preceding letter."
    meant = _LOOKALIKES.get(character) or _plain_form(character)
    if meant:
        message = f"{name} only looks like “{meant}”; the plain character is written."
        return meant, Severity.FORMAT, message
    return "", Severity.ERROR, f"“{character}” is not used in ISCN."


def _plain_form(character: str) -> str:
    """The plain character of a full-width, mathematical, raised or accented one; or nothing."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    decomposed = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in decomposed if unicodedata.category(part) != "Mn")
    bare = "".join(_LOOKALIKES.get(part, part) for part in bare)
    is_plain = len(bare) in (1, 2, 3) and _PLAIN.issuperset(bare) and " " not in bare
    return bare if is_plain else ""


def _digits_for_letters(text: str, places: list[int], remarks: list[Remark]) -> str:
    """The text with l, I and O as digits where they stand among digits: t(l;19), q3l, +2O."""
    parts: list[str] = []
    done = 0
    for found in _LETTER_DIGIT.finditer(text):
        at = found.start()
        digit = "0" if found[0] == "O" else "1"
        message = f"The letter {found[0]} is used where the digit {digit} is meant."
        remark = Remark(places[at], places[at] + 1, Severity.FORMAT, message)
        remarks.append(remark)
        parts += (text[done:at], digit)
        done = at + 1
    return "".join((*parts, text[done:])) if parts else text


def _settle_spaces(
    text: str, places: list[int], typed: str, remarks: list[Remark]
) -> tuple[str, list[int]]:
    """Keep the spaces that ISCN has (after mos, round or, in psu dic) and settle all others."""
    if " " not in text:
        return text, places
    parts: list[str] = []
    kept: list[int] = []
    done = 0
    for run in _SPACE.finditer(text):
        start, end = run.span()
        parts.append(text[done:start])
        kept += places[done:start]
        done = end
        meant = _space_meaning(text, start, end)
        if meant:
            parts.append(meant)
            kept.append(places[start])
        wrong = start + 1 if meant == " " else start
        if wrong < end and typed[places[wrong]] == " ":
            message = (
                "A comma is missing; there is a space instead."
                if meant == ","
                else "There is no space here in ISCN."
            )
            _remark(remarks, Remark(places[wrong], places[end - 1] + 1, Severity.FORMAT, message))
    parts.append(text[done:])
    kept += places[done:]
    return "".join(parts), kept


def _space_meaning(text: str, start: int, end: int) -> str:
    """What a run of spaces stands for: a space that ISCN has, a comma left out, or nothing."""
    if start == 0 or end == len(text):
        return ""
    before = _LETTERS_BEFORE.search(text, max(0, start - 9), start)
    word = before.group().lower() if before else ""
    if word in _KEEPS_SPACE and text[end].isalnum():
        return " "
    if word == "dic" and text.startswith("r(", end):
        return " "
    if _UNIDENTIFIED.search(text, max(0, start - 9), start) and _ORIGIN.match(text, end):
        return " "
    if text[end : end + 3].lower() == "or " or (word == "or" and text[start - 3] == " "):
        return " "
    previous, following = text[start - 1], text[end : end + 5]
    if following[:1] in "XYxyU" and _NUMBER_ALONE.search(text, max(0, start - 6), start):
        return ","
    if _JOINS_WITH_COMMA.match(previous) and _OPERATION_AFTER.match(following):
        return "" if _CHAIN_BEFORE.search(text, max(0, start - 14), start) else ","
    return ""
