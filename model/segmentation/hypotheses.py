"""Which atoms of a clump make one chromosome: every chain of atoms is a hypothesis, the best win.

A hypothesis is judged by what can be measured on it (length, width, ends, bend, the cuts around
and inside it). Among all hypotheses of a clump an integer programme takes those that explain every
atom once with the highest total; the atom in the middle of a crossing may be taken twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from model.segmentation.atoms import Atoms, Cut
from model.segmentation.base import GreyImage, Mask
from model.segmentation.shape import shape_of

Array = NDArray[np.float64]

MOST_ATOMS: int = 6
"""Atoms in one hypothesis."""
MOST_AREA: float = 16.0
"""Square widths of the largest hypothesis."""
MOST_CORE: float = 2.4
"""Square widths up to which an atom can be the middle of a crossing."""
MOST_HYPOTHESES: int = 500


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """Some atoms of a clump taken as one chromosome.

    `mask` (h, w) of the whole clump's size, `values` as named in `VALUES`.
    """

    atoms: frozenset[int]
    mask: Mask
    values: Array


VALUES: tuple[str, ...] = (
    "log area",
    "log length",
    "log relative area",
    "ribbon",
    "radius",
    "ends",
    "bend",
    "turning",
    "fill",
    "outer cuts",
    "outer length",
    "outer notches",
    "outer paleness",
    "inner cuts",
    "inner strength",
    "inner paleness",
    "inner notches",
    "shared",
    "core depth",
    "alone",
    "depth",
    "spread",
)


def hypotheses_of(
    atoms: Atoms, grey: GreyImage, width: float, typical: float
) -> tuple[Hypothesis, ...]:
    """All hypotheses of a clump; `typical` is the area of a common single chromosome in pixels."""
    areas = np.bincount(atoms.labels.ravel(), minlength=atoms.count + 1)
    found = []
    for chosen in _chains(atoms, areas, MOST_AREA * width * width):
        mask = np.isin(atoms.labels, list(chosen))
        found.append(
            Hypothesis(chosen, mask, _values(chosen, mask, atoms, areas, grey, width, typical))
        )
    return tuple(found)


def cores(atoms: Atoms, width: float) -> frozenset[int]:
    """Atoms that may be the middle of a crossing: small, with at least three neighbours."""
    areas = np.bincount(atoms.labels.ravel(), minlength=atoms.count + 1)
    beside = _neighbours(atoms)
    return frozenset(
        a for a, n in beside.items() if len(n) >= 3 and areas[a] <= MOST_CORE * width * width
    )


def choose(
    atoms: Atoms, hypotheses: Sequence[Hypothesis], gains: Array, shareable: frozenset[int]
) -> tuple[int, ...]:
    """Indices of the hypotheses that cover every atom with the highest sum of gains."""
    rows, columns = [], []
    for at, hypothesis in enumerate(hypotheses):
        rows += [a - 1 for a in hypothesis.atoms]
        columns += [at] * len(hypothesis.atoms)
    shape = (atoms.count, len(hypotheses))
    cover = csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    most = np.array([2.0 if a + 1 in shareable else 1.0 for a in range(atoms.count)])
    result = milp(
        -gains,
        constraints=LinearConstraint(cover, np.ones(atoms.count), most),
        integrality=np.ones(len(hypotheses)),
        bounds=Bounds(0, 1),
        options={"time_limit": 2.0},
    )
    if result.x is None:  # cannot be: the atoms one by one always cover
        return tuple(i for i, h in enumerate(hypotheses) if len(h.atoms) == 1)
    return tuple(np.flatnonzero(result.x > 0.5).tolist())


def _neighbours(atoms: Atoms) -> dict[int, set[int]]:
    beside: dict[int, set[int]] = {a: set() for a in range(1, atoms.count + 1)}
    for _, a, b in atoms.cuts:
        beside[a].add(b)
        beside[b].add(a)
    return beside


def _chains(atoms: Atoms, areas: NDArray[np.intp], most_area: float) -> Iterator[frozenset[int]]:
    """All chains of atoms up to a size, every set once, short ones first; and everything."""
    beside = _neighbours(atoms)
    ends: list[tuple[int, ...]] = [(a,) for a in beside]
    seen: set[frozenset[int]] = set()
    everything = frozenset(beside)
    while ends and len(seen) < MOST_HYPOTHESES:
        longer = []
        for chain in ends:
            key = frozenset(chain)
            if key not in seen:
                seen.add(key)
                yield key
            if len(chain) < MOST_ATOMS:
                longer += [
                    (*chain, n)
                    for n in beside[chain[-1]]
                    if n not in key and areas[[*chain, n]].sum() <= most_area
                ]
        ends = longer
    if everything not in seen:
        yield everything


def _values(
    chosen: frozenset[int],
    mask: Mask,
    atoms: Atoms,
    areas: NDArray[np.intp],
    grey: GreyImage,
    width: float,
    typical: float,
) -> Array:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    tight = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    shape = shape_of(mask[tight], width)
    dark = 255 - grey[tight][mask[tight]].astype(np.float64)
    outer = [c for c, a, b in atoms.cuts if (a in chosen) != (b in chosen)]
    inner = [c for c, a, b in atoms.cuts if a in chosen and b in chosen]
    area, length = math.log(shape.area / width**2), math.log(shape.length / width)
    return np.array(
        [
            area,
            length,
            math.log(shape.area / typical),
            shape.ribbon,
            shape.radius / width,
            shape.ends - 2,
            shape.bend,
            shape.turning,
            shape.area / (shape.length * width),
            len(outer),
            sum(c.length for c in outer),
            _mean([sum(c.notches) for c in outer]),
            _mean([c.paleness for c in outer]),
            len(inner),
            max((_strength(c) for c in inner), default=0.0),
            max((c.paleness for c in inner), default=0.0),
            max((sum(c.notches) for c in inner), default=0.0),
            len(_middles(chosen, atoms)),
            _core_depth(chosen, atoms, grey, tight),
            float(len(chosen) == atoms.count),
            float(dark.mean()) / 255,
            float(dark.std()) / 255,
        ]
    )


def _middles(chosen: frozenset[int], atoms: Atoms) -> list[int]:
    """The chosen atoms with at least three cuts around them."""
    return [a for a in chosen if sum(a in (p, q) for _, p, q in atoms.cuts) >= 3]


def _core_depth(
    chosen: frozenset[int], atoms: Atoms, grey: GreyImage, tight: tuple[slice, slice]
) -> float:
    """How much darker the middle of a crossing is than the arms; two lie over each other there."""
    middles = _middles(chosen, atoms)
    labels = atoms.labels[tight]
    core = np.isin(labels, middles)
    arms = np.isin(labels, list(chosen.difference(middles)))
    if not core.any() or not arms.any():
        return 0.0
    return float(grey[tight][arms].mean() - grey[tight][core].mean()) / 255


def _strength(cut: Cut) -> float:
    return 2.0 - cut.cost


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
