"""The most probable assignment of a whole cell (maximum a posteriori).

Objects i = 1 … N with calibrated probabilities p_i over 24 types, frequencies π of training,
counts c_j. What is minimised:

    Σ_i −log(p_i(y_i) / π(y_i)) − Σ_j [log q(c_j) + log c_j!] − log q_XY − log c_X! − log c_Y!
    + Σ over unknown objects [λ − H(p_i)]

log c_j! counts the arrangements that give the same counts. Debris looks like nothing in
particular: the entropy H makes *unknown* cheap for a flat answer and dear for a clear one. The
prior q is flat over the types: it says how many false findings a reader accepts, not how common
a disease is, since a prior of prevalences would explain a true +16 away as +21. Its increments
decrease with every further copy, so that one rectangular assignment problem with a slot per copy
is exact; the sex chromosomes are not separable and are enumerated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb, inf, log

import numpy as np
from scipy.optimize import linear_sum_assignment

from model.assignment.base import TYPE_FREQUENCY, Assigned, warnings_of
from model.vocabulary.labels import TYPES, X, Y
from model.vocabulary.results import FloatArray

UNKNOWN: int = len(TYPES)
"""Column of the unknown option behind the 24 types."""
_GROUND: int = UNKNOWN + 1
_FORCED: float = 1e4
_EXTRA_COPIES: int = 4
_FEWEST_OF_PLOIDY: dict[int, int] = {2: 0, 3: 58, 4: 81}
_RARE_PLOIDY: float = 1e-3


@dataclass(frozen=True)
class Prior:
    """Chances of a cell's counts, the same for every autosome.

    `gain` is the chance of one more copy, `loss` of one less; `unknown` is λ (nats), what it
    costs to leave an object without a type of which the network is sure.
    """

    gain: float = 1e-2
    loss: float = 2e-2
    unknown: float = 4.0


@dataclass(frozen=True)
class MapAssignment:
    """`Assignment` by maximum a posteriori.

    An object *disagrees* when its picture makes another type more probable than the assigned one
    by a factor of e ** `evidence`: a count-based assignment explains a balanced change such as
    +8,−7 away, and this flag keeps it visible.
    """

    evidence: float = 4.0
    prior: Prior = Prior()
    with_margins: bool = True
    id: str = "map"

    def __call__(self, probabilities: FloatArray) -> Assigned:
        """Calibrated probabilities P (N, 24) of one cell → its most probable assignment."""
        n = len(probabilities)
        logs = np.log(np.maximum(probabilities, 1e-300))
        entropy = -(probabilities * logs).sum(axis=1)
        costs = np.column_stack([np.log(TYPE_FREQUENCY) - logs, self.prior.unknown - entropy])
        solutions = sorted(_solutions(costs, self.prior), key=lambda s: s.cost)
        best = solutions[0]
        types = tuple(None if kind == UNKNOWN else int(kind) for kind in best.types)
        seen = probabilities.argmax(axis=1)
        against = [
            inf if kind is None else logs[i, seen[i]] - logs[i, kind]
            for i, kind in enumerate(types)
        ]
        margins, alternative, gap = (
            _margins(costs, solutions) if self.with_margins else (np.zeros(n), None, inf)
        )
        return Assigned(
            types,
            moved=tuple(kind != seen[i] for i, kind in enumerate(types)),
            margins=tuple(float(m) for m in margins),
            warnings=warnings_of(types),
            disagreeing=tuple(
                i for i, d in enumerate(against) if types[i] is not None and d > self.evidence
            ),
            alternative=alternative,
            alternative_margin=gap,
        )


@dataclass(frozen=True, eq=False)
class _Solution:
    """The best solution of one ploidy and one sex state; `slots` (copies,) cost each copy."""

    cost: float
    types: np.ndarray
    slots: FloatArray


def _solutions(costs: FloatArray, prior: Prior) -> Iterator[_Solution]:
    """One for every ploidy that the number of objects allows, and every sex state."""
    n = len(costs)
    for ploidy, fewest in _FEWEST_OF_PLOIDY.items():
        if n < fewest:
            continue
        missing = max(prior.loss / 2, (23 * ploidy - 2 - n) / (23 * ploidy))
        slots, nothing = _copies(ploidy, missing, prior.gain)
        base = X * nothing - (log(_RARE_PLOIDY) if ploidy > 2 else 0.0)
        for x, y, state_cost in _sex_states(ploidy, missing, prior.gain):
            if x + y <= n:
                yield _solve(costs, slots, x, y, base + state_cost)


def _copies(ploidy: int, missing: float, gain: float) -> tuple[FloatArray, float]:
    """Cost of the 1st, 2nd … copy of an autosome, and of having none.

    Each expected homologue is missing with the same chance; each further copy has chance `gain`.
    In a cell far short of its number the chance of missing is the share that is missing.
    """
    chances = [
        comb(ploidy, c) * (1 - missing) ** c * missing ** (ploidy - c) for c in range(ploidy + 1)
    ]
    for extra in range(1, _EXTRA_COPIES + 1):
        chances.append(chances[-1] * gain / extra)
    steps = [-log(c * chances[c] / chances[c - 1]) for c in range(1, len(chances))]
    return np.array(steps), -log(chances[0])


def _sex_states(ploidy: int, missing: float, gain: float) -> Iterator[tuple[int, int, float]]:
    """(X, Y, cost) of every sex complement in reach of a normal one of this ploidy."""
    normal = [(ploidy - y, y) for y in range(ploidy)]
    for x, y in product(range(ploidy + _EXTRA_COPIES), range(ploidy + 2)):
        chance = max(
            gain ** (max(0, x - a) + max(0, y - b))
            * max(gain, missing) ** (max(0, a - x) + max(0, b - y))
            for a, b in normal
        ) / len(normal)
        if x == 0:  # no cell lives without an X
            chance *= max(gain, missing)
        arrangements = sum(log(c) for c in (*range(2, x + 1), *range(2, y + 1)))
        yield x, y, -log(chance) - arrangements


def _solve(costs: FloatArray, slots: FloatArray, x: int, y: int, base: float) -> _Solution:
    n = len(costs)
    kinds = np.concatenate([
        np.repeat(np.arange(X), len(slots)), [X] * x, [Y] * y, [UNKNOWN] * n,
    ]).astype(np.intp)  # fmt: skip
    extra = np.concatenate([np.tile(slots, X), np.full(x + y, -_FORCED), np.zeros(n)])
    matrix = costs[:, kinds] + extra
    rows, columns = linear_sum_assignment(matrix)
    total = float(matrix[rows, columns].sum()) + (x + y) * _FORCED
    return _Solution(base + total, kinds[columns], slots)


def _margins(
    costs: FloatArray, solutions: Sequence[_Solution]
) -> tuple[FloatArray, tuple[int, ...] | None, float]:
    """Of each object: the cheapest solution in which it is something else, over the best.

    Within one sex state two solutions differ by cycles of single moves, so a shortest path on the
    graph of types closes the cycle that a forced move opens. Also the counts of the best
    solution with other counts, and what it costs more.
    """
    best = solutions[0]
    margins = np.full(len(costs), inf)
    alternative, gap = None, inf
    for number, solution in enumerate(solutions):
        behind = solution.cost - best.cost
        if number and behind >= min(margins.max(initial=0.0), 50.0) and behind >= gap:
            break
        graph = _Exchanges(costs, solution)
        differs = solution.types != best.types
        margins = np.minimum(margins, behind + np.where(differs, 0.0, graph.cost_of_moving()))
        counts = np.bincount(solution.types, minlength=UNKNOWN + 1)
        if number and not (counts == np.bincount(best.types, minlength=UNKNOWN + 1)).all():
            if behind < gap:
                alternative, gap = tuple(counts[:UNKNOWN].tolist()), behind
        elif not number:
            alternative, gap = graph.other_counts(counts)
    return np.maximum(margins, 0.0), alternative, gap


class _Exchanges:
    """The graph of single moves around one solution.

    Nodes are the types, unknown, and a ground for copies: the edge a → b is the cheapest object
    of a that could become b; a → ground is one more copy of a, ground → a one copy less.
    """

    def __init__(self, costs: FloatArray, solution: _Solution) -> None:
        self._types = solution.types
        n = len(costs)
        self._moves = costs - costs[np.arange(n), self._types][:, None]  # (N, 25)
        counts = np.bincount(self._types, minlength=UNKNOWN + 1)
        steps = np.concatenate([solution.slots, [inf]])
        self.grow = np.full(UNKNOWN + 1, inf)
        self.shrink = np.full(UNKNOWN + 1, inf)
        for kind in range(X):
            self.grow[kind] = steps[counts[kind]]
            self.shrink[kind] = -steps[counts[kind] - 1] if counts[kind] else inf
        self.grow[UNKNOWN] = 0.0
        self.shrink[UNKNOWN] = 0.0 if counts[UNKNOWN] else inf
        edges = np.full((_GROUND + 1, _GROUND + 1), inf)
        for kind in np.unique(self._types):
            edges[kind, :_GROUND] = self._moves[self._types == kind].min(axis=0)
        np.fill_diagonal(edges, 0.0)
        self._by_moves = _shortest(edges[:_GROUND, :_GROUND])
        edges[:_GROUND, _GROUND] = self.grow
        edges[_GROUND, :_GROUND] = self.shrink
        self._paths = _shortest(edges)

    def cost_of_moving(self) -> FloatArray:
        """(N,): the cheapest way to make each object something else in this sex state."""
        back = self._paths[:_GROUND, self._types].T  # (N, 25): from the new type to the old one
        closed = self._moves + back
        closed[np.arange(len(closed)), self._types] = inf
        cheapest: FloatArray = closed.min(axis=1)
        return cheapest

    def other_counts(self, counts: np.ndarray) -> tuple[tuple[int, ...] | None, float]:
        """Counts (24,) of the best solution with other counts in this sex state, and its cost."""
        changes = self.shrink[:, None] + self._by_moves + self.grow[None, :]
        np.fill_diagonal(changes, inf)
        a, b = np.unravel_index(int(changes.argmin()), changes.shape)
        if not np.isfinite(changes[a, b]):
            return None, inf
        other = counts.copy()
        other[a] -= 1
        other[b] += 1
        return tuple(other[:UNKNOWN].tolist()), float(max(0.0, changes[a, b]))


def _shortest(edges: FloatArray) -> FloatArray:
    """All shortest paths (Floyd and Warshall); no cycle is negative around an optimum."""
    paths = edges.copy()
    for via in range(len(paths)):
        paths = np.minimum(paths, paths[:, via, None] + paths[None, via, :])
    return paths
