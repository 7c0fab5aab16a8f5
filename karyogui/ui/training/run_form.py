"""What every new training is told: its data, its name, the cases held out, the device."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QLineEdit, QPushButton, QWidget

from karyogui.services.models import InstalledModel
from karyogui.ui.boxes import filling, grid_of, row_of
from karyogui.ui.widgets import button, text_label
from model.vocabulary.archive import FOLDS
from model.vocabulary.choices import DEVICES

Pair = tuple[str, QWidget, str, QWidget]
"""Two fields beside each other, each behind its label."""


class RunForm(QWidget):
    """Fields of a new training; `changed` follows every edit.

    The data are an archive, or what persons have checked in the open data folder.
    """

    changed = Signal()

    def __init__(self, runs_folder: Path, archive: str) -> None:
        super().__init__()
        self._runs_folder = runs_folder
        self._active: InstalledModel | None = None
        self._stem = self._proposed = ""
        self.source = QComboBox()
        self.data = QLineEdit()
        self.data.setPlaceholderText(f"zip or folder {archive}")
        self.own = text_label("", "note", wrap=True)
        self.name = QLineEdit()
        self.hold_out = QComboBox()
        for fold in range(FOLDS):
            self.hold_out.addItem(f"Fold {fold} of the cases", fold)
        self.device = QComboBox()
        for value, words in DEVICES.items():
            self.device.addItem(words, value)
        self._choosers = choosers(self, self.data)
        self._archive_label = buddy_label("Archive", self.data)
        for field in (self.data, self.name):
            field.textChanged.connect(self.changed)
        self.device.currentIndexChanged.connect(self.changed)

    @property
    def is_own(self) -> bool:
        """Whether what persons have checked here is the data."""
        return bool(self.source.currentData())

    @property
    def out(self) -> Path:
        """The folder of the training."""
        return self._runs_folder / self.name.text().strip()

    def refresh_own(self) -> None:
        """Count again what persons have checked."""
        raise NotImplementedError

    def propose_name(self) -> None:
        """Propose another name when the present one is a training's by now."""
        name = self.name.text().strip()
        if self.out.exists():
            self._propose(self._stem if name == self._proposed else name)

    def _propose(self, stem: str) -> None:
        self._stem, self._proposed = stem, free_name(stem, self._runs_folder)
        self.name.setText(self._proposed)

    def _data(self, own_file: str) -> Path:
        return self.out / own_file if self.is_own else Path(self.data.text().strip()).expanduser()

    def _data_complaint(self, wanted: str) -> str:
        """What is wrong with the archive; empty when nothing is, or there is none."""
        if self.is_own:
            return ""
        if not self.data.text().strip():
            return f"Choose {wanted}."
        path = self._data("")
        return "" if path.exists() else f"There is nothing at {path}."

    def _name_complaint(self) -> str:
        """Why a training cannot have this name and folder; empty when it can."""
        name = self.name.text().strip()
        if not name or Path(name).name != name or name.startswith("."):
            return "Give the new model a name that can be a folder's."
        if self.out.exists():
            return "A training of this name exists: choose another name, or resume it under Runs."
        return ""

    def _show_source(self) -> None:
        for widget in (self.data, self._archive_label, *self._choosers):
            widget.setVisible(not self.is_own)
        self.own.setVisible(self.is_own)

    def _grid(self, pairs: Sequence[Pair]) -> QGridLayout:
        """Source and name, the archive across, then pairs, then the device."""
        grid = grid_of(across=3, down=2, stretch={1: 1, 3: 1})
        data = row_of(filling(self.data), *self._choosers, gap=2)
        data.addWidget(self.own, 1)
        grid.addWidget(self._archive_label, 1, 0)
        grid.addLayout(data, 1, 1, 1, 3)
        rows = [(0, ("Train on", self.source, "Name", self.name)), *enumerate(pairs, 2)]
        for row, (left, left_field, right, right_field) in rows:
            grid.addWidget(buddy_label(left, left_field), row, 0)
            grid.addWidget(left_field, row, 1)
            grid.addWidget(buddy_label(right, right_field), row, 2, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(right_field, row, 3)
        grid.addWidget(buddy_label("Device", self.device), 2 + len(pairs), 0)
        grid.addWidget(self.device, 2 + len(pairs), 1)
        return grid

    def _order(self, *fields: QWidget) -> None:
        """The way of the Tab key: source, name and archive first."""
        way = (self.source, self.name, self.data, *self._choosers, *fields)
        for before, after in pairwise(way):
            QWidget.setTabOrder(before, after)


def choosers(parent: QWidget, field: QLineEdit) -> tuple[QPushButton, ...]:
    """Buttons that ask for a zip or a folder; Enter in another field presses neither."""
    made = []
    for words, choose in (("Zip…", _choose_archive), ("Folder…", _choose_folder)):
        chooser = button(words, partial(choose, parent, field))
        chooser.setAutoDefault(False)
        made.append(chooser)
    return tuple(made)


def free_name(name: str, folder: Path) -> str:
    """A name that is no folder's yet: the given one, or with a number behind it."""
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next((n for n in names if not (folder / n).exists()), name)


def buddy_label(words: str, field: QWidget) -> QWidget:
    """Words that name a field, also to those who cannot see where it stands."""
    label = text_label(words)
    label.setBuddy(field)
    return label


def _choose_archive(parent: QWidget, field: QLineEdit) -> None:
    name, _ = QFileDialog.getOpenFileName(parent, "Labelled cells", "", "Archives (*.zip)")
    if name:
        field.setText(name)


def _choose_folder(parent: QWidget, field: QLineEdit) -> None:
    name = QFileDialog.getExistingDirectory(parent, "Labelled cells")
    if name:
        field.setText(name)
