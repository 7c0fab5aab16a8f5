"""Models…: the weights there are, what is known of each, and what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from karyogui.services.models import (
    MEANINGS,
    POLARITY,
    SECONDS,
    TYPE_ALONE,
    TYPE_ASSIGNED,
    InstalledModel,
)
from karyogui.ui import theme
from karyogui.ui.boxes import REST, column_of, filling, placed, row_of
from karyogui.ui.dialogs.parts import stacked
from karyogui.ui.theme import GRID
from karyogui.ui.training.curves import TrainingCurves
from karyogui.ui.training.model_card import ModelCard, size_text
from karyogui.ui.widgets import EmptyState, button, fill_row, line, row_table, text_label

FIGURES = (
    ("Type", TYPE_ALONE),
    ("Assigned", TYPE_ASSIGNED),
    ("Polarity", POLARITY),
    ("s / cell", SECONDS),
)
"""Columns with the figures they show: the first of the keys that was measured."""

HEADERS = (
    "Model",
    "Version",
    "Network",
    "Size",
    "Training data",
    "Held out",
    *(title for title, _ in FIGURES),
)
TIPS = {
    "Type": "Types right by the network alone",
    "Assigned": "Types right after the assignment of the whole cell",
    "Polarity": "Polarities right",
    "s / cell": "Seconds for a cell where it was measured",
}
RIGHT = ("Size", *(title for title, _ in FIGURES))
CLASSIFIERS = {"varifocal": ""}
"""Classifiers that need no word beside the preset."""


def figure(model: InstalledModel, keys: tuple[str, ...]) -> tuple[str, str]:
    """The first measured of `keys` in words, and what it means; a dash without any."""
    found = model.measured(keys)
    if found is None:
        return "–", "Not measured."
    key, value = found
    return (f"{value:.2f}" if keys is SECONDS else f"{100 * value:.1f} %"), MEANINGS[key]


def network_text(model: InstalledModel) -> str:
    """A classifier's preset, with the classifier unless it is the Varifocal-Net; or separation."""
    if model.separates:
        return "separation"
    classifier = CLASSIFIERS.get(model.classifier, model.classifier)
    return ", ".join(part for part in (model.preset, classifier) if part)


def held_out_text(model: InstalledModel) -> str:
    """The fold of cases that the training left out."""
    fold = model.held_out_fold
    return f"fold {fold}" if fold is not None else "none" if model.split else "–"


class ModelsDialog(QDialog):
    """A list, below it card and curves of the selected model; stays open beside the window.

    It only asks: what it asks for is done by whoever listens, which then calls `set_models`.
    """

    use_requested = Signal(object)
    export_requested = Signal(object)
    delete_requested = Signal(object)
    compare_requested = Signal(object)
    import_requested = Signal()
    roll_back_requested = Signal()
    train_requested = Signal()
    undo_requested = Signal()

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self._models: tuple[InstalledModel, ...] = ()
        self._in_use: frozenset[Path] = frozenset()
        self._own: frozenset[Path] = frozenset()
        self.table = row_table("Installed models", HEADERS, RIGHT, "Training data")
        self.card = ModelCard()
        self.curves = TrainingCurves()
        self.no_curves = text_label("Its card holds no history of the training.", "note")
        self.notice = text_label("", "muted", wrap=True)
        self.undo = button("Undo", self.undo_requested.emit, "link")
        self.use = button("Use this model", lambda: self._ask(self.use_requested), "primary")
        self.compare = button("Compare…", lambda: self._ask(self.compare_requested))
        self.export = button("Export…", lambda: self._ask(self.export_requested))
        self.delete = button("Delete", lambda: self._ask(self.delete_requested))
        self.import_ = button("Import…", self.import_requested.emit)
        self.roll_back = button("Roll back", self.roll_back_requested.emit)
        self.close_ = button("Close", self.close)
        self._pages = QStackedWidget()
        self._build()
        self.say("")
        self.resize(1120, 640)

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self._build_table()
        for each in self.findChildren(QPushButton):
            each.setAutoDefault(False)
        # The list needs the whole width: as many columns as facts that choices hang on.
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setHandleWidth(3 * GRID)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.table)
        below = QSplitter(Qt.Orientation.Horizontal)
        below.setHandleWidth(2 * GRID)
        below.setChildrenCollapsible(False)
        below.addWidget(self.card)
        beside = QWidget()
        beside.setLayout(
            column_of(
                filling(self.curves),
                placed(self.no_curves, Qt.AlignmentFlag.AlignTop, 1),
                margins=(2, 0, 0, 0),
            )
        )
        below.addWidget(beside)
        below.setSizes([424, 632])
        parts.addWidget(below)
        parts.setSizes([200, 336])
        self._pages.addWidget(parts)
        self._pages.addWidget(
            EmptyState(
                "models",
                "No model is installed",
                "Import a model file, or train a model on labelled cells.",
                (
                    ("Import a model…", self.import_requested.emit),
                    ("Train…", self.train_requested.emit),
                ),
            )
        )
        told = row_of(filling(self.notice), self.undo, gap=2)
        row = row_of(
            self.import_,
            self.export,
            self.delete,
            REST,
            self.roll_back,
            self.compare,
            self.close_,
            self.use,
            gap=2,
        )
        stacked(self, filling(self._pages), told, line(), row)

    def _build_table(self) -> None:
        for column, title in enumerate(HEADERS):
            heading = self.table.horizontalHeaderItem(column)
            assert heading is not None
            heading.setToolTip(TIPS.get(title, ""))
        self.table.horizontalHeader().setMinimumSectionSize(48)
        self.table.setMinimumHeight(120)
        self.table.setWordWrap(False)
        self.table.itemDoubleClicked.connect(lambda _: self._ask(self.use_requested))
        self.table.itemSelectionChanged.connect(self._show_chosen)
        self.table.installEventFilter(self)

    # -- showing ---------------------------------------------------------------------------------

    @property
    def chosen(self) -> InstalledModel | None:
        """The selected model."""
        rows = self.table.selectionModel().selectedRows()
        return self._models[rows[0].row()] if rows else None

    def set_models(
        self,
        models: Sequence[InstalledModel],
        in_use: Sequence[Path],
        own: Sequence[Path] = (),
        earlier: InstalledModel | None = None,
    ) -> None:
        """List the models, keeping the selection; `own` may be deleted, `earlier` is rolled to."""
        kept = self.chosen.path if self.chosen else next(iter(in_use), None)
        self._models, self._in_use, self._own = tuple(models), frozenset(in_use), frozenset(own)
        self._pages.setCurrentIndex(0 if models else 1)
        self.table.clearSelection()
        self.table.setRowCount(len(models))
        for row, model in enumerate(self._models):
            self._fill(row, model)
        self.roll_back.setEnabled(earlier is not None)
        self.roll_back.setToolTip(
            f"Use {earlier.title} again, the model used before." if earlier else
            "No other model was used before."
        )  # fmt: skip
        paths = [model.path for model in self._models]
        if paths:
            self.table.selectRow(paths.index(kept) if kept in paths else 0)
        self._show_chosen()

    def select(self, path: Path) -> None:
        """Select the model with these weights."""
        for row, model in enumerate(self._models):
            if model.path == path:
                self.table.selectRow(row)

    def say(self, sentence: str, undo: bool = False) -> None:
        """Tell what was done, with a way back."""
        self.notice.setText(sentence or "The models in use answer every analysis from now on.")
        self.undo.setVisible(undo)

    def _fill(self, row: int, model: InstalledModel) -> None:
        is_active = model.path in self._in_use
        told = (
            (model.name, f"Trained on {model.created[:10]}." if model.created else ""),
            (model.version, ""),
            (network_text(model), ""),
            (size_text(model.size), ""),
            (model.data.rsplit(":", 1)[0] or "–", model.data),
            (held_out_text(model), model.split),
            *(figure(model, keys) for _, keys in FIGURES),
        )
        fill_row(self.table, row, [text for text, _ in told], {HEADERS.index(t) for t in RIGHT})
        for column, (_, tip) in enumerate(told):
            item = self.table.item(row, column)
            assert item is not None
            item.setToolTip(tip)
        first = self.table.item(row, 0)
        assert first is not None
        # The others get room for it too, so that the names stand in one line.
        tone = theme.current().accent if is_active else "transparent"
        first.setIcon(theme.icon("confirm", tone))
        if is_active:
            first.setText(f"{model.name} (in use)")

    def _show_chosen(self) -> None:
        model = self.chosen
        for each in (self.compare, self.export):
            each.setEnabled(model is not None)
        is_active = model is not None and model.path in self._in_use
        is_own = model is not None and model.path in self._own
        self.use.setEnabled(model is not None and not is_active)
        alike = sum(model is not None and m.kind == model.kind for m in self._models)
        self.compare.setEnabled(alike > 1)
        self.delete.setEnabled(is_own and not is_active)
        self.delete.setToolTip(
            "" if self.delete.isEnabled() or model is None
            else "The model in use cannot be deleted." if is_active
            else "It came with the program."
        )  # fmt: skip
        self.card.show_model(model)
        self.curves.clear()
        self.curves.show_accuracy(model is None or not model.separates)
        history = model.history if model is not None else ()
        for fields in history:
            self.curves.add_epoch(fields)
        self.curves.setVisible(bool(history))
        self.no_curves.setVisible(model is not None and not history)

    def _ask(self, signal: object) -> None:
        model = self.chosen
        if model is not None and (signal is not self.use_requested or self.use.isEnabled()):
            signal.emit(model)  # type: ignore[attr-defined]

    # -- Qt --------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and isinstance(event, QKeyEvent):
            is_press = event.type() is QEvent.Type.KeyPress
            if is_press and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._ask(self.use_requested)
                return True
            if is_press and event.key() == Qt.Key.Key_Delete and self.delete.isEnabled():
                self._ask(self.delete_requested)
                return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._models:
            # Only after the theme is whole: the icon in the first column is drawn in its accent.
            QTimer.singleShot(0, self, self._redraw)

    def _redraw(self) -> None:
        for row, model in enumerate(self._models):
            if model.path in self._in_use:
                self._fill(row, model)
