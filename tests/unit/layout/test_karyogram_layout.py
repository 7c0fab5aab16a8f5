from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.chromosome import AUTOSOMES, TYPES
from karyogui.domain.karyogram import DENVER_ROWS, MARKER, SLOTS, TRAY
from karyogui.layout.karyogram import (
    SCREEN,
    KaryogramLayout,
    Piece,
    choose_scale,
    fit_page,
    karyogram_layout,
    shrink_factors,
)

Members = dict[str, list[Piece]]


def pieces(slot: str, count: int, width: float = 16, height: float = 60) -> list[Piece]:
    return [Piece(f"{slot}-{n}", width, height) for n in range(count)]


def normal(**counts: int) -> Members:
    usual = {**dict.fromkeys(AUTOSOMES, 2), "X": 1, "Y": 1}
    usual.update({slot.removeprefix("c"): n for slot, n in counts.items()})
    return {slot: pieces(slot, n, height=120 - 4 * SLOTS.index(slot)) for slot, n in usual.items()}


sizes = st.floats(1, 200)
cells = st.fixed_dictionaries(
    {},
    optional={
        slot: st.lists(st.tuples(sizes, sizes), max_size=12 if slot == TRAY else 6)
        for slot in SLOTS
    },
)


def to_members(cell: dict[str, list[tuple[float, float]]]) -> Members:
    return {
        slot: [Piece(f"{slot}-{n}", w, h, below=h / 3) for n, (w, h) in enumerate(members)]
        for slot, members in cell.items()
    }


def assert_sound(board: KaryogramLayout) -> None:
    """Nothing overlaps, everything is in its slot and on the page, rows follow one another."""
    for (a, one), (b, other) in combinations(board.spots.items(), 2):
        assert not one.overlaps(other), (a, b)
    for one, other in combinations(board.slots.values(), 2):
        assert not one.box.grown(-1e-6).overlaps(other.box), (one.slot, other.slot)
    for slot, ids in board.members.items():
        box, area = board.slots[slot].box, board.slots[slot].area
        for i in ids:
            spot = board.spots[i]
            assert box.x - 1e-6 <= spot.x
            assert spot.right <= box.right + 1e-6
            assert area.y - 1e-6 <= spot.y
            assert spot.bottom <= area.bottom + 1e-6
        assert board.page.contains(box.x, box.y)
        assert board.page.contains(box.right - 1e-6, box.bottom - 1e-6)
    feet = [max(board.slots[s].box.bottom for g in row for s in g) for row in DENVER_ROWS]
    heads = [min(board.slots[s].box.y for g in row for s in g) for row in DENVER_ROWS]
    for foot, head in zip(feet, [*heads[1:], board.slots[TRAY].box.y], strict=True):
        assert foot <= head + 1e-6


@settings(max_examples=60)
@given(cells, st.floats(200, 3000), st.floats(200, 2000), st.floats(0.1, 3))
def test_nothing_overlaps_whatever_the_cell(
    cell: dict[str, list[tuple[float, float]]], width: float, height: float, scale: float
) -> None:
    members = to_members(cell)
    board = karyogram_layout(members, width, height, scale)
    assert_sound(board)
    assert set(board.spots) == {piece.id for placed in members.values() for piece in placed}
    assert sorted(board.order) == sorted(board.spots)


@settings(max_examples=30)
@given(cells)
def test_order_within_a_slot_is_from_left_to_right(
    cell: dict[str, list[tuple[float, float]]],
) -> None:
    board = karyogram_layout(to_members(cell), 1000, 700, 1.0)
    for slot in SLOTS[:-1]:
        for left, right in pairwise(board.members[slot]):
            assert board.spots[left].right < board.spots[right].x


def test_the_four_denver_rows_hold_every_slot_in_order() -> None:
    slots = [slot for row in DENVER_ROWS for group in row for slot in group]
    assert slots == [*TYPES, MARKER]
    assert [len([s for g in row for s in g]) for row in DENVER_ROWS] == [5, 7, 6, 7]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6])
def test_any_ploidy_fits_a_small_window(count: int) -> None:
    members = {slot: pieces(slot, count) for slot in TYPES}
    fit = fit_page(members, 760, 560)
    board = karyogram_layout(members, fit.width, fit.height, fit.scale)
    assert board.fits
    assert_sound(board)


def test_one_scale_and_one_line_for_a_row() -> None:
    members = normal()
    board = karyogram_layout(members, 900, 700, 0.7)
    for row in DENVER_ROWS:
        ids = [i for group in row for slot in group for i in board.members[slot]]
        assert len({round(board.spots[i].bottom, 6) for i in ids}) == 1
    for placed in members.values():
        for piece in placed:
            assert board.spots[piece.id].height == pytest.approx(piece.height * 0.7)


def test_centromeres_stand_on_the_line_when_they_are_known() -> None:
    members = {"1": [Piece("a", 16, 100, below=60)], "2": [Piece("b", 16, 90, below=40)]}
    board = karyogram_layout(members, 900, 700, 1.0)
    line = board.spots["a"].bottom - 60
    assert board.spots["b"].bottom - 40 == pytest.approx(line)


def test_homologues_stand_closer_than_slots_and_groups_stand_apart() -> None:
    board = karyogram_layout(normal(), 900, 700, 0.7)
    pair = board.spots["4-1"].x - board.spots["4-0"].right
    neighbour = board.slots["2"].box.x - board.slots["1"].box.right
    group = board.slots["4"].box.x - board.slots["3"].box.right
    assert pair == SCREEN.homologue_gap
    assert pair < neighbour < group


def test_a_third_chromosome_moves_nothing_outside_its_row() -> None:
    scale = choose_scale(normal(), 900, 700)
    two, three = (karyogram_layout(normal(c21=n), 900, 700, scale) for n in (2, 3))
    assert three.fits
    for row in DENVER_ROWS[:3]:
        for slot in (slot for group in row for slot in group):
            assert three.slots[slot] == two.slots[slot]
    assert three.slots["21"].box.width > two.slots["21"].box.width


def test_a_small_view_gets_a_larger_page_in_its_proportions() -> None:
    fit = fit_page(normal(), 400, 250)
    assert fit.width > 400
    assert fit.width / fit.height == pytest.approx(400 / 250)
    assert karyogram_layout(normal(), fit.width, fit.height, fit.scale).fits


def test_tiny_pictures_keep_room_to_be_grasped() -> None:
    board = karyogram_layout({"3": [Piece("dot", 5, 5)]}, 900, 700, 0.5)
    assert board.spots["dot"].width == SCREEN.smallest_spot


def test_a_clump_is_shrunk_and_the_longest_chromosome_is_not() -> None:
    heights = dict(enumerate([120, 115, 95, 80, 70, 65, 65, 60, 50, 40, 30, 400]))
    factors = shrink_factors({str(i): h for i, h in heights.items()})
    assert factors["11"] < 0.4
    assert all(factors[str(i)] == 1 for i in range(11))


def test_no_sizes_no_factors() -> None:
    assert shrink_factors({}) == {}


def test_the_tray_wraps_and_reads_line_by_line() -> None:
    board = karyogram_layout({TRAY: pieces(TRAY, 60, width=40)}, 900, 700, 1.0)
    assert len(board.lines) > 1
    assert [i for line in board.lines for i in line] == list(board.members[TRAY])


class TestDropTargets:
    def board(self) -> KaryogramLayout:
        return karyogram_layout(normal(c7=0), 900, 700, 0.7)

    def test_inside_a_slot(self) -> None:
        board = self.board()
        for slot, place in board.slots.items():
            assert board.slot_at(place.box.centre_x, place.box.centre_y) == slot

    def test_beside_a_slot_the_nearest_counts_within_reach(self) -> None:
        board = self.board()
        box = board.slots["3"].box
        assert board.slot_at(box.right + SCREEN.reach - 1, box.centre_y) == "3"
        assert board.slot_at((box.right + board.slots["4"].box.x) / 2, box.centre_y) is None

    def test_outside_the_page_there_is_none(self) -> None:
        assert self.board().slot_at(-1, 50) is None

    def test_insertion_before_between_and_after(self) -> None:
        board = self.board()
        a, b = board.spots["8-0"], board.spots["8-1"]
        for x, index in ((a.x, 0), ((a.right + b.x) / 2, 1), (b.right, 2)):
            assert board.insertion_index("8", x) == index
            mark = board.insertion_mark("8", index)
            assert (mark.x < a.x, a.right < mark.x < b.x, mark.x > b.right)[index]

    def test_the_dragged_one_does_not_count(self) -> None:
        board = self.board()
        right = board.spots["8-1"].right
        assert board.insertion_index("8", right, ("8-0",)) == 1

    def test_an_empty_slot_is_marked_in_its_middle(self) -> None:
        board = self.board()
        assert board.insertion_index("7", 0.0) == 0
        assert board.insertion_mark("7", 0).x == board.slots["7"].area.centre_x
