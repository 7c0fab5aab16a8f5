"""Edits of the past, made again from where chromosomes stand after a repair."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.karyogram import TRAY, Change, Karyogram, Placement
from karyogui.domain.refitting import refitted

IDS = [f"c{n:02d}" for n in range(1, 7)]
slots = st.sampled_from(["1", "2", "7", "X", "mar", TRAY])


def standing(places: dict[str, str]) -> Karyogram:
    return Karyogram(Placement(i, slot, n) for n, (i, slot) in enumerate(places.items()))


boards = st.dictionaries(st.sampled_from(IDS), slots, min_size=2)


@st.composite
def edits(draw: st.DrawFn) -> tuple[Karyogram, Change]:
    karyogram = standing(draw(boards))
    ids = draw(st.lists(st.sampled_from([p.chromosome_id for p in karyogram.placements]),
                        min_size=1, unique=True))  # fmt: skip
    match draw(st.integers(0, 3)):
        case 0:
            return karyogram, karyogram.move(ids, draw(slots), draw(st.integers(0, 6)))
        case 1:
            return karyogram, karyogram.turn(ids, draw(st.sampled_from([-5.0, 1.0, 180.0])))
        case 2:
            return karyogram, karyogram.mirror(ids)
        case _:
            return karyogram, karyogram.confirm(ids)


@given(edits())
def test_an_edit_that_fits_stays_as_it_is(edit: tuple[Karyogram, Change]) -> None:
    karyogram, change = edit
    assert refitted(change, karyogram) is change
    karyogram.apply(change)
    assert refitted(change.inverse, karyogram) == change.inverse


@given(edits(), boards)
def test_an_edit_can_always_be_made_on_another_board(
    edit: tuple[Karyogram, Change], other: dict[str, str]
) -> None:
    change, karyogram = edit[1], standing(other)
    before = {p.chromosome_id: p for p in karyogram.placements}
    again = refitted(change, karyogram)
    karyogram.apply(again)
    after = {p.chromosome_id: p for p in karyogram.placements}
    assert set(after) == set(before)
    was = {p.chromosome_id: p for p in change.before}
    for done in change.after:
        i = done.chromosome_id
        if i not in after:
            continue
        if done.slot != was[i].slot:
            assert after[i].slot == done.slot
        assert (after[i].mirrored != before[i].mirrored) is (done.mirrored != was[i].mirrored)
        turned = (done.turn - was[i].turn - after[i].turn + before[i].turn) % 360
        assert turned in (0.0, 360.0)
    for i in set(after) - set(was):
        assert replace(after[i], index=0) == replace(before[i], index=0)


@given(edits(), boards)
def test_what_has_been_made_anew_can_be_undone(
    edit: tuple[Karyogram, Change], other: dict[str, str]
) -> None:
    change, karyogram = edit[1], standing(other)
    before = karyogram.placements
    again = refitted(change, karyogram)
    karyogram.apply(again)
    karyogram.apply(refitted(again.inverse, karyogram))
    assert karyogram.placements == before


def test_a_chromosome_that_is_gone_is_left_out() -> None:
    karyogram = standing({"c01": "1", "c02": "1"})
    change = karyogram.move(["c01"], "7")
    assert refitted(change, standing({"c02": "1", "c03": "2"})).is_empty


def test_a_repair_is_not_refitted() -> None:
    karyogram = standing({"c01": "1"})
    change = replace(karyogram.move(["c01"], "7"), repairs=True)
    assert refitted(change, standing({"c02": "1"})) is change
