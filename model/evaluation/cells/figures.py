"""The report's figures as SVG (figs. 7 to 9, reliability, review burden); matplotlib lives here.

Imported only when a report is made: matplotlib takes its time.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from model.evaluation.cells.collect import IntArray
from model.evaluation.cells.curves import CELL, TARGETS, Reliability, RiskCoverage, Roc, RocCurves
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray

BLUE, ORANGE, GREY = "#2a6fbb", "#d1701c", "#777777"
# Glyphs as paths: a report looks the same on a computer without the font.
_STYLE: Any = {
    "svg.fonttype": "path", "svg.hashsalt": "report", "font.size": 8, "axes.linewidth": 0.6,
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
}  # fmt: skip
_RISKS: tuple[float, ...] = (0, 0.1, 0.5, 1, 2, 5, 10, 20, 50, 100)
_LEAST_RATE: float = 1e-4
"""Left end of the logarithmic axis of false-positive rates."""


def confusion_figure(matrix: IntArray) -> str:
    """Fig. 8: per cent of each true type (24, 25) by answered type; dots are nought.

    The last column, objects without an answer, is drawn only when there are any.
    """
    shown = matrix if matrix[:, -1].any() else matrix[:, :-1]
    labels = [*TYPES, "none"][: shown.shape[1]]
    rows = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    shares = 100 * shown / rows
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(7.2, 7.0)
        axes.imshow(shares, cmap="Blues", norm=PowerNorm(0.35, 0, 100))
        for i, j in np.ndindex(*shares.shape):
            if shares[i, j] > 0:
                text = f"{shares[i, j]:.1f}" if shares[i, j] < 99.95 else "100"
                dark = shares[i, j] > 40
                axes.text(j, i, text, ha="center", va="center", fontsize=5.5,
                          color="white" if dark else "black")  # fmt: skip
        axes.set_xticks(range(len(labels)), labels)
        axes.set_yticks(range(len(TYPES)), TYPES)
        axes.tick_params(length=0)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.set(xlabel="answered type", ylabel="true type")
        axes.spines[:].set_visible(False)
        return _svg(figure)


def roc_figure(types: RocCurves, polarities: RocCurves) -> str:
    """Fig. 7: type and polarity, averaged over classes and over all, and the worst types."""
    with mpl.rc_context(_STYLE):
        figure = Figure((7.2, 3.3), layout="constrained")
        first, second = figure.subplots(1, 2)
        for axes, curves, title in (
            (first, types, "(a) type"),
            (second, polarities, "(b) polarity"),
        ):
            if curves.macro and curves.micro:
                _draw_roc(axes, curves.macro, "mean over classes", color=BLUE, lw=1.8)
                _draw_roc(axes, curves.micro, "all together", color=ORANGE, lw=1.8)
            axes.set_xscale("log")
            axes.set(xlim=(_LEAST_RATE, 1), xlabel="false-positive rate",
                     ylabel="true-positive rate", title=title)  # fmt: skip
        for number, kind in enumerate(types.worst(4)):
            grey = str(0.35 + 0.15 * number)
            _draw_roc(first, types.classes[kind], f"type {TYPES[kind]}", color=grey, lw=0.8)
        for axes in (first, second):
            if axes.lines:
                axes.legend(loc="lower right", fontsize=7)
                axes.set_ylim(_least_shown(axes), 1 + 0.002)
        return _svg(figure)


def _least_shown(axes: Axes) -> float:
    """Lower end of an ROC's axis: below every curve from the second decade on."""
    rates = [np.asarray(line.get_data()) for line in axes.lines]
    lowest = min(float(y[x >= 10 * _LEAST_RATE].min(initial=1.0)) for x, y in rates)
    return max(0.0, lowest - 0.4 * (1 - lowest) - 0.01)


def _draw_roc(axes: Axes, curve: Roc, label: str, **style: str | float) -> None:
    rates = np.maximum(curve.false_positives, _LEAST_RATE)
    axes.plot(rates, curve.true_positives, label=f"{label}, AUC {curve.area:.5f}",
              drawstyle="steps-post", **style)  # type: ignore[arg-type]  # fmt: skip


def reliability_figure(raw: Reliability, calibrated: Reliability) -> str:
    """Stated probability against how often it is right, before and after calibration."""
    with mpl.rc_context(_STYLE):
        figure = Figure((7.2, 3.9), layout="constrained")
        grid = figure.subplots(2, 2, sharex=True, height_ratios=(3, 1))
        for column, (curve, title) in enumerate(
            ((raw, "as the network says"), (calibrated, "calibrated"))
        ):
            _draw_reliability(grid[0, column], grid[1, column], curve, title)
        return _svg(figure)


def _draw_reliability(top: Axes, bottom: Axes, curve: Reliability, title: str) -> None:
    width = 1 / len(curve.counts)
    middle = (np.arange(len(curve.counts)) + 0.5) * width
    filled = curve.counts > 0
    top.bar(middle[filled], curve.accuracy[filled], 0.92 * width, color=BLUE, label="right")
    top.plot([0, 1], [0, 1], color=GREY, lw=0.8, ls="--", label="as stated")
    top.plot(curve.confidence[filled], curve.accuracy[filled], "o", color=ORANGE, ms=3)
    ece = "–" if curve.ece is None else f"{100 * curve.ece:.2f} %"
    top.set(title=f"{title}: ECE {ece}", ylim=(0, 1.02), ylabel="share right")
    top.legend(loc="upper left", fontsize=7)
    bottom.bar(middle[filled], curve.counts[filled], 0.92 * width, color=GREY)
    bottom.set(xlim=(0, 1), xlabel="probability of the most probable type", ylabel="chromosomes")
    if filled.any():
        bottom.set_yscale("log")


def risk_figure(curves: Mapping[str, RiskCoverage]) -> str:
    """Errors left among what is not looked at, against how many of 46 are looked at."""
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(7.2, 3.2)
        for (label, curve), colour in zip(curves.items(), (ORANGE, BLUE), strict=False):
            axes.step(CELL * (1 - curve.coverage), 100 * (1 - curve.accuracy), where="post",
                      label=label, color=colour, lw=1.5)  # fmt: skip
        burdens = [curve.burden(max(TARGETS)) or 0.0 for curve in curves.values()]
        right = min(float(CELL), max(5.0, 1.5 * max(burdens, default=0.0)))
        for target in TARGETS:
            axes.axhline(100 * (1 - target), color=GREY, lw=0.6, ls=":")
            axes.text(right, 100 * (1 - target), f"{100 * target:g} % right", ha="right",
                      va="bottom", color=GREY, fontsize=7)  # fmt: skip
        axes.set_yscale("symlog", linthresh=0.5)
        axes.set_yticks(_RISKS, [f"{risk:g}" for risk in _RISKS])
        axes.minorticks_off()
        most = max((100 * (1 - c.accuracy).max(initial=0.0) for c in curves.values()), default=0.0)
        axes.set(xlim=(0, right), ylim=(0, max(2.0, 1.2 * most)), ylabel="wrong among the rest (%)",
                 xlabel=f"chromosomes of {CELL} looked at, the least sure first")  # fmt: skip
        if curves:
            axes.legend(loc="upper right", fontsize=7)
        return _svg(figure)


def histogram_figure(values: Sequence[int], what: str, counted: str) -> str:
    """How often each value (n,) occurs, with a line at their median."""
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(7.2, 2.4)
        axes.hist(values, bins=(np.arange(max(values) + 2) - 0.5).tolist(), color=BLUE)
        axes.axvline(float(np.median(values)), color=ORANGE, linewidth=1)
        axes.set(xlabel=what, ylabel=counted)
        return _svg(figure)


def embedding_figure(
    places: Mapping[str, FloatArray], types: IntArray, polarities: IntArray
) -> str:
    """Fig. 9: features placed in the plane (m, 2), coloured by type above, by polarity below."""
    colours = mpl.colormaps["tab20"](np.arange(24) % 20)
    colours[20:] = mpl.colormaps["Dark2"](np.arange(4))
    with mpl.rc_context(_STYLE):
        figure = Figure((7.2, 5.2), layout="constrained")
        grid = figure.subplots(2, len(places))
        for column, (name, at) in enumerate(places.items()):
            upper, lower = grid[0, column], grid[1, column]
            upper.scatter(at[:, 0], at[:, 1], s=3, c=colours[types], lw=0, rasterized=True)
            for kind in np.unique(types):
                x, y = np.median(at[types == kind], axis=0)
                upper.text(x, y, TYPES[kind], fontsize=7, weight="bold", ha="center", va="center",
                           bbox={"boxstyle": "round,pad=0.1", "fc": "white", "alpha": 0.7,
                                 "lw": 0})  # fmt: skip
            for polarity, (colour, label) in enumerate(((ORANGE, "q up"), (BLUE, "q down"))):
                chosen = at[polarities == polarity]
                lower.scatter(chosen[:, 0], chosen[:, 1], s=3, color=colour, lw=0, label=label,
                              rasterized=True)  # fmt: skip
            upper.set_title(f"{name} features")
            for axes in (upper, lower):
                axes.set(xticks=[], yticks=[])
        grid[0, 0].set_ylabel("by type")
        grid[1, 0].set_ylabel("by polarity")
        grid[1, -1].legend(loc="lower right", fontsize=7, markerscale=3)
        return _svg(figure)


def _axes(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure((width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Figure) -> str:
    """The figure as an SVG document of its size; the same data give the same text."""
    text = io.StringIO()
    figure.savefig(text, format="svg", dpi=200, metadata={"Date": None})
    return text.getvalue()
