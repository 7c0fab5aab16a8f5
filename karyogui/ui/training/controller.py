"""Which network is used, and the training of new ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from karyogui.errors import KaryoError
from karyogui.paths import WEIGHTS, models_folder
from karyogui.services.models import InstalledModel, installed_models
from karyogui.services.ports import Analyser
from karyogui.settings import SettingsStore
from karyogui.ui.dialogs.ask import ask
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.training.models_dialog import ModelsDialog
from karyogui.ui.widgets import Notice, Tone
from karyogui.workers.training_process import TrainingEnd, TrainingOutcome, TrainingProcess

if TYPE_CHECKING:
    from karyogui.ui.training.train_dialog import TrainDialog

DEFAULT_WEIGHTS = WEIGHTS / "compact.safetensors"

MakeAnalyser = Callable[[Path, str], Analyser]
"""(weights, device) → an analyser that loads its network at first need."""


class ModelController(QObject):
    """Keeps the choice of model in the settings and shows it in the menu."""

    notice_raised = Signal(object)
    model_changed = Signal()
    training_told = Signal(str)
    """A few words about the running training; empty when none runs."""

    def __init__(
        self,
        data_folder: Path,
        settings: SettingsStore,
        make_analyser: MakeAnalyser,
        parent: QWidget,
        process: TrainingProcess | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._folder = models_folder(data_folder)
        self._settings = settings
        self._make_analyser = make_analyser
        self._menu: QMenu | None = None
        self._lines: list[QAction] = []
        self._models: tuple[InstalledModel, ...] = ()
        self._dialog: TrainDialog | None = None
        self.process = process or TrainingProcess(self)
        self.refresh()

    @property
    def models(self) -> tuple[InstalledModel, ...]:
        """All weights at the last `refresh`: the bundled ones, then the trained ones."""
        return self._models

    def refresh(self) -> None:
        """Look for weights anew."""
        runs = sorted(path for path in self._folder.glob("*") if path.is_dir())
        self._models = installed_models(WEIGHTS, self._folder, *runs)

    @property
    def weights(self) -> Path:
        """The weights in use: the chosen ones if they are still there, else the bundled ones."""
        chosen = Path(self._settings.values.weights)
        return chosen if self._settings.values.weights and chosen.is_file() else DEFAULT_WEIGHTS

    @property
    def active(self) -> InstalledModel | None:
        """What is known of the weights in use; None when there are none."""
        return next((model for model in self.models if model.path == self.weights), None)

    def analyser_factory(self) -> Callable[[], Analyser]:
        """Makes an analyser for the weights and the device in use now."""
        return partial(self._make_analyser, self.weights, self._settings.values.device)

    def fill_menu(self, menu: QMenu) -> None:
        """List the models in the menu, anew each time it opens."""
        self._menu = menu
        menu.addSeparator()
        menu.aboutToShow.connect(self._list_models)
        self._list_models()

    def choose(self) -> None:
        """Show the models and take over the one chosen."""
        self.refresh()
        dialog = ModelsDialog(self._window, self.models, self.weights)
        accepted = dialog.exec() == ModelsDialog.DialogCode.Accepted
        chosen = dialog.chosen
        dialog.deleteLater()
        if accepted and chosen is not None:
            self.use(chosen)

    def use(self, model: InstalledModel) -> None:
        """Use a model from now on."""
        weights = "" if model.path == DEFAULT_WEIGHTS else str(model.path)
        try:
            self._settings.change(replace(self._settings.values, weights=weights))
        except KaryoError as error:
            show_error(self._window, error)
        self.model_changed.emit()

    def train(self) -> None:
        """Show the training dialog, with the running training if there is one."""
        # Only now: its curves bring a plotting library that start-up need not wait for.
        from karyogui.ui.training.train_dialog import TrainDialog

        if self._dialog is None:
            self._dialog = TrainDialog(self._window, self._folder, self.process)
            self._dialog.progress_changed.connect(self.training_told)
            self._dialog.started.connect(lambda: self.training_told.emit("Training"))
            self._dialog.training_ended.connect(self._on_ended)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def may_close(self) -> bool:
        """Ask before a running training is ended by closing the window."""
        if not self.process.is_running:
            return True
        return ask(
            self._window,
            "A training is running.",
            "Closing ends it after the present batch. It can go on from the last whole epoch.",
            yes="End training and close",
            no="Keep working",
        )

    def shut_down(self) -> None:
        """End a running training."""
        self.process.shut_down()
        if self._dialog is not None:
            self._dialog.close()

    def _list_models(self) -> None:
        if self._menu is None:
            return
        self.refresh()
        for old in self._lines:
            self._menu.removeAction(old)
            old.deleteLater()
        group = QActionGroup(self._menu)
        self._lines = []
        for model in self.models:
            line = QAction(f"{model.name} {model.version}".strip(), self._menu)
            line.setCheckable(True)
            line.setChecked(model.path == self.weights)
            line.triggered.connect(lambda _checked=False, model=model: self.use(model))
            group.addAction(line)
            self._menu.addAction(line)
            self._lines.append(line)
        if not self._lines:
            none = QAction("No model installed", self._menu)
            none.setEnabled(False)
            self._menu.addAction(none)
            self._lines.append(none)

    def _on_ended(self, outcome: TrainingOutcome) -> None:
        self.training_told.emit("")
        self._list_models()
        if outcome.end is TrainingEnd.FINISHED:
            choose = (("Choose model", self.choose),)
            self.notice_raised.emit(
                Notice("Training finished: a new model is there.", actions=choose)
            )
        elif outcome.end is TrainingEnd.FAILED:
            show = (("Show", self.train),)
            self.notice_raised.emit(Notice(outcome.sentence, Tone.FAULT, show))
