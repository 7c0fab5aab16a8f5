"""What was found in the cell, the ISCN proposal, what is left to review, and the sign-off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.findings import CellFinding
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.domain.review import EvidenceFlag, ReviewItem, per_cent
from karyogui.ui import theme
from karyogui.ui.boxes import REST, column_of, filling, grid_of, placed, row_of
from karyogui.ui.changes.change_list import ChangeList
from karyogui.ui.review.check_list import CheckList
from karyogui.ui.review.rows import PICTURE, FindingDelegate, FittedList, row_picture
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import IconLabel, button, line, set_role, text_label, unbroken, with_icon

TITLE = "Image evidence disagrees with the assignment."
NO_STRING = "no karyotype can be written"


class EvidenceBox(QWidget):
    """Both readings and the chromosomes concerned; a click anywhere on it selects them."""

    chosen = Signal(object)
    """The ids concerned, a tuple."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: tuple[str, ...] = ()
        self.assigned = text_label("", wrap=True)
        self.by_pictures = text_label("", wrap=True)
        self.sentences = text_label("", "note", wrap=True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Select these chromosomes on the board")
        readings = grid_of(across=2, down=1, stretch={1: 1})
        for row, (name, value) in enumerate(
            (("Assigned", self.assigned), ("Pictures", self.by_pictures))
        ):
            readings.addWidget(text_label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            readings.addWidget(value, row, 1)
        column = column_of(text_label(TITLE, wrap=True), readings, self.sentences, gap=1)
        self.setLayout(with_icon(IconLabel("alert", 16, "amber_mark"), column, margins=0))
        self.hide()

    def show_flag(self, flag: EvidenceFlag | None) -> None:
        """Show a flag, or nothing."""
        self.setVisible(flag is not None)
        self._ids = flag.chromosome_ids if flag else ()
        if flag is None:
            return
        self.assigned.setText(flag.assigned or NO_STRING)
        self.by_pictures.setText(flag.by_pictures or NO_STRING)
        self.sentences.setText(unbroken("\n".join(flag.sentences)))
        self.setAccessibleName(" ".join((TITLE, *flag.sentences)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.chosen.emit(self._ids)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._ids)
        else:
            super().keyPressEvent(event)


ID_ROLE = Qt.ItemDataRole.UserRole


def review_line(chromosome: Chromosome, karyogram: Karyogram, item: ReviewItem) -> str:
    """One chromosome of the list: where it stands, how probable that is, why it needs review."""
    slot = karyogram.placement(chromosome.id).slot
    words = ["Unplaced" if slot == TRAY else slot]
    if chromosome.assigned is not None and slot == chromosome.assigned.type:
        words.append(per_cent(chromosome.assigned.confidence))
    return " · ".join([*words, item.reasons[0]])


class FindingsPanel(QWidget):
    """Recomputed by its owner at every edit; decides nothing itself."""

    review_requested = Signal(str)
    walked = Signal(str)
    """The keys have gone to a chromosome of the list; they stay there."""
    selection_requested = Signal(object)
    """Chromosomes to select on the board: a tuple of ids."""
    sign_off_requested = Signal()
    withdraw_requested = Signal()
    renewal_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.iscn = text_label("", "title")
        self.question = text_label("", "amber", wrap=True)
        self.copy = QToolButton()
        self.check = CheckList()
        self.changes = ChangeList()
        self.list = FittedList()
        self.progress = QProgressBar()
        self.sign_off = QPushButton("Sign off")
        self.reason = text_label("", "note", wrap=True)
        self._caption = text_label("ISCN proposal for this cell", "caption")
        self.renewing = text_label("Being renewed", "note")
        self.renewing.hide()
        self.renew = button("Renew findings", self.renewal_requested.emit)
        self.renew.hide()
        self._rows = QVBoxLayout()
        self._finding_rows: list[QWidget] = []
        self._question_row = QWidget()
        self.evidence = EvidenceBox()
        self.runner_up = text_label("", "note", wrap=True)
        self._to_review = text_label("", "caption")
        self._signed = False
        self._content = QWidget()
        self._foot = QWidget()
        self._hint = text_label("Open a cell to see its findings.", "muted", wrap=True)
        self._build()
        self.show_nothing()

    @property
    def finding_texts(self) -> tuple[str, ...]:
        """The sentences shown."""
        return tuple(row.accessibleName() for row in self._finding_rows)

    @property
    def text(self) -> str:
        """What stands there instead of findings; empty when there are some."""
        return "" if self._hint.isHidden() else self._hint.text()

    def show_nothing(self, hint: str = "Open a cell to see its findings.") -> None:
        """Show no cell."""
        self.iscn.clear()
        self.question.clear()
        self._hint.setText(hint)
        self._hint.show()
        self._content.hide()
        self._foot.hide()

    def show_renewing(self, renewing: bool, under_way: bool = True) -> None:
        """Say that a repair is being looked at: what is shown is grey until that is done.

        Where that was given up, offer it again.
        """
        self.renewing.setVisible(renewing and under_way)
        self.renew.setVisible(renewing and not under_way)
        shown = (self.iscn, self._question_row, self.runner_up, self.evidence, *self._finding_rows)
        for widget in shown:
            widget.setEnabled(not renewing)

    def show_findings(self, findings: Sequence[CellFinding], iscn: IscnProposal) -> None:
        """Show sentences and the proposal, or the question that stands instead of it."""
        self._hint.hide()
        self._content.show()
        self._foot.show()
        self.iscn.setText(iscn.text)
        for widget in (self.iscn, self.copy, self._caption):
            widget.setVisible(bool(iscn.text))
        self.question.setText(iscn.question)
        self._question_row.setVisible(bool(iscn.question))
        for old in self._finding_rows:
            self._rows.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._finding_rows = [_marked(f.text, "alert", "amber_mark") for f in findings]
        if not findings and iscn.text:  # a question in its place is no "nothing abnormal"
            normal = "No numerical abnormality in this cell."
            self._finding_rows = [_marked(normal, "saved", "muted")]
        for row in self._finding_rows:
            self._rows.addWidget(row)

    def show_assignment(self, flag: EvidenceFlag | None, runner_up: str) -> None:
        """Show where pictures speak against the assignment, and a runner-up that is close."""
        self.evidence.show_flag(flag)
        self.runner_up.setText(runner_up)
        self.runner_up.setVisible(bool(runner_up))

    def show_review(
        self,
        chromosomes: Sequence[Chromosome],
        karyogram: Karyogram,
        needs_review: Sequence[ReviewItem],
    ) -> None:
        """Show the chromosomes that need review, and how far the review is."""
        by_id = {chromosome.id: chromosome for chromosome in chromosomes}
        shown = [self.list.item(n).data(ID_ROLE) for n in range(self.list.count())]
        self.list.blockSignals(True)
        if shown != [asked.chromosome_id for asked in needs_review]:
            self.list.clear()
            for asked in needs_review:
                item = QListWidgetItem(row_picture(by_id[asked.chromosome_id].segment.crop), "")
                item.setData(ID_ROLE, asked.chromosome_id)
                self.list.addItem(item)
        for number, asked in enumerate(needs_review):
            item = self.list.item(number)
            item.setText(review_line(by_id[asked.chromosome_id], karyogram, asked))
            item.setToolTip("\n".join(asked.reasons))
        self.list.blockSignals(False)
        done = len(chromosomes) - len(needs_review)
        self.progress.setRange(0, max(len(chromosomes), 1))
        self.progress.setValue(done)
        self._to_review.setText(
            f"{len(needs_review)} to review (N = next)"
            if needs_review
            else "Nothing left to review"
        )
        self.list.fit()
        self.list.setVisible(bool(needs_review))

    def mark(self, selected: Sequence[str]) -> None:
        """Mark the chromosomes that are selected on the board."""
        for number in range(self.list.count()):
            item = self.list.item(number)
            item.setSelected(item.data(ID_ROLE) in selected)

    def show_sign_off(self, cell: Cell, who: str, obstacle: str) -> None:
        """Show who signed, or whether one can, and if not, why."""
        self._signed = cell.reviewed_at is not None
        if cell.reviewed_at is not None:
            when = f"{cell.reviewed_at.astimezone():%Y-%m-%d %H:%M}"
            self.sign_off.setText("Withdraw sign-off")
            self.sign_off.setEnabled(True)
            told = f"Reviewed by {cell.reviewed_by}, {when}. It cannot be edited."
            self.reason.setText(cell.broken or told)
            set_role(self.reason, "error" if cell.broken else "note")
        else:
            self.sign_off.setText("Sign off")
            self.sign_off.setEnabled(not obstacle)
            self.reason.setText(obstacle or f"Will be recorded as reviewed by {who}.")
            set_role(self.reason, "note")
        self.sign_off.setProperty("role", "" if self._signed else "primary")
        self.sign_off.style().unpolish(self.sign_off)
        self.sign_off.style().polish(self.sign_off)

    def copy_iscn(self) -> None:
        """Put the proposal on the clipboard."""
        if self.iscn.text():
            QGuiApplication.clipboard().setText(self.iscn.text())

    def refresh_icons(self) -> None:
        """Draw the icon in the colours of the present theme."""
        self.copy.setIcon(theme.icon("copy"))

    def _build(self) -> None:
        self.iscn.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.iscn.setWordWrap(True)
        self.iscn.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.copy.setToolTip("Copy the proposal  (Ctrl+Shift+C)")
        self.copy.clicked.connect(self.copy_iscn)
        self.refresh_icons()
        self.list.setIconSize(PICTURE)
        # As tall as its rows: the panel scrolls as a whole, not a list within it.
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(FindingDelegate(self.list))
        self.list.itemClicked.connect(self._on_item)
        self.list.itemActivated.connect(self._on_item)
        self.list.currentItemChanged.connect(self._on_walk)
        self.evidence.chosen.connect(self.selection_requested)
        self.progress.setTextVisible(False)
        self.sign_off.clicked.connect(self._on_sign_off)
        self._rows.setSpacing(GRID)
        self._lay_out()
        self._hint.setContentsMargins(3 * GRID, GRID, 3 * GRID, GRID)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        both = QWidget()
        both.setLayout(column_of(filling(self._hint), filling(self._content), margins=0))
        area.setWidget(both)
        self.check.marked.connect(lambda: area.verticalScrollBar().setValue(0))
        self.setLayout(column_of(filling(area), self._foot, gap=0, margins=0))

    def _lay_out(self) -> None:
        proposal = row_of(filling(self.iscn), placed(self.copy, Qt.AlignmentFlag.AlignTop), gap=2)
        self._question_row.setLayout(
            with_icon(IconLabel("alert", 16, "amber_mark"), self.question, margins=0)
        )
        self._content.setLayout(
            column_of(
                self.check,
                self.renewing,
                placed(self.renew, Qt.AlignmentFlag.AlignLeft),
                self._caption,
                proposal,
                self.runner_up,
                self._question_row,
                self.evidence,
                self._rows,
                self.changes,
                line(),
                self._to_review,
                self.progress,
                self.list,
                REST,
                gap=2,
                margins=(3, 1, 3, 3),
            )
        )
        self._foot.setLayout(
            column_of(
                line(),
                self.reason,
                placed(self.sign_off, Qt.AlignmentFlag.AlignLeft),
                gap=2,
                margins=(3, 0, 3, 3),
            )
        )

    def _on_item(self, item: QListWidgetItem) -> None:
        self.review_requested.emit(item.data(ID_ROLE))

    def _on_walk(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None:
            self.walked.emit(item.data(ID_ROLE))

    def _on_sign_off(self) -> None:
        (self.withdraw_requested if self._signed else self.sign_off_requested).emit()


def _marked(text: str, icon: str, tone: str) -> QWidget:
    row = QWidget()
    row.setAccessibleName(text)
    row.setLayout(with_icon(IconLabel(icon, 16, tone), text_label(text, wrap=True), margins=0))
    return row
