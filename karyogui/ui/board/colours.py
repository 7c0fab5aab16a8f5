"""Colours on the board's sheet, which is white in every theme: it is the specimen's background."""

from __future__ import annotations

from karyogui.ui.theme import LIGHT, PAPER

SHEET = PAPER
ACCENT, AMBER, AMBER_TEXT = LIGHT.accent, LIGHT.amber_mark, LIGHT.amber
LABEL, QUIET, LINE = "#262626", "#8a8a8a", "#dcdcdc"
HOVER, SIGN = "#9a9a9a", "#4a4a4a"
