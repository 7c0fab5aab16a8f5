"""The same picture twice: in one cell, in a case, or in another case of the data folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from karyogui.domain.amounts import cell_named
from karyogui.storage.cases import CellPlace, NewCell


class Within(Enum):
    """How near to each other the two are."""

    CELL = auto()
    CASE = auto()
    LIBRARY = auto()


@dataclass(frozen=True)
class Repeat:
    """A picture of a cell that is about to come in, and where the same one is already.

    `is_saved_anew` where the file is another one that looks the same.
    """

    picture: str
    cell: str
    first: CellPlace
    within: Within
    is_saved_anew: bool = False

    def __str__(self) -> str:
        """Both in one sentence."""
        first = self.first
        called = "" if first.picture == self.picture else f" as {first.picture}"
        if self.within is Within.CELL and not self.is_saved_anew:
            return f"{self.cell}: {self.picture} is in this cell already{called}."
        slide = f" of slide {first.slide}" if first.slide else ""
        where = f"in {cell_named(first.cell)}{slide}"
        if self.within is Within.LIBRARY:
            where += f" of case {first.case}{' in the bin' if first.in_bin else ''}"
        if self.is_saved_anew:
            where = "in this cell" if self.within is Within.CELL else where
            return f"{self.cell}: {self.picture} looks the same as {first.picture} {where}."
        return f"{self.cell}: {self.picture} is {where} already{called}."


Choose = Callable[[Sequence[Repeat]], bool]
"""Asked whether pictures that are there already come in all the same."""


def keep_all(repeats: Sequence[Repeat]) -> bool:
    """Let all come in."""
    return True


def without_repeats(
    cells: Sequence[NewCell],
    known: Mapping[str, CellPlace],
    case_id: int | None = None,
    alike: Mapping[str, str] | None = None,
) -> tuple[list[NewCell], list[Repeat]]:
    """The cells without pictures that are there already, and those.

    There are the `known` ones, by sha256, and those that come before them. `case_id` is the case
    that all cells come into, None where each has its own. `alike` says by sha256 which other
    picture, that comes before it, one looks like: it is the same saved in another way. A cell
    without another picture is left out.
    """
    seen: dict[str, tuple[CellPlace, object]] = {
        digest: (place, place.case_id) for digest, place in known.items()
    }
    kept, repeats = [], []
    for cell in cells:
        case = cell.case_key if case_id is None else case_id
        here, own = set(), []
        for picture in cell.pictures:
            digest = picture.sha256
            if digest not in seen and alike:
                digest = alike.get(digest, digest)
            if digest not in seen:
                place = CellPlace(0, cell.case_name, cell.slide, cell.name, picture.name)
                seen[digest] = place, case
                here.add(digest)
                own.append(picture)
                continue
            first, of = seen[digest]
            within = Within.CASE if of == case else Within.LIBRARY
            within = Within.CELL if digest in here else within
            anew = digest != picture.sha256
            repeats.append(Repeat(picture.name, cell.name, first, within, anew))
        if own:
            kept.append(replace(cell, pictures=tuple(own)))
    return kept, repeats
