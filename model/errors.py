"""Errors of the world that the model package can meet: one sentence and a hint."""

from __future__ import annotations


class ModelError(Exception):
    """Missing or wrong weights, an unusable archive, a full disk. Never a bug."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".strip()
