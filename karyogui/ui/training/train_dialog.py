"""Train…: what to train on and how, then its progress, curves and log."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from karyogui.services.training import TrainingEvent, TrainingRequest
from karyogui.ui.theme import GRID
from karyogui.ui.training.curves import TrainingCurves
from karyogui.ui.training.progress import TrainingProgress
from karyogui.ui.widgets import button, set_role, text_label
from karyogui.workers.training_process import TrainingEnd, TrainingOutcome, TrainingProcess

PRESETS = (
    ("compact", "compact: made for two CPU cores"),
    ("paper", "paper: as printed, needs a graphics card"),
)
DEVICES = (("auto", "Automatic"), ("cpu", "CPU"), ("cuda", "Graphics card (CUDA)"))
LOG_LINES = 2000


class TrainDialog(QDialog):
    """Stays open beside the window; closing it lets the training go on."""

    started = Signal()
    progress_changed = Signal(str)
    training_ended = Signal(object)

    def __init__(
        self, parent: QWidget | None, models_folder: Path, process: TrainingProcess
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Train")
        self._models_folder = models_folder
        self._process = process
        self._progress = TrainingProgress()
        self._started_at = 0.0
        self.data = QLineEdit()
        self.name = QLineEdit(f"compact-{date.today():%Y-%m-%d}")
        self.preset = QComboBox()
        self.epochs = QSpinBox()
        self.device = QComboBox()
        self.resume = QCheckBox("Go on from the last whole epoch")
        self.curves = TrainingCurves()
        self.log = QPlainTextEdit()
        self.status = text_label("", "muted")
        self.hint = text_label("", "note", wrap=True)
        self.bar = QProgressBar()
        self.start_button = QPushButton("Start")
        self.stop_button = QPushButton("Stop")
        self._form = QWidget()
        self._build()
        self._connect()
        self._show_state()

    @property
    def request(self) -> TrainingRequest:
        """The training as filled in."""
        return TrainingRequest(
            data=Path(self.data.text().strip()).expanduser(),
            out=self._models_folder / self.name.text().strip(),
            preset=self.preset.currentData(),
            epochs=self.epochs.value() or None,
            device=self.device.currentData(),
            resume=self.resume.isChecked() and self.resume.isEnabled(),
        )

    @property
    def complaint(self) -> str:
        """What is missing before a training can start; empty when nothing is."""
        if not self.data.text().strip():
            return "Choose the training data: a zip or folder with labelled cells."
        if not self.request.data.exists():
            return f"There is nothing at {self.request.data}."
        name = self.name.text().strip()
        if not name or Path(name).name != name:
            return "Give the new model a name that can be a folder's."
        if self.request.out.exists() and not self.request.resume:
            return "A training of this name exists: choose another name, or go on with that one."
        return ""

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        for value, words in PRESETS:
            self.preset.addItem(words, value)
        for value, words in DEVICES:
            self.device.addItem(words, value)
        self.data.setPlaceholderText("zip or folder with labelled cells")
        self.epochs.setRange(0, 10_000)
        self.epochs.setSpecialValueText("as the preset")
        # A style sheet's padding does not reach the text of a spin box.
        self.epochs.lineEdit().setTextMargins(GRID, 0, 0, 0)
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(LOG_LINES)
        self.log.setFixedHeight(96)
        self.log.setPlaceholderText("Messages of the training appear here.")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.start_button.setProperty("role", "primary")
        # Enter in a field must not start or stop hours of work.
        self.start_button.setAutoDefault(False)
        self.stop_button.setAutoDefault(False)
        self._build_form()
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self.hint, 1)
        row.addWidget(self.stop_button)
        row.addWidget(self.start_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(4 * GRID,) * 4)
        layout.setSpacing(3 * GRID)
        layout.addWidget(self._form)
        layout.addWidget(self.status)
        layout.addWidget(self.bar)
        layout.addWidget(self.curves, 1)
        layout.addWidget(self.log)
        layout.addLayout(row)
        self.resize(840, 640)

    def _build_form(self) -> None:
        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * GRID)
        grid.setVerticalSpacing(2 * GRID)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(3, 2)
        data = QHBoxLayout()
        data.setSpacing(2 * GRID)
        data.addWidget(self.data, 1)
        for words, choose in (("Zip…", self._choose_zip), ("Folder…", self._choose_folder)):
            chooser = button(words, choose)
            chooser.setAutoDefault(False)
            data.addWidget(chooser)
        grid.addWidget(text_label("Training data"), 0, 0)
        grid.addLayout(data, 0, 1, 1, 3)
        cells = (
            ("Preset", self.preset, "Name", self.name),
            ("Device", self.device, "Epochs", self.epochs),
        )
        for row, (left, left_editor, right, right_editor) in enumerate(cells, start=1):
            grid.addWidget(text_label(left), row, 0)
            grid.addWidget(left_editor, row, 1)
            grid.addWidget(text_label(right), row, 2, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(right_editor, row, 3)
        grid.addWidget(self.resume, 3, 3)

    def _connect(self) -> None:
        self.start_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)
        for field in (self.data, self.name):
            field.textChanged.connect(self._show_state)
        self.resume.toggled.connect(self._show_state)
        self.preset.currentIndexChanged.connect(self._propose_name)
        self._process.event_received.connect(self._on_event)
        self._process.line_received.connect(self.log.appendPlainText)
        self._process.ended.connect(self._on_ended)

    def _choose_zip(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Training data", "", "Archives (*.zip)")
        if name:
            self.data.setText(name)

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Training data")
        if name:
            self.data.setText(name)

    def _propose_name(self) -> None:
        self.name.setText(f"{self.preset.currentData()}-{date.today():%Y-%m-%d}")

    # -- running ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the training as filled in."""
        if self.complaint or self._process.is_running:
            return
        self._progress, self._started_at = TrainingProgress(), time.monotonic()
        self.curves.clear()
        self.log.clear()
        set_role(self.status, "muted")
        self.status.setText("Starting…")
        # The weights get the training's name, so that several trainings can be told apart.
        self._process.start([*self.request.command(), "--name", self.name.text().strip()])
        self._show_state()
        self.started.emit()

    def stop(self) -> None:
        """Ask the training to end after the present batch."""
        self._process.stop()
        self.status.setText("Stopping after this batch…")
        self.stop_button.setEnabled(False)

    def _on_event(self, event: TrainingEvent) -> None:
        self._progress = self._progress.after(event)
        if event.kind == "epoch":
            self.curves.add_epoch(event.fields)
        if event.kind == "left_out":
            self.log.appendPlainText(str(event.fields.get("sentence", "")))
        if event.kind == "started":
            earlier = event.fields.get("resumed_history")
            for fields in earlier if isinstance(earlier, list) else ():
                self.curves.add_epoch(fields)
            told = f"{self._progress.parameters:,} parameters on {self._progress.device}"
            self.log.appendPlainText(told)
        self.bar.setValue(round(1000 * self._progress.fraction))
        if self.stop_button.isEnabled():
            self.status.setText(self._progress.words(time.monotonic() - self._started_at))
        self.progress_changed.emit(f"Training {self._progress.fraction:.0%}")

    def _on_ended(self, outcome: TrainingOutcome) -> None:
        set_role(self.status, "error" if outcome.end is TrainingEnd.FAILED else "muted")
        if outcome.end is TrainingEnd.FINISHED:
            self.bar.setValue(self.bar.maximum())
            self.status.setText("Finished: the new model can be chosen in the menu Model.")
        elif outcome.end is TrainingEnd.STOPPED:
            self.status.setText("Stopped. It can go on from the last whole epoch.")
        else:
            self.status.setText(f"{outcome.sentence} {outcome.hint}".strip())
        self.resume.setChecked(outcome.end is not TrainingEnd.FINISHED)
        self._show_state()
        self.training_ended.emit(outcome)

    def _show_state(self) -> None:
        running = self._process.is_running
        self._form.setEnabled(not running)
        self.resume.setEnabled(self.request.out.exists())
        complaint = self.complaint
        self.start_button.setEnabled(not running and not complaint)
        self.stop_button.setEnabled(running)
        self.hint.setText("Closing this window lets the training go on." if running else complaint)
