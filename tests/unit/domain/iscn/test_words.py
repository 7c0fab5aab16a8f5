"""A karyotype in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.iscn import describe


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("46,XX", ["46 chromosomes; two X; normal."]),
        (
            "47,XY,+21[20]",
            ["47 chromosomes; one X and one Y; gain of chromosome 21; found in 20 cells."],
        ),
        (
            "mos 45,X[1]/46,XX[9]",
            [
                "Mosaic of two lines.",
                "Line 1: 45 chromosomes; one X; found in 1 cell.",
                "Line 2: 46 chromosomes; two X; normal; found in 9 cells.",
            ],
        ),
        (
            "46,XX,t(9;22)(q34;q11.2)mat",
            [
                "46 chromosomes; two X; translocation of chromosomes 9 and 22 (q34; q11.2) "
                "of maternal origin."
            ],
        ),
        (
            "45,XX,der(13;14)(q10;q10)c",
            ["45 chromosomes; two X; derivative chromosomes 13 and 14 (q10; q10), constitutional."],
        ),
        (
            "46,XX[20].nuc ish(CEP8×3)[14/200]",
            [
                "46 chromosomes; two X; normal; found in 20 cells.",
                "FISH notation follows, which is not read.",
            ],
        ),
        ("47，XX，+8", ["47 chromosomes; two X; gain of chromosome 8."]),
        (
            "46,XX,+8",
            ["46 chromosomes; two X; gain of chromosome 8; what is listed makes 47."],
        ),
    ],
)
def test_a_karyotype_in_words(text: str, sentences: list[str]) -> None:
    assert describe(text) == sentences


@given(st.text(max_size=40))
def test_any_text_is_described_without_a_word_of_its_own_getting_lost(text: str) -> None:
    assert all(sentence.endswith(".") for sentence in describe(text))
