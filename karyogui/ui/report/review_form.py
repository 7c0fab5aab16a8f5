"""Who stands for the report of a case, what is still missing, and the versions that left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from karyogui.domain.case_report import CaseReport, field_name
from karyogui.domain.case_review import ActKind, CaseAct, Role
from karyogui.domain.written_for import KEPT
from karyogui.ui.boxes import column_of, filling, grid_of, row_of, space
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import button, line, set_role, text_label

TITLES = {Role.ANALYSED: "Analysed by", Role.CHECKED: "Checked by", Role.APPROVED: "Approved by"}
VERBS = {Role.ANALYSED: "Sign as analysed…", Role.CHECKED: "Sign as checked…",
         Role.APPROVED: "Approve…"}  # fmt: skip
_MOST_ACTS = 12
EMPTY = "Empty: "
"""How a need begins that is a field without anything in it."""


class ReviewForm(QWidget):
    """A row for each role with what stands in its way; below them versions and what changed."""

    sign_requested = Signal(object)
    withdraw_requested = Signal(object)
    amend_requested = Signal()
    version_requested = Signal(int)
    accept_requested = Signal()
    insist_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.state = text_label("", wrap=True)
        self.signed = {role: text_label("", wrap=True) for role in Role}
        self.needs = {role: text_label("", "amber", wrap=True) for role in Role}
        self.buttons: dict[Role, QPushButton] = {}
        self.withdraw: dict[Role, QPushButton] = {}
        self.amend = button("Begin an amendment…", self.amend_requested.emit)
        self.protocol = text_label("", "caption", wrap=True)
        self.unmet = text_label("", "amber", wrap=True)
        self.accepted = text_label("", wrap=True)
        self.accept = button("Accept with a reason…", self.accept_requested.emit)
        self.insist = button("Take back…", self.insist_requested.emit)
        self.versions: list[QPushButton] = []
        self._versions = column_of(gap=1)
        self.changes = text_label("", wrap=True)
        self.changes_caption = text_label("", "caption")
        self.history = text_label("", "note", wrap=True)
        self._lay_out()

    def _lay_out(self) -> None:
        column = column_of(
            self.state,
            space(1),
            line(),
            self._protocol_row(),
            space(1),
            gap=1,
            margins=(0, 2, 2, 0),
        )
        self.setLayout(column)
        for role in Role:
            column.addWidget(line())
            column.addLayout(self._row(role))
            column.addWidget(self.needs[role])
            column.addSpacing(GRID)
        column.addWidget(line())
        column.addWidget(text_label("Versions", "caption"))
        column.addLayout(self._versions)
        column.addWidget(self.amend, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(2 * GRID)
        column.addWidget(self.changes_caption)
        column.addWidget(self.changes)
        column.addSpacing(2 * GRID)
        column.addWidget(text_label("What was done", "caption"))
        column.addWidget(self.history)
        column.addStretch()

    def _row(self, role: Role) -> QGridLayout:
        sign = button(VERBS[role], lambda: self.sign_requested.emit(role))
        back = button("Withdraw…", lambda: self.withdraw_requested.emit(role))
        back.setAccessibleName(f"Withdraw: {role}")
        self.buttons[role], self.withdraw[role] = sign, back
        row = grid_of(across=2, stretch={0: 1})
        row.addWidget(text_label(TITLES[role], "caption"), 0, 0)
        row.addWidget(self.signed[role], 1, 0)
        row.addWidget(sign, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(back, 0, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _protocol_row(self) -> QGridLayout:
        row = grid_of(across=2, down=1, stretch={0: 1})
        row.addWidget(self.protocol, 0, 0)
        for number, (label, act) in enumerate(
            ((self.unmet, self.accept), (self.accepted, self.insist)), start=1
        ):
            row.addWidget(label, number, 0)
            row.addWidget(act, number, 1, Qt.AlignmentFlag.AlignTop)
        return row

    def show_report(self, report: CaseReport) -> None:
        """Show how far the report has come."""
        review = report.review
        self.state.setText(_state(report))
        for role in Role:
            signature = report.signature(role)
            self.signed[role].setText(_signed(signature) if signature else "not yet")
            needs = () if signature else report.needs(role)
            self.buttons[role].setEnabled(not needs and signature is None)
            self.buttons[role].setVisible(signature is None)
            withdrawable = signature is not None and not review.is_released
            self.withdraw[role].setVisible(withdrawable)
            self.needs[role].setText("\n".join(shared(needs)))
            self.needs[role].setVisible(bool(needs) and not review.is_released)
        self._show_protocol(report)
        self.amend.setVisible(review.is_released)
        self._show_versions(report)
        changes = [
            f"{field_name(name)}: {before or '–'} → {after or '–'}"
            for name, before, after in report.differences
        ]
        number = review.version - 1
        self.changes_caption.setText(f"Changes to version {number}")
        self.changes.setText("\n".join(changes) or "None yet.")
        for widget in (self.changes_caption, self.changes):
            widget.setVisible(review.version > 1)
        acts = review.acts[-_MOST_ACTS:]
        more = len(review.acts) - len(acts)
        told = [f"… {more} before these"] * bool(more) + [act_text(act) for act in acts]
        self.history.setText("\n".join(told) or "Nothing yet.")

    def _show_protocol(self, report: CaseReport) -> None:
        """What of the protocol is unmet, and who accepted what of it."""
        protocol, unmet, acts = report.result.protocol, report.not_accepted, report.accepted
        name = "" if protocol is None else f": {protocol.name}"
        self.protocol.setText(f"Protocol{name}")
        told = "\n".join(one.text for one in unmet)
        if not report.unmet:
            told = "Everything asked for is done."
        self.unmet.setText(told)
        set_role(self.unmet, "amber" if unmet else "note")
        self.unmet.setVisible(bool(told))
        self.accept.setVisible(bool(unmet) and not report.review.is_released)
        self.accepted.setText("\n".join(_accepted(act, report) for act in acts))
        self.accepted.setVisible(bool(acts))
        self.insist.setVisible(bool(acts) and not report.review.is_released)

    def focus_next(self) -> None:
        """Give the keys to what can be done next: the next signature, or an amendment."""
        possible = [b for b in (*self.buttons.values(), self.amend) if b.isEnabled()]
        shown = [each for each in possible if not each.isHidden()]
        if shown:
            shown[0].setFocus()

    def _show_versions(self, report: CaseReport) -> None:
        while self._versions.count():
            item = self._versions.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        self.versions = []
        for version in report.review.versions:
            row = QWidget()
            told = f"Version {version.number}, {_local(version.when)}, {version.who}"
            if version.reason:
                told += f": {version.reason}"
            label = text_label(told, wrap=True)
            show = button("Show", partial(self.version_requested.emit, version.number), "link")
            show.setAccessibleName(f"Show version {version.number}")
            row.setLayout(row_of(filling(label), show, margins=0))
            self.versions.append(show)
            self._versions.addWidget(row)
        if not report.review.versions:
            none: QLabel = text_label("None has been approved yet.", "muted")
            self._versions.addWidget(none)


def act_text(act: CaseAct) -> str:
    """An act in a line: when, who, what, why."""
    role = str(act.role) if act.role else ""
    what = {
        ActKind.SIGN: f"signed as {role}: {act.meaning}",
        ActKind.WITHDRAW: f"withdrew the signature as {role}: {act.reason}",
        ActKind.AMEND: f"began version {act.version}: {act.reason}",
        ActKind.DETAILS: f"changed {', '.join(_fields(act.told))}",
        ActKind.ACCEPT: f"accepted what is not met: {act.reason}",
        ActKind.INSIST: f"took back what was accepted: {act.reason}",
    }[act.kind]
    return f"{_local(act.when)}  {act.who}: {what}"


def _fields(told: Sequence[str]) -> list[str]:
    changed = [each.partition(":")[0] for each in told]
    along = {KEPT[name] for name in changed if name in KEPT}  # goes with its text
    names = [field_name(name) for name in changed if name not in along]
    return names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more fields"]


def _accepted(act: CaseAct, report: CaseReport) -> str:
    unmet = {one.text for one in report.unmet}
    told = " ".join(text for text in act.told if text in unmet)
    return f"{told}\nAccepted by {act.who}, {_local(act.when)}: {act.reason}"


def _state(report: CaseReport) -> str:
    review = report.review
    if report.altered:
        return f"No signature holds: {report.altered}"
    if report.is_final:
        return f"Version {review.version} is approved."
    if review.is_released:
        return f"Version {review.version} is approved, but the case has changed since."
    if review.is_amending:
        return f"Version {review.version} is being prepared: {review.amendment_reason}"
    return "The report is preliminary until it is approved."


def shared(needs: Sequence[str]) -> list[str]:
    """A sentence each; empty fields, of which there may be many at first, share one."""
    empty = [text.removeprefix(EMPTY).rstrip(".") for text in needs if text.startswith(EMPTY)]
    shown = [text for text in needs if not text.startswith(EMPTY)]
    if empty:
        shown.append(f"{EMPTY}{', '.join(empty)}.")
    return shown


def _signed(act: CaseAct) -> str:
    return f"{act.who}, {_local(act.when)}\n{act.meaning}"


def _local(when: datetime) -> str:
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
