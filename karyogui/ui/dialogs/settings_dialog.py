"""The settings dialog, made from the table in `karyogui.settings`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QWidget,
)

from karyogui.settings import SETTINGS, Kind, Setting, Settings, login_name
from karyogui.ui.boxes import Part, column_of, filling, row_of
from karyogui.ui.dialogs.parts import Button, button_row, stacked
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import button, text_label

NOTE_LETTERS = 90
"""Most notes then have one line, and the dialog fits a screen 800 pixels high."""


class SettingsDialog(QDialog):
    """Edits a copy; `values` is what was chosen, to be taken over when accepted."""

    def __init__(self, parent: QWidget | None, settings: Settings) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._settings = settings
        self._readers: dict[str, Callable[[], object]] = {}
        self.editors: dict[str, QWidget] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(4 * GRID)
        form.setVerticalSpacing(2 * GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        group = ""
        for setting in SETTINGS:
            if setting.kind is Kind.HIDDEN:
                continue
            if setting.group != group:
                group = setting.group
                form.addRow(text_label(group, "caption"))
            self._add(form, setting)
        buttons = button_row(self, Button.Ok | Button.Cancel)
        stacked(self, form, buttons, gap=4)

    @property
    def values(self) -> Settings:
        """The settings as edited."""
        edited = {key: read() for key, read in self._readers.items()}
        return replace(self._settings, **edited)  # type: ignore[arg-type]

    def _add(self, form: QFormLayout, setting: Setting) -> None:
        value = getattr(self._settings, setting.key)
        editor: QWidget
        if setting.kind is Kind.CHOICE:
            combo = QComboBox()
            for stored, words in setting.choices:
                combo.addItem(words, stored)
            combo.setCurrentIndex(combo.findData(value))
            self._readers[setting.key] = combo.currentData
            editor = combo
        elif setting.kind is Kind.SWITCH:
            box = QCheckBox(setting.label)
            box.setChecked(value)
            self._readers[setting.key] = box.isChecked
            editor = box
        else:
            line = QLineEdit(value)
            line.setPlaceholderText(login_name() if setting.key == "who" else "")
            self._readers[setting.key] = lambda: line.text().strip()
            editor = line
        self.editors[setting.key] = editor
        shown: Part = editor
        if setting.kind is Kind.FOLDER:
            choose = button("Choose…", lambda: self._choose_folder(setting, line))
            choose.setAccessibleName(f"Choose: {setting.label}")
            shown = row_of(filling(editor), choose, gap=2)
        field = column_of(shown, gap=1)
        if setting.note:
            note = text_label(setting.note, "note", wrap=True)
            note.ensurePolished()
            width = NOTE_LETTERS * note.fontMetrics().averageCharWidth()
            note.setMinimumWidth(width)
            # A form does not ask how high what it wraps will be.
            note.setMinimumHeight(note.heightForWidth(width))
            field.addWidget(note)
        label = text_label("" if setting.kind is Kind.SWITCH else setting.label)
        label.setFixedHeight(editor.sizeHint().height())
        form.addRow(label, field)

    def _choose_folder(self, setting: Setting, line: QLineEdit) -> None:
        name = QFileDialog.getExistingDirectory(self, setting.label, line.text().strip())
        if name:
            line.setText(name)
