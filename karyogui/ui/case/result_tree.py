"""The lines of a case with the reason of each, what is not reported, and who is left out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
)

from karyogui.domain import iscn
from karyogui.domain.case_result import CaseResult, CellLine, Ruling, RulingKind
from karyogui.domain.case_result.clonality import ChangeDecision
from karyogui.services.case_work import CaseView
from karyogui.ui import theme
from karyogui.ui.case.table import CellDelegate
from karyogui.ui.theme import GRID

_ROLE = Qt.ItemDataRole.UserRole
_HEADERS = ("Lines and changes", "Cells", "Share", "Why")
_WIDTHS = (300, 60, 150)


@dataclass(frozen=True)
class Entry:
    """What a row is about: its cells, and what of it can be overruled or withdrawn.

    `change` is that of a decision, `line` the changes of a line that cells may be placed in.
    """

    cells: tuple[int, ...] = ()
    change: str = ""
    is_reported: bool = False
    line: tuple[str, ...] | None = None
    composite: bool | None = None
    ruling: Ruling | None = None


class ResultTree(QTreeWidget):
    """Choosing a row announces its cells; Enter opens the first of them."""

    cells_chosen = Signal(object)
    """Ids of the cells behind the chosen row."""
    open_requested = Signal(int)
    entry_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Lines of the case")
        self.setColumnCount(len(_HEADERS))
        self.setHeaderLabels(_HEADERS)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIconSize(QSize(16, 16))
        self.setIndentation(4 * GRID)
        self.setUniformRowHeights(True)
        self.setItemDelegate(CellDelegate(self))
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for column, width in enumerate(_WIDTHS):
            self.header().resizeSection(column, width)
        self.header().setSectionResizeMode(len(_WIDTHS), QHeaderView.ResizeMode.Stretch)
        self.header().setSectionsClickable(False)
        self.itemSelectionChanged.connect(self._on_selection)
        self.itemDoubleClicked.connect(lambda *_: self._open())

    @property
    def entry(self) -> Entry | None:
        """What the chosen row is about."""
        chosen = self.selectedItems()
        return chosen[0].data(0, _ROLE) if chosen else None

    def show_view(self, view: CaseView) -> None:
        """Show the result of a case."""
        self.blockSignals(True)
        self.clear()
        result = view.result
        for number, line in enumerate(result.lines, 1):
            self._add_line(view, number, line)
        self._add_decisions(result)
        self._add_left_out(view)
        self._add_rulings(view)
        self.blockSignals(False)
        self.entry_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the first cell of the row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
            return
        super().keyPressEvent(event)

    # -- rows ------------------------------------------------------------------------------------

    def _add_line(self, view: CaseView, number: int, line: CellLine) -> None:
        result = view.result
        share, low, high = result.share(line)
        told = ""
        if len(result.lines) > 1:
            told = f"{100 * share:.0f} % ({100 * low:.1f}–{100 * high:.1f})"
        changes = [d for d in result.decisions if d.copy in line.changes]
        why = " ".join(d.reason for d in changes) or "No change that is reported."
        name = f"{line_text(line)}{' (donor)' if line.donor else ''}"
        texts = (f"{number}   {name}", str(len(line.cells)), told, why)
        entry = Entry(line.cells, line=line.texts, composite=line.composite)
        item = self._item(None, texts, entry)
        for decision in changes:
            self._add_decision(item, decision)
        item.setExpanded(False)

    def _add_decisions(self, result: CaseResult) -> None:
        """Changes that are no result, with the cells that show them."""
        silent = [d for d in result.decisions if not d.is_reported]
        if not silent:
            return
        cells = tuple(sorted({i for d in silent for i in d.cells}))
        group = self._item(None, ("Not reported", str(len(cells)), "", ""), Entry(cells))
        for decision in silent:
            self._add_decision(group, decision)
        group.setExpanded(True)

    def _add_decision(self, above: QTreeWidgetItem, decision: ChangeDecision) -> None:
        entry = Entry(
            decision.cells, decision.copy.change, decision.is_reported, ruling=decision.ruling
        )
        texts = (decision.copy.text, str(len(decision.cells)), "", decision.reason)
        item = self._item(above, texts, entry)
        if decision.ruling:
            item.setIcon(0, theme.icon("ruling"))

    def _add_left_out(self, view: CaseView) -> None:
        by_reason: dict[str, list[int]] = defaultdict(list)
        for one in view.result.left_out:
            by_reason[one.reason].append(one.cell_id)
        if not by_reason:
            return
        cells = tuple(one.cell_id for one in view.result.left_out)
        group = self._item(None, ("In no line", str(len(cells)), "", ""), Entry(cells))
        for reason, ids in by_reason.items():
            names = ", ".join(view.cell(i).name for i in ids)
            self._item(group, (names, str(len(ids)), "", reason), Entry(tuple(ids)))
        group.setExpanded(not view.result.lines)

    def _add_rulings(self, view: CaseView) -> None:
        """What persons decided of cells and lines; rulings on changes stand with the changes."""
        names = {str(cell.id): cell.name for cell in view.cells}
        others = [
            r for r in view.result.rulings
            if r.kind not in (RulingKind.REPORT, RulingKind.DISREGARD)
            or not any(d.ruling == r for d in view.result.decisions)
        ]  # fmt: skip
        if not others:
            return
        group = self._item(None, ("Rulings", "", "", ""), Entry())
        for ruling in others:
            words = ruling_text(ruling, names)
            why = f"{ruling.reason.rstrip('.')}. ({ruling.who}, {ruling.when:%Y-%m-%d})"
            of_cell = ruling.kind is RulingKind.PLACE or ruling.kind is RulingKind.DONOR
            cells = (int(ruling.subject),) if of_cell and ruling.subject.isdigit() else ()
            item = self._item(group, (words, "", "", why), Entry(cells, ruling=ruling))
            item.setIcon(0, theme.icon("ruling"))
        group.setExpanded(True)

    def _item(
        self, above: QTreeWidgetItem | None, texts: tuple[str, ...], entry: Entry
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem(above, list(texts)) if above else QTreeWidgetItem(list(texts))
        item.setData(0, _ROLE, entry)
        for column in (0, 3):
            item.setToolTip(column, texts[column])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignCenter)
        item.setForeground(3, QBrush(QColor(theme.current().muted)))
        if above is None:
            self.addTopLevelItem(item)
        return item

    def _on_selection(self) -> None:
        entry = self.entry
        if entry is not None:
            self.cells_chosen.emit(entry.cells)
        self.entry_changed.emit()

    def _open(self) -> None:
        entry = self.entry
        if entry is not None and entry.cells:
            self.open_requested.emit(entry.cells[0])


def line_text(line: CellLine) -> str:
    """A line as ISCN writes it by itself; one that refers to another, what it adds."""
    karyotype = line.karyotype
    if karyotype.reference:
        added = (*karyotype.numerical, *karyotype.structural, *["+mar"] * karyotype.markers)
        return f"{','.join((karyotype.reference, *added))}[{karyotype.cells}]"
    try:
        return iscn.write(iscn.CaseKaryotype((karyotype,)))
    except ValueError:
        return ", ".join(line.texts) or "no change"


def ruling_text(ruling: Ruling, names: dict[str, str]) -> str:
    """A ruling in words."""
    match ruling.kind:
        case RulingKind.PLACE:
            changes = ", ".join(ruling.changes) or "no change"
            return f"{names.get(ruling.subject, 'A cell')} belongs to the line with {changes}"
        case RulingKind.COMPOSITE:
            return "Related lines are one composite"
        case RulingKind.SEPARATE:
            return "Related lines are written separately"
        case RulingKind.CHIMERA:
            return "The lines are those of two persons"
        case RulingKind.DONOR:
            if ruling.subject:
                return f"{names.get(ruling.subject, 'A cell')} is a donor's"
            return "The lines of the other sex are the donor's"
        case _:
            told = "is reported" if ruling.kind is RulingKind.REPORT else "is not reported"
            return f"{ruling.subject} {told}"
