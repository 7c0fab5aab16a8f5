"""What a person states in the report of a case: karyotype, words, interpretation, phoned result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from karyogui.domain.case import CaseDetails
from karyogui.domain.iscn import Edition, Severity, check
from karyogui.domain.report_template import ReportTemplate
from karyogui.domain.result_words import result_in_words
from karyogui.domain.written_for import KEPT, doubt, written_for
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

    def __init__(self, templates: Sequence[ReportTemplate] = ()) -> None:
        """The phrases of `templates` are known in a text, whichever is in use."""
        super().__init__()
        self._templates = templates
        self._details = CaseDetails()
        self._kept = dict.fromkeys(_TEXTS, "")
        self._template: ReportTemplate | None = None
        self._proposal = ""
        self._is_filling = self._acquired = False
        self.is_editable = True
        self.iscn = QLineEdit()
        self.iscn.setAccessibleName("Result in ISCN")
        self.verdict = text_label("", "note", wrap=True)
        self.take = button("Use that of the cells", self._take, "link")
        self.edition = QComboBox()
        self.edition.setAccessibleName("Edition of ISCN")
        self.edition.addItems(_EDITIONS)
        self.in_words = button("Write it in words", self._write_words, "link")
        self.phrases = QPushButton("Insert a phrase", autoDefault=False)
        self.phrases.setAccessibleName("Insert a phrase into the interpretation")
        self.phrases.setMenu(QMenu(self.phrases))
        self.texts = {name: _text(title, lines) for name, (title, lines) in _TEXTS.items()}
        self.doubts = {name: text_label("", "amber", wrap=True) for name in _TEXTS}
        self.confirm = {name: self._confirm_button(name) for name in _TEXTS}
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
        for line in (self.iscn, *self.lines.values()):
            line.editingFinished.connect(self.left)
        for line in self.lines.values():
            line.textChanged.connect(self._on_typed)
        self.iscn.editingFinished.connect(self._show_doubts)
        for name, text in self.texts.items():
            text.textChanged.connect(partial(self._on_text, name))
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
            column.addLayout(_beside(self.doubts[name], self.confirm[name]))
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

    def fill(
        self, details: CaseDetails, proposal: str, editable: bool, acquired: bool = False
    ) -> None:
        """Show what is stored; `proposal` is what the cells, whose changes may be acquired, say."""
        self._is_filling, self._acquired = True, acquired
        self._details, self._proposal, self.is_editable = details, proposal, editable
        self.iscn.setText(details.iscn)
        self.iscn.setPlaceholderText(proposal)
        if details.iscn_edition in _EDITIONS:
            self.edition.setCurrentText(details.iscn_edition)
        for name, text in self.texts.items():
            text.setPlainText(getattr(details, name))
            self._kept[name] = getattr(details, KEPT[name])
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
        self._show_doubts()

    def note(self, details: CaseDetails) -> None:
        """Know that what is shown has been stored."""
        self._details = details

    def use(self, template: ReportTemplate) -> None:
        """Offer the phrases of a template, and its words.

        What was written in the words of another one, and not altered, is written in its words.
        """
        before, self._template = self._template, template
        words = self.texts["result_words"].toPlainText()
        told = "" if before is None else self._in_words(before)
        if words and words == told and before != template and self.is_editable:
            self._write_words()
        menu = self.phrases.menu()
        menu.clear()
        for name, phrase in template.phrases.items():
            act = menu.addAction(name.replace("&", "&&"))
            act.triggered.connect(partial(self._insert, phrase))

    @property
    def details(self) -> CaseDetails:
        """The details with what is typed here."""
        iscn = self.iscn.text().strip()
        # The edition belongs to a karyotype: without one nobody has chosen it.
        edition = self.edition.currentText() if iscn else self._details.iscn_edition
        texts = {name: text.toPlainText().strip() for name, text in self.texts.items()}
        told: Mapping[str, str] = {
            "iscn": iscn,
            "iscn_edition": edition,
            "sex_withheld": "yes" if self.withheld.isChecked() else "",
            **texts,
            **{KEPT[name]: self._kept[name] if text else "" for name, text in texts.items()},
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

    def _on_text(self, name: str) -> None:
        if self._is_filling:
            return
        text = self.texts[name].toPlainText().strip()
        if text == getattr(self._details, name):
            self._kept[name] = getattr(self._details, KEPT[name])
        else:
            self._kept[name] = written_for(text, self.iscn.text(), self._templates)
        self._show_doubts()
        self.typed.emit()

    def _confirm_button(self, name: str) -> QPushButton:
        confirm = button("It still holds", partial(self._confirm, name), "link")
        confirm.setAccessibleName(f"It still holds: {_TEXTS[name][0].lower()}")
        return confirm

    def _confirm(self, name: str) -> None:
        """A person has looked at the words beside the result as it is now."""
        self._kept[name] = self.iscn.text().strip()
        self._show_doubts()
        self.texts[name].setFocus()
        self.left.emit()

    def _show_doubts(self) -> None:
        for name, label in self.doubts.items():
            is_written = bool(self.texts[name].toPlainText().strip())
            told = doubt(name, self._kept[name], self.iscn.text()) if is_written else ""
            label.setText(told)
            label.setVisible(bool(told))
            self.confirm[name].setVisible(bool(told) and self.is_editable)

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
        self._show_doubts()
        self.left.emit()

    def _write_words(self) -> None:
        if self._template is None:
            return
        told = self._in_words(self._template)
        self.no_words.setVisible(not told)
        if told:
            self.texts["result_words"].setPlainText(told)
            self._kept["result_words"] = self.iscn.text().strip()
            self._show_doubts()
            self.left.emit()
            return
        self.no_words.setText("There are no ready words for this karyotype: write them here.")

    def _in_words(self, template: ReportTemplate) -> str:
        return result_in_words(self.iscn.text(), template, acquired=self._acquired)

    def _insert(self, phrase: str, _checked: bool = False) -> None:
        field = self.texts["interpretation"]
        before = field.toPlainText().rstrip()
        field.setPlainText(f"{before} {phrase}" if before else phrase)
        self.left.emit()


def _text(title: str, lines: int) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setAccessibleName(title)
    field.setTabChangesFocus(True)
    field.setFixedHeight(lines * field.fontMetrics().lineSpacing() + 4 * GRID)
    return field


def _beside(doubt: QLabel, confirm: QPushButton) -> QHBoxLayout:
    row = row_of(filling(doubt))
    row.addWidget(confirm, 0, Qt.AlignmentFlag.AlignTop)
    return row


def _row(label: QWidget, beside: QWidget | None) -> QHBoxLayout:
    row = row_of(label, REST)
    if beside is not None:
        row.addWidget(beside)
    return row
