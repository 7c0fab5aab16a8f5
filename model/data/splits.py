"""Splits by case: two cells of one case are the same person, so they never part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from model.data.cells import LabelledCell
from model.vocabulary.archive import fold_of
from model.vocabulary.errors import ModelError

T = TypeVar("T")


def split(
    cells: Sequence[LabelledCell], held_out: int | None
) -> tuple[tuple[LabelledCell, ...], tuple[LabelledCell, ...]]:
    """Training cells and held-out cells; `held_out` None trains on everything."""
    kept = tuple(c for c in cells if held_out is None or fold_of(c.case) != held_out)
    apart = tuple(c for c in cells if held_out is not None and fold_of(c.case) == held_out)
    if not kept:
        raise ModelError("No case is left to train on.", "Give an archive with more cases.")
    return kept, apart


def split_names(
    names: Sequence[str], case_of: Callable[[str], str], held_out: int | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names to learn from and names held out; `held_out` None holds out nothing."""
    apart = tuple(n for n in names if held_out is not None and fold_of(case_of(n)) == held_out)
    held = set(apart)
    return tuple(n for n in names if n not in held), apart


def thinned(cells: Sequence[LabelledCell], share: float) -> tuple[LabelledCell, ...]:
    """That share (0 … 1) of the cells, spread evenly; ModelError where it is no share of any."""
    if not 0 < share <= 1:
        raise ModelError(f"A share of {share:g} cannot be trained on.", "Give 0 … 1, without 0.")
    count = max(1, round(share * len(cells)))
    return tuple(spread_evenly(cells, count))


def spread_evenly(items: Sequence[T], count: int) -> list[T]:
    """So many of the items, from the first on; all where they are fewer."""
    count = min(count, len(items))
    return [items[i * len(items) // count] for i in range(count)]
