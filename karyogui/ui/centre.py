"""The middle of the window: the pages, which cell is open, and the notices."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from karyogui.domain.cell import Cell
from karyogui.ui.board.panel import BoardPanel
from karyogui.ui.boxes import column_of, filling, row_of, space
from karyogui.ui.case_browser.panel import CaseBrowserPanel
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.strip.panel import StripPanel
from karyogui.ui.widgets import ElidedLabel, EmptyState, Notice, NoticeBar, Tone, line

CASES_PAGE, METAPHASE_PAGE, KARYOGRAM_PAGE, CASE_PAGE, STRIP_PAGE = 0, 1, 2, 3, 4
PAGE_NAMES = ("cases", "metaphase", "karyogram", "case", "strip")
"""What the pages are called where the window remembers them."""


def heading(case_name: str, cell_name: str) -> str:
    """Which cell of which case; a case of one cell often has its name, which is shown once."""
    return case_name if case_name == cell_name else f"{case_name}  ·  {cell_name}"


class Centre(QWidget):
    """Tabs above, a page, a notice below. Metaphase and karyogram may stand side by side."""

    page_changed = Signal()

    def __init__(
        self,
        browser: CaseBrowserPanel,
        metaphase: MetaphasePanel,
        board: BoardPanel,
        strip: StripPanel,
        case: QWidget,
        analyse: Callable[[], object],
    ) -> None:
        super().__init__()
        self._browser, self._board, self._metaphase = browser, board, metaphase
        self._strip = strip
        self._case = case
        self._side_by_side = False
        self.notices = NoticeBar()
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for title in ("Cases", "Metaphase", "Karyogram", "Case", "Across cells"):
            self.tabs.addTab(title)
        self._cell = ElidedLabel("muted", Qt.TextElideMode.ElideMiddle)
        self._cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._cell.setText("")
        self.not_analysed = EmptyState("analyse", "", "", (("Analyse cell", analyse),))
        self._workspace = QStackedWidget()
        self._workspace.addWidget(board)
        self._workspace.addWidget(self.not_analysed)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(metaphase)
        self.splitter.addWidget(self._workspace)
        self.splitter.setSizes([1000, 1000])
        self._pages = QStackedWidget()
        self._pages.addWidget(browser)
        self._pages.addWidget(self.splitter)
        self._pages.addWidget(strip)
        self._pages.addWidget(case)
        self.tabs.currentChanged.connect(self._on_tab)
        for view in (metaphase.view, board.view):
            view.installEventFilter(self)
        self._lay_out()

    def show_banner(self, banner: QWidget) -> None:
        """Show a line above everything that stays there."""
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, banner)

    def _lay_out(self) -> None:
        head = row_of(self.tabs, space(3), filling(self._cell), margins=(0, 0, 3, 0))
        self.setLayout(
            column_of(head, line(), filling(self._pages), self.notices, gap=0, margins=0)
        )

    # -- pages -----------------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """One of the pages; with metaphase and karyogram side by side, who has the keys."""
        return self.tabs.currentIndex()

    @property
    def is_at_cell(self) -> bool:
        """Whether a cell is in front: its metaphase, its karyogram, or both."""
        return self.page in (METAPHASE_PAGE, KARYOGRAM_PAGE)

    @property
    def needs_room(self) -> bool:
        """Whether a table is in front, which has no use for inspector and findings."""
        return self.page in (CASES_PAGE, CASE_PAGE)

    def show_page(self, page: int) -> None:
        """Show a page; what stands on it gets the keys at once."""
        self.tabs.setCurrentIndex(page)
        self._give_keys()

    def switch(self) -> None:
        """From the metaphase to the karyogram, and back."""
        self.show_page(METAPHASE_PAGE if self.page == KARYOGRAM_PAGE else KARYOGRAM_PAGE)

    @property
    def is_side_by_side(self) -> bool:
        """Whether a person wants metaphase and karyogram at once."""
        return self._side_by_side

    def show_side_by_side(self, both: bool) -> None:
        """Show metaphase and karyogram at once, or one of them."""
        self._side_by_side = both
        self._arrange()
        self.page_changed.emit()

    def toggle_side_by_side(self) -> None:
        """The other way of showing the two."""
        self.show_side_by_side(not self._side_by_side)
        if not self.is_at_cell:
            self.show_page(METAPHASE_PAGE)

    def show_cell(self, case_name: str, cell: Cell | None, waiting: bool) -> None:
        """Tell which cell is open; one without an analysis says so instead of an empty board."""
        for page in (METAPHASE_PAGE, KARYOGRAM_PAGE, STRIP_PAGE, CASE_PAGE):
            self.tabs.setTabEnabled(page, cell is not None)
        told = heading(case_name, cell.name) if cell else ""
        if cell is not None and cell.note.status is not None:
            told += f"  ·  {cell.note.status}"
        if cell is not None and cell.exclusion is not None:
            told += f"  ·  excluded from the case: {cell.exclusion.reason}"
        self._cell.setText(told)
        self._cell.setToolTip(self._cell.text())
        self._arrange()
        if cell is None or cell.is_analysed:
            self._workspace.setCurrentWidget(self._board)
            return
        if waiting:
            self.not_analysed.say(
                "This cell is being analysed", "The board is filled as soon as it is done."
            )
        else:
            self.not_analysed.say("This cell has not been analysed yet", what_happens(cell))
        self.not_analysed.show_buttons(not waiting)
        self._workspace.setCurrentWidget(self.not_analysed)

    def _on_tab(self, index: int) -> None:
        self._arrange()
        self._pages.setCurrentIndex({CASES_PAGE: 0, STRIP_PAGE: 2, CASE_PAGE: 3}.get(index, 1))
        self._give_keys()
        self.page_changed.emit()

    def _give_keys(self) -> None:
        pages = (self._browser, self._metaphase, self._board, self._case, self._strip)
        pages[self.page].setFocus()

    def _arrange(self) -> None:
        """Show one of the two or both; a cell without a metaphase has nothing to stand beside."""
        both = self._side_by_side and self._metaphase.has_picture
        self._metaphase.setVisible(both or self.page in (CASES_PAGE, METAPHASE_PAGE))
        self._workspace.setVisible(both or self.page != METAPHASE_PAGE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Side by side, the tab follows the keys."""
        # Not otherwise: Qt gives the keys to a view that is hidden, on the way to the other one.
        both = self._side_by_side and self.is_at_cell
        if both and event.type() is QEvent.Type.FocusIn:
            on_board = watched is self._board.view
            self.tabs.setCurrentIndex(KARYOGRAM_PAGE if on_board else METAPHASE_PAGE)
        return super().eventFilter(watched, event)

    def say(self, text: str) -> None:
        """Say something for a while on the page in front; a page without a hint has a notice."""
        if not self.hint(text):
            self.notices.show_notice(Notice(text, Tone.LOOK))

    def hint(self, text: str) -> bool:
        """Say something for a while over the picture in front; whether there is one."""
        has_hint = self.page in (METAPHASE_PAGE, KARYOGRAM_PAGE, STRIP_PAGE)
        if has_hint and self._shown.isVisible():
            self._shown.show_message(text)
            return True
        return False

    # -- what the menus ask of either ------------------------------------------------------------

    @property
    def _shown(self) -> MetaphasePanel | BoardPanel | StripPanel:
        if self.page == STRIP_PAGE:
            return self._strip
        return self._metaphase if self.page == METAPHASE_PAGE else self._board

    def zoom_in(self) -> None:
        """Zoom in about the middle of the page."""
        self._shown.zoom_in()

    def zoom_out(self) -> None:
        """Zoom out about the middle of the page."""
        self._shown.zoom_out()

    def zoom_fit(self) -> None:
        """Show all of the page."""
        self._shown.zoom_fit()

    def walk(self, step: int) -> None:
        """Select the next (1) or previous (-1) object; past the last one the keys go on."""
        if not self._shown.walk_objects(step):
            self.window().focusNextPrevChild(step > 0)

    def select_all(self) -> None:
        """Select every chromosome."""
        self._shown.select_all()


def what_happens(cell: Cell) -> str:
    """What an analysis will do with a cell."""
    if cell.has_photograph:
        return "The program separates the chromosomes and finds the type of each."
    return "The network finds the type and the polarity of each chromosome."
