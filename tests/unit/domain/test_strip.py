"""The strip: a false one shows itself, and nothing gets lost by sorting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.chromosome import TYPES, Chromosome, Prediction, Segment
from karyogui.domain.karyogram import Placement
from karyogui.domain.strip import StripChromosome, StripOrder, arranged, summary_of, with_distances
from model.vocabulary.outliers import MARKED, distances

CROP = np.full((8, 4), 90, np.uint8)


def sure_of(kind: str, sureness: float = 0.97) -> tuple[float, ...]:
    probabilities = np.full(24, (1 - sureness) / 23)
    probabilities[TYPES.index(kind)] = sureness
    return tuple(map(float, probabilities))


def standing(cell: int, slot: str, looks: str, n: int = 0, **changes: object) -> StripChromosome:
    own = f"c{TYPES.index(looks):02}{n}"
    chromosome = Chromosome(own, Segment("", CROP, CROP < 255), Prediction(sure_of(looks), (0, 1)))
    values = {"cell_number": cell, "length": float(cell % 3)} | changes
    return StripChromosome(cell, f"cell {cell}", chromosome=chromosome,
                           placement=Placement(own, slot, n), **values)  # fmt: skip


def test_a_false_18_shows_itself_beside_fourteen_true_ones() -> None:
    strip = [standing(cell, "18", "18") for cell in range(14)] + [standing(14, "18", "17")]
    marked = [s for s in with_distances(strip) if s.is_marked]
    assert [s.cell_id for s in marked] == [14]
    assert summary_of(with_distances(strip), ("18",)).endswith("15 cells; 1 unlike the others.")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_false_one_shows_itself_among_few_and_makes_no_right_one_suspect(count: int) -> None:
    strip = [standing(cell, "18", "18") for cell in range(count - 1)]
    marked = [s for s in with_distances([*strip, standing(9, "18", "16")])
              if s.is_marked]  # fmt: skip
    assert [s.cell_id for s in marked] == [9]


def test_what_is_doubtful_in_every_cell_does_not_stick_out() -> None:
    soft = np.full(24, 0.3 / 23)
    soft[TYPES.index("18")], soft[TYPES.index("17")] = 0.35, 0.35
    found = distances(np.tile(soft / soft.sum(), (12, 1)), "18")
    assert (found < MARKED).all()


def test_excluded_cells_are_compared_and_compare_nobody() -> None:
    false = [standing(cell, "18", "17", is_excluded=True) for cell in range(20)]
    true = [standing(30 + cell, "18", "18") for cell in range(4)]
    found = with_distances([*false, *true])
    assert all(s.is_marked == s.is_excluded for s in found)


def test_markers_and_the_tray_have_no_type_to_be_unlike() -> None:
    strip = with_distances([standing(1, "mar", "21"), standing(1, "tray", "22")])
    assert [s.distance for s in strip] == [0.0, 0.0]
    assert [s.probability for s in strip] == [None, None]


LOOKS = st.tuples(st.sampled_from(TYPES), st.sampled_from(["18", "17", "mar"]))


@given(st.lists(LOOKS, max_size=30), st.sampled_from(list(StripOrder)))
def test_sorting_loses_nothing(looks: list[tuple[str, str]], order: StripOrder) -> None:
    strip = [standing(cell, slot, kind, cell) for cell, (kind, slot) in enumerate(looks)]
    measured = with_distances(strip)
    assert sorted(s.key for s in arranged(measured, order)) == sorted(s.key for s in strip)
    assert all(0.0 <= s.distance <= 1.0 for s in measured)
    if order is StripOrder.LENGTH:
        lengths = [s.length for s in arranged(measured, order)]
        assert lengths == sorted(lengths)


@given(st.lists(st.floats(0.02, 0.98), min_size=1, max_size=40))
def test_the_distance_does_not_depend_on_the_order(sureness: list[float]) -> None:
    table = np.array([sure_of("5", s) for s in sureness])
    found = distances(table, "5")
    assert np.allclose(distances(table[::-1], "5")[::-1], found)
