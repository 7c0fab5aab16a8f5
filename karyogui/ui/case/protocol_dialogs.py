"""Dialogs about protocols: the one of a case, the presets of the laboratory, the form of one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QSpinBox,
    QWidget,
)

from karyogui.domain.case_result import PRESETS, Protocol, Unit
from karyogui.domain.case_result.protocol import MOST_CELLS, STEM_WORDS, problems, same_names
from karyogui.services.case_work import CaseView
from karyogui.ui.boxes import REST, Part, column_of, filling, row_of, space
from karyogui.ui.dialogs.parts import Button, answer_row, button_row, stacked
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import button, line, text_label

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


_OWN = "As it is set in this case"


class ProtocolDialog(QDialog):
    """Chooses the protocol of a case from the presets; its numbers may be changed for this case."""

    def __init__(self, parent: QWidget | None, view: CaseView, presets: Sequence[Protocol]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Protocol of the case")
        self._presets = [*presets]
        self.choice = QComboBox()
        for preset in presets:
            self.choice.addItem(preset.name)
        if view.protocol not in self._presets:
            self.choice.insertItem(0, _OWN)
            self._presets.insert(0, view.protocol)
        self.form = ProtocolForm()
        constitution = view.case.note.constitution
        self.sex = QLineEdit(constitution.sex if constitution else "")
        self.sex.setPlaceholderText(f"from the cells: {view.result.constitution.sex}")
        self.changes = QLineEdit(",".join(constitution.changes) if constitution else "")
        self.changes.setPlaceholderText("none; such as +21")
        self._buttons, self.take = answer_row(self, "Use for this case")
        self._lay_out()
        self.choice.currentIndexChanged.connect(
            lambda at: self.form.show_protocol(self._presets[at])
        )
        self.form.edited.connect(lambda: self.take.setEnabled(self.form.is_sound))
        self.choice.setCurrentIndex(self._presets.index(view.protocol))
        self.form.show_protocol(view.protocol)

    def _lay_out(self) -> None:
        told = "The case keeps a copy: later changes of the preset do not change its result."
        constitution = QFormLayout()
        constitution.setHorizontalSpacing(4 * GRID)
        constitution.addRow("Sex chromosomes", self.sex)
        constitution.addRow("Other changes", self.changes)
        stacked(
            self,
            self.choice,
            text_label(told, "note", wrap=True),
            self.form,
            line(),
            text_label("Constitution of the person", "caption"),
            constitution,
            self._buttons,
            gap=2,
        )
        self.resize(560, self.sizeHint().height())


class PresetsDialog(QDialog):
    """The laboratory's protocols: add, change, remove; the program's own can be brought back."""

    def __init__(
        self, parent: QWidget | None, presets: Sequence[Protocol], problems: Sequence[str] = ()
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Protocols")
        self.presets = [*presets]
        self._at = 0
        self.list = QListWidget()
        self.list.setAccessibleName("Protocols")
        self.list.setFixedWidth(40 * self.list.fontMetrics().averageCharWidth())
        self.form = ProtocolForm()
        self.problem = text_label(" ".join(problems), "error", wrap=True)
        self.add = button("Add", self._add)
        self.remove = button("Remove", self._remove)
        self.restore = button("Restore built-in protocols", self._restore)
        self._buttons = button_row(self, Button.Ok | Button.Cancel)
        self._lay_out()
        self.list.currentRowChanged.connect(self._on_row)
        self.form.edited.connect(self._on_edit)
        self._fill(0)

    def _lay_out(self) -> None:
        acts = row_of(self.add, self.remove, gap=1)
        left = column_of(filling(self.list), acts, self.restore, gap=2)
        middle = row_of(left, filling(self.form), gap=4)
        told = "Numbers of your laboratory. Cases that have begun keep the protocol they have."
        stacked(
            self, text_label(told, "note", wrap=True), filling(middle), self.problem, self._buttons
        )
        self.resize(880, self.sizeHint().height())

    def _fill(self, at: int) -> None:
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([preset.name or "(no name)" for preset in self.presets])
        self.list.blockSignals(False)
        self.list.setCurrentRow(min(at, len(self.presets) - 1))
        self._judge()

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self.presets):
            self._at = row
            self.form.show_protocol(self.presets[row])

    def _on_edit(self) -> None:
        self.presets[self._at] = self.form.protocol
        item = self.list.item(self._at)
        if item is not None:
            item.setText(self.form.protocol.name or "(no name)")
        self._judge()

    def _judge(self) -> None:
        """All names differ, and the one that is shown makes sense; else there is no going on."""
        twice = same_names(self.presets)
        said = f"Two protocols have the name {twice[0]}." if twice else ""
        if said or self.problem.text().startswith("Two protocols"):
            self.problem.setText(said)
        self.problem.setVisible(bool(self.problem.text()))
        sound = self.form.is_sound and not twice
        self._buttons.button(Button.Ok).setEnabled(sound)
        self.list.setEnabled(self.form.is_sound)
        self.add.setEnabled(self.form.is_sound)
        self.remove.setEnabled(len(self.presets) > 1)

    def _add(self) -> None:
        names = {preset.name for preset in self.presets}
        number = next(n for n in range(1, len(names) + 2) if f"New protocol {n}" not in names)
        self.presets.append(replace(self.presets[self._at], name=f"New protocol {number}"))
        self._fill(len(self.presets) - 1)
        self.form.name.setFocus()
        self.form.name.selectAll()

    def _remove(self) -> None:
        del self.presets[self._at]
        self._fill(self._at)

    def _restore(self) -> None:
        """Bring back the program's presets; own ones of other names stay."""
        known = {preset.name for preset in PRESETS}
        own = [preset for preset in self.presets if preset.name not in known]
        self.presets = [*PRESETS, *own]
        self._fill(0)
