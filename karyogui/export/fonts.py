"""The letters of everything printed: DejaVu Sans of `assets/fonts`, the same on every computer.

The fonts built into PDF know Latin-1 only, so names such as Łukasz Őry would lose letters. DejaVu
knows the alphabets of Europe and is embedded as a subset.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from karyogui.paths import FONTS

REGULAR = "KaryoSans"
BOLD = "KaryoSans-Bold"
"""The names under which reportlab knows the two faces, after `register`."""

FILES = {REGULAR: FONTS / "DejaVuSans.ttf", BOLD: FONTS / "DejaVuSans-Bold.ttf"}

_SUBSTITUTES = {"→": "to", "–": "-", "−": "-", "…": "...", "’": "'", "ß": "ss", "ł": "l", "Ł": "L"}
"""What has no decomposition in Unicode and may still be missing from a face."""


@cache
def code_points() -> frozenset[int]:
    """What both faces have a glyph for."""
    regular, bold = (TTFont(name, file).face.charToGlyph.keys() for name, file in FILES.items())
    return frozenset(regular & bold)


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
def pillow_font(pixels: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The same family for drawing with Pillow, `pixels` high."""
    return ImageFont.truetype(FILES[BOLD if bold else REGULAR], pixels)


def printable(text: str, known: frozenset[int] | None = None) -> str:
    """`text` with what cannot be printed replaced: by a plain letter, else by a question mark.

    Line breaks and no-break spaces stay, other blanks and control characters become spaces.
    `known` holds the code points that have a glyph; by default those of DejaVu Sans.
    """
    known = code_points() if known is None else known
    return "".join(_printable_character(c, known) for c in unicodedata.normalize("NFC", text))


def _printable_character(character: str, known: frozenset[int]) -> str:
    if character == "\n" or (character == "\N{NO-BREAK SPACE}" and ord(character) in known):
        return character
    if unicodedata.category(character) in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    if unicodedata.category(character) == "Cf":
        return ""  # joiners and direction marks have no ink
    if ord(character) in known:
        return character
    if unicodedata.category(character) == "Mn":
        return ""
    plain = _SUBSTITUTES.get(character) or "".join(
        c for c in unicodedata.normalize("NFKD", character) if ord(c) in known
    )
    return plain or "?"


def unprintable(texts: Iterable[str], known: frozenset[int] | None = None) -> tuple[str, ...]:
    """The letters that are not printed rightly, each once, in their order.

    They have no glyph and no plain letter to stand for them, or are written from the right, which
    is not done.
    """
    known = code_points() if known is None else known
    letters = dict.fromkeys(c for text in texts for c in unicodedata.normalize("NFC", text))
    return tuple(c for c in letters if not _is_printed(c, known))


def _is_printed(character: str, known: frozenset[int]) -> bool:
    if unicodedata.bidirectional(character) in ("R", "AL"):
        return False
    if unicodedata.category(character) == "Mn" and ord(character) not in known:
        return False
    return character == "?" or _printable_character(character, known) != "?"
