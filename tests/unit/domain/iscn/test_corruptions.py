"""One token of a right karyotype spoilt in a way that leaves no right one: it is never accepted."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karyogui.domain.iscn import Severity, check

DATA = Path(__file__).parents[3] / "data"
_NOT_CHECKED = re.compile(r"arr|ish|rsa|seq|ogm|::|→|->| or ")
RIGHT = [
    row
    for row in (DATA / "iscn-valid.txt").read_text(encoding="utf-8").split("\n")
    if row and not row.startswith("#") and not _NOT_CHECKED.search(row)
]
ANYWHERE = (
    (r"[,;]", lambda found: ":"),
    (r",", lambda found: ",,"),
    (r",", lambda found: "."),
    (r",", lambda found: ", "),
    (r";", lambda found: ","),
    (r";", lambda found: ""),
    (r"[()\[\]]", lambda found: ""),
    (r"[()\[\]]", lambda found: 2 * found),
    (r"(?<=[(;])[0-9]+(?=[;)])", lambda found: "23"),
    (r"(?<=[(;])[0-9]+(?=[;)])", lambda found: "0"),
    (r"(?<=[(;pq0-9~])[pq](?=[0-9])", lambda found: "r"),
    (r"(?<=,)[+-](?=(?:[0-9]+|[XY])(?:[,\[/]|$))", lambda found: 2 * found),
    (r"(?<=\[)[0-9]+(?=\])", lambda found: "0"),
    (r"(?<=\[)[0-9]+(?=\])", lambda found: "x"),
    (r"(?<=\[)[0-9]+(?=\])", lambda found: ""),
    (r"\[[0-9]+\]", lambda found: f"({found[1:-1]})"),
    (r"(?<=[^/])/(?=[^/])", lambda found: ","),
    (r"(?<=[^/])/(?=[^/])", lambda found: "\\"),
    (r"(?<=,)XX*Y+(?=[c,\[/]|$)", lambda found: found[::-1] if found[::-1] != found else "YX"),
    (r"(?<=,)X+(?=[c,\[/]|$)", lambda found: f"{found}O"),
    (r"(?<=,)idem(?=,)", lambda found: "iden"),
    (r"(?<![a-z])(?:del|der|inv|ins|add|dic|dup)(?=\()", lambda found: f"{found}x"),
    (r"(?<=[^/])$", lambda found: "."),
    (r"(?<=[^/])$", lambda found: ","),
    (r"(?<=[^/])$", lambda found: "/"),
)
"""What is replaced, and by what."""


def spoilt(right: str) -> Iterator[tuple[int, str]]:
    """Where a karyotype was spoilt, and what became of it."""
    for pattern, instead in ANYWHERE:
        for found in re.finditer(pattern, right):
            start, end = found.span()
            yield start, right[:start] + instead(found[0]) + right[end:]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(RIGHT), st.data())
def test_what_was_spoilt_is_found_and_its_repairs_check_clean(
    right: str, data: st.DataObject
) -> None:
    place, wrong = data.draw(st.sampled_from(list(spoilt(right))))
    problems = [p for p in check(wrong).problems if p.severity is not Severity.WARNING]
    assert problems, (right, wrong, place)
    assert all(check(repair).valid for problem in problems for repair in problem.repairs)


@pytest.mark.parametrize("by", [1, -1, 10])
@given(st.sampled_from([row for row in RIGHT if re.match(r"[0-9]+,[XY]+[,\[c]", row)]))
@settings(deadline=None, max_examples=40)
def test_a_wrong_number_of_chromosomes_is_found_with_two_ways_out(by: int, right: str) -> None:
    open_count = re.search(r"inc|cp|~|\?|dmin|idem|sl|[XY]cenh|Y?q[hs]", right)
    number = right.partition(",")[0]
    wrong = f"{int(number) + by}{right.removeprefix(number)}"
    if open_count:
        return
    problems = [p for p in check(wrong).problems if p.severity is not Severity.WARNING]
    assert problems, wrong
    assert len({repair for problem in problems for repair in problem.repairs}) > 1
