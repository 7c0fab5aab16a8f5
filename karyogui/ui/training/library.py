"""Models coming in, going out and being compared: the dialogs around the store of models."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from karyogui.errors import KaryoError
from karyogui.services.model_store import ModelStore, NameTaken
from karyogui.services.models import InstalledModel
from karyogui.services.progress import Monitor
from karyogui.ui.dialogs.errors import show_error
from karyogui.ui.job_bar import JobBar
from karyogui.workers.task import Task

if TYPE_CHECKING:
    from karyogui.ui.training.compare_dialog import CompareDialog
    from karyogui.ui.training.compare_run import Compare, CompareRun


CheckWeights = Callable[[Path, Monitor], None]
"""Loads weights in another process; `KaryoError` when that cannot be done."""


class ModelLibrary(QObject):
    """Installs, exports, deletes and compares; reports the outcome by signals."""

    installed = Signal(object)
    work_begun = Signal(str)
    """What is being done, in words."""
    install_failed = Signal()
    library_changed = Signal(str, bool)
    """What was done, in words, and whether it can be undone."""

    def __init__(
        self,
        store: ModelStore,
        jobs: JobBar,
        compare: Compare,
        check: CheckWeights,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._store = store
        self._jobs = jobs
        self._compare = compare
        self._check = check
        self._binned: Path | None = None
        self._comparing: CompareDialog | None = None

    def make_run(self) -> CompareRun:
        """A new place for a comparison."""
        from karyogui.ui.training.compare_run import CompareRun

        return CompareRun(self._compare, self._start)

    def choose_file(self, parent: QWidget) -> None:
        """Ask for a model file and install it."""
        kinds = "Models (*.safetensors *.zip *.json)"
        name, _ = QFileDialog.getOpenFileName(parent, "Import a model", "", kinds)
        if name:
            self.install(Path(name), parent)

    def install(self, source: Path, parent: QWidget, name: str | None = None) -> None:
        """Check and copy a model in the background; asks for another name when its is taken."""

        def work(monitor: Monitor) -> InstalledModel:
            return self._store.install(source, partial(self._checked, monitor), name)

        task = self._jobs.run(
            "Installing a model",
            work,
            self._on_installed,
            lambda error: self._on_install_failed(error, source, parent),
        )
        task.cancelled.connect(lambda: self._end_install("Nothing was installed."))
        self.work_begun.emit(f"Checking {source.name}…")

    def export(self, model: InstalledModel, parent: QWidget) -> None:
        """Ask where to and write the model there."""
        target = self._ask_target(model, parent)
        if target is None:
            return
        self._jobs.run(
            "Exporting a model",
            lambda _: self._store.export(model, target),
            lambda written: self.library_changed.emit(_exported(model, written), False),
            partial(self._show, parent),
        )

    def delete(self, model: InstalledModel, parent: QWidget) -> None:
        """Move an own model into the bin."""
        try:
            self._binned = self._store.delete(model)
        except KaryoError as error:
            self._show(parent, error)
            return
        self.library_changed.emit(f"{model.title} was moved to the bin.", True)

    def undo_delete(self, parent: QWidget) -> None:
        """Take the model deleted last back out of the bin."""
        if self._binned is None:
            return
        try:
            model = self._store.restore(self._binned)
        except KaryoError as error:
            self._show(parent, error)
            return
        self._binned = None
        self.library_changed.emit(f"{model.title} is back.", False)

    def compare(
        self,
        models: Sequence[InstalledModel],
        first: Path | None,
        second: Path | None,
        device: str,
        classifier: Path | None = None,
    ) -> None:
        """Show the comparison of two models, with the running one if there is one.

        Separations are compared with what the `classifier` makes of them.
        """
        from karyogui.ui.training.compare_dialog import CompareDialog

        if self._comparing is None:
            self._comparing = CompareDialog(self._window, self.make_run(), device)
        dialog = self._comparing
        if not dialog.run.is_running:
            dialog.device, dialog.classifier = device, classifier
            dialog.set_models(models, first, second)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def shut_down(self) -> None:
        """Close what is open."""
        if self._comparing is not None:
            self._comparing.close()

    def _checked(self, monitor: Monitor, weights: Path) -> None:
        self._check(weights, monitor)

    def _start(self, task: Task, title: str) -> None:
        self._jobs.watch(task, title)
        task.start()

    def _ask_target(self, model: InstalledModel, parent: QWidget) -> Path | None:
        """A zip's name, or a folder for the two files; None when given up."""
        box = QMessageBox(parent)
        box.setWindowTitle("Export a model")
        box.setText(f"Export {model.title} as one file or as two?")
        box.setInformativeText(
            "The zip also holds the checksums. Both forms can be imported elsewhere."
        )
        one = box.addButton("One zip…", QMessageBox.ButtonRole.AcceptRole)
        two = box.addButton("Two files…", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(one)
        box.exec()
        clicked = box.clickedButton()
        box.deleteLater()
        if clicked is one:
            proposed = re.sub(r"\s+", "-", model.title) + ".zip"
            name, _ = QFileDialog.getSaveFileName(parent, "Export", proposed, "Zip (*.zip)")
            return Path(name).with_suffix(".zip") if name else None
        if clicked is two:
            name = QFileDialog.getExistingDirectory(parent, "Export into")
            return Path(name) if name else None
        return None

    def _on_installed(self, model: InstalledModel) -> None:
        self.library_changed.emit(f"{model.title} was installed.", False)
        self.installed.emit(model)

    def _on_install_failed(self, error: Exception, source: Path, parent: QWidget) -> None:
        if isinstance(error, NameTaken):
            name, accepted = QInputDialog.getText(
                parent, "Another name", f"{error.sentence}\nInstall as", text=error.free
            )
            if accepted and name.strip():
                self.install(source, parent, name.strip())
                return
        else:
            self._show(parent, error)
        self._end_install("Nothing was installed.")

    def _end_install(self, words: str) -> None:
        self.work_begun.emit(words)
        self.install_failed.emit()

    def _show(self, parent: QWidget, error: Exception) -> None:
        show_error(parent if parent.isVisible() else self._window, error)


def _exported(model: InstalledModel, written: Sequence[Path]) -> str:
    names = " and ".join(path.name for path in written)
    return f"{model.title} was exported: {names}."
