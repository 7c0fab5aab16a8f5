import pytest
import torch

from model.training.pace import Pace, seconds_left

PLAN = (("G-Net", 3), ("localisation", 1), ("L-Net", 2), ("Varifocal-Net", 4))


def test_time_left_by_the_costs_of_later_steps() -> None:
    # 2 of 3 epochs done, 10 s each; later steps by their cost relative to the G-Net's.
    assert seconds_left(PLAN, 0, 2.0, 10.0, []) == pytest.approx(10 + 4 + 24 + 80)


def test_time_left_by_what_a_step_took_before() -> None:
    history = [{"step": "L-Net", "seconds": 100.0}, {"step": "L-Net", "seconds": 50.0}]
    assert seconds_left(PLAN, 1, 0.5, 4.0, history) == pytest.approx(2 + 2 * 50 + 4 * 20)


def test_an_unknown_network_counts_like_the_g_net() -> None:
    assert seconds_left((("ResNet", 5),), 0, 1.5, 2.0, []) == pytest.approx(7)
    assert seconds_left(PLAN, 3, 4.0, 9.0, []) == 0


def test_what_an_event_tells() -> None:
    pace = Pace(torch.device("cpu"))
    pace.add(64)
    told = pace.figures(12.4)
    assert told.keys() == {"device", "images_per_second", "seconds_left", "memory"}
    assert told["seconds_left"] == 12
    assert told["images_per_second"] > 0


def test_a_pause_does_not_count() -> None:
    pace = Pace(torch.device("cpu"))
    before = pace.seconds
    pace.leave_out(1000.0)
    assert pace.seconds < before - 900
