"""The page of a case: its protocol and karyotype, what its cells are, what they say together."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QLabel,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QWidget,
)

from karyogui.domain.case_result import CaseResult, Unit
from karyogui.domain.case_result.remarks import limits
from karyogui.services.case_work import CaseView
from karyogui.ui.boxes import REST, column_of, filling, row_of, space
from karyogui.ui.case.result_tree import ResultTree
from karyogui.ui.case.rows import rows_of
from karyogui.ui.case.table import CellsTable
from karyogui.ui.widgets import IconLabel, act_button, button, line, set_role, text_label, with_icon

_SHOWN = 4
"""Sentences of each kind that are shown; the rest is in the tooltip."""


class CaseHead(QWidget):
    """Protocol, progress, needs, karyotype, remarks."""

    protocol_requested = Signal()
    cultures_requested = Signal()
    karyotype_requested = Signal()
    copy_requested = Signal()
    report_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.protocol = button("", self.protocol_requested.emit, "link")
        self.protocol.setToolTip("Choose the protocol of this case")
        self.progress = text_label()
        self.cultures = button("", self.cultures_requested.emit, "link")
        self.needs = text_label("", wrap=True)
        # The cells below stay where they are while the work goes on.
        self.needs.setMinimumHeight(2 * self.needs.fontMetrics().lineSpacing())
        self.needs.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.karyotype = text_label("", "title", wrap=True)
        self.karyotype.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.karyotype.setAccessibleName("Karyotype of the case")
        self.note = text_label("", "muted", wrap=True)
        self.note.setMinimumHeight(self.note.fontMetrics().lineSpacing())
        self.remarks = text_label("", "amber", wrap=True)
        self.edit = button("Edit…", self.karyotype_requested.emit)
        self.copy = button("Copy", self.copy_requested.emit)
        self.report = button("Report…", self.report_requested.emit, "primary")
        self.report.setToolTip("State the result, preview the pages, sign and export")
        self._needs_icon = IconLabel("alert", tone="amber_mark")
        self._remarks_icon = IconLabel("alert", tone="amber_mark")
        self._lay_out()

    def _lay_out(self) -> None:
        first = row_of(
            text_label("Protocol", "caption"),
            self.protocol,
            space(2),
            self.progress,
            REST,
            self.cultures,
            gap=2,
        )
        string = row_of(filling(self.karyotype), gap=2)
        for each in (self.copy, self.edit, self.report):
            string.addWidget(each, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(
            column_of(
                first,
                with_icon(self._needs_icon, self.needs),
                string,
                self.note,
                with_icon(self._remarks_icon, self.remarks),
                gap=1,
                margins=(3, 2, 3, 2),
            )
        )
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_view(self, view: CaseView) -> None:
        """Show what is known of a case."""
        protocol, progress = view.protocol, view.progress
        chosen = "" if view.is_chosen else " (not chosen yet)"
        self.protocol.setText(f"{protocol.name}{chosen}")
        unit = "colonies" if protocol.unit is Unit.COLONY else "cells"
        self.progress.setText(
            f"{_done(progress.counted, protocol.counted)} {unit} counted   ·   "
            f"{_done(progress.analysed, protocol.analysed)} analysed   ·   "
            f"{_done(progress.karyotyped, protocol.karyotyped)} karyotyped"
        )
        self._show_cultures(view)
        _tell(self.needs, progress.needs or ("Everything the protocol asks for is done.",))
        self._needs_icon.set_icon(
            "alert" if progress.needs else "saved", "amber_mark" if progress.needs else "muted"
        )
        self._show_karyotype(view)
        _tell(self.remarks, view.result.remarks)
        self.remarks.setVisible(bool(view.result.remarks))
        self._remarks_icon.setVisible(bool(view.result.remarks))

    def _show_cultures(self, view: CaseView) -> None:
        cultures = view.cultures
        dated = sum(bool(one.set_up or one.harvested) for one in cultures)
        number = "No culture" if not cultures else f"{len(cultures)} culture"
        plural = "s" if len(cultures) > 1 else ""
        told = f", {dated} with dates" if cultures and dated < len(cultures) else ""
        self.cultures.setText(f"{number}{plural}{told}")
        known = "\n".join(one.text for one in cultures)
        self.cultures.setToolTip(known or "When the cultures were set up and harvested")

    def _show_karyotype(self, view: CaseView) -> None:
        result = view.result
        self.karyotype.setText(view.iscn or "No karyotype yet")
        set_role(self.karyotype, "title")
        self.copy.setEnabled(bool(view.iscn))
        self.note.setText(" ".join(_note(view, result)))


def _note(view: CaseView, result: CaseResult) -> list[str]:
    told = []
    note = view.case.note
    if note.iscn:
        told.append(f"Typed by a person: {note.iscn_reason.rstrip('.')}.")
        told.append(f"The lines make {result.text or 'none'}.")
    elif result.problem:
        told.append(result.problem)
    limit = limits(result.units, result.protocol, result.excluded is not None)
    if limit:
        told.append(limit)
    if view.as_read:
        told.append(
            f"Including the cells still to do, as the program reads them: {view.as_read} (no "
            "result)."
        )
    return told


def _tell(label: QLabel, sentences: tuple[str, ...]) -> None:
    shown = list(sentences[:_SHOWN])
    if len(sentences) > _SHOWN:
        shown.append(f"… and {len(sentences) - _SHOWN} more.")
    label.setText(" ".join(shown))
    label.setToolTip("\n".join(sentences))


def _done(number: int, asked: int) -> str:
    """How many of those asked for; more than that are no part of them."""
    return f"{number} of {asked}" if number <= asked else str(number)


class CasePanel(QWidget):
    """Head, cells and lines, one above the other. It edits nothing itself."""

    menu_requested = Signal(QPoint)
    """The right button was pressed over cells: a point on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.view: CaseView | None = None
        self.head = CaseHead()
        self.table = CellsTable()
        self.result = ResultTree()
        self._notes = _switch("Notes", "Status, slide, coordinates and bands of each cell")
        self._matrix = _switch("Matrix", "What each cell has too many or too few of, by type")
        self._acts = row_of(gap=1)
        self._lay_out()
        self.setFocusProxy(self.table)
        self.table.customContextMenuRequested.connect(
            lambda at: self.menu_requested.emit(self.table.viewport().mapToGlobal(at))
        )
        self.result.cells_chosen.connect(self.table.choose)

    def _lay_out(self) -> None:
        switches = QButtonGroup(self)
        for each in (self._notes, self._matrix):
            switches.addButton(each)
        self._notes.setChecked(True)
        self._matrix.toggled.connect(self.table.show_matrix)
        parts = (self._notes, self._matrix, space(4), self._acts, REST)
        bar = row_of(*parts, gap=1, margins=(3, 1, 3, 1))
        cells = QWidget()
        cells.setLayout(column_of(bar, filling(self.table), gap=0, margins=0))
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.splitter.addWidget(cells)
        self.splitter.addWidget(self.result)
        self.splitter.setSizes([420, 200])
        self.setLayout(column_of(self.head, line(), filling(self.splitter), gap=0, margins=0))

    def show_view(self, view: CaseView) -> None:
        """Show a case."""
        self.view = view
        self.head.show_view(view)
        self.table.show_cultures(rows_of(view))
        self.result.show_view(view)

    def show_matrix(self, shown: bool) -> None:
        """Show the matrix instead of the notes."""
        (self._matrix if shown else self._notes).setChecked(True)

    def add_acts(self, actions: list[QAction]) -> None:
        """Put what can be done with the selected cells above the table."""
        for action in actions:
            self._acts.addWidget(act_button(action))

    def refresh_icons(self) -> None:
        """Draw everything in the colours of the present theme."""
        if self.view is not None:
            self.show_view(self.view)
            self.table.viewport().update()


def _switch(text: str, tip: str) -> QToolButton:
    result = QToolButton()
    result.setText(text)
    result.setToolTip(tip)
    result.setCheckable(True)
    return result
