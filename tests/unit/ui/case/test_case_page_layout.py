"""What the page of a case shows where, and which room it has."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt

from karyogui.ui.case.rows import OTHER, Column
from tests.unit.ui.case.conftest import CONTROL, Hands


def test_the_page_takes_the_room_of_the_inspector_and_gives_it_back(hands: Hands) -> None:
    docks = hands.window.docks
    assert docks.right.isHidden()
    hands.window.show_karyogram()
    assert not docks.right.isHidden()


def test_the_list_of_cases_has_all_the_room_too(hands: Hands) -> None:
    hands.window.show_cases()
    assert hands.window.docks.right.isHidden()
    hands.window.show_karyogram()
    assert not hands.window.docks.right.isHidden()


def test_the_cells_stay_where_they_are_when_nothing_is_left_to_be_said_above(
    hands: Hands,
) -> None:
    def places() -> list[int]:
        return [each.mapTo(hands.panel, QPoint()).y() for each in (hands.panel.table, head.report)]

    head = hands.panel.head
    before = places()
    assert head.note.text()
    for name in "47":
        hands.choose(name)
        hands.window.exclusion._library.exclude([hands.ids[name]], "Bands too poor", "Ann")
    hands.window.cases.refresh()
    hands.choose(*"12356")
    hands.key(Qt.Key.Key_V)
    hands.qtbot.waitUntil(lambda: hands.string == "mos 45,X[3]/46,XX[2]")
    hands.qtbot.waitUntil(lambda: not head.note.text())
    hands.qtbot.wait(50)
    assert places() == before


def test_the_whole_matrix_is_seen_in_a_window_of_1280_pixels(hands: Hands) -> None:
    hands.window.resize(1280, 800)
    table = hands.panel.table
    table.show_matrix(True)
    hands.qtbot.waitUntil(lambda: table.viewport().width() > 1000)
    other = table.header().sectionSize(OTHER)
    assert table.header().length() <= table.viewport().width()
    assert other > table.fontMetrics().horizontalAdvance("Other")


def test_what_hinders_the_sign_off_is_said_on_the_page_in_front(hands: Hands) -> None:
    window = hands.window
    obstacle = window.review.obstacle
    assert "need" in obstacle
    hands.key(Qt.Key.Key_Return, CONTROL)
    assert window.centre.notices.text == obstacle
    window.centre.notices.hide()
    window.show_karyogram()
    hands.key(Qt.Key.Key_Return, CONTROL)
    assert window.centre.notices.text == ""
    assert window.board.hint.text() == obstacle


def test_what_is_done_to_a_cell_is_seen_when_the_page_is_shown_again(hands: Hands) -> None:
    hands.all_but_the_last(Qt.Key.Key_V)
    window = hands.window
    window.open_cell_page(hands.ids["4"])
    window.show_karyogram()
    karyogram = window.board.karyogram
    assert karyogram is not None
    window.board.select(karyogram.in_slot("21")[:1])
    window.board.move_selection("22")
    hands.key(Qt.Key.Key_4, CONTROL)
    assert hands.text("4", Column.CHANGES) == "(+22)"
