"""Edits and sign-offs: stored the moment they are made."""

from __future__ import annotations

from collections.abc import Sequence

from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import TRAY, Change, Karyogram
from karyogui.domain.review import SignOff
from karyogui.storage.cells import CellStore

REVIEW_BELOW = 0.9
"""Confidence under which a chromosome asks for an eye; Algorithm 1's threshold of the paper."""
MEANING = "Karyogram reviewed and approved"
UNKNOWN_PERSON = "unknown person"


class ReviewService:
    """Writes a person's decisions about a cell."""

    def __init__(self, cells: CellStore) -> None:
        self._cells = cells

    def record(self, cell_id: int, change: Change, who: str) -> None:
        """Store an edit with its place in the audit trail; it is safe when this returns.

        An empty change is no edit. Raises `KaryoError`, with nothing stored, for a signed-off
        cell, for a change that does not start from what is stored, and when the disk refuses.
        """
        if not change.is_empty:
            self._cells.record(cell_id, change, _person(who))

    def sign_off(self, cell_id: int, who: str) -> SignOff:
        """Sign a cell off: no edit and no analysis until it is withdrawn."""
        return self._cells.sign_off(cell_id, _person(who), MEANING)

    def withdraw_sign_off(self, cell_id: int, who: str) -> None:
        """Open a signed-off cell again; both acts stay on record."""
        self._cells.withdraw_sign_off(cell_id, _person(who))


def review_order(chromosomes: Sequence[Chromosome], karyogram: Karyogram) -> tuple[str, ...]:
    """Ids that ask for an eye: first what lies in the tray, then the least certain.

    A chromosome asks for one until it is confirmed, when it lies in the tray, when the assignment
    gave reasons, or when its confidence is below `REVIEW_BELOW`.
    """
    asking = []
    for chromosome in chromosomes:
        placement = karyogram.placement(chromosome.id)
        assigned = chromosome.assigned
        in_tray = placement.slot == TRAY
        confidence = assigned.confidence if assigned else 0.0
        has_reasons = bool(assigned and assigned.reasons)
        if placement.confirmed or not (in_tray or has_reasons or confidence < REVIEW_BELOW):
            continue
        asking.append((not in_tray, confidence, chromosome.id))
    return tuple(chromosome_id for *_, chromosome_id in sorted(asking))


def _person(who: str) -> str:
    return who.strip() or UNKNOWN_PERSON
