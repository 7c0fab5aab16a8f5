"""The guided line of the demonstration: it follows what is done, and goes away for good."""

import pytest
from PySide6.QtCore import Qt

from karyogui.domain.separation_check import CheckEntry, CheckKind
from karyogui.storage.cases import CaseStore
from karyogui.ui.review.checking import LOOKED_AT
from karyogui.ui.review.guide import ALL_CHECKED, DONE, GuideController, guiding
from tests.unit.ui.metaphase.conftest import Desk
from tests.unit.ui.metaphase.readers import HeldReader

Key = Qt.Key
TWO = (
    CheckEntry("c01", CheckKind.SEVERAL, 0.8),
    CheckEntry("d01", CheckKind.REJECTED, 0.6, ("21",), 0.87),
)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> HeldReader:
    monkeypatch.setattr(CaseStore, "is_demo", lambda *_: True)
    reader = HeldReader()
    reader.check = TWO
    return reader


def guide_of(desk: Desk) -> GuideController:
    return desk.window.guide


def says(desk: Desk, words: str) -> None:
    line = guide_of(desk).line
    desk.qtbot.waitUntil(lambda: line.isVisible() and words in line.text.text())


def test_it_leads_through_the_check_and_is_done_for_good(desk: Desk) -> None:
    says(desk, "Before the karyotype: 2 objects to check. Press N.")
    desk.key(Key.Key_N)
    says(desk, "1 of 2: these may be two, one on another. Press S")
    desk.key(Key.Key_S)
    says(desk, "1 of 2: Press Enter to take this split")
    proposals = len(desk.view.tool.proposals)  # type: ignore[attr-defined]
    assert (f"1 … {proposals}" in guide_of(desk).line.text.text()) is (proposals > 1)
    assert ("shows another" in desk.panel.hint.text()) is (proposals > 1)
    desk.key(Key.Key_Return)
    says(desk, "1 of 1: this may be a chromosome. Press H")
    desk.key(Key.Key_H)
    says(desk, ALL_CHECKED)
    state = desk.window._state
    assert state.number(DONE) == 1
    again = GuideController(
        desk.window._workspace.library, desk.window.open_cell, desk.window.check, desk.panel,
        state, desk.window,
    )  # fmt: skip
    again.follow()
    assert again.line.isHidden()


def test_after_esc_it_says_how_to_go_on_and_not_what_keys_no_longer_do(desk: Desk) -> None:
    desk.key(Key.Key_N)
    says(desk, "1 of 2: these may be two")
    desk.key(Key.Key_Escape)
    says(desk, "2 objects to check. Press N.")
    desk.key(Key.Key_N)
    says(desk, "2 of 2: this may be a chromosome")


def test_of_one_proposal_no_others_are_told() -> None:
    assert "others" in guiding(TWO, "c01", 3)
    assert "others" not in guiding(TWO, "c01", 1)


def test_nothing_is_called_checked_while_a_repair_is_looked_at(desk: Desk) -> None:
    desk.key(Key.Key_N)
    desk.key(Key.Key_N)
    desk.key(Key.Key_Return)
    says(desk, "1 of 1: these may be two")
    desk.reader.go.clear()
    desk.key(Key.Key_S)
    assert desk.window.actions_["repair.chromosome"].isEnabled()
    desk.key(Key.Key_Return)
    says(desk, LOOKED_AT)
    desk.qtbot.waitUntil(lambda: LOOKED_AT in desk.panel.hint.text())
    assert desk.window._state.number(DONE) != 1
    desk.settle()
    says(desk, ALL_CHECKED)


def test_a_click_on_its_cross_sends_it_away_for_good(desk: Desk) -> None:
    line = guide_of(desk).line
    desk.qtbot.mouseClick(line.close_button, Qt.MouseButton.LeftButton)
    assert line.isHidden()
    desk.key(Key.Key_N)
    assert line.isHidden()
    assert desk.window._state.number(DONE) == 1


def test_cells_of_ones_own_are_not_guided(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = guide_of(desk)
    guide._cell_id = None
    monkeypatch.setattr(guide._library, "is_demo", lambda *_: False)
    guide.follow()
    assert guide.line.isHidden()


@pytest.mark.parametrize("kind", list(CheckKind))
def test_every_kind_of_entry_has_its_key(kind: CheckKind) -> None:
    told = guiding((CheckEntry("x", kind, 0.5),), "x", 0)
    assert told.startswith("1 of 1: ")
    assert "Press" in told


def test_of_what_lacks_it_says_where_to_look() -> None:
    held = CheckEntry("c09", CheckKind.SEVERAL, 0.1, if_lacking=("22",))
    assert guiding((held,), "c09", 0) == (
        "1 of 1: a chromosome is missing. Look whether it lies here; press Enter if it does not."
    )
