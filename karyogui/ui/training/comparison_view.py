"""Two models side by side: a table of figures, what the cells are, and the verdict in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QWidget,
)

from karyogui.services.model_comparison import Comparison, Figure, Verdict
from karyogui.ui.boxes import REST, column_of
from karyogui.ui.widgets import fill_row, plain_table, set_role, text_label

ROW_HEIGHT = 28
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
        self.cells.setText(
            f"Cells measured with both: {comparison.cells}. Exactly right with "
            f"{comparison.second.name} alone: {comparison.gained}, with "
            f"{comparison.first.name} alone: {comparison.lost}."
        )


def _cases_text(cases: Sequence[str]) -> str:
    """The cases compared on, for a tooltip: as many as fit on a screen."""
    shown = cases if len(cases) <= SHOWN_CASES else (*cases[:SHOWN_CASES], "…")
    return "\n".join(shown)
