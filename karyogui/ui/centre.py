"""The middle of the window: the pages, which cell is open, and the notices."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from karyogui.domain.metaphase import Metaphase
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.case_browser.panel import CaseBrowserPanel
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import EmptyState, NoticeBar, line, text_label

CASES_PAGE, KARYOGRAM_PAGE = 0, 1


def heading(case_name: str, cell_name: str) -> str:
    """Which cell of which case; a case of one cell often bears its name, which is told once."""
    return case_name if case_name == cell_name else f"{case_name}  ·  {cell_name}"


class Centre(QWidget):
    """Tabs above, a page, a notice below."""

    page_changed = Signal()

    def __init__(
        self, browser: CaseBrowserPanel, board: BoardPanel, analyse: Callable[[], object]
    ) -> None:
        super().__init__()
        self._board = board
        self.notices = NoticeBar()
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tabs.addTab("Cases")
        self.tabs.addTab("Karyogram")
        self._cell = text_label("", "muted")
        self.not_analysed = EmptyState(
            "analyse",
            "This cell has not been analysed yet",
            "The network finds the type and the polarity of each chromosome.",
            (("Analyse cell", analyse),),
        )
        self._workspace = QStackedWidget()
        self._workspace.addWidget(board)
        self._workspace.addWidget(self.not_analysed)
        self._pages = QStackedWidget()
        self._pages.addWidget(browser)
        self._pages.addWidget(self._workspace)
        self.tabs.currentChanged.connect(self._on_tab)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 3 * GRID, 0)
        head.addWidget(self.tabs)
        head.addStretch()
        head.addWidget(self._cell)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(line())
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.notices)

    @property
    def page(self) -> int:
        """`CASES_PAGE` or `KARYOGRAM_PAGE`."""
        return self._pages.currentIndex()

    def show_page(self, page: int) -> None:
        """Show a page; the board gets the keys at once."""
        self.tabs.setCurrentIndex(page)
        if page == KARYOGRAM_PAGE:
            self._board.setFocus()

    def show_cell(self, case_name: str, cell: Metaphase | None, waiting: bool) -> None:
        """Tell which cell is open; one without an analysis says so instead of an empty board."""
        self.tabs.setTabEnabled(KARYOGRAM_PAGE, cell is not None)
        self._cell.setText(heading(case_name, cell.name) if cell else "")
        if cell is None or cell.chromosomes:
            self._workspace.setCurrentWidget(self._board)
            return
        if waiting:
            self.not_analysed.say(
                "This cell is being analysed", "The board fills as soon as it is done."
            )
        else:
            self.not_analysed.say(
                "This cell has not been analysed yet",
                "The network finds the type and the polarity of each chromosome.",
            )
        self.not_analysed.show_buttons(not waiting)
        self._workspace.setCurrentWidget(self.not_analysed)

    def _on_tab(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self.page_changed.emit()
