"""What an object of a photograph is."""

from __future__ import annotations

from enum import StrEnum


class ObjectKind(StrEnum):
    """Only chromosomes stand on the board; the others are kept and shown.

    An edge object is cut by the picture's border. Only a person deletes.
    """

    CHROMOSOME = "chromosome"
    NUCLEUS = "nucleus"
    DEBRIS = "debris"
    EDGE = "edge"
    DELETED = "deleted"
