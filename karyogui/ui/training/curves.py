"""Loss and accuracy of a running training, drawn as they come."""

from __future__ import annotations

from collections.abc import Mapping

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from karyogui.ui import theme
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import text_label

SERIES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Loss", "loss", (("loss", "training"), ("val_loss", "held out"))),
    (
        "Accuracy, %",
        "accuracy",
        (("val_type_acc", "type, held out"), ("val_polarity_acc", "polarity, held out")),
    ),
)
"""Title, id, and (event field, name in the legend) of each curve."""


def number(value: object) -> float | None:
    """A number out of an event; None for null and anything else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class TrainingCurves(QWidget):
    """Two plots over the epochs of all steps; a dotted line where a step begins."""

    def __init__(self) -> None:
        super().__init__()
        self.points: dict[str, tuple[list[int], list[float]]] = {}
        self._epochs = 0
        self._step = ""
        self._plots: list[pg.PlotWidget] = []
        self._curves: dict[str, pg.PlotDataItem] = {}
        self._legends: list[pg.LegendItem] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3 * GRID)
        for title, _, series in SERIES:
            layout.addLayout(self._add_plot(title, series), 1)
        self._paint()

    def clear(self) -> None:
        """Begin anew."""
        self._epochs, self._step = 0, ""
        for name, curve in self._curves.items():
            self.points[name] = ([], [])
            curve.setData([], [])
        for plot in self._plots:
            for item in [i for i in plot.items() if isinstance(i, pg.InfiniteLine)]:
                plot.removeItem(item)

    def add_epoch(self, fields: Mapping[str, object]) -> None:
        """Add what an `epoch` event tells; accuracies are fractions 0 … 1 or null."""
        step = str(fields.get("step", ""))
        if step != self._step:
            self._step = step
            self._mark_step(step)
        self._epochs += 1
        for name, curve in self._curves.items():
            value = number(fields.get(name))
            if value is None:
                continue
            epochs, values = self.points[name]
            epochs.append(self._epochs)
            values.append(100.0 * value if name.endswith("_acc") else value)
            curve.setData(epochs, values)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._plots:
            self._paint()

    def _add_plot(self, title: str, series: tuple[tuple[str, str], ...]) -> QVBoxLayout:
        plot = pg.PlotWidget()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.setMinimumHeight(180)
        item = plot.getPlotItem()
        item.showGrid(x=False, y=True, alpha=0.2)
        item.setLabel("bottom", "epoch")
        # Where the curves are not: losses fall, accuracies rise.
        bottom = -8 if title.startswith("Accuracy") else 8
        self._legends.append(item.addLegend(offset=(-8, bottom)))
        for name, words in series:
            self._curves[name] = plot.plot([], [], name=words)
            self.points[name] = ([], [])
        self._plots.append(plot)
        box = QVBoxLayout()
        box.setSpacing(GRID)
        box.addWidget(text_label(title, "caption"))
        box.addWidget(plot, 1)
        return box

    def _mark_step(self, step: str) -> None:
        colour = theme.current().muted
        for number_of_plot, plot in enumerate(self._plots):
            mark = pg.InfiniteLine(
                pos=self._epochs + 0.5,
                pen=pg.mkPen(colour, style=Qt.PenStyle.DotLine),
                # Named once, in the first plot, where its legend is out of the way.
                label="" if number_of_plot else step,
                labelOpts={"position": 0.0, "color": colour, "anchors": [(0, 1)] * 2},
            )
            plot.addItem(mark, ignoreBounds=True)

    def _paint(self) -> None:
        colours = theme.current()
        tones = (colours.muted, colours.accent)
        for plot, (_, _, series) in zip(self._plots, SERIES, strict=True):
            plot.setBackground(colours.base)
            for axis in ("left", "bottom"):
                plot.getAxis(axis).setPen(colours.border)
                plot.getAxis(axis).setTextPen(colours.muted)
            for tone, style, (name, _) in zip(
                tones, (Qt.PenStyle.DashLine, Qt.PenStyle.SolidLine), series, strict=True
            ):
                self._curves[name].setPen(pg.mkPen(tone, width=2, style=style))
                self._curves[name].setSymbol("o")
                self._curves[name].setSymbolSize(4)
                self._curves[name].setSymbolBrush(tone)
                self._curves[name].setSymbolPen(None)
        for legend in self._legends:
            legend.setLabelTextColor(colours.text)
            for _, label in legend.items:
                label.setText(label.text, color=colours.text)
