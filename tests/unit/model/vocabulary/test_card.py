"""What the card beside weights says, by a number or, in older cards, by a sentence."""

import hashlib
from typing import Any

import pytest

from karyogui.paths import WEIGHTS
from model.vocabulary.card import held_out_fold, read_card, read_checked


@pytest.mark.parametrize(
    ("card", "fold"),
    [
        ({"held_out_fold": 3, "split": "by case, fold 0 of 5 held out"}, 3),
        ({"held_out_fold": None, "split": "by case, fold 0 of 5 held out"}, None),
        ({"held_out_fold": "3"}, None),
        ({"split": "by case, fold 2 of 5 held out (9 cells)"}, 2),
        ({"split": "fold 0 held out"}, 0),
        ({"split": "all cases"}, None),
        ({"split": None}, None),
        ({}, None),
    ],
)
def test_the_fold_that_was_held_out(card: dict[str, Any], fold: int | None) -> None:
    assert held_out_fold(card) == fold


@pytest.mark.parametrize("name", ["compact", "separation"])
def test_the_bundled_cards_name_their_fold_and_their_weights(name: str) -> None:
    weights = WEIGHTS / f"{name}.safetensors"
    card = read_card(weights)
    assert card["held_out_fold"] == held_out_fold({"split": card["split"]}) == 0
    assert hashlib.sha256(read_checked(weights, card)).hexdigest() == card["sha256"]
