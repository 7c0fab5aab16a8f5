"""What stands on the board. Items paint what they are given; none of them decides anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import Placement
from karyogui.layout.geometry import Box, outline_points, turned_extent
from karyogui.layout.karyogram import SCREEN, Piece, SlotPlace
from karyogui.ui.board import colours
from karyogui.ui.images import ChromosomePictures

_OUTLINE = 3.0
_SIGN = 10.0
_SIGN_GAP = 2.0
_ARROW = 9.0
_BADGE_FONT = 10
_GHOST_OPACITY = 0.7
_MOST_GHOSTS = 6


def rectangle(box: Box) -> QRectF:
    """A box as Qt has it."""
    return QRectF(box.x, box.y, box.width, box.height)


def cosmetic_pen(painter: QPainter, colour: str, width: float) -> QPen:
    """A pen of `width` logical pixels at any zoom; Qt's own cosmetic pens count device pixels."""
    pen = QPen(QColor(colour), width * painter.device().devicePixelRatio())
    pen.setCosmetic(True)
    return pen


def label_font(size: int = 13, bold: bool = False) -> QFont:
    """The system font with figures of equal width, in pixels of the page."""
    font = QFont()
    font.setPixelSize(size)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


class ChromosomePicture:
    """A chromosome's picture with its turn and mirroring; painted on the board and under a drag.

    `shrunk` is 1, or less for an object too large for the cell's common scale.
    """

    def __init__(self, chromosome: Chromosome, shrunk: float) -> None:
        segment = chromosome.segment
        self.id = chromosome.id
        self._pictures = ChromosomePictures(segment.crop, segment.mask)
        self._points = outline_points(segment.mask)
        self._height, self._width = segment.crop.shape
        self.shrunk = shrunk
        self._turn, self._mirrored = 0.0, False
        self._extent = turned_extent(self._points, 0.0, False)

    def stand(self, placement: Placement) -> None:
        """Turn and mirror as a placement says."""
        if (self._turn, self._mirrored) != (placement.turn, placement.mirrored):
            self._turn, self._mirrored = placement.turn, placement.mirrored
            self._extent = turned_extent(self._points, self._turn, self._mirrored)

    def piece(self) -> Piece:
        """What the layout needs to know."""
        return Piece(self.id, self._extent.width * self.shrunk, self._extent.height * self.shrunk)

    def paint(self, painter: QPainter, foot: QPointF, scale: float) -> None:
        """Paint so that the visible part's bottom centre stands at `foot`."""
        scale *= self.shrunk
        painter.save()
        painter.translate(
            foot.x() - self._extent.centre_x * scale, foot.y() - self._extent.bottom * scale
        )
        painter.rotate(self._turn)
        painter.scale(-scale if self._mirrored else scale, scale)
        world = painter.deviceTransform()
        resolution = (abs(world.determinant())) ** 0.5
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        picture = QRectF(-self._width / 2, -self._height / 2, self._width, self._height)
        pixmap = self._pictures.at(resolution)
        painter.drawPixmap(picture, pixmap, QRectF(pixmap.rect()))
        painter.restore()


class BoardItem(QGraphicsItem):
    """An item of the board. It lets the mouse through: the tools ask the layout."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)


class _Badge:
    """A short text; with an arrow, the type that the picture looks like and was moved away from."""

    def __init__(self, text: str, arrow: bool = True) -> None:
        self.text = text
        self._has_arrow = arrow
        self._font = label_font(_BADGE_FONT, bold=True)
        self._advance = QFontMetricsF(self._font).horizontalAdvance(text)
        self.width = self._advance + (_SIGN_GAP + _ARROW if arrow else 0.0)

    def paint(self, colour: str, painter: QPainter, centre: QPointF) -> None:
        """Paint around a point."""
        left, y = centre.x() - self.width / 2, centre.y()
        painter.setFont(self._font)
        painter.setPen(QColor(colour))
        box = QRectF(left, y - SCREEN.marks / 2, self._advance, SCREEN.marks)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, self.text)
        if not self._has_arrow:
            return
        painter.setPen(cosmetic_pen(painter, colour, 1.2))
        tip = QPointF(centre.x() + self.width / 2, y)
        painter.drawLine(tip - QPointF(_ARROW - 1, 0), tip)
        for side in (-3, 3):
            painter.drawLine(tip - QPointF(3, side), tip)


class ChromosomeItem(BoardItem):
    """A chromosome in its place; the item's origin is the bottom centre of its spot."""

    def __init__(self, picture: ChromosomePicture) -> None:
        super().__init__()
        self.picture = picture
        self.setZValue(1)
        self._scale = 1.0
        self._size = (SCREEN.smallest_spot, SCREEN.smallest_spot)
        self._doubt = 0.0
        self._badge: _Badge | None = None
        self._label: _Badge | None = None
        self._mirrored = False
        self._is_selected = self._is_current = self._is_hovered = False

    def stand(
        self, spot: Box, scale: float, placement: Placement, doubt: float, looks_like: str = ""
    ) -> None:
        """Take the size and the signs of a placement; where to stand the scene says.

        `looks_like` is the type that an assignment took it away from, empty for none.
        """
        self.prepareGeometryChange()
        self._scale = scale
        self._size = (spot.width, spot.height)
        self._doubt = doubt
        if looks_like != self.looks_like:
            # Measured here, once, and not at every painting.
            self._badge = _Badge(looks_like) if looks_like else None
        self._mirrored = placement.mirrored
        self.update()

    def set_label(self, text: str) -> None:
        """Write what is changed of it under it: `del`, `t`; empty for nothing."""
        if text != self.label:
            self.prepareGeometryChange()
            self._label = _Badge(text, arrow=False) if text else None
            self.update()

    @property
    def label(self) -> str:
        """The change that is written under it; empty for none."""
        return self._label.text if self._label else ""

    def mark(self, selected: bool, current: bool, hovered: bool) -> None:
        """Outline as selected, as the keyboard's own, as under the pointer."""
        state = (selected, current, hovered)
        if state != (self._is_selected, self._is_current, self._is_hovered):
            self._is_selected, self._is_current, self._is_hovered = state
            self.update()

    @property
    def doubt(self) -> float:
        """How strongly the amber dot is drawn, 0 (none) … 1."""
        return self._doubt

    @property
    def looks_like(self) -> str:
        """The type in the badge of what an assignment moved; empty without a badge."""
        return self._badge.text if self._badge else ""

    def _body(self) -> QRectF:
        width, height = self._size
        return QRectF(-width / 2, -height, width, height)

    def boundingRect(self) -> QRectF:
        """The body, its outline, and the strip of signs under it."""
        strip = 2 * _SIGN + sum(b.width for b in (self._badge, self._label) if b)
        body = self._body().adjusted(-_OUTLINE - 2, -_OUTLINE - 2, _OUTLINE + 2, SCREEN.marks)
        return body.united(QRectF(-strip, 0, 2 * strip, SCREEN.marks))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """The picture, its outline, its signs."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.picture.paint(painter, QPointF(0, 0), self._scale)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = self._body().adjusted(-_OUTLINE, -_OUTLINE, _OUTLINE, _OUTLINE)
        if self._is_selected:
            painter.setPen(cosmetic_pen(painter, colours.ACCENT, 2.5 if self._is_current else 1.5))
            painter.drawRoundedRect(frame, 3, 3)
        elif self._is_hovered:
            painter.setPen(cosmetic_pen(painter, colours.HOVER, 1.0))
            painter.drawRoundedRect(frame, 3, 3)
        self._paint_signs(painter)

    def _paint_signs(self, painter: QPainter) -> None:
        signs: list[tuple[float, Callable[[QPainter, QPointF], None]]] = []
        if self._label is not None:
            paint_label = partial(self._label.paint, colours.ACCENT)
            signs.append((self._label.width, paint_label))
        if self._mirrored:
            signs.append((_SIGN, self._paint_mirror_sign))
        if self.picture.shrunk < 1:
            signs.append((_SIGN, self._paint_shrunk_sign))
        if self._badge is not None:
            colour = colours.AMBER_TEXT if self._doubt else colours.SIGN
            signs.append((self._badge.width, partial(self._badge.paint, colour)))
        elif self._doubt:
            signs.append((_SIGN, self._paint_dot))
        x = -(sum(width for width, _ in signs) + _SIGN_GAP * (len(signs) - 1)) / 2
        for width, paint in signs:
            paint(painter, QPointF(x + width / 2, SCREEN.marks / 2 + 1.5))
            x += width + _SIGN_GAP

    def _paint_dot(self, painter: QPainter, centre: QPointF) -> None:
        colour = QColor(colours.AMBER)
        colour.setAlphaF(0.45 + 0.55 * self._doubt)
        radius = 2.0 + 1.5 * self._doubt
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(centre, radius, radius)

    def _paint_mirror_sign(self, painter: QPainter, centre: QPointF) -> None:
        """Two triangles back to back, the second one filled."""
        x, y = centre.x(), centre.y()
        painter.setPen(cosmetic_pen(painter, colours.SIGN, 1.0))
        for side in (-1, 1):
            filled = QColor(colours.SIGN) if side > 0 else Qt.BrushStyle.NoBrush
            painter.setBrush(filled)
            corners = [(1.5, -3.5), (1.5, 3.5), (5.5, 3.5)]
            painter.drawPolygon(QPolygonF([QPointF(x + side * a, y + b) for a, b in corners]))

    def _paint_shrunk_sign(self, painter: QPainter, centre: QPointF) -> None:
        """Two arrow heads that point at each other."""
        x, y = centre.x(), centre.y()
        painter.setPen(cosmetic_pen(painter, colours.SIGN, 1.2))
        for side in (-1, 1):
            corners = [(x - 3, y + side * 4), (x, y + side), (x + 3, y + side * 4)]
            painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in corners]))


class SlotItem(BoardItem):
    """A slot's line and label, or the tray's title: quiet when nothing stands there."""

    def __init__(self, place: SlotPlace, label: str, is_tray: bool) -> None:
        super().__init__()
        self._place = place
        self._label = label
        self._is_tray = is_tray
        self._count = 0

    def stand(self, place: SlotPlace, count: int) -> None:
        """Take a new place and the number of chromosomes that stand there."""
        if (place, count) != (self._place, self._count):
            self.prepareGeometryChange()
            self._place, self._count = place, count
            self.update()

    def boundingRect(self) -> QRectF:
        """The whole slot."""
        return rectangle(self._place.box)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """A hairline with the label under it; over the tray, with the title under it."""
        box, area = self._place.box, self._place.area
        # Antialiased, a hairline between two pixels would be a grey blur.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(cosmetic_pen(painter, colours.LINE, 1.0))
        if self._is_tray:
            painter.drawLine(QLineF(box.x, box.y, box.right, box.y))
            text = f"{self._label} · {self._count}" if self._count else f"{self._label}: none"
            where = QRectF(box.x, box.y, box.width, SCREEN.tray_title)
            align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        else:
            text = self._label
            y = area.bottom + SCREEN.marks
            painter.drawLine(QLineF(box.x, y, box.right, y))
            where = QRectF(box.x, y, box.width, SCREEN.label)
            align = Qt.AlignmentFlag.AlignCenter
        painter.setFont(label_font())
        painter.setPen(QColor(colours.LABEL if self._count else colours.QUIET))
        painter.drawText(where, align, text)


class BracketItem(BoardItem):
    """A bracket over slots: amber with the count of a finding, blue with what differs."""

    def __init__(self, area: Box, count: int, difference: str = "") -> None:
        super().__init__()
        self.count = count
        self.difference = difference
        self._area = area
        self.setZValue(2)

    def boundingRect(self) -> QRectF:
        """The band over the area."""
        area = self._area
        return QRectF(area.x - 1, area.y - SCREEN.bracket, area.width + 2, SCREEN.bracket)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Two arms that leave room for the number between them."""
        text = self.difference or str(self.count)
        ink = colours.ACCENT if self.difference else colours.AMBER_TEXT
        pen = colours.ACCENT if self.difference else colours.AMBER
        font = label_font(12, bold=True)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        area = self._area
        top, foot = area.y - SCREEN.bracket / 2, area.y - 3
        band = QRectF(area.x, area.y - SCREEN.bracket, area.width, SCREEN.bracket)
        align = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
        painter.drawText(band, align, text)
        half = painter.fontMetrics().horizontalAdvance(text) / 2 + 4
        painter.setPen(cosmetic_pen(painter, pen, 1.5))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for edge, inner in (
            (area.x, area.centre_x - half),
            (area.right, area.centre_x + half),
        ):
            corners = [QPointF(inner, top), QPointF(edge, top), QPointF(edge, foot)]
            painter.drawPolyline(QPolygonF(corners))


class DropMarkItem(BoardItem):
    """Where a drop would go: the slot outlined, and a bar between homologues or a swap sign."""

    def __init__(self) -> None:
        super().__init__()
        self._slot = QRectF()
        self._bar: QLineF | None = None
        self._swap: QRectF | None = None
        self.setZValue(4)  # over the ghost, or a swap could not be seen
        self.hide()

    @property
    def is_swap(self) -> bool:
        """Whether a swap is marked."""
        return self._swap is not None

    def show_at(self, slot: Box, insertion: Box | None = None, swap: Box | None = None) -> None:
        """Mark a slot, and in it either an insertion or a chromosome to swap with."""
        self.prepareGeometryChange()
        self._slot = rectangle(slot)
        self._bar = None
        if insertion is not None:
            self._bar = QLineF(insertion.x, insertion.y - 2, insertion.x, insertion.bottom + 2)
        self._swap = None if swap is None else rectangle(swap.grown(_OUTLINE))
        self.show()
        self.update()

    def boundingRect(self) -> QRectF:
        """The slot and whatever reaches over it."""
        rect = self._slot
        if self._bar is not None:
            rect = rect.united(QRectF(self._bar.p1(), self._bar.p2()))
        if self._swap is not None:
            rect = rect.united(self._swap)
        return rect.adjusted(-10, -10, 10, 10)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Accent lines only, so that grey levels under them stay true."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(cosmetic_pen(painter, colours.ACCENT, 1.5))
        painter.drawRoundedRect(self._slot.adjusted(-4, -2, 4, 2), 4, 4)
        if self._bar is not None:
            painter.setPen(cosmetic_pen(painter, colours.ACCENT, 2.0))
            painter.drawLine(self._bar)
            for y in (self._bar.y1(), self._bar.y2()):
                painter.drawLine(QLineF(self._bar.x1() - 3, y, self._bar.x1() + 3, y))
        if self._swap is not None:
            painter.setPen(cosmetic_pen(painter, colours.ACCENT, 2.5))
            painter.drawRoundedRect(self._swap, 3, 3)
            self._paint_swap_sign(painter, self._swap)

    def _paint_swap_sign(self, painter: QPainter, over: QRectF) -> None:
        """A badge with two arrows on the chromosome that would give its place."""
        centre = over.center()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.ACCENT))
        painter.drawEllipse(centre, 11, 11)
        pen = QPen(QColor(colours.SHEET), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for side in (-1, 1):
            y = centre.y() + 3 * side
            tip = QPointF(centre.x() + 6 * side, y)
            path = QPainterPath(QPointF(centre.x() - 6 * side, y))
            path.lineTo(tip)
            path.moveTo(tip - QPointF(3 * side, 3))
            path.lineTo(tip)
            path.lineTo(tip - QPointF(3 * side, -3))
            painter.drawPath(path)


class GhostItem(QGraphicsItem):
    """The dragged pictures under the pointer, see-through: the first one where it was grasped."""

    def __init__(
        self, pictures: Sequence[ChromosomePicture], scale: float, sizes: Sequence[Box]
    ) -> None:
        super().__init__()
        self._scale = scale
        self._feet: list[tuple[ChromosomePicture, QPointF]] = []
        self.more = max(0, len(pictures) - _MOST_GHOSTS)
        x = -sizes[0].width / 2
        for picture, size in list(zip(pictures, sizes, strict=True))[:_MOST_GHOSTS]:
            self._feet.append((picture, QPointF(x + size.width / 2, 0)))
            x += size.width + SCREEN.homologue_gap / 2
        tallest = max(size.height for size in sizes)
        self._badge = QPointF(x + 12, -12)
        self._bounds = QRectF(-sizes[0].width / 2, -tallest, x + sizes[0].width / 2 + 36, tallest)
        self.setOpacity(_GHOST_OPACITY)
        self.setZValue(3)

    def foot(self, index: int) -> QPointF:
        """Where the foot of the index-th dragged picture is, in the scene."""
        _, foot = self._feet[min(index, len(self._feet) - 1)]
        return self.pos() + foot

    def boundingRect(self) -> QRectF:
        """All pictures side by side."""
        return self._bounds.adjusted(-4, -4, 4, 4)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """The pictures, and how many more are held."""
        for picture, foot in self._feet:
            picture.paint(painter, foot, self._scale)
        if self.more:
            painter.setFont(label_font(bold=True))
            painter.drawText(self._badge, f"+{self.more}")
