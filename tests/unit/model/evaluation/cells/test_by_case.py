"""Halves by case, cross-fitted calibration, intervals over cases."""

import dataclasses

import numpy as np
import pytest

from model.evaluation.cells.by_case import CrossFit, drawn_cases, halves, mean_over_cases
from model.vocabulary.errors import ModelError
from tests.unit.model.simulated import normal_formulas, simulate


class TestHalves:
    def test_no_case_is_in_both(self) -> None:
        cases = [f"case {n % 7}" for n in range(40)]
        half = halves(cases)
        for case in set(cases):
            assert len({int(h) for h, c in zip(half, cases, strict=True) if c == case}) == 1

    def test_both_have_about_as_many_cells(self) -> None:
        cases = ["large"] * 6 + [f"small {n}" for n in range(6)]
        assert sorted(np.bincount(halves(cases)).tolist()) == [6, 6]

    def test_the_seed_decides(self) -> None:
        cases = [f"case {n}" for n in range(20)]
        assert halves(cases, 1).tolist() == halves(cases, 1).tolist()
        assert halves(cases, 1).tolist() != halves(cases, 2).tolist()

    def test_one_case_cannot_be_parted(self) -> None:
        with pytest.raises(ModelError, match="at least two cases"):
            halves(["a", "a"])


class TestCrossFit:
    def test_a_cell_is_reported_with_the_fit_of_the_other_half(self) -> None:
        posteriors = simulate(normal_formulas(8))
        fitted = CrossFit.of(posteriors)
        table = fitted.calibrated()
        for cell in range(8):
            rows = posteriors.members(cell)
            other = fitted.fits[1 - fitted.half[cell]]
            assert np.allclose(table[rows], other.apply(posteriors.probabilities[rows]))

    def test_the_reported_half_does_not_change_its_own_calibration(self) -> None:
        posteriors = simulate(normal_formulas(8))
        half = halves(posteriors.cases)
        labels = posteriors.types.copy()
        labels[half[posteriors.cell] == 0] = 0
        spoilt = CrossFit.of(dataclasses.replace(posteriors, types=labels))
        honest = CrossFit.of(posteriors)
        assert spoilt.fits[1] == honest.fits[1]
        assert spoilt.fits[0] != honest.fits[0]

    def test_cells_with_something_unseen_are_no_hosts(self) -> None:
        posteriors = simulate(["XX", "XY", "XX +21", "XY"])
        seen = posteriors.seen.copy()
        seen[posteriors.members(1)[5]] = False
        fitted = CrossFit.of(dataclasses.replace(posteriors, seen=seen))
        assert fitted.whole_normal_cells().tolist() == [0, 3]
        assert len(fitted.members(1)) == 45

    def test_a_half_without_anything_seen(self) -> None:
        posteriors = simulate(normal_formulas(4))
        nothing = halves(posteriors.cases)[posteriors.cell] == 1
        with pytest.raises(ModelError, match="no chromosome to fit"):
            CrossFit.of(dataclasses.replace(posteriors, seen=~nothing))


class TestIntervals:
    def test_cells_of_a_case_are_drawn_together(self) -> None:
        values = np.tile([0.0, 1.0], 50)
        alone = mean_over_cases(values, [f"case {n}" for n in range(100)])
        together = mean_over_cases(np.repeat([0.0, 1.0], 50), ["a"] * 50 + ["b"] * 50)
        assert alone is not None
        assert together is not None
        assert alone[0] == together[0] == 0.5
        assert 0.35 < alone[1] < alone[2] < 0.65
        assert together[1:] == (0.0, 1.0)

    def test_nothing_has_no_mean(self) -> None:
        assert mean_over_cases(np.empty(0), []) is None

    def test_every_draw_has_as_many_cases(self) -> None:
        weights = drawn_cases(7, 20)
        assert weights.shape == (20, 7)
        assert (weights.sum(1) == 7).all()
