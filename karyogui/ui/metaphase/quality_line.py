"""The line over the picture: what was found, and whether the cell is worth karyotyping."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from karyogui.domain.metaphase import Metaphase
from karyogui.ui.metaphase import texts
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import IconLabel, set_role


class QualityLine(QWidget):
    """A verdict with its reason, the figures under it, and room for buttons at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("state-new", 16, "muted")
        self.verdict = _Line("")
        self.facts = _Line("note")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.verdict)
        words.addWidget(self.facts)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * GRID, GRID, 2 * GRID, GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._icon)
        layout.addLayout(words, 1)
        layout.addLayout(self.buttons)
        # The same height with one line or two: the picture must not jump.
        height = self.verdict.sizeHint().height() + self.facts.sizeHint().height()
        self.setMinimumHeight(height + 2 * GRID)

    def show_cell(self, cell: Metaphase, waiting: bool) -> None:
        """Tell about a metaphase, analysed or not."""
        quality, facts = cell.quality, texts.facts(cell)
        if not cell.is_analysed:
            next_step = texts.WAITING if waiting else texts.NOT_ANALYSED
            facts = "  ·  ".join(part for part in (facts, next_step) if part)
        if quality is None and not cell.is_analysed:
            name, tone = ("analyse", "accent") if waiting else ("state-new", "muted")
            self._say(name, tone, facts, "")
            return
        if quality is None:
            self._say("state-analysed", "muted", facts, "")
        elif quality.worth:
            self._say("confirm", "text", texts.verdict(quality), facts)
        else:
            self._say("alert", "amber_mark", texts.verdict(quality), facts)
            set_role(self.verdict, "amber")
        whole = [self.verdict.text(), facts.replace("  ·  ", ", ")]
        if cell.objects:
            whole.append(f"Found: {texts.found(cell)}")
        self.setToolTip("\n".join(dict.fromkeys(whole)))

    def _say(self, icon: str, tone: str, verdict: str, facts: str) -> None:
        self.setToolTip("")
        self._icon.set_icon(icon, tone)
        set_role(self.verdict, "")
        self.verdict.setText(verdict)
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))


class _Line(QLabel):
    """One line that gives way to the window's width, with dots where its end is missing."""

    def __init__(self, role: str) -> None:
        super().__init__("x")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text as far as there is room."""
        painter = QPainter(self)
        area = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        role = self.foregroundRole()
        self.style().drawItemText(painter, area, align, self.palette(), True, text, role)
        painter.end()
