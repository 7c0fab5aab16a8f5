"""A photograph without bands: chromosomes are counted, and nowhere given a type."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.errors import KaryoError
from karyogui.services.reporting import cell_report
from model.vocabulary.quality import LEAST_CONTRAST
from tests.unit.services.metaphases import QUALITY, Bench, cut, open_bench, separated

TOLD = "No bands can be seen: its type cannot be told."


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    opened = open_bench(tmp_path / "photographs")
    opened.reader.quality = replace(QUALITY, band_contrast=LEAST_CONTRAST / 2)
    yield opened
    opened.database.close()


def check_without_types(cell: Cell) -> None:
    board = Karyogram(cell.placements)
    assert board.counts[TRAY] == len(board) == len(cell.chromosomes)
    for chromosome in cell.chromosomes:
        assert chromosome.predicted is not None  # what the network said is kept
        assert chromosome.assigned is not None
        assert chromosome.assigned.type is None
        assert chromosome.assigned.reasons == (TOLD,)


def test_no_chromosome_stands_in_a_type(bench: Bench) -> None:
    cell = bench.analyse()
    check_without_types(cell)
    assert cell.assignment is not None
    assert cell.assignment.disagreeing == ()
    assert cell.assignment.alternative is None
    report = cell_report(cell, None)
    assert [f.text for f in report.findings] == ["Six chromosomes lie unplaced in the tray."]
    assert report.iscn.text == ""
    assert report.iscn.question.startswith("No bands can be seen: 6 chromosomes counted")


def test_neither_does_one_after_a_repair_or_another_analysis(bench: Bench) -> None:
    bench.analyse()
    repaired = bench.repair(cut(separated()[0], 12, "c90", "c91"))
    assert len(repaired.chromosomes) == 7
    check_without_types(repaired)
    bench.reader.quality = QUALITY  # a repaired photograph is not measured again
    check_without_types(bench.analyse())


def test_what_a_person_placed_stays(bench: Bench) -> None:
    cell = bench.analyse()
    board = Karyogram(cell.placements)
    bench.reviews.record(cell.id, board.move(["c02"], "3"), "ann")
    later = bench.repair(cut(separated()[0], 12, "c90", "c91"))
    assert Karyogram(later.placements).in_slot("3") == ("c02",)


def test_it_cannot_be_assigned_again(bench: Bench) -> None:
    cell = bench.analyse()
    with pytest.raises(KaryoError, match="no bands can be seen"):
        bench.analysis.reassign(cell.id, bench.assigner)
