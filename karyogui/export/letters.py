"""What a report cannot print, named before it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import astuple

from karyogui.domain.case import Case
from karyogui.domain.cell import Cell

MOST = 20
"""Letters that the sentence names; of more it says how many there are."""


def letters_sentence(case: Case[Cell], cell_ids: Collection[int]) -> str:
    """Which letters of a case and these cells of it cannot be printed; empty for none.

    What the program itself writes can always be printed.
    """
    cells = [cell for cell in case.cells if cell.id in cell_ids or cell.is_excluded]
    return letters_missing_in(
        [case.name, *astuple(case.details), *(t for c in cells for t in _texts(c))]
    )


def letters_missing_in(texts: list[str]) -> str:
    """The sentence about these texts; empty where every letter can be printed."""
    from karyogui.export.fonts import unprintable

    letters = unprintable(texts)
    if not letters:
        return ""
    shown = " ".join(letters[:MOST])
    more = f" and {len(letters) - MOST} more" if len(letters) > MOST else ""
    ones = "this letter" if len(letters) == 1 else "these letters"
    return f"The report cannot print {ones} rightly: {shown}{more}."


def _texts(cell: Cell) -> Iterator[str]:
    """What a report says of a cell that comes from outside."""
    yield cell.name
    yield cell.slide
    yield cell.reviewed_by
    yield from (picture.name for picture in cell.pictures)
    for edit in cell.edits:
        yield edit.who
        yield edit.change.text
    if cell.exclusion is not None:
        yield cell.exclusion.reason
