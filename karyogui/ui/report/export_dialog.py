"""Which cells of a case are written, in which formats: asked before every export of several."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from karyogui.domain.amounts import amount
from karyogui.domain.cell import Cell
from karyogui.export import EXPORTERS, Exporter
from karyogui.ui.boxes import REST, column_of, filling, row_of, space
from karyogui.ui.dialogs.parts import answer_row, stacked
from karyogui.ui.widgets import button, text_label


@dataclass(frozen=True)
class ExportChoice:
    """What a person chose: cells in the order of the case, formats, and one file for each cell."""

    cell_ids: tuple[int, ...]
    exporters: tuple[Exporter, ...]
    apart: bool


class ExportDialog(QDialog):
    """The analysed cells of a case with a tick each, and the formats."""

    def __init__(
        self,
        parent: QWidget | None,
        case_name: str,
        cells: Sequence[Cell],
        meant: Collection[int],
        exporter: Exporter,
    ) -> None:
        """`meant` are the cells that are ticked at first: the open one, or those selected."""
        super().__init__(parent)
        self.setWindowTitle(f"Export from case {case_name}")
        self._cells, self._meant = tuple(cells), frozenset(meant)
        self.list = QListWidget()
        self.list.setSpacing(2)
        for cell in self._cells:
            self.list.addItem(_item(cell, cell.id in self._meant))
        self.formats = {each.id: QCheckBox(each.label) for each in EXPORTERS}
        self.formats[exporter.id].setChecked(True)
        self.apart = QCheckBox("A file of its own for each cell")
        self.summary = text_label("", "muted")
        self.buttons, self.go_on = answer_row(self, "Export…")
        self._build()
        self.list.itemChanged.connect(lambda _: self._show_possible())
        for box in (*self.formats.values(), self.apart):
            box.toggled.connect(self._show_possible)
        self._show_possible()

    @property
    def choice(self) -> ExportChoice:
        """What is ticked."""
        ticked = [
            cell.id
            for number, cell in enumerate(self._cells)
            if self.list.item(number).checkState() is Qt.CheckState.Checked
        ]
        exporters = tuple(each for each in EXPORTERS if self.formats[each.id].isChecked())
        apart = self.apart.isChecked() and len(ticked) > 1
        return ExportChoice(tuple(ticked), exporters, apart)

    def tick(self, cell_ids: Collection[int]) -> None:
        """Tick these cells and no others."""
        for number, cell in enumerate(self._cells):
            state = Qt.CheckState.Checked if cell.id in cell_ids else Qt.CheckState.Unchecked
            self.list.item(number).setCheckState(state)

    def _build(self) -> None:
        quick = row_of(text_label("Cells", "caption"), REST, gap=2)
        meant = self._meant & {cell.id for cell in self._cells}
        words = "This cell" if len(meant) == 1 else "Selected cells"
        counted = [cell.id for cell in self._cells if not cell.is_excluded]
        choices = [("All cells" if len(counted) == len(self._cells) else "All that count", counted)]
        choices.append(("None", []))
        if meant and len(meant) < len(self._cells):
            choices.insert(0, (words, list(meant)))
        for text, ids in choices:
            each = button(text, lambda ids=ids: self.tick(ids), "link")  # type: ignore[misc]
            quick.addWidget(each)
        formats = column_of(
            text_label("Formats", "caption"),
            *self.formats.values(),
            space(2),
            self.apart,
            REST,
            gap=1,
        )
        left = column_of(quick, filling(self.list), gap=1)
        columns = row_of(filling(left), formats, gap=5)
        foot = row_of(filling(self.summary), self.buttons)
        stacked(self, filling(columns), foot)
        self.resize(620, 340)
        self.list.setFocus()

    def _show_possible(self) -> None:
        choice = self.choice
        cells, formats = len(choice.cell_ids), len(choice.exporters)
        self.apart.setEnabled(cells > 1)
        files = formats * (cells if self.apart.isChecked() and cells > 1 else 1)
        self.go_on.setEnabled(bool(cells and formats))
        told = f"{amount(cells, 'cell')}, {amount(files, 'file')}"
        self.summary.setText(told if cells and formats else "Nothing is chosen yet")


def _item(cell: Cell, is_meant: bool) -> QListWidgetItem:
    name = f"{cell.slide}, {cell.name}" if cell.slide else cell.name
    marks = ["signed off"] if cell.reviewed_at else []
    if cell.exclusion is not None:
        marks.insert(0, f"excluded: {cell.exclusion.reason}")
    item = QListWidgetItem(f"{name} ({', '.join(marks)})" if marks else name)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked if is_meant else Qt.CheckState.Unchecked)
    item.setToolTip(name)
    return item
