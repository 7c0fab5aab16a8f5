"""Right karyotypes of every kind are accepted; slips are found, placed, and repaired."""

from pathlib import Path

import pytest

from karyogui.domain.iscn import Severity, check

DATA = Path(__file__).parents[3] / "data"


def _rows(name: str) -> list[str]:
    lines = (DATA / name).read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#")]


def test_right_karyotypes_of_every_kind_are_accepted() -> None:
    rows = _rows("iscn-valid.txt")
    assert len(rows) > 500
    assert [row for row in rows if not check(row).valid] == []


def test_slips_are_found_at_their_place_and_the_right_repair_is_offered() -> None:
    failed = []
    for row in _rows("iscn-slips.tsv"):
        marked, wanted = row.split("\t")
        typed, places = _unmarked(marked)
        problems = [p for p in check(typed).problems if p.severity is not Severity.WARNING]
        is_placed = any(
            p.start <= end and start <= p.end for p in problems for start, end in places
        )
        is_repaired = any(wanted in problem.repairs for problem in problems)
        if not (problems and is_repaired and (is_placed or not places)):
            failed.append(row)
    assert failed == []


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    typed, places, start = "", [], 0
    for character in marked:
        if character == "«":
            start = len(typed)
        elif character == "»":
            places.append((start, len(typed)))
        else:
            typed += character
    return typed, places


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("47,XX,+21 (Down syndrome)", "+21"),
        ("47,XX,+8a[3]", "+8"),
        ("46,XX,t(9;22),(q34;q11.2),+8[4]", "+8"),
        ("46,X,delX)(p11.2)", "del(X)(p11.2)"),
    ],
)
def test_a_repair_keeps_what_could_be_read(typed: str, kept: str) -> None:
    repairs = [repair for problem in check(typed).problems for repair in problem.repairs]
    assert any(kept in repair for repair in repairs)


def test_lines_of_both_sexes_are_doubted_but_not_refused() -> None:
    verdict = check("47,XX,+21[12]/46,XY[18]")
    assert verdict.valid
    assert any("both sexes" in problem.message for problem in verdict.problems)
    for right in ("chi 47,XX,+21[12]/46,XY[18]", "47,XX,+8[12]//46,XY[8]", "45,X[4]/46,XY[9]"):
        assert not any("both sexes" in problem.message for problem in check(right).problems)
