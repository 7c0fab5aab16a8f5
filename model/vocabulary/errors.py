"""Errors of the world, as one sentence and a hint; everything else is a bug."""

from __future__ import annotations


class KaryoError(Exception):
    """Something outside the program went wrong: one sentence, and a hint what to do.

    Shown in one dialog, or printed by the command line with exit status 2. Never a traceback.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".strip()


class ModelError(KaryoError):
    """What the model refuses: wrong weights, an unusable archive, settings that cannot be."""
