"""A comparison of two models as a widget: progress with a cancel, then figures and verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QWidget,
)

from karyogui.domain.amounts import amount
from karyogui.errors import KaryoError
from karyogui.services.model_comparison import Comparison, Figure, Verdict
from karyogui.services.progress import Monitor, Progress
from karyogui.ui.boxes import REST, column_of, filling, row_of
from karyogui.ui.job_bar import remaining_text
from karyogui.ui.widgets import fill_row, plain_table, set_role, text_label
from karyogui.workers.model_comparing import ComparisonRequest
from karyogui.workers.task import Task

ROW_HEIGHT = 28
LEAST_DIFFERING = 5
"""Cells whose repairs must differ before a difference can be told from chance."""
SHOWN_CASES = 30


def value_text(figure: Figure, value: float | None) -> str:
    """A figure as per cent or in its unit; a dash when it was not measured."""
    if value is None:
        return "–"
    return f"{100 * value:.2f} %" if figure.is_share else f"{value:.2f}"


def difference_text(figure: Figure) -> str:
    """Second minus first with a mark: ▲ for better, ▼ for worse."""
    difference = figure.difference
    if difference is None:
        return "–"
    shown = round(100 * difference if figure.is_share else difference, 2)
    if not shown:
        return "the same" if not difference else "under 0.01"
    mark = "▲" if (difference > 0) == figure.higher_is_better else "▼"
    return f"{mark} {shown:+.2f}".replace("-", "−")


def verdict_text(comparison: Comparison) -> str:
    """One sentence about the second model."""
    first, second = comparison.first.name, comparison.second.name
    if comparison.verdict is Verdict.INCOMPARABLE:
        return f"“{second}” cannot be compared with “{first}” on these cells."
    if comparison.second.separates:
        return _repairs_text(comparison)
    worse = [
        figure.label.lower().replace(", after", " after")
        for figure in comparison.figures
        if figure.key in ("assigned", "polarity") and (figure.difference or 0.0) < 0
    ]
    if comparison.verdict is Verdict.WORSE:
        return f"“{second}” is worse than “{first}”: lower in {' and '.join(worse)}."
    same = all(not f.difference for f in comparison.figures if f.key in ("assigned", "polarity"))
    if same:
        return f"“{second}” is as good as “{first}” in type and polarity."
    return f"“{second}” is better than “{first}”, and lower in neither type nor polarity."


def _repairs_text(comparison: Comparison) -> str:
    """The verdict on the second separation, with the repairs that it hangs on."""
    first, second = comparison.first.name, comparison.second.name
    repairs = next(figure for figure in comparison.figures if figure.key == "repairs")
    before, after = (value_text(repairs, value) for value in (repairs.first, repairs.second))
    told = f"{after} repairs a cell instead of {before}"
    if comparison.verdict is not Verdict.SAME:
        return f"“{second}” is {comparison.verdict.value} than “{first}”: {told}."
    differing = sum(bool(change) for change in comparison.changes)
    cells = amount(comparison.cells, "cell")
    verb = "differs" if differing == 1 else "differ"
    told_of = f"{differing or 'none'} {verb}, {LEAST_DIFFERING} must"
    few = f" ({told_of})" if differing < LEAST_DIFFERING else ""
    return (
        f"No difference between “{second}” and “{first}” can be told from chance on {cells}{few}: "
        f"{told}."
    )


class ComparisonView(QWidget):
    """Shows one comparison."""

    def __init__(self) -> None:
        super().__init__()
        self.verdict = text_label("", wrap=True)
        self.table = plain_table("Figures of both models", 4)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.ResizeToContents)
        header.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.remark = text_label("", "note", wrap=True)
        self.cells = text_label("", "note", wrap=True)
        self.setLayout(
            column_of(self.verdict, self.table, self.remark, self.cells, REST, gap=2, margins=0)
        )

    def show_comparison(self, comparison: Comparison) -> None:
        """Show another comparison."""
        fair = comparison.verdict is not Verdict.INCOMPARABLE
        set_role(self.verdict, "" if comparison.verdict is Verdict.BETTER else "amber")
        self.verdict.setText(verdict_text(comparison))
        titles = (
            "Per cell",
            comparison.first.name,
            comparison.second.name,
            "Difference" if fair else "Difference (flatters)",
        )
        self.table.setRowCount(len(comparison.figures))
        self.table.setHorizontalHeaderLabels(titles)
        for row, figure in enumerate(comparison.figures):
            texts = (
                figure.label,
                value_text(figure, figure.first),
                value_text(figure, figure.second),
                difference_text(figure),
            )
            fill_row(self.table, row, texts, range(1, len(texts)))
        for column in range(4):
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            heading = self.table.horizontalHeaderItem(column)
            assert heading is not None
            heading.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        height = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(height + ROW_HEIGHT * len(comparison.figures) + 2)
        set_role(self.remark, "note" if comparison.plan.fair else "amber")
        self.remark.setText(comparison.plan.remark)
        self.remark.setToolTip(_cases_text(comparison.plan.cases))
        right = "Without any repair" if comparison.second.separates else "Exactly right"
        self.cells.setText(
            f"Cells measured with both: {comparison.cells}. {right} with "
            f"{comparison.second.name} alone: {comparison.gained}, with "
            f"{comparison.first.name} alone: {comparison.lost}."
        )


def _cases_text(cases: Sequence[str]) -> str:
    """The cases compared on, for a tooltip: as many as fit on a screen."""
    shown = cases if len(cases) <= SHOWN_CASES else (*cases[:SHOWN_CASES], "…")
    return "\n".join(shown)


Compare = Callable[[ComparisonRequest, Monitor], Comparison]
Start = Callable[[Task, str], None]
"""Shows a task in the status bar and starts it."""


class CompareRun(QWidget):
    """One comparison at a time; `ended(Comparison | None)` comes once for each."""

    ended = Signal(object)

    def __init__(self, compare: Compare, start: Start) -> None:
        super().__init__()
        self._compare = compare
        self._start = start
        self._task: Task | None = None
        self._began = 0.0
        self.words = text_label("The figures of both models will appear here.", "muted", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self.cancel)
        self.view = ComparisonView()
        row = row_of(filling(self.bar), self.cancel_button, gap=2)
        self.setLayout(column_of(self.words, row, self.view, REST, gap=2, margins=0))
        self._show_running(False)
        self.view.hide()

    @property
    def is_running(self) -> bool:
        """Whether a comparison is under way."""
        return self._task is not None

    def run(self, request: ComparisonRequest) -> None:
        """Start a comparison; one at a time."""
        if self._task is not None:
            return
        self.view.hide()
        self._began = time.monotonic()
        self.bar.setRange(0, 0)
        self._say("Starting…")
        self._show_running(True)
        task = Task(partial(self._compare, request), self)
        task.progressed.connect(self._on_progressed)
        task.succeeded.connect(self._on_compared)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(lambda: self._conclude(None, "The comparison was cancelled."))
        self._task = task
        self._start(task, "Comparing models")

    def cancel(self) -> None:
        """Ask the running comparison to end."""
        if self._task is not None:
            self._say("Cancelling…")
            self.cancel_button.setEnabled(False)
            self._task.cancel()

    def _on_progressed(self, progress: Progress) -> None:
        if not self.cancel_button.isEnabled():
            return
        # Unless cells are told one by one, only the start of the second model is known.
        self.bar.setRange(0, progress.total if progress.done else 0)
        self.bar.setValue(progress.done)
        elapsed = time.monotonic() - self._began
        counted = f"{progress.done} of {progress.total} cells" if progress.done else ""
        parts = (progress.message, counted, remaining_text(elapsed, progress) or f"{elapsed:.0f} s")
        self._say(" · ".join(part for part in parts if part))

    def _on_compared(self, comparison: Comparison) -> None:
        self.view.show_comparison(comparison)
        self.view.show()
        self._conclude(comparison, "")

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, KaryoError):
            self._conclude(None, str(error))
        else:
            self._conclude(None, "The comparison failed because of a fault in the program.")
        set_role(self.words, "error")

    def _conclude(self, comparison: Comparison | None, sentence: str) -> None:
        self._task = None
        self._say(sentence)
        self._show_running(False)
        self.ended.emit(comparison)

    def _say(self, sentence: str) -> None:
        set_role(self.words, "muted")
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))

    def _show_running(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(running)
