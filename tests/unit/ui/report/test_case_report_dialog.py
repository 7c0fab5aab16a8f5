"""The report of a case in its window: stated, signed, approved, amended, exported."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from karyogui.domain.case_review import Role
from karyogui.export.case_report_pdf import missing_points
from karyogui.services.case_reports import HouseRules
from karyogui.services.report_templates import load_templates
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from karyogui.ui.report.case_report_dialog import CaseReportDialog
from karyogui.ui.report.result_form import ResultForm
from karyogui.ui.report.sign_dialog import SignDialog
from tests.unit.export.archival import faults
from tests.unit.export.case_reports import DETAILS
from tests.unit.ui.windows import TRISOMY, answering, click, store_case

# Of the menu of phrases, without a display.
pytestmark = pytest.mark.qt_log_ignore("does not support grabbing the keyboard", extend=True)


CONTROL = Qt.KeyboardModifier.ControlModifier


def fill(workspace: Workspace, folder: Path) -> None:
    store_case(workspace, folder / "24-0173", {"cell 1": TRISOMY})


@pytest.fixture
def dialog(
    qtbot: QtBot, look: None, workspace: Workspace, case_id: int
) -> Iterator[CaseReportDialog]:
    templates = load_templates()
    dialog = CaseReportDialog(
        None, workspace, case_id, templates, templates.named("en"), lambda: "Ann Nowak",
        HouseRules(),
    )  # fmt: skip
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: has_pages(dialog), timeout=20_000)
    yield dialog
    dialog.close()


def has_pages(dialog: CaseReportDialog) -> bool:
    return bool(dialog.preview.pages) and not dialog._making.is_busy


def complete(workspace: Workspace, dialog: CaseReportDialog, case_id: int) -> None:
    for cell in workspace.library.case(case_id).cells:
        workspace.reviews.sign_off(cell.id, "Ann Nowak")
    details = replace(DETAILS, iscn="", iscn_edition="", result_words="", interpretation="")
    workspace.library.set_details(case_id, details, "Ann Nowak")
    dialog.reload()


def signing(qtbot: QtBot, name: str, reason: str = "") -> Callable[[SignDialog], None]:
    def sign(dialog: SignDialog) -> None:
        dialog.name.clear()
        qtbot.keyClicks(dialog.name, name)
        if reason:
            dialog.reason.clear()
            qtbot.keyClicks(dialog.reason, reason)
        qtbot.keyClick(dialog.name, Qt.Key.Key_Return)

    return sign


def insert(qtbot: QtBot, form: ResultForm, phrase: str) -> None:
    """Choose a phrase with keys."""
    menu = form.phrases.menu()
    form.phrases.setFocus()

    done = []

    def choose() -> None:
        for _ in menu.actions():
            active = menu.activeAction()
            if active is not None and active.text() == phrase:
                break
            qtbot.keyClick(menu, Qt.Key.Key_Down)
        qtbot.keyClick(menu, Qt.Key.Key_Return)
        done.append(phrase)

    menu.aboutToShow.connect(lambda: QTimer.singleShot(50, choose))
    qtbot.keyClick(form.phrases, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: done == [phrase])
    menu.aboutToShow.disconnect()
    qtbot.waitUntil(lambda: not menu.isVisible())
    form.window().activateWindow()
    qtbot.waitUntil(form.isActiveWindow)


def state_result(qtbot: QtBot, dialog: CaseReportDialog) -> None:
    """Type and click what a person states, as a person does."""
    form = dialog.form
    assert form.iscn.text() == "47,XX,+21[1]"  # as the cells say
    click(qtbot, form.in_words)
    insert(qtbot, form, "Trisomy 21")
    form.texts["recommendation"].setFocus()
    qtbot.keyClicks(form.texts["recommendation"], "Genetic counselling.")
    form.iscn.setFocus()


def test_what_is_missing_stands_beside_the_disabled_buttons(dialog: CaseReportDialog) -> None:
    assert not dialog.final.isEnabled()
    assert "two identifiers" in dialog.missing.text()
    review = dialog.review
    assert [review.buttons[role].isEnabled() for role in Role] == [False, False, False]
    assert review.needs[Role.ANALYSED].text() == "Empty: result in ISCN."
    assert "The report is not analysed yet." in review.needs[Role.CHECKED].text()
    # All of it, where "see Review" sends; empty fields share a line.
    told = review.needs[Role.APPROVED].text()
    for need in dialog.report.needs(Role.APPROVED):
        assert need.removeprefix("Empty: ").rstrip(".") in told
    assert told.count("Empty: ") == 1


def test_from_the_result_to_an_amended_report(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    state_result(qtbot, dialog)
    assert workspace.library.case(case_id).details.iscn == ""
    details = dialog.report.details
    assert (details.iscn, details.iscn_edition) == ("47,XX,+21[1]", "2024")
    assert details.result_words == "Female karyotype with trisomy 21 (Down syndrome) in one cell."
    assert details.interpretation
    assert details.recommendation == "Genetic counselling."
    dialog.tabs.setCurrentIndex(1)
    review = dialog.review
    assert "19 more cells to count." in dialog.missing.text()
    assert "19 more cells to count." in review.unmet.text()
    with answering(qtbot, signing(qtbot, "Ann Nowak", "No further cell divided")):
        click(qtbot, review.accept)
    assert "No further cell divided" in review.accepted.text()
    assert not review.accept.isVisible()
    for role, name in ((Role.ANALYSED, "Ann Nowak"), (Role.CHECKED, "Bert Oezil")):
        with answering(qtbot, signing(qtbot, name)):
            click(qtbot, review.buttons[role])
        assert review.signed[role].text().startswith(name)
        assert not dialog.final.isEnabled()
    with answering(qtbot, signing(qtbot, "Carla Ruiz")):
        click(qtbot, review.buttons[Role.APPROVED])
    assert dialog.report.is_final
    assert dialog.final.isEnabled()
    # Enter goes on with the export, and begins no amendment.
    assert dialog.focusWidget() is dialog.final
    assert dialog.form.iscn.isReadOnly()
    assert faults(workspace.case_reports.version(case_id, 1)) == ()
    with answering(qtbot, signing(qtbot, "Ann Nowak", "A second culture")):
        click(qtbot, review.amend)
    assert not dialog.final.isEnabled()
    assert not dialog.form.iscn.isReadOnly()
    assert "Version 2 is being prepared: A second culture" in review.state.text()
    dialog.form.texts["recommendation"].setPlainText("None.")
    dialog.keep()
    assert "recommendation: Genetic counselling. → None." in review.changes.text()
    qtbot.waitUntil(lambda: has_pages(dialog), timeout=20_000)
    click(qtbot, review.versions[0])
    assert dialog.shown_version.isVisible()
    assert dialog.final.isEnabled()
    asked = []
    dialog.export_requested.connect(lambda *told: asked.append((told[2], dialog.version)))
    click(qtbot, dialog.final)
    assert asked == [(True, 1)]
    qtbot.waitUntil(lambda: has_pages(dialog), timeout=20_000)
    click(qtbot, dialog.shown_version)
    assert not dialog.shown_version.isVisible()
    assert not dialog.final.isEnabled()


def test_what_is_not_met_is_accepted_and_taken_back_by_keys(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    dialog.tabs.setCurrentIndex(1)
    review = dialog.review
    assert "19 more cells to count." in review.needs[Role.APPROVED].text()
    told = []

    def without_a_reason(sign: SignDialog) -> None:
        qtbot.keyClick(sign.name, Qt.Key.Key_Return)
        told.append(sign.problem.text())
        sign.reject()

    review.accept.setFocus()
    with answering(qtbot, without_a_reason):
        qtbot.keyClick(review.accept, Qt.Key.Key_Space)
    assert told == ["What is not met is accepted with a reason. Say why."]
    assert review.accept.isVisible()
    with answering(qtbot, signing(qtbot, "Ann Nowak", "No further cell divided")):
        qtbot.keyClick(review.accept, Qt.Key.Key_Space)
    assert "Accepted by Ann Nowak" in review.accepted.text()
    assert "more cells" not in dialog.missing.text()
    with answering(qtbot, signing(qtbot, "Ann Nowak", "A second culture came")):
        qtbot.keyClick(review.insist, Qt.Key.Key_Space)
    assert not review.accepted.isVisible()
    assert "19 more cells to count." in dialog.missing.text()
    assert "took back what was accepted: A second culture came" in review.history.text()


def test_one_person_cannot_check_own_work_and_stays_in_the_dialog(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    state_result(qtbot, dialog)
    dialog.tabs.setCurrentIndex(1)
    with answering(qtbot, signing(qtbot, "Ann Nowak")):
        click(qtbot, dialog.review.buttons[Role.ANALYSED])
    told = []

    def try_both(sign: SignDialog) -> None:
        for name in ("ann  nowak", "Ann Maria Nowak"):
            sign.name.clear()
            qtbot.keyClicks(sign.name, name)
            qtbot.keyClick(sign.name, Qt.Key.Key_Return)
            told.append(sign.problem.text())
        sign.reject()

    with answering(qtbot, try_both):
        click(qtbot, dialog.review.buttons[Role.CHECKED])
    assert "Ann Nowak has analysed this report" in told[0]
    assert "Is Ann Maria Nowak really another person than Ann Nowak?" in told[1]
    assert dialog.report.signature(Role.CHECKED) is None


def test_a_signature_is_withdrawn_with_a_reason(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    state_result(qtbot, dialog)
    dialog.tabs.setCurrentIndex(1)
    with answering(qtbot, signing(qtbot, "Ann Nowak")):
        click(qtbot, dialog.review.buttons[Role.ANALYSED])
    with answering(qtbot, signing(qtbot, "Ann Nowak", "A cell was missed")):
        click(qtbot, dialog.review.withdraw[Role.ANALYSED])
    assert dialog.review.signed[Role.ANALYSED].text() == "not yet"
    assert "A cell was missed" in dialog.review.history.text()


def test_wrong_iscn_is_told_while_it_is_typed(qtbot: QtBot, dialog: CaseReportDialog) -> None:
    qtbot.keyClicks(dialog.form.iscn, "47,XX")
    assert dialog.form.iscn.property("role") == "wrong"
    assert dialog.form.verdict.text()
    qtbot.keyClicks(dialog.form.iscn, ",+21")
    assert dialog.form.iscn.property("role") == ""


def test_karyotypes_without_ready_words_ask_for_them(
    qtbot: QtBot, dialog: CaseReportDialog
) -> None:
    qtbot.keyClicks(dialog.form.iscn, "46,XX,?del(5)(q13q33)")
    click(qtbot, dialog.form.in_words)
    assert "no ready words" in dialog.form.no_words.text()
    assert dialog.form.details.result_words == ""


def test_another_language_makes_other_pages_and_phrases(
    qtbot: QtBot, dialog: CaseReportDialog
) -> None:
    dialog.templates.setCurrentText("Deutsch")
    dialog.templates.activated.emit(dialog.templates.currentIndex())
    assert dialog.form.phrases.menu().actions()[0].text() == "Unauffällig"
    qtbot.waitUntil(lambda: has_pages(dialog), timeout=20_000)


def test_the_report_opens_from_the_window_and_is_exported(
    qtbot: QtBot,
    window: MainWindow,
    workspace: Workspace,
    case_id: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window.cases.refresh()
    window.open_cell.open_case(case_id)
    target = tmp_path / "out"
    monkeypatch.setattr(
        "karyogui.ui.dialogs.parts.QFileDialog.getSaveFileName",
        lambda *_: (str(target), ""),
    )
    written = target.with_suffix(".pdf")

    def export(dialog: CaseReportDialog) -> None:
        assert isinstance(dialog, CaseReportDialog)
        click(qtbot, dialog.preliminary)
        qtbot.waitUntil(written.exists, timeout=20_000)
        qtbot.waitUntil(lambda: "Saved as" in dialog.note.text(), timeout=20_000)
        qtbot.waitUntil(lambda: has_pages(dialog), timeout=20_000)
        dialog.reject()

    with answering(qtbot, export):
        qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert faults(written.read_bytes()) == ()


def test_another_karyotype_is_typed_and_that_of_the_cells_taken_again(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    form = dialog.form
    assert form.take.isHidden()
    form.iscn.clear()
    qtbot.keyClicks(form.iscn, "47,XX,+21")
    assert form.verdict.text() == "The cells say 47,XX,+21[1]."
    dialog.keep()
    assert workspace.library.case(case_id).details.iscn == "47,XX,+21"
    click(qtbot, form.take)
    assert form.iscn.text() == "47,XX,+21[1]"
    assert workspace.library.case(case_id).details.iscn == ""


def test_a_letter_that_cannot_be_printed_keeps_the_report_from_being_approved(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    state_result(qtbot, dialog)
    workspace.case_reports.accept(case_id, "Ann Nowak", "No further cell divided")
    details = replace(workspace.library.case(case_id).details, comment="see \U0001f98b")
    workspace.library.set_details(case_id, details, "Ann Nowak")
    dialog.reload()
    dialog.tabs.setCurrentIndex(1)
    for role, name in ((Role.ANALYSED, "Ann Nowak"), (Role.CHECKED, "Carla Ruiz")):
        with answering(qtbot, signing(qtbot, name)):
            click(qtbot, dialog.review.buttons[role])
    told = []

    def approve(sign: SignDialog) -> None:
        sign.name.clear()
        qtbot.keyClicks(sign.name, "Dora Lee")
        qtbot.keyClick(sign.name, Qt.Key.Key_Return)
        told.append(sign.problem.text())
        sign.reject()

    with answering(qtbot, approve):
        click(qtbot, dialog.review.buttons[Role.APPROVED])
    assert "cannot print these letters: \U0001f98b" in told[0]
    assert workspace.case_reports.report(case_id).review.versions == ()
    qtbot.waitUntil(lambda: "\U0001f98b" in dialog.note.text(), timeout=20_000)


def test_words_that_nobody_altered_follow_the_template(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    words = dialog.form.texts["result_words"]
    click(qtbot, dialog.form.in_words)
    english = words.toPlainText()
    assert english.startswith("Female karyotype with trisomy 21")
    qtbot.keyClick(dialog.templates, Qt.Key.Key_Down)
    assert dialog.template.language == "de"
    assert "Trisomie 21" in words.toPlainText()
    assert dialog.report.details.result_words == words.toPlainText()
    words.setPlainText("Trisomie 21, in eigenen Worten")
    qtbot.keyClick(dialog.templates, Qt.Key.Key_Up)
    assert dialog.template.language == "en"
    assert words.toPlainText() == "Trisomie 21, in eigenen Worten"


def test_words_for_another_kind_of_result_are_told_until_a_person_confirms_them(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    form = dialog.form
    click(qtbot, form.in_words)
    insert(qtbot, form, "Normal")
    told = "The interpretation has a phrase for a normal result; the result is 47,XX,+21[1]."
    assert form.doubts["interpretation"].text() == told
    assert form.doubts["interpretation"].isVisible()
    assert dialog.missing.text().startswith(f"Not final yet. {told} ")
    assert "more: see Review" in dialog.missing.text()
    review = dialog.review
    dialog.tabs.setCurrentIndex(1)
    # Nobody signs it, in whichever language it is printed, and a sentence more changes nothing.
    assert told in review.needs[Role.ANALYSED].text()
    assert not review.buttons[Role.ANALYSED].isEnabled()
    assert "Interpretation: written for another result" in missing_points(
        dialog.report, dialog.template
    )
    dialog.tabs.setCurrentIndex(0)
    dialog.templates.setCurrentText("Deutsch")
    dialog.templates.activated.emit(dialog.templates.currentIndex())
    form.texts["interpretation"].setFocus()
    qtbot.keyClicks(form.texts["interpretation"], "Siehe oben. ")
    form.iscn.setFocus()
    assert form.doubts["interpretation"].text() == told
    form.confirm["interpretation"].setFocus()
    qtbot.keyClick(form.confirm["interpretation"], Qt.Key.Key_Space)
    assert not form.doubts["interpretation"].isVisible()
    assert form.focusWidget() is form.texts["interpretation"]
    assert review.buttons[Role.ANALYSED].isEnabled()
    assert "changed what the interpretation is for" in review.history.text()
    stored = workspace.library.case(case_id).details
    assert stored.interpretation_for == "47,XX,+21[1]"
    qtbot.waitUntil(lambda: has_pages(dialog), timeout=20_000)


def test_words_are_told_when_the_result_has_changed_since_they_were_written(
    qtbot: QtBot, dialog: CaseReportDialog, workspace: Workspace, case_id: int
) -> None:
    complete(workspace, dialog, case_id)
    form = dialog.form
    state_result(qtbot, dialog)
    assert dialog.report.needs(Role.ANALYSED) == ()
    form.iscn.clear()
    qtbot.keyClicks(form.iscn, "46,XX")
    form.texts["recommendation"].setFocus()
    for name, label in form.doubts.items():
        assert "the result is 46,XX." in label.text(), name
        assert label.isVisible()
    assert len(dialog.report.needs(Role.ANALYSED)) == 3
    # Words made anew are for the result as it is now, and so are those that a person touches.
    click(qtbot, form.in_words)
    assert not form.doubts["result_words"].isVisible()
    form.texts["recommendation"].setFocus()
    qtbot.keyClicks(form.texts["recommendation"], "Still: ")
    assert not form.doubts["recommendation"].isVisible()
    form.iscn.setFocus()
    assert [one.key for one in dialog.report.open_points].count("words") == 1
    # What was there before, letter by letter, is as old as it was.
    form.iscn.setText("47,XX,+21[1]")
    form.iscn.editingFinished.emit()
    assert form.doubts["interpretation"].text() == ""
    qtbot.waitUntil(lambda: has_pages(dialog), timeout=20_000)


def test_a_phrase_is_neither_inserted_by_the_wheel_nor_by_going_past_it(
    qtbot: QtBot, dialog: CaseReportDialog
) -> None:
    form = dialog.form
    form.phrases.setFocus()
    qtbot.keyClick(form.phrases, Qt.Key.Key_Down)
    assert form.details.interpretation == ""
    insert(qtbot, form, "Mosaicism")
    assert form.details.interpretation.startswith("The share of cells in blood")
