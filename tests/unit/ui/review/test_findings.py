from datetime import UTC, datetime

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Assignment, Chromosome, Polarity, Segment
from karyogui.domain.findings import CellFinding, FindingKind
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import TRAY, Karyogram, Placement
from karyogui.domain.review import EvidenceFlag, ReviewItem
from karyogui.ui.review.findings import FindingsPanel, review_line
from karyogui.ui.widgets import unbroken

TRISOMY = CellFinding(FindingKind.TOO_MANY, ("21",), 3, "Three chromosomes 21 in this cell.")


def chromosome(name: str, confidence: float, *reasons: str) -> Chromosome:
    crop = np.full((30, 10), 120, np.uint8)
    assigned = Assignment("21", Polarity.Q_DOWN, confidence, reasons)
    return Chromosome(name, Segment(f"{name}.png", crop, crop < 255), None, assigned)


CHROMOSOMES = (chromosome("a", 0.99), chromosome("b", 0.6), chromosome("c", 0.7, "Odd shape."))
KARYOGRAM = Karyogram([Placement("a", "21", 0), Placement("b", "21", 1), Placement("c", TRAY, 0)])


ASKING_B = ReviewItem("b", ("Low confidence.", "And more."), 0.5)
ASKING_C = ReviewItem("c", ("Odd shape.",), 1.0)


@pytest.fixture
def panel(qtbot: QtBot, look: None) -> FindingsPanel:
    panel = FindingsPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 500)
    panel.show()
    return panel


def test_sentences_and_a_proposal_to_copy(panel: FindingsPanel, qtbot: QtBot) -> None:
    panel.show_findings((TRISOMY,), IscnProposal("47,XX,+21"))
    assert panel.finding_texts == ("Three chromosomes 21 in this cell.",)
    assert panel.iscn.text() == "47,XX,+21"
    assert not panel.question.isVisible()
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "47,XX,+21"


def test_a_question_stands_instead_of_a_doubtful_string(panel: FindingsPanel) -> None:
    panel.show_findings((TRISOMY,), IscnProposal("", "A gain and a loss inside group G?"))
    assert panel.question.text() == "A gain and a loss inside group G?"
    assert panel.question.isVisible()
    assert not panel.iscn.isVisible()
    assert not panel.copy.isVisible()


def test_while_only_a_question_can_be_asked_nothing_is_called_normal(panel: FindingsPanel) -> None:
    panel.show_findings((), IscnProposal("", "Count not settled: 1 outline is doubtful."))
    assert panel.finding_texts == ()


def test_findings_are_replaced_at_every_edit(panel: FindingsPanel) -> None:
    panel.show_findings((TRISOMY,), IscnProposal("47,XX,+21"))
    panel.show_findings((), IscnProposal("46,XX"))
    assert panel.finding_texts == ("No numerical abnormality in this cell.",)


def test_what_asks_for_an_eye_can_be_gone_to(panel: FindingsPanel, qtbot: QtBot) -> None:
    panel.show_findings((), IscnProposal("46,XX"))
    panel.show_review(CHROMOSOMES, KARYOGRAM, (ASKING_C, ASKING_B))
    panel.mark(["b"])
    assert [item.text() for item in panel.list.selectedItems()] == ["21 · 60 % · Low confidence."]
    assert panel.progress.value() == 1
    assert panel.progress.maximum() == 3
    at = panel.list.visualItemRect(panel.list.item(0)).center()
    with qtbot.waitSignal(panel.review_requested) as asked:
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert asked.args == ["c"]
    panel.show_review(CHROMOSOMES, KARYOGRAM, ())
    assert not panel.list.isVisible()
    assert panel.progress.value() == 3


def test_the_lines_of_the_review() -> None:
    assert review_line(CHROMOSOMES[2], KARYOGRAM, ASKING_C) == "Unplaced · Odd shape."
    assert review_line(CHROMOSOMES[1], KARYOGRAM, ASKING_B) == "21 · 60 % · Low confidence."


def test_evidence_against_the_assignment_selects_its_chromosomes(
    panel: FindingsPanel, qtbot: QtBot
) -> None:
    panel.show_findings((), IscnProposal("46,XX"))
    panel.show_assignment(None, "")
    assert not panel.evidence.isVisible()
    assert not panel.runner_up.isVisible()
    sentences = ("Stands at 7, looks like 8 (97 %).", "Stands at 9, looks like X (88 %).")
    flag = EvidenceFlag(("a", "b"), "46,XX", "47,XX,-7,+8", sentences)
    panel.show_assignment(flag, "Nearly as likely: 46,XX,-7,+8 (margin 1.3).")
    assert panel.evidence.isVisible()
    assert (panel.evidence.assigned.text(), panel.evidence.by_pictures.text()) == (
        "46,XX",
        "47,XX,-7,+8",
    )
    assert panel.evidence.sentences.text() == unbroken("\n".join(sentences))
    assert panel.runner_up.isVisible()
    with qtbot.waitSignal(panel.selection_requested) as asked:
        qtbot.mouseClick(panel.evidence.sentences, Qt.MouseButton.LeftButton)
    assert asked.args == [("a", "b")]
    with qtbot.waitSignal(panel.selection_requested):
        qtbot.keyClick(panel.evidence, Qt.Key.Key_Return)
    panel.show_assignment(EvidenceFlag(("a",), "46,XX", "", sentences[:1]), "")
    assert panel.evidence.by_pictures.text() == "no karyotype can be written"


def test_a_blocked_sign_off_says_why(panel: FindingsPanel, qtbot: QtBot) -> None:
    panel.show_findings((), IscnProposal("46,XX"))
    cell = Cell(1, 1, "cell 1", ())
    panel.show_sign_off(cell, "anna", "One chromosome is in the tray: place it first.")
    assert not panel.sign_off.isEnabled()
    assert "tray" in panel.reason.text()
    panel.show_sign_off(cell, "anna", "")
    assert "anna" in panel.reason.text()
    with qtbot.waitSignal(panel.sign_off_requested):
        qtbot.mouseClick(panel.sign_off, Qt.MouseButton.LeftButton)


def test_a_signed_cell_tells_who_and_can_be_opened_again(
    panel: FindingsPanel, qtbot: QtBot
) -> None:
    panel.show_findings((), IscnProposal("46,XX"))
    when = datetime(2026, 3, 1, 12, tzinfo=UTC)
    cell = Cell(1, 1, "cell 1", (), reviewed_at=when, reviewed_by="ben")
    panel.show_sign_off(cell, "anna", "")
    assert "Reviewed by ben" in panel.reason.text()
    with qtbot.waitSignal(panel.withdraw_requested):
        qtbot.mouseClick(panel.sign_off, Qt.MouseButton.LeftButton)


def test_without_a_cell_there_is_a_hint(panel: FindingsPanel) -> None:
    panel.show_findings((TRISOMY,), IscnProposal("47,XX,+21"))
    panel.show_nothing("This cell has not been analysed yet.")
    assert not panel.sign_off.isVisible()
    assert panel._hint.isVisible()
