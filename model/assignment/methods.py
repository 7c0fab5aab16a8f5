"""The ways to assign a cell, by name: one entry each."""

from __future__ import annotations

from collections.abc import Callable

from model.assignment.base import Assignment
from model.assignment.calibration import Calibration
from model.assignment.dispatch import DispatchAssignment
from model.assignment.map_assignment import MapAssignment
from model.errors import ModelError

ASSIGNMENTS: dict[str, Callable[[Calibration], Assignment]] = {
    "map": lambda calibration: MapAssignment(evidence=calibration.evidence),
    "dispatch": lambda calibration: DispatchAssignment(),
}
"""The first one is the default."""
DEFAULT_ASSIGNMENT: str = next(iter(ASSIGNMENTS))


def assignment(name: str, calibration: Calibration) -> Assignment:
    """The assignment of that name; ModelError for an unknown one."""
    if name not in ASSIGNMENTS:
        known = ", ".join(ASSIGNMENTS)
        raise ModelError(f"There is no assignment “{name}”.", f"Known assignments: {known}.")
    return ASSIGNMENTS[name](calibration)
