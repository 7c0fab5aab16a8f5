"""Names that every file system takes, whatever a case or cell is called."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.services.file_names import safe_name, shown_name, unique_names


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("24-0173", "24-0173"),
        ("a/b\\c:d", "a_b_c_d"),
        ("CON", "_CON"),
        ("nul.2", "_nul.2"),
        ("Com1 .x", "_Com1 .x"),
        ("LPT\u00b9", "_LPT\u00b9"),
        ("console", "console"),
        (" .. ", "cell"),
        ("ends. ", "ends"),
        ("M\udce4ller", "M_ller"),
        ("Mu\u0308ller", "M\u00fcller"),
    ],
)
def test_every_system_takes_it(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(st.characters(codec=None), max_size=400) | st.text("\u67d3\u8272", max_size=300))
def test_it_can_be_written_whatever_it_is(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= 180
    assert Path(safe).name == safe
    assert not set(safe) & set('<>:"/\\|?*')
    assert safe == safe.strip().rstrip(".")
    assert safe_name(safe) == safe


def test_long_names_that_differ_in_their_ends_still_do() -> None:
    names = [f"{string.ascii_letters * 6} {n}" for n in range(3)]
    assert len({safe_name(name) for name in names}) == 3


def test_equal_names_are_numbered_whatever_their_letters_case() -> None:
    assert unique_names(["a", "A", "b", "a"]) == ("a", "A_2", "b", "a_3")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"M\xfcller.png", "M\u00fcller.png"),
        ("\u67d3\u8272 M\u00fcller".encode(), "\u67d3\u8272 M\u00fcller"),
        ("\u67d3".encode() + b"\xe4", "\u67d3\u00e4"),
        (b"a\nb", "a b"),
        (b"\x81", "\ufffd"),
    ],
)
def test_names_that_are_no_utf_8_can_be_shown(raw: bytes, shown: str) -> None:
    assert shown_name(raw.decode("utf-8", "surrogateescape")) == shown
    assert shown_name("\ud800") == "\ufffd"


def test_a_name_does_not_turn_round_what_is_written_behind_it() -> None:
    assert shown_name("a\u202egnp.exe") == "agnp.exe"
    assert shown_name("\u2067\u05d0\u05d1\u200f\u2069 1") == "\u05d0\u05d1\u200f 1"
