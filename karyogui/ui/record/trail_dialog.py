"""The trail of a case: every change with who, when, before and after; filtered and printed."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QLineEdit,
    QTableView,
    QWidget,
)

from karyogui.domain.amounts import sentence
from karyogui.services.record import TrailEntry
from karyogui.ui.boxes import filling, row_of
from karyogui.ui.dialogs.parts import Button, act_button, button_row, stacked
from karyogui.ui.widgets import text_label

COLUMNS = ("No.", "When", "Who", "What", "Cell", "Before", "After", "Reason")
WIDTHS = (48, 144, 100, 172, 112, 176, 196, 116)
EVERYBODY = "Everybody"
MOST_LETTERS = 400
"""Of a value before or after that are shown; the tooltip has more."""
MOST_TIP = 2000


def columns_of(entry: TrailEntry) -> tuple[str, ...]:
    """An entry as it is read."""
    when = f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}"
    if entry.clock_set_back:
        when += " (clock set back)"
    act = f"{entry.act} (elsewhere)" if entry.elsewhere else entry.act
    return (
        str(entry.seq), when, entry.who, sentence(act), entry.cell,
        entry.before, entry.after, entry.reason,
    )  # fmt: skip


class TrailModel(QAbstractTableModel):
    """Rows of a trail; only those that hold the words looked for, of the person chosen."""

    def __init__(self, entries: Sequence[TrailEntry], parent: QWidget) -> None:
        super().__init__(parent)
        self._all = [columns_of(entry) for entry in entries]
        self.rows = list(self._all)

    def show(self, words: str, who: str) -> None:
        """Show the rows of a person (all for none) that hold every word."""
        wanted = words.casefold().split()
        self.beginResetModel()
        self.rows = [
            row
            for row in self._all
            if (not who or row[2] == who) and all(w in "\n".join(row).casefold() for w in wanted)
        ]
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        text = self.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text[:MOST_LETTERS]
        if role == Qt.ItemDataRole.ToolTipRole and text:
            return f"<p>{html.escape(text[:MOST_TIP])}</p>"
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        is_shown = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return COLUMNS[section] if is_shown else None


class TrailDialog(QDialog):
    """A table to look through, with a field for words, a person, and a printer."""

    print_requested = Signal(str)
    """The rows that are shown are to be printed."""

    def __init__(self, parent: QWidget | None, case: str, entries: Sequence[TrailEntry]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Trail of the case")
        self._case, self._total = case, len(entries)
        self.model = TrailModel(entries, self)
        self.words = QLineEdit()
        self.words.setPlaceholderText("Look for words")
        self.words.setClearButtonEnabled(True)
        self.words.setAccessibleName("Words looked for")
        self.who = QComboBox()
        self.who.addItems([EVERYBODY, *sorted({entry.who for entry in entries})])
        self.who.setAccessibleName("Person")
        self.count = text_label("", "muted")
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        for column, width in enumerate(WIDTHS):
            self.table.setColumnWidth(column, width)
        self.words.textChanged.connect(lambda _: self._filter())
        self.who.currentIndexChanged.connect(lambda _: self._filter())
        self._lay_out()
        self._filter()
        self.table.scrollToBottom()

    def _lay_out(self) -> None:
        buttons = button_row(self, Button.Close)
        self.print = act_button(buttons, "Print…")
        self.print.setShortcut("Ctrl+P")
        self.print.clicked.connect(lambda: self.print_requested.emit(self.markup()))
        head = row_of(filling(self.words), self.who, self.count, gap=2)
        stacked(
            self,
            text_label(f"Every stored change of case {self._case}", "title"),
            head,
            filling(self.table),
            buttons,
        )
        self.resize(1120, 620)
        self.words.setFocus()

    def _filter(self) -> None:
        who = "" if self.who.currentIndex() == 0 else self.who.currentText()
        self.model.show(self.words.text(), who)
        shown = len(self.model.rows)
        noun = "entry" if self._total == 1 else "entries"
        of = f"{shown} of {self._total}" if shown != self._total else str(self._total)
        self.count.setText(f"{of} {noun}")

    def markup(self) -> str:
        """The rows that are shown, as printed."""
        head = "".join(f"<th align='left'>{html.escape(name)}</th>" for name in COLUMNS)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>"
            for row in self.model.rows
        )
        return (
            f"<h3>Trail of case {html.escape(self._case)}</h3><p>{self.count.text()}</p>"
            f"<table width='100%' border='1' cellspacing='0' cellpadding='3' "
            f"style='font-size:7pt; border-collapse:collapse; border-color:#999999'>"
            f"<thead><tr>{head}</tr></thead>{rows}</table>"
        )
