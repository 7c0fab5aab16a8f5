"""Which network is used: the choice, its history, and the ways to new ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from karyogui.paths import WEIGHTS, models_folder, runs_folder
from karyogui.services.model_store import ModelStore
from karyogui.services.models import InstalledModel, read_model
from karyogui.services.ports import Network
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.dialogs.parts import ask
from karyogui.ui.job_bar import JobBar
from karyogui.ui.training.library import ModelLibrary
from karyogui.ui.widgets import Notice
from karyogui.workers.model_check import check_model
from karyogui.workers.training_process import TrainingProcess
from model.vocabulary.choices import CLASSIFIER, SEPARATION

if TYPE_CHECKING:
    from karyogui.services.model_comparison import Comparison
    from karyogui.services.progress import Monitor
    from karyogui.ui.training.models_dialog import ModelsDialog
    from karyogui.ui.training.training_flow import TrainingFlow
    from karyogui.workers.model_comparing import ComparisonRequest

DEFAULT_WEIGHTS = WEIGHTS / "compact.safetensors"
DEFAULT_SEPARATION = WEIGHTS / "separation.safetensors"
REMEMBERED = 20
"""How many choices of a model can be rolled back."""
OF_SEPARATIONS = "separation:"
"""What stands before the path of a separation among the models used before."""

HEADINGS = {CLASSIFIER: "Classifier in use", SEPARATION: "Separation in use"}
"""What stands in the menu above the models of a kind."""

MakeAnalyser = Callable[[Path, str], Network]
"""(weights, device) → an analyser that loads its network at first need."""


class ModelController(QObject):
    """Keeps the choice of model in the settings and shows it in the menu."""

    notice_raised = Signal(object)
    model_changed = Signal()
    training_told = Signal(str)
    """A few words about the running training; empty when none runs."""

    def __init__(
        self,
        workspace: Workspace,
        settings: SettingsStore,
        make_analyser: MakeAnalyser,
        jobs: JobBar,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._workspace = workspace
        self._settings = settings
        self._make_analyser = make_analyser
        self._menu: QMenu | None = None
        self._lines: list[QAction] = []
        self._models: tuple[InstalledModel, ...] = ()
        self._dialog: ModelsDialog | None = None
        self._flow: TrainingFlow | None = None
        self.process = TrainingProcess(self)
        self.store = ModelStore(WEIGHTS, models_folder(workspace.folder))
        self.library = ModelLibrary(self.store, jobs, _compare, check_model, parent)
        self.library.installed.connect(self._on_installed)
        self.library.library_changed.connect(self._on_library)
        self.library.installed.connect(
            lambda model: self._tell("model installed", f"{model.title}, {model.sha256}")
        )
        self.library.library_changed.connect(lambda text, _: self._tell("act on the models", text))
        self.refresh()

    def _tell(self, act: str, what: str) -> None:
        """Put what became of a model into the trail of the data folder."""
        with ErrorsShown(self._window):
            self._workspace.record.note(act, after=what)

    # -- the choice ------------------------------------------------------------------------------

    @property
    def models(self) -> tuple[InstalledModel, ...]:
        """All weights at the last `refresh`: classifiers, then separations, bundled ones first."""
        return self._models

    def refresh(self) -> None:
        """Look for weights again."""
        models = self.store.models()
        if self.weights not in [model.path for model in models] and self.weights.is_file():
            # Chosen by an earlier version, which used them where they were trained.
            chosen = read_model(self.weights)
            models = (*models, chosen) if chosen else models
        self._models = tuple(sorted(models, key=lambda model: model.separates))

    @property
    def weights(self) -> Path:
        """Those of the classifier in use: the chosen ones if they are still there, or bundled."""
        chosen = Path(self._settings.values.weights)
        return chosen if self._settings.values.weights and chosen.is_file() else DEFAULT_WEIGHTS

    @property
    def in_use(self) -> tuple[Path, Path]:
        """The weights in use, of the classifier and of the separation."""
        return self.weights, self._settings.values.separation_weights or DEFAULT_SEPARATION

    @property
    def active(self) -> InstalledModel | None:
        """What is known of the classifier in use; None when there is none."""
        return self.active_of(CLASSIFIER)

    def active_of(self, kind: str) -> InstalledModel | None:
        """What is known of the network of a kind (`NETWORKS`) in use; None when there is none."""
        found = (m for m in self.models if m.kind == kind and m.path in self.in_use)
        return next(found, None)

    @property
    def earlier(self) -> InstalledModel | None:
        """What `roll_back` would use again: the model in use before, if it is still there."""
        steps = self._steps_back()
        return read_model(_path(steps[-1])) if steps else None

    @property
    def can_roll_back(self) -> bool:
        """Whether another model was in use before, and is still there."""
        return bool(self._steps_back())

    def analyser_factory(self) -> Callable[[], Network]:
        """Makes an analyser for the weights and the device in use now."""
        return partial(self._make_analyser, self.weights, self._settings.values.device)

    def use(self, model: InstalledModel) -> None:
        """Use a model from now on; the one of its kind used until now can be rolled back to."""
        values = self._settings.values
        if model.path in self.in_use:
            return
        is_bundled = model.path in (DEFAULT_WEIGHTS, DEFAULT_SEPARATION)
        path = "" if is_bundled else str(model.path)
        now = OF_SEPARATIONS + values.separation if model.separates else values.weights
        wanted = OF_SEPARATIONS + path if model.separates else path
        self._change(wanted, (*values.weights_before, now)[-REMEMBERED:])

    def roll_back(self) -> None:
        """Go back to the model used before; each call goes one step further back."""
        steps = self._steps_back()
        if not steps:
            self.notice_raised.emit(Notice("No other model was used before."))
            return
        earlier = self.earlier
        self._change(steps[-1], steps[:-1])
        name = earlier.title if earlier else "the model before"
        self.notice_raised.emit(Notice(f"Rolled back: {name} is in use again."))

    def _steps_back(self) -> tuple[str, ...]:
        """The history, without models that are gone and without those in use at its end."""
        values = self._settings.values
        steps = [text for text in values.weights_before if _path(text).is_file()]
        while steps and _path(steps[-1]) in self.in_use:
            steps.pop()
        return tuple(steps)

    def _change(self, wanted: str, before: tuple[str, ...]) -> None:
        """Use what is `wanted`, as it stands among the models used before."""
        values = replace(self._settings.values, weights_before=before)
        if wanted.startswith(OF_SEPARATIONS):
            values = replace(values, separation=wanted.removeprefix(OF_SEPARATIONS))
        else:
            values = replace(values, weights=wanted)
        with ErrorsShown(self._window):
            self._settings.change(values)
        self.refresh()
        self._show_models()
        if self._flow is not None:
            self._flow.show_active()
        self.model_changed.emit()

    # -- the menu --------------------------------------------------------------------------------

    def fill_menu(self, menu: QMenu) -> None:
        """List the models in the menu, again each time it opens."""
        self._menu = menu
        menu.addSeparator()
        menu.aboutToShow.connect(self._list_models)
        self._list_models()

    def _list_models(self) -> None:
        if self._menu is None:
            return
        self.refresh()
        for old in self._lines:
            self._menu.removeAction(old)
            old.deleteLater()
        self._lines = []
        for kind, title in HEADINGS.items():
            of_kind = [model for model in self.models if model.kind == kind]
            if of_kind:
                # A menu's own sections are drawn without their words in this style.
                heading = QAction(title, self._menu)
                heading.setEnabled(False)
                self._lines.append(heading)
                self._menu.addAction(heading)
            group = QActionGroup(self._menu)
            for model in of_kind:
                line = QAction(model.title, self._menu)
                line.setCheckable(True)
                line.setChecked(model.path in self.in_use)
                line.triggered.connect(lambda _checked=False, model=model: self.use(model))
                group.addAction(line)
                self._menu.addAction(line)
                self._lines.append(line)
        if not self._lines:
            none = QAction("No model installed", self._menu)
            none.setEnabled(False)
            self._menu.addAction(none)
            self._lines.append(none)

    # -- the dialogs -----------------------------------------------------------------------------

    def choose(self) -> None:
        """Show the models."""
        # Only now: its curves bring a plotting library that start-up need not wait for.
        from karyogui.ui.training.models_dialog import ModelsDialog

        if self._dialog is None:
            dialog = ModelsDialog(self._window)
            dialog.use_requested.connect(self.use)
            dialog.roll_back_requested.connect(self.roll_back)
            dialog.import_requested.connect(lambda: self.library.choose_file(dialog))
            dialog.export_requested.connect(lambda model: self.library.export(model, dialog))
            dialog.delete_requested.connect(lambda model: self.library.delete(model, dialog))
            dialog.undo_requested.connect(lambda: self.library.undo_delete(dialog))
            dialog.compare_requested.connect(self._compare)
            dialog.train_requested.connect(self.train)
            self.library.work_begun.connect(dialog.say)
            self._dialog = dialog
        self._dialog.say("")
        self.refresh()
        self._show_models()
        _raise(self._dialog)

    def compare(self) -> None:
        """Compare the model in use with another one."""
        self._compare(None)

    def train(self) -> None:
        """Show the training dialog, with the running training if there is one."""
        from karyogui.ui.training.own_data import OwnData
        from karyogui.ui.training.training_flow import TrainingFlow

        if self._flow is None:
            self._flow = TrainingFlow(
                runs_folder(self._workspace.folder),
                self.process,
                self.library,
                self.active_of,
                lambda: self._settings.values.device,
                OwnData(self._workspace),
                self._window,
            )
            self._flow.notice_raised.connect(self.notice_raised)
            self._flow.training_told.connect(self.training_told)
            self._flow.model_accepted.connect(self._on_accepted)
        self.refresh()
        self._flow.show()

    def may_close(self) -> bool:
        """Ask before a running training is ended by closing the window."""
        if not self.process.is_running:
            return True
        return ask(
            self._window,
            "A training is running.",
            "Closing ends it after the present batch. It can be resumed from its last checkpoint.",
            yes="End training and close",
            no="Keep working",
        )

    def shut_down(self) -> None:
        """End a running training and close the dialogs."""
        self.process.shut_down()
        if self._flow is not None:
            self._flow.shut_down()
        self.library.shut_down()
        if self._dialog is not None:
            self._dialog.close()

    def _compare(self, model: InstalledModel | None) -> None:
        self.refresh()
        classifier, separation = self.in_use
        separates = [m.separates for m in self.models]
        # Where only separations can be compared, two of these are proposed.
        is_only = separates.count(False) < 2 <= separates.count(True)
        is_wanted = is_only if model is None else model.separates
        first = separation if is_wanted else classifier
        second = model.path if model is not None and model.path != first else None
        device = self._settings.values.device
        self.library.compare(self.models, first, second, device, classifier)

    def _show_models(self) -> None:
        if self._dialog is not None:
            own = [model.path for model in self.models if self.store.is_own(model)]
            self._dialog.set_models(self.models, self.in_use, own, self.earlier)

    def _on_installed(self, model: InstalledModel) -> None:
        if self._dialog is not None:
            self._dialog.select(model.path)

    def _on_accepted(self, model: InstalledModel) -> None:
        self.use(model)
        back = (("Roll back", self.roll_back),)
        self.notice_raised.emit(Notice(f"{model.title} is installed and in use.", actions=back))

    def _on_library(self, done: str, can_undo: bool) -> None:
        self.refresh()
        self._show_models()
        if self._dialog is not None and self._dialog.isVisible():
            self._dialog.say(done, can_undo)
        else:
            self.notice_raised.emit(Notice(done))


def _path(weights: str) -> Path:
    """The weights that a setting means, or a line of those used before."""
    if weights.startswith(OF_SEPARATIONS):
        own = weights.removeprefix(OF_SEPARATIONS)
        return Path(own) if own else DEFAULT_SEPARATION
    return Path(weights) if weights else DEFAULT_WEIGHTS


def _raise(dialog: ModelsDialog) -> None:
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()


def _compare(request: ComparisonRequest, monitor: Monitor) -> Comparison:
    from karyogui.workers.model_comparing import compare_models

    return compare_models(request, monitor)
