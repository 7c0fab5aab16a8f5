"""The status bar: what is placed, what is left to review, which network, whether it is saved."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStatusBar, QToolButton

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.ui import theme
from karyogui.ui.job_bar import JobBar
from karyogui.ui.widgets import text_label


def placed_text(karyogram: Karyogram | None) -> str:
    """`46 of 47 placed`; empty without an analysed cell."""
    if karyogram is None or not len(karyogram):
        return ""
    total = len(karyogram)
    return f"{total - karyogram.counts[TRAY]} of {total} placed"


def review_text(karyogram: Karyogram | None, to_check: int, needs_review: int) -> str:
    """What is left to check in the photograph and to review, with the key."""
    if karyogram is None or not len(karyogram):
        return ""
    parts = [f"{to_check} to check"] if to_check else []
    parts += [f"{needs_review} to review"] if needs_review else []
    return f"{', '.join(parts)} (N = next)" if parts else "nothing left to review"


def model_text(cell: Cell | None, installed: str) -> str:
    """The network that answered for this cell, else the one that would."""
    if cell is None or cell.model is None:
        return f"model {installed}" if installed else "no model installed"
    model = cell.model
    parts = [f"model {model.name} {model.version}".rstrip()]
    # A runtime mostly names its device: "OpenVINO int8, CPU".
    if model.device.partition(":")[0].casefold() not in model.runtime.casefold():
        parts.append(model.device)
    if model.runtime:
        parts.append(model.runtime)
    if cell.seconds is not None:
        parts.append(f"{cell.seconds:.1f} s")
    return " · ".join(parts)


class StatusBar(QStatusBar):
    """Facts at the left, running work in the middle, model and saving at the right."""

    training_requested = Signal()

    def __init__(self, jobs: JobBar) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self.placed = text_label()
        self.review = text_label()
        self.model = text_label()
        self.saved = text_label()
        self.training = QToolButton()
        self.training.setToolTip("Show the training")
        self.training.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.training.clicked.connect(self.training_requested)
        self.training.hide()
        self.addWidget(self.placed)
        self.addWidget(self.review)
        self.addPermanentWidget(jobs)
        self.addPermanentWidget(self.training)
        self.addPermanentWidget(self.model)
        self.addPermanentWidget(self.saved)

    def show_cell(
        self,
        cell: Cell | None,
        karyogram: Karyogram | None,
        to_check: int,
        needs_review: int,
        unsaved: bool,
    ) -> None:
        """Tell where the open cell stands."""
        self.placed.setText(placed_text(karyogram))
        self.review.setText(review_text(karyogram, to_check, needs_review))
        self.saved.setText("" if cell is None else "not saved" if unsaved else "saved ✓")

    def show_model(self, cell: Cell | None, installed: str) -> None:
        """Show which network is in use."""
        self.model.setText(model_text(cell, installed))

    def show_training(self, text: str) -> None:
        """Tell of a running training; an empty text hides it."""
        self.training.setText(text)
        self.training.setIcon(theme.icon("train"))
        self.training.setVisible(bool(text))
