"""The study of the assignments counts rightly and chooses its operating point by the rule."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from model.evaluation.cells.by_case import CrossFit
from model.studies import assignment_study, assignment_tables
from model.studies.assignment_outcomes import (
    ALGORITHM_1,
    ALGORITHM_1_RAW,
    ARGMAX,
    MAP,
    Judge,
    Outcome,
    Result,
    map_name,
    strongest_against,
)
from model.studies.assignment_study import Settings, main, operating_gain, study
from model.studies.virtual import (
    ABNORMAL,
    ALIKE,
    BALANCED_KINDS,
    FLAT,
    GAIN,
    LOSS,
    NORMAL,
    MadeCell,
)
from model.vocabulary.labels import TYPES, X
from tests.unit.model.assignment.cells import certain, complement
from tests.unit.model.simulated import normal_formulas, simulate

SMALL = Settings(gains=(1e-3, 1e-2), unknowns=(3.0, 7.0), at_least=22)


@pytest.fixture(scope="module")
def result() -> Result:
    return study(simulate([*normal_formulas(6), "XX +21", "XY -X"], seed=3), SMALL)


class TestJudge:
    def judge(self, formula: str, kind: str = GAIN) -> tuple[Judge, np.ndarray]:
        posteriors = simulate([formula, "XX"])
        rows = posteriors.members(0)
        cell = MadeCell(kind, "", 0, rows, np.empty((0, 24)))
        return Judge(posteriors, cell), posteriors.types[rows].copy()

    def outcome(self, formula: str, wrong: dict[str, str], kind: str = GAIN) -> Outcome:
        """Answers that are right but for one chromosome of each type in `wrong`."""
        judge, types = self.judge(formula, kind)
        answers = types.copy()
        for label, answer in wrong.items():
            answers[np.flatnonzero(types == TYPES.index(label))[0]] = TYPES.index(answer)
        return judge.outcome(certain(types.tolist()), answers)

    def test_everything_right(self) -> None:
        found = self.outcome("XX +21", {})
        assert (found.all_right, found.exact, found.change_right, found.flagged) == (True,) * 4
        assert (found.accuracy, found.against) == (1, 0)

    def test_an_error_beside_the_gain_leaves_the_gained_type_right(self) -> None:
        found = self.outcome("XX +21", {"4": "5"})
        assert (found.exact, found.change_right, found.flagged) == (False, True, True)
        assert found.accuracy == pytest.approx(46 / 47)

    def test_the_gain_told_of_another_type(self) -> None:
        assert not self.outcome("XX +21", {"21": "22"}).change_right

    def test_a_pair_exchanged_leaves_the_counts_right(self) -> None:
        found = self.outcome("XX +21", {"9": "10", "10": "9"})
        assert (found.all_right, found.exact) == (False, True)

    def test_sex_chromosomes_are_one_change(self) -> None:
        assert self.outcome("XXY", {}).change_right
        assert not self.outcome("XXY", {"Y": "X"}).change_right

    def test_a_gain_called_normal_is_not_flagged(self) -> None:
        judge, types = self.judge("XX +21")
        types[np.flatnonzero(types == TYPES.index("21"))[0]] = -1
        found = judge.outcome(certain(complement("XX +21")), types)
        assert (found.flagged, found.change_right, found.lost) == (False, False, 1)

    def test_a_chromosome_that_was_not_seen_is_missed(self) -> None:
        posteriors = simulate(["XX", "XY"])
        seen = posteriors.seen.copy()
        seen[3] = False
        posteriors = dataclasses.replace(posteriors, seen=seen)
        rows = posteriors.members(0)[posteriors.seen[:46]]
        judge = Judge(posteriors, MadeCell(NORMAL, "", 0, rows, np.empty((0, 24))))
        types = posteriors.types[rows]
        found = judge.outcome(certain(types.tolist()), types)
        assert found.accuracy == pytest.approx(45 / 46)
        assert (found.all_right, found.exact, found.flagged) == (False, False, True)


def test_what_speaks_against_an_answer_is_a_log_ratio() -> None:
    table = np.full((2, 24), 0.01)
    table[0, 3], table[0, 4] = 0.6, 0.06
    table[1, 7] = 0.9
    assert strongest_against(table, np.array([4, 7])) == pytest.approx(np.log(10))
    assert strongest_against(table, np.array([-1, 7])) == 0
    assert strongest_against(table, np.array([-1, -1])) == 0


class TestOperatingGain:
    def test_the_largest_with_few_enough_false_flags(self) -> None:
        flags = {
            0.001: [False] * 100,
            0.01: [True] * 2 + [False] * 98,
            0.03: [True] * 3 + [False] * 97,
        }
        assert operating_gain(flags) == 0.01

    def test_the_smallest_when_none_will_do(self) -> None:
        assert operating_gain({0.001: [True], 0.01: [True]}) == 0.001


class TestStudy:
    def test_every_method_answers_for_every_cell(self, result: Result) -> None:
        sizes = {len(outcomes) for outcomes in result.outcomes.values()}
        assert len(sizes) == 1
        assert set(result.outcomes) == {
            ARGMAX, ALGORITHM_1_RAW, ALGORITHM_1, MAP, map_name(1e-3), map_name(1e-2)
        }  # fmt: skip
        assert len(result.of(MAP, GAIN)) == len(result.of(MAP, LOSS)) == 22
        assert len(result.of(MAP, ABNORMAL)) == 2

    def test_the_cell_as_a_whole_is_surer_than_its_chromosomes(self, result: Result) -> None:
        def exact(method: str, kind: str) -> float:
            return float(np.mean([o.exact for o in result.of(method, kind)]))

        for kind in (NORMAL, LOSS):
            assert exact(MAP, kind) > exact(ARGMAX, kind)

    def test_map_at_the_operating_point_is_the_one_chosen_by_the_other_half(
        self, result: Result
    ) -> None:
        posteriors = simulate([*normal_formulas(6), "XX +21", "XY -X"], seed=3)
        half = CrossFit.of(posteriors).half
        of_case = dict(zip(posteriors.cases, half.tolist(), strict=True))
        for number, outcome in enumerate(result.outcomes[MAP]):
            at = result.operating[1 - of_case[outcome.case]]
            assert outcome == result.outcomes[map_name(at.gain)][number]
            assert outcome.alarm == (outcome.against > at.evidence[at.gain])

    def test_counts_do_not_see_what_they_balance_but_the_evidence_flag_can(
        self, result: Result
    ) -> None:
        balanced = result.of(map_name(1e-3), *BALANCED_KINDS)
        hidden = [o for o in balanced if not o.flagged]
        assert hidden
        assert np.mean([o.alarm for o in hidden]) > 0.5

    def test_a_dear_unknown_takes_nothing_and_a_cheap_one_takes_debris(
        self, result: Result
    ) -> None:
        def told(cost: float, kind: str) -> float:
            found = [o.strays for o in result.unknowns[cost] if o.kind == kind]
            return float(np.mean([s for s in found if s is not None]))

        assert told(3.0, FLAT) > told(7.0, FLAT)
        assert {o.kind for o in result.unknowns[3.0]} >= {NORMAL, ABNORMAL, GAIN, FLAT, ALIKE}

    def test_tables(self, result: Result) -> None:
        figures = assignment_tables.figures(result)
        assert json.loads(json.dumps(figures, allow_nan=False)) is not None
        text = assignment_tables.markdown(result)
        for part in ("## Real cells", "## Prior", "## Balanced changes", "| triploid | 6 |"):
            assert part in text
        assert {name for name, _ in assignment_tables.paired(result)} >= {
            "type accuracy per cell", "cells exactly right", "normal cells flagged"
        }  # fmt: skip

    def test_paired_differences_are_map_minus_algorithm_1(self, result: Result) -> None:
        found = dict(assignment_tables.paired(result))["type accuracy per cell"]
        ours, theirs = (
            np.mean([o.accuracy for o in result.of(m, NORMAL, ABNORMAL)])
            for m in (MAP, ALGORITHM_1)
        )
        assert found[0] == pytest.approx(ours - theirs)
        assert found[1] <= found[0] <= found[2]

    def test_by_type(self, result: Result) -> None:
        method = assignment_tables.figures(result)["methods"]
        assert isinstance(method, dict)
        by_type = method[MAP]["by_type"][GAIN]
        assert list(by_type) == list(TYPES[:X])
        assert all(row["cells"] == 1 for row in by_type.values())


class TestMain:
    def test_writes_what_it_prints(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        simulate(normal_formulas(4)).save(tmp_path / "p.npz")
        arguments = ["--posteriors", str(tmp_path / "p.npz"), "--out", str(tmp_path / "out")]
        options = ["--at-least", "22", "--gains", "0.01", "--unknown", "2"]
        assert main([*arguments, *options]) == 0
        text = (tmp_path / "out" / assignment_study.TABLE).read_text(encoding="utf-8")
        assert capsys.readouterr().out == text
        figures = json.loads((tmp_path / "out" / assignment_study.JSON).read_text())
        assert figures["gains_tried"] == [0.01]
        assert figures["unknown_cost"] == 2
        # Without abnormal cells there is nothing to find.
        assert figures["methods"]["map"]["by_kind"]["abnormal"]["counts_exact"] is None

    def test_no_posteriors(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "p.npz").write_text("none")
        assert main(["--posteriors", str(tmp_path / "p.npz"), "--out", str(tmp_path)]) == 2
        assert "holds no posteriors" in capsys.readouterr().err
