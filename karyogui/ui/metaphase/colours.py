"""The metaphase's colours: outlines and labels lie on the picture, which no theme alters."""

from __future__ import annotations

from PySide6.QtCore import Qt

from karyogui.domain.separation import ObjectKind
from karyogui.ui.theme import LIGHT

ACCENT, AMBER, LABEL = LIGHT.accent, LIGHT.amber_mark, LIGHT.text
OUTLINES: dict[ObjectKind, str] = {
    ObjectKind.CHROMOSOME: "#3f76b3",
    ObjectKind.NUCLEUS: "#7a5499",
    ObjectKind.DEBRIS: "#8a5f3c",
    ObjectKind.EDGE: "#3d7a68",
    ObjectKind.DELETED: "#6d6d6d",
}
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
