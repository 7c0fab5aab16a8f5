"""One network: who goes first, who makes way, and that every job ends exactly once."""

from collections.abc import Iterator
from threading import Event
from time import sleep
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, Progress
from karyogui.workers.network_queue import Job, Priority
from tests.unit.workers.desks import Desk

REPAIR, ASKED, QUALITY, UNASKED = Priority


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


# -- order -----------------------------------------------------------------------------------------


def test_jobs_of_one_priority_are_done_in_order_with_one_network(desk: Desk) -> None:
    for name in "abc":
        desk.submit(name, ASKED)
    desk.settle()
    assert desk.done == desk.begun == desk.titles == ["a", "b", "c"]
    assert desk.told == [("a", "a done"), ("b", "b done"), ("c", "c done")]
    assert desk.used == ["network 1"] * 3


def test_the_more_urgent_goes_first(desk: Desk) -> None:
    desk.gate.go.clear()
    desk.submit("first", REPAIR)
    for name, priority in (("u", UNASKED), ("q", QUALITY), ("a", ASKED), ("r", REPAIR)):
        desk.submit(name, priority)
    desk.settle()
    assert desk.done == desk.begun == ["first", "r", "a", "q", "u"]


def test_a_job_can_be_put_before_those_of_its_priority_and_made_more_urgent(desk: Desk) -> None:
    desk.gate.go.clear()
    desk.submit("first", REPAIR)
    desk.submit("a", ASKED)
    desk.submit("b", ASKED, first=True)
    late = desk.submit("c", UNASKED)
    desk.queue.submit(late, ASKED, first=True)
    desk.settle()
    assert desk.done == desk.begun == ["first", "c", "b", "a"]


def test_what_runs_and_becomes_more_urgent_goes_on(desk: Desk) -> None:
    desk.gate.go.clear()
    job = desk.submit("a", UNASKED)
    desk.wait_for("a")
    desk.queue.submit(job, ASKED)
    desk.submit("b", ASKED)
    desk.settle()
    assert desk.done == desk.begun == ["a", "b"]


def test_what_nobody_waits_for_begins_when_nothing_has_been_asked_for_a_while(
    qapp: QApplication,
) -> None:
    desk = Desk(quiet_ms=150)
    desk.submit("u", UNASKED)
    desk.submit("a", ASKED)
    desk.wait(lambda: desk.done == ["a"])
    desk.submit("b", ASKED)
    desk.wait(lambda: desk.done == ["a", "b"])
    assert desk.begun == ["a", "b"]
    desk.settle()
    assert desk.done == ["a", "b", "u"]
    desk.close()


# -- making way ------------------------------------------------------------------------------------


def test_a_repair_is_answered_before_the_analysis_that_runs(desk: Desk) -> None:
    """The analysis is told nothing of it: it begins again at its place."""
    stuck = Event()

    def analyse(monitor: Monitor) -> None:
        while not stuck.wait(0.002):
            monitor.report(Progress(1, 46, "Classifying"))

    desk.queue.submit(desk.job("analysis", 2, analyse), ASKED)
    desk.submit("next analysis", ASKED)
    desk.wait_for("analysis")
    desk.submit("repair", REPAIR)
    desk.wait(lambda: bool(desk.told))
    assert desk.told == [("repair", "repair done")]
    assert desk.done == ["repair"]
    stuck.set()
    desk.settle()
    assert desk.done == ["repair", "analysis", "next analysis"]
    assert desk.begun == ["analysis", "repair", "analysis", "next analysis"]
    assert [told for told, _ in desk.told] == desk.done


@pytest.mark.parametrize(
    ("runs", "comes", "makes_way"),
    [
        (UNASKED, REPAIR, True),
        (UNASKED, ASKED, True),
        (QUALITY, ASKED, True),
        (ASKED, REPAIR, True),
        (UNASKED, QUALITY, False),
        (ASKED, ASKED, False),
        (REPAIR, REPAIR, False),
        (REPAIR, ASKED, False),
    ],
)
def test_who_makes_way_for_whom(
    desk: Desk, runs: Priority, comes: Priority, makes_way: bool
) -> None:
    desk.gate.go.clear()
    desk.submit("old", runs)
    desk.wait_for("old")
    desk.submit("new", comes)
    if makes_way:
        desk.wait_for("new")
    desk.settle()
    assert desk.done == (["new", "old"] if makes_way else ["old", "new"])
    assert len(desk.begun) == 2 + makes_way


def test_what_is_done_before_it_can_make_way_is_done_and_not_done_twice(desk: Desk) -> None:
    told = Event()

    def deaf(_monitor: Monitor) -> None:
        told.wait(5)

    desk.queue.submit(desk.job("stored", 1, deaf), UNASKED)
    desk.wait_for("stored")
    desk.submit("repair", REPAIR)
    told.set()
    desk.settle()
    assert desk.done == desk.begun == ["stored", "repair"]
    assert desk.told == [("stored", "stored done"), ("repair", "repair done")]


def test_a_failure_of_what_should_make_way_is_told(desk: Desk) -> None:
    told = Event()

    def deaf(_monitor: Monitor) -> None:
        told.wait(5)
        raise KaryoError("The disk is full.")

    desk.queue.submit(desk.job("broken", 1, deaf), UNASKED)
    desk.wait_for("broken")
    desk.submit("repair", REPAIR)
    told.set()
    desk.settle()
    assert desk.told == [("broken", "The disk is full."), ("repair", "repair done")]


# -- how jobs end ----------------------------------------------------------------------------------


def test_a_failure_does_not_stop_the_others(desk: Desk) -> None:
    def broken(_monitor: Monitor) -> None:
        raise KaryoError("The disk is full.")

    desk.queue.submit(desk.job("a", 1, broken), REPAIR)
    desk.submit("b", REPAIR)
    desk.settle()
    assert desk.told == [("a", "The disk is full."), ("b", "b done")]


def test_a_listener_that_fails_does_not_stop_the_queue(desk: Desk, qtbot: Any) -> None:
    def clumsy(_result: object) -> None:
        raise RuntimeError("a bug")

    with qtbot.captureExceptions() as caught:
        desk.queue.submit(Job(1, lambda: "a", lambda *_: None, clumsy), ASKED)
        desk.submit("b", ASKED)
        desk.settle()
    assert [str(error) for _, error, _ in caught] == ["a bug"]
    assert desk.told == [("b", "b done")]


def test_what_has_not_been_begun_can_be_taken_back(desk: Desk) -> None:
    desk.gate.go.clear()
    first, second = desk.submit("a", REPAIR), desk.submit("b", REPAIR)
    assert desk.queue.is_waiting(second)
    assert desk.queue.cancel(second)
    assert desk.told == [("b", "cancelled")]
    assert not desk.queue.cancel(second)
    assert not desk.queue.cancel(first)  # it runs: it is asked to stop
    desk.settle()
    assert desk.told == [("b", "cancelled"), ("a", "cancelled")]
    assert desk.begun == ["a"]


def test_what_is_cancelled_in_the_window_does_not_begin_again(desk: Desk) -> None:
    desk.gate.go.clear()
    desk.submit("a", UNASKED)
    desk.wait_for("a")
    desk.submit("b", ASKED)
    desk.tasks[0].cancel()
    desk.settle()
    assert desk.told == [("a", "cancelled"), ("b", "b done")]


def test_what_was_done_before_it_could_be_cancelled_is_told_as_done(desk: Desk) -> None:
    told = Event()

    def deaf(_monitor: Monitor) -> None:
        told.wait(5)

    job = desk.job("stored", 1, deaf)
    desk.queue.submit(job, ASKED)
    desk.wait_for("stored")
    desk.queue.cancel(job)
    told.set()
    desk.settle()
    assert desk.told == [("stored", "stored done")]


def test_another_network_is_used_from_the_next_job_on(desk: Desk) -> None:
    desk.submit("a", ASKED)
    desk.settle()
    desk.queue.use(lambda: "another")  # type: ignore
    desk.submit("b", ASKED)
    desk.settle()
    assert desk.used == ["network 1", "another"]


def test_it_tells_which_cells_have_a_repair_to_come(desk: Desk) -> None:
    changes: list[tuple[int, ...]] = []
    desk.queue.changed.connect(lambda: changes.append(desk.queue.cells(REPAIR)))
    desk.gate.go.clear()
    desk.submit("a", ASKED, cell_id=9)
    desk.submit("r", REPAIR, cell_id=7)
    desk.submit("s", REPAIR, cell_id=3)
    desk.submit("t", REPAIR, cell_id=7)
    desk.wait_for("r")
    assert desk.queue.cells(REPAIR) == (7, 3)
    assert desk.queue.cells(ASKED, UNASKED) == (9,)
    desk.settle()
    desk.wait(lambda: changes[-1:] == [()])
    assert changes[0] == (7, 3)  # three submissions, told once


# -- closing ---------------------------------------------------------------------------------------


def test_stopping_ends_at_once_and_for_good(desk: Desk) -> None:
    desk.gate.go.clear()
    for name, priority in (("a", ASKED), ("b", ASKED), ("q", QUALITY)):
        desk.submit(name, priority)
    desk.wait_for("a")
    desk.queue.stop()
    assert desk.queue.running is None
    assert not desk.tasks[0].isRunning()
    assert sorted(desk.told) == [(name, "cancelled") for name in "abq"]
    desk.submit("late", REPAIR)
    assert desk.told[-1] == ("late", "cancelled")
    QCoreApplication.processEvents()
    assert desk.begun == ["a"]
    assert len(desk.told) == 4


# -- whatever comes --------------------------------------------------------------------------------

KINDS = ("works", "fails", "is deaf")
ACTS = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(list(Priority)), st.sampled_from(KINDS)),
    st.tuples(st.just("raise"), st.sampled_from(list(Priority)), st.integers(0, 20)),
    st.tuples(st.just("cancel"), st.just(ASKED), st.integers(0, 20)),
    st.tuples(st.just("wait"), st.just(ASKED), st.integers(1, 6)),
)


def _work_of(kind: str) -> Any:
    def work(monitor: Monitor) -> None:
        for step in range(3):
            if kind != "is deaf":
                monitor.report(Progress(step, 3, ""))
            sleep(0.0005)
        if kind == "fails":
            raise KaryoError("It fails.")

    return work


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(acts=st.lists(ACTS, max_size=25), closes=st.booleans())
def test_no_job_is_lost_or_done_twice(qapp: QApplication, acts: list[Any], closes: bool) -> None:
    desk = Desk()
    jobs: list[tuple[str, str, Job]] = []
    for act, priority, what in acts:
        if act == "submit":
            name = f"{len(jobs)}"
            jobs.append((name, what, desk.job(name, len(jobs), _work_of(what))))
            desk.queue.submit(jobs[-1][2], priority)
        elif act == "wait":
            sleep(0.0005 * what)
            QCoreApplication.processEvents()
        elif jobs:
            name, _, job = jobs[what % len(jobs)]
            ended = any(name == told for told, _ in desk.told)
            if act == "cancel":
                desk.queue.cancel(job)
            elif not ended:
                desk.queue.submit(job, priority)
    if not closes:
        desk.settle()
    desk.close()
    assert sorted(name for name, _ in desk.told) == sorted(name for name, _, _ in jobs)
    outcomes = dict(desk.told)
    for name, kind, _ in jobs:
        said, times = outcomes[name], desk.done.count(name)
        assert times == (1 if said == f"{name} done" else 0)
        assert said in (f"{name} done", "cancelled") if kind != "fails" else said != f"{name} done"
    assert desk.most <= 1
    assert desk.queue.running is None
