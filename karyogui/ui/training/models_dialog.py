"""Models…: the weights there are, what is known of them, and which one is used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from karyogui.services.models import InstalledModel
from karyogui.ui import theme
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import text_label

METRICS = (
    ("Type", ("type.acc_per_case_d", "type.acc", "val_type_acc")),
    ("Polarity", ("polarity.acc", "val_polarity_acc")),
)
"""Columns with what they show: the first of these that was measured."""

HEADERS = ("Model", "Version", "Preset", *(title for title, _ in METRICS), "Trained", "sha256")
MEANINGS = {
    "type.acc_per_case_d": "types right per cell after dispatch, on the test cases",
    "type.acc": "types right, on the test cases",
    "val_type_acc": "types right, on held-out pictures during training",
    "polarity.acc": "polarities right, on the test cases",
    "val_polarity_acc": "polarities right, on held-out pictures during training",
}


def metric(model: InstalledModel, keys: Sequence[str]) -> tuple[str, str]:
    """The first measured of `keys` as per cent, and what it means; a dash without any."""
    for key in keys:
        if key in model.metrics:
            return f"{100 * model.metrics[key]:.1f} %", MEANINGS[key]
    return "–", "not measured"


class ModelsDialog(QDialog):
    """`chosen` is the model to use, to be taken over when accepted."""

    def __init__(
        self, parent: QWidget | None, models: Sequence[InstalledModel], active: Path | None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self._models = tuple(models)
        self.table = QTableWidget(len(self._models), len(HEADERS))
        self.table.setHorizontalHeaderLabels(HEADERS)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        for row, model in enumerate(self._models):
            self._fill(row, model, model.path == active)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.use = self.buttons.addButton("Use this model", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.table.doubleClicked.connect(lambda _: self.accept())
        self.table.itemSelectionChanged.connect(self._show_state)
        self.data = text_label("", "note", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(4 * GRID,) * 4)
        layout.setSpacing(3 * GRID)
        none = "No model is installed yet: train one (Model, Train…)."
        layout.addWidget(
            text_label("Used for every analysis from now on." if models else none, "muted")
        )
        layout.addWidget(self.table, 1)
        layout.addWidget(self.data)
        layout.addWidget(self.buttons)
        self.resize(840, 320)
        paths = [model.path for model in self._models]
        if active in paths:
            self.table.selectRow(paths.index(active))
        self._show_state()

    @property
    def chosen(self) -> InstalledModel | None:
        """The selected model."""
        rows = self.table.selectionModel().selectedRows()
        return self._models[rows[0].row()] if rows else None

    def _fill(self, row: int, model: InstalledModel, active: bool) -> None:
        texts = (
            model.name,
            model.version,
            model.preset,
            *(metric(model, keys)[0] for _, keys in METRICS),
            model.created[:10],
            model.sha256[:12],
        )
        measured = dict(METRICS)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            if (keys := measured.get(HEADERS[column])) is not None:
                item.setToolTip(metric(model, keys)[1])
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)
        if active:
            first = self.table.item(row, 0)
            assert first is not None
            first.setIcon(theme.icon("confirm", theme.current().accent))
            first.setText(f"{model.name} (in use)")

    def _show_state(self) -> None:
        model = self.chosen
        self.use.setEnabled(model is not None)
        self.data.setText(f"Trained on {model.data}." if model and model.data else "")
