"""What the review list names whatever its margin."""

import numpy as np

from model.evaluation.review_rule import always_looked_at
from model.vocabulary.labels import TYPES
from tests.unit.model.assignment.cells import complement


class TestAlwaysRules:
    def asked(self, types: list[int | None], disagreeing: tuple[int, ...] = ()) -> list[str]:
        """Labels of what is looked at whatever its margin."""
        rows = np.flatnonzero(always_looked_at(types, disagreeing))
        return sorted("?" if types[i] is None else TYPES[types[i]] for i in rows)

    def test_a_normal_woman(self) -> None:
        assert self.asked(list(complement("XX"))) == []

    def test_a_y_is_always_looked_at(self) -> None:
        assert self.asked(list(complement("XY"))) == ["Y"]

    def test_an_abnormal_count(self) -> None:
        assert self.asked(list(complement("XX +8"))) == ["8"] * 3
        assert self.asked(list(complement("XX -7"))) == ["7"]

    def test_group_g_is_looked_at_together(self) -> None:
        assert self.asked(list(complement("XY +21"))) == ["21"] * 3 + ["22"] * 2 + ["Y"]
        assert self.asked(list(complement("XYY"))) == ["21", "21", "22", "22", "X", "Y", "Y"]

    def test_too_few_sex_chromosomes(self) -> None:
        assert self.asked(list(complement("X"))) == ["X"]

    def test_unknown_and_disagreeing(self) -> None:
        assert self.asked([*complement("XX"), None]) == ["?"]
        assert self.asked(list(complement("XX")), (0, 4)) == ["1", "3"]

    def test_four_missing_are_still_told_and_five_are_an_incomplete_cell(self) -> None:
        assert self.asked(list(complement("XX -7 -8 -9 -10"))) == ["10", "7", "8", "9"]
        assert self.asked(list(complement("XX -7 -8 -9 -10 -11"))) == []

    def test_in_an_incomplete_cell_a_short_type_is_no_finding(self) -> None:
        assert self.asked([k for k in complement("XX") if k > 2][:30]) == []
