"""Undo and redo in order; what is refused is no step."""

import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.sitting import ActionKind
from karyogui.ui.board.commands import EditHistory, Show, Step


class Note(Step):
    def __init__(self, text: str, log: list[str]) -> None:
        super().__init__(text)
        self._log = log
        self.is_refused = False
        """As by a full disk: undo and redo leave it as it is."""

    def record(self, back: bool) -> Show | None:
        if self.is_refused:
            return None
        return lambda: self._log.append(f"{'-' if back else '+'}{self.text()}")


class Desk:
    def __init__(self) -> None:
        self.history = EditHistory()
        self.log: list[str] = []
        self.steps: list[ActionKind] = []
        self.history.stepped.connect(self.steps.append)
        for text in "abc":
            self.history.push(Note(text, self.log))


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk()


def test_steps_are_taken_at_once_and_told(desk: Desk) -> None:
    desk.history.undo()
    desk.history.undo()
    desk.history.redo()
    assert desk.log == ["-c", "-b", "+b"]
    assert desk.steps == [ActionKind.UNDO, ActionKind.UNDO, ActionKind.REDO]


def test_nothing_is_told_where_there_is_nothing_to_undo(desk: Desk) -> None:
    desk.history.redo()
    for _ in range(5):
        desk.history.undo()
    assert desk.log == ["-c", "-b", "-a"]
    assert len(desk.steps) == 3


def test_a_step_that_is_refused_is_no_action(desk: Desk) -> None:
    """It costs nobody a correction: nothing has happened."""
    last = desk.history.command(2)
    assert isinstance(last, Note)
    last.is_refused = True
    desk.history.undo()
    assert (desk.steps, desk.log, desk.history.index()) == ([], [], 3)
    last.is_refused = False
    desk.history.undo()
    last.is_refused = True
    desk.history.redo()
    assert (desk.steps, desk.log, desk.history.index()) == ([ActionKind.UNDO], ["-c"], 2)


def test_what_happens_in_a_step_is_known_as_such(desk: Desk) -> None:
    seen: list[bool] = []
    desk.history.indexChanged.connect(lambda _: seen.append(desk.history.is_stepping))
    desk.history.undo()
    assert seen == [True]
    assert not desk.history.is_stepping
