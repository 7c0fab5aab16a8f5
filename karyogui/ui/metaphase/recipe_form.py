"""The enhancement recipe as a form: tried out at once, recorded by Apply."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QSlider,
    QWidget,
)

from karyogui.domain.recipe import CHOSEN, LEAST_FACTOR, MOST_FACTOR, Recipe
from karyogui.ui.boxes import REST, column_of, grid_of, row_of
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import button, set_role, text_label

_HIGHEST_LOW = 25.0
_LOWEST_HIGH = 75.0
_LEAST_GAMMA, _MOST_GAMMA = 0.4, 2.5
AUTOMATIC = "automatic"
FACTORS = (0.8, 1.0, 1.25, 1.6)


class RecipeForm(QWidget):
    """Sliders with numbers. What they say is previewed; only Apply records it."""

    preview_changed = Signal(object)
    """The `Recipe` to show the picture with, recorded or not."""
    recipe_changed = Signal(object)
    """The `Recipe` that a person applied."""
    raw_wanted = Signal(bool)
    """Whether the raw picture is to be shown for comparison."""

    def __init__(self) -> None:
        super().__init__()
        self._recorded = Recipe()
        self._is_telling = True
        self.flatten = QCheckBox("Flatten")
        self.inverted = QCheckBox("Invert")
        self.inverted.setToolTip("For pictures that are light on dark")
        self.denoise = _Slider("Noise", 0, 100, 1)
        self.unsharp = _Slider("Unsharp", 0, 100, 1)
        self.low = _Slider("Black", 0, round(_HIGHEST_LOW * 10), 5)
        self.high = _Slider("White", round(_LOWEST_HIGH * 10), 1000, 5)
        self.gamma = _Slider("Gamma", round(_LEAST_GAMMA * 100), round(_MOST_GAMMA * 100), 5)
        self.denoise.setToolTip("Noise reduction: averages neighbours of like grey level")
        self.unsharp.setToolTip("Unsharp mask: steepens the edges of bands")
        self.low.setToolTip("The darkest part of the pixels that becomes black")
        self.high.setToolTip("All pixels above this part become white")
        self.gamma.setToolTip("Gamma: above 1 the middle grey levels become darker")
        self.flatten.setToolTip("Evens out the background of the whole picture")
        self.width_factor = _Factor("Width", "width of a chromosome")
        self.scale_factor = _Factor("Scale", "scale at which types are predicted")
        self.sliders = (self.denoise, self.unsharp, self.low, self.high, self.gamma)
        self.apply = button("Apply", self._apply, "primary")
        self.apply.setToolTip("Record this enhancement with the cell; it can be undone")
        self.revert = button("Revert", self.take_back)
        self.revert.setToolTip("Go back to the enhancement that is recorded")
        self.none = button("None", lambda: self._show(Recipe()))
        self.none.setToolTip("No enhancement: the picture as it was taken")
        self.raw = button("Hold for raw", lambda: None)
        self.raw.setToolTip("Shows the picture as it was taken while the button is held")
        self._state = text_label("", "note")
        self._lay_out()
        for each in self.sliders:
            each.valueChanged.connect(self._on_change)
        for box in (self.flatten, self.inverted):
            box.toggled.connect(self._on_change)
        for factor in (self.width_factor, self.scale_factor):
            factor.editTextChanged.connect(self._on_change)
        self.raw.pressed.connect(lambda: self.raw_wanted.emit(True))
        self.raw.released.connect(lambda: self.raw_wanted.emit(False))
        self.show_recorded(Recipe())

    def _lay_out(self) -> None:
        head = row_of(text_label("Enhancement", "caption"), REST, self._state)
        grid = grid_of(across=2, down=1)
        cells = ((self.denoise, 0, 0), (self.unsharp, 1, 0), (self.gamma, 2, 0))
        for slider, row, column in (*cells, (self.low, 0, 4), (self.high, 1, 4)):
            grid.addWidget(slider.name, row, column)
            grid.addWidget(slider, row, column + 1)
            grid.addWidget(slider.number, row, column + 2)
        switches = row_of(self.flatten, self.inverted, REST, gap=3)
        grid.addLayout(switches, 2, 4, 1, 3)
        for factor, column in ((self.width_factor, 0), (self.scale_factor, 4)):
            grid.addWidget(factor.name, 3, column)
            grid.addWidget(factor, 3, column + 1, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(3, 2 * GRID)
        grid.setColumnStretch(5, 1)
        foot = row_of(self.raw, REST, self.none, self.revert, self.apply, gap=1)
        self.setLayout(column_of(head, grid, REST, foot, gap=1, margins=0))

    @property
    def recipe(self) -> Recipe:
        """What the sliders say."""
        return Recipe(
            flatten=self.flatten.isChecked(),
            denoise=self.denoise.value() / 100,
            contrast_low=self.low.value() / 10,
            contrast_high=self.high.value() / 10,
            gamma=self.gamma.value() / 100,
            unsharp=self.unsharp.value() / 100,
            inverted=self.inverted.isChecked(),
            width=self.width_factor.factor,
            scale=self.scale_factor.factor,
        )

    @property
    def is_preview(self) -> bool:
        """Whether the sliders say something else than is recorded."""
        return self.recipe != self._nearest(self._recorded)

    @property
    def recorded(self) -> Recipe:
        """What is recorded with the cell."""
        return self._recorded

    def show_recorded(self, recipe: Recipe) -> None:
        """Take over what is recorded with the cell; an unapplied preview is given up."""
        self._recorded = recipe
        self._show(recipe)

    def take_back(self) -> None:
        """Go back to what is recorded."""
        self._show(self._recorded)

    def _apply(self) -> None:
        if self.is_preview:
            self.recipe_changed.emit(self.recipe)

    def _show(self, recipe: Recipe) -> None:
        self._is_telling = False
        self.flatten.setChecked(recipe.flatten)
        self.inverted.setChecked(recipe.inverted)
        self.denoise.setValue(round(recipe.denoise * 100))
        self.unsharp.setValue(round(recipe.unsharp * 100))
        self.low.setValue(round(recipe.contrast_low * 10))
        self.high.setValue(round(recipe.contrast_high * 10))
        self.gamma.setValue(round(recipe.gamma * 100))
        self.width_factor.show_factor(recipe.width)
        self.scale_factor.show_factor(recipe.scale)
        self._is_telling = True
        self._on_change()

    def _nearest(self, recipe: Recipe) -> Recipe:
        """A recipe as the sliders would say it: one of another origin may lie between steps."""
        return replace(
            recipe,
            denoise=round(recipe.denoise * 100) / 100,
            unsharp=round(recipe.unsharp * 100) / 100,
            contrast_low=min(_HIGHEST_LOW, round(recipe.contrast_low * 10) / 10),
            contrast_high=max(_LOWEST_HIGH, round(recipe.contrast_high * 10) / 10),
            gamma=min(max(_LEAST_GAMMA, round(recipe.gamma * 100) / 100), _MOST_GAMMA),
        )

    def _on_change(self) -> None:
        if not self._is_telling:
            return
        self.denoise.tell(f"{self.denoise.value()} %")
        self.unsharp.tell(f"{self.unsharp.value()} %")
        self.low.tell(f"{self.low.value() / 10:.1f} %")
        self.high.tell(f"{self.high.value() / 10:.1f} %")
        self.gamma.tell(f"{self.gamma.value() / 100:.2f}")
        preview = self.is_preview
        self.apply.setEnabled(preview and self.width_factor.is_valid and self.scale_factor.is_valid)
        self.revert.setEnabled(preview)
        self.none.setEnabled(not self.recipe.is_identity)
        self.raw.setEnabled(self.recipe.enhances)
        if not (self.width_factor.is_valid and self.scale_factor.is_valid):
            self._state.setText(f"factors lie between {LEAST_FACTOR:g} and {MOST_FACTOR:g}")
        elif preview:
            self._state.setText("preview, not recorded")
        else:
            recorded = not self._recorded.is_identity
            self._state.setText("recorded with the cell" if recorded else "none")
        set_role(self._state, "amber" if preview else "note")
        self.preview_changed.emit(self.recipe if preview else self._recorded)


class _Factor(QComboBox):
    """A factor to choose or to type; automatic where the program chooses it."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems([AUTOMATIC, *(f"{factor:g} ×" for factor in FACTORS)])
        self.setAccessibleName(name)
        self.setToolTip(f"Multiplies the estimated {what}")
        self.name: QLabel = text_label(name)
        self.name.setBuddy(self)

    @property
    def factor(self) -> float:
        """What is chosen or typed; `CHOSEN` for automatic and for what is no factor."""
        return self._read() or CHOSEN

    @property
    def is_valid(self) -> bool:
        """Whether what is typed can be used."""
        return self._read() is not None

    def show_factor(self, factor: float) -> None:
        """Show a factor."""
        text = AUTOMATIC if factor == CHOSEN else f"{factor:g} ×"
        self.setCurrentIndex(self.findText(text))
        self.setEditText(text)

    def _read(self) -> float | None:
        text = self.currentText().replace("×", "").replace(",", ".").strip()
        if not text or text.casefold() == AUTOMATIC:
            return CHOSEN
        try:
            factor = float(text)
        except ValueError:
            return None
        return factor if LEAST_FACTOR <= factor <= MOST_FACTOR else None


class _Slider(QSlider):
    """A slider with its name before it and its number behind it."""

    def __init__(self, name: str, least: int, most: int, step: int) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setPageStep(max(5, (most - least) // 10))
        self.setMinimumWidth(64)
        self.setAccessibleName(name)
        self.name: QLabel = text_label(name)
        self.name.setBuddy(self)
        self.number: QLabel = text_label("")
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # The widest number, so that nothing jumps while the slider moves.
        self.number.setFixedWidth(self.number.fontMetrics().horizontalAdvance("100.0 %") + 4)

    def tell(self, number: str) -> None:
        """Show the value in words."""
        self.number.setText(number)
