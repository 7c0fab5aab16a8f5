"""Two names of one person are known for what they are; two persons are let be two."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.persons import is_same_person, may_be_same_person, names_a_person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Müller", "anna  müller "),
        ("Anna Müller", "Anna Mueller"),
        ("Anna Müller", "Anna Muller"),
        ("Anna Müller", "Müller, Anna"),
        ("Anna Müller", "Dr. med. Anna Müller"),
        ("Anna Müller", "ANNA\N{NO-BREAK SPACE}MÜLLER"),
        ("Łukasz Wiśniewski", "Lukasz Wisniewski"),
        ("José Núñez", "Jose Nun\u0303ez"),
        ("Anna-Maria Groß", "Anna Maria Gross"),
        ("Jos\u0435 N\u0430v\u0430", "Jose Nava"),  # Cyrillic letters among Latin ones
        ("\u041e\u0440\u0430 \u0421ox", "Opa Cox"),
        ("王 芳", "王芳"),
        ("김 민수", "김민수"),
    ],
)
def test_spelling_case_and_spaces_make_no_second_person(one: str, other: str) -> None:
    assert is_same_person(one, other)
    assert is_same_person(other, one)
    assert may_be_same_person(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A. Müller", "Anna Müller"),
        ("Anna Müler", "Anna Müller"),
        ("Nowack", "Nowak"),
        ("Ann Nowak", "Ann Maria Nowak"),
        ("Ann Nowak (AN)", "Ann Nowak"),
        ("Ann Nowak", "Ann Nowak-Smith"),
        ("Nowak", "Ann Nowak"),
    ],
)
def test_names_that_could_be_one_are_asked_about_and_not_refused(one: str, other: str) -> None:
    assert not is_same_person(one, other)
    assert may_be_same_person(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Müller", "Bert Müller"),
        ("Li Wei", "Li Na"),
        ("Sam Poe", "Eva Ruiz"),
        (
            "\u0410\u043d\u043d\u0430 \u041f\u0435\u0442\u0440\u043e\u0432\u0430",
            "\u041e\u043b\u0435\u0433 \u041f\u0435\u0442\u0440\u043e\u0432",
        ),
    ],
)
def test_two_persons_are_two(one: str, other: str) -> None:
    assert not may_be_same_person(one, other)


@pytest.mark.parametrize(
    "name", ["", "  ", "x", "unknown", "Unknown  person", "root", "42", "N.N.", "Dr.", "Test"]
)
def test_nobody_in_particular_is_no_named_person(name: str) -> None:
    assert not names_a_person(name)


def test_a_name_in_other_letters_is_one() -> None:
    assert names_a_person("王芳")
    assert names_a_person("Ann Nowak")


NAMES = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäöüßéłñ", min_size=2, max_size=8), min_size=2, max_size=3
)


@given(NAMES, st.randoms())
def test_no_way_of_writing_a_name_makes_a_second_person(names: list[str], chance: Random) -> None:
    other = [name.upper() if chance.random() < 0.5 else name for name in names]
    chance.shuffle(other)
    one, two = " ".join(names), "  ".join(other)
    assert is_same_person(one, two)
    assert is_same_person(two, one)
    assert may_be_same_person(one, f"Dr. {two} ")
