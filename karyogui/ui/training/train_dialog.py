"""Train…: a new training, the running one, and those there were."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTabWidget,
    QWidget,
)

from karyogui.services.checked_pictures import CheckedSummary
from karyogui.services.training_runs import PastRun
from karyogui.ui.boxes import REST, column_of, filling, row_of
from karyogui.ui.dialogs.parts import stacked
from karyogui.ui.training.curves import TrainingCurves
from karyogui.ui.training.own_data import OwnData
from karyogui.ui.training.progress import TrainingProgress
from karyogui.ui.training.runs_panel import RunsPanel
from karyogui.ui.training.separation_form import SeparationForm
from karyogui.ui.training.training_form import TrainingForm
from karyogui.ui.widgets import EmptyState, line, set_role, text_label
from karyogui.workers.task import Task
from karyogui.workers.training_process import TrainingEnd, TrainingOutcome, TrainingProcess
from model.vocabulary.choices import NETWORKS, SEPARATION
from model.vocabulary.events import Event
from model.vocabulary.training_request import TrainingRequest

LOG_LINES = 2000
NEW, PROGRESS, RUNS = range(3)
NOTHING_RUNS = "No training is running"
WHAT_COMES = "Its progress, its curves and its messages will appear here."

ListRuns = Callable[[], Sequence[PastRun]]


class TrainDialog(QDialog):
    """Stays open beside the window; closing it lets the training go on."""

    started = Signal()
    progress_changed = Signal(str)
    training_ended = Signal(object)
    install_requested = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        runs_folder: Path,
        process: TrainingProcess,
        list_runs: ListRuns = tuple,
        own: OwnData | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Train")
        self._process = process
        self._list_runs = list_runs
        self._own = own
        self._writing: Task | None = None
        self._progress = TrainingProgress()
        self._started_at = 0.0
        self._stopping = False
        self._resumable = False
        self.running: TrainingRequest | None = None
        self.network = QComboBox()
        self.form = TrainingForm(runs_folder, own.summary if own else None)
        self.separation_form = SeparationForm(runs_folder, own.checked if own else CheckedSummary)
        self.runs = RunsPanel()
        self.curves = TrainingCurves()
        self.log = QPlainTextEdit()
        self.progress = QStackedWidget()
        self.title = text_label("", "title")
        self.status = text_label("", "muted", wrap=True)
        self.machine = text_label("", "note", wrap=True)
        self.hint = text_label("", "note", wrap=True)
        self.bar = QProgressBar()
        self.start_button = QPushButton("Start")
        self.pause_button = QPushButton("Pause")
        self.stop_button = QPushButton("Stop")
        self.resume_button = QPushButton("Resume")
        self.tabs = QTabWidget()
        self._build()
        self._connect()
        self._show_state()

    @property
    def chosen_form(self) -> TrainingForm | SeparationForm:
        """The fields of the network that is to be trained."""
        is_separation = self.network.currentData() == SEPARATION
        return self.separation_form if is_separation else self.form

    @property
    def request(self) -> TrainingRequest:
        """The training as filled in."""
        return self.chosen_form.request

    @property
    def complaint(self) -> str:
        """What is missing before a training can start; empty when nothing is."""
        return self.chosen_form.complaint

    # -- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(LOG_LINES)
        self.log.setFixedHeight(96)
        self.log.setPlaceholderText("Messages of the training will appear here.")
        self.log.setAccessibleName("Messages of the training")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.start_button.setProperty("role", "primary")
        for kind, words in NETWORKS.items():
            self.network.addItem(words, kind)
        area = QScrollArea()
        forms = QWidget()
        forms.setLayout(column_of(self.form, self.separation_form, margins=0))
        area.setWidget(forms)
        area.setWidgetResizable(True)
        self.separation_form.hide()
        new = QWidget()
        label = text_label("Network to train")
        label.setBuddy(self.network)
        choice = row_of(label, self.network, REST, gap=3)
        head = column_of(choice, line(), gap=3, margins=(0, 0, 2, 0))  # as wide as the forms
        new.setLayout(column_of(head, filling(area), gap=3, margins=0))
        shown = QWidget()
        shown.setLayout(
            column_of(
                self.title,
                self.status,
                self.bar,
                self.machine,
                filling(self.curves),
                self.log,
                gap=2,
                margins=0,
            )
        )
        self.progress.addWidget(EmptyState("train", NOTHING_RUNS, WHAT_COMES))
        self.progress.addWidget(shown)
        pages: tuple[tuple[QWidget, str], ...] = (
            (new, "New training"),
            (self.progress, "Progress"),
            (self.runs, "Runs"),
        )
        for content, words in pages:
            page = QWidget()
            page.setLayout(column_of(content, margins=(0, 3, 0, 0)))
            self.tabs.addTab(page, words)
        self.tabs.setDocumentMode(True)
        row = row_of(filling(self.hint), gap=2)
        for each in (self.pause_button, self.stop_button, self.resume_button, self.start_button):
            # Enter in a field must not start or stop hours of work.
            each.setAutoDefault(False)
            row.addWidget(each)
        stacked(self, filling(self.tabs), row)
        self.resize(904, 680)

    def _connect(self) -> None:
        self.start_button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)
        self.pause_button.clicked.connect(self.pause_or_go_on)
        self.resume_button.clicked.connect(self.resume)
        self.form.changed.connect(self._show_state)
        self.separation_form.changed.connect(self._show_state)
        self.network.currentIndexChanged.connect(self._on_network)
        self.tabs.currentChanged.connect(self._on_tab)
        self.runs.resume_requested.connect(lambda run: self.run(replace(run.request, resume=True)))
        self.runs.install_requested.connect(self.install_requested)
        self._process.event_received.connect(self._on_event)
        self._process.line_received.connect(self.log.appendPlainText)
        self._process.ended.connect(self._on_ended)

    def _on_tab(self, tab: int) -> None:
        if tab == RUNS:
            self.runs.set_runs(self._list_runs())
        self._show_state()

    def _on_network(self) -> None:
        for form in (self.form, self.separation_form):
            form.setVisible(form is self.chosen_form)
        self.refresh()

    def refresh(self) -> None:
        """Look again for trainings and for what persons have checked."""
        self.runs.set_runs(self._list_runs())
        if self.chosen_form.is_own:
            self.chosen_form.refresh_own()
        self._show_state()

    # -- running ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the training as filled in; own cells are written into an archive first."""
        if self.complaint or self._process.is_running or self._writing is not None:
            return
        request = self.request
        if not self.chosen_form.is_own or self._own is None:
            self.run(request)
            return
        self._writing = Task(partial(self._own.write, request), self)
        self._writing.succeeded.connect(lambda _: self.run(request))
        self._writing.failed.connect(lambda error: self._say_failed(str(error)))
        self._writing.ended.connect(self._on_written)
        self._say(request, "Writing what was checked…")
        self._writing.start()
        self._show_state()

    def run(self, request: TrainingRequest) -> None:
        """Start or resume a training."""
        if self._process.is_running:
            return
        self._progress, self._started_at = TrainingProgress(), time.monotonic()
        self._stopping = False
        self._resumable = False
        self.running = request
        self.curves.clear()
        self.log.clear()
        self.bar.setValue(0)
        self._say(request, "Starting…")
        self._process.start(request)
        self._show_state()
        self.started.emit()

    def stop(self) -> None:
        """Ask the training to end after the present batch."""
        self._process.stop()
        self._stopping = True
        self.status.setText("Stopping after this batch…")
        self._show_state()

    def pause_or_go_on(self) -> None:
        """Hold the training up after the present batch, or let it go on."""
        # A grey button passes its focus on: the next key must not stop the training.
        if self.pause_button.hasFocus():
            self.log.setFocus()
        self.pause_button.setEnabled(False)
        if self._progress.is_paused:
            self._process.go_on()
        else:
            self.status.setText("Pausing after this batch…")
            self._process.pause()

    def resume(self) -> None:
        """Go on with the training that was stopped or failed here."""
        if self.running is not None:
            self.run(replace(self.running, resume=True))

    def shut_down(self) -> None:
        """End what runs for closing the window."""
        if self._writing is not None:
            self._writing.shut_down()
        self.close()

    def _on_written(self) -> None:
        self._writing = None
        self._show_state()

    def _on_event(self, event: Event) -> None:
        self._progress = self._progress.after(event)
        if event.kind == "epoch":
            self.curves.add_epoch(event.fields)
        if event.kind in ("left_out", "warning"):
            self.log.appendPlainText(str(event.fields.get("sentence", "")))
        if event.kind == "started":
            earlier = event.fields.get("resumed_history")
            for fields in earlier if isinstance(earlier, list) else ():
                self.curves.add_epoch(fields)
        if event.kind in ("paused", "resumed"):
            self._show_state()
            if self.log.hasFocus():
                self.pause_button.setFocus()
        self.bar.setValue(round(1000 * self._progress.fraction))
        self.machine.setText(self._progress.machine)
        if not self._stopping:
            self.status.setText(self._progress.words(time.monotonic() - self._started_at))
        paused = ", paused" if self._progress.is_paused else ""
        self.progress_changed.emit(f"Training {self._progress.fraction:.0%}{paused}")

    def _on_ended(self, outcome: TrainingOutcome) -> None:
        if outcome.end is TrainingEnd.FINISHED:
            self.bar.setValue(self.bar.maximum())
            self.status.setText("Finished. The new model is compared before it is installed.")
        elif outcome.end is TrainingEnd.STOPPED:
            self.status.setText("Stopped. It can be resumed where it was.")
        else:
            self._say_failed(f"{outcome.sentence} {outcome.hint}".strip())
        self._progress = self._progress.after(Event("resumed", {}))
        self.form.propose_name()
        self.separation_form.propose_name()
        self.refresh()
        self._resumable = outcome.end is not TrainingEnd.FINISHED
        self._show_state()
        self.training_ended.emit(outcome)

    def _say(self, request: TrainingRequest, words: str) -> None:
        self.tabs.setCurrentIndex(PROGRESS)
        self.progress.setCurrentIndex(1)
        self.title.setText(request.out.name)
        self.curves.show_accuracy(request.network != SEPARATION)
        set_role(self.status, "muted")
        self.status.setText(words)
        self.machine.setText("")
        self._resumable = False

    def _say_failed(self, sentence: str) -> None:
        set_role(self.status, "error")
        self.status.setText(sentence)

    def _show_state(self) -> None:
        running = self._process.is_running
        busy = running or self._writing is not None
        self.runs.set_busy(busy)
        on_new = self.tabs.currentIndex() == NEW
        complaint = self.complaint
        self.start_button.setVisible(on_new)
        self.start_button.setEnabled(not busy and not complaint)
        for each in (self.pause_button, self.stop_button):
            each.setVisible(running)
            each.setEnabled(running and not self._stopping)
        self.pause_button.setText("Go on" if self._progress.is_paused else "Pause")
        on_progress = self.tabs.currentIndex() == PROGRESS
        self.resume_button.setVisible(self._resumable and on_progress and not busy)
        words = complaint if on_new else ""
        if busy:
            words = "The training continues when this window is closed."
            if on_new:
                words = f"One training at a time. {words}"
        self.hint.setText(words)
