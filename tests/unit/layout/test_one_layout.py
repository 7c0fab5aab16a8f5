"""Screen, print and thumbnail show the same karyogram: the same rows, in the same order."""

from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.karyogram import SLOTS, TRAY, Karyogram
from karyogui.domain.report import CellReport
from karyogui.export.layout import lay_out
from karyogui.layout.geometry import Box
from karyogui.layout.karyogram import KaryogramLayout, fit_page, karyogram_layout
from karyogui.services.thumbnails import HEIGHT, WIDTH, karyogram_thumbnail_layout
from karyogui.ui.board.items import ChromosomePicture
from karyogui.ui.board.scene import members_of
from tests.unit.export.builders import cell, edited

counts = st.fixed_dictionaries({}, optional={s: st.integers(0, 4) for s in SLOTS if s != TRAY})
moves = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(SLOTS), st.integers(0, 3)))


def a_cell(kinds: dict[str, int], tray: int, acts: list[tuple[int, str, int]]) -> CellReport:
    """A cell with so many of each type, some of them moved by a person."""
    report = cell({k: n for k, n in kinds.items() if k != "mar"}, tray=tray + kinds.get("mar", 0))
    ids = [c.id for c in report.cell.chromosomes]
    for number, slot, index in acts:
        if ids:
            change = Karyogram(report.cell.placements).move([ids[number % len(ids)]], slot, index)
            if not change.is_empty:
                report = edited(report, change)
    return report


def on_screen(report: CellReport) -> KaryogramLayout:
    karyogram = Karyogram(report.cell.placements)
    pieces = {}
    for chromosome in report.cell.chromosomes:
        picture = ChromosomePicture(chromosome, 1.0)
        picture.stand(karyogram.placement(chromosome.id))
        pieces[chromosome.id] = picture.piece()
    members = members_of(karyogram, pieces)
    fit = fit_page(members, 1200, 800)
    return karyogram_layout(members, fit.width, fit.height, fit.scale)


def rows(spots: dict[str, Box], tray: tuple[str, ...]) -> list[list[str]]:
    """The placed ids row by row, by nothing but where they stand."""
    placed = sorted(
        ((round(box.bottom), box.x, i) for i, box in spots.items() if i not in tray),
    )
    return [[i for *_, i in row] for _, row in groupby(placed, key=lambda each: each[0])]


@settings(max_examples=25)
@given(counts, st.integers(0, 6), moves)
def test_all_three_agree(
    qapp: object, kinds: dict[str, int], tray: int, acts: list[tuple[int, str, int]]
) -> None:
    report = a_cell(kinds, tray, acts)
    karyogram = Karyogram(report.cell.placements)
    unplaced = karyogram.in_slot(TRAY)
    crops = {c.id: c.segment.crop for c in report.cell.chromosomes}
    screen, sheet = on_screen(report), lay_out(report)
    small = karyogram_thumbnail_layout(report.cell.placements, crops)
    printed = {p.id: Box(p.x, p.y, p.pixels.shape[1], p.pixels.shape[0]) for p in sheet.pictures}
    assert [p.id for p in sheet.pictures] == list(screen.order) == list(small.order)
    expected = rows(dict(screen.spots), unplaced)
    assert rows(printed, unplaced) == rows(dict(small.spots), unplaced) == expected
    assert screen.members == small.members
    # The tray may wrap elsewhere; it is read in the same order and stands below the rows.
    for spots in (screen.spots, small.spots, printed):
        floor = max([0.0, *(box.bottom for i, box in spots.items() if i not in unplaced)])
        assert all(spots[i].y >= floor - 1 for i in unplaced)
        for left, right in pairwise(unplaced):
            same = spots[left].bottom == pytest.approx(spots[right].bottom, abs=1)
            assert spots[left].x < spots[right].x if same else True
            assert spots[right].bottom >= spots[left].bottom - 1


@settings(max_examples=25)
@given(counts, st.integers(0, 60))
def test_a_thumbnail_holds_everything(kinds: dict[str, int], tray: int) -> None:
    report = a_cell(kinds, tray, [])
    crops = {c.id: c.segment.crop for c in report.cell.chromosomes}
    small = karyogram_thumbnail_layout(report.cell.placements, crops)
    for box in small.spots.values():
        assert box.x >= -0.01
        assert box.right <= WIDTH + 0.01
        assert box.y >= -0.01
        assert box.bottom <= HEIGHT + 0.01
