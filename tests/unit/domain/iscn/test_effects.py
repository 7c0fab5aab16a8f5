"""What single changes do to the counts of a cell."""

from __future__ import annotations

import pytest

from karyogui.domain.iscn.expected import effect_on_counts, read_single, replaced_letters


@pytest.mark.parametrize(
    ("change", "effect", "letters"),
    [
        ("+8", {"8": 1}, {}),
        ("-22", {"22": -1}, {}),
        ("+2mar", {"mar": 2}, {}),
        ("dmin", {}, {}),
        ("t(9;22)(q34;q11.2)", {}, {}),
        ("der(13;14)(q10;q10)", {"14": -1}, {}),
        ("+der(22)t(9;22)(q34;q11.2)", {"22": 1}, {}),
        ("i(X)(q10)", {}, {"X": 1}),
        ("t(X;8)(p11;q24)", {}, {"X": 1}),
        ("+i(12)(p10)", {"12": 1}, {}),
    ],
)
def test_effects(change: str, effect: dict[str, int], letters: dict[str, int]) -> None:
    assert effect_on_counts(change) == effect
    assert replaced_letters(change) == letters


@pytest.mark.parametrize("text", ["", "t(9;22", "+8,+9", "46", "+8[3", "nonsense"])
def test_what_is_no_single_change_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        read_single(text)


def test_a_change_of_a_composite_may_tell_its_cells() -> None:
    assert read_single("+8[3]").chromosome == "8"
