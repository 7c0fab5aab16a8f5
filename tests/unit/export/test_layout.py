from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from karyogui.domain.chromosome import TYPES
from karyogui.domain.findings import CellFinding, FindingKind
from karyogui.domain.karyogram import Karyogram
from karyogui.export.layout import NO_CHROMOSOMES, SHEET_HEIGHT, SHEET_WIDTH, Sheet, Text, lay_out
from tests.unit.export.builders import altered, blob, cell, counts_of, edited, finding


def label(sheet: Sheet, text: str) -> Text:
    (found,) = (t for t in sheet.texts if t.text == text)
    return found


def boxes(sheet: Sheet) -> list[tuple[int, int, int, int]]:
    return [(p.x, p.y, p.x + p.pixels.shape[1], p.y + p.pixels.shape[0]) for p in sheet.pictures]


def overlapping(sheet: Sheet) -> list[tuple[object, object]]:
    all_boxes = boxes(sheet)
    return [
        (a, b)
        for n, a in enumerate(all_boxes)
        for b in all_boxes[n + 1 :]
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


def pictures_above(sheet: Sheet, text: str) -> int:
    """How many chromosomes stand on the rule over a label."""
    name = label(sheet, text)
    over = [line for line in sheet.lines if line.x0 <= name.x <= line.x1 and line.y0 < name.y]
    rule = max(over, key=lambda line: line.y0)
    near = (b for b in boxes(sheet) if rule.x0 - 3 <= b[0] and b[2] <= rule.x1 + 3)
    return sum(rule.y0 - 60 < b[3] <= rule.y0 for b in near)


@pytest.mark.parametrize(
    "counts",
    [
        counts_of(),
        counts_of(c21=3),
        counts_of(c9=6),
        dict.fromkeys(TYPES, 4) | {"X": 2, "Y": 2},
        dict.fromkeys(TYPES, 0) | {"1": 92},
        {"22": 1},
    ],
)
def test_every_chromosome_is_on_the_sheet_and_none_covers_another(counts: dict[str, int]) -> None:
    sheet = lay_out(cell(counts, tray=3))
    assert len(sheet.pictures) == sum(counts.values()) + 3
    assert overlapping(sheet) == []
    assert all(x0 >= 0 and x1 <= sheet.width for x0, _, x1, _ in boxes(sheet))
    assert all(y0 >= 0 and y1 <= sheet.height for _, y0, _, y1 in boxes(sheet))
    assert sheet.width == SHEET_WIDTH
    assert sheet.height <= SHEET_HEIGHT + 1


def test_labels_stand_in_the_four_denver_rows() -> None:
    sheet = lay_out(cell(counts_of(c21=3, X=1, Y=1)))
    rows: dict[float, list[str]] = {}
    for text in sorted((t for t in sheet.texts if t.text in TYPES), key=lambda t: t.x):
        rows.setdefault(text.y, []).append(text.text)
    expected = [TYPES[0:5], TYPES[5:12], TYPES[12:18], TYPES[18:24]]
    assert [tuple(rows[y]) for y in sorted(rows)] == expected


def test_a_slot_grows_for_a_third_and_holds_six() -> None:
    for count in (2, 3, 6):
        assert pictures_above(lay_out(cell(counts_of(c21=count))), "21") == count


def test_all_chromosomes_have_one_scale() -> None:
    report = cell({"1": 1, "5": 1, "21": 1})
    heights = [p.pixels.shape[0] for p in lay_out(report).pictures]
    native = [c.segment.crop.shape[0] for c in report.cell.chromosomes]
    ratios = [printed / source for printed, source in zip(heights, native, strict=True)]
    assert ratios == pytest.approx([ratios[0]] * 3, rel=0.12)  # a pixel's edge all round


def test_feet_of_a_row_stand_on_one_line() -> None:
    report = cell({"1": 2, "2": 2, "5": 2})
    assert len({b[3] for b in boxes(lay_out(report))}) == 1


def test_homologues_stand_closer_than_neighbours() -> None:
    found = sorted(boxes(lay_out(cell({"6": 2, "7": 2}))))
    gaps = [b[0] - a[2] for a, b in pairwise(found)]
    assert gaps[1] > 3 * max(gaps[0], gaps[2])


def test_markers_and_the_tray_have_their_own_places() -> None:
    report = cell(tray=2)
    marker = edited(report, Karyogram(report.cell.placements).move(["c46"], "mar"))
    sheet = lay_out(marker)
    assert pictures_above(sheet, "mar") == 1
    assert label(sheet, "mar").x > label(sheet, "Y").x
    assert label(sheet, "unplaced: 1 object").y > label(sheet, "mar").y


def test_without_markers_and_tray_neither_is_printed() -> None:
    words = {t.text for t in lay_out(cell()).texts}
    assert "mar" not in words
    assert not any("unplaced" in word for word in words)


def test_hundreds_of_unplaced_objects_wrap_and_none_is_lost() -> None:
    sheet = lay_out(cell({}, tray=300))
    assert len(sheet.pictures) == 300
    assert overlapping(sheet) == []
    assert all(x0 >= 0 and x1 <= sheet.width for x0, _, x1, _ in boxes(sheet))
    assert sheet.height <= SHEET_HEIGHT + 1


def test_a_huge_unplaced_object_does_not_leave_the_sheet() -> None:
    report = cell({"1": 2}, tray=1)
    huge = replace(report.cell.chromosomes[2], segment=blob(60, 3000))
    sheet = lay_out(altered(report, chromosomes=(*report.cell.chromosomes[:2], huge)))
    assert max(b[2] for b in boxes(sheet)) <= sheet.width


def test_mirrored_ones_are_marked_and_the_mark_is_explained() -> None:
    report = cell()
    mirrored = edited(report, Karyogram(report.cell.placements).mirror(["c4", "c5"]))
    words = [t.text for t in lay_out(mirrored).texts]
    assert words.count("m") == 2
    assert any(word.startswith("m:") and "mirrored" in word for word in words)
    assert "m" not in [t.text for t in lay_out(report).texts]


def test_findings_are_bracketed_with_their_count_in_words() -> None:
    found = (
        finding("too many", "21", 3, "Three chromosomes 21 in this cell."),
        finding("too few", "5", 0, "No chromosome 5 in this cell."),
    )
    sheet = lay_out(cell(counts_of(c21=3, c5=0), findings=found))
    assert label(sheet, "three").x == label(sheet, "21").x
    assert label(sheet, "three").y < label(sheet, "21").y
    assert label(sheet, "none").x == label(sheet, "5").x
    tops = [b[1] for b in boxes(sheet) if abs((b[0] + b[2]) / 2 - label(sheet, "21").x) < 100]
    bracket = min(line.y0 for line in sheet.lines if line.y0 > label(sheet, "three").y)
    assert bracket < max(tops)


def test_one_bracket_spans_both_sex_chromosomes_once() -> None:
    sex = CellFinding(FindingKind.SEX, ("X", "Y"), 3, "Three sex chromosomes (XXY) in this cell.")
    sheet = lay_out(cell(counts_of(Y=1), findings=(sex, sex)))
    middle = (label(sheet, "X").x + label(sheet, "Y").x) / 2
    assert label(sheet, "three").x == pytest.approx(middle, rel=0.05)


def test_findings_about_the_whole_cell_have_no_bracket() -> None:
    ploidy = CellFinding(FindingKind.PLOIDY, (), 92, "92 chromosomes in this cell.")
    plain = lay_out(cell())
    assert len(lay_out(cell(findings=(ploidy,))).lines) == len(plain.lines)


def test_the_group_letters_are_printed() -> None:
    assert {"A", "B", "C", "D", "E", "F", "G"} <= {t.text for t in lay_out(cell()).texts}


def test_a_cell_without_chromosomes_gives_a_sentence() -> None:
    sheet = lay_out(cell({}))
    assert [t.text for t in sheet.texts] == [NO_CHROMOSOMES]
    assert sheet.pictures == []


def test_the_grey_levels_survive() -> None:
    report = cell({"1": 2})
    printed = lay_out(report).pictures[0].pixels
    source = report.cell.chromosomes[0].segment
    assert np.median(printed[printed < 255]) == pytest.approx(
        np.median(source.crop[source.mask]), abs=2
    )
