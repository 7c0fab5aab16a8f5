"""Presets that make sense, and words for those that do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.domain.case_result import PRESETS, Protocol, Unit
from karyogui.domain.case_result.protocol import checked, from_json, problems, same_names, to_json
from karyogui.errors import KaryoError


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.name)
def test_every_preset_makes_sense_and_is_kept_as_it_is(preset: Protocol) -> None:
    assert problems(preset) == ()
    assert from_json(to_json(preset)) == preset


def test_presets_have_names_of_their_own() -> None:
    assert same_names(PRESETS) == ()
    assert same_names([*PRESETS, replace(PRESETS[0], name=" blood")]) == ("blood",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"counted": -20}, "-20 cells to count"),
        ({"counted": 0}, "0 cells to count"),
        ({"analysed": -1}, "-1 cells to analyse"),
        ({"karyotyped": -2}, "-2 cells to karyotype"),
        ({"counted": 10**9}, "a number from 1 to 10000"),
        ({"cultures": 0}, "0 cultures"),
        ({"gains": 0}, "0 units for a gain"),
        ({"analysed": 21}, "every analysed cell is counted too"),
        ({"karyotyped": 6}, "More cells are karyotyped than analysed"),
        ({"losses": 1}, "losses happen by chance"),
        ({"confidence": 95.0}, "confidence must be between"),
        ({"confidence": float("nan")}, "confidence must be between"),
        ({"extend": (50, 30)}, "larger than the one before"),
        ({"extend": (20,)}, "larger than the one before"),
        ({"extend": (-5,)}, "larger than the one before"),
        ({"goal": 300, "bands": 400}, "desired band level is below"),
        ({"stem_word": "stem"}, "sl or idem"),
    ],
)
def test_what_makes_no_sense_is_told(changes: dict[str, object], words: str) -> None:
    preset = replace(PRESETS[0], **changes)  # type: ignore[arg-type]
    assert any(words in sentence for sentence in problems(preset))
    with pytest.raises(KaryoError, match="cannot be used"):
        checked(preset)


def test_of_colonies_more_cells_may_be_analysed_than_colonies_counted() -> None:
    assert problems(Protocol("in situ", counted=15, analysed=30, unit=Unit.COLONY)) == ()


@given(st.text(max_size=40))
def test_any_text_is_a_protocol_or_refused_in_words(text: str) -> None:
    with pytest.raises(KaryoError):
        from_json(text)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"name": "a", "counted": "many"}', '{"name": "a", "unit": "x"}',
     '{"name": "a", "extend": 5}', '{"name": "a", "counted": -1}', '{"name": " "}',
     '{"name": "a", "confidence": "high"}'],
)  # fmt: skip
def test_no_protocol_is_refused_in_words(text: str) -> None:
    with pytest.raises(KaryoError, match="protocol"):
        from_json(text)


def test_what_a_later_version_added_is_left_out() -> None:
    assert from_json('{"name": "a", "later": 1}') == Protocol("a", extend=())


@pytest.mark.parametrize("text", ["[" * 100_000, '{"name": "x", "counted": 1e999}', "5", "{}"])
def test_what_is_no_protocol_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(KaryoError, match="not a protocol"):
        from_json(text)
