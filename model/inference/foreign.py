"""The judge of the separation check where another separation is in use than it was fitted to.

It knows the faults of the separation that its card names. Of another one it knows less, so it asks
sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model.inference.separation_check import Judge, Table
from model.segmentation.base import Separator
from model.segmentation.learned import LearnedSeparator

SOONER: float = 0.5
"""Share of the doubt from which an object is asked about then."""


def judge_for(separator: Separator, judge: Judge) -> Judge:
    """The judge as it is for the separation that it was fitted to, a more careful one for others.

    What separates without weights has always been judged as the bundled separation is.
    """
    if not isinstance(separator, LearnedSeparator) or is_fitted_to(separator.card, judge):
        return judge
    return replace(judge, found=_careful(judge.found), rejected=_careful(judge.rejected))


def is_fitted_to(card: Mapping[str, Any], judge: Judge) -> bool:
    """Whether the judge was fitted to the separation of this card; a judge that names none is."""
    named = judge.card.get("separation_sha256")
    return named is None or named == card.get("sha256")


def _careful(table: Table) -> Table:
    return replace(table, threshold=SOONER * table.threshold)
