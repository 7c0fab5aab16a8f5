"""What to train: data, network, starting point, held-out cases, device, and how (settings)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from karyogui.services.models import InstalledModel
from karyogui.ui.boxes import REST, column_of
from karyogui.ui.training.own_data import OwnSummary
from karyogui.ui.training.run_form import RunForm
from karyogui.ui.training.settings_form import SettingsForm
from karyogui.ui.widgets import line
from model.vocabulary.archive import OWN_CELLS
from model.vocabulary.choices import CLASSIFIERS
from model.vocabulary.training_request import TrainingRequest

PRESETS = {
    "compact": "compact: made for two CPU cores",
    "swift": "swift: begins with what ImageNet taught, a third of the operations",
    "paper": "paper: as printed, needs a graphics card",
}
OwnCells = Callable[[], OwnSummary]


class TrainingForm(RunForm):
    """Fields of a new training of a classifier."""

    def __init__(self, runs_folder: Path, own_cells: OwnCells | None = None) -> None:
        super().__init__(runs_folder, "with labelled cells")
        self._own_cells = own_cells
        self._own = OwnSummary("", "There are no reviewed cells here.")
        self.preset = QComboBox()
        self.classifier = QComboBox()
        self.start_from = QComboBox()
        self.settings = SettingsForm()
        self._fill()
        self._build()
        self._connect()
        self._on_preset()

    @property
    def is_fine_tuning(self) -> bool:
        """Whether the training starts from the model in use."""
        return self.start_from.currentIndex() == 1 and self._active is not None

    @property
    def request(self) -> TrainingRequest:
        """The training as filled in."""
        fine_tuning = self.is_fine_tuning and self._active is not None
        return TrainingRequest(
            data=self._data(OWN_CELLS),
            out=self.out,
            preset=self.preset.currentData(),
            device=self.device.currentData(),
            classifier=self.classifier.currentData(),
            hold_out=self.hold_out.currentData(),
            fine_tune=self._active.path if fine_tuning and self._active else None,
            name=self.name.text().strip(),
            epochs=self.settings.epochs,
            settings=self.settings.settings,
        )

    @property
    def complaint(self) -> str:
        """What is missing before a training can start; empty when nothing is."""
        if self.is_own and self._own.complaint:
            return self._own.complaint
        told = self._data_complaint("the training data: a zip or folder with labelled cells")
        told = told or self._name_complaint()
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
        self.source.addItem("Archive of labelled cells", False)
        self.source.addItem("Reviewed cells of this data folder", True)
        for combo, choices in ((self.preset, PRESETS), (self.classifier, CLASSIFIERS)):
            for value, words in choices.items():
                combo.addItem(words, value)
        self.start_from.addItems(["From the beginning", "Fine-tune the model in use"])
        self.hold_out.addItem("None: nothing to test on", -1)
        self.hold_out.setToolTip(
            "A fifth of the cases, the same for every training, is kept for the test."
        )

    def _build(self) -> None:
        grid = self._grid(
            [
                ("Preset", self.preset, "Start", self.start_from),
                ("Network", self.classifier, "Held out", self.hold_out),
            ]
        )
        self.setLayout(column_of(grid, line(), self.settings, REST, gap=3, margins=(0, 0, 2, 0)))
        self._order(self.preset, self.start_from, self.classifier, self.hold_out, self.device)

    def _connect(self) -> None:
        for combo in (self.classifier, self.hold_out):
            combo.currentIndexChanged.connect(self.changed)
        self.settings.changed.connect(self.changed)
        self.source.currentIndexChanged.connect(self._on_source)
        self.preset.currentIndexChanged.connect(self._on_preset)
        self.start_from.currentIndexChanged.connect(self._on_start_from)
        self._on_source()

    def _on_source(self) -> None:
        self._show_source()
        if self.is_own:
            self.refresh_own()
        self.changed.emit()

    def _on_preset(self) -> None:
        preset = self.preset.currentData()
        self.settings.use_preset(preset)
        if self.name.text().strip() in ("", self._proposed):
            self._propose(f"{preset}-{date.today():%Y-%m-%d}")
        self.changed.emit()

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
