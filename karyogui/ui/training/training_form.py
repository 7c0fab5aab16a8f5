"""What to train: data, network, starting point, held-out cases, device, and how (settings)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QWidget,
)

from karyogui.services.models import InstalledModel
from karyogui.ui.boxes import REST, column_of, filling, grid_of, row_of
from karyogui.ui.training.data_chooser import choosers
from karyogui.ui.training.own_data import OWN_FILE, OwnSummary
from karyogui.ui.training.settings_form import SettingsForm
from karyogui.ui.widgets import line, text_label
from model.vocabulary.archive import FOLDS
from model.vocabulary.choices import CLASSIFIERS, DEVICES
from model.vocabulary.training_request import TrainingRequest

PRESETS = {
    "compact": "compact: made for two CPU cores",
    "swift": "swift: begins with what ImageNet taught, a third of the operations",
    "paper": "paper: as printed, needs a graphics card",
}
ARCHIVE, OWN = 0, 1
OwnCells = Callable[[], OwnSummary]


class TrainingForm(QWidget):
    """Fields of a new training; `changed` follows every edit."""

    changed = Signal()

    def __init__(self, runs_folder: Path, own_cells: OwnCells | None = None) -> None:
        super().__init__()
        self._runs_folder = runs_folder
        self._own_cells = own_cells
        self._own = OwnSummary("", "There are no reviewed cells here.")
        self._active: InstalledModel | None = None
        self._proposed = ""
        self.source = QComboBox()
        self.data = QLineEdit()
        self.own = text_label("", "note", wrap=True)
        self.name = QLineEdit()
        self.preset = QComboBox()
        self.classifier = QComboBox()
        self.start_from = QComboBox()
        self.hold_out = QComboBox()
        self.device = QComboBox()
        self.settings = SettingsForm()
        self._choosers: list[QWidget] = []
        self._fill()
        self._build()
        self._connect()
        self._on_preset()

    @property
    def is_own(self) -> bool:
        """Whether the workspace's reviewed cells are the data."""
        return bool(self.source.currentIndex() == OWN)

    @property
    def is_fine_tuning(self) -> bool:
        """Whether the training starts from the model in use."""
        return self.start_from.currentIndex() == 1 and self._active is not None

    @property
    def request(self) -> TrainingRequest:
        """The training as filled in."""
        name = self.name.text().strip()
        out = self._runs_folder / name
        fine_tuning = self.is_fine_tuning and self._active is not None
        return TrainingRequest(
            data=out / OWN_FILE if self.is_own else Path(self.data.text().strip()).expanduser(),
            out=out,
            preset=self.preset.currentData(),
            device=self.device.currentData(),
            classifier=self.classifier.currentData(),
            hold_out=self.hold_out.currentData(),
            fine_tune=self._active.path if fine_tuning and self._active else None,
            name=name,
            epochs=self.settings.epochs,
            settings=self.settings.settings,
        )

    @property
    def complaint(self) -> str:
        """What is missing before a training can start; empty when nothing is."""
        request = self.request
        if self.is_own and self._own.complaint:
            return self._own.complaint
        if not self.is_own and not self.data.text().strip():
            return "Choose the training data: a zip or folder with labelled cells."
        if not self.is_own and not request.data.exists():
            return f"There is nothing at {request.data}."
        told = name_complaint(self.name.text().strip(), request.out)
        return told or self.settings.complaint or self._fine_tune_complaint()

    def set_active(self, model: InstalledModel | None) -> None:
        """Say which model is in use: the one that fine-tuning starts from."""
        self._active = model
        self.start_from.setItemText(
            1, f"Fine-tune {model.title}, in use" if model else "Fine-tune the model in use"
        )
        item = self.start_from.model()
        item.setData(item.index(1, 0), 0 if model is None else 33, Qt.ItemDataRole.UserRole - 1)
        if model is None:
            self.start_from.setCurrentIndex(0)
        self.changed.emit()

    def refresh_own(self) -> None:
        """Count the workspace's reviewed cells again."""
        if self._own_cells is not None:
            self._own = self._own_cells()
        self.own.setText(self._own.words or self._own.complaint)
        self.changed.emit()

    # -- building --------------------------------------------------------------------------------

    def _fill(self) -> None:
        self.source.addItems(["Archive of labelled cells", "Reviewed cells of this data folder"])
        for combo, choices in (
            (self.preset, PRESETS),
            (self.device, DEVICES),
            (self.classifier, CLASSIFIERS),
        ):
            for value, words in choices.items():
                combo.addItem(words, value)
        self.start_from.addItems(["From the beginning", "Fine-tune the model in use"])
        for fold in range(FOLDS):
            self.hold_out.addItem(f"Fold {fold} of the cases", fold)
        self.hold_out.addItem("None: nothing to test on", -1)
        self.data.setPlaceholderText("zip or folder with labelled cells")
        self.hold_out.setToolTip(
            "A fifth of the cases, the same for every training, is kept for the test."
        )

    def _build(self) -> None:
        grid = grid_of(across=3, down=2, stretch={1: 1, 3: 1})
        data = row_of(filling(self.data), gap=2)
        for chooser in choosers(self, self.data):
            self._choosers.append(chooser)
            data.addWidget(chooser)
        data.addWidget(self.own, 1)
        cells = (
            ("Train on", self.source, "Name", self.name),
            ("Preset", self.preset, "Start", self.start_from),
            ("Network", self.classifier, "Held out", self.hold_out),
            ("Device", self.device, "", None),
        )
        where = buddy_label("Archive", self.data)
        self._choosers.append(where)
        grid.addWidget(where, 1, 0)
        grid.addLayout(data, 1, 1, 1, 3)
        for row, (left, left_field, right, right_field) in zip((0, 2, 3, 4), cells, strict=True):
            grid.addWidget(buddy_label(left, left_field), row, 0)
            grid.addWidget(left_field, row, 1)
            if right_field is None:
                continue
            grid.addWidget(buddy_label(right, right_field), row, 2, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(right_field, row, 3)
        self.setLayout(column_of(grid, line(), self.settings, REST, gap=3, margins=(0, 0, 2, 0)))
        order = (self.source, self.name, self.data, *self._choosers[:-1], self.preset)
        fields = (*order, self.start_from, self.classifier, self.hold_out, self.device)
        for before, after in pairwise(fields):
            QWidget.setTabOrder(before, after)

    def _connect(self) -> None:
        for field in (self.data, self.name):
            field.textChanged.connect(self.changed)
        for combo in (self.classifier, self.hold_out, self.device):
            combo.currentIndexChanged.connect(self.changed)
        self.settings.changed.connect(self.changed)
        self.source.currentIndexChanged.connect(self._on_source)
        self.preset.currentIndexChanged.connect(self._on_preset)
        self.start_from.currentIndexChanged.connect(self._on_start_from)
        self._on_source()

    def _on_source(self) -> None:
        for widget in (self.data, *self._choosers):
            widget.setVisible(not self.is_own)
        self.own.setVisible(self.is_own)
        if self.is_own:
            self.refresh_own()
        self.changed.emit()

    def _on_preset(self) -> None:
        preset = self.preset.currentData()
        self.settings.use_preset(preset)
        if self.name.text().strip() in ("", self._proposed):
            self._proposed = free_name(f"{preset}-{date.today():%Y-%m-%d}", self._runs_folder)
            self.name.setText(self._proposed)
        self.changed.emit()

    def propose_name(self) -> None:
        """Propose another name when the present one is a training's by now."""
        if (self._runs_folder / self.name.text().strip()).exists():
            self._proposed = free_name(self.name.text().strip(), self._runs_folder)
            self.name.setText(self._proposed)

    def _on_start_from(self) -> None:
        model = self._active
        if self.is_fine_tuning and model is not None:
            # Only its own network and its own held-out cases can go on from it.
            for combo, wanted in (
                (self.preset, model.preset),
                (self.classifier, model.classifier),
                (self.hold_out, model.held_out_fold),
            ):
                index = combo.findData(-1 if wanted is None else wanted)
                combo.setCurrentIndex(max(index, 0))
        self.settings.use_steps(self.is_fine_tuning)
        self.changed.emit()

    def _fine_tune_complaint(self) -> str:
        model = self._active
        if model is None or not self.is_fine_tuning:
            return ""
        if (self.preset.currentData(), self.classifier.currentData()) != (
            model.preset,
            model.classifier,
        ):
            return f"{model.name} is another network: choose its preset and network."
        fold, held = self.hold_out.currentData(), model.held_out_fold
        if fold not in (-1, held):
            return f"{model.name} has seen cases of fold {fold}: hold out its own fold, or none."
        return ""


def name_complaint(name: str, folder: Path) -> str:
    """Why a training cannot have this name and folder; empty when it can."""
    if not name or Path(name).name != name or name.startswith("."):
        return "Give the new model a name that can be a folder's."
    if folder.exists():
        return "A training of this name exists: choose another name, or resume it under Runs."
    return ""


def free_name(name: str, folder: Path) -> str:
    """A name that is no folder's yet: the given one, or with a number behind it."""
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next((n for n in names if not (folder / n).exists()), name)


def buddy_label(words: str, field: QWidget) -> QWidget:
    """Words that name a field, also to those who cannot see where it stands."""
    label = text_label(words)
    label.setBuddy(field)
    return label
