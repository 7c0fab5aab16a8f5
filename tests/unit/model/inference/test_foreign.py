"""Where another separation is in use than the judge was fitted to, it asks sooner."""

from types import SimpleNamespace

from model.inference.separation_check import SOONER, bundled, judge_for
from model.segmentation.classical import ClassicalSeparator
from model.segmentation.learned import LearnedSeparator


def learned(sha256: str) -> LearnedSeparator:
    separator = LearnedSeparator.__new__(LearnedSeparator)
    separator.card = {"sha256": sha256}
    return separator


def test_of_its_own_separation_the_judge_stays_as_it_is() -> None:
    judge = bundled()
    assert judge_for(learned(judge.card["separation_sha256"]), judge) is judge
    assert judge_for(ClassicalSeparator(), judge) is judge


def test_of_another_one_it_asks_at_half_the_doubt() -> None:
    judge = bundled()
    careful = judge_for(learned("another"), judge)
    assert careful.found.threshold == SOONER * judge.found.threshold
    assert careful.rejected.threshold == SOONER * judge.rejected.threshold
    assert careful.found.weights is judge.found.weights
    assert judge.found.threshold == bundled().found.threshold


def test_a_judge_that_names_no_separation_is_left_alone() -> None:
    judge = SimpleNamespace(card={}, found=None, rejected=None)
    assert judge_for(learned("x"), judge) is judge  # type: ignore[arg-type]
