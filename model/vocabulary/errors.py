"""Errors of the world, as one sentence and a hint; everything else is a bug."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

P = ParamSpec("P")


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


def refusing_in_words(main: Callable[P, int]) -> Callable[P, int]:
    """A `main` whose known errors are a sentence on the standard error and exit status 2."""

    @wraps(main)
    def run(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return main(*args, **kwargs)
        except ModelError as error:
            sys.stderr.write(f"{error}\n")
            return 2

    return run
