"""The metaphase's colours. Outlines lie on the picture, which no theme alters."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from karyogui.domain.separation import ObjectKind


@dataclass(frozen=True)
class MetaphaseColours:
    """Colours as #rrggbb; the defaults are the light theme's.

    All but the last five lie on the picture.
    """

    chromosome: str = "#3f76b3"
    nucleus: str = "#7a5499"
    debris: str = "#8a5f3c"
    edge: str = "#3d7a68"
    deleted: str = "#6d6d6d"
    accent: str = "#2d629c"
    amber: str = "#d08a00"
    label: str = "#1f1f1f"
    paper: str = "#ffffff"
    canvas: str = "#e6e6e6"
    border: str = "#cfcfcf"
    text: str = "#1f1f1f"
    muted: str = "#595959"
    hint: str = "#fcfcfc"

    def of(self, kind: ObjectKind) -> str:
        """The outline's colour of a kind of object."""
        return str(getattr(self, kind.name.lower()))


LIGHT = MetaphaseColours()
DARK = MetaphaseColours(
    canvas="#2e2e2e",
    border="#545454",
    text="#e6e6e6",
    muted="#b6b6b6",
    hint="#404040",
)

DASHES: dict[ObjectKind, Qt.PenStyle] = {
    ObjectKind.CHROMOSOME: Qt.PenStyle.SolidLine,
    ObjectKind.NUCLEUS: Qt.PenStyle.DashLine,
    ObjectKind.DEBRIS: Qt.PenStyle.DotLine,
    ObjectKind.EDGE: Qt.PenStyle.DashDotLine,
    ObjectKind.DELETED: Qt.PenStyle.DashDotDotLine,
}
"""Colour is never the only signal: every kind also has its own dashes and its word."""

KIND_WORDS: dict[ObjectKind, str] = {
    ObjectKind.CHROMOSOME: "chromosome",
    ObjectKind.NUCLEUS: "nucleus",
    ObjectKind.DEBRIS: "debris",
    ObjectKind.EDGE: "cut by the border",
    ObjectKind.DELETED: "deleted",
}
