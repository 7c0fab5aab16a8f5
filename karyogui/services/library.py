"""Cases and cells, read and kept for the window and the command line."""

from __future__ import annotations

from collections.abc import Sequence

from karyogui.domain.case import Case, CaseDetails, NotedCell
from karyogui.domain.case_list import CasePage, CaseQuery
from karyogui.domain.cell import Cell
from karyogui.domain.cultures import with_plain_times
from karyogui.domain.details import NAME, fitting, fitting_details, questions, with_plain_dates
from karyogui.domain.persons import named
from karyogui.errors import KaryoError
from karyogui.storage.case_listing import CaseListing
from karyogui.storage.cases import CaseStore
from karyogui.storage.cells import CellStore

PAGE = 100
"""Cases that the list reads at a time."""


class Library:
    """Reads and keeps cases; every call is a session of its own, from any thread."""

    def __init__(self, cases: CaseStore, cells: CellStore, listing: CaseListing) -> None:
        self._cases = cases
        self.listing = listing
        """The rows of the list of cases."""
        # What the stores tell is handed on as it is.
        self.summaries = listing.all
        self.case_ids, self.has_cell, self.is_demo = cases.ids, cases.has_cell, cases.is_demo
        self.case, self.name_and_cells = cases.load, cases.name_and_cells
        self.cell = cells.load

    def page(self, query: CaseQuery, start: int = 0, count: int = PAGE) -> CasePage:
        """Rows of the list as they are now."""
        self.listing.freshen(PAGE)
        return self.listing.page(query, start, count)

    def outline(self, case_id: int) -> Case[NotedCell]:
        """A case with what is noted of it and its cells, and nothing else of these."""
        return self._cases.evidence(case_id)[0]

    def case_named(self, name: str) -> Case[Cell]:
        """The case of that name outside the bin; `KaryoError` when there is none."""
        return self.case(self.id_named(name))

    def id_named(self, name: str, in_bin: bool = False) -> int:
        """The number of the case of that name, outside the bin first; `KaryoError` for none."""
        found = self.find_named(name)
        if found is None and in_bin:
            others = self._cases.named(name, in_bin=True)
            if len(others) > 1:
                raise KaryoError(
                    f"{len(others)} cases named {name} are in the bin.",
                    "Restore the one that is meant first; it then has a name of its own.",
                )
            found = others[0] if others else None
        if found is None:
            raise KaryoError(f"There is no case named {name} in the data folder.")
        return found

    def find_named(self, name: str) -> int | None:
        """The number of the case of that name outside the bin; None for none."""
        return next(iter(self._cases.named(name)), None)

    def rename(self, case_id: int, name: str) -> None:
        """Give a case another name; `KaryoError` when it is empty or taken."""
        stripped = fitting(name.strip(), NAME)
        if not stripped:
            raise KaryoError("A case needs a name.")
        self._cases.rename(case_id, stripped)

    def set_details(self, case_id: int, details: CaseDetails, who: str = "") -> None:
        """Keep the patient, specimen and laboratory fields, every date as year-month-day.

        `KaryoError` for a date that does not exist or comes before one that it must follow, and
        while an approved report stands; then nothing is stored.
        """
        person = named(who)
        plain = with_plain_dates(fitting_details(details))
        with_plain_times(self.outline(case_id).note.cultures, plain)
        self._cases.set_details(case_id, plain, person)

    def questions(self, case_id: int, details: CaseDetails) -> tuple[str, ...]:
        """What of a case's details one should be asked about before they are kept, if anything."""
        cells = [cell for row in self.listing.summaries([case_id]) for cell in row.counted_cells]
        seen = [cell.quality.band_level for cell in cells if cell.quality]
        return questions(details, [level for level in seen if level is not None])

    def exclude(self, cell_ids: Sequence[int], reason: str, who: str) -> None:
        """Let cells no longer count in their cases; nothing of them is lost, a sign-off stays.

        `KaryoError` without a reason; then nothing is stored.
        """
        if not reason.strip():
            raise KaryoError("A cell is excluded with a reason.", "Say why it does not count.")
        self._cases.exclude(cell_ids, fitting(reason.strip(), "reason"), named(who))

    def take_back(self, cell_ids: Sequence[int], who: str) -> None:
        """Let excluded cells count in their cases again."""
        self._cases.take_back(cell_ids, named(who))

    def delete(self, case_ids: Sequence[int]) -> None:
        """Move cases to the bin; nothing of them is lost."""
        self._cases.set_deleted(case_ids, deleted=True)

    def restore(self, case_ids: Sequence[int]) -> None:
        """Take cases out of the bin; one whose name was taken meanwhile gets a number."""
        self._cases.set_deleted(case_ids, deleted=False)
