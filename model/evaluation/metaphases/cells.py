"""What was found in a metaphase, as it is kept between runs: plain JSON, masks by run lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.data.metaphases import Truth
from model.segmentation.base import Instance, Mask
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.results import CheckEntry, CheckKind, FloatArray, ObjectResult

DIGITS: int = 6
"""Decimals that are kept of a probability."""
MOST_MARGIN: float = 1e6
"""Nats: an assignment without an alternative has no finite margin, and JSON knows none."""


@dataclass(frozen=True, eq=False)
class FoundObject:
    """One object: box (x, y, w, h) in raw pixels, mask (h, w) with its top left pixel at `origin`.

    `type` is that after the cell's assignment, None without one; `probabilities` (24,) are None
    for what was not classified. `margin` (nats) and `disagrees` are the assignment's doubts;
    `check` is the kind of its entry in the separation check, `doubt` that entry's probability; of
    an entry that is held back `check` is None, and `held` are the types that the cell must lack.
    `misfit` says that it has not the size of the type it looks like.
    """

    kind: ObjectKind
    score: float
    box: tuple[float, float, float, float]
    mask: Mask
    origin: tuple[int, int]
    type: int | None = None
    probabilities: FloatArray | None = None
    margin: float | None = None
    disagrees: bool = False
    check: CheckKind | None = None
    doubt: float = 0.0
    held: tuple[int, ...] = ()
    misfit: bool = False

    @classmethod
    def of(
        cls,
        instance: Instance,
        seen: ObjectResult | None = None,
        disagrees: bool = False,
        entry: CheckEntry | None = None,
    ) -> FoundObject:
        """An instance as separated and, of a chromosome, as classified; its entry in the check."""
        x, y, w, h = instance.box
        held = () if entry is None else entry.if_lacking
        return cls(
            instance.kind, instance.score, (x, y, w, h), instance.mask, instance.origin,
            None if seen is None else seen.assigned_type,
            None if seen is None else seen.type_probabilities,
            None if seen is None else min(seen.margin, MOST_MARGIN), disagrees,
            None if entry is None or held else entry.kind,
            0.0 if entry is None else entry.probability, held,
            seen is not None and seen.misfit is not None,
        )  # fmt: skip

    @property
    def class_score(self) -> float:
        """How sure (0 … 1) it is that this is one whole chromosome of its type."""
        if self.type is None or self.probabilities is None:
            return 0.0
        return self.score * float(self.probabilities[self.type])

    def to_json(self) -> dict[str, Any]:
        """The inverse of `from_json`."""
        known = self.probabilities
        return {
            "kind": self.kind.value, "score": round(self.score, DIGITS),
            "box": [round(float(v), 2) for v in self.box],
            "shape": list(self.mask.shape), "runs": runs_of(self.mask), "origin": list(self.origin),
            "type": self.type,
            "probabilities": None if known is None else [round(float(p), DIGITS) for p in known],
            "margin": None if self.margin is None else round(self.margin, DIGITS),
            "disagrees": self.disagrees, "check": self.check, "doubt": self.doubt,
            "held": list(self.held), "misfit": self.misfit,
        }  # fmt: skip

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FoundObject:
        """KeyError, TypeError or ValueError when a value is missing or of another kind."""
        known = values["probabilities"]
        x, y, w, h = values["box"]
        left, top = values["origin"]
        return cls(
            ObjectKind(values["kind"]), float(values["score"]), (x, y, w, h),
            mask_of(values["runs"], values["shape"]), (left, top), values["type"],
            None if known is None else np.asarray(known, np.float64),
            values["margin"], bool(values["disagrees"]),
            None if values["check"] is None else CheckKind(values["check"]), float(values["doubt"]),
            tuple(values.get("held", ())), bool(values.get("misfit", False)),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class FoundCell:
    """One metaphase's outcome; with an `error` (a sentence) nothing was found.

    Seconds are wall clock, of the separation and of everything after it; `peak_memory` (MiB) is
    the process's after the cell, None where the system does not tell; `method` is what
    separated.
    """

    name: str
    objects: tuple[FoundObject, ...]
    seconds_separation: float
    seconds_classification: float | None = None
    error: str = ""
    warnings: tuple[str, ...] = ()
    peak_memory: int | None = None
    method: str = ""

    @property
    def chromosomes(self) -> tuple[FoundObject, ...]:
        """Objects that were not rejected."""
        return tuple(o for o in self.objects if o.kind is ObjectKind.CHROMOSOME)

    @property
    def rejected(self) -> tuple[FoundObject, ...]:
        """Objects taken for a nucleus, debris, or cut by the picture's border."""
        return tuple(o for o in self.objects if o.kind is not ObjectKind.CHROMOSOME)

    def to_json(self) -> dict[str, Any]:
        """The inverse of `from_json`."""
        return {
            "name": self.name, "error": self.error, "warnings": list(self.warnings),
            "seconds": [self.seconds_separation, self.seconds_classification],
            "peak_memory": self.peak_memory, "method": self.method,
            "objects": [o.to_json() for o in self.objects],
        }  # fmt: skip

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> FoundCell:
        """KeyError, TypeError or ValueError when a value is missing or of another kind."""
        separation, classification = values["seconds"]
        return cls(
            values["name"], tuple(FoundObject.from_json(o) for o in values["objects"]),
            separation, classification, values["error"], tuple(values["warnings"]),
            values["peak_memory"], values["method"],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class KnownCell:
    """A metaphase's truth; `countable`: whether its counts are known to be true."""

    name: str
    case: str
    truths: tuple[Truth, ...]
    counts: tuple[int, ...]
    countable: bool

    @property
    def boxes(self) -> NDArray[np.float64]:
        """(T, 4): x, y, w, h of every chromosome."""
        return boxes_of([t.box for t in self.truths])


def boxes_of(boxes: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """(n, 4), also of none."""
    return np.asarray(boxes, np.float64).reshape(-1, 4)


def runs_of(mask: Mask) -> list[int]:
    """Lengths of the runs of a mask (h, w) row by row, the first of False (possibly 0)."""
    flat = mask.ravel()
    ends = np.flatnonzero(np.diff(flat)) + 1
    edges = np.concatenate([[0], ends, [flat.size]])
    lengths = np.diff(edges).tolist()
    return [0, *lengths] if flat.size and flat[0] else lengths


def mask_of(runs: Sequence[int], shape: Sequence[int]) -> Mask:
    """The inverse of `runs_of`; ValueError when the runs do not fill the shape."""
    values = np.arange(len(runs)) % 2 == 1
    mask: Mask = np.repeat(values, runs).reshape(shape[0], shape[1])
    return mask
