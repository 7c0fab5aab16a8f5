"""An analysis is stored whole or not at all, and a second one loses nothing of a person's work."""

import logging
import os
from pathlib import Path

import numpy as np
import pytest

from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.case import CaseState
from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.errors import KaryoError
from karyogui.services.progress import Cancelled, Monitor, SilentMonitor
from karyogui.services.reviewing import assign_again
from karyogui.services.workspace import Workspace
from model.vocabulary.results import Scale
from tests.unit.services.fakes import (
    FakeAnalyser,
    FakeAssigner,
    RecordingMonitor,
    files_in,
    full_disk,
)


def test_the_request_has_the_pictures_in_order(workspace: Workspace, imported: Cell) -> None:
    analyser = FakeAnalyser()
    workspace.analysis.analyse(imported.id, analyser, SilentMonitor())
    (request,) = analyser.requests
    assert [picture.name for picture in request.pictures] == [f"{n}.png" for n in range(1, 7)]
    assert request.pictures[0].pixels.shape == (57, 14)
    assert request.cell_name == "cell 1"


def test_everything_of_a_result_is_stored(workspace: Workspace, imported: Cell) -> None:
    analyser = FakeAnalyser()
    cell = workspace.analysis.analyse(imported.id, analyser, SilentMonitor())
    again = workspace.library.cell(imported.id)
    expected = analyser.analyse(analyser.requests[0], SilentMonitor())
    for stored in (cell, again):
        assert stored.is_analysed
        assert stored.model == expected.model
        assert stored.seconds == expected.seconds
        assert [c.id for c in stored.chromosomes] == [f"c0{n}" for n in range(1, 7)]
        for chromosome, item in zip(stored.chromosomes, expected.chromosomes, strict=True):
            assert chromosome.predicted == item.predicted
            assert chromosome.assigned == item.assigned
            assert np.array_equal(chromosome.segment.crop, item.segment.crop)
            assert np.array_equal(chromosome.segment.mask, item.segment.mask)
            assert chromosome.segment.source == item.segment.source
            assert chromosome.segment.angle == item.segment.angle
        assert Karyogram(stored.placements).counts["6"] == 1
        assert stored.edits == ()


def test_the_row_of_the_browser_follows(workspace: Workspace, analysed: Cell) -> None:
    (summary,) = workspace.library.summaries()
    assert summary.state is CaseState.ANALYSED
    assert summary.chromosome_count == 6
    assert summary.thumbnail is not None


@pytest.mark.parametrize("report", [1, 4, 7])
def test_a_cancelled_analysis_leaves_the_cell_as_it_was(
    workspace: Workspace, imported: Cell, data_folder: Path, report: int
) -> None:
    before = files_in(data_folder / "pictures")
    with pytest.raises(Cancelled):
        workspace.analysis.analyse(imported.id, FakeAnalyser(), RecordingMonitor(report))
    assert not workspace.library.cell(imported.id).is_analysed
    assert files_in(data_folder / "pictures") == before


def test_a_full_disk_leaves_the_cell_as_it_was(
    workspace: Workspace,
    imported: Cell,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = files_in(data_folder / "pictures")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(KaryoError, match="The disk is full"):
        workspace.analysis.analyse(imported.id, FakeAnalyser(), SilentMonitor())
    assert not workspace.library.cell(imported.id).is_analysed
    assert files_in(data_folder / "pictures") == before


def test_wrong_weights_leave_the_cell_as_it_was(workspace: Workspace, imported: Cell) -> None:
    class Broken:
        def analyse(self, request: object, monitor: Monitor) -> None:
            raise KaryoError("The weights are damaged.")

    with pytest.raises(KaryoError, match="weights are damaged"):
        workspace.analysis.analyse(imported.id, Broken(), SilentMonitor())
    assert not workspace.library.cell(imported.id).is_analysed


@pytest.mark.parametrize("damage", ["gone", "altered"])
def test_a_damaged_store_is_told(
    workspace: Workspace, imported: Cell, data_folder: Path, damage: str
) -> None:
    key = imported.pictures[2].key
    path = data_folder / "pictures" / key[:2] / key
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(KaryoError, match=r"missing|damaged"):
        workspace.analysis.analyse(imported.id, FakeAnalyser(), SilentMonitor())


class TestAnalysingAgain:
    """Revision 2: earlier records stay, a person's decisions stay, the rest follows the network."""

    def edited(self, workspace: Workspace, cell: Cell) -> Karyogram:
        karyogram = Karyogram(cell.placements)
        for change in (
            karyogram.move(["c01"], "X"),
            karyogram.turn(["c02"], 180.0),
            karyogram.confirm(["c03"]),
        ):
            karyogram.apply(change)
            workspace.reviews.record(cell.id, change, "ann")
        return karyogram

    def test_decisions_of_a_person_stay(self, workspace: Workspace, analysed: Cell) -> None:
        before = self.edited(workspace, analysed)
        cell = workspace.analysis.analyse(
            analysed.id, FakeAnalyser(shift=10, version="2.0"), SilentMonitor()
        )
        now = Karyogram(cell.placements)
        for kept in ("c01", "c02", "c03"):
            assert now.placement(kept) == before.placement(kept)
        assert [now.placement(i).slot for i in ("c04", "c05", "c06")] == ["14", "15", "16"]
        assert cell.chromosomes[0].assigned is not None
        assert cell.chromosomes[0].assigned.type == "11"
        assert cell.model is not None
        assert cell.model.version == "2.0"

    def test_the_trail_is_whole(self, workspace: Workspace, analysed: Cell) -> None:
        self.edited(workspace, analysed)
        cell = workspace.analysis.analyse(analysed.id, FakeAnalyser(10), SilentMonitor())
        assert [edit.who for edit in cell.edits] == ["ann", "ann", "ann", "KaryoGUI"]
        replayed = {p.chromosome_id: p for p in analysed.placements}
        for edit in cell.edits:
            for placement in edit.change.before:
                assert replayed[placement.chromosome_id] == placement
            replayed |= {p.chromosome_id: p for p in edit.change.after}
        assert set(replayed.values()) == set(cell.placements)

    def test_a_withdrawn_decision_is_none(self, workspace: Workspace, analysed: Cell) -> None:
        karyogram = Karyogram(analysed.placements)
        change = karyogram.move(["c01"], "X")
        for step in (change, change.inverse):
            karyogram.apply(step)
            workspace.reviews.record(analysed.id, step, "ann")
        cell = workspace.analysis.analyse(analysed.id, FakeAnalyser(10), SilentMonitor())
        assert Karyogram(cell.placements).placement("c01").slot == "11"

    def test_a_neighbour_pushed_along_is_no_decision(
        self, workspace: Workspace, analysed: Cell
    ) -> None:
        karyogram = Karyogram(analysed.placements)
        change = karyogram.move(["c01"], "2", 0)
        workspace.reviews.record(analysed.id, change, "ann")
        cell = workspace.analysis.analyse(analysed.id, FakeAnalyser(10), SilentMonitor())
        now = Karyogram(cell.placements)
        assert now.in_slot("2") == ("c01",)
        assert now.placement("c02").slot == "12"

    def test_a_turn_follows_a_crop_set_upright_otherwise(
        self, workspace: Workspace, analysed: Cell
    ) -> None:
        self.edited(workspace, analysed)
        analyser = FakeAnalyser(10, angle=-178.5)
        cell = workspace.analysis.analyse(analysed.id, analyser, SilentMonitor())
        now = Karyogram(cell.placements)
        assert now.placement("c02").turn == pytest.approx(0.0)
        assert now.placement("c01").turn == pytest.approx(180.0)

    def test_a_signed_cell_is_refused(self, workspace: Workspace, analysed: Cell) -> None:
        workspace.reviews.sign_off(analysed.id, "ann")
        analyser = FakeAnalyser()
        with pytest.raises(KaryoError, match="signed off"):
            workspace.analysis.analyse(analysed.id, analyser, SilentMonitor())
        assert analyser.requests == []

    def test_a_turn_stays_a_decision_after_an_assignment(
        self, workspace: Workspace, analysed: Cell
    ) -> None:
        karyogram = Karyogram(analysed.placements)
        turned = karyogram.turn(["c02"], 180.0)
        karyogram.apply(turned)
        workspace.reviews.record(analysed.id, turned, "ann")
        workspace.reviews.record(analysed.id, karyogram.assign({"c02": "9"}, "Assign"), "ann")
        cell = workspace.analysis.analyse(analysed.id, FakeAnalyser(10), SilentMonitor())
        assert Karyogram(cell.placements).placement("c02").turn == 180.0


class TestAssigningAgain:
    """From the stored probabilities, as a new revision; what a person decided stays."""

    def again(self, workspace: Workspace, cell: Cell, assigner: FakeAssigner) -> Cell:
        """As the window does it: think, store, and bring it onto the board as one edit."""
        reassignment = workspace.analysis.reassign(cell.id, assigner)
        present = workspace.library.cell(cell.id)
        karyogram = Karyogram(present.placements)
        change = assign_again(reassignment, present.chromosomes, karyogram)
        workspace.analysis.keep_reassignment(cell.id, reassignment)
        workspace.reviews.record(cell.id, change, "ann")
        return workspace.library.cell(cell.id)

    def test_the_whole_summary_comes_back(self, workspace: Workspace, imported: Cell) -> None:
        summary = AssignmentSummary("map", ("c02", "c05"), (2,) * 23 + (0,), 0.75, Scale(1.25))
        analyser = FakeAnalyser(summary=summary, margin=4.5)
        cell = workspace.analysis.analyse(imported.id, analyser, SilentMonitor())
        assert cell.assignment == summary
        assert cell.model is not None
        assert cell.model.runtime == "a fake, CPU"
        assigned = [c.assigned for c in cell.chromosomes if c.assigned]
        assert [a.margin for a in assigned] == [4.5] * 6
        assert [a.moved for a in assigned] == [False, False, True, False, False, False]

    def test_nothing_is_stored_before_it_is_kept(
        self, workspace: Workspace, analysed: Cell
    ) -> None:
        assigner = FakeAssigner(c01="9")
        reassignment = workspace.analysis.reassign(analysed.id, assigner)
        assert reassignment.assigned[0].type == "9"
        assert assigner.asked == [(analysed.model, None)]
        stored = workspace.library.cell(analysed.id)
        assert [c.assigned for c in stored.chromosomes] == [
            c.assigned for c in analysed.chromosomes
        ]

    def test_it_is_a_revision_of_the_same_look(self, workspace: Workspace, analysed: Cell) -> None:
        cell = self.again(workspace, analysed, FakeAssigner(c01="9"))
        assert cell.assignment is not None
        assert cell.assignment.label == "Algorithm 1 (paper)"
        assert (cell.model, cell.seconds, cell.analysed_at) == (
            analysed.model,
            analysed.seconds,
            analysed.analysed_at,
        )
        first = cell.chromosomes[0]
        assert first.assigned is not None
        assert (first.assigned.type, first.assigned.moved) == ("9", True)
        assert first.predicted == analysed.chromosomes[0].predicted
        assert np.array_equal(first.segment.crop, analysed.chromosomes[0].segment.crop)
        assert Karyogram(cell.placements).placement("c01").slot == "9"
        assert not Karyogram(cell.placements).placement("c01").confirmed
        (edit,) = cell.edits
        assert (edit.who, edit.change.by_program) == ("ann", True)
        assert edit.change.text == "Assign again: Algorithm 1 (paper)"
        assert workspace.library.summaries()[0].state is CaseState.ANALYSED

    def test_what_a_person_decided_stays(self, workspace: Workspace, analysed: Cell) -> None:
        karyogram = Karyogram(analysed.placements)
        for change in (
            karyogram.confirm(["c01"]),
            karyogram.move(["c02"], TRAY),
            karyogram.move(["c03"], "X"),
            karyogram.turn(["c04"], 180.0),
        ):
            karyogram.apply(change)
            workspace.reviews.record(analysed.id, change, "ann")
        everything = dict.fromkeys((c.id for c in analysed.chromosomes), "20")
        cell = self.again(workspace, analysed, FakeAssigner(**everything))
        now = Karyogram(cell.placements)
        assert [now.placement(i).slot for i in ("c01", "c02", "c03")] == ["1", TRAY, "X"]
        assert [now.placement(i).slot for i in ("c04", "c05", "c06")] == ["20"] * 3
        assert now.placement("c04").turn == 180.0

    def test_undone_and_assigned_once_more(self, workspace: Workspace, analysed: Cell) -> None:
        cell = self.again(workspace, analysed, FakeAssigner(c01="9"))
        workspace.reviews.record(analysed.id, cell.edits[0].change.inverse, "ann")
        back = workspace.library.cell(analysed.id)
        assert Karyogram(back.placements).placement("c01").slot == "1"
        cell = self.again(workspace, analysed, FakeAssigner(c01="10"))
        assert Karyogram(cell.placements).placement("c01").slot == "10"
        later = workspace.analysis.analyse(analysed.id, FakeAnalyser(10), SilentMonitor())
        assert Karyogram(later.placements).placement("c01").slot == "11"

    def test_unknown_objects_go_to_the_tray(self, workspace: Workspace, analysed: Cell) -> None:
        cell = self.again(workspace, analysed, FakeAssigner(c01=None))
        assert Karyogram(cell.placements).placement("c01").slot == TRAY

    def test_a_signed_or_unanalysed_cell_is_refused(
        self, workspace: Workspace, imported: Cell
    ) -> None:
        with pytest.raises(KaryoError, match="not been analysed"):
            workspace.analysis.reassign(imported.id, FakeAssigner())
        workspace.analysis.analyse(imported.id, FakeAnalyser(), SilentMonitor())
        reassignment = workspace.analysis.reassign(imported.id, FakeAssigner(c01="9"))
        workspace.reviews.sign_off(imported.id, "ann")
        with pytest.raises(KaryoError, match="signed off"):
            workspace.analysis.reassign(imported.id, FakeAssigner())
        with pytest.raises(KaryoError, match="signed off"):
            workspace.analysis.keep_reassignment(imported.id, reassignment)
        assert workspace.library.cell(imported.id).assignment is None


def test_the_log_tells_import_and_analysis_by_numbers_and_nothing_by_name(
    workspace: Workspace, cell_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "karyogui"):
        (cell_id,) = workspace.importer.import_paths([cell_folder], SilentMonitor()).cell_ids
        workspace.analysis.analyse(cell_id, FakeAnalyser(), SilentMonitor())
        with pytest.raises(KaryoError):
            workspace.importer.import_paths([cell_folder / "no such picture"], SilentMonitor())
    first, second, third = caplog.messages
    assert first.startswith(f"import, cases 1, cells {cell_id}, 0 left out: ")
    assert second.startswith(f"analysis of cell {cell_id}: ")
    assert third.startswith("import, refused at ")
    for name in ("cell 1", "case 7", "no such picture"):
        assert name not in caplog.text.replace(f"cells {cell_id}", "").replace("of cell 1", "")
