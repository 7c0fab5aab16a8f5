"""The card: the JSON beside weights that says what they are, and whether they are that."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.vocabulary.errors import ModelError
from model.vocabulary.files import read_plain, read_plain_text

Card = dict[str, Any]
MAX_CARD_BYTES = 20_000_000


def read_card(weights: Path) -> Card:
    """The JSON beside the weights; ModelError when either file is missing or unreadable."""
    if not weights.is_file():
        raise ModelError(
            f"There are no weights at {weights}.", "Choose installed weights or train a model."
        )
    beside = weights.with_suffix(".json")
    if not beside.is_file():  # a pipe would be waited for
        raise ModelError(
            f"The description {beside.name} is missing beside the weights.",
            "A model is two files; put both into one folder.",
        )
    try:
        if beside.stat().st_size > MAX_CARD_BYTES:
            raise ValueError("it is too long")
        card = json.loads(read_plain_text(beside))
    # Deep nesting is more than Python's stack holds.
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"The description {beside.name} cannot be read ({error}).") from error
    if not isinstance(card, dict):
        raise ModelError(f"The description {beside.name} is not that of weights.")
    return card


def read_checked(weights: Path, card: Mapping[str, Any]) -> bytes:
    """The file's bytes; ModelError when it cannot be read or is not the one its card names."""
    try:
        data = read_plain(weights)
    except OSError as error:
        raise ModelError(f"The weights {weights.name} cannot be read ({error}).") from error
    if hashlib.sha256(data).hexdigest() != card.get("sha256"):
        raise ModelError(
            f"The weights {weights.name} are not those that their description names "
            "(checksum differs).",
            "The file is damaged or was exchanged; install it again.",
        )
    return data


def held_out_fold(card: Mapping[str, Any]) -> int | None:
    """The fold of cases that the training did not see; None when it saw all, or nobody knows."""
    if "held_out_fold" not in card:
        return _fold_of_sentence(str(card.get("split", "")))
    fold = card["held_out_fold"]
    return fold if isinstance(fold, int) else None


def seen_data(card: Mapping[str, Any]) -> dict[str, int | None]:
    """The archives that a separation learned from, with the fold that it did not see of each.

    One that went on from another has seen what that one had seen.
    """
    folds = card.get("held_out_folds")
    if isinstance(folds, dict):
        return {str(n): f if isinstance(f, int) else None for n, f in folds.items()}
    told = card.get("data")
    names = told if isinstance(told, list) else [told] if told else []
    return {str(name): held_out_fold(card) for name in names}


def _fold_of_sentence(split: str) -> int | None:
    """Cards written before there was a number give the fold in a sentence for people alone."""
    found = re.search(r"fold (\d)", split)
    return int(found[1]) if found else None
