"""The labels over the metaphase: beside their objects, and rather missing than in the way.

They are placed again for each zoom and painted at their size on screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from karyogui.domain.separation import ObjectKind
from karyogui.layout.geometry import Box
from karyogui.ui.board.items import label_font
from karyogui.ui.metaphase.colours import ACCENT, AMBER, KIND_WORDS, LABEL
from karyogui.ui.metaphase.outlines import Occupancy
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.ui.theme import PAPER

_ANGLES = 2 * np.pi * np.arange(16) / 16
_RAYS = np.stack([np.sin(_ANGLES), -np.cos(_ANGLES)], axis=1)
_NORMALS = _RAYS[:, ::-1] * [-1, 1]
_GAP = 0.14
_MOST_COVERED = 0.12
"""Share of a label that may lie on objects: it must not hide bands."""


@dataclass(frozen=True, eq=False)
class LabelWish:
    """A label that wants a place, in pixels of the picture.

    `outline` is (n, 2); `width` and `height` are the label's own; what `insists` always gets one,
    even where it covers an object or another label.
    """

    id: str
    outline: NDArray[np.float64]
    width: float
    height: float
    insists: bool = False


def place_labels(wishes: Sequence[LabelWish], occupancy: Occupancy) -> dict[str, Box]:
    """Boxes by id, the earlier wish first; who finds no free place is left out."""
    placed: dict[str, Box] = {}
    taken: list[Box] = []
    for wish in wishes:
        box = _best(wish, occupancy, taken)
        if box is not None:
            placed[wish.id] = box
            taken.append(box)
    return placed


def _best(wish: LabelWish, occupancy: Occupancy, taken: Sequence[Box]) -> Box | None:
    best, least = None, np.inf
    candidates = _candidates(wish)
    for box in candidates:
        if any(box.overlaps(other) for other in taken):
            continue
        cost = occupancy.share(box.x, box.y, box.width, box.height)
        if cost < least:
            best, least = box, cost
        if cost == 0.0:
            # The first free place wins: candidates come in the order of preference.
            break
    if wish.insists:
        return best or candidates[0]
    return best if least <= _MOST_COVERED else None


def _candidates(wish: LabelWish) -> list[Box]:
    """Boxes round an outline: at its ends first, then along its sides."""
    spread = wish.outline - wish.outline.mean(axis=0)
    # The point that reaches furthest in each direction, and near its ray rather than far off.
    reach = spread @ _RAYS.T - 0.5 * np.abs(spread @ _NORMALS.T)
    at = reach.argmax(axis=0)
    half = np.array([wish.width / 2, wish.height / 2])
    # How far a box's border is from its middle in each direction.
    border = (half / np.maximum(np.abs(_RAYS), 1e-9)).min(axis=1)
    middles = wish.outline[at] + _RAYS * (_GAP * wish.height + border)[:, None]
    ends_first = np.argsort(-np.hypot(*spread[at].T), kind="stable")
    corners = (middles - half)[ends_first].tolist()
    return [Box(x, y, wish.width, wish.height) for x, y in corners]


_SIZES = (9, 12)
"""Smallest and largest font, in logical pixels; the words of other kinds are a little smaller."""
_ROOM = 2.6
"""How many times its label's font a typical chromosome should be long."""
_SIGN = 12.0
_PADDING = 3.0
_SMALLEST_SPACE = 6.0
"""Logical pixels of an object's longer side below which its label would only be in the way."""


class LabelLayer(QObject):
    """What stands beside the objects: types, the words of other kinds, the sign of a doubt."""

    def __init__(self, scene: MetaphaseScene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._are_shown = True
        self.boxes: dict[str, Box] = {}
        """Where labels stand, by id, in pixels of the picture."""
        self._zoom = 1.0
        self._size = _SIZES[1]

    @property
    def are_shown(self) -> bool:
        """Whether labels are shown at all."""
        return self._are_shown

    def show_labels(self, shown: bool) -> None:
        """Show or hide all labels; the signs of doubts go with them."""
        self._are_shown = shown

    def text(self, object_id: str) -> str:
        """What a label says; a doubt alone has no words."""
        shown = self._scene.objects[object_id]
        if shown.kind is ObjectKind.CHROMOSOME:
            return self._scene.labels.get(object_id, "")
        return KIND_WORDS[shown.kind]

    def place(self, zoom: float) -> None:
        """Find places at a zoom; selected objects first, then doubtful ones, then by size."""
        self._zoom = zoom
        if self._scene.is_empty or not self._scene.objects:
            self.boxes = {}
            return
        lengths = sorted(max(shown.mask.shape) for shown in self._scene.shown_objects())
        typical = lengths[len(lengths) // 2] * zoom if lengths else 0.0
        self._size = min(max(_SIZES[0], round(typical / _ROOM)), _SIZES[1])
        selected = set(self._scene.selected_ids)
        wishes = []
        for shown in self._scene.shown_objects():
            item = self._scene.item(shown.id)
            width = self._width(shown.id)
            too_small = max(shown.mask.shape) * zoom < _SMALLEST_SPACE
            insists = shown.id in selected or item.is_doubtful
            if width <= 0 or not item.lines or (too_small and not insists):
                continue
            outline = np.concatenate(item.lines)
            height = self._font(shown.id).pixelSize() + 2 * _PADDING
            wish = LabelWish(shown.id, outline, width / zoom, height / zoom, insists)
            rank = (shown.id not in selected, not item.is_doubtful, self._rank(shown.kind))
            wishes.append(((*rank, -int(shown.mask.sum())), wish))
        wishes.sort(key=lambda pair: pair[0])
        self.boxes = place_labels([wish for _, wish in wishes], self._scene.occupancy)

    def _rank(self, kind: ObjectKind) -> int:
        return 0 if kind is ObjectKind.CHROMOSOME else 1

    def _font(self, object_id: str) -> QFont:
        is_chromosome = self._scene.objects[object_id].kind is ObjectKind.CHROMOSOME
        return label_font(
            self._size if is_chromosome else max(_SIZES[0], self._size - 2), bold=is_chromosome
        )

    def _width(self, object_id: str) -> float:
        text = self.text(object_id)
        width = QFontMetricsF(self._font(object_id)).horizontalAdvance(text)
        if self._scene.item(object_id).is_doubtful:
            width += _SIGN + (2.0 if text else 0.0)
        return width + 2 * _PADDING if width else 0.0

    def paint(self, painter: QPainter) -> None:
        """Paint over the view; the painter's own transform goes from picture to view."""
        if not self._are_shown:
            return
        world = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        for object_id, box in self.boxes.items():
            if not self._scene.is_shown(object_id):
                continue
            centre = world.map(QPointF(box.centre_x, box.centre_y))
            # While a zoom is under way labels keep their size and wait for their new place.
            size = QRectF(0, 0, box.width * self._zoom, box.height * self._zoom)
            size.moveCenter(centre)
            self._paint_label(painter, object_id, size)
        painter.restore()

    def _paint_label(self, painter: QPainter, object_id: str, where: QRectF) -> None:
        item = self._scene.item(object_id)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paper = QColor(ACCENT if item.is_selected else PAPER)
        paper.setAlphaF(1.0 if item.is_selected else 0.78)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paper)
        painter.drawRoundedRect(where, 3, 3)
        ink = LABEL if item.shown.kind is ObjectKind.CHROMOSOME else item.colour
        text = where.adjusted(_PADDING, 0, -_PADDING, 0)
        if item.is_doubtful:
            centre = QPointF(text.left() + _SIGN / 2, text.center().y())
            self._paint_sign(painter, centre)
            text.setLeft(text.left() + _SIGN + 2)
        painter.setFont(self._font(object_id))
        painter.setPen(QColor(PAPER if item.is_selected else ink))
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, self.text(object_id))

    def _paint_sign(self, painter: QPainter, centre: QPointF) -> None:
        """An amber disc with an exclamation mark."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(AMBER))
        painter.drawEllipse(centre, _SIGN / 2, _SIGN / 2)
        painter.setFont(label_font(round(_SIGN) - 2, bold=True))
        painter.setPen(QColor(PAPER))
        box = QRectF(0, 0, _SIGN, _SIGN)
        box.moveCenter(centre)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "!")
