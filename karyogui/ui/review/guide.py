"""The first minute: a line over the demonstration's photograph that says what to press."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from karyogui.domain.separation_check import CheckEntry, CheckKind
from karyogui.errors import KaryoError
from karyogui.services.library import Library
from karyogui.ui import theme
from karyogui.ui.boxes import filling, row_of
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.tools.split import SplitTool
from karyogui.ui.open_cell import OpenCell
from karyogui.ui.review.checking import LOOKED_AT, CheckController
from karyogui.ui.widgets import IconLabel, text_label
from karyogui.ui.window_state import WindowState

DONE = "guide/done"
"""Where the window remembers that the guide is not wanted any more."""
WAYS = {
    CheckKind.SEVERAL: "these may be two, one on another. Press S to see how they can be split.",
    CheckKind.REJECTED: "this may be a chromosome. Press H if it is one, D if it is debris.",
    CheckKind.PART: "this may be part of a chromosome. Press Enter if it is right as it is, "
    "J to join it.",
    CheckKind.OUTLINE: "this outline is doubtful. Press Enter if it is right, D if it is debris.",
}
FOR_WHAT_LACKS = "a chromosome is missing. Look whether it lies here; press Enter if it does not."
PROPOSED = "Press Enter to take this split, Esc for none."
OTHERS = "Press Enter to take this split, 1 … {} to see the others, Esc for none."
ALL_CHECKED = "Separation checked. N leads to the types that are not certain, Enter confirms each."


def guiding(entries: tuple[CheckEntry, ...], current: str | None, proposals: int) -> str:
    """What to press now, in a line; so many `proposals` of how to split are shown."""
    if not entries:
        return ALL_CHECKED
    at = next((n for n, e in enumerate(entries, 1) if e.object_id == current), None)
    if at is None:
        objects = "one object" if len(entries) == 1 else f"{len(entries)} objects"
        return f"Before the karyotype: {objects} to check. Press N."
    if proposals:
        ways = OTHERS.format(proposals) if proposals > 1 else PROPOSED
        return f"{at} of {len(entries)}: {ways}"
    entry = entries[at - 1]
    return f"{at} of {len(entries)}: {FOR_WHAT_LACKS if entry.if_lacking else WAYS[entry.kind]}"


class GuideLine(QFrame):
    """A line with a button that sends it away for good."""

    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "guide")
        self.text = text_label(wrap=True)
        self.close_button = QToolButton()
        self.close_button.setToolTip("Do not show this again")
        self.close_button.setIconSize(QSize(16, 16))
        self.close_button.clicked.connect(self.dismissed)
        self.setLayout(
            row_of(
                IconLabel("about", 16, "accent"),
                filling(self.text),
                self.close_button,
                gap=2,
                margins=(3, 1, 2, 1),
            )
        )
        self.refresh_icons()
        self.hide()

    def refresh_icons(self) -> None:
        """Draw the icon of the button in the present theme."""
        self.close_button.setIcon(theme.icon("cancel"))


class GuideController(QObject):
    """Follows the separation check of a demonstration cell, once in the life of a window."""

    def __init__(
        self,
        library: Library,
        open_cell: OpenCell,
        check: CheckController,
        panel: MetaphasePanel,
        state: WindowState,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._library, self._open, self._check = library, open_cell, check
        self._panel, self._state = panel, state
        self.line = GuideLine()
        self._is_done = state.number(DONE) == 1
        self._cell_id: int | None = None
        """The demonstration cell that it has begun with."""
        if self._is_done:
            return
        panel.show_above(self.line)
        self.line.dismissed.connect(self.finish)
        open_cell.cell_changed.connect(self.follow)
        check.changed.connect(self.follow)
        panel.view.tool_changed.connect(lambda _: self.follow())
        panel.view.hint_changed.connect(lambda _: self.follow())

    def follow(self) -> None:
        """Say what to press now, while there is something to say."""
        cell = self._open.cell
        if self._is_done or cell is None or not cell.is_analysed:
            self.line.hide()
            return
        entries = self._check.entries
        has_begun = cell.id == self._cell_id
        is_wanted = bool(entries) and self._state.number(DONE) != 1
        if not has_begun and not (is_wanted and self._is_demo(cell.case_id)):
            self.line.hide()
            return
        self._cell_id = cell.id
        tool = self._panel.view.tool
        proposals = len(tool.proposals) if isinstance(tool, SplitTool) else 0
        waits = not entries and cell.awaits_answer
        current = self._check.current if self._check.can_decide else None
        told = guiding(entries, current, proposals)
        self.line.text.setText(f"{LOOKED_AT}." if waits else told)
        self.line.show()
        if not entries and not waits:
            # Told once, until another cell is opened; it has done what it is for.
            self._state.keep(DONE, 1)

    def finish(self) -> None:
        """Go away for good."""
        self._is_done = True
        self._state.keep(DONE, 1)
        self.line.hide()

    def _is_demo(self, case_id: int) -> bool:
        try:
            return self._library.is_demo(case_id)
        except KaryoError:
            return False
