"""How many of a thing, several things and sentences, in words."""

from __future__ import annotations

from collections.abc import Sequence

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def amount(count: int, noun: str, several: str = "") -> str:
    """`1 cell`, `3 cells`; `several` is for a plural that is more than an s."""
    return f"{count} {noun if count == 1 else several or f'{noun}s'}"


def cell_named(name: str) -> str:
    """`cell 7` for a cell called 7, and `cell-7` for one called so."""
    return name if name.casefold().startswith("cell") else f"cell {name}"


def number_word(count: int) -> str:
    """A count as a word up to ten, in figures beyond."""
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def sentence(text: str) -> str:
    """The text with a capital, and the rest of it as it is."""
    return text[:1].upper() + text[1:]


def listed(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end
