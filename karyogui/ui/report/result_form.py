"""What a person states in the report of a case: karyotype, words, interpretation, phoned result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from karyogui.domain.case import CaseDetails
from karyogui.domain.iscn import Edition, Severity, check
from karyogui.domain.report_template import ReportTemplate
from karyogui.domain.result_words import result_in_words
from karyogui.ui.boxes import REST, column_of, filling, grid_of, row_of, space
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import button, set_role, text_label

_LINES = {
    "phoned_result": "What",
    "phoned_to": "To whom",
    "phoned_at": "When",
    "phoned_read_back": "Read back",
}
_TEXTS = {
    "result_words": ("In words", 3),
    "interpretation": ("Interpretation", 5),
    "recommendation": ("Recommendation", 2),
}
_EDITIONS = tuple(str(each) for each in reversed(Edition))


class ResultForm(QWidget):
    """The fields of the result; `left` is emitted when one was changed and left."""

    typed = Signal()
    left = Signal()
    details_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._details = CaseDetails()
        self._template: ReportTemplate | None = None
        self._proposal = ""
        self._is_filling = False
        self.is_editable = True
        self.iscn = QLineEdit()
        self.iscn.setAccessibleName("Result in ISCN")
        self.verdict = text_label("", "note", wrap=True)
        self.take = button("Use that of the cells", self._take, "link")
        self.edition = QComboBox()
        self.edition.setAccessibleName("Edition of ISCN")
        self.edition.addItems(_EDITIONS)
        self.in_words = button("Write it in words", self._write_words, "link")
        self.phrases = QComboBox()
        self.phrases.setAccessibleName("Phrase for the interpretation")
        self.texts = {name: _text(title, lines) for name, (title, lines) in _TEXTS.items()}
        self.lines = {name: QLineEdit() for name in _LINES}
        self.withheld = QCheckBox("Do not state the sex in the report")
        self.no_words = text_label("", "note", wrap=True)
        self.no_words.hide()
        # Nothing jumps when a word appears or goes.
        self.verdict.setMinimumHeight(self.verdict.fontMetrics().lineSpacing())
        policy = self.take.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.take.setSizePolicy(policy)
        self._lay_out()
        self._connect()

    def _connect(self) -> None:
        self.iscn.textChanged.connect(self._on_iscn)
        self.edition.currentTextChanged.connect(self._on_edition)
        self.withheld.toggled.connect(self._on_edition)
        self.phrases.activated.connect(self._on_phrase)
        for line in (self.iscn, *self.lines.values()):
            line.editingFinished.connect(self.left)
        for line in self.lines.values():
            line.textChanged.connect(self._on_typed)
        for text in self.texts.values():
            text.textChanged.connect(self._on_typed)
            text.installEventFilter(self)

    def _lay_out(self) -> None:
        edition = row_of(filling(self.iscn), text_label("ISCN", "muted"), self.edition, gap=2)
        column = column_of(
            _row(text_label("Result in ISCN", "caption"), self.take),
            edition,
            self.verdict,
            space(2),
            gap=1,
            margins=(0, 2, 2, 0),
        )
        self.setLayout(column)
        beside = {"result_words": self.in_words, "interpretation": self.phrases}
        for name, (title, _) in _TEXTS.items():
            column.addLayout(_row(text_label(title, "caption"), beside.get(name)))
            column.addWidget(self.texts[name])
            if name == "result_words":
                column.addWidget(self.no_words)
            column.addSpacing(2 * GRID)
        column.addWidget(text_label("Result given by telephone", "caption"))
        grid = grid_of(across=2, down=1)
        for number, (name, title) in enumerate(_LINES.items()):
            row, side = divmod(number, 2)
            label = text_label(title, "muted")
            label.setBuddy(self.lines[name])
            self.lines[name].setAccessibleName(f"Given by telephone: {title.lower()}")
            grid.addWidget(label, row, 2 * side)
            grid.addWidget(self.lines[name], row, 2 * side + 1)
        column.addLayout(grid)
        column.addSpacing(2 * GRID)
        column.addWidget(self.withheld)
        more = button("Patient, request and specimen…", self.details_requested.emit, "link")
        column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()

    # -- what is shown ---------------------------------------------------------------------------

    def fill(self, details: CaseDetails, proposal: str, editable: bool) -> None:
        """Show what is stored; `proposal` is what the cells say together."""
        self._is_filling = True
        self._details, self._proposal, self.is_editable = details, proposal, editable
        self.iscn.setText(details.iscn)
        self.iscn.setPlaceholderText(proposal)
        if details.iscn_edition in _EDITIONS:
            self.edition.setCurrentText(details.iscn_edition)
        for name, text in self.texts.items():
            text.setPlainText(getattr(details, name))
        for name, line in self.lines.items():
            line.setText(getattr(details, name))
        self.withheld.setChecked(bool(details.sex_withheld))
        for line in (self.iscn, *self.lines.values()):
            line.setReadOnly(not editable)
        for text in self.texts.values():
            text.setReadOnly(not editable)
        for each in (self.edition, self.phrases, self.withheld, self.in_words):
            each.setEnabled(editable)
        self._is_filling = False
        self._show_verdict()

    def use(self, template: ReportTemplate) -> None:
        """Offer the phrases of a template, and its words.

        What was written in the words of another one, and not altered, is written in its words.
        """
        before, self._template = self._template, template
        words = self.texts["result_words"].toPlainText()
        told = "" if before is None else result_in_words(self.iscn.text(), before)
        if words and words == told and before != template and self.is_editable:
            self._write_words()
        self.phrases.clear()
        self.phrases.addItem("Insert a phrase…")
        self.phrases.addItems(list(template.phrases))

    @property
    def details(self) -> CaseDetails:
        """The details with what is typed here."""
        iscn = self.iscn.text().strip()
        # The edition belongs to a karyotype: without one nobody has chosen it.
        edition = self.edition.currentText() if iscn else self._details.iscn_edition
        told: Mapping[str, str] = {
            "iscn": iscn,
            "iscn_edition": edition,
            "sex_withheld": "yes" if self.withheld.isChecked() else "",
            **{name: text.toPlainText().strip() for name, text in self.texts.items()},
            **{name: line.text().strip() for name, line in self.lines.items()},
        }
        return replace(self._details, **told)

    # -- inside ----------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A text that is left has been changed for good."""
        if event.type() is QEvent.Type.FocusOut:
            self.left.emit()
        return super().eventFilter(watched, event)

    def _on_typed(self, *_: object) -> None:
        if not self._is_filling:
            self.typed.emit()

    def _on_iscn(self, _: str) -> None:
        self._show_verdict()
        self._on_typed()

    def _on_edition(self, *_: object) -> None:
        self._show_verdict()
        if not self._is_filling:
            self.typed.emit()
            self.left.emit()

    def _show_verdict(self) -> None:
        text = self.iscn.text()
        can_take = bool(self._proposal) and text != self._proposal and self.is_editable
        self.take.setVisible(can_take)
        if not text.strip():
            told = f"The cells say {self._proposal}." if self._proposal else ""
            self.verdict.setText(told)
            set_role(self.verdict, "note")
            set_role(self.iscn, "")
            return
        verdict = check(text, Edition(self.edition.currentText()))
        wrong = [p for p in verdict.problems if p.severity is not Severity.WARNING]
        told = wrong[0].message if wrong else ""
        if len(wrong) > 1:
            told += f" ({len(wrong) - 1} more)"
        if not wrong and self._proposal and text.strip() != self._proposal:
            told = f"The cells say {self._proposal}."
        self.verdict.setText(told)
        set_role(self.verdict, "error" if wrong else "note")
        set_role(self.iscn, "wrong" if wrong else "")

    def _take(self) -> None:
        self.iscn.setText(self._proposal)
        self.left.emit()

    def _write_words(self) -> None:
        if self._template is None:
            return
        told = result_in_words(self.iscn.text(), self._template)
        self.no_words.setVisible(not told)
        if told:
            self.texts["result_words"].setPlainText(told)
            self.left.emit()
            return
        self.no_words.setText("There are no ready words for this karyotype: write them here.")

    def _on_phrase(self, row: int) -> None:
        if self._template is None or row < 1:
            return
        phrase = list(self._template.phrases.values())[row - 1]
        field = self.texts["interpretation"]
        before = field.toPlainText().rstrip()
        field.setPlainText(f"{before} {phrase}" if before else phrase)
        self.phrases.setCurrentIndex(0)
        self.left.emit()


def _text(title: str, lines: int) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setAccessibleName(title)
    field.setTabChangesFocus(True)
    field.setFixedHeight(lines * field.fontMetrics().lineSpacing() + 4 * GRID)
    return field


def _row(label: QWidget, beside: QWidget | None) -> QHBoxLayout:
    row = row_of(label, REST)
    if beside is not None:
        row.addWidget(beside)
    return row
