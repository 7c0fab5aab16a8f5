"""A photograph's quality is told before work starts; an analysis replaces it; nothing is lost."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from karyogui.domain.analysis import MetaphasePicture
from karyogui.domain.case import CaseState, CellSummary
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import Quality
from karyogui.errors import KaryoError
from karyogui.services.analysis import AnalysisService
from karyogui.services.progress import Cancelled, Monitor, Progress, SilentMonitor
from tests.unit.services.metaphases import QUALITY, Bench, open_bench

FIRST = Quality(44, 1, 2, 0.5, None, True, "44 objects, 1 crossing.", 0.6)


class FakeAssessor:
    """Finds every photograph to be `FIRST`."""

    def __init__(self) -> None:
        self.pictures: list[MetaphasePicture] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def assess(self, picture: MetaphasePicture, monitor: Monitor) -> Quality:
        self.pictures.append(picture)
        monitor.report(Progress(0, 1, "Looking"))
        self.meanwhile()
        return FIRST


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    opened = open_bench(tmp_path / "data")
    yield opened
    opened.database.close()


@pytest.fixture
def assessor() -> FakeAssessor:
    return FakeAssessor()


def judge(bench: Bench, assessor: FakeAssessor, monitor: Monitor | None = None) -> Quality | None:
    return AnalysisService(bench.cells).judge(bench.cell_id, assessor, monitor or SilentMonitor())


def summary_of(bench: Bench) -> CellSummary:
    return bench.rows()[0].cells[0]


def test_a_judged_cell_tells_its_quality_and_is_new_as_before(
    bench: Bench, assessor: FakeAssessor
) -> None:
    assert judge(bench, assessor) == FIRST
    cell, summary = bench.cell, summary_of(bench)
    assert (cell.quality, summary.quality) == (FIRST, FIRST)
    assert (cell.is_analysed, cell.revision, cell.edits, cell.objects) == (False, 0, (), ())
    assert summary.state is CaseState.NEW


def test_what_is_known_is_not_judged_again(bench: Bench, assessor: FakeAssessor) -> None:
    assert [judge(bench, assessor), judge(bench, assessor)] == [FIRST, FIRST]
    assert len(assessor.pictures) == 1


def test_an_analysis_replaces_the_first_look(bench: Bench, assessor: FakeAssessor) -> None:
    judge(bench, assessor)
    bench.analyse()
    assert (bench.cell.quality, summary_of(bench).quality) == (QUALITY, QUALITY)
    assert judge(bench, assessor) == QUALITY
    assert len(assessor.pictures) == 1


def test_a_look_that_ends_after_the_analysis_does_not_replace_it(
    bench: Bench, assessor: FakeAssessor
) -> None:
    assessor.meanwhile = bench.analyse
    judge(bench, assessor)
    assert (bench.cell.quality, summary_of(bench).quality) == (QUALITY, QUALITY)


def test_an_analysis_that_tells_no_quality_leaves_the_first_look(
    bench: Bench, assessor: FakeAssessor
) -> None:
    judge(bench, assessor)
    result = bench.reader.analyse(bench.analysis._request(bench.cell), SilentMonitor())
    bench.cells.add_analysis(replace(result, quality=None))
    assert (bench.cell.quality, summary_of(bench).quality) == (FIRST, FIRST)


def test_the_enhanced_picture_is_judged(bench: Bench, assessor: FakeAssessor) -> None:
    bench.cells.record_recipe(bench.cell_id, Recipe(gamma=2.0), "ann")
    judge(bench, assessor)
    (picture,) = assessor.pictures
    assert not np.array_equal(picture.enhanced, picture.pixels)


def test_an_enhancement_asks_for_another_look(bench: Bench, assessor: FakeAssessor) -> None:
    """Also its undoing: the quality is always that of the present picture."""
    judge(bench, assessor)
    for recipe in (Recipe(gamma=2.0), None):
        bench.cells.record_recipe(bench.cell_id, recipe, "ann")
        assert (bench.cell.quality, summary_of(bench).quality) == (None, None)
        judge(bench, assessor)
        assert (bench.cell.quality, summary_of(bench).quality) == (FIRST, FIRST)
    seen = [np.array_equal(picture.enhanced, picture.pixels) for picture in assessor.pictures]
    assert seen == [True, False, True]


def test_an_enhancement_during_the_look_is_seen_too(bench: Bench, assessor: FakeAssessor) -> None:
    def enhance_once() -> None:
        if len(assessor.pictures) == 1:
            bench.cells.record_recipe(bench.cell_id, Recipe(gamma=2.0), "ann")

    assessor.meanwhile = enhance_once
    assert judge(bench, assessor) == FIRST
    first, second = assessor.pictures
    assert np.array_equal(first.enhanced, first.pixels)
    assert not np.array_equal(second.enhanced, second.pixels)


def test_what_an_analysis_told_stays_until_the_next_one(
    bench: Bench, assessor: FakeAssessor
) -> None:
    judge(bench, assessor)
    bench.analyse()
    bench.cells.record_recipe(bench.cell_id, Recipe(gamma=2.0), "ann")
    assert (bench.cell.quality, summary_of(bench).quality) == (QUALITY, QUALITY)


def test_a_picture_that_is_gone_is_told_as_the_reason(
    bench: Bench, assessor: FakeAssessor, tmp_path: Path
) -> None:
    (stored,) = tmp_path.rglob(bench.cell.pictures[0].key)
    stored.unlink()
    quality = judge(bench, assessor)
    assert quality is not None
    assert (quality.worth, quality.score, assessor.pictures) == (False, 0.0, [])
    assert quality.reason.endswith(".")
    assert bench.cell.quality == quality


def test_cancelling_stores_nothing(bench: Bench, assessor: FakeAssessor) -> None:
    class Impatient:
        def report(self, progress: Progress) -> None:
            if assessor.pictures:
                raise Cancelled

    with pytest.raises(Cancelled):
        judge(bench, assessor, Impatient())
    assert bench.cell.quality is None


def test_a_refusal_of_the_assessor_stores_nothing(bench: Bench, assessor: FakeAssessor) -> None:
    def refuse() -> None:
        raise KaryoError("The weights are damaged.")

    assessor.meanwhile = refuse
    with pytest.raises(KaryoError, match="damaged"):
        judge(bench, assessor)
    assert bench.cell.quality is None
