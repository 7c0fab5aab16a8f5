import csv
from io import BytesIO, StringIO
from typing import Any

from karyogui.domain.report import CellReport
from karyogui.export.chromosome_csv import ChromosomeCsv
from tests.unit.export.builders import (
    altered,
    cell,
    chromosome,
    counts_of,
    disputed_cell,
    metaphase_cell,
    report_data,
)


def rows_of(*cells: CellReport, **fields: Any) -> list[dict[str, str]]:
    target = BytesIO()
    ChromosomeCsv().write(report_data(*cells, **fields), target)
    text = target.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def test_one_row_per_chromosome_of_every_cell() -> None:
    rows = rows_of(cell(counts_of(c21=3)), cell(tray=1, name="cell B"))
    assert len(rows) == 47 + 47
    assert [row["type"] for row in rows].count("21") == 3 + 2
    last = rows[-1]
    assert (last["cell"], last["type"], last["assigned_type"]) == ("cell B", "unplaced", "")
    assert float(rows[0]["p_1"]) == 0.97
    assert {row["case"] for row in rows} == {"26-0042"}


def test_margin_and_assignment_have_columns_empty_where_unknown() -> None:
    rows = {row["source"]: row for row in rows_of(disputed_cell())}
    row = rows["disputed.png"]
    assert (row["margin"], row["moved"], row["disagreeing"]) == ("1.250", "1", "1")
    assert (row["assignment"], row["alternative"]) == ("map", "46,XX,-7,+8")
    assert row["alternative_margin"] == "1.250"
    assert "disagrees" in row["review"]
    assert rows["object 00.png"]["disagreeing"] == "0"
    old = rows_of(cell())[0]
    assert [old[key] for key in ("margin", "assignment", "alternative_margin")] == [""] * 3


def test_the_place_in_the_photograph_has_columns_empty_for_cut_outs() -> None:
    report = metaphase_cell()
    rows = {row["id"]: row for row in rows_of(report)}
    assert len(rows) == 46
    boxes = {found.id: found.box for found in report.cell.objects}
    for identity, row in rows.items():
        place = [int(row[f"box_{key}"]) for key in ("x", "y", "width", "height")]
        assert tuple(place) == boxes[identity]
        assert (row["slide"], row["separation_score"]) == ("slide A", "0.875")
        assert row["by_person"] == str(int(identity == "c3"))
    old = rows_of(cell())[0]
    assert [old[key] for key in ("slide", "box_x", "separation_score", "by_person")] == [""] * 4


def test_names_with_commas_and_quotes_come_back_whole() -> None:
    odd = 'a, "b"\nŁ.png'
    report = altered(cell({}), chromosomes=(chromosome(0, "1", source=odd),))
    assert rows_of(report)[0]["source"] == odd


def test_a_name_is_never_a_formula() -> None:
    evil = altered(cell({}), chromosomes=(chromosome(0, "1", source='=HYPERLINK("x")'),))
    assert rows_of(evil, case_name="@case")[0]["source"].startswith("'=")
    assert rows_of(evil, case_name="@case")[0]["case"] == "'@case"


def test_an_empty_case_has_a_heading_alone() -> None:
    assert rows_of() == []
