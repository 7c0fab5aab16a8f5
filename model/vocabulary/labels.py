"""The 24 types and two polarities in the order of every output vector."""

from __future__ import annotations

TYPES: tuple[str, ...] = (*(str(number) for number in range(1, 23)), "X", "Y")
"""Type labels 0 … 23 of the paper (III-A): autosomes 1 … 22, then X (22) and Y (23)."""

X: int = TYPES.index("X")
Y: int = TYPES.index("Y")

Q_UP: int = 0
"""Polarity label (III-A): q arm upward."""
Q_DOWN: int = 1
"""Polarity label (III-A): q arm downward."""
