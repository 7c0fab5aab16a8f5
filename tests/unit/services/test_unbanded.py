"""A photograph without bands: chromosomes are counted, and nowhere given a type."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.domain.case_list import CaseQuery
from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.domain.recipe import Recipe
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, SilentMonitor
from karyogui.services.reporting import cell_report
from karyogui.services.workspace import Workspace
from karyogui.storage.case_listing import CaseListing
from karyogui.storage.database import Database
from model.vocabulary.quality import LEAST_CONTRAST
from tests.unit.services.fakes import FakeAnalyser, encoded
from tests.unit.services.karyograms import KARYOTYPES, own_sheet
from tests.unit.services.metaphases import QUALITY, Bench, cut, open_bench, separated

TOLD = "No bands can be seen: its type cannot be determined."


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


def test_the_list_says_so_also_when_a_person_has_placed_everything(bench: Bench) -> None:
    cell = bench.analyse()
    board = Karyogram(cell.placements)
    bench.reviews.record(cell.id, board.move([c.id for c in cell.chromosomes], "3"), "ann")
    (row,) = CaseListing(bench.database).all(in_bin=False)[0].cells
    assert row.findings == ("No bands can be seen.",)
    assert row.iscn.startswith("No bands can be seen: 6 chromosomes counted")


def test_a_folder_that_is_only_looked_at_lists_what_was_never_worked_out(bench: Bench) -> None:
    bench.analyse()
    database = Database(bench.database.path, read_only=True)
    page = CaseListing(database).page(CaseQuery(), 0, 10)
    assert (page.matching, page.total) == (1, 1)
    assert page.summaries[0].cells[0].findings[0] == "No bands can be seen."
    assert CaseListing(database).page(CaseQuery(words=("nowhere",)), 0, 10).summaries == ()
    database.close()


def test_it_cannot_be_assigned_again(bench: Bench) -> None:
    cell = bench.analyse()
    with pytest.raises(KaryoError, match="No bands can be seen"):
        bench.analysis.reassign(cell.id, bench.assigner)


@pytest.mark.parametrize(
    ("inverse", "why"),
    [
        (False, "The bands cannot be read as G-bands"),
        (True, "The bands cannot be read as G-bands, rather as R-bands"),
    ],
)
def test_of_other_bands_no_type_is_told_anywhere(bench: Bench, inverse: bool, why: str) -> None:
    bench.reader.quality = replace(QUALITY, other_bands=0.97, inverse_bands=inverse)
    cell = bench.analyse()
    assert {c.assigned.reasons for c in cell.chromosomes if c.assigned} == {
        (f"{why}: its type cannot be determined.",)
    }
    assert Karyogram(cell.placements).counts[TRAY] == len(cell.chromosomes)
    (row,) = CaseListing(bench.database).all(in_bin=False)[0].cells
    assert row.findings[0] == f"{why}."
    assert row.iscn.startswith(f"{why}: 6 chromosomes counted")
    repaired = bench.repair(cut(separated()[0], 12, "c90", "c91"))
    assert Karyogram(repaired.placements).counts[TRAY] == 7
    with pytest.raises(KaryoError, match=why):
        bench.analysis.reassign(cell.id, bench.assigner)


def test_a_scale_set_by_hand_settles_the_doubt_of_it(bench: Bench) -> None:
    bench.reader.quality = replace(QUALITY, scale_fits=1.25)
    assert bench.analyse().quality == bench.reader.quality
    bench.repairs.set_recipe(bench.cell_id, Recipe(scale=1.0), "ann")
    quality = bench.analyse().quality
    assert quality == replace(QUALITY, scale_fits=None)


class SeesNoBands(FakeAnalyser):
    """Says of ready cut-outs that their bands cannot be read."""

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        unread = replace(QUALITY, other_bands=0.97)
        return replace(super().analyse(request, monitor), quality=unread)


def test_cut_outs_without_bands_get_no_types_until_a_network_reads_them(
    workspace: Workspace, imported: Cell
) -> None:
    told = "The bands cannot be read as G-bands: its type cannot be determined."
    for _ in range(2):
        cell = workspace.analysis.analyse(imported.id, SeesNoBands(), SilentMonitor())
        assert Karyogram(cell.placements).counts[TRAY] == len(cell.chromosomes) > 0
        assert all(c.assigned and c.assigned.reasons == (told,) for c in cell.chromosomes)
        report = cell_report(cell, None)
        assert report.iscn.text == ""
        assert report.iscn.question.startswith("The bands cannot be read as G-bands")
    cell = workspace.analysis.analyse(imported.id, FakeAnalyser(), SilentMonitor())
    assert cell.is_readable
    assert Karyogram(cell.placements).counts[TRAY] == 0


def test_the_places_of_a_finished_karyogram_stand_whatever_its_bands(
    workspace: Workspace, tmp_path: Path
) -> None:
    picture, truth = own_sheet(KARYOTYPES["46,XY"], 1, 1150)
    path = tmp_path / "K 12.png"
    path.write_bytes(encoded(picture))
    (cell_id,) = workspace.importer.import_paths([path], SilentMonitor()).cell_ids
    cell = workspace.analysis.analyse(cell_id, SeesNoBands(), SilentMonitor())
    board = Karyogram(cell.placements)
    assert [board.placement(c.id).slot for c in cell.chromosomes] == truth
    assert cell.is_readable
