"""The checker against the shared table of strings; the figures are printed (`pytest -s`)."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from karyogui.domain.iscn import Severity, Verdict, check

TABLE = Path(__file__).parents[4].parent / "shared" / "domain" / "iscn-dev.tsv"
UNGUESSABLE = {"band", "arity", "chromosome", "operation", "multi"}
"""Codes whose right value stands in nobody's string."""


class Row(NamedTuple):
    text: str
    valid: bool
    where: list[tuple[int, int]]
    code: str
    repairs: list[str]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    if not TABLE.is_file():
        reason = f"there is no {TABLE.name} in {TABLE.parent.name} beside the project"
        print(f"skipped: {reason}")
        pytest.skip(reason)
    return list(certain_rows())


def certain_rows() -> Iterator[Row]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("#")]
    table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in table:
        if "?" in row["certainty"] and row["kind"] != "scope":
            continue
        where = [tuple(map(int, part.split("-"))) for part in row["where"].split(";") if part]
        places = [(start, end) for start, end in where]
        repairs = row["repairs"].split("|") if row["repairs"] else []
        yield Row(row["string"], row["valid"] == "yes", places, row["code"], repairs)


def wrong(verdict: Verdict) -> list[tuple[int, int]]:
    return [(p.start, p.end) for p in verdict.problems if p.severity is not Severity.WARNING]


def overlap(found: tuple[int, int], wanted: tuple[int, int]) -> bool:
    touching = found[0] <= wanted[1] and wanted[0] <= found[1]
    is_point = found[0] == found[1] or wanted[0] == wanted[1]
    return touching and (is_point or (found[0] < wanted[1] and wanted[0] < found[1]))


def share(name: str, good: list[Row], of: list[Row]) -> float:
    failed = [row.text for row in of if row not in good]
    print(f"{name}: {len(good)} of {len(of)} ({100 * len(good) / len(of):.1f} %)")
    for text in failed:
        print(f"    {text}")
    return len(good) / len(of)


def test_valid_ones_are_accepted_and_invalid_ones_refused(rows: list[Row]) -> None:
    valid = [row for row in rows if row.valid]
    invalid = [row for row in rows if not row.valid]
    assert share("accepted", [r for r in valid if check(r.text).valid], valid) >= 0.99
    assert share("refused", [r for r in invalid if not check(r.text).valid], invalid) >= 0.97


def test_the_place_is_told(rows: list[Row]) -> None:
    placed = [row for row in rows if not row.valid and row.where]
    good = [
        row
        for row in placed
        if any(overlap(f, w) for f in wrong(check(row.text)) for w in row.where)
    ]
    assert share("place", good, placed) >= 0.95


def test_a_right_repair_is_offered(rows: list[Row]) -> None:
    repairable = [row for row in rows if row.repairs]
    good = [
        row
        for row in repairable
        if {r for p in check(row.text).problems for r in p.repairs} & set(row.repairs)
    ]
    assert share("repaired", good, repairable) >= 0.85
    told = [row for row in repairable if row.code not in UNGUESSABLE]
    assert share("repaired, value known", [r for r in good if r in told], told) >= 0.95


def test_repairs_check_clean_and_counts_offer_two(rows: list[Row]) -> None:
    for row in rows:
        verdict = check(row.text)
        for problem in verdict.problems:
            assert all(check(repair).valid for repair in problem.repairs), row.text
            if "chromosomes are stated" in problem.message:
                assert len(problem.repairs) >= 2, row.text
