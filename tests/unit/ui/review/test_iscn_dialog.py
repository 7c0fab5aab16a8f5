import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from karyogui.domain.chromosome import AUTOSOMES
from karyogui.ui.review.iscn_dialog import IscnDialog

FEMALE = dict.fromkeys(AUTOSOMES, 2) | {"X": 2, "Y": 0, "mar": 0, "tray": 0}


@pytest.fixture
def dialog(qtbot: QtBot, look: None) -> IscnDialog:
    dialog = IscnDialog(None, "", FEMALE)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.field.setFocus()
    return dialog


def typed(qtbot: QtBot, dialog: IscnDialog, text: str) -> None:
    qtbot.keyClicks(dialog.field, text)
    qtbot.waitUntil(lambda: not dialog._timer.isActive(), timeout=2000)


def repairs(dialog: IscnDialog) -> list[str]:
    return [button.text() for button in dialog.repairs if button.isVisible()]


def test_an_empty_field_is_an_invitation(dialog: IscnDialog) -> None:
    assert "Type a karyotype" in dialog.state.text()
    assert dialog.problems.count() == 0
    assert dialog.field.property("role") != "wrong"
    assert not dialog.copy.isEnabled()


def test_what_is_typed_is_checked_with_the_reason_below(dialog: IscnDialog, qtbot: QtBot) -> None:
    typed(qtbot, dialog, "46,XX,+21")
    assert dialog.state.text().startswith("Not valid: 1 problem.")
    assert "the changes listed make 47" in dialog.problems.item(0).text()
    assert dialog.field.property("role") == "wrong"
    assert repairs(dialog)[:2] == ["Write 47,XX,+21", "Write 46,XX"]
    assert not dialog.copy.isEnabled()


def test_a_repair_is_one_click(dialog: IscnDialog, qtbot: QtBot) -> None:
    typed(qtbot, dialog, "46,XX,+21")
    qtbot.mouseClick(dialog.repairs[0], Qt.MouseButton.LeftButton)
    assert dialog.field.text() == "47,XX,+21"
    assert dialog.state.text() == "Valid."
    assert repairs(dialog) == []
    assert "gain of chromosome 21" in dialog.words.text()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "47,XX,+21"


def test_a_chosen_problem_is_marked_in_the_text(dialog: IscnDialog, qtbot: QtBot) -> None:
    typed(qtbot, dialog, "46,YX,t(22;9)(q11.2;q34)")
    assert dialog.problems.count() == 2
    assert repairs(dialog) == []
    qtbot.keyClick(dialog.problems, Qt.Key.Key_Down)
    dialog.problems.setCurrentRow(0)
    assert dialog.field.selectedText() == "YX"
    assert repairs(dialog) == ["Write 46,XY,t(9;22)(q34;q11.2)"]


def test_places_beyond_the_basic_plane_are_marked_right(dialog: IscnDialog) -> None:
    dialog.field.setText("\U0001d7d2\U0001d7d4,YX")
    dialog.check_now()
    dialog.problems.setCurrentRow(1)
    assert dialog.field.selectedText() == "YX"


def test_the_open_cells_board_is_compared(dialog: IscnDialog) -> None:
    dialog.field.setText("46,XX")
    dialog.check_now()
    assert dialog.comparison.text() == "The open cell has the numbers of this karyotype."
    dialog.field.setText("mos 45,X[5]/47,XX,+21[3]/48,XX,+2mar[2]")
    dialog.check_now()
    assert dialog.comparison.text() == "The open cell differs from line 1: 2 instead of 1 of X."
    dialog.field.setText("46,XX,inc")
    dialog.check_now()
    assert not dialog.comparison.isVisible()


def test_return_in_the_field_checks_and_closes_nothing(dialog: IscnDialog, qtbot: QtBot) -> None:
    qtbot.keyClicks(dialog.field, "46,XZ")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.problems.count() == 2


def test_without_a_cell_nothing_is_compared(qtbot: QtBot, look: None) -> None:
    dialog = IscnDialog(None, "46,XX", None)
    qtbot.addWidget(dialog)
    assert dialog.state.text() == "Valid."
    assert dialog.comparison.text() == ""
