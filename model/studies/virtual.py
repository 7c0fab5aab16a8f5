"""Virtual cells: real chromosomes of unseen cells, put together to known abnormal cells.

What a network said about a chromosome was said with its own cell brought to the common scale, so
a chromosome of another cell needs no rescaling; its stain stays its own cell's. Donors come from
the same case where it has another cell, else from another case of the same half, so that no
calibration has seen them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from model.data.cells import is_normal
from model.evaluation.cells.by_case import CrossFit
from model.evaluation.cells.collect import IntArray
from model.vocabulary.labels import TYPES, X, Y
from model.vocabulary.results import FloatArray

NORMAL, ABNORMAL = "normal", "abnormal"
REAL_KINDS: tuple[str, ...] = (NORMAL, ABNORMAL)
"""Real cells by the manifest, as they are."""
GAIN, LOSS = "gain", "loss"
TRIPLOID, PARTIAL = "triploid", "35 of 46"
BALANCED: tuple[tuple[str, str], ...] = (
    ("8", "7"), ("21", "14"), ("9", "8"), ("21", "22"), ("5", "4"),
)  # fmt: skip
"""Gained and lost type of cells of 46 that a mere count would call normal."""
BALANCED_KINDS: tuple[str, ...] = tuple(f"+{gained},−{lost}" for gained, lost in BALANCED)
SEX_KINDS: tuple[str, ...] = ("XXY", "XYY", "XXX", "45,X")
FLAT, TORN, ALIKE = "debris, flat", "debris, torn", "debris, like a chromosome"
"""An object that is no chromosome: without any idea, torn between two types, or with the posterior
of a chromosome at random. The last looks like a gain, which bounds what can be expected."""
DEBRIS_KINDS: tuple[str, ...] = (FLAT, TORN, ALIKE)
STRAY: int = -1
"""True type of an object that is no chromosome."""

_PARTIAL_SIZE: int = 35


@dataclass(frozen=True, eq=False)
class MadeCell:
    """A cell made of chromosomes of the posteriors (n rows) and m objects that are none.

    `kind` groups cells of a table, `change` is the type gained or lost where it is one; `host`
    is the real cell that it was made from; `debris` (m, 24) are raw probabilities.
    """

    kind: str
    change: str
    host: int
    rows: IntArray
    debris: FloatArray

    def types(self, true: IntArray) -> IntArray:
        """(n + m,): the true types of its objects out of those of all rows, `STRAY` for debris."""
        return np.concatenate([true[self.rows], np.full(len(self.debris), STRAY)])


def made_cells(fitted: CrossFit, at_least: int = 2000, seed: int = 0) -> tuple[MadeCell, ...]:
    """Real cells, then virtual ones of every kind: `at_least` gains, as many losses, evenly spread.

    Every normal cell with all its chromosomes in sight is host once of each other kind that its
    sex allows. Kinds for which there is no donor are left out.
    """
    maker = _Maker(fitted, np.random.default_rng(seed))
    return tuple(
        made
        for part in (
            maker.real(), maker.gains(at_least), maker.losses(at_least), maker.sex(),
            maker.balanced(), maker.ploidies(), maker.debris(),
        )
        for made in part
    )  # fmt: skip


class _Maker:
    """Draws donors and puts cells together."""

    def __init__(self, fitted: CrossFit, rng: np.random.Generator) -> None:
        self._fitted = fitted
        self._rng = rng
        self._posteriors = fitted.posteriors
        self._hosts = fitted.whole_normal_cells()
        self._cases = np.asarray(self._posteriors.cases, dtype=np.str_)
        self._may_give = np.isin(self._posteriors.cell, self._hosts)

    def real(self) -> Iterator[MadeCell]:
        for cell, counts in enumerate(self._posteriors.counts):
            kind = NORMAL if is_normal(tuple(counts.tolist())) else ABNORMAL
            yield self._made(kind, cell, self._fitted.members(cell))

    def gains(self, at_least: int) -> Iterator[MadeCell]:
        yield from self._spread(at_least, lambda host, kind: self._plus(GAIN, host, kind))

    def losses(self, at_least: int) -> Iterator[MadeCell]:
        yield from self._spread(at_least, lambda host, kind: self._minus(LOSS, host, kind))

    def sex(self) -> Iterator[MadeCell]:
        for host in self._hosts:
            male = self._has_y(host)
            yield from self._there(self._plus("XXY", host, X if male else Y))
            yield from self._there(self._plus("XYY" if male else "XXX", host, Y if male else X))
            yield from self._there(self._minus("45,X", host, Y if male else X))

    def balanced(self) -> Iterator[MadeCell]:
        for name, (gained, lost) in zip(BALANCED_KINDS, BALANCED, strict=True):
            for host in self._hosts:
                less = self._minus(name, host, TYPES.index(lost))
                donor = self._donor(host, TYPES.index(gained))
                if less is not None and donor is not None:
                    yield self._made(name, host, np.append(less.rows, donor))

    def ploidies(self) -> Iterator[MadeCell]:
        """69 chromosomes (a haploid set of another cell on top), and 35 of the 46."""
        for host in self._hosts:
            sex = int(self._rng.choice((X, Y)))
            donors = [self._donor(host, kind) for kind in (*range(X), sex)]
            known = [donor for donor in donors if donor is not None]
            own = self._fitted.members(host)
            if len(known) == len(donors):
                yield self._made(TRIPLOID, host, np.concatenate([own, known]))
            kept = np.sort(self._rng.choice(own, _PARTIAL_SIZE, replace=False))
            yield self._made(PARTIAL, host, kept)

    def debris(self) -> Iterator[MadeCell]:
        """One object too many that is no chromosome."""
        for host in self._hosts:
            own = self._fitted.members(host)
            kinds = self._rng.choice(X, 2, replace=False)
            donors = [self._donor(host, int(kind)) for kind in kinds]
            yield self._made(FLAT, host, own, debris=self._rng.dirichlet(np.ones(len(TYPES))))
            if donors[0] is None or donors[1] is None:
                continue
            first, second = (self._posteriors.probabilities[donor] for donor in donors)
            yield self._made(TORN, host, own, debris=(first + second) / 2)
            yield self._made(ALIKE, host, own, debris=first)

    def _spread(
        self, at_least: int, make: Callable[[int, int], MadeCell | None]
    ) -> Iterator[MadeCell]:
        """As many of each autosome, every host once before any comes again."""
        if not len(self._hosts):
            return
        for kind in range(X):
            order = self._rng.permutation(self._hosts)
            for host in islice(cycle(order.tolist()), -(-at_least // X)):
                yield from self._there(make(host, kind))

    def _plus(self, name: str, host: int, kind: int) -> MadeCell | None:
        donor = self._donor(host, kind)
        if donor is None:
            return None
        return self._made(name, host, np.append(self._fitted.members(host), donor), TYPES[kind])

    def _minus(self, name: str, host: int, kind: int) -> MadeCell | None:
        own = self._fitted.members(host)
        there = own[self._posteriors.types[own] == kind]
        if not len(there):
            return None
        return self._made(name, host, own[own != self._rng.choice(there)], TYPES[kind])

    def _donor(self, host: int, kind: int) -> int | None:
        """A row of that type: of another cell of the case, else of another of its half."""
        cell = self._posteriors.cell
        fits = self._may_give & (self._posteriors.types == kind) & (cell != host)
        fits &= self._fitted.half[cell] == self._fitted.half[host]
        same = np.flatnonzero(fits & (self._cases[cell] == self._cases[host]))
        found = same if len(same) else np.flatnonzero(fits)
        return int(self._rng.choice(found)) if len(found) else None

    def _has_y(self, host: int) -> bool:
        return bool(self._posteriors.counts[host, Y])

    @staticmethod
    def _there(made: MadeCell | None) -> tuple[MadeCell, ...]:
        return () if made is None else (made,)

    @staticmethod
    def _made(
        name: str, host: int, rows: IntArray, change: str = "", debris: FloatArray | None = None
    ) -> MadeCell:
        none = np.empty((0, len(TYPES)))
        return MadeCell(name, change, int(host), rows, none if debris is None else debris[None])
