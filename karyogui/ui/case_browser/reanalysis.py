"""Analysing cells again: asks first where a person's repairs or decisions would be replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.domain.amounts import amount, listed
from karyogui.domain.case import CaseState, CellSummary
from karyogui.services.analysis import AtStake
from karyogui.services.workspace import Workspace
from karyogui.ui.case_browser.controller import CaseController
from karyogui.ui.case_browser.selection import selected_cells
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.dialogs.parts import ask
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.widgets import Notice
from karyogui.workers.analyses import Analyses


class ReanalysisController(QObject):
    """Puts the cells that a person means into the queue, to be separated and classified again."""

    notice_raised = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        analyses: Analyses,
        cases: CaseController,
        open_cell: OpenCell,
        is_awaiting: Callable[[int], bool],
        window: QWidget,
    ) -> None:
        """`is_awaiting` says of a cell whether a repair of it still waits for the network."""
        super().__init__(window)
        self._workspace, self._analyses, self._window = workspace, analyses, window
        self._cases, self._open = cases, open_cell
        self._is_awaiting = is_awaiting
        self.on_cases: Callable[[], bool] = lambda: False
        """Whether the case browser is in front: then its selection counts."""

    @property
    def cell_ids(self) -> tuple[int, ...]:
        """The cells to act on, of those that were analysed and are not signed off.

        Cells that are being analysed or repaired at present are left out.
        """
        if self.on_cases():
            asked = [cell.id for cell in selected_cells(self._cases.panel) if _is_open(cell)]
        else:
            cell = self._open.cell
            is_open = cell is not None and cell.is_analysed and cell.reviewed_at is None
            asked = [cell.id] if cell is not None and is_open else []
        waiting = self._analyses.waiting
        return tuple(i for i in asked if i not in waiting and not self._is_awaiting(i))

    def analyse(self) -> None:
        """Analyse them again, once a person agrees to what that replaces."""
        ids = self.cell_ids
        with ErrorsShown(self._window):
            at_stake = [self._workspace.analysis.at_stake(i) for i in ids]
            replaced = [each for each in at_stake if each.is_something]
            what = at_stake[0].name if len(ids) == 1 else amount(len(ids), "cell")
            if not ids or (replaced and not self._agreed(what, replaced)):
                return
            self._analyses.add(ids, anew=True)
            if signed := self._signed:
                left = f"{amount(signed, 'signed-off cell')} left alone"
                told = f"Analysing {amount(len(ids), 'cell')} again; {left}."
                self.notice_raised.emit(Notice(told))

    @property
    def _signed(self) -> int:
        """How many of the selected cells are signed off."""
        chosen = selected_cells(self._cases.panel) if self.on_cases() else ()
        return sum(cell.state is CaseState.REVIEWED for cell in chosen)

    def _agreed(self, what: str, replaced: Sequence[AtStake]) -> bool:
        return ask(
            self._window,
            f"Analyse {what} again?",
            warning(replaced),
            yes="Analyse again",
            no="Cancel",
        )


def warning(replaced: Sequence[AtStake]) -> str:
    """What of a person's work is replaced, and where it stays, in one sentence."""
    repaired = sum(each.repaired for each in replaced)
    decided = sum(each.decided for each in replaced)
    parts = []
    if repaired:
        parts.append(f"replaces what a person made of {amount(repaired, 'object')}")
    if decided:
        kept = "keeps" if not repaired else "it keeps"
        placed = "placement" if decided == 1 else "placements"
        parts.append(
            f"{kept} {decided} {placed} of a person only where the same chromosome is found again"
        )
    where = f" in {_listed([each.name for each in replaced])}" if len(replaced) > 1 else ""
    if len(replaced) == 1:
        stays = f"the cell as it is now stays in the data folder as revision {replaced[0].revision}"
    else:
        stays = "the cells as they are now stay in the data folder as earlier revisions"
    return (
        f"The new separation {', and '.join(parts)}{where}; nothing is lost: {stays}, "
        "and every edit in the audit trail of the case file (JSON)."
    )


def _listed(names: Sequence[str], most: int = 3) -> str:
    """`a, b and c`; of many names the first ones and how many more there are."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return listed(names)


def _is_open(cell: CellSummary) -> bool:
    return cell.state not in (CaseState.NEW, CaseState.REVIEWED)
