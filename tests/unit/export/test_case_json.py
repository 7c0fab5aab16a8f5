import json
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest

from karyogui.domain.case import CaseDetails
from karyogui.domain.chromosome import Polarity
from karyogui.domain.iscn import IscnProposal
from karyogui.domain.karyogram import Karyogram, initial_placements
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import NOT_RENEWED
from karyogui.domain.separation_check import CheckEntry, CheckKind, EntryState
from karyogui.export.case_json import CaseJson, cell_document, imported_polarity
from karyogui.services.reporting import cell_report
from tests.unit.export.builders import (
    altered,
    cell,
    chromosome,
    counts_of,
    disputed_cell,
    edited,
    finding,
    metaphase_cell,
    report_data,
)

REQUIRED = {
    *("source", "type", "polarity", "confidence", "type_probabilities", "argmax_type"),
    *("assigned_type", "margin", "moved", "review", "turn", "mirrored", "confirmed"),
}


def test_a_cell_document_holds_what_the_command_line_promises() -> None:
    three = finding("too many", "21", 3, "Three chromosomes 21 in this cell.")
    report = cell(counts_of(c21=3), findings=(three,), iscn=IscnProposal("47,XX,+21"))
    document = cell_document(report)
    assert document["cell"] == "cell A"
    assert document["iscn_proposal"] == "47,XX,+21"
    assert document["seconds"] == 1.25
    assert document["model"] == {
        "name": "compact",
        "version": "1.2",
        "sha256": "0123456789ab",
        "device": "cpu",
        "runtime": "",
    }
    assert document["findings"] == [
        {
            "kind": "too many",
            "slots": ["21"],
            "count": 3,
            "text": "Three chromosomes 21 in this cell.",
        }
    ]
    chromosomes = document["chromosomes"]
    assert isinstance(chromosomes, list)
    assert len(chromosomes) == 47
    assert [c["source"] for c in chromosomes] == [f"object {n:02d}.png" for n in range(47)]
    for entry in chromosomes:
        assert entry.keys() >= REQUIRED
        assert len(entry["type_probabilities"]) == 24
        assert sum(entry["type_probabilities"]) == pytest.approx(1)
        assert entry["type"] == entry["argmax_type"] == entry["assigned_type"]
        assert "box" not in entry
        assert (entry["margin"], entry["moved"]) == (None, False)
    assert document["assignment"] is None
    needs_review = {c["type"]: c["review"] for c in chromosomes if c["review"]}
    assert set(needs_review) == {"21", "22"}
    assert needs_review["21"][0] == "Three chromosomes 21 in this cell."


def test_the_assignment_of_a_cell_is_told() -> None:
    document = cell_document(disputed_cell())
    assert document["assignment"] == {
        "method": "map",
        "label": "Best overall (maximum a posteriori)",
        "disagreeing": ["disputed.png"],
        "unresolved": ["disputed.png"],
        "alternative": {
            "counts": counts_of(c7=1, c8=3),
            "iscn": "46,XX,-7,+8",
            "margin": 1.25,
        },
        "scale": 0.9,
        "stretch": 1.0,
    }
    entry = next(c for c in document["chromosomes"] if c["source"] == "disputed.png")
    assert (entry["margin"], entry["moved"]) == (1.25, True)
    assert entry["review"][0].startswith("The picture disagrees with the assignment.")
    report = disputed_cell()
    confirmed = edited(report, Karyogram(report.cell.placements).confirm(["c12"]))
    document = cell_document(confirmed)
    assert document["assignment"]["disagreeing"] == ["disputed.png"]
    assert document["assignment"]["unresolved"] == []
    json.dumps(document, allow_nan=False)


def test_the_present_place_stands_beside_the_prediction() -> None:
    report = cell(tray=1)
    karyogram = Karyogram(report.cell.placements)
    after = edited(
        report, karyogram.move(["c0"], "mar"), karyogram.turn(["c5"], 180), karyogram.mirror(["c7"])
    )
    entries = {c["source"]: c for c in cell_document(after)["chromosomes"]}
    moved = entries["object 00.png"]
    assert (moved["type"], moved["assigned_type"], moved["argmax_type"]) == ("mar", "1", "1")
    assert moved["confirmed"] is True
    assert entries["object 05.png"]["turn"] == 180
    assert entries["object 07.png"]["mirrored"] is True
    assert entries["object 46.png"]["type"] == "unplaced"
    assert entries["object 46.png"]["assigned_type"] is None
    edit = cell_document(after)["edits"][0]
    assert edit["who"] == "A. Nowak"
    before, after_it = (
        {p["source"]: p["type"] for p in edit[key]}["object 00.png"] for key in ("before", "after")
    )
    assert (before, after_it) == ("1", "mar")


@pytest.mark.parametrize(
    ("upright", "angle", "imported"),
    [(1, 0, 1), (0, 0, 0), (1, 30, 1), (1, -80, 1), (1, 180, 0), (0, 170, 1), (0, -200, 1)],
)
def test_polarity_is_that_of_the_picture_as_imported(
    upright: int, angle: int, imported: int
) -> None:
    found = chromosome(0, "3", polarity=Polarity(upright))
    tilted = replace(found, segment=replace(found.segment, angle=float(angle)))
    assert imported_polarity(tilted) == imported


def test_a_box_on_the_metaphase_is_kept() -> None:
    found = chromosome(0, "3")
    boxed = (replace(found, segment=replace(found.segment, box=(1, 2, 3, 4))),)
    report = altered(cell({}), chromosomes=boxed, placements=initial_placements(boxed))
    assert cell_document(report)["chromosomes"][0]["box"] == [1, 2, 3, 4]


def test_a_metaphase_tells_where_everything_lies_and_what_it_cost() -> None:
    recipe = Recipe(flatten=True)
    report = metaphase_cell(recipe)
    document = cell_document(report)
    assert (document["kind"], document["slide"]) == ("metaphase", "slide A")
    for entry, found in zip(document["chromosomes"], report.cell.objects, strict=False):
        assert entry["id"] == found.id
        assert entry["box"] == list(found.box)
        x, y, width, height = found.box
        assert all(x <= px < x + width and y <= py < y + height for px, py in entry["contour"])
        assert (entry["separation_score"], entry["by_person"]) == (0.875, found.id == "c3")
    (nucleus,) = document["objects"]
    assert (nucleus["id"], nucleus["kind"], nucleus["box"]) == (
        "c99",
        "nucleus",
        [438, 338, 54, 54],
    )
    assert len(nucleus["contour"]) > 8
    assert document["correction_cost"] == {
        "corrections": 3,
        "seconds": 210.0,
        "sittings": 2,
        "actions": {"cut": 2, "move": 1, "confirm": 5, "undo": 1},
    }
    assert document["quality"]["reason"] == "Few chromosomes touch."
    assert Recipe.from_json(json.dumps(document["recipe"])) == recipe
    json.dumps(document, allow_nan=False)


def test_cut_outs_have_no_place_in_a_photograph() -> None:
    document = cell_document(cell())
    assert (document["kind"], document["objects"]) == ("cut-outs", [])
    assert document["quality"] is document["recipe"] is None
    assert document["correction_cost"]["corrections"] == 0


def test_a_cell_that_was_never_analysed_has_nulls() -> None:
    report = cell({"1": 1})
    bare = replace(report.cell.chromosomes[0], predicted=None, assigned=None)
    report = altered(
        report, chromosomes=(bare,), placements=(), model=None, seconds=None, analysed_at=None
    )
    document = cell_document(report)
    (entry,) = document["chromosomes"]
    assert entry["type"] == "unplaced"
    for key in ("polarity", "confidence", "type_probabilities", "argmax_type", "assigned_type"):
        assert entry[key] is None
    assert document["model"] is None
    json.dumps(document)


def test_the_file_is_utf_8_and_reads_back() -> None:
    target = BytesIO()
    details = CaseDetails(patient_name="Łucja Őry")
    CaseJson().write(report_data(cell(), cell(name="Größe"), details=details), target)
    document = json.loads(target.getvalue().decode("utf-8"))
    assert document["schema"] == "karyogui-case/1"
    assert document["case"] == "26-0042"
    assert document["details"]["patient_name"] == "Łucja Őry"
    assert [c["cell"] for c in document["cells"]] == ["cell A", "Größe"]
    assert "Łucja" in target.getvalue().decode()


def test_what_stands_in_the_way_of_a_sign_off_is_named_until_it_is_signed() -> None:
    report = metaphase_cell()
    entry = CheckEntry("c99", CheckKind.REJECTED, 0.5, ("21",), 0.87)
    open_cell = altered(report, check=(entry,), reviewed_at=None, awaits_answer=True)
    told = cell_document(open_cell)["sign_off_needs"]
    assert told[0] == NOT_RENEWED
    assert told[1] == "Count not settled: 1 object to check (N)."
    signed = altered(report, check=(entry,), reviewed_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert cell_document(signed)["sign_off_needs"] == []


def test_open_entries_of_the_separation_check_are_listed_with_a_reason_and_a_box() -> None:
    report = metaphase_cell()
    check = (
        CheckEntry("c99", CheckKind.REJECTED, 0.5, ("21",), 0.87),
        CheckEntry(report.cell.objects[3].id, CheckKind.PART, 0.3, state=EntryState.REPAIRED),
    )
    told = cell_document(altered(report, check=check))
    assert told["separation_check"] == [
        {
            "object": "c99",
            "kind": "rejected",
            "probability": 0.5,
            "reason": "Taken for a nucleus, of chromosome size, most like a 21 (87 %).",
            "box": [438, 338, 54, 54],
        }
    ]


def test_the_question_says_that_the_count_is_not_settled() -> None:
    report = metaphase_cell()
    check = (CheckEntry("c99", CheckKind.REJECTED, 0.5),)
    told = cell_document(cell_report(replace(report.cell, check=check, has_check=True)))
    assert told["iscn_proposal"] == ""
    assert told["iscn_question"] == (
        "Count not settled: 1 rejected object may be a chromosome; would be 46,XX."
    )
