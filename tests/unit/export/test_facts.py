from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
import pytest

from karyogui.domain.chromosome import Polarity
from karyogui.domain.karyogram import Karyogram, Placement
from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.export import EXPORTERS, Exporter
from karyogui.export.facts import (
    corrections,
    number_word,
    ordinal,
    standings,
    still_to_review,
    when_text,
    work_text,
)
from karyogui.services.reporting import cell_report
from tests.unit.export.builders import (
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
    as_proposed = "every chromosome stands as proposed"
    assert work_text(report) == f"No edits by a person: {as_proposed} and none is confirmed."
    board = Karyogram(report.cell.placements)
    there = edited(report, board.turn(["c8"], 180.0))
    one = "1 chromosome stands otherwise than proposed and none is confirmed."
    assert work_text(there) == f"After 1 edit by A. Nowak, {one}"
    again = Karyogram(there.cell.placements).turn(["c8"], 180.0)
    back = edited(report, board.turn(["c8"], 180.0), again)
    assert work_text(back) == f"After 2 edits by A. Nowak, {as_proposed} and none is confirmed."
    sure = edited(report, board.confirm(["c8"], True))
    assert work_text(sure) == f"After 1 edit by A. Nowak, {as_proposed} and 1 is confirmed."
    by_program = replace(
        sure.cell.edits[0], change=replace(sure.cell.edits[0].change, by_program=True)
    )
    assert work_text(altered(report, edits=(by_program,))) == work_text(report)


def test_a_repair_is_told_where_no_chromosome_was_moved() -> None:
    mask = np.ones((4, 4), bool)
    made = SeparatedObject("c9", ObjectKind.CHROMOSOME, mask, (0, 0), (0, 0, 4, 4), by_person=True)
    told = work_text(altered(cell(), objects=(made,)))
    assert told.endswith(
        "as proposed, none is confirmed and 1 object of the photograph was repaired."
    )


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
    assert [number_word(n) for n in (0, 3, 12, 13)] == ["none", "three", "twelve", "13"]
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
