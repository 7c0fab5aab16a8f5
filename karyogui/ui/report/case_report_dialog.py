"""The report of a case: what is stated on the left, the pages as they will be on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QMenu,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QWidget,
)

from karyogui.domain.case_report import CaseReport
from karyogui.domain.case_review import Role
from karyogui.domain.persons import is_same_person, may_be_same_person
from karyogui.domain.report_template import ReportTemplate
from karyogui.errors import KaryoError
from karyogui.export.case_exports import CASE_EXPORTERS, CaseExporter
from karyogui.services.case_reports import HouseRules
from karyogui.services.progress import Monitor
from karyogui.services.report_templates import Templates
from karyogui.services.workspace import Workspace
from karyogui.ui.boxes import REST, column_of, filling, row_of
from karyogui.ui.dialogs.errors import ErrorsShown, show_error
from karyogui.ui.dialogs.parts import accepted, keep_return
from karyogui.ui.report.page_preview import PagePreview
from karyogui.ui.report.result_form import ResultForm
from karyogui.ui.report.review_form import TITLES, VERBS, ReviewForm, shared
from karyogui.ui.report.sign_dialog import SignDialog
from karyogui.ui.widgets import button, set_role, text_label
from karyogui.workers.latest import LatestTask

PAUSE_MS = 500
"""How long typing rests before the pages are made again."""
MAKING = "The pages are being made…"
OWN_TEMPLATES = (
    "One file NAME.toml for each: its language, letterhead, logo, accreditation, phrases. They are "
    "read when the report is opened."
)


class CaseReportDialog(QDialog):
    """State, sign and export the report of one case.

    What is typed is stored when its field is left; the pages follow a moment later, in a thread.
    """

    export_requested = Signal(object, object, bool)
    """A `CaseExporter`, the report, and whether it is to be final."""
    print_requested = Signal(object)
    """The report that is shown is to be printed."""
    details_requested = Signal()
    sheet_requested = Signal()
    templates_requested = Signal()
    template_chosen = Signal(str)
    changed = Signal()

    def __init__(
        self,
        parent: QWidget | None,
        workspace: Workspace,
        case_id: int,
        templates: Templates,
        template: ReportTemplate,
        user: Callable[[], str],
        rules: HouseRules,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._case_id = workspace, case_id
        self._templates, self.template = templates, template
        self._user, self._rules = user, rules
        self.report = workspace.case_reports.report(case_id, rules)
        self._making = LatestTask(self)
        self.version: int | None = None
        self._problems = ""
        self.setWindowTitle(f"Report of case {self.report.case_name}")
        self.form = ResultForm(templates.usable)
        self.review, self.preview = ReviewForm(), PagePreview()
        self.templates = QComboBox()
        self.templates.setAccessibleName("Template of the report")
        self.templates.addItems([each.name for each in templates.usable])
        self.templates.setCurrentText(template.name)
        self.missing = text_label("", "amber", wrap=True)
        self.note = text_label("", "amber", wrap=True)
        self.shown_version = button("Back to the report in work", self._show_present, "link")
        self.preliminary = button("Export preliminary…", partial(self._export, False))
        self.final = button("Export final…", partial(self._export, True), "primary")
        self.more = QPushButton("More", autoDefault=False)
        self.print = button("Print…", self._print)
        self.print.setShortcut("Ctrl+P")
        self.print.setToolTip("Print the pages beside, as they are (Ctrl+P)")
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._lay_out()
        self._connect()
        self.form.use(template)
        self._fill(True)
        self._show_all()
        self._make_pages()

    def _connect(self) -> None:
        self._timer.timeout.connect(self._make_pages)
        self.templates.activated.connect(self._on_template)
        self.form.typed.connect(self._on_typed)
        self.form.left.connect(self.keep)
        self.form.details_requested.connect(self._on_details)
        self.review.sign_requested.connect(self.sign)
        self.review.withdraw_requested.connect(self.withdraw)
        self.review.amend_requested.connect(self.amend)
        self.review.accept_requested.connect(self.accept_unmet)
        self.review.insist_requested.connect(self.insist)
        self.review.version_requested.connect(self._show_version)

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for title, form in (("Result", self.form), ("Review", self.review)):
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab leads from field to field
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setWidget(form)
            self.tabs.addTab(area, title)
        self.tabs.setFixedWidth(80 * self.fontMetrics().averageCharWidth())
        menu = QMenu(self)
        for exporter in CASE_EXPORTERS[1:]:
            act = menu.addAction(f"{exporter.label}…")
            act.triggered.connect(partial(self._export_more, exporter))
        menu.addSeparator()
        sheet = menu.addAction("Internal sheet with technical details…")
        sheet.triggered.connect(lambda _=False: self.sheet_requested.emit())
        own = menu.addAction("Folder of the laboratory's templates")
        own.setToolTip(OWN_TEMPLATES)
        own.triggered.connect(lambda _=False: self.templates_requested.emit())
        menu.setToolTipsVisible(True)
        self.more.setMenu(menu)
        head = row_of(
            text_label("Template", "muted"),
            self.templates,
            filling(self.note),
            REST,
            self.shown_version,
            gap=2,
        )
        right = column_of(head, filling(self.preview), gap=2)
        middle = row_of(self.tabs, filling(right), gap=3)
        foot = row_of(filling(self.missing), gap=2)
        close = button("Close", self.close)
        for each in (self.more, self.print, self.preliminary, self.final, close):
            foot.addWidget(each, 0, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(column_of(filling(middle), foot, gap=3, margins=3))
        keep_return(self)
        self.resize(1220, 740)

    # -- what a person does ----------------------------------------------------------------------

    def keep(self) -> bool:
        """Store what was typed; whether it could be stored."""
        details = self.form.details
        if self.report.review.is_released or details == self.report.details:
            return True
        if details.iscn == self.report.result.iscn:
            details = replace(details, iscn="")  # it goes on following the cells
        with ErrorsShown(self):
            self._workspace.library.set_details(self._case_id, details, self._user())
            self._reload()
            self.changed.emit()
            return True
        return False

    def sign(self, role: Role) -> None:
        """Ask who signs and with what meaning, and store it."""
        if not self.keep():
            return
        reports = self._workspace.case_reports

        def act(who: str, meaning: str) -> None:
            if role is Role.APPROVED:
                reports.approve(self._case_id, who, meaning, self._final_pdf, self._rules)
            else:
                reports.sign(self._case_id, role, who, meaning, self._rules)

        dialog = SignDialog(
            self,
            VERBS[role].removesuffix("…"),
            self._user(),
            act,
            self.template.meanings(role),
            lambda who: self._question(role, who),
        )
        self._run(dialog)

    def withdraw(self, role: Role) -> None:
        """Ask why a signature is taken back, and store it."""
        reports = self._workspace.case_reports
        act = partial(reports.withdraw, self._case_id, role)
        title = f"Withdraw “{TITLES[role].lower()}”"
        self._run(SignDialog(self, title, self._user(), act))

    def accept_unmet(self) -> None:
        """Ask who accepts what is not met and why, and store it."""
        if not self.keep():
            return
        act = partial(self._workspace.case_reports.accept, self._case_id, rules=self._rules)
        self._run(SignDialog(self, "Accept what is not met", self._user(), act))

    def insist(self) -> None:
        """Ask why what was accepted is not accepted any more, and store it."""
        act = partial(self._workspace.case_reports.insist, self._case_id)
        self._run(SignDialog(self, "Take back the acceptance", self._user(), act))

    def amend(self) -> None:
        """Ask why the approved report is amended, and begin the next version."""
        act = partial(self._workspace.case_reports.amend, self._case_id)
        self._run(SignDialog(self, "Begin an amendment", self._user(), act))

    def reload(self) -> None:
        """Take over what was stored elsewhere."""
        self._reload()
        self._make_pages()

    def tell(self, told: str) -> None:
        """Say where a file, or what was printed, has gone."""
        set_role(self.note, "muted")
        self.note.setText(told)

    # -- inside ----------------------------------------------------------------------------------

    def _run(self, dialog: SignDialog) -> None:
        if accepted(dialog):
            self.reload()
            if self.report.is_final:
                self.final.setFocus()  # and not what would begin an amendment
            else:
                self.review.focus_next()
            self.changed.emit()

    def _question(self, role: Role, who: str) -> str:
        """What should be looked at once more: a name that could be another signer's.

        The very same one is not asked about: it is refused.
        """
        for other in Role:
            signed = self.report.signature(other)
            may_be_one = Role.APPROVED in (role, other) and not self._rules.needs_third
            if other is role or signed is None or may_be_one:
                continue
            if may_be_same_person(signed.who, who) and not is_same_person(signed.who, who):
                return f"Is {who.strip()} really another person than {signed.who}?"
        return ""

    def _final_pdf(self, report: CaseReport) -> bytes:
        from karyogui.export.case_report_pdf import case_report_pdf, letters_missing

        letters = letters_missing(report, self.template)
        if letters:
            raise KaryoError(
                f"The report cannot print these letters: {' '.join(letters[:20])}.",
                "Spell them differently, or install a font that has them.",
            )
        return case_report_pdf(report, self.template)

    def _reload(self) -> None:
        self.report = self._workspace.case_reports.report(self._case_id, self._rules)
        self._show_all()

    def _show_all(self) -> None:
        report = self.report
        editable = not report.review.is_released
        if self.form.details != report.details or editable is not self.form.is_editable:
            self._fill(editable)
        self.form.note(report.details)
        self.review.show_report(report)
        needs = report.needs_for_final
        self.missing.setText(_needs_text(needs))
        self.final.setEnabled(not needs or self.version is not None)
        self.preliminary.setEnabled(not report.is_final)
        self.shown_version.setVisible(self.version is not None)

    def _fill(self, editable: bool) -> None:
        details, result = self.report.details, self.report.result
        acquired = result.protocol is not None and result.protocol.neoplastic
        self.form.fill(details, result.iscn, editable, acquired)

    def _on_typed(self) -> None:
        self._timer.start()

    def _on_details(self) -> None:
        if self.keep():
            self.details_requested.emit()

    def _on_template(self, row: int) -> None:
        self.template = self._templates.usable[row]
        self.form.use(self.template)
        self.template_chosen.emit(self.template.name)
        self._make_pages()

    def _show_version(self, number: int) -> None:
        self.version = number
        self.shown_version.show()
        self.final.setEnabled(True)  # of the version that is shown
        self._make_pages()

    def _show_present(self) -> None:
        self.version = None
        self._show_all()
        self._make_pages()

    def _make_pages(self) -> None:
        """Make the pages in a thread; one after the other, the last state wins."""
        if not self.preview.pages:
            self.preview.say(MAKING)
        report = replace(self.report, details=self.form.details)
        work = partial(self._pages, report, self.template, self.version, self.preview.pixels)
        self._making.run(work, self._on_pages, self._on_failed)

    def _pages(
        self,
        report: CaseReport,
        template: ReportTemplate,
        version: int | None,
        pixels: int,
        _: Monitor,
    ) -> tuple[Sequence[Any], str]:
        from karyogui.export.case_report_pdf import letters_missing
        from karyogui.export.pdf_pictures import page_pictures

        letters = letters_missing(report, template)
        told = f"These letters cannot be printed: {' '.join(letters[:20])}" if letters else ""
        pdf = self.pdf(report, template, version)
        return tuple(page_pictures(pdf, lambda width, _: pixels / width)), told

    def pdf(self, report: CaseReport, template: ReportTemplate, version: int | None) -> bytes:
        """The report as a file: an approved one as it was issued, else made now."""
        from karyogui.export.case_report_pdf import case_report_pdf

        number = version or (report.review.version if report.is_final else None)
        if number is not None:
            return self._workspace.case_reports.version(self._case_id, number)
        return case_report_pdf(report, template)

    def _on_pages(self, made: tuple[Sequence[Any], str]) -> None:
        pages, told = made
        self.preview.show_pages(pages)
        problems = " ".join(part for part in (told, *self._templates.problems) if part)
        if problems != self._problems:  # else what was said last stays, such as where a file is
            self._problems = problems
            set_role(self.note, "amber")
            self.note.setText(problems)

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, KaryoError):
            show_error(self, error)
        self.preview.say(str(error))

    def _export(self, final: bool) -> None:
        if self.keep():
            self.export_requested.emit(CASE_EXPORTERS[0], self.report, final)

    def _print(self) -> None:
        if self.keep():
            self.print_requested.emit(self.report)

    def _export_more(self, exporter: CaseExporter, _checked: bool = False) -> None:
        if self.keep():
            self.export_requested.emit(exporter, self.report, self.report.is_final)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing typed is lost: what cannot be stored keeps the dialog open."""
        if not self.keep():
            event.ignore()
            return
        self._stop()
        super().closeEvent(event)

    def reject(self) -> None:
        """Esc closes the dialog like its button."""
        if self.keep():
            self._stop()
            super().reject()

    def _stop(self) -> None:
        self._timer.stop()
        self._making.shut_down()


def _needs_text(needs: Sequence[str]) -> str:
    if not needs:
        return ""
    told = shared(needs)
    shown = " ".join(told[:3])
    more = f" And {len(told) - 3} more: see Review." if len(told) > 3 else ""
    return f"Not final yet. {shown}{more}"
