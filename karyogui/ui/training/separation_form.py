"""What a separation is trained on, and how long: it always goes on from the one in use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSpinBox

from karyogui.services.checked_pictures import CheckedSummary
from karyogui.services.models import InstalledModel
from karyogui.ui.boxes import REST, column_of
from karyogui.ui.theme import GRID
from karyogui.ui.training.run_form import RunForm
from karyogui.ui.training.settings_form import NumberEdit, paired
from karyogui.ui.widgets import line, text_label
from model.vocabulary.archive import FOLDS, OWN_PICTURES, family_of
from model.vocabulary.card import seen_data
from model.vocabulary.choices import SEPARATION
from model.vocabulary.training import OWN_EPOCHS, OWN_LEARNING_RATE, SEPARATION_STEPS
from model.vocabulary.training_request import TOTAL, TrainingRequest

NOTE = (
    "Every outline of a checked photograph is a label, every repair with it; what was rejected is "
    "background. Beside the photographs as they are, clusters laid anew of their chromosomes are "
    "learned, so that what the separation knows is not forgotten. The result is compared with the "
    "separation in use on the photographs kept apart; nothing is installed without you."
)

Checked = Callable[[], CheckedSummary]


class SeparationForm(RunForm):
    """Fields of a new training of the separation."""

    def __init__(self, runs_folder: Path, checked: Checked = CheckedSummary) -> None:
        super().__init__(runs_folder, "of photographs with outlines or boxes")
        self._checked = checked
        self._own = CheckedSummary()
        self._fold_chosen = False
        self.start_from = text_label("")
        self.epochs = QSpinBox()
        self.learning_rate = NumberEdit(above=True)
        self.seed = NumberEdit(whole=True)
        self._fill()
        self._build()
        self._connect()
        self._propose(f"separation-{date.today():%Y-%m-%d}")
        self._on_source()

    @property
    def request(self) -> TrainingRequest:
        """The training as filled in."""
        return TrainingRequest(
            data=self._data(OWN_PICTURES),
            out=self.out,
            device=self.device.currentData(),
            hold_out=self.hold_out.currentData(),
            fine_tune=self._active.path if self._active else None,
            name=self.name.text().strip(),
            epochs={TOTAL: self.epochs.value()},
            settings={
                "learning_rate": self.learning_rate.value or OWN_LEARNING_RATE,
                "seed": int(self.seed.value or 0),
            },
            network=SEPARATION,
        )

    @property
    def complaint(self) -> str:
        """What is missing before a training can start; empty when nothing is."""
        if self._active is None:
            return "There is no separation in use to go on from."
        if self.is_own and (told := self._own.complaint(self.hold_out.currentData())):
            return told
        archive = "the photographs: a zip or folder with outlines or boxes"
        if told := self._data_complaint(archive) or self._name_complaint():
            return told
        for edit in (self.learning_rate, self.seed):
            if edit.value is None:
                return f"{edit.accessibleName()}: give {edit.wanted}."
        return self._seen_complaint()

    def set_active(self, model: InstalledModel | None) -> None:
        """Say which separation is in use: the one that the training goes on from."""
        self._active = model
        self.start_from.setText(f"{model.title}, in use" if model else "none")
        self._choose_fold()
        self.changed.emit()

    def refresh_own(self) -> None:
        """Count the workspace's checked photographs again."""
        self._own = self._checked()
        for fold in range(FOLDS):
            held = self._own.held_out(fold)
            pictures = f": {held} checked" if self.is_own else ""
            self.hold_out.setItemText(fold, f"Fold {fold} of the cases{pictures}")
        self._choose_fold()
        self.changed.emit()

    # -- building --------------------------------------------------------------------------------

    def _fill(self) -> None:
        self.source.addItem("Checked photographs of this data folder", True)
        self.source.addItem("Archive of photographs", False)
        self.hold_out.setToolTip("Not learned from: the result is measured on these cases.")
        self.epochs.setRange(1, 999)
        self.epochs.setValue(OWN_EPOCHS)
        self.epochs.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.epochs.lineEdit().setTextMargins(0, 0, GRID, 0)
        self.epochs.setToolTip(f"Of {SEPARATION_STEPS} batches each.")
        self.epochs.setAccessibleName("Epochs")
        self.learning_rate.setAccessibleName("Learning rate")
        self.learning_rate.set_value(OWN_LEARNING_RATE)
        self.seed.setAccessibleName("Seed")
        self.seed.set_value(1)

    def _build(self) -> None:
        grid = self._grid([("Start", self.start_from, "Held out", self.hold_out)])
        settings = paired(
            [("Epochs", self.epochs), ("Learning rate", self.learning_rate), ("Seed", self.seed)]
        )
        note = text_label(NOTE, "note", wrap=True)
        self.setLayout(column_of(grid, line(), settings, note, REST, gap=3, margins=(0, 0, 2, 0)))
        self._order(self.hold_out, self.device, self.epochs, self.learning_rate, self.seed)

    def _connect(self) -> None:
        for field in (self.learning_rate, self.seed):
            field.textChanged.connect(self.changed)
        self.epochs.valueChanged.connect(self.changed)
        self.hold_out.currentIndexChanged.connect(self._on_fold)
        self.hold_out.activated.connect(self._on_fold_chosen)
        self.source.currentIndexChanged.connect(self._on_source)

    def _on_source(self) -> None:
        self._show_source()
        self.refresh_own()

    def _on_fold(self) -> None:
        fold = self.hold_out.currentData()
        self.own.setText(self._own.words(fold) if self._own.pictures else "None is checked yet.")
        self.changed.emit()

    def _on_fold_chosen(self) -> None:
        self._fold_chosen = True

    def _choose_fold(self) -> None:
        """The fold that the separation in use did not see, else the best one; unless chosen."""
        if not self._fold_chosen:
            known = self._seen_fold()
            best = self._own.best_fold if self.is_own else 0
            self.hold_out.setCurrentIndex(best if known is None else known)
        self._on_fold()

    def _seen_fold(self) -> int | None:
        """The fold of these data that the separation in use has not seen, where it saw others."""
        if self._active is None:
            return None
        wanted = self._data(OWN_PICTURES).name
        seen = seen_data(self._active.card)
        folds = (fold for name, fold in seen.items() if family_of(name) == family_of(wanted))
        return next(folds, None)

    def _seen_complaint(self) -> str:
        known = self._seen_fold()
        if known is None or known == self.hold_out.currentData():
            return ""
        return f"The separation in use learned from other cases than fold {known}: hold out that."
