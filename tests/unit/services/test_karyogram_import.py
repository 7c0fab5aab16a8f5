"""A finished karyogram becomes a cell: each chromosome stands where a person had put it."""

from pathlib import Path

import numpy as np
import pytest

from karyogui.domain.cell import Cell, PictureKind
from karyogui.domain.chromosome import TYPES, Polarity
from karyogui.domain.iscn import propose
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.domain.review import FINISHED_KARYOGRAM, review_queue
from karyogui.domain.trail import first_proposal
from karyogui.errors import KaryoError
from karyogui.services.discovery import find_cells
from karyogui.services.importing import ImportOutcome
from karyogui.services.progress import SilentMonitor
from karyogui.services.sorting import sort_pictures
from karyogui.services.training_set import summarise
from karyogui.services.workspace import Workspace
from tests.unit.services.fakes import FakeAnalyser, encoded
from tests.unit.services.karyograms import KARYOTYPES, other_sheet, own_sheet
from tests.unit.services.photographs import karyogram, metaphase


def import_sheet(
    workspace: Workspace, folder: Path, picture: np.ndarray, name: str = "K 12.png"
) -> ImportOutcome:
    path = folder / name
    path.write_bytes(encoded(picture))
    return workspace.importer.import_paths([path], SilentMonitor())


def labelled(workspace: Workspace, folder: Path, name: str = "47,XX,+21") -> tuple[Cell, list[str]]:
    """A cell read from a karyogram, analysed by a network that is right with types 1 only."""
    picture, truth = own_sheet(KARYOTYPES[name], 1, 1150)
    (cell_id,) = import_sheet(workspace, folder, picture).cell_ids
    return workspace.analysis.analyse(cell_id, FakeAnalyser(), SilentMonitor()), truth


def standing(cell: Cell) -> list[str]:
    board = Karyogram(cell.placements)
    return [board.placement(c.id).slot for c in cell.chromosomes]


def test_it_comes_in_as_a_cell_of_its_own_kind(workspace: Workspace, tmp_path: Path) -> None:
    picture, truth = own_sheet(KARYOTYPES["46,XY"], 1, 1150)
    outcome = import_sheet(workspace, tmp_path, picture)
    (remark,) = outcome.remarks
    assert outcome.problems == ()
    assert "K 12.png is a finished karyogram. Its 46 chromosomes were cut out" in remark
    cell = workspace.library.cell(outcome.cell_ids[0])
    assert cell.name == "K 12"
    assert cell.is_from_karyogram
    assert not cell.has_photograph
    assert [p.slot for p in cell.pictures] == truth
    assert {p.kind for p in cell.pictures} == {PictureKind.KARYOGRAM}
    assert cell.pictures[0].name == "1-1.png"


def test_a_photograph_beside_it_is_not_passed_over_in_silence(
    workspace: Workspace, tmp_path: Path
) -> None:
    sheet, _ = own_sheet(KARYOTYPES["46,XX"], 1, 800)
    page = np.full((max(sheet.shape[0], 640), 1560), 255, np.uint8)
    page[: sheet.shape[0], 760:] = sheet
    page[20:620, 20:740] = metaphase(3)
    (alone,) = import_sheet(workspace, tmp_path, sheet, "alone.png").remarks
    assert "photograph" not in alone
    for name, picture in (("page.png", page), ("on its side.png", np.rot90(page))):
        remarks = import_sheet(workspace, tmp_path, picture, name).remarks
        (remark,) = (each for each in remarks if "Its 46 chromosomes were cut out" in each)
        assert remark.endswith("The photograph beside it was not used.")


def test_each_stands_at_its_place_as_a_persons_word(workspace: Workspace, tmp_path: Path) -> None:
    cell, truth = labelled(workspace, tmp_path)
    assert standing(cell) == truth
    assert all(placement.slot_is_decided for placement in cell.placements)
    assert {placement.turn for placement in cell.placements} == {0.0}
    (edit,) = cell.edits
    assert (edit.who, edit.change.by_program) == (FINISHED_KARYOGRAM, False)
    counts = Karyogram(cell.placements).counts
    assert str(propose(counts)) == "47,XX,+21"
    (summary,) = workspace.library.summaries()
    assert summary.cells[0].iscn == "47,XX,+21"
    assert not cell.check


def test_the_network_is_compared_and_its_own_proposal_is_known(
    workspace: Workspace, tmp_path: Path
) -> None:
    cell, truth = labelled(workspace, tmp_path)
    queue = {item.chromosome_id: item for item in review_queue(
        cell.chromosomes, Karyogram(cell.placements), cell.assignment
    )}  # fmt: skip
    for number, (chromosome, slot) in enumerate(zip(cell.chromosomes, truth, strict=True)):
        told = TYPES[number % 24]
        placement = Karyogram(cell.placements).placement(chromosome.id)
        assert placement.confirmed is (told == slot)
        if told != slot:
            reason = queue[chromosome.id].reasons[0]
            assert reason == f"The assignment puts it at {told}; it is at {slot}."
    # 47 pictures that the network takes for 1, 2, 3 … from the first to the last.
    assert str(first_proposal(cell)) != "47,XX,+21"


def test_analysed_again_it_stays_as_the_person_had_it(workspace: Workspace, tmp_path: Path) -> None:
    cell, truth = labelled(workspace, tmp_path)
    again = workspace.analysis.analyse(cell.id, FakeAnalyser(shift=5), SilentMonitor())
    assert again.revision == 2
    assert standing(again) == truth


def test_what_the_network_sets_upside_down_stands_as_printed(
    workspace: Workspace, tmp_path: Path
) -> None:
    picture, _ = own_sheet(KARYOTYPES["46,XX"], 1, 1150)
    (cell_id,) = import_sheet(workspace, tmp_path, picture).cell_ids
    cell = workspace.analysis.analyse(cell_id, FakeAnalyser(angle=178.0), SilentMonitor())
    assert {placement.turn for placement in cell.placements} == {180.0}
    assert cell.chromosomes[0].assigned is not None
    assert cell.chromosomes[0].assigned.polarity is Polarity.Q_DOWN


def test_a_place_that_cannot_be_told_goes_to_the_tray(workspace: Workspace, tmp_path: Path) -> None:
    picture, truth = other_sheet(KARYOTYPES["47,XXY"], 5, labels=False)
    outcome = import_sheet(workspace, tmp_path, picture)
    assert "1 in the tray because their place is unclear" in outcome.remarks[0]
    cell = workspace.analysis.analyse(outcome.cell_ids[0], FakeAnalyser(), SilentMonitor())
    assert standing(cell) == [*truth[:-1], TRAY]
    last = Karyogram(cell.placements).placement(cell.chromosomes[-1].id)
    assert not last.confirmed


def test_what_a_person_agreed_with_can_be_trained_on(workspace: Workspace, tmp_path: Path) -> None:
    cell, truth = labelled(workspace, tmp_path)
    agreed = sum(placement.confirmed for placement in cell.placements)
    assert summarise(workspace.library).chromosomes == agreed > 0
    change = Karyogram(cell.placements).confirm([c.id for c in cell.chromosomes])
    workspace.reviews.record(cell.id, change, "A person")
    found = summarise(workspace.library)
    assert found.chromosomes == len(truth)
    assert found.counts["21"] == 3


def test_one_whose_places_cannot_be_told_is_left_out_with_a_sentence(
    workspace: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(KaryoError, match="it is unclear which place is which: it was left out"):
        import_sheet(workspace, tmp_path, karyogram())
    assert workspace.library.summaries() == ()


def test_the_command_line_leaves_it_out(tmp_path: Path) -> None:
    path = tmp_path / "k.png"
    path.write_bytes(encoded(own_sheet(KARYOTYPES["46,XX"], 1, 1150)[0]))
    with find_cells([path]) as found:
        made = sort_pictures(found.cells, SilentMonitor())
    assert made.cells == ()
    (problem,) = made.problems
    assert "looks like a finished karyogram" in problem
    assert "parallel or in rows: it was left out." in problem


def test_a_person_may_call_a_picture_a_karyogram(workspace: Workspace, tmp_path: Path) -> None:
    picture, truth = own_sheet(KARYOTYPES["46,XY"], 1, 1150)
    (tmp_path / "K 12.png").write_bytes(encoded(picture))
    (tmp_path / "other.png").write_bytes(encoded(picture[:, : picture.shape[1] // 2]))
    (tmp_path / "broken.png").write_bytes(b"nothing")
    paths = [tmp_path / name for name in ("K 12.png", "other.png", "broken.png")]
    outcome = workspace.importer.import_paths(paths, SilentMonitor(), kind=PictureKind.KARYOGRAM)
    (cell_id,) = outcome.cell_ids
    assert [p.slot for p in workspace.library.cell(cell_id).pictures] == truth
    assert len(outcome.problems) == 2
    (unread,) = [p for p in outcome.problems if "other.png" in p]
    assert "it is unclear which place of a karyogram is which" in unread
    assert any("broken.png" in p for p in outcome.problems)
