import pytest

from karyogui.ui.training.progress import TrainingProgress
from model.vocabulary.events import Event

STARTED = Event(
    "started",
    {
        "preset": "compact",
        "device": "cpu",
        "parameters": 1000,
        "steps": ["global", "heads"],
        "epochs": {"global": 3, "heads": 1},
    },
)


def batch(step: str, epoch: int, done: int) -> Event:
    fields = {"step": step, "epoch": epoch, "done": done, "total": 10, "loss": 0.5}
    return Event("batch", fields)


def epoch(step: str, number: int) -> Event:
    return Event("epoch", {"step": step, "epoch": number, "loss": 0.25})


@pytest.mark.parametrize(
    ("events", "fraction"),
    [
        ([], 0.0),
        ([batch("global", 1, 5)], 0.125),
        ([batch("global", 1, 10), epoch("global", 1)], 0.25),
        ([batch("global", 1, 10), epoch("global", 1), batch("global", 2, 5)], 0.375),
        ([epoch("global", n) for n in (1, 2, 3)] + [batch("heads", 1, 5)], 0.875),
        ([epoch("heads", n) for n in (1, 1, 1, 1, 1)], 1.0),
    ],
)
def test_the_whole_training_is_measured(events: list[Event], fraction: float) -> None:
    progress = TrainingProgress().after(STARTED)
    for event in events:
        progress = progress.after(event)
    assert progress.fraction == pytest.approx(fraction)


def test_words_tell_step_epoch_batch_and_time_left() -> None:
    progress = TrainingProgress().after(STARTED)
    for event in (epoch("global", 1), batch("global", 2, 5)):
        progress = progress.after(event)
    words = progress.words(elapsed=375.0)
    assert words == (
        "Step 1 of 2 (global) · epoch 2 of 3 · batch 5 of 10 · loss 0.500 · about 10 min left"
    )


def test_what_was_done_before_counts_after_resuming() -> None:
    history = [{"step": "global"}, {"step": "global"}]
    resumed = Event("started", {**STARTED.fields, "resumed_history": history})
    assert TrainingProgress().after(resumed).fraction == pytest.approx(0.5)


def test_before_the_first_batch_it_says_that_it_starts() -> None:
    assert TrainingProgress().words(1.0) == "Starting…"
    assert TrainingProgress().after(STARTED).words(1.0) == "Starting on cpu…"


def test_odd_fields_do_no_harm() -> None:
    odd = Event("batch", {"step": None, "done": "x", "total": None, "loss": None})
    started = Event("started", {"steps": "global", "epochs": 3})
    progress = TrainingProgress().after(started).after(odd)
    assert progress.fraction == 0.0
    assert progress.after(Event("something new", {})) == progress


def test_a_pause_and_what_the_machine_does_are_told() -> None:
    facts = {"device": "cuda:0", "images_per_second": 812.4, "memory": 2048, "cuda_memory": 512}
    told = Event("batch", {**batch("global", 1, 5).fields, **facts, "seconds_left": 60})
    progress = TrainingProgress().after(STARTED).after(told)
    assert progress.words(500.0).endswith("about 60 s left")
    assert progress.machine == (
        "cuda:0 · 1,000 parameters · 812 images/s · memory 2.0 GiB · on the graphics card 0.5 GiB"
    )
    paused = progress.after(Event("paused", {}))
    assert paused.words(500.0).endswith("paused")
    assert not paused.after(Event("resumed", {})).is_paused
    # A batch is the proof that it goes on.
    assert not paused.after(batch("global", 1, 6)).is_paused
