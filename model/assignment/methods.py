"""The ways to assign a cell, by the names of `model.vocabulary.choices`: one entry each."""

from __future__ import annotations

from collections.abc import Callable

from model.assignment.base import Assignment
from model.assignment.calibration import Calibration
from model.assignment.dispatch import DispatchAssignment
from model.assignment.map_assignment import MapAssignment
from model.vocabulary.errors import ModelError

METHODS: dict[str, Callable[[Calibration], Assignment]] = {
    "map": lambda calibration: MapAssignment(evidence=calibration.evidence),
    "dispatch": lambda calibration: DispatchAssignment(),
}


def assignment(name: str, calibration: Calibration) -> Assignment:
    """The assignment of that name; ModelError for an unknown one."""
    if name not in METHODS:
        known = ", ".join(METHODS)
        raise ModelError(f"There is no assignment “{name}”.", f"Known assignments: {known}.")
    return METHODS[name](calibration)
