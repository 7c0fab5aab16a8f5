"""How to train: epochs of each step, learning rate and batch, and what is changed seldom."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from karyogui.domain.amounts import sentence
from karyogui.ui.boxes import column_of, grid_of
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import set_role, text_label
from model.vocabulary.presets import preset
from model.vocabulary.training import SHARES, TrainingSettings, settings_for
from model.vocabulary.training_request import AUGMENTATION, SETTINGS


class NumberEdit(QLineEdit):
    """A number of any size: a spin box would round 0.00002 or show 0.002000.

    `value` is None while what stands in the field is no number of the range.
    `least` and `most` belong to the range unless `above` says that it lies above `least` or
    `below` that it lies below `most`.
    """

    def __init__(
        self,
        least: float = 0.0,
        most: float = math.inf,
        *,
        above: bool = False,
        below: bool = False,
        whole: bool = False,
    ) -> None:
        super().__init__()
        self._least, self._most = least, most
        self._above, self._below, self._whole = above, below, whole
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setToolTip(sentence(self.wanted))
        self.textChanged.connect(self._show_state)

    @property
    def wanted(self) -> str:
        """The range in words."""
        number = "a whole number" if self._whole else "a number"
        start = "above" if self._above else "from"
        if self._most == math.inf:
            return f"{number} {start} {self._least:g}"
        return f"{number} {start} {self._least:g} to {'below ' * self._below}{self._most:g}"

    @property
    def value(self) -> float | None:
        """The number; None when it cannot be used."""
        try:
            value = float(self.text().strip().replace(",", "."))
        except ValueError:
            return None
        low = value > self._least if self._above else value >= self._least
        high = value < self._most if self._below else value <= self._most
        right = low and high and math.isfinite(value) and (not self._whole or value.is_integer())
        return value if right else None

    def set_value(self, value: float) -> None:
        """Show a number as short as it can be."""
        self.setText(f"{value:.0f}" if self._whole else f"{value:.12g}")

    def _show_state(self) -> None:
        set_role(self, "" if self.value is not None else "wrong")


COLUMNS = 3
"""Pairs of label and field beside each other."""
LABEL_WIDTH = 152
FIELD_WIDTH = 88
STEPS = {
    "g_net": ("G-Net", "Step 1–2: the whole picture, type and polarity."),
    "localisation": ("Localisation", "Step 3: where the zoom looks, from the G-Net."),
    "l_net": ("L-Net", "Step 4: the zoomed part, type and polarity."),
    "weak_localisation": ("Weak localisation", "Step 4: the zoom learns what helps."),
    "alternations": ("Alternations", "How often those two take turns."),
    "fused": ("Varifocal-Net", "Stage 2: both nets' features together."),
}
"""Fields of `Epochs`: label and note."""
DECAYS = {
    "cosine": "Cosine: falls to zero",
    "tenfold": "Tenfold: a tenth every 10 epochs",
}
AUGMENTATIONS = {
    "rotation": "Rotation, ± degrees",
    "stretch": "Stretch, relative",
    "bend": "Bend, of the height",
    "gamma": "Gamma, logarithm",
    "contrast": "Contrast, relative",
    "blur": "Blur, probability",
    "noise": "Noise, grey levels",
    "erase": "Patch, probability",
    "cell_scale": "Scale of a cell, logarithm",
    "size_noise": "Size number, logarithm",
    "size_dropout": "Without size, share",
    "another_day": "As on another day, share",
}
"""Labels of the fields of `Augmentation`."""


class SettingsForm(QWidget):
    """Starts with a preset's defaults; `epochs` and `settings` hold what differs from them."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._preset = "compact"
        self.steps: dict[str, QSpinBox] = {}
        self.numbers: dict[str, NumberEdit] = {
            "learning_rate": NumberEdit(above=True),
            "batch_size": NumberEdit(1, whole=True),
            "weight_decay": NumberEdit(),
            "ema": NumberEdit(most=1.0, below=True),
            "seed": NumberEdit(whole=True),
        }
        for name in AUGMENTATIONS:
            most = 1.0 if name in SHARES else math.inf
            self.numbers[AUGMENTATION + name] = NumberEdit(most=most)
        self.decay = QComboBox()
        for value, words in DECAYS.items():
            self.decay.addItem(words, value)
        self.advanced_button = QToolButton()
        self.advanced_button.setText("Advanced")
        self.advanced_button.setCheckable(True)
        self.advanced_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.advanced_button.setArrowType(Qt.ArrowType.RightArrow)
        self.advanced_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.advanced_button.toggled.connect(self._show_advanced)
        self.advanced = QWidget()
        self.advanced.hide()
        self._build()
        self.use_preset("compact")

    @property
    def defaults(self) -> TrainingSettings:
        """Those of the preset."""
        return settings_for(preset(self._preset))

    @property
    def epochs(self) -> Mapping[str, int]:
        """Epochs by step, where they differ from the preset's and the step is trained."""
        usual = self.defaults.epochs
        return {
            key: box.value()
            for key, box in self.steps.items()
            if box.isEnabledTo(self) and box.value() != getattr(usual, key)
        }

    @property
    def settings(self) -> Mapping[str, float | str]:
        """Settings by name, where they differ from the preset's."""
        usual = self._usual()
        chosen: dict[str, float | str] = {}
        for name, edit in self.numbers.items():
            value = edit.value
            if value is not None and value != usual[name]:
                chosen[name] = int(value) if SETTINGS.get(name) is int else value
        if self.decay.currentData() != self.defaults.decay:
            chosen["decay"] = self.decay.currentData()
        return chosen

    @property
    def complaint(self) -> str:
        """The first field that cannot be used; empty when all can."""
        for edit in self.numbers.values():
            if edit.value is None:
                return f"{edit.accessibleName()}: give {edit.wanted}."
        steps = (box for key, box in self.steps.items() if key != "alternations")
        if not any(box.value() for box in steps if box.isEnabledTo(self)):
            return "Give at least one step an epoch."
        return ""

    def use_preset(self, name: str) -> None:
        """Fill in the defaults of another preset."""
        self._preset = name
        for key, box in self.steps.items():
            box.setValue(getattr(self.defaults.epochs, key))
        usual = self._usual()
        for name, edit in self.numbers.items():
            edit.set_value(usual[name])
        self.decay.setCurrentIndex(self.decay.findData(self.defaults.decay))

    def use_steps(self, fine_tuning: bool) -> None:
        """Fine-tuning runs stage 2 alone: the other steps are out of reach."""
        for key, box in self.steps.items():
            box.setEnabled(not fine_tuning or key == "fused")
        self.changed.emit()

    def _usual(self) -> Mapping[str, float]:
        usual = self.defaults
        numbers = {name: getattr(usual, name) for name in self.numbers if "." not in name}
        return numbers | {AUGMENTATION + k: v for k, v in asdict(usual.augmentation).items()}

    def _build(self) -> None:
        steps = []
        for key, (label, note) in STEPS.items():
            box = QSpinBox()
            box.setRange(0, 9_999)
            box.setAlignment(Qt.AlignmentFlag.AlignRight)
            box.lineEdit().setTextMargins(0, 0, GRID, 0)
            box.setToolTip(note)
            box.setAccessibleName(f"Epochs: {label}")
            box.valueChanged.connect(self.changed)
            self.steps[key] = box
            steps.append((label, box))
        first = (("Learning rate", "learning_rate"), ("Batch size", "batch_size"))
        more = (
            ("Weight decay", "weight_decay"),
            ("Weight average (EMA)", "ema"),
            ("Seed", "seed"),
        )
        rows: list[tuple[str, QWidget]] = [
            (label, self._number(label, name)) for label, name in more
        ]
        self.decay.currentIndexChanged.connect(self.changed)
        self.advanced.setLayout(
            column_of(
                paired([*rows, ("Learning rate falls", self.decay)], wide_last=True),
                text_label("Augmentation: strength of each random change", "caption"),
                paired(
                    [
                        (label, self._number(label, AUGMENTATION + name))
                        for name, label in AUGMENTATIONS.items()
                    ]
                ),
                gap=2,
                margins=0,
            )
        )
        self.setLayout(
            column_of(
                text_label("Epochs of each step", "caption"),
                paired(steps),
                text_label("Optimiser", "caption"),
                paired([(label, self._number(label, name)) for label, name in first]),
                self.advanced_button,
                self.advanced,
                gap=2,
                margins=0,
            )
        )

    def _number(self, label: str, name: str) -> NumberEdit:
        edit = self.numbers[name]
        edit.setAccessibleName(label)
        edit.textChanged.connect(self.changed)
        return edit

    def _show_advanced(self, shown: bool) -> None:
        arrow = Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow
        self.advanced_button.setArrowType(arrow)
        self.advanced.setVisible(shown)


def paired(pairs: Sequence[tuple[str, QWidget]], wide_last: bool = False) -> QGridLayout:
    """Labels with their fields, three pairs a row, aligned over all grids of the form."""
    grid = grid_of(across=2, down=1)
    for column in range(COLUMNS):
        grid.setColumnMinimumWidth(2 * column, LABEL_WIDTH)
        grid.setColumnMinimumWidth(2 * column + 1, FIELD_WIDTH + 4 * GRID)
    grid.setColumnStretch(2 * COLUMNS, 1)
    for number, (label, field) in enumerate(pairs):
        row, column = divmod(number, COLUMNS)
        caption = text_label(label)
        caption.setBuddy(field)
        grid.addWidget(caption, row, 2 * column)
        if wide_last and number == len(pairs) - 1:
            grid.addWidget(field, row, 2 * column + 1, 1, 2)
            continue
        field.setFixedWidth(FIELD_WIDTH)
        grid.addWidget(field, row, 2 * column + 1)
    return grid
