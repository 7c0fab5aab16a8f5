"""The case browser: every case with its slides and cells, search, filter, order and the bin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import (
    QByteArray,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from karyogui.domain.case import CaseState
from karyogui.domain.case_list import CaseQuery
from karyogui.domain.cell import PictureKind
from karyogui.ui import theme
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.case_browser.model import (
    CELL_ROLE,
    ID_ROLE,
    MOST_AGAIN,
    THUMBNAIL,
    CaseTreeModel,
    Column,
)
from karyogui.ui.case_browser.rows import OF_METAPHASES
from karyogui.ui.case_browser.tree import WIDTHS, CaseDelegate, CaseTree
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import ElidedLabel, EmptyState, button, text_label

COLUMNS_VERSION = b"3:"
"""Before a remembered state of the columns; another set of columns raises it."""
KINDS: tuple[tuple[str, PictureKind | None], ...] = (
    ("Recognise pictures", None),
    ("Pictures are metaphases", PictureKind.METAPHASE),
    ("Pictures are cut-outs", PictureKind.CUT_OUT),
    ("Pictures are finished karyograms", PictureKind.KARYOGRAM),
)


NO_CASES = (
    "No cases yet",
    "Drop photographs of metaphases or folders of cut-out chromosomes here, "
    "or open the demonstration cases.",
)
IMPORTING = ("Importing…", "The cases appear here as soon as their pictures are stored.")
_MANY = 100
"""Fewer cases are there before anybody has read that they are missing."""


class CaseBrowserPanel(QWidget):
    """Shows the cases of a `CaseTreeModel` and reports what a person wishes to do with them."""

    open_requested = Signal(int)
    cell_open_requested = Signal(int)
    import_requested = Signal()
    import_folder_requested = Signal()
    demo_requested = Signal()
    bin_requested = Signal(bool)
    restore_requested = Signal()
    selection_changed = Signal()
    menu_requested = Signal(QPoint)
    exclude_requested = Signal()
    """`Delete` was pressed on cells: cases go to the bin by an action, cells are only excluded."""

    def __init__(self, model: CaseTreeModel) -> None:
        super().__init__()
        self.model = model
        self.search = QLineEdit()
        self.state = QComboBox()
        self.kind_choice = QComboBox()
        self.bin = QToolButton()
        self.table = CaseTree()
        self._count = text_label("", "muted")
        self.folder = ElidedLabel("note", Qt.TextElideMode.ElideMiddle)
        self.waiting = text_label("", "note")
        self._first_row = QHBoxLayout()
        self._restore = button("Restore", self.restore_requested.emit)
        self._imports = (
            button("Import folder…", self.import_folder_requested.emit),
            button("Import pictures…", self.import_requested.emit),
        )
        self._opened: tuple[int | None, int | None] = (None, None)
        self._pages = QStackedWidget()
        self._empty = EmptyState(
            "chromosome",
            *NO_CASES,
            (
                ("Import folder…", self.import_folder_requested.emit),
                ("Import pictures…", self.import_requested.emit),
                ("Open demonstration cases", self.demo_requested.emit),
            ),
        )
        self._no_match = EmptyState(
            "search",
            "No case matches",
            "Try other words or another state.",
            (("Show all cases", self.show_all),),
        )
        self._empty_bin = EmptyState(
            "bin", "The bin is empty", "Deleted cases can be restored here."
        )
        self._build()
        self._connect()
        self._show_page()

    # -- what is shown ---------------------------------------------------------------------------

    @property
    def shows_bin(self) -> bool:
        """Whether the deleted cases are shown."""
        return self.bin.isChecked()

    @property
    def picture_kind(self) -> PictureKind | None:
        """What a person says that imported pictures are; None leaves it to be recognised."""
        # Qt hands an enum of strings back as a plain string.
        chosen = self.kind_choice.currentData()
        return PictureKind(chosen) if chosen else None

    def selected_ids(self) -> tuple[int, ...]:
        """Ids of the cases of the selected rows from top to bottom."""
        rows = self.table.selectionModel().selectedRows(Column.CASE)
        rows.sort(key=lambda index: self.table.visualRect(index).top())
        return tuple(dict.fromkeys(int(index.data(ID_ROLE)) for index in rows))

    def show_open(self, case_id: int | None, cell_id: int | None) -> None:
        """Mark the open case and cell; another one than before is selected too."""
        if (case_id, cell_id) == self._opened:
            return
        self._opened = (case_id, cell_id)
        self.model.show_open(case_id, cell_id)
        self._select_open()

    def _select_open(self) -> None:
        """Select the row of the open cell, where it is shown."""
        cell_id = self._opened[1]
        if cell_id is None or self.shows_bin:
            return
        index = self.model.index_of_cell(cell_id)
        if index.isValid():
            selection, command = self.table.selectionModel(), QItemSelectionModel.SelectionFlag
            above = index.parent()
            while above.isValid():
                self.table.expand(above.siblingAtColumn(0))
                above = above.parent()
            selection.setCurrentIndex(index, command.ClearAndSelect | command.Rows)
            self.table.scrollTo(index)

    def show_importing(self, is_running: bool) -> None:
        """Say that pictures are on their way, where no case is there yet."""
        self._empty.say(*(IMPORTING if is_running else NO_CASES))
        self._empty.show_buttons(not is_running)

    def shown_ids(self) -> tuple[int, ...]:
        """Ids of the cases that pass search and filter, in the order shown, as far as read."""
        return tuple(summary.id for summary in self.model.summaries)

    def expand(self, case_ids: Iterable[int]) -> None:
        """Show the cells of these cases."""
        wanted = set(case_ids)
        for row, case_id in enumerate(self.shown_ids()):
            if case_id in wanted:
                self.table.expandRecursively(self.model.index(row, 0))

    def select(self, case_ids: Iterable[int]) -> None:
        """Select the rows of these cases and scroll to the first one."""
        wanted = set(case_ids)
        selection = self.table.selectionModel()
        selection.clearSelection()
        self._read_until(wanted)
        flags = QItemSelectionModel.SelectionFlag
        found = [n for n, case_id in enumerate(self.shown_ids()) if case_id in wanted]
        for row in found:
            index = self.model.index(row, Column.CASE)
            selection.select(index, flags.Select | flags.Rows)
        if found:
            first = self.model.index(found[0], Column.CASE)
            selection.setCurrentIndex(first, flags.NoUpdate)
            self.table.scrollTo(first)

    def _read_until(self, case_ids: set[int]) -> None:
        """Read on until these cases are shown, or for so long as it is worth it."""
        while not case_ids <= set(self.shown_ids()) and self.model.has_more:
            if self.model.rowCount() >= MOST_AGAIN:
                return
            self.model.read_on()

    def show_all(self) -> None:
        """Empty the search box and take the filter away."""
        self.search.clear()
        self.state.setCurrentIndex(0)

    def show_bin(self, shown: bool) -> None:
        """Show the deleted cases instead of the present ones."""
        self.bin.setChecked(shown)

    def rename(self, case_id: int) -> None:
        """Open the name of a case for typing."""
        self.select([case_id])
        index = self.table.currentIndex()
        if index.isValid():
            self.table.edit(index.siblingAtColumn(Column.CASE))

    def column_state(self) -> QByteArray:
        """Widths and order of the columns, to be remembered."""
        return QByteArray(COLUMNS_VERSION) + self.table.header().saveState()

    def restore_column_state(self, state: QByteArray) -> None:
        """Take over remembered columns; those of another version are left alone."""
        if state.startsWith(QByteArray(COLUMNS_VERSION)):
            self.table.header().restoreState(state.mid(len(COLUMNS_VERSION)))
            self._show_columns()

    def show_waiting(self, number: int) -> None:
        """Say how many cases are still missing while the list of an older folder is worked out."""
        told = f"{number:,} cases are still being listed" if number > _MANY else ""
        self.waiting.setText(told)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the number of cases out where the search box would have no room beside it."""
        super().resizeEvent(event)
        self._fit_count(event.size().width())

    def _fit_count(self, room: int) -> None:
        needed = self._first_row.minimumSize().width()
        if self._count.isHidden():
            needed += self._count.sizeHint().width() + self._first_row.spacing()
        self._count.setVisible(bool(self.model.total) and needed <= room)

    def refresh_icons(self) -> None:
        """Draw the icons in the colours of the present theme."""
        self.bin.setIcon(theme.icon("bin"))
        actions = self.search.actions()
        actions[0].setIcon(theme.icon("search", theme.current().muted))
        self.table.viewport().update()

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setFocusProxy(self.table)
        self.search.setPlaceholderText("Search case, cell, finding, karyotype")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            theme.icon("search", theme.current().muted), QLineEdit.ActionPosition.LeadingPosition
        )
        # A dropped folder is for the window; a text field would take its name.
        self.search.setAcceptDrops(False)
        self.search.setMinimumWidth(160)
        self.search.setMaximumWidth(320)
        self.state.addItem("All states", None)
        for state in CaseState:
            self.state.addItem(state.value.capitalize(), state)
        for words, kind in KINDS:
            self.kind_choice.addItem(words, kind)
        self.kind_choice.setToolTip(
            "What imported and dropped pictures show. Recognised, a photograph of a metaphase is "
            "a cell, and a folder of cut-out chromosomes is a cell."
        )
        self.bin.setText("Bin")
        self.bin.setIcon(theme.icon("bin"))
        self.bin.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.bin.setCheckable(True)
        self.bin.setToolTip("Show deleted cases")
        self._build_table()
        row = self._first_row
        row.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        row.setSpacing(2 * GRID)
        row.addWidget(self.search, 1)
        row.addWidget(self.state)
        row.addWidget(self._count)
        row.addStretch()
        row.addWidget(self.bin)
        for each in (self._restore, self.kind_choice, *self._imports):
            row.addWidget(each)
        for page in (self.table, self._empty, self._no_match, self._empty_bin):
            self._pages.addWidget(page)
        foot = row_of(filling(self.folder), self.waiting, margins=(3, 1, 3, 1))
        self.setLayout(column_of(row, filling(self._pages), foot, gap=0, margins=0))

    def _build_table(self) -> None:
        table = self.table
        table.show_cases(self.model)
        table.setSortingEnabled(True)
        table.sortByColumn(Column.DATE, Qt.SortOrder.DescendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.setTreePosition(Column.CASE)
        table.setIndentation(4 * GRID)
        table.setExpandsOnDoubleClick(False)
        table.setIconSize(THUMBNAIL)
        table.setItemDelegate(CaseDelegate(table))
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setTabKeyNavigation(False)
        table.setWordWrap(True)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = table.header()
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(True)
        header.setStretchLastSection(False)
        for column, width in WIDTHS.items():
            header.resizeSection(column, width)
        # What was found comes before the figures: these may be scrolled to.
        header.moveSection(header.visualIndex(Column.FINDINGS), header.visualIndex(Column.QUALITY))
        header.setSectionResizeMode(Column.PICTURE, QHeaderView.ResizeMode.Fixed)
        self._show_columns()

    def _show_columns(self) -> None:
        """Columns about photographs only where there are any."""
        judged = self.model.has_quality
        if judged is self.table.isColumnHidden(OF_METAPHASES[0]):
            for column in OF_METAPHASES:
                self.table.setColumnHidden(column, not judged)
        self.table.fit_findings()

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search)
        self.state.currentIndexChanged.connect(self._on_state)
        self.bin.toggled.connect(self.bin_requested)
        self.bin.toggled.connect(lambda _: self._show_page())
        self.table.doubleClicked.connect(self._open_index)
        self.table.open_requested.connect(self.open_current)
        self.table.delete_pressed.connect(self.exclude_requested)
        self.table.customContextMenuRequested.connect(
            lambda point: self.menu_requested.emit(self.table.viewport().mapToGlobal(point))
        )
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._on_selection())
        for signal in (self.model.modelReset, self.model.rowsInserted):
            signal.connect(lambda *_: self._show_page())
        self.model.modelReset.connect(self._on_selection)
        for signal in (self.model.modelReset, self.model.rowsInserted, self.model.dataChanged):
            signal.connect(lambda *_: self._show_columns())

    def _on_selection(self) -> None:
        self._restore.setEnabled(bool(self.selected_ids()))
        self.selection_changed.emit()

    def _on_search(self, text: str) -> None:
        self._ask(replace(self.model.query, words=CaseQuery.words_of(text)))

    def _on_state(self) -> None:
        # Qt hands an enum of strings back as a plain string.
        chosen = self.state.currentData()
        self._ask(replace(self.model.query, state=CaseState(chosen) if chosen else None))

    def _ask(self, query: CaseQuery) -> None:
        self.model.ask(query)
        self.table.scrollToTop()
        self._show_page()

    def _open_index(self, index: QModelIndex) -> None:
        if self.shows_bin:
            return
        cell_id = index.data(CELL_ROLE)
        if cell_id is not None:
            self.cell_open_requested.emit(int(cell_id))
        elif index.parent().isValid():
            slide = index.siblingAtColumn(0)
            self.table.setExpanded(slide, not self.table.isExpanded(slide))
        else:
            self.open_requested.emit(int(index.data(ID_ROLE)))

    def open_current(self) -> None:
        """Open the case or cell under the cursor of the keys."""
        index = self.table.currentIndex()
        if index.isValid() and self.selected_ids():
            self._open_index(index)

    def _show_page(self) -> None:
        shown, total = self.model.matching, self.model.total
        words = "case" if total == 1 else "cases"
        if self.shows_bin:
            words += " in the bin"
        self._restore.setVisible(self.shows_bin)
        for each in (self.kind_choice, *self._imports):
            each.setHidden(self.shows_bin)
        of_all = f"{shown:,} of " if shown != total else ""
        self._count.setText(f"{of_all}{total:,} {words}")
        if self.isVisible():
            self._fit_count(self.width())
        else:  # it comes with the first resize
            self._count.setVisible(bool(total))
        if shown:
            page: QWidget = self.table
        elif total:
            page = self._no_match
        else:
            page = self._empty_bin if self.shows_bin else self._empty
        self._pages.setCurrentWidget(page)
