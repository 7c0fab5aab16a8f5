"""What is wrong with an archive, reported before the hours of training instead of after them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.data.cells import Archive, LabelledCell
from model.data.dataset import Sample
from model.scale import REFERENCE_LOG_SIZE
from model.vocabulary.archive import FOLDS, fold_of
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig

ODD_SIZE = 1.3
"""Factor between a chromosome's length scale (√area) and the rest of its cell's from which it was
hardly photographed at the same scale. In 80 cells of the training archive one chromosome of 3,700
was beyond it."""
ODD_SHARE, ODD_COUNT = 0.1, 3
"""So many of a cell, and at least so many, make a cell of mixed scales."""
CELL_SPREAD = 1.6
"""Factor between cells' scales from which a preset without a scale per cell gets a warning."""


def check_archive(archive: Archive, name: str, held_out: int | None, allow_missing: bool) -> None:
    """ModelError when nothing could be learnt, or not what is asked for."""
    if not archive.cells:
        raise ModelError(f"No cell of {name} can be used.", *archive.problems[:1])
    cases = {cell.case for cell in archive.cells}
    if held_out is not None:
        _check_fold(cases, name, held_out)
    learnt = [c for c in archive.cells if held_out is None or fold_of(c.case) != held_out]
    present = {kind for cell in learnt for kind in cell.types}
    missing = [label for kind, label in enumerate(TYPES) if kind not in present]
    if missing and not allow_missing:
        raise ModelError(
            f"{name} holds no chromosome {_listed(missing)} to learn from"
            f"{'' if held_out is None else f' (without fold {held_out})'}.",
            "Add cells that have them; a network trained without (--allow-missing-types) will "
            "take them for others.",
        )


def _check_fold(cases: set[str], name: str, held_out: int) -> None:
    if len(cases) == 1:
        raise ModelError(
            f"{name} holds one case only, so none can be held out for the test.",
            "Add cells of other cases, or train on everything (--hold-out -1).",
        )
    folds = {fold_of(case) for case in cases}
    if held_out not in folds:
        raise ModelError(
            f"None of the {len(cases)} cases of {name} falls into fold {held_out}, so none would "
            "be held out.",
            f"Hold out fold {_listed([str(f) for f in sorted(folds)], 'or')}, or train on "
            "everything (--hold-out -1).",
        )
    if len(folds) == 1:
        raise ModelError(
            f"All {len(cases)} cases of {name} fall into fold {held_out}: none is left to learn "
            "from.",
            f"Hold out another of the {FOLDS} folds, or train on everything (--hold-out -1).",
        )


def suspicions(
    cells: Sequence[LabelledCell], samples: Sequence[Sample], config: NetworkConfig
) -> list[str]:
    """Sentences about scales; `samples` are those of the cells, in their order.

    Cells of different scales are normal where every cell is brought to one scale; pictures of
    different scales within a cell never are, because a chromosome is recognised by its size
    among the others.
    """
    told: list[str] = []
    scales: list[float] = []
    start = 0
    for cell in cells:
        members = samples[start : start + len(cell.types)]
        start += len(cell.types)
        deviations = np.array(
            [
                0.5 * np.log(max(1, int(s.cut_out.mask.sum()))) - REFERENCE_LOG_SIZE[s.type]
                for s in members
            ]
        )
        middle = float(np.median(deviations))
        scales.append(middle)
        odd = int((np.abs(deviations - middle) > np.log(ODD_SIZE)).sum())
        if odd >= max(ODD_COUNT, ODD_SHARE * len(members)):
            told.append(
                f"{cell.case}/{cell.name}: {odd} of {len(members)} chromosomes do not have the "
                "scale of the others."
            )
    factor = float(np.exp(max(scales) - min(scales))) if scales else 1.0
    if not config.scale_per_cell and factor > CELL_SPREAD:
        told.append(
            f"The scales of the cells differ by up to a factor of {factor:.1f}, and the preset "
            f"{config.preset} takes pictures as they are."
        )
    return told


def _listed(words: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end
