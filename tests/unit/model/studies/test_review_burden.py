"""How much must be looked at: by hand-made orders, and on simulated cells."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from model.studies.review_burden import (
    JSON,
    MAP_SOFTMAX,
    MARGIN,
    MARGINS,
    SOFTMAX,
    TABLE,
    WITH_RULES,
    Order,
    Reading,
    burden,
    by_margin,
    figures,
    main,
    read,
)
from tests.unit.model.simulated import normal_formulas, simulate


def order(right: list[bool], sureness: list[float], always: list[bool] | None = None) -> Order:
    n = len(right)
    return Order(
        np.array(right),
        np.array(sureness),
        np.array(always or [False] * n),
        np.arange(n) % 4,
    )


class TestOrder:
    def test_the_threshold_keeps_as_much_as_the_target_allows(self) -> None:
        ranked = order([True, True, False, True], [4.0, 3.0, 2.0, 1.0])
        assert ranked.threshold(1.0) == 3.0
        assert ranked.threshold(0.75) == 1.0
        assert ranked.accepted(3.0).tolist() == [True, True, False, False]

    def test_equally_sure_ones_are_looked_at_together(self) -> None:
        ranked = order([True, True, False], [4.0, 3.0, 3.0])
        assert ranked.threshold(1.0) == 4.0

    def test_nothing_is_sure_enough(self) -> None:
        ranked = order([False, True], [2.0, 1.0])
        assert ranked.threshold(0.9) == float("inf")
        assert not ranked.accepted(ranked.threshold(0.9)).any()

    def test_what_is_always_looked_at_neither_counts_nor_is_kept(self) -> None:
        ranked = order([False, True, True], [9.0, 2.0, 1.0], [True, False, False])
        assert ranked.threshold(1.0) == 1.0
        assert ranked.accepted(1.0).tolist() == [False, True, True]


class TestBurden:
    def test_of_46(self) -> None:
        ranked = order([True] * 90 + [False] * 10, list(np.linspace(2, 1, 100)))
        found = burden(ranked, 1.0, np.arange(100) % 2)
        assert found.looked_at == pytest.approx(4.6)
        assert (found.accepted, found.accuracy) == (90, 1.0)
        assert found.exact_bound == pytest.approx(0.05 ** (1 / 90))
        assert found.interval[0] <= found.looked_at <= found.interval[1]

    def test_the_threshold_of_the_other_half_can_fail(self) -> None:
        # Half 0 is right throughout; half 1 is wrong where half 0 is sure enough.
        half = np.repeat([0, 1], 50)
        right = [True] * 50 + [True] * 25 + [False] * 25
        ranked = order(right, list(np.linspace(2, 1, 50)) * 2)
        found = burden(ranked, 1.0, half)
        assert found.accuracy == 1.0
        assert found.crossed_accuracy is not None
        assert found.crossed_accuracy < 0.8

    def test_nothing_can_be_kept(self) -> None:
        found = burden(order([False] * 8, [1.0] * 8), 0.99, np.arange(8) % 2)
        assert (found.looked_at, found.accepted, found.accuracy) == (46.0, 0, None)
        assert (found.exact_bound, found.case_bound, found.crossed) == (None, None, 46.0)

    def test_fixed_margins(self) -> None:
        ranked = order([True, False, True, True], [0.4, 2.5, 7.0, 8.0])
        rows = by_margin(ranked, np.array([0, 0, 1, 1]))
        assert [row["margin"] for row in rows] == list(MARGINS)
        assert rows[0] == {
            "margin": 0.5, "looked_at_of_46": 11.5, "accuracy_of_rest": pytest.approx(2 / 3),
            "errors_escaped_per_cell": 0.5, "cells_untouched": 0.5,
        }  # fmt: skip
        assert rows[3]["errors_escaped_per_cell"] == 0


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(simulate([*normal_formulas(10), "XX +13", "XY"], noise=1.3, seed=5))


class TestRead:
    def test_the_cell_knows_more_than_its_chromosomes(self, reading: Reading) -> None:
        accuracy = {name: order.right.mean() for name, order in reading.orders.items()}
        assert accuracy[MARGIN] == accuracy[MAP_SOFTMAX] == accuracy[WITH_RULES]
        assert accuracy[MARGIN] > accuracy[SOFTMAX]

    def test_the_rules_are_part_of_the_burden(self, reading: Reading) -> None:
        found = figures(reading)["orders"]
        assert isinstance(found, dict)
        asked = found[WITH_RULES]["always_of_46"]
        assert asked > 0
        assert all(one["looked_at"] >= asked for one in found[WITH_RULES]["targets"])

    def test_what_was_not_seen_is_wrong_and_looked_at(self) -> None:
        posteriors = simulate(normal_formulas(4))
        seen = posteriors.seen.copy()
        seen[:10] = False
        found = read(dataclasses.replace(posteriors, seen=seen))
        for order in found.orders.values():
            assert order.always[:10].all()
            assert not order.right[:10].any()

    def test_a_cell_without_anything_seen(self) -> None:
        posteriors = simulate(normal_formulas(6))
        seen = posteriors.seen.copy()
        seen[posteriors.members(0)] = False
        found = read(dataclasses.replace(posteriors, seen=seen))
        assert found.orders[MARGIN].always.sum() == 46


def test_writes_what_it_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulate(normal_formulas(16), noise=1.4).save(tmp_path / "p.npz")
    assert main(["--posteriors", str(tmp_path / "p.npz"), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / TABLE).read_text(encoding="utf-8") == capsys.readouterr().out
    found = json.loads((tmp_path / "out" / JSON).read_text())
    assert found["chromosomes"] == 16 * 46
    assert found["calibration"]["after"]["nll"] < found["calibration"]["before"]["nll"]
    assert sum(row["chromosomes"] for row in found["calibration"]["after"]["bins"]) == 16 * 46


def test_one_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulate(["XX", "XX"]).save(tmp_path / "p.npz")
    assert main(["--posteriors", str(tmp_path / "p.npz"), "--out", str(tmp_path)]) == 2
    assert "two cases" in capsys.readouterr().err
