"""The flag of the findings: image evidence disagrees with the assignment, in both readings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from karyogui.domain.review import EvidenceFlag
from karyogui.ui.boxes import column_of, grid_of
from karyogui.ui.widgets import IconLabel, text_label, unbroken, with_icon

TITLE = "Image evidence disagrees with the assignment."
NO_STRING = "no karyotype can be written"


class EvidenceBox(QWidget):
    """Both readings and the chromosomes concerned; a click anywhere on it selects them."""

    chosen = Signal(object)
    """The ids concerned, a tuple."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: tuple[str, ...] = ()
        self.assigned = text_label("", wrap=True)
        self.by_pictures = text_label("", wrap=True)
        self.sentences = text_label("", "note", wrap=True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Select these chromosomes on the board")
        readings = grid_of(across=2, down=1, stretch={1: 1})
        for row, (name, value) in enumerate(
            (("Assigned", self.assigned), ("Pictures", self.by_pictures))
        ):
            readings.addWidget(text_label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            readings.addWidget(value, row, 1)
        column = column_of(text_label(TITLE, wrap=True), readings, self.sentences, gap=1)
        self.setLayout(with_icon(IconLabel("alert", 16, "amber_mark"), column, margins=0))
        self.hide()

    def show_flag(self, flag: EvidenceFlag | None) -> None:
        """Show a flag, or nothing."""
        self.setVisible(flag is not None)
        self._ids = flag.chromosome_ids if flag else ()
        if flag is None:
            return
        self.assigned.setText(flag.assigned or NO_STRING)
        self.by_pictures.setText(flag.by_pictures or NO_STRING)
        self.sentences.setText(unbroken("\n".join(flag.sentences)))
        self.setAccessibleName(" ".join((TITLE, *flag.sentences)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.chosen.emit(self._ids)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._ids)
        else:
            super().keyPressEvent(event)
