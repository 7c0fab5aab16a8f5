"""What the selected rows of the case browser stand for; outside the bin, which holds cases only."""

from __future__ import annotations

from karyogui.domain.case import CaseSummary, CellSummary
from karyogui.domain.case_list import Row, cells_of
from karyogui.ui.case_browser.panel import CaseBrowserPanel


def selected_rows(panel: CaseBrowserPanel) -> tuple[Row, ...]:
    """What the selected rows are."""
    if panel.shows_bin:
        return ()
    indexes = panel.table.selectionModel().selectedRows()
    return tuple(panel.model.row(index) for index in indexes)


def selected_cells(panel: CaseBrowserPanel) -> tuple[CellSummary, ...]:
    """The cells of the selected rows; a case and a slide stand for all of theirs."""
    rows = selected_rows(panel)
    return tuple({cell.id: cell for row in rows for cell in cells_of(row)}.values())


def cells_alone(panel: CaseBrowserPanel) -> tuple[CellSummary, ...]:
    """The cells selected by their own rows or their slide's; none where a case is selected too."""
    if any(isinstance(row, CaseSummary) for row in selected_rows(panel)):
        return ()
    return selected_cells(panel)


def whole_cases(panel: CaseBrowserPanel) -> tuple[int, ...]:
    """Ids of the cases selected by their own rows; none where a row outside of them is selected.

    A selected cell is not its case: nothing is done to more than what is selected.
    """
    rows = selected_rows(panel)
    cases = {row.id for row in rows if isinstance(row, CaseSummary)}
    if any(row.case_id not in cases for row in rows if not isinstance(row, CaseSummary)):
        return ()
    return tuple(i for i in panel.selected_ids() if i in cases)
