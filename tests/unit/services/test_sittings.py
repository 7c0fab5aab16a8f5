"""Sittings: what counts as time at a cell, and that none is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from karyogui.domain.cell import Cell
from karyogui.domain.sitting import ActionKind, CorrectionCost
from karyogui.errors import KaryoError
from karyogui.services.sittings import IDLE_SECONDS, SittingRecorder
from karyogui.services.workspace import Workspace
from karyogui.storage.cases import NewCell
from karyogui.storage.cells import CellStore
from tests.unit.services.metaphases import Bench, open_bench


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Work:
    """A person at a recorder, in steps of seconds."""

    def __init__(self, cells: CellStore) -> None:
        self.clock = Clock()
        self.who = "ann"
        self.recorder = SittingRecorder(cells, lambda: self.who, self.clock)

    def after(self, seconds: float, kind: ActionKind | None = None) -> None:
        self.clock.now += seconds
        if kind is None:
            self.recorder.touch()
        else:
            self.recorder.note(kind)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    opened = open_bench(tmp_path / "photographs")
    yield opened
    opened.database.close()


@pytest.fixture
def work(bench: Bench) -> Work:
    return Work(bench.cells)


def sittings(bench: Bench) -> list[tuple[str, float, dict[ActionKind, int]]]:
    return [(s.who, s.seconds_active, dict(s.actions)) for s in bench.cell.sittings]


def test_actions_and_seconds_are_stored_when_the_sitting_ends(bench: Bench, work: Work) -> None:
    work.recorder.start(bench.cell_id)
    work.after(4.0, ActionKind.CUT)
    work.after(3.0)
    work.after(2.0, ActionKind.CUT)
    work.after(1.0, ActionKind.MOVE)
    assert sittings(bench) == []
    work.clock.now += 5.0
    ended = work.recorder.stop()
    assert sittings(bench) == [("ann", 15.0, {ActionKind.CUT: 2, ActionKind.MOVE: 1})]
    assert ended is not None
    assert CorrectionCost.of([ended]).corrections == 3
    assert ended.started <= ended.ended
    assert work.recorder.cell_id is None
    assert work.recorder.stop() is None
    assert len(sittings(bench)) == 1


def test_nobody_is_there_after_a_minute_without_input(bench: Bench, work: Work) -> None:
    work.recorder.start(bench.cell_id)
    work.after(IDLE_SECONDS, ActionKind.MOVE)
    work.after(IDLE_SECONDS + 0.1, ActionKind.MOVE)
    work.after(2.0)
    work.clock.now += 3600.0
    work.recorder.stop()
    assert sittings(bench) == [("ann", IDLE_SECONDS + 2.0, {ActionKind.MOVE: 2})]


def test_time_away_does_not_count(bench: Bench, work: Work) -> None:
    work.recorder.start(bench.cell_id)
    work.after(5.0, ActionKind.TURN)
    work.clock.now += 2.0
    work.recorder.pause()
    work.clock.now += 30.0
    work.recorder.pause()
    work.clock.now += 30.0
    work.recorder.resume()
    work.after(1.0)
    work.recorder.pause()
    work.clock.now += 30.0
    work.recorder.stop()
    assert sittings(bench) == [("ann", 8.0, {ActionKind.TURN: 1})]


def test_coming_back_without_having_left_costs_no_time(bench: Bench, work: Work) -> None:
    work.recorder.start(bench.cell_id)
    work.after(5.0, ActionKind.TURN)
    work.clock.now += 7.0
    work.recorder.resume()
    work.after(1.0)
    work.recorder.stop()
    assert sittings(bench)[0][1] == 13.0


def test_an_action_ends_a_pause(bench: Bench, work: Work) -> None:
    work.recorder.start(bench.cell_id)
    work.recorder.pause()
    work.after(30.0, ActionKind.JOIN)
    work.after(3.0)
    work.recorder.stop()
    assert sittings(bench) == [("ann", 3.0, {ActionKind.JOIN: 1})]


def test_another_cell_is_another_sitting_and_the_same_goes_on(bench: Bench, work: Work) -> None:
    (picture,) = bench.cell.pictures
    _, (other,) = bench.cases.add([NewCell("l", "case 2", "cell 2", (picture,), None)], None)
    work.recorder.start(bench.cell_id)
    work.after(5.0, ActionKind.TURN)
    work.recorder.start(bench.cell_id)
    work.after(5.0)
    assert sittings(bench) == []
    work.recorder.start(other)
    assert work.recorder.cell_id == other
    assert sittings(bench) == [("ann", 10.0, {ActionKind.TURN: 1})]
    work.after(2.0, ActionKind.SPLIT)
    work.recorder.stop()
    assert len(sittings(bench)) == 1
    assert bench.cells.load(other).cost.seconds_active == 2.0


def test_looking_alone_is_no_sitting(bench: Bench, work: Work) -> None:
    work.recorder.start(bench.cell_id)
    work.after(30.0)
    assert work.recorder.stop() is None
    assert sittings(bench) == []


def test_without_a_cell_nothing_is_recorded(bench: Bench, work: Work) -> None:
    work.after(5.0, ActionKind.MOVE)
    work.recorder.pause()
    work.recorder.resume()
    assert work.recorder.stop() is None
    work.recorder.start(bench.cell_id)
    work.after(1.0, ActionKind.MOVE)
    work.recorder.stop()
    assert sittings(bench) == [("ann", 1.0, {ActionKind.MOVE: 1})]


def test_who_is_at_it_is_asked_each_time(bench: Bench, work: Work) -> None:
    for name in ("ann", "bob"):
        work.who = name
        work.recorder.start(bench.cell_id)
        work.after(1.0, ActionKind.MOVE)
        work.recorder.stop()
    assert [who for who, *_ in sittings(bench)] == ["ann", "bob"]
    assert bench.cell.cost.corrections == 2


def test_what_a_full_disk_refused_is_stored_the_next_time(
    bench: Bench, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise KaryoError("The disk is full.")

    work.recorder.start(bench.cell_id)
    work.after(1.0, ActionKind.MOVE)
    with monkeypatch.context() as patched:
        patched.setattr(bench.cells, "add_sitting", refuse)
        with pytest.raises(KaryoError, match="disk is full"):
            work.recorder.stop()
    work.recorder.start(bench.cell_id)
    assert sittings(bench) == [("ann", 1.0, {ActionKind.MOVE: 1})]
    assert work.recorder.cell_id == bench.cell_id  # and the next one has begun
    work.after(2.0, ActionKind.CUT)
    work.recorder.stop()
    assert [seconds for _, seconds, _ in sittings(bench)] == [1.0, 2.0]


def test_a_data_folder_makes_recorders(workspace: Workspace, analysed: Cell) -> None:
    recorder = workspace.recorder(lambda: "ann")
    recorder.start(analysed.id)
    recorder.note(ActionKind.MIRROR)
    recorder.stop()
    (sitting,) = workspace.library.cell(analysed.id).sittings
    assert (sitting.who, dict(sitting.actions)) == ("ann", {ActionKind.MIRROR: 1})
    assert sitting.seconds_active >= 0
