from dataclasses import replace
from datetime import UTC, datetime

from karyogui.domain.chromosome import Polarity
from karyogui.domain.karyogram import Karyogram
from karyogui.export.facts import (
    corrections,
    number_word,
    ordinal,
    standings,
    still_to_review,
    when_text,
)
from tests.unit.export.builders import cell, chromosome, counts_of, edited


def test_every_chromosome_stands_somewhere_even_without_a_placement() -> None:
    report = replace(cell(counts_of(c21=3)), placements=())
    assert [s.type for s in standings(report)] == ["unplaced"] * 47
    part = replace(report, placements=cell(counts_of(c21=3)).placements[:-2])
    assert sum(s.type == "unplaced" for s in standings(part)) == 2
    assert len({s.chromosome.id for s in standings(part)}) == 47


def test_the_place_tells_which_of_several() -> None:
    places = [s.place for s in standings(cell(counts_of(c21=3, X=1, Y=1))) if s.type in "21 Y"]
    assert "21, 3rd of 3" in places
    assert "Y" in places


def test_corrections_hold_what_a_person_changed_and_nothing_else() -> None:
    report = cell()
    karyogram = Karyogram(report.placements)
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
    report = replace(cell({}), chromosomes=(upside_down,))
    placed = replace(report, placements=Karyogram.from_analysis(report.chromosomes).placements)
    assert placed.placements[0].turn == 180
    assert corrections(placed) == ()


def test_an_edit_taken_back_is_no_correction() -> None:
    report = cell()
    change = Karyogram(report.placements).turn(["c3"], 180)
    assert corrections(edited(report, change, change.inverse)) == ()


def test_confirmed_chromosomes_leave_the_list_to_review() -> None:
    doubtful = tuple(chromosome(n, "7", reasons=["Low probability."]) for n in range(2))
    report = replace(cell({}), chromosomes=doubtful)
    report = replace(report, placements=Karyogram.from_analysis(doubtful).placements)
    assert len(still_to_review(report)) == 2
    confirmed = edited(report, Karyogram(report.placements).confirm(["c0"]))
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
