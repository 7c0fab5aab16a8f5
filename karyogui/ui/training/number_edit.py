"""A field for a number of any size: a spin box would round 0.00002 or show 0.002000."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from karyogui.ui.widgets import set_role


class NumberEdit(QLineEdit):
    """`value` is None while what stands in the field is no number of the range.

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
        self.setToolTip(self.wanted[:1].upper() + self.wanted[1:])
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
