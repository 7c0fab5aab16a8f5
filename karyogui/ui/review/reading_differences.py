"""Where two readings of a cell differ, each difference to be resolved by a person with a reason."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from karyogui.domain.amounts import amount
from karyogui.domain.cell import Cell
from karyogui.domain.persons import names_a_person
from karyogui.domain.second_reading import (
    STRING,
    ReadingDifference,
    SecondReading,
    differences,
    numbers,
    unresolved,
)
from karyogui.errors import KaryoError
from karyogui.ui.boxes import column_of, filling, grid_of
from karyogui.ui.images import chromosome_image
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import button, text_label

Resolve = Callable[[SecondReading, str, bool, str, str], SecondReading]
_PICTURE = QSize(56, 88)
"""Room for the largest chromosome; the others are drawn at its scale."""


class ReadingDifferences(QWidget):
    """A row for each difference; who decides is asked once, why for each."""

    all_resolved = Signal()
    """The last difference has been decided."""

    def __init__(self, resolve: Resolve) -> None:
        super().__init__()
        self._resolve = resolve
        self._cell: Cell | None = None
        self.reading: SecondReading | None = None
        self.heading = text_label("", "title")
        self.told = text_label("", "muted", wrap=True)
        self.who = QLineEdit()
        self.who.setPlaceholderText("First and last name")
        self.who.setAccessibleName("Who decides")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("Why this one holds")
        self.reason.setAccessibleName("Reason of the decision")
        self.problem = text_label("", "error", wrap=True)
        self.problem.hide()
        self.buttons: dict[tuple[str, bool], QPushButton] = {}
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab leads to the decisions
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        grid = grid_of(across=2, down=1, stretch={1: 1, 3: 2})
        for column, (words, field) in enumerate((("Who decides", self.who), ("Why", self.reason))):
            grid.addWidget(text_label(words), 0, 2 * column)
            grid.addWidget(field, 0, 2 * column + 1)
        self.setLayout(
            column_of(
                self.heading, self.told, grid, self.problem, filling(self._area), gap=3, margins=0
            )
        )

    def show_reading(self, cell: Cell, reading: SecondReading) -> None:
        """Show the differences of a reading; `cell` is where its chromosomes are looked at."""
        self._cell, self.reading = cell, reading
        self._say("")
        self._show()

    def _show(self) -> None:
        cell, reading = self._cell, self.reading
        if cell is None or reading is None:
            return
        found = differences(reading)
        left = unresolved(found)
        self.heading.setText(f"{cell.name}: {_heading(len(found), left)}")
        self.told.setText(
            "Both readings agree: every chromosome and the karyotype."
            if not found
            else f"Second reader: {reading.who}. What is taken from the second reading changes the "
            "cell; both readings stay on record."
        )
        self.buttons = {}
        inside = QWidget()
        rows = QGridLayout(inside)
        rows.setHorizontalSpacing(4 * GRID)
        rows.setVerticalSpacing(2 * GRID)
        rows.setColumnStretch(4, 1)
        for column, words in enumerate(("", "Object", "First", "Second", "")):
            rows.addWidget(text_label(words, "caption"), 0, column)
        order = numbers(cell.chromosomes)
        images = {
            c.id: chromosome_image(c.segment.crop, c.segment.mask)
            for c in cell.chromosomes
            if c.id in {each.item for each in found}
        }
        for row, difference in enumerate(found, start=1):
            if difference.item in images:
                rows.addWidget(_picture(images[difference.item], images.values()), row, 0)
            name = f"Chromosome {order.get(difference.item, '?')}"
            name = "Karyotype" if difference.item == STRING else name
            for column, words in enumerate((name, difference.first, difference.second), start=1):
                rows.addWidget(text_label(words or "–"), row, column)
            rows.addWidget(self._decision(difference), row, 4)
        rows.setRowStretch(len(found) + 1, 1)
        self._area.setWidget(inside)
        before: QWidget = self.reason
        for act in self.buttons.values():
            QWidget.setTabOrder(before, act)
            before = act

    def _decision(self, difference: ReadingDifference) -> QWidget:
        decision = difference.decision
        if decision is not None:
            which = "second" if decision.takes_second else "first"
            return text_label(
                f"The {which} holds ({decision.who}): {decision.reason}", "muted", wrap=True
            )
        both = QWidget()
        row = QGridLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setColumnStretch(2, 1)
        for column, (words, second) in enumerate((("Keep the first", False),
                                                  ("Take the second", True))):  # fmt: skip
            act = button(words, self._act(difference.item, second))
            self.buttons[difference.item, second] = act
            row.addWidget(act, 0, column)
        return both

    def _act(self, item: str, takes_second: bool) -> Callable[[], None]:
        def decide() -> None:
            if self.reading is None:
                return
            try:
                self.reading = self._resolve(
                    self.reading, item, takes_second, self.reason.text(), self.who.text()
                )
            except KaryoError as error:
                self._say(str(error))
                return
            self._say("")
            self.reason.clear()
            self._show()
            if self.buttons:
                self.reason.setFocus()
            else:
                self.all_resolved.emit()

        return decide

    def _say(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))
        if sentence:
            lacking = self.reason if names_a_person(self.who.text()) else self.who
            lacking.setFocus()


def _picture(image: QImage, others: Collection[QImage]) -> QLabel:
    """A chromosome at the scale at which the largest of them has room: a 21 beside a 14."""
    scale = min(
        _PICTURE.width() / max(each.width() for each in others),
        _PICTURE.height() / max(each.height() for each in others),
    )
    picture = QLabel()
    picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
    picture.setPixmap(
        QPixmap.fromImage(image).scaledToHeight(
            max(1, round(scale * image.height())), Qt.TransformationMode.SmoothTransformation
        )
    )
    picture.setProperty("role", "paper")
    return picture


def _heading(number: int, left: int) -> str:
    if not number:
        return "no difference"
    told = amount(number, "difference")
    return f"{told}, {left} to be resolved" if left else f"{told}, all resolved"
