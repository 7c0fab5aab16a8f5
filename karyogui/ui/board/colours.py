"""The board's colours. The sheet is white in every theme: it is the specimen's background."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BoardColours:
    """Colours as #rrggbb; the defaults are the light theme's.

    Everything but the last five lies on the white sheet; `canvas` is around the sheet, and the
    texts of an empty board and of hints lie on it.
    """

    sheet: str = "#ffffff"
    label: str = "#262626"
    quiet: str = "#8a8a8a"
    line: str = "#dcdcdc"
    hover: str = "#9a9a9a"
    accent: str = "#2d629c"
    amber: str = "#d08a00"
    amber_text: str = "#805300"
    sign: str = "#4a4a4a"
    canvas: str = "#e6e6e6"
    border: str = "#cfcfcf"
    text: str = "#1f1f1f"
    muted: str = "#595959"
    hint: str = "#fcfcfc"


LIGHT = BoardColours()
DARK = BoardColours(
    canvas="#2e2e2e",
    border="#545454",
    text="#e6e6e6",
    muted="#b6b6b6",
    hint="#404040",
)
