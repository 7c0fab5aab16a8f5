"""A protocol to be edited: every number with its words, and what makes no sense at once."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from karyogui.domain.case_result import Protocol, Unit
from karyogui.domain.case_result.protocol import MOST_CELLS, STEM_WORDS, problems
from karyogui.ui.boxes import REST, Part, column_of, row_of, space
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import text_label

_NUMBERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("counted", "counted"), ("analysed", "analysed"), ("karyotyped", "karyotyped")),
    (("cultures", "independent cultures at least"),),
    (("per_line", "of each line at least"),),
    (("bands", "bphs at least"), ("goal", "bphs wished")),
    (("gains", "cells with a gain or structural change"), ("losses", "with a loss")),
    (("per_colony", "cells of each count at most (0: any number)"),),
)
_LABELS = ("Cells", "Cultures", "Karyograms", "Band level", "Clone from", "Colonies")
_MOST = 1200


class _Percent(QDoubleSpinBox):
    """Shows no decimals that say nothing: 95 %, 99.9 %."""

    def textFromValue(self, value: float) -> str:
        return f"{value:.{self.decimals()}f}".rstrip("0").rstrip(".")


class ProtocolForm(QWidget):
    """Edits a copy; `protocol` is what stands in the form."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._is_filling = False
        self.name = QLineEdit()
        self.numbers = {key: QSpinBox() for row in _NUMBERS for key, _ in row}
        self.extend = QLineEdit()
        self.extend.setPlaceholderText("30, 50")
        self.extend.setToolTip("Numbers of cells that more work may be extended to")
        self.confidence = _Percent()
        self.confidence.setRange(50.0, 99.99)
        self.confidence.setSuffix(" %")
        self.confidence.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.unit = QComboBox()
        for unit, words in ((Unit.CELL, "Cells"), (Unit.COLONY, "Colonies (in situ)")):
            self.unit.addItem(words, str(unit))
        self.neoplastic = QCheckBox("Neoplastic: acquired changes, stem line and side lines")
        self.prenatal = QCheckBox("Prenatal: levels of mosaicism")
        self.stem_word = QComboBox()
        self.stem_word.addItems(list(STEM_WORDS))
        self.problem = text_label("", "error", wrap=True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(4 * GRID)
        form.setVerticalSpacing(2 * GRID)
        form.addRow("Name", self.name)
        for label, row in zip(_LABELS, _NUMBERS, strict=True):
            form.addRow(label, self._row(row))
            if label == "Cells":
                form.addRow("Extend to", self.extend)
        form.addRow("Counted are", self.unit)
        form.addRow("Confidence", row_of(self.confidence, REST))
        form.addRow("", self.neoplastic)
        form.addRow("", self.prenatal)
        form.addRow("Stem line", self.stem_word)
        self.setLayout(column_of(form, self.problem, REST, gap=2, margins=0))

    def _row(self, row: tuple[tuple[str, str], ...]) -> QHBoxLayout:
        parts: list[Part] = []
        for key, words in row:
            box = self.numbers[key]
            box.setRange(0, MOST_CELLS if key in ("counted", "analysed", "karyotyped") else _MOST)
            box.setAccessibleName(words)
            box.setAlignment(Qt.AlignmentFlag.AlignRight)
            parts += [box, text_label(words), space(1)]
        return row_of(*parts, REST, gap=1)

    def _connect(self) -> None:
        self.name.textChanged.connect(self._on_edit)
        self.extend.textChanged.connect(self._on_edit)
        self.confidence.valueChanged.connect(self._on_edit)
        for box in self.numbers.values():
            box.valueChanged.connect(self._on_edit)
        for choice in (self.unit, self.stem_word):
            choice.currentIndexChanged.connect(self._on_edit)
        for switch in (self.neoplastic, self.prenatal):
            switch.toggled.connect(self._on_edit)

    def show_protocol(self, protocol: Protocol) -> None:
        """Show a protocol."""
        self._is_filling = True
        self.name.setText(protocol.name)
        for key, box in self.numbers.items():
            box.setValue(getattr(protocol, key))
        self.extend.setText(", ".join(map(str, protocol.extend)))
        self.confidence.setValue(100 * protocol.confidence)
        self.unit.setCurrentIndex(self.unit.findData(str(protocol.unit)))
        self.neoplastic.setChecked(protocol.neoplastic)
        self.prenatal.setChecked(protocol.prenatal)
        self.stem_word.setCurrentText(protocol.stem_word)
        self._is_filling = False
        self._on_edit()

    @property
    def protocol(self) -> Protocol:
        """What stands in the form, whether it makes sense or not."""
        numbers = {key: box.value() for key, box in self.numbers.items()}
        return Protocol(
            name=self.name.text().strip(),
            extend=tuple(int(number) for number in re.findall(r"-?\d+", self.extend.text())),
            confidence=round(self.confidence.value() / 100, 6),
            unit=Unit(self.unit.currentData()),
            neoplastic=self.neoplastic.isChecked(),
            prenatal=self.prenatal.isChecked(),
            stem_word=self.stem_word.currentText(),
            **numbers,
        )

    @property
    def is_sound(self) -> bool:
        """Whether what stands in the form makes sense."""
        return not self.problem.text()

    def _on_edit(self) -> None:
        if self._is_filling:
            return
        found = list(problems(self.protocol))
        if re.search(r"[^\d,;\s]", self.extend.text()):
            found.append("Numbers to extend to are written with commas: 30, 50.")
        self.problem.setText("\n".join(found))
        self.problem.setVisible(bool(found))
        self.numbers["per_colony"].setEnabled(self.unit.currentData() == str(Unit.COLONY))
        self.stem_word.setEnabled(self.neoplastic.isChecked())
        self.edited.emit()
