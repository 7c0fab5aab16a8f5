"""From Train… to an installed model: the dialog, the comparison at the end, the installation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from karyogui.services.model_comparison import Comparison, Verdict
from karyogui.services.models import InstalledModel, read_model
from karyogui.services.training_runs import PastRun, past_runs
from karyogui.ui.training.install_dialog import InstallDialog
from karyogui.ui.training.library import ModelLibrary
from karyogui.ui.training.own_data import OwnData
from karyogui.ui.training.train_dialog import TrainDialog
from karyogui.ui.widgets import Notice, Tone
from karyogui.workers.model_comparing import ComparisonRequest
from karyogui.workers.training_process import TrainingEnd, TrainingOutcome, TrainingProcess
from model.vocabulary.choices import CLASSIFIER, SEPARATION

OUTCOMES = {
    Verdict.BETTER: "The new model {name} is no worse than the one in use.",
    Verdict.SAME: "Between the new model {name} and the one in use no difference can be told.",
    Verdict.WORSE: "The new model {name} is worse than the one in use.",
    Verdict.INCOMPARABLE: "The new model {name} could not be compared with the one in use.",
}


class TrainingFlow(QObject):
    """Nothing is installed but by its own dialog's button."""

    notice_raised = Signal(object)
    training_told = Signal(str)
    model_accepted = Signal(object)
    """An installed model that a person wants to use."""

    def __init__(
        self,
        runs_folder: Path,
        process: TrainingProcess,
        library: ModelLibrary,
        active: Callable[[str], InstalledModel | None],
        device: Callable[[], str],
        own: OwnData,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._runs_folder = runs_folder
        self._library = library
        self._active = active
        self._device = device
        self.dialog = TrainDialog(
            parent,
            runs_folder,
            process,
            lambda: past_runs(runs_folder),
            own,
        )
        self.dialog.progress_changed.connect(self.training_told)
        self.dialog.started.connect(lambda: self.training_told.emit("Training"))
        self.dialog.training_ended.connect(self._on_ended)
        self.dialog.install_requested.connect(self._on_install_requested)

    def show(self) -> None:
        """Show the dialog, with the running training if there is one."""
        self.show_active()
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def show_active(self) -> None:
        """Tell the dialog which models are in use."""
        self.dialog.form.set_active(self._active(CLASSIFIER))
        self.dialog.separation_form.set_active(self._active(SEPARATION))

    def shut_down(self) -> None:
        """Close what is open."""
        self.dialog.shut_down()
        for dialog in self._window.findChildren(InstallDialog):
            dialog.close()

    def _on_ended(self, outcome: TrainingOutcome) -> None:
        self.training_told.emit("")
        request = self.dialog.running
        if outcome.end is TrainingEnd.FINISHED and request is not None:
            self._offer(outcome.weights, request.data, show=self.dialog.isVisible())
        elif outcome.end is TrainingEnd.FAILED:
            self._tell(outcome.sentence, Tone.FAULT, self.show)

    def _on_install_requested(self, run: PastRun) -> None:
        self._offer(run.weights, run.request.data, show=True)

    def _offer(self, weights: Path | None, data: Path, show: bool) -> None:
        """Compare a trained model with the one in use, then leave the choice to the person."""
        model = read_model(weights) if weights is not None and weights.is_file() else None
        if model is None:
            self._tell("The training left no model that can be read.", Tone.FAULT, self.show)
            return
        active = self._active(model.kind)
        dialog = InstallDialog(self._window, model, self._library.make_run())
        dialog.install_requested.connect(lambda _: self._install(dialog))
        dialog.compared.connect(lambda comparison: self._on_compared(dialog, comparison))
        dialog.finished.connect(lambda _: _discard(dialog))
        if active is None:
            dialog.cannot_compare("There is no model in use to compare with.")
        else:
            classifier = self._active(CLASSIFIER)
            known = classifier.path if classifier else None
            request = ComparisonRequest(active, model, data, self._device(), classifier=known)
            dialog.compare(request)
        if show:
            dialog.show()
        else:
            words = f"Training finished: {model.name} is being compared with the model in use."
            self._tell(words, Tone.DONE, dialog.show)

    def _on_compared(self, dialog: InstallDialog, comparison: Comparison | None) -> None:
        if not dialog.isVisible() and not dialog.is_closed:
            verdict = comparison.verdict if comparison else Verdict.INCOMPARABLE
            words = OUTCOMES[verdict].format(name=dialog.model.name)
            tone = Tone.DONE if verdict is Verdict.BETTER else Tone.LOOK
            self._tell(words, tone, dialog.show)

    def _install(self, dialog: InstallDialog) -> None:
        dialog.show_installing(True)

        def ended(_: object = None) -> None:
            self._library.installed.disconnect(done)
            self._library.install_failed.disconnect(ended)
            dialog.show_installing(False)

        def done(model: InstalledModel) -> None:
            ended()
            dialog.accept()
            self.model_accepted.emit(model)

        self._library.installed.connect(done)
        self._library.install_failed.connect(ended)
        self._library.install(dialog.model.path, dialog)

    def _tell(self, words: str, tone: Tone, show: Callable[[], object]) -> None:
        self.notice_raised.emit(Notice(words, tone, (("Show", show),)))


def _discard(dialog: InstallDialog) -> None:
    """Let a closed dialog go, once its comparison has ended."""
    if dialog.run.is_running:
        dialog.run.ended.connect(lambda _: dialog.deleteLater())
        dialog.run.cancel()
    else:
        dialog.deleteLater()
