"""The paper's dispatch strategy, Algorithm 1, step by step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.assignment.base import Assigned, warnings_of
from model.vocabulary.labels import TYPES, Y
from model.vocabulary.results import FloatArray

THRESHOLD: float = 0.9
"""th of Algorithm 1: only highly confident chromosomes make a supernumerary one (III-B)."""


@dataclass(frozen=True)
class Dispatch:
    """What Algorithm 1 returns: a type (0 … 23) for each chromosome, and its warnings.

    `moved` says for each chromosome whether it went to its second probable type (line 11).
    """

    types: tuple[int, ...]
    moved: tuple[bool, ...]
    warnings: tuple[str, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """|O_k| for each of the 24 types."""
        return tuple(self.types.count(k) for k in range(len(TYPES)))


def dispatch(probabilities: FloatArray, threshold: float = THRESHOLD) -> Dispatch:
    """Assign N chromosomes from their probabilities P (N, 24)."""
    n_types = len(TYPES)
    t: list[list[int]] = [[] for _ in range(n_types)]  # line 1
    assigned = np.full(len(probabilities), -1)
    moved = np.zeros(len(probabilities), dtype=bool)
    for i, p in enumerate(probabilities):  # lines 2-4
        t[int(p.argmax())].append(i)
    for k in range(n_types):  # line 5
        s = 1 if k == Y else 2  # line 6
        if len(t[k]) <= s:  # lines 13-14
            assigned[t[k]] = k
            continue
        ranked = sorted(t[k], key=lambda i: -probabilities[i, k])  # line 8
        q = ranked[: s + 1] if (probabilities[ranked[: s + 1], k] > threshold).all() else ranked[:s]
        assigned[q] = k  # line 9
        for i in set(t[k]) - set(q):  # lines 10-12
            others = probabilities[i].copy()
            others[k] = -np.inf
            assigned[i] = others.argmax()
            moved[i] = True
    types = tuple(int(k) for k in assigned)
    return Dispatch(types, tuple(bool(m) for m in moved), warnings_of(types))


@dataclass(frozen=True)
class DispatchAssignment:
    """Algorithm 1 as an `Assignment`; a margin is the log ratio to the object's best other type."""

    id: str = "dispatch"

    def __call__(self, probabilities: FloatArray) -> Assigned:
        """Probabilities P (N, 24) of one cell → what Algorithm 1 makes of them."""
        placed = dispatch(probabilities)
        logs = np.log(np.maximum(probabilities, 1e-300))
        margins = []
        for i, kind in enumerate(placed.types):
            others = np.delete(logs[i], kind)
            margins.append(max(0.0, float(logs[i, kind] - others.max())))
        return Assigned(placed.types, placed.moved, tuple(margins), placed.warnings)
