"""The analysis of a photograph: what the network gets, and what is stored of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from karyogui.domain.analysis import AnalysisResult
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind
from karyogui.errors import KaryoError
from karyogui.services.progress import Cancelled, SilentMonitor
from tests.unit.services.fakes import RecordingMonitor
from tests.unit.services.metaphases import (
    QUALITY,
    SUMMARY,
    Bench,
    FakeReader,
    cut,
    open_bench,
    photograph,
    separated,
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    opened = open_bench(tmp_path / "photographs")
    yield opened
    opened.database.close()


def test_everything_that_was_found_is_stored(bench: Bench) -> None:
    cell = bench.analyse()
    assert [c.id for c in cell.chromosomes] == ["c01", "c02", "c03", "c04", "c05", "c06"]
    assert [o.id for o in cell.objects] == [o.id for o in separated()]
    assert {o.kind for o in cell.objects[6:]} == {
        ObjectKind.NUCLEUS, ObjectKind.DEBRIS, ObjectKind.EDGE,
    }  # fmt: skip
    assert [c.segment.box for c in cell.chromosomes] == [o.box for o in separated()[:6]]
    assert (cell.assignment, cell.quality, cell.revision) == (SUMMARY, QUALITY, 1)
    board = Karyogram(cell.placements)
    assert len(board) == 6  # nothing but chromosomes
    assert board.in_slot("3") == ("c03",)


def test_cancelled_it_leaves_the_cell_as_it_was(bench: Bench) -> None:
    with pytest.raises(Cancelled):
        bench.analysis.analyse(bench.cell_id, bench.reader, RecordingMonitor(cancel_at=2))
    assert not bench.cell.is_analysed
    assert (bench.cell.objects, bench.cell.revision) == ((), 0)


def test_a_thumbnail_that_finds_no_room_does_not_look_like_a_failure(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise KaryoError("The disk is full.")

    monkeypatch.setattr(bench.cells, "set_thumbnail", refuse)
    cell = bench.analysis.analyse(bench.cell_id, bench.reader, SilentMonitor())
    assert cell.is_analysed


def test_a_request_has_the_raw_and_the_enhanced_pixels(bench: Bench) -> None:
    bench.analyse()
    bench.repairs.set_recipe(bench.cell_id, Recipe(inverted=True), "ann")
    stored = bench.cells.picture(bench.cell.pictures[0])
    bench.analyse()
    plain, inverted = (request.metaphase for request in bench.reader.requests)
    assert plain is not None
    assert inverted is not None
    assert np.array_equal(plain.pixels, photograph())
    assert np.array_equal(plain.enhanced, photograph())
    assert np.array_equal(inverted.pixels, photograph())
    assert np.array_equal(inverted.enhanced, 255 - photograph())
    assert bench.cells.picture(bench.cell.pictures[0]) == stored
    assert all(request.pictures == () for request in bench.reader.requests)
    assert bench.cell.analysed_recipe == Recipe(inverted=True)


def test_the_recipe_of_the_look_is_kept_not_a_later_one(bench: Bench) -> None:
    bench.reader.meanwhile = lambda: bench.repairs.set_recipe(
        bench.cell_id, Recipe(gamma=2.0), "ann"
    )
    cell = bench.analyse()
    assert (cell.recipe, cell.analysed_recipe) == (Recipe(gamma=2.0), None)


def test_an_analyser_must_tell_of_every_chromosome(bench: Bench) -> None:
    class Careless(FakeReader):
        def analyse(self, *arguments: object) -> AnalysisResult:
            result = super().analyse(*arguments)  # type: ignore[arg-type]
            return replace(result, chromosomes=result.chromosomes[1:])

    bench.reader = Careless()
    with pytest.raises(ValueError, match="every chromosome"):
        bench.analyse()
    assert not bench.cell.is_analysed


def test_with_another_scale_the_objects_stand_and_with_another_width_they_are_found_anew(
    bench: Bench,
) -> None:
    bench.analyse()
    bench.repairs.set_recipe(bench.cell_id, Recipe(scale=1.25), "ann")
    bench.analyse()
    request = bench.reader.requests[-1]
    assert request.metaphase is not None
    assert (request.metaphase.width_factor, request.metaphase.scale_factor) == (0.0, 1.25)
    assert [o.id for o in request.objects] == [o.id for o in separated()]
    assert bench.cell.quality == QUALITY
    bench.repairs.set_recipe(bench.cell_id, Recipe(scale=1.25, width=0.8), "ann")
    cell = bench.analyse()
    request = bench.reader.requests[-1]
    assert request.metaphase is not None
    assert (request.metaphase.width_factor, request.objects) == (0.8, ())
    assert cell.analysed_recipe == Recipe(scale=1.25, width=0.8)


def test_what_separated_a_photograph_stands_with_it_until_it_is_separated_anew(
    bench: Bench,
) -> None:
    bench.reader.separation = "first 1 (0123)"
    assert bench.analyse().separation == "first 1 (0123)"
    bench.reader.separation = "second 1 (4567)"
    repaired = bench.repair(cut(bench.object("c02"), 12, "c20", "c21"))
    assert repaired.separation == "first 1 (0123)"
    assert bench.analyse().separation == "first 1 (0123)"  # the repairs stay, nothing is separated
    anew = bench.analysis.analyse(bench.cell_id, bench.reader, SilentMonitor(), anew=True)
    assert anew.separation == "second 1 (4567)"
