"""Analysing again: what it asks, what it replaces, and what stays."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from karyogui.domain.separation import ObjectKind
from karyogui.services.analysis import AtStake
from karyogui.ui.case_browser.reanalysis import warning
from karyogui.ui.centre import CASES_PAGE
from tests.unit.ui.metaphase.conftest import BAR, STORED, Desk
from tests.unit.ui.windows import answering, press

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def ask_for_it(desk: Desk) -> None:
    desk.window.activateWindow()
    desk.qtbot.waitUntil(desk.window.isActiveWindow)
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F5, CONTROL_SHIFT)


def objects(desk: Desk) -> set[str]:
    return {each.id for each in desk.stored.objects}


def cut_and_settle(desk: Desk) -> None:
    desk.cut()
    desk.settle()
    assert BAR not in objects(desk)


def test_repairs_are_replaced_only_when_a_person_says_so(desk: Desk) -> None:
    cut_and_settle(desk)
    repaired = desk.stored
    told: list[str] = []

    def refuse(box: Any) -> None:
        told.append(box.informativeText())
        assert isinstance(box, QMessageBox)
        assert box.defaultButton().text().replace("&", "") == "Cancel"
        desk.qtbot.keyClick(box, Qt.Key.Key_Return)

    with answering(desk.qtbot, refuse) as asked:
        ask_for_it(desk)
    assert asked == ["Analyse metaphase 1 again?"]
    assert "what a person made of 2 objects" in told[0]
    assert f"as revision {repaired.revision}," in told[0]
    assert not desk.window.jobs.is_busy
    assert desk.stored.revision == repaired.revision
    with answering(desk.qtbot, lambda box: press(desk.qtbot, box, "Analyse again")):
        ask_for_it(desk)
    desk.qtbot.waitUntil(lambda: desk.stored.revision > repaired.revision, timeout=15_000)
    desk.settle()
    kinds = {item.id: item.kind for item in desk.stored.objects}
    assert len(kinds) == len(STORED)
    assert not any(item.by_person for item in desk.stored.objects)
    assert sum(k is ObjectKind.CHROMOSOME for k in kinds.values()) == len(desk.board_ids)
    # The trail only grows.
    before = [(edit.who, edit.when) for edit in repaired.edits]
    assert [(edit.who, edit.when) for edit in desk.stored.edits][: len(before)] == before
    desk.assert_in_step()


def test_nothing_is_asked_where_no_person_did_anything(desk: Desk) -> None:
    before = desk.stored.revision
    ask_for_it(desk)
    desk.qtbot.waitUntil(lambda: desk.stored.revision == before + 1, timeout=15_000)
    desk.settle()
    desk.assert_in_step()


def test_a_placement_of_a_person_is_asked_about_and_stays(desk: Desk) -> None:
    desk.board.select((BAR,))
    desk.board.move_selection("X")
    before = desk.stored.revision
    with answering(desk.qtbot, lambda box: press(desk.qtbot, box, "Analyse again")) as asked:
        ask_for_it(desk)
    assert asked
    desk.qtbot.waitUntil(lambda: desk.stored.revision > before, timeout=15_000)
    desk.settle()
    assert {p.chromosome_id: p.slot for p in desk.stored.placements}[BAR] == "X"


def test_it_is_grey_where_there_is_nothing_to_analyse_anew(desk: Desk) -> None:
    window, action = desk.window, desk.window.actions_["cell.reanalyse"]
    assert action.isEnabled()
    assert "as if for the first time" in action.toolTip()
    window.cases.refresh()
    window.centre.show_page(CASES_PAGE)
    window.cases.panel.table.clearSelection()
    assert not action.isEnabled()
    assert action.toolTip().startswith("Analyse again: needs an analysed cell")
    window.cases.panel.select([window.cases.summaries[0].id])
    assert action.isEnabled()
    window.review.obstacle = ""
    window.review.sign_off()
    window.cases.refresh()
    assert not action.isEnabled()


def test_a_waiting_repair_is_waited_for(desk: Desk) -> None:
    desk.reader.go.clear()
    desk.cut()
    assert not desk.window.actions_["cell.reanalyse"].isEnabled()
    desk.settle()
    assert desk.window.actions_["cell.reanalyse"].isEnabled()


def test_the_selected_rows_of_the_tree_are_meant(qtbot: QtBot, desk: Desk) -> None:
    cut_and_settle(desk)
    window, before = desk.window, desk.stored.revision
    window.cases.refresh()
    window.centre.show_page(CASES_PAGE)
    window.cases.panel.select([window.cases.summaries[0].id])
    with answering(qtbot, lambda box: press(qtbot, box, "Analyse again")):
        ask_for_it(desk)
    qtbot.waitUntil(lambda: desk.stored.revision > before, timeout=15_000)
    desk.settle()
    assert not any(item.by_person for item in desk.stored.objects)


@pytest.mark.parametrize(
    ("replaced", "parts"),
    [
        ((AtStake(1, "a", 4, repaired=1),), ("1 object;", "as revision 4,")),
        ((AtStake(1, "a", 4, decided=1),), ("separation keeps 1 placement of a person",)),
        (
            (AtStake(1, "a", 4, 2, 3), AtStake(2, "b", 7, 1)),
            ("3 objects, and it keeps 3 placements", "in a and b;", "as earlier revisions,"),
        ),
        (
            tuple(AtStake(i, f"c{i}", 1, 1) for i in range(1, 6)),
            ("5 objects in c1, c2, c3 and 2 more;",),
        ),
    ],
)
def test_one_sentence_says_what_is_replaced_and_where_it_stays(
    replaced: tuple[AtStake, ...], parts: tuple[str, ...]
) -> None:
    told = warning(replaced)
    assert all(part in told for part in parts)
    assert told.count(".") == 1
    assert "nothing is lost" in told
