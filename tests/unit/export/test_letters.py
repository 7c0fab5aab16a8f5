"""Before a report is written it is told which letters of it cannot be printed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from karyogui.domain.case import Case, CaseDetails, CaseState
from karyogui.export.fonts import unprintable
from karyogui.export.letters import letters_missing_in, letters_sentence
from tests.unit.export.builders import cell


def case(name: str = "26-0042", **details: str) -> Case:
    cells = (replace(cell().cell, name="a"), replace(cell().cell, id=2, name="\U0001d4d0"))
    now = datetime(2026, 3, 4, tzinfo=UTC)
    return Case(1, name, now, CaseState.NEW, CaseDetails(**details), cells)


@pytest.mark.parametrize("name", ["Łucja Őry", "Γιώργος", "Иванов", "Nguyễn Thị", "O’Brien", "ﬁn?"])
def test_names_of_europe_need_no_word(name: str) -> None:
    assert letters_missing_in([name]) == ""


@pytest.mark.parametrize("name", ["ᚠᚢ", "ሀለ", "\U0001f9ec"])
def test_letters_without_a_glyph_are_named_once(name: str) -> None:
    assert unprintable([name, name]) == tuple(name)
    assert all(letter in letters_missing_in([name]) for letter in name)


def test_many_letters_are_counted() -> None:
    letters = "".join(chr(0x1200 + n * 8) for n in range(30))
    assert letters_missing_in([letters]).endswith("and 10 more.")


def test_only_the_cells_that_are_printed_count() -> None:
    assert letters_sentence(case(), [1]) == ""
    assert letters_sentence(case(patient_name="ᚠ"), [1]) == (
        "The report cannot print this letter rightly: ᚠ."
    )
