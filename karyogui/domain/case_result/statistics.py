"""What a number of cells shows: excluded mosaicism, cells needed, exact intervals.

The unit is a cell, or a colony where cells of one colony stand for each other. Whole numbers are
found with exact fractions, so that rounding never claims more than was shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

_STEPS = 60
"""Halvings of an interval of length 1: finer than a float can resolve."""
_NOTHING = 1e-18
"""Of the largest term, what a sum does not notice."""
_TOLD = (20, 15, 10, 5, 3, 1)
"""Per cent of mosaicism that laboratories speak of."""


def excluded_percent(n: int, confidence: float = 0.95) -> int:
    """The smallest mosaicism excluded by `n` units without any abnormal one, in whole per cent.

    Rounded up: never more is claimed than was shown. 100 where nothing was looked at. ValueError
    for a negative number or a senseless confidence.
    """
    _check(n, confidence)
    miss = 1 - _exact(confidence)
    return next(p for p in range(1, 101) if Fraction(100 - p, 100) ** n <= miss or p == 100)


def cells_needed(percent: int, confidence: float = 0.95) -> int:
    """How many units without an abnormal one exclude a mosaicism of `percent` (1 … 100)."""
    _check(1, confidence)
    if not 1 <= percent <= 100:
        raise ValueError("A mosaicism is between 1 and 100 per cent.")
    left, miss = Fraction(100 - percent, 100), 1 - _exact(confidence)
    if not left:
        return 1
    # The logarithm is right to within one; the fractions decide.
    about = math.ceil(math.log(miss) / math.log(left))
    return next(n for n in range(max(1, about - 1), about + 2) if left**n <= miss)


def next_excluded(n: int, confidence: float = 0.95) -> tuple[int, int] | None:
    """The next mosaicism in per cent that more units would exclude, and how many more.

    None where `n` units exclude one per cent already.
    """
    now = excluded_percent(n, confidence)
    wanted = next((percent for percent in _TOLD if percent < now), None)
    return None if wanted is None else (wanted, cells_needed(wanted, confidence) - n)


@lru_cache(maxsize=1000)  # asked of every line after each act
def interval(abnormal: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's exact interval of the abnormal share (0 … 1)."""
    _check(n, confidence)
    if not 0 <= abnormal <= n or not n:
        raise ValueError(f"There cannot be {abnormal} abnormal cells in {n}.")
    tail = (1.0 - confidence) / 2.0
    low, high = 0.0, 1.0
    if abnormal:
        low = _solve(lambda p: _at_least(abnormal, n, p), tail)
    if abnormal < n:
        high = 1.0 - _solve(lambda q: _at_least(n - abnormal, n, q), tail)
    return low, high


def _at_least(k: int, n: int, p: float) -> float:
    """P(X ≥ k) of a binomial X."""
    if k <= 0:
        return 1.0
    if p in (0.0, 1.0) or k > n:
        return float(p == 1.0 and k <= n)
    # From the largest term on, until what follows adds nothing.
    top = min(n, max(k, int((n + 1) * p)))
    largest, odds = math.exp(_log_term(top, n, p)), p / (1.0 - p)
    terms = [largest]
    for i in range(top, n):
        terms.append(terms[-1] * odds * (n - i) / (i + 1))
        if terms[-1] < _NOTHING * largest:
            break
    down = largest
    for i in range(top, k, -1):
        down *= i / ((n - i + 1) * odds)
        terms.append(down)
        if down < _NOTHING * largest:
            break
    return min(1.0, math.fsum(terms))


def _log_term(i: int, n: int, p: float) -> float:
    choose = math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
    return choose + i * math.log(p) + (n - i) * math.log1p(-p)


def _solve(rising: Callable[[float], float], wanted: float) -> float:
    """Where a function that rises from 0 at 0 to 1 at 1 has a value."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if rising(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _exact(confidence: float) -> Fraction:
    """0.95 as 95/100, which the float is not."""
    return Fraction(repr(confidence))


def _check(n: int, confidence: float) -> None:
    if n < 0:
        raise ValueError("There cannot be fewer than no cells.")
    if not 0.5 <= confidence < 1.0:
        raise ValueError("A confidence is between 50 % and 100 %.")
