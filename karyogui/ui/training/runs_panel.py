"""History of trainings: what became of each, with resuming and installing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QStackedWidget,
    QWidget,
)

from karyogui.services.models import POLARITY, TYPE_ALONE, TYPE_ASSIGNED
from karyogui.services.training_runs import PastRun
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.widgets import EmptyState, button, fill_row, local_time, row_table, text_label
from model.vocabulary.choices import CLASSIFIER, SEPARATION

HEADERS = ("Training", "State", "Epochs", "Begun", "Data", "Network", "Type", "Polarity")


def figure_text(figures: Mapping[str, object], keys: Sequence[str]) -> str:
    """The first figure measured among keys as per cent; a dash without any."""
    for key in keys:
        value = figures.get(key)
        if isinstance(value, int | float):
            return f"{100 * value:.1f} %"
    return "–"


class RunsPanel(QWidget):
    """Lists runs; asks for what is done with them by signals."""

    resume_requested = Signal(object)
    install_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._runs: tuple[PastRun, ...] = ()
        self._busy = False
        self.table = row_table("Earlier trainings", HEADERS, ("Type", "Polarity"), "Data")
        self.resume = button("Resume", lambda: self._ask(self.resume_requested))
        self.install = button("Compare and install…", lambda: self._ask(self.install_requested))
        self.hint = text_label("", "note", wrap=True)
        self._pages = QStackedWidget()
        self._build()
        self.set_runs(())

    @property
    def chosen(self) -> PastRun | None:
        """The selected run."""
        rows = self.table.selectionModel().selectedRows()
        return self._runs[rows[0].row()] if rows else None

    def set_runs(self, runs: Sequence[PastRun]) -> None:
        """List runs again, keeping the selection."""
        kept = self.chosen.folder if self.chosen else None
        self._runs = tuple(runs)
        self._pages.setCurrentIndex(0 if runs else 1)
        self.table.clearSelection()
        self.table.setRowCount(len(runs))
        for row, run in enumerate(runs):
            texts = (
                run.folder.name,
                run.state,
                f"{run.epochs_done} of {run.epochs_total}" if run.epochs_total else "–",
                local_time(run.created),
                run.request.data.name,
                run.request.preset if run.request.network == CLASSIFIER else SEPARATION,
                figure_text(run.figures, (*TYPE_ASSIGNED, *TYPE_ALONE)),
                figure_text(run.figures, POLARITY),
            )
            fill_row(self.table, row, texts, range(HEADERS.index("Type"), len(HEADERS)))
            if run.folder == kept:
                self.table.selectRow(row)
        if runs and self.chosen is None:
            self.table.selectRow(0)
        self._show_state()

    def set_busy(self, busy: bool) -> None:
        """While a training runs, no other one can be resumed."""
        self._busy = busy
        self._show_state()

    def _build(self) -> None:
        self.table.itemSelectionChanged.connect(self._show_state)
        for each in (self.resume, self.install):
            each.setAutoDefault(False)
        row = row_of(filling(self.hint), self.resume, self.install, gap=2)
        listed = QWidget()
        listed.setLayout(column_of(filling(self.table), row, gap=3, margins=0))
        self._pages.addWidget(listed)
        self._pages.addWidget(
            EmptyState("train", "No training yet", "Trainings are listed here with their figures.")
        )
        self.setLayout(column_of(self._pages, margins=0))

    def _ask(self, signal: object) -> None:
        if self.chosen is not None:
            signal.emit(self.chosen)  # type: ignore[attr-defined]

    def _show_state(self) -> None:
        run = self.chosen
        self.resume.setEnabled(run is not None and run.can_resume and not self._busy)
        self.install.setEnabled(run is not None and run.weights is not None)
        self.hint.setText(self._words(run))

    def _words(self, run: PastRun | None) -> str:
        if run is None:
            return ""
        if run.weights is not None:
            return "Its model is compared with the one in use before it is installed."
        if run.state == "running":
            return "This training is running."
        told = f"{run.sentence} {run.hint}".strip()
        if not run.can_resume:
            return told or "Nothing of it is left to continue from."
        if self._busy:
            return "It can be resumed when the running training has ended."
        return told or "It continues from its last checkpoint."
