"""The line over the picture: what was found, and how many repairs the cell will cost."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from karyogui.domain.cell import Cell
from karyogui.domain.separation import objects_text
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.metaphase import texts
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import ElidedLabel, IconLabel, set_role


class QualityLine(QWidget):
    """A verdict with its reason, the figures under it, and room for buttons at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("state-new", 16, "muted")
        self.verdict = ElidedLabel()
        self.facts = ElidedLabel("note")
        words = column_of(self.verdict, self.facts, gap=0)
        self.buttons = row_of(gap=0)
        self.setLayout(
            row_of(self._icon, filling(words), self.buttons, gap=2, margins=(3, 1, 2, 1))
        )
        # The same height with one line or two: the picture must not jump.
        height = self.verdict.sizeHint().height() + self.facts.sizeHint().height()
        self.setMinimumHeight(height + 2 * GRID)

    def show_cell(self, cell: Cell, waiting: bool) -> None:
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
            self._say("confirm", "text", texts.verdict(quality, cell.check), facts)
        else:
            self._say("alert", "amber_mark", texts.verdict(quality, cell.check), facts)
            set_role(self.verdict, "amber")
        whole = [self.verdict.text(), facts.replace("  ·  ", ", ")]
        if cell.objects:
            whole.append(f"Found: {objects_text(cell.objects)}")
        self.setToolTip("\n".join(dict.fromkeys(whole)))

    def _say(self, icon: str, tone: str, verdict: str, facts: str) -> None:
        self.setToolTip("")
        self._icon.set_icon(icon, tone)
        set_role(self.verdict, "")
        self.verdict.setText(verdict)
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))
