"""The letters of everything printed, with fonts of `assets/fonts`, the same on every computer.

The fonts built into PDF know Latin-1 only, so names such as Łukasz Őry would lose letters. DejaVu
Sans knows the alphabets of Europe, Arabic and Hebrew; Thai and Devanagari have faces of their own.
Those of East Asia take megabytes: they are looked for among the fonts of the computer.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from karyogui.paths import FONTS

REGULAR = "KaryoSans"
BOLD = "KaryoSans-Bold"
"""The names under which reportlab knows the two faces, after `register`."""

FILES = {REGULAR: FONTS / "DejaVuSans.ttf", BOLD: FONTS / "DejaVuSans-Bold.ttf"}

EAST_ASIAN = (
    *("DroidSansFallbackFull.ttf", "wqy-microhei.ttc", "NanumGothic.ttf", "UnDotum.ttf"),
    *("ipag.ttf", "msyh.ttc", "msjh.ttc", "msgothic.ttc", "malgun.ttf", "simsun.ttc"),
    *("Arial Unicode.ttf", "AppleGothic.ttf", "STHeiti Light.ttc"),
)
"""Files that bring letters of China, Japan or Korea, and with outlines that can be embedded."""

_SUBSTITUTES = {"→": "to", "–": "-", "−": "-", "…": "...", "’": "'", "ß": "ss", "ł": "l", "Ł": "L"}
"""What has no decomposition in Unicode and may still be missing from a face."""
_FIRST_OF_EAST_ASIA = 0x1100
JOINERS = "\u200c\u200d"
"""Without ink, but they decide whether letters beside them are joined."""
_HANGUL = frozenset(map(chr, range(0xAC00, 0xD7A4)))
_PRIVATE = range(0xE000, 0xF900)


@dataclass(frozen=True)
class Face:
    """A face beside the two of DejaVu: `is_shaped` where letters change their form and place."""

    name: str
    path: Path
    is_shaped: bool
    known: frozenset[int] = field(repr=False, compare=False)


@cache
def code_points() -> frozenset[int]:
    """What both faces have a glyph for."""
    regular, bold = (TTFont(name, file).face.charToGlyph.keys() for name, file in FILES.items())
    return frozenset(regular & bold)


@cache
def bundled_faces() -> tuple[Face, ...]:
    """Faces that come with the program, known to reportlab."""
    return tuple(
        _registered(f"Karyo{script}", FONTS / f"NotoSans{script}-Regular.ttf", is_shaped=True)
        for script in ("Thai", "Devanagari")
    )


@cache
def east_asian_faces() -> tuple[Face, ...]:
    """Faces of the computer with letters of East Asia; none on many."""
    found: dict[str, Path] = {}
    for folder in _font_folders():
        for place, _, names in os.walk(folder):
            found = {name: Path(place) / name for name in names if name in EAST_ASIAN} | found
    faces = []
    for name in EAST_ASIAN:
        if name in found:
            try:
                faces.append(_registered(f"Karyo-{found[name].stem}", found[name], False))
            except (TTFError, OSError):  # of a kind that cannot be embedded, or damaged
                continue
    return tuple(faces)


def _registered(name: str, path: Path, is_shaped: bool) -> Face:
    font = TTFont(name, path, shapable=is_shaped)
    pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(name, normal=name, bold=name, italic=name, boldItalic=name)
    known = frozenset(font.face.charToGlyph) - frozenset(_PRIVATE)
    return Face(name, path, is_shaped, known)


def _font_folders() -> Iterator[Path]:
    if sys.platform == "win32":
        yield Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    elif sys.platform == "darwin":
        yield from (Path("/System/Library/Fonts"), Path("/Library/Fonts"))
        yield Path.home() / "Library/Fonts"
    else:
        yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
        yield Path.home() / ".local/share/fonts"


@lru_cache(maxsize=4096)
def face_of(character: str) -> Face | None:
    """The face beside DejaVu that a character is printed with; None where DejaVu has it or none."""
    code = ord(character)
    if code in code_points():
        return None
    others = bundled_faces()
    if code >= _FIRST_OF_EAST_ASIA:
        others += east_asian_faces()
    return next((face for face in others if code in face.known), None)


def runs(text: str) -> list[tuple[Face | None, str]]:
    """A printable text in pieces of one face each; None stands for DejaVu.

    What goes with the letter before it (marks, joiners, a blank) stays in its face.
    """
    pieces: list[tuple[Face | None, str]] = []
    for character in text:
        face = face_of(character)
        last = pieces[-1][0] if pieces else None
        goes_along = character == " " or unicodedata.category(character) in ("Mn", "Cf")
        if goes_along and last is not None and last.is_shaped and ord(character) in last.known:
            face = last
        if pieces and last is face:
            pieces[-1] = (face, pieces[-1][1] + character)
        else:
            pieces.append((face, character))
    return pieces


def register() -> None:
    """Make the family known to reportlab as `REGULAR` and `BOLD`, so that <b> works too."""
    if REGULAR in pdfmetrics.getRegisteredFontNames():
        return
    for name, file in FILES.items():
        pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )


@lru_cache(maxsize=32)
def pillow_font(
    pixels: int, bold: bool = False, face: Face | None = None
) -> ImageFont.FreeTypeFont:
    """The same family for drawing with Pillow, or another face, `pixels` high."""
    path = FILES[BOLD if bold else REGULAR] if face is None else face.path
    # Where letters are in their order already, nothing may put them in order once more.
    engine = None if face is not None and face.is_shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, pixels, layout_engine=engine)


def printable(text: str, known: frozenset[int] | None = None) -> str:
    """`text` with what cannot be printed replaced: by a plain letter, else by a question mark.

    Line breaks and no-break spaces stay, other blanks and control characters become spaces.
    `known` holds the code points that have a glyph; by default those of all faces there are.
    """
    joins = any(c in JOINERS for c in text) and any(_is_joined(c) for c in text)
    return "".join(
        c if joins and c in JOINERS else _printable_character(c, known)
        for c in unicodedata.normalize("NFC", text)
    )


def _is_joined(character: str) -> bool:
    """Whether a letter takes other forms beside others: Arabic and the like, scripts of India."""
    return unicodedata.bidirectional(character) == "AL" or "\u0900" <= character <= "\u0dff"


def _has_glyph(character: str, known: frozenset[int] | None) -> bool:
    if known is not None:
        return ord(character) in known
    return ord(character) in code_points() or face_of(character) is not None


def _printable_character(character: str, known: frozenset[int] | None) -> str:
    if character == "\n" or (character == "\N{NO-BREAK SPACE}" and _has_glyph(character, known)):
        return character
    if unicodedata.category(character) in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if unicodedata.category(character) == "Cf":
        return ""  # joiners and direction marks have no ink
    if _has_glyph(character, known):
        return character
    if unicodedata.category(character) == "Mn":
        return ""
    if character in _HANGUL:
        return "?"  # its parts alone are no plain letter for it
    plain = _SUBSTITUTES.get(character) or "".join(
        c for c in unicodedata.normalize("NFKD", character) if _has_glyph(c, known)
    )
    return plain or "?"


def unprintable(texts: Iterable[str]) -> tuple[str, ...]:
    """The letters that are not printed rightly, each once, in their order.

    They have no glyph and no plain letter to stand for them.
    """
    letters = dict.fromkeys(c for text in texts for c in unicodedata.normalize("NFC", text))
    return tuple(c for c in letters if not _is_printed(c))


def _is_printed(character: str) -> bool:
    if unicodedata.category(character) == "Mn" and not _has_glyph(character, None):
        return False
    return character == "?" or _printable_character(character, None) != "?"
