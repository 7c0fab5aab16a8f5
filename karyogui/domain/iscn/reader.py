"""What is shared while one text is read."""

from __future__ import annotations

from typing import NamedTuple

from karyogui.domain.iscn.findings import Findings
from karyogui.domain.iscn.syntax import Change


class Mention(NamedTuple):
    """A change that was named without its breakpoints; a full form has to stand before it."""

    start: int
    end: int
    key: str
    symbol: str
    chromosomes: tuple[str, ...]


class Reader:
    """What is shared while one text is read: the text, what was found, what was written in full."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.notes = Findings()
        self.full: dict[str, tuple[int, str]] = {}
        """Change without breakpoints → where it was first given in full, and its bands' bracket."""
        self.mentions: list[Mention] = []
        self.sound: dict[str, Change] = {}
        """Items in which nothing was found, by their text: in a long string they come again."""
