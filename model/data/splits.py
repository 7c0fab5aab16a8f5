"""Splits by case: two cells of one case are the same person, so they never part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from model.data.cells import LabelledCell
from model.errors import ModelError

FOLDS: int = 5


def fold_of(case: str) -> int:
    """Fold 0 … 4 of a case, from its name alone: the same on every computer and for ever."""
    return int(hashlib.sha256(case.encode()).hexdigest()[:8], 16) % FOLDS


def split(
    cells: Sequence[LabelledCell], held_out: int | None
) -> tuple[tuple[LabelledCell, ...], tuple[LabelledCell, ...]]:
    """Training cells and held-out cells; `held_out` None trains on everything."""
    kept = tuple(c for c in cells if held_out is None or fold_of(c.case) != held_out)
    apart = tuple(c for c in cells if held_out is not None and fold_of(c.case) == held_out)
    if not kept:
        raise ModelError("No case is left to train on.", "Give an archive with more cases.")
    return kept, apart
