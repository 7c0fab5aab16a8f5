"""The ways to assign a cell, by the names of `model.vocabulary.choices`: one entry each."""

from __future__ import annotations

from collections.abc import Callable

from model.assignment.base import Assignment
from model.assignment.by_size import BySize, Sizes
from model.assignment.calibration import Calibration
from model.assignment.dispatch import DispatchAssignment
from model.assignment.map_assignment import MapAssignment
from model.vocabulary.errors import ModelError

METHODS: dict[str, Callable[[Calibration], Assignment]] = {
    "map": lambda calibration: MapAssignment(evidence=calibration.evidence),
    "dispatch": lambda calibration: DispatchAssignment(),
}


def assignment(name: str, calibration: Calibration, sizes: Sizes | None = None) -> Assignment:
    """The assignment of that name, of a cell of these `sizes`; ModelError for an unknown one.

    Algorithm 1 is the paper's: it knows of no sizes.
    """
    if name not in METHODS:
        known = ", ".join(METHODS)
        raise ModelError(f"There is no assignment “{name}”.", f"Known assignments: {known}.")
    method = METHODS[name](calibration)
    return method if sizes is None or name == "dispatch" else BySize(method, sizes)
