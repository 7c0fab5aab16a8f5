"""Dialogs about protocols: the one of a case, and the laboratory's presets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QWidget,
)

from karyogui.domain.case_result import PRESETS, Protocol
from karyogui.domain.case_result.protocol import same_names
from karyogui.services.case_work import CaseView
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.case.protocol_form import ProtocolForm
from karyogui.ui.dialogs.parts import Button, answer_row, button_row, stacked
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import button, line, text_label

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
