"""A trained model beside the one in use; a worse one needs its name typed to be installed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QPushButton,
    QWidget,
)

from karyogui.domain.amounts import amount
from karyogui.services.model_comparison import Comparison, Verdict
from karyogui.services.models import InstalledModel
from karyogui.ui.boxes import filling, row_of
from karyogui.ui.dialogs.parts import stacked
from karyogui.ui.training.compare_run import CompareRun
from karyogui.ui.widgets import line, text_label
from karyogui.workers.model_comparing import ComparisonRequest

NOT_COMPARED = "It has not been compared with the model in use."


FITTED = (
    "The separation check was fitted to the separation that came with the program. With another "
    "one it asks sooner, and what it asks and proposes may suit it less; whatever it changes is "
    "still asked about."
)


def origin_text(model: InstalledModel) -> str:
    """What a model was trained on, and what it went on from."""
    if not model.separates:
        return f"Trained on {model.data or 'unknown data'}."
    data = model.card.get("data")
    own = data[0] if isinstance(data, list) and data else model.data or "unknown data"
    pictures = model.card.get("pictures")
    told = f"{amount(pictures, 'photograph')} of {own}" if isinstance(pictures, int) else str(own)
    origin = model.card.get("started_from")
    if not isinstance(origin, dict):
        return f"Separation, trained on {told}."
    return f"Separation, went on from {origin.get('name')} {origin.get('version')} with {told}."


class InstallDialog(QDialog):
    """Compares first; `install_requested(InstalledModel)` is the only way to an installation."""

    install_requested = Signal(object)
    compared = Signal(object)

    def __init__(self, parent: QWidget | None, model: InstalledModel, run: CompareRun) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"New model {model.name}")
        self.model = model
        self.comparison: Comparison | None = None
        self.is_closed = False
        self.run = run
        run.ended.connect(self._on_compared)
        self.reason = text_label(NOT_COMPARED, "amber", wrap=True)
        self.typed = QLineEdit()
        self.typed.setAccessibleName("The model's name, to confirm")
        self.typed.textChanged.connect(self._show_state)
        self.typed_label = text_label(f"Type “{model.name}” to install it anyway:")
        self.install_button = QPushButton("Install and use")
        self.install_button.setProperty("role", "primary")
        self.install_button.setAutoDefault(False)
        self.install_button.clicked.connect(lambda: self.install_requested.emit(self.model))
        self.keep_button = QPushButton("Not now")
        self.keep_button.setAutoDefault(False)
        self.keep_button.clicked.connect(self.reject)
        self.note = text_label(
            "Not installed yet. It stays in the folder of its training and can be installed "
            "later from Train…, Runs.",
            "note",
            wrap=True,
        )
        confirm = row_of(self.typed_label, filling(self.typed), gap=2)
        buttons = row_of(filling(self.note), self.keep_button, self.install_button, gap=2)
        stacked(
            self,
            text_label(model.title, "title"),
            text_label(origin_text(model), "muted", wrap=True),
            filling(run),
            *([text_label(FITTED, "note", wrap=True)] if model.separates else []),
            line(),
            self.reason,
            confirm,
            buttons,
        )
        self.resize(760, 480)
        self._show_state()

    @property
    def verdict(self) -> Verdict:
        """Of the comparison; INCOMPARABLE without one."""
        return self.comparison.verdict if self.comparison else Verdict.INCOMPARABLE

    @property
    def needs_typing(self) -> bool:
        """Whether the model's name must be typed before it can be installed."""
        return self.verdict is not Verdict.BETTER

    def compare(self, request: ComparisonRequest) -> None:
        """Start the comparison with the model in use."""
        self.run.run(request)
        self._show_state()

    def cannot_compare(self, sentence: str) -> None:
        """Say why there is nothing to compare with."""
        self.run.words.setText(sentence)
        self.run.words.show()
        self._show_state()

    def show_installing(self, installing: bool) -> None:
        """Keep a second click away while the files are copied."""
        self.install_button.setText("Installing…" if installing else "Install and use")
        self._show_state()
        if installing:
            self.install_button.setEnabled(False)

    def done(self, result: int) -> None:
        """Closed for good: by the button, by Esc or after the installation."""
        self.is_closed = True
        super().done(result)

    def _on_compared(self, comparison: Comparison | None) -> None:
        self.comparison = comparison
        self._show_state()
        self.compared.emit(comparison)

    def _show_state(self) -> None:
        running = self.run.is_running
        typing = self.needs_typing and not running
        for widget in (self.typed, self.typed_label):
            widget.setVisible(typing)
        # A comparison tells its verdict itself.
        self.reason.setVisible(typing and self.comparison is None)
        confirmed = self.typed.text().strip() == self.model.name
        self.install_button.setEnabled(not running and (confirmed or not self.needs_typing))
