"""Compare models…: two of them on one data set, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from karyogui.services.models import InstalledModel
from karyogui.ui.boxes import filling, row_of
from karyogui.ui.dialogs.parts import stacked
from karyogui.ui.theme import GRID
from karyogui.ui.training.compare_run import CompareRun
from karyogui.ui.training.run_form import choosers
from karyogui.ui.widgets import button, text_label
from karyogui.workers.model_comparing import ComparisonRequest
from model.vocabulary.choices import CLASSIFIER, SEPARATION

DATA = {
    CLASSIFIER: "labelled cells",
    SEPARATION: "photographs with outlines or boxes",
}
"""What networks of a kind are compared on."""


class CompareDialog(QDialog):
    """Choose, run, read; closing it ends a running comparison."""

    def __init__(self, parent: QWidget | None, run: CompareRun, device: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare models")
        self.device = device
        self.classifier: Path | None = None
        self.run = run
        self.first = QComboBox()
        self.second = QComboBox()
        self.data = QLineEdit()
        self.cells = QSpinBox()
        self.cells.setRange(0, 10_000)
        self.cells.setSpecialValueText("all")
        self.cells.lineEdit().setTextMargins(GRID, 0, 0, 0)
        self.hint = text_label("", "note", wrap=True)
        self.start_button = QPushButton("Compare")
        self.start_button.setProperty("role", "primary")
        self.start_button.setAutoDefault(False)
        self.start_button.clicked.connect(self.start)
        self._models: tuple[InstalledModel, ...] = ()
        self._form = QWidget()
        self._build()
        self.first.currentIndexChanged.connect(self._on_first)
        self.second.currentIndexChanged.connect(self._show_state)
        self.data.textChanged.connect(self._show_state)
        run.ended.connect(lambda _: self._show_state())
        self._show_state()

    @property
    def complaint(self) -> str:
        """What is missing; empty when a comparison can start."""
        if self.second.count() < 2:
            return "Two models of a kind are needed to compare."
        if self.first.currentIndex() == self.second.currentData():
            return "Choose two different models."
        kind = self._models[self.first.currentIndex()].kind
        if not self.data.text().strip():
            return f"Choose {DATA[kind]}: a zip or folder."
        if not Path(self.data.text().strip()).expanduser().exists():
            return f"There is nothing at {self.data.text().strip()}."
        return ""

    @property
    def request(self) -> ComparisonRequest:
        """The comparison as filled in."""
        return ComparisonRequest(
            self._models[self.first.currentIndex()],
            self._models[self.second.currentData()],
            Path(self.data.text().strip()).expanduser(),
            self.device,
            self.cells.value() or None,
            self.classifier,
        )

    def set_models(
        self, models: Sequence[InstalledModel], first: Path | None, second: Path | None
    ) -> None:
        """Offer models, with two of them chosen; the second is of the first one's kind."""
        self._models = tuple(models)
        paths = [model.path for model in models]
        self.first.clear()
        for model in models:
            self.first.addItem(model.title)
        if first in paths:
            self.first.setCurrentIndex(paths.index(first))
        self._on_first()
        if second in paths:
            self.second.setCurrentIndex(max(0, self.second.findData(paths.index(second))))
        self._show_state()

    def start(self) -> None:
        """Start the comparison as filled in."""
        if not self.complaint and not self.run.is_running:
            self.run.run(self.request)
            self._show_state()

    def reject(self) -> None:
        """Close; a running comparison has nobody to tell any more."""
        self.run.cancel()
        super().reject()

    def _build(self) -> None:
        grid = QGridLayout(self._form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * GRID)
        grid.setVerticalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        data = row_of(filling(self.data), *choosers(self, self.data), gap=2)
        right = Qt.AlignmentFlag.AlignRight
        grid.addWidget(text_label("Model"), 0, 0)
        grid.addWidget(self.first, 0, 1)
        grid.addWidget(text_label("against"), 0, 2, right)
        grid.addWidget(self.second, 0, 3)
        grid.addWidget(text_label("Data"), 1, 0)
        grid.addLayout(data, 1, 1, 1, 3)
        grid.addWidget(text_label("Cells, at most"), 2, 0)
        grid.addWidget(self.cells, 2, 1)
        note = "Cells that one of them was trained on, according to its card, are left out."
        grid.addWidget(text_label(note, "note", wrap=True), 2, 2, 1, 2)
        close = button("Close", self.close)
        close.setAutoDefault(False)
        row = row_of(filling(self.hint), close, self.start_button, gap=2)
        stacked(self, self._form, filling(self.run), row)
        self.resize(760, 520)

    def _on_first(self) -> None:
        """Offer against the first model those of its kind, with another one chosen."""
        at = self.first.currentIndex()
        self.second.clear()
        for number, model in enumerate(self._models):
            if model.kind == self._models[max(0, at)].kind:
                self.second.addItem(model.title, number)
        if self.second.currentData() == at and self.second.count() > 1:
            self.second.setCurrentIndex(1)
        self._show_state()

    def _show_state(self) -> None:
        running = self.run.is_running
        self._form.setEnabled(not running)
        self.start_button.setEnabled(not running and not self.complaint)
        self.hint.setText("" if running else self.complaint)
        if self._models:
            kind = self._models[max(0, self.first.currentIndex())].kind
            self.data.setPlaceholderText(f"zip or folder with {DATA[kind]}")
