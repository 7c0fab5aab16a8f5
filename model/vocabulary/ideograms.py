"""The tables of ``assets/ideograms``: which bands there are, and how they look in a photograph.

``human_gbands.json`` holds the facts (names, positions, stains at 400, 550 and 850 bands per
haploid set), ``band_appearance.json`` how long, wide and dark chromosomes and their bands are.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from model.vocabulary.assets import ASSETS


@cache
def table(name: str) -> dict[str, Any]:
    """One of the two tables."""
    read: dict[str, Any] = json.loads((ASSETS / "ideograms" / name).read_text(encoding="utf-8"))
    return read


def band_rows(level: int) -> dict[str, list[Any]]:
    """For each chromosome its bands at a level, from the p to the q telomere: arm, name, …."""
    rows: dict[str, list[Any]] = table("human_gbands.json")["levels"][str(level)]
    return rows
