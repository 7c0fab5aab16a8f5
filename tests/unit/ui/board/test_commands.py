import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.karyogram import TRAY, Change, Karyogram, Placement
from karyogui.errors import KaryoError
from karyogui.ui.board.commands import EditHistory, EditKaryogram, Journal, TurnFinely


class Desk:
    """A karyogram, its journal and its history, and a record that can refuse."""

    def __init__(self) -> None:
        self.karyogram = Karyogram([Placement("a", "1", 0), Placement("b", "2", 0)])
        self.recorded: list[Change] = []
        self.refusals: list[KaryoError] = []
        self.error: Exception | None = None
        self.journal = Journal(self.karyogram, self.record, self.refusals.append)
        self.history = EditHistory()

    def record(self, change: Change) -> None:
        if self.error:
            raise self.error
        self.recorded.append(change)

    def commit(self, change: Change) -> bool:
        show = self.journal.record(change)
        if show is not None:
            show()
        return show is not None

    def move(self, name: str, slot: str) -> None:
        change = self.karyogram.move([name], slot)
        assert self.commit(change)
        self.history.push(EditKaryogram(self.journal, change))

    def turn(self, name: str, degrees: float) -> None:
        change = self.karyogram.turn([name], degrees)
        assert self.commit(change)
        self.history.push(TurnFinely(self.journal, change, degrees))

    def slot(self, name: str) -> str:
        return self.karyogram.placement(name).slot


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


FULL = KaryoError("The disk is full.")


def test_each_edit_happens_and_is_recorded_once(desk: Desk) -> None:
    desk.move("a", TRAY)
    assert desk.slot("a") == TRAY
    assert len(desk.recorded) == 1


def test_undo_and_redo_are_recorded_too(desk: Desk) -> None:
    desk.move("a", TRAY)
    desk.history.undo()
    assert desk.slot("a") == "1"
    desk.history.redo()
    assert desk.slot("a") == TRAY
    first, undone, redone = desk.recorded
    assert undone == first.inverse
    assert redone == first


def test_a_refused_edit_leaves_everything_and_tells(desk: Desk) -> None:
    desk.error = FULL
    before = desk.karyogram.placements
    assert not desk.commit(desk.karyogram.move(["a"], TRAY))
    assert desk.karyogram.placements == before
    assert desk.refusals == [FULL]


def test_a_bug_in_recording_takes_back_and_is_not_swallowed(desk: Desk) -> None:
    desk.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        desk.commit(desk.karyogram.move(["a"], TRAY))
    assert desk.slot("a") == "1"
    assert not desk.refusals


def test_a_refused_undo_can_be_tried_again(desk: Desk) -> None:
    desk.move("a", TRAY)
    desk.move("b", TRAY)
    desk.error = FULL
    desk.history.undo()
    assert desk.slot("b") == TRAY
    assert desk.history.index() == 2
    assert len(desk.refusals) == 1
    desk.error = None
    desk.history.undo()
    desk.history.undo()
    assert (desk.slot("a"), desk.slot("b")) == ("1", "2")


def test_a_refused_redo_can_be_tried_again(desk: Desk) -> None:
    desk.move("a", TRAY)
    desk.history.undo()
    desk.error = FULL
    desk.history.redo()
    assert desk.slot("a") == "1"
    assert desk.history.index() == 0
    desk.error = None
    desk.history.redo()
    assert desk.slot("a") == TRAY


def test_fine_turns_of_the_same_chromosome_are_one_step(desk: Desk) -> None:
    for _ in range(3):
        desk.turn("a", 1)
    desk.turn("a", -5)
    assert desk.history.count() == 1
    assert desk.history.undoText() == "Turn by -2°"
    assert desk.karyogram.placement("a").turn == 358
    desk.history.undo()
    assert desk.karyogram.placement("a").turn == 0
    desk.history.redo()
    assert desk.karyogram.placement("a").turn == 358


def test_turning_back_to_the_start_leaves_no_step(desk: Desk) -> None:
    desk.turn("a", 1)
    desk.turn("a", -1)
    assert desk.history.count() == 0
    assert len(desk.recorded) == 2


def test_turns_of_others_and_turns_after_a_move_do_not_merge(desk: Desk) -> None:
    desk.turn("a", 1)
    desk.turn("b", 1)
    desk.move("b", TRAY)
    desk.turn("b", 1)
    assert desk.history.count() == 4
