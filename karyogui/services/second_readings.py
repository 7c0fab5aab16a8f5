"""The blind second reading of a cell: begun, finished, compared, and resolved one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from karyogui.domain.cell import Cell
from karyogui.domain.details import fitting
from karyogui.domain.iscn import check
from karyogui.domain.karyogram import Change, Karyogram, Placement
from karyogui.domain.persons import names_a_person
from karyogui.domain.second_reading import (
    STRING,
    SecondReading,
    blind,
    differences,
    refuse_reader,
    string_of,
    unresolved,
)
from karyogui.errors import KaryoError
from karyogui.services.library import Library
from karyogui.services.reviewing import ReviewService
from karyogui.storage.second_readings import SecondReadingStore


class SecondReadingService:
    """What a second reader does, and what is made of it afterwards."""

    def __init__(
        self, library: Library, reviews: ReviewService, readings: SecondReadingStore
    ) -> None:
        self._library, self._reviews, self._readings = library, reviews, readings

    def begin(self, cell_id: int, who: str, from_tray: bool = False) -> Cell:
        """The cell as the second reader gets to see it; nothing is stored yet.

        `KaryoError` for a person who worked at it, for a cell that was not analysed, and while a
        repair of it is being looked at.
        """
        cell = self._library.cell(cell_id)
        if not cell.chromosomes or cell.awaits_answer:
            raise KaryoError(f"{cell.name} has no chromosomes to be read yet.", "Analyse it first.")
        refuse_reader(cell, who)
        return blind(cell, from_tray)

    def finish(
        self,
        cell_id: int,
        who: str,
        started: datetime,
        iscn: str,
        placements: Sequence[Placement],
    ) -> SecondReading:
        """Store how the second person read the cell; only now the first result is shown.

        `KaryoError`, with nothing stored, for a string that is no karyotype and for a person who
        worked at the cell meanwhile.
        """
        cell = self._library.cell(cell_id)
        refuse_reader(cell, who)
        typed = iscn.strip()
        if typed and not check(typed).valid:
            problem = next(p for p in check(typed).problems if p.severity != "warning")
            raise KaryoError(f"{typed} is not right in ISCN. {problem.message}")
        return self._readings.add(
            cell_id, " ".join(who.split()), started, typed, placements, string_of(cell)
        )

    def last(self, cell_id: int) -> SecondReading | None:
        """The last second reading of a cell, if there is one."""
        return self._readings.of_cell(cell_id)

    def open_differences(self, case_id: int) -> int:
        """How many differences of a case's cells nobody has decided on."""
        return sum(unresolved(differences(r)) for r in self._readings.of_case(case_id))

    def resolve(
        self, reading: SecondReading, item: str, takes_second: bool, reason: str, who: str
    ) -> SecondReading:
        """Decide on one difference; where the second holds, the cell is changed accordingly.

        The change is an edit like any other and is stored first. `KaryoError`, with nothing
        stored, without a reason or a person, and for a cell that is signed off.
        """
        if not names_a_person(who):
            raise KaryoError("A named person decides.", "Type your first and last name.")
        if not fitting(reason.strip(), "reason"):
            raise KaryoError("A difference is resolved with a reason.", "Say why this one holds.")
        if takes_second and item != STRING:
            cell = self._library.cell(reading.cell_id)
            for change in _changes(cell, reading, item):
                self._reviews.record(cell.id, change, who)
        return self._readings.decide(reading.id, item, takes_second, reason.strip(), who.strip())


def _changes(cell: Cell, reading: SecondReading, item: str) -> list[Change]:
    """What brings a chromosome of the first reading to where the second has it."""
    karyogram = Karyogram(cell.placements)
    second = next((p for p in reading.placements if p.chromosome_id == item), None)
    if second is None or item not in {p.chromosome_id for p in cell.placements}:
        raise KaryoError(
            "The separation of this cell has changed since it was read.",
            "Read it a second time again, or keep the first.",
        )
    first, changes = karyogram.placement(item), []
    if first.slot != second.slot:
        change = karyogram.move([item], second.slot)
        changes.append(replace(change, text=f"{change.text} (second reading)"))
        karyogram.apply(change)
    turned = (second.turn - first.turn) % 360.0
    if 90.0 < turned < 270.0:
        changes.append(karyogram.turn([item], 180.0))
    return changes
