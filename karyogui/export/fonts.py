"""The letters of everything printed: one TrueType family that knows the alphabets of Europe.

The fonts built into PDF know Latin-1 only, so names such as Łukasz Őry would lose letters. A family
installed with the system is embedded as a subset; where none is found, Vera, which comes with
reportlab, is the last resort, and letters that it lacks are printed without their accents.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import reportlab
from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

REGULAR = "KaryoSans"
BOLD = "KaryoSans-Bold"
"""The names under which reportlab knows the two faces, after `register`."""

_FAMILIES: tuple[tuple[str, str], ...] = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("FreeSans.ttf", "FreeSansBold.ttf"),
)
"""Regular and bold, best coverage first; file names are compared without regard to case."""

_PROBE = "ÅßČčŁłŐőŞşŽž"
"""Letters that a family must know to be chosen."""

_SUBSTITUTES = {"→": "to", "–": "-", "−": "-", "…": "...", "’": "'", "ß": "ss", "ł": "l", "Ł": "L"}
"""What has no decomposition in Unicode and may still be missing from a face."""


@dataclass(frozen=True)
class Typeface:
    """A family: two font files and the code points that both know."""

    regular: Path
    bold: Path
    code_points: frozenset[int]


@lru_cache(maxsize=1)
def typeface() -> Typeface:
    """The family everything is printed with, looked for once."""
    return choose_typeface(_font_folders())


def choose_typeface(folders: Iterator[Path] | tuple[Path, ...]) -> Typeface:
    """The best family found in `folders` and below, or the bundled Vera."""
    files: dict[str, Path] = {}
    for folder in folders:
        for where, _, names in os.walk(folder):
            for name in names:
                files.setdefault(name.lower(), Path(where) / name)
    for regular, bold in _FAMILIES:
        pair = files.get(regular.lower()), files.get(bold.lower())
        found = _load(pair[0], pair[1]) if pair[0] and pair[1] else None
        if found and found.code_points.issuperset(map(ord, _PROBE)):
            return found
    bundled = Path(reportlab.__file__).parent / "fonts"
    last = _load(bundled / "Vera.ttf", bundled / "VeraBd.ttf")
    if last is None:
        raise RuntimeError("reportlab came without its Vera fonts")
    return last


def register() -> None:
    """Make the family known to reportlab as `REGULAR` and `BOLD`, so that <b> works too."""
    if REGULAR in pdfmetrics.getRegisteredFontNames():
        return
    family = typeface()
    pdfmetrics.registerFont(TTFont(BOLD, str(family.bold)))
    pdfmetrics.registerFont(TTFont(REGULAR, str(family.regular)))
    pdfmetrics.registerFontFamily(
        REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD
    )


@lru_cache(maxsize=32)
def pillow_font(pixels: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The same family for drawing with Pillow, `pixels` high."""
    family = typeface()
    return ImageFont.truetype(str(family.bold if bold else family.regular), pixels)


def printable(text: str, known: frozenset[int] | None = None) -> str:
    """`text` with what cannot be printed replaced: by a plain letter, else by a question mark.

    Line breaks and no-break spaces stay, other blanks and control characters become spaces.
    `known` holds the code points that have a glyph; by default those of the family in use.
    """
    known = typeface().code_points if known is None else known
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


def _load(regular: Path, bold: Path) -> Typeface | None:
    """Both faces read whole, or None: a broken font file must not spoil a report."""
    try:
        maps = [TTFont("probe", str(path)).face.charToGlyph for path in (regular, bold)]
    except (TTFError, OSError):
        return None
    return Typeface(regular, bold, frozenset(maps[0].keys() & maps[1].keys()))


def _font_folders() -> Iterator[Path]:
    """The usual places of fonts on Linux, macOS and Windows; those that exist."""
    home = Path.home()
    candidates = [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".local/share/fonts",
        home / ".fonts",
        Path("/System/Library/Fonts/Supplemental"),
        Path("/Library/Fonts"),
        home / "Library/Fonts",
    ]
    if windows := os.environ.get("WINDIR"):
        candidates.append(Path(windows) / "Fonts")
    if local := os.environ.get("LOCALAPPDATA"):
        candidates.append(Path(local) / "Microsoft/Windows/Fonts")
    return (folder for folder in candidates if folder.is_dir())
