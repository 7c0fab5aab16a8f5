"""Loss and accuracy of a running training, drawn as they come."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget

from karyogui.ui import theme
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import text_label

PLOTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Loss", (("loss", "training"), ("val_loss", "held out"))),
    (
        "Accuracy, %",
        (("val_type_acc", "type, held out"), ("val_polarity_acc", "polarity, held out")),
    ),
)
"""Title, and (event field, name in the legend) of each curve."""


LEGEND = 28
"""Logical pixels of the line above a plot that names its curves."""


def number(value: object) -> float | None:
    """A number out of an event; None for null and anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class EpochAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis that counts: nothing stands between two whole numbers."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:.0f}" if float(value).is_integer() else "" for value in values]


class Plot(pg.GraphicsView):  # type: ignore[misc]
    """Two axes, curves and a legend.

    Made of the library's parts and not its `PlotWidget`: that one brings menus without a parent,
    which outlive the window and break when they are collected.
    """

    def __init__(self, curves: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self.setMinimumHeight(180)
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False)
        self.axes = {"left": pg.AxisItem("left"), "bottom": EpochAxis("bottom")}
        self.axes["left"].setGrid(40)
        self.axes["left"].setWidth(44)
        self.axes["bottom"].setLabel("epoch")
        self.curves: dict[str, pg.PlotDataItem] = {}
        self._marks: list[pg.InfiniteLine] = []
        # Above the plot: within it, sooner or later a curve runs through the words.
        self.legend = pg.LegendItem(colCount=len(curves), horSpacing=2 * GRID)
        grid = pg.GraphicsLayout()
        grid.setSpacing(0)
        grid.addItem(self.legend, 0, 0, 1, 2)
        grid.addItem(self.axes["left"], 1, 0)
        grid.addItem(self.box, 1, 1)
        grid.addItem(self.axes["bottom"], 2, 1)
        for axis in self.axes.values():
            axis.linkToView(self.box)
        for name, words in curves:
            self.curves[name] = pg.PlotDataItem()
            self.box.addItem(self.curves[name])
            self.legend.addItem(self.curves[name], words)
        self.legend.setFixedHeight(LEGEND)
        self.setCentralItem(grid)

    def mark(self, position: float, words: str) -> None:
        """A dotted vertical line with words along it."""
        colour = theme.current().muted
        line = pg.InfiniteLine(
            pos=position,
            pen=pg.mkPen(colour, style=Qt.PenStyle.DotLine),
            label=words,
            labelOpts={
                "position": 0.02,
                "color": colour,
                "rotateAxis": (1, 0),
                "anchors": [(0, 0), (0, 0)],
            },
        )
        self.box.addItem(line, ignoreBounds=True)
        self._marks.append(line)

    def clear_marks(self) -> None:
        """Take all vertical lines away."""
        for line in self._marks:
            self.box.removeItem(line)
        self._marks = []

    def show_theme(self) -> None:
        """Draw in the colours of the present theme: the first curve dashed and grey."""
        colours = theme.current()
        self.setBackground(colours.base)
        for axis in self.axes.values():
            axis.setPen(colours.border)
            axis.setTextPen(colours.muted)
        looks = ((colours.muted, Qt.PenStyle.DashLine), (colours.accent, Qt.PenStyle.SolidLine))
        for (tone, style), curve in zip(looks, self.curves.values(), strict=True):
            curve.setPen(pg.mkPen(tone, width=2, style=style))
            curve.setSymbol("o")
            curve.setSymbolSize(4)
            curve.setSymbolBrush(tone)
            curve.setSymbolPen(None)
        for _, label in self.legend.items:
            label.setText(label.text, color=colours.text)


class TrainingCurves(QWidget):
    """Two plots over the epochs of all steps; a dotted line where a step begins."""

    def __init__(self) -> None:
        super().__init__()
        self.points: dict[str, tuple[list[int], list[float]]] = {}
        self._epochs = 0
        self._step = ""
        self._steps: list[int] = []
        self._plots: list[Plot] = []
        self._boxes: list[QWidget] = []
        for title, curves in PLOTS:
            plot = Plot(curves)
            self._plots.append(plot)
            box = QWidget()
            box.setLayout(column_of(text_label(title, "caption"), filling(plot), gap=1, margins=0))
            self._boxes.append(box)
            self.points |= {name: ([], []) for name in plot.curves}
        self.setLayout(row_of(*map(filling, self._boxes), gap=3, margins=0))
        self._show_theme()

    def show_accuracy(self, shown: bool) -> None:
        """Show the second plot, or not: a separation's training has no accuracy of types."""
        self._boxes[1].setVisible(shown)

    def clear(self) -> None:
        """Begin again."""
        self._epochs, self._step, self._steps = 0, "", []
        for plot in self._plots:
            plot.clear_marks()
            for name, curve in plot.curves.items():
                self.points[name] = ([], [])
                curve.setData([], [])

    def add_epoch(self, fields: Mapping[str, object]) -> None:
        """Add what an `epoch` event reports; accuracies are fractions 0 … 1 or null."""
        step = str(fields.get("step", ""))
        if step != self._step:
            self._step = step
            self._steps.append(self._epochs + 1)
            # Named once, in the first plot.
            for words, plot in zip((step, ""), self._plots, strict=True):
                plot.mark(self._epochs + 0.5, words)
        self._epochs += 1
        for plot in self._plots:
            # From where the first step begins: its name would be cut by the axis.
            plot.box.setXRange(0.5, self._epochs + 0.5, padding=0.02)
            for name, curve in plot.curves.items():
                value = number(fields.get(name))
                if value is None:
                    continue
                epochs, values = self.points[name]
                epochs.append(self._epochs)
                values.append(100.0 * value if name.endswith("_acc") else value)
                # Losses of two steps are not comparable: no line joins them.
                joined = [following not in self._steps for following in (*epochs[1:], 0)]
                curve.setData(epochs, values, connect=np.array(joined))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._show_theme()

    def _show_theme(self) -> None:
        for plot in self._plots:
            plot.show_theme()
