"""Where the chromosomes of a strip stand."""

from hypothesis import given
from hypothesis import strategies as st

from karyogui.layout.karyogram import Piece
from karyogui.layout.strip import StripGroup, StripSection, scale_for, strip_layout

SIZES = st.tuples(st.floats(2, 60), st.floats(4, 220))
GROUPS = st.lists(st.lists(SIZES, min_size=1, max_size=5), max_size=25)


def sections(sizes: list[list[tuple[float, float]]]) -> list[StripSection]:
    groups = [
        StripGroup(f"cell {n}", tuple(Piece(f"{n}/{m}", w, h) for m, (w, h) in enumerate(group)))
        for n, group in enumerate(sizes)
    ]
    return [StripSection("", tuple(groups))]


@given(GROUPS, st.floats(300, 1600))
def test_everything_stands_once_and_apart(
    sizes: list[list[tuple[float, float]]], width: float
) -> None:
    placed = sections(sizes)
    page = strip_layout(placed, width, scale_for(placed, 118.0))
    assert sorted(page.order) == sorted(
        f"{n}/{m}" for n, g in enumerate(sizes) for m in range(len(g))
    )
    spots = [page.spots[i] for i in page.order]
    assert not any(a.overlaps(b) for n, a in enumerate(spots) for b in spots[n + 1 :])
    assert all(s.y >= 0 and s.bottom <= page.height for s in spots)
    for line in page.lines:
        assert len({round(page.spots[i].bottom, 6) for i in line}) == 1
    for own_id, spot in page.spots.items():
        assert page.at(spot.centre_x, spot.centre_y) == own_id


def test_groups_break_into_lines_where_the_width_ends() -> None:
    placed = sections([[(20, 100), (20, 90)]] * 12)
    assert len(strip_layout(placed, 4000, 1.0).lines) == 1
    assert len(strip_layout(placed, 400, 1.0).lines) > 2


def test_small_types_are_not_enlarged_without_end() -> None:
    assert scale_for(sections([[(3, 8)]]), 118.0) == 3.0
