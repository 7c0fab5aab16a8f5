"""Texts of any script as paragraphs: written from the right, joined, stacked, in further faces."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Paragraph

from karyogui.export.fonts import JOINERS, runs

_FROM_THE_RIGHT = ("R", "AL")
_FROM_THE_LEFT, _END = "\u2066", "\u2069"
"""Round what is read from the left within a text that is read from the right."""
_KARYOTYPE = re.compile(r"\d[!-~]*[A-Za-z][!-~]*")
_BRACKET = re.compile(r"[][(){}<>«»]")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_AFTER = "\u034f"
"""A mark without ink behind a bracket: where it comes to stand before it, that is mirrored."""
_MARKED = re.compile(f"({_BRACKET.pattern}){_AFTER}|{_AFTER}({_BRACKET.pattern})")


def is_from_the_right(text: str) -> bool:
    """Whether any letter belongs to a script that is written from the right."""
    return any(unicodedata.bidirectional(character) in _FROM_THE_RIGHT for character in text)


def visual(text: str) -> str:
    """One line as it stands on paper from the left: Arabic letters joined, all in their order."""
    if not is_from_the_right(text):
        return text
    from bidi import get_display

    text = _KARYOTYPE.sub(lambda found: _kept(found[0]), _reshaper().reshape(text))
    shown = str(get_display(_BRACKET.sub(rf"\g<0>{_AFTER}", text)))
    shown = _MARKED.sub(lambda found: found[1] or found[2].translate(_MIRRORED), shown)
    return shown.translate(dict.fromkeys(map(ord, JOINERS + _FROM_THE_LEFT + _END)))


def _kept(token: str) -> str:
    """A karyotype as it is read, from the left; a bracket that was opened before it is not its."""
    own = token.rstrip(".,;:")
    while own.endswith(")") and own.count(")") > own.count("("):
        own = own[:-1]
    return f"{_FROM_THE_LEFT}{own}{_END}{token[len(own) :]}"


@cache
def _reshaper() -> Any:  # noqa: ANN401 - a library without types
    from arabic_reshaper import ArabicReshaper

    # DejaVu has no glyph for the whole word of it.
    return ArabicReshaper(configuration={"ARABIC LIGATURE ALLAH": False, "delete_harakat": False})


def set_text(text: str, style: ParagraphStyle, label: str = "") -> Paragraph:
    """A printable text as a paragraph, after a bold label; line breaks stay, nothing is mark-up."""
    if is_from_the_right(text):
        return _FromTheRight(label, text, style)
    shaped = next((face for face, _ in runs(text) if face is not None and face.is_shaped), None)
    if shaped is not None:
        # Letters are only placed where the face of the whole paragraph is one that asks for it.
        style = ParagraphStyle(style.name, parent=style, fontName=shaped.name, shaping=1)
    return Paragraph(_markup(label, text, style), style)


def _markup(label: str, text: str, style: ParagraphStyle) -> str:
    plain = style.parent.fontName if style.shaping else style.fontName
    head = f"<b>{_in_faces(label, plain, bool(style.shaping))}</b> " if label else ""
    return head + _in_faces(text, plain, bool(style.shaping)).replace("\n", "<br/>")


def _in_faces(text: str, plain: str, is_shaped: bool) -> str:
    """Each piece in the face that has its letters; in a shaped paragraph the plain one too."""
    return "".join(
        piece
        if face is None and not is_shaped
        else f'<font name="{face.name if face else plain}">{piece}</font>'
        for face, piece in ((face, escape(piece)) for face, piece in runs(text))
    )


class _FromTheRight(Paragraph):  # type: ignore[misc]
    """A paragraph whose lines are broken before their letters are put in order.

    Otherwise the first line of a long text would hold its end.
    """

    def __init__(self, label: str, text: str, style: ParagraphStyle) -> None:
        self._said, self._look = (label, text), style
        super().__init__(_markup(label, visual(text), style), style)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self._set_for(width)
        size: tuple[float, float] = super().wrap(width, height)
        return size

    def split(self, width: float, height: float) -> list[Flowable]:
        label, lines = self._lines(width)
        plain = Paragraph(_markup(label, lines, self._look), self._look)
        plain.wrap(width, height)
        parts: list[Flowable] = plain.split(width, height)
        return parts

    def _set_for(self, width: float) -> None:
        label, lines = self._lines(width)
        super().__init__(_markup(label, lines, self._look), self._look)

    def _lines(self, width: float) -> tuple[str, str]:
        """The label, and the lines in the order of letters on paper."""
        label, text = self._said
        room = width - stringWidth(f"{label} ", self._look.fontName, self._look.fontSize) * 1.1
        lines = []
        for part in text.split("\n"):
            line = ""
            for word in part.split(" "):
                joined = f"{line} {word}" if line else word
                if line and self._width(joined) > room:
                    lines.append(line)
                    joined, room = word, width
                line = joined
            lines.append(line)
            room = width
        return label, "\n".join(visual(line) for line in lines)

    def _width(self, text: str) -> float:
        size = self._look.fontSize
        return sum(
            float(stringWidth(piece, face.name if face else self._look.fontName, size))
            for face, piece in runs(visual(text))
        )
