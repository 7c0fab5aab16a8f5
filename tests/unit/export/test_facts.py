from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from karyogui.domain.chromosome import Polarity
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import Change, Karyogram, Placement
from karyogui.domain.review import Edit
from karyogui.domain.sitting import ActionKind
from karyogui.export import EXPORTERS, Exporter
from karyogui.export.facts import (
    corrections,
    ordinal,
    result_text,
    standings,
    still_to_review,
    when_text,
    work_text,
)
from karyogui.services.reporting import cell_report
from tests.unit.export.builders import (
    NOON,
    altered,
    cell,
    chromosome,
    counts_of,
    edited,
    report_data,
)


def test_every_chromosome_stands_somewhere_even_without_a_placement() -> None:
    report = altered(cell(counts_of(c21=3)), placements=())
    assert [s.type for s in standings(report)] == ["unplaced"] * 47
    part = altered(report, placements=cell(counts_of(c21=3)).cell.placements[:-2])
    assert sum(s.type == "unplaced" for s in standings(part)) == 2
    assert len({s.chromosome.id for s in standings(part)}) == 47


def test_the_place_tells_which_of_several() -> None:
    places = [s.place for s in standings(cell(counts_of(c21=3, X=1, Y=1))) if s.type in "21 Y"]
    assert "21, 3rd of 3" in places
    assert "Y" in places


def test_corrections_hold_what_a_person_changed_and_nothing_else() -> None:
    report = cell()
    karyogram = Karyogram(report.cell.placements)
    move = karyogram.move(["c0"], "2")
    turn = karyogram.turn(["c10"], 180)
    mirror = karyogram.mirror(["c20"])
    after = edited(report, move, turn, mirror, karyogram.confirm(["c30"]))
    found = {c.standing.chromosome.id: c for c in corrections(after)}
    assert found.keys() == {"c0", "c10", "c20"}
    assert (found["c0"].predicted, found["c0"].assigned, found["c0"].standing.type) == (
        "1",
        "1",
        "2",
    )
    assert found["c10"].turned == 180
    assert found["c20"].standing.placement.mirrored
    assert found["c10"].last_edit is not None
    assert found["c10"].last_edit.change is turn


def test_turning_q_arms_down_by_the_program_is_no_correction() -> None:
    upside_down = chromosome(0, "7", polarity=Polarity.Q_UP)
    report = altered(cell({}), chromosomes=(upside_down,))
    placed = altered(report, placements=Karyogram.from_analysis(report.cell.chromosomes).placements)
    assert placed.cell.placements[0].turn == 180
    assert corrections(placed) == ()


def test_an_edit_taken_back_is_no_correction() -> None:
    report = cell()
    change = Karyogram(report.cell.placements).turn(["c3"], 180)
    assert corrections(edited(report, change, change.inverse)) == ()


def test_one_sentence_tells_the_work_of_persons_in_every_state() -> None:
    report = cell()
    as_proposed = "every chromosome is where it was proposed"
    assert work_text(report) == f"No edits by a person: {as_proposed} and none is confirmed."
    board = Karyogram(report.cell.placements)
    there = edited(report, board.turn(["c8"], 180.0))
    one = "1 chromosome is placed differently than proposed and none is confirmed."
    assert work_text(there) == f"By A. Nowak: {one}"
    again = Karyogram(there.cell.placements).turn(["c8"], 180.0)
    back = edited(report, board.turn(["c8"], 180.0), again)
    taken_back = f"What A. Nowak changed was taken back: {as_proposed} and none is confirmed."
    assert work_text(back) == taken_back
    sure = edited(report, board.confirm(["c8"], True))
    assert work_text(sure) == f"By A. Nowak: {as_proposed} and 1 is confirmed."
    by_program = replace(
        sure.cell.edits[0], change=replace(sure.cell.edits[0].change, by_program=True)
    )
    assert work_text(altered(report, edits=(by_program,))) == work_text(report)


def repair(text: str, kind: ActionKind, minute: int, who: str = "A. Nowak") -> Edit:
    change = Change(text, (), (), by_program=True, kind=kind, repairs=True)
    return Edit(who, NOON + timedelta(minutes=minute), change)


def test_repairs_are_told_by_kind_and_person_where_no_chromosome_was_moved() -> None:
    edits = (
        repair("Cut a chromosome into 2", ActionKind.CUT, 1),
        repair("Split a crossing", ActionKind.SPLIT, 2, "B. Kim"),
        repair("Cut a chromosome into 2", ActionKind.CUT, 3),
        repair("Undo: Cut a chromosome into 2", ActionKind.CUT, 4),
        repair("Delete a chromosome", ActionKind.DELETE, 5, "C. Ray"),
        repair("Undo: Delete a chromosome", ActionKind.DELETE, 6, "C. Ray"),
    )
    told = work_text(altered(cell(), edits=edits))
    assert told == (
        "By A. Nowak, B. Kim: 2 repairs of the photograph (cut 1, split crossing 1), "
        "every other chromosome is where it was proposed and none is confirmed."
    )


def test_a_move_there_and_back_by_hand_is_no_change() -> None:
    report = cell()
    board = Karyogram(report.cell.placements)
    there = board.move(["c24"], "14")
    moved = edited(report, there)
    back = Karyogram(moved.cell.placements).move(["c24"], "13", 0)
    same = edited(report, there, back)
    assert [c.standing.chromosome.id for c in corrections(moved)] == ["c24"]
    assert corrections(same) == ()
    assert "every chromosome is where it was proposed and 1 is confirmed" in work_text(same)


def test_the_last_edit_is_of_who_moved_it_and_not_of_who_moved_its_neighbour() -> None:
    report = cell()
    move = Karyogram(report.cell.placements).move(["c0"], "2", 2)
    then = edited(report, move)
    other = Karyogram(then.cell.placements).move(["c2"], "3")
    both = edited(report, move, other)
    found = {c.standing.chromosome.id: c.last_edit for c in corrections(both)}
    assert {i: e and e.change for i, e in found.items()} == {"c0": move, "c2": other}


def test_the_proposal_is_told_beside_the_result() -> None:
    report = altered(cell(counts_of(c7=1)), iscn=IscnProposal("45,XX,-7"))
    assert result_text(report) == "45,XX,-7 (unchanged)"
    as_22 = Karyogram(report.cell.placements).move([report.cell.chromosomes[0].id], "7")
    swapped = edited(report, as_22)
    assert result_text(altered(swapped, iscn=IscnProposal("45,XX,-1"))) == "45,XX,-7 → 45,XX,-1"


def test_confirmed_chromosomes_leave_the_list_to_review() -> None:
    doubtful = tuple(chromosome(n, "7", reasons=["Low probability."]) for n in range(2))
    report = altered(cell({}), chromosomes=doubtful)
    report = altered(report, placements=Karyogram.from_analysis(doubtful).placements)
    assert len(still_to_review(report)) == 2
    confirmed = edited(report, Karyogram(report.cell.placements).confirm(["c0"]))
    assert [s.standing.chromosome.id for s in still_to_review(confirmed)] == ["c1"]


def test_unplaced_objects_ask_for_review() -> None:
    assert [s.standing.type for s in still_to_review(cell(tray=1))] == ["unplaced"]


def test_words_for_numbers() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, 102, 111)] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "102nd", "111th"]
    )


def test_a_time_tells_its_zone_only_where_it_has_one() -> None:
    assert when_text(datetime(2026, 3, 4, 9, 5)) == "2026-03-04 09:05"
    assert " UTC" in when_text(datetime(2026, 3, 4, 9, 5, tzinfo=UTC))


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.id)
def test_a_reported_cell_has_its_karyogram_built_once(
    exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Karyogram] = []
    build = Karyogram.__init__

    def counted(self: Karyogram, placements: Iterable[Placement]) -> None:
        built.append(self)
        build(self, placements)

    analysed = cell(tray=2).cell
    monkeypatch.setattr(Karyogram, "__init__", counted)
    exporter.write(report_data(cell_report(analysed)), BytesIO())
    assert len(built) == 1
