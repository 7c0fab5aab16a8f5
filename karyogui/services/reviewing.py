"""Edits and sign-offs, stored the moment they are made; and what another assignment moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from karyogui.domain import iscn
from karyogui.domain.analysis import Reassignment
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.details import fitting
from karyogui.domain.karyogram import TRAY, Change, Karyogram
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.domain.persons import named
from karyogui.domain.review import Edit, SignOff
from karyogui.errors import KaryoError
from karyogui.storage.cells import CellStore

MEANING = "Karyogram reviewed and approved"


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
            self._cells.record(cell_id, change, named(who))

    def check(self, cell_id: int, object_id: str, who: str, right: bool = True) -> Edit:
        """Store that an object of the separation check is right as it is; `right` False takes back.

        Its chromosome is not confirmed by it. Raises `KaryoError`, with nothing stored, for a
        signed-off cell, for an object that is not listed, and when the disk refuses.
        """
        return self._cells.record_check(cell_id, object_id, right, named(who))

    def label(
        self,
        cell_id: int,
        before: LabelledChange | None,
        after: LabelledChange | None,
        who: str,
    ) -> Edit:
        """Store that a change of chromosomes is entered, altered or removed (`after` None).

        Its text is kept in ISCN's characters. Raises `KaryoError`, with nothing stored, for a text
        that is no change, for a signed-off cell, and when `before` is not what is stored.
        """
        if after is not None:
            fitting(after.text, "change")
            after = replace(after, text=iscn.read_item(after.text).text)
            item = iscn.read_item(after.text)
            if not item.is_valid and item.change is None:
                raise KaryoError(f"“{after.text}” is no change that can be labelled.")
        return self._cells.record_label(cell_id, before, after, named(who))

    def sign_off(self, cell_id: int, who: str) -> SignOff:
        """Sign a cell off: no edit and no analysis until it is withdrawn.

        Raises `KaryoError` while an entry of the separation check is open or a repair looked at.
        """
        return self._cells.sign_off(cell_id, named(who), MEANING)

    def withdraw_sign_off(self, cell_id: int, who: str) -> None:
        """Open a signed-off cell again; both acts stay on record."""
        self._cells.withdraw_sign_off(cell_id, named(who))


def assign_again(
    reassignment: Reassignment,
    chromosomes: Sequence[Chromosome],
    karyogram: Karyogram,
) -> Change:
    """Bring chromosomes to where another assignment puts them, as one change.

    Those that a person confirmed or put somewhere stay where they are.
    """
    slots = {
        chromosome.id: assigned.type or TRAY
        for chromosome, assigned in zip(chromosomes, reassignment.assigned, strict=True)
        if not karyogram.placement(chromosome.id).slot_is_decided
    }
    return karyogram.assign(slots, f"Assign again: {reassignment.summary.label}")
