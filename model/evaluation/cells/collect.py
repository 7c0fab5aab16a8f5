"""What a network says about labelled cells, kept as arrays: the ground of every measurement."""

from __future__ import annotations

import time
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.data.cells import LabelledCell, counts_of
from model.inference.predictor import Predictor
from model.vocabulary.errors import ModelError
from model.vocabulary.files import replacing
from model.vocabulary.labels import Q_DOWN, Q_UP, TYPES
from model.vocabulary.results import CellResult, FloatArray, ObjectResult

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Observed:
    """One cell as shown to the predictor and what it answered.

    `polarities` (n,) are those of the pictures as shown; `seconds` is the time of the answer.
    """

    cell: LabelledCell
    polarities: IntArray
    result: CellResult
    seconds: float

    @property
    def types(self) -> IntArray:
        """The true types (n,)."""
        return np.array(self.cell.types, dtype=np.int64)

    @property
    def counts(self) -> tuple[int, ...]:
        """Copies of each of the 24 types: the manifest's, or without one those of the pictures."""
        return self.cell.counts or counts_of(self.cell.types)

    @property
    def seen(self) -> BoolArray:
        """(n,): whether a chromosome was found in the picture."""
        found = [o.seen for o in self.result.objects]
        return np.array(found, dtype=np.bool_)

    @property
    def probabilities(self) -> FloatArray:
        """Calibrated type probabilities (n, 24)."""
        return _stacked([o.type_probabilities for o in self.result.objects], len(TYPES))

    @property
    def raw_probabilities(self) -> FloatArray:
        """Type probabilities (n, 24) as the network gave them, the mean over its views."""
        return _stacked([_raw(o) for o in self.result.objects], len(TYPES))

    @property
    def polarity(self) -> FloatArray:
        """Polarity probabilities (n, 2) of the pictures as shown."""
        return _stacked([_as_shown(o) for o in self.result.objects], 2)


@dataclass(frozen=True, eq=False)
class Posteriors:
    """Raw probabilities of N chromosomes of C cells with the truth.

    `probabilities` (N, 24) are uncalibrated, the mean over the views; `polarity` (N, 2) is of the
    picture as shown; `types` and `polarities` (N,) are true; `cell` (N,) counts into `cells`,
    `cases` (C names each) and `counts` (C, 24), the manifest's. `seen` (N,) is False where no
    chromosome was found in the picture: its probabilities are flat.
    """

    probabilities: FloatArray
    polarity: FloatArray
    types: IntArray
    polarities: IntArray
    seen: BoolArray
    cell: IntArray
    cells: tuple[str, ...]
    cases: tuple[str, ...]
    counts: IntArray

    @classmethod
    def of(cls, observed: Sequence[Observed]) -> Posteriors:
        """The same cells in the same order."""
        sizes = [len(o.cell.types) for o in observed]
        return cls(
            _joined([o.raw_probabilities for o in observed], (len(TYPES),)),
            _joined([o.polarity for o in observed], (2,)),
            _joined([o.types for o in observed], ()).astype(np.int64),
            _joined([o.polarities for o in observed], ()).astype(np.int64),
            _joined([o.seen for o in observed], ()).astype(np.bool_),
            np.repeat(np.arange(len(observed)), sizes),
            tuple(o.cell.name for o in observed),
            tuple(o.cell.case for o in observed),
            np.array([o.counts for o in observed], dtype=np.int64).reshape(-1, len(TYPES)),
        )

    def members(self, cell: int) -> IntArray:
        """Rows (n,) of the chromosomes of one cell."""
        return np.flatnonzero(self.cell == cell)

    def save(self, path: Path) -> None:
        """Write an .npz of plain arrays; ModelError when the disk refuses."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as beside, beside.open("wb") as file:
                np.savez_compressed(
                    file,
                    probabilities=self.probabilities,
                    polarity=self.polarity,
                    types=self.types,
                    polarities=self.polarities,
                    seen=self.seen,
                    cell=self.cell,
                    cells=np.array(self.cells, dtype=np.str_),
                    cases=np.array(self.cases, dtype=np.str_),
                    counts=self.counts,
                )
        except OSError as error:
            raise ModelError(f"{path.name} could not be written ({error}).") from error

    @classmethod
    def load(cls, path: Path) -> Posteriors:
        """The inverse of `save`; ModelError for any other file."""
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in cls.__dataclass_fields__}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ModelError(f"{path.name} holds no posteriors ({error}).") from error
        for name in ("cells", "cases"):
            arrays[name] = tuple(str(value) for value in arrays[name])
        return cls(**arrays)


def observe(predictor: Predictor, cell: LabelledCell) -> Observed:
    """Show one cell with half of its chromosomes turned by 180° (polarity 0).

    Which half depends on the cell's name alone, so that every network sees the same pictures.
    """
    rng = np.random.default_rng(zlib.crc32(f"{cell.case}/{cell.name}".encode()))
    turned = rng.permutation(len(cell.types)) % 2 == 1
    pictures = [
        np.ascontiguousarray(np.rot90(p, 2)) if turn else p
        for p, turn in zip(cell.pictures, turned, strict=True)
    ]
    began = time.perf_counter()
    result = predictor.predict_cell(pictures)
    seconds = time.perf_counter() - began
    return Observed(cell, np.where(turned, Q_UP, Q_DOWN), result, seconds)


def collect(predictor: Predictor, cells: Iterable[LabelledCell]) -> Posteriors:
    """Show all cells to the predictor and keep what it said."""
    return Posteriors.of([observe(predictor, cell) for cell in cells])


def as_array(types: Sequence[int | None]) -> IntArray:
    """Types of an assignment as (n,), −1 for unknown."""
    return np.array([-1 if kind is None else kind for kind in types], dtype=np.int64)


def _raw(o: ObjectResult) -> FloatArray:
    """Before calibration; flat where no network looked."""
    raw = o.raw_type_probabilities
    return o.type_probabilities if raw is None else raw


def _as_shown(o: ObjectResult) -> FloatArray:
    """Polarity of the picture as given; the upright crop differs when turned by over 90°."""
    turned = abs(o.cut_out.angle) > 90
    return o.polarity_probabilities[::-1] if turned else o.polarity_probabilities


def _stacked(rows: Sequence[FloatArray], width: int) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(-1, width)


def _joined(arrays: Sequence[NDArray[np.generic]], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """One after the other; empty of that row shape without any."""
    return np.concatenate([np.empty((0, *shape)), *arrays])
