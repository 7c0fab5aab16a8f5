"""The strip as it is seen: pictures in groups over their cells' names, marks, and a selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip

from karyogui.domain.chromosome import Chromosome
from karyogui.domain.strip import StripChromosome, StripOrder
from karyogui.layout.geometry import Box
from karyogui.layout.karyogram import Piece
from karyogui.layout.strip import (
    METRICS,
    StripGroup,
    StripLayout,
    StripSection,
    scale_for,
    strip_layout,
)
from karyogui.ui.board import colours
from karyogui.ui.board.items import ChromosomePicture, cosmetic_pen, label_font, rectangle
from karyogui.ui.strip.texts import section_title, tooltip
from karyogui.ui.zoom_view import ZOOM_STEP

TALLEST = 118.0
"""Pixels of the tallest chromosome before anybody zooms."""
_LEAST, _MOST = 40.0, 480.0
_OUTLINE = 3.0


class _Shown:
    """One chromosome with its pictures, the straightened one made when it is first seen."""

    def __init__(self, item: StripChromosome) -> None:
        self.item = item
        self._made: dict[bool, ChromosomePicture] = {}
        self.straight: Chromosome | None = None

    def picture(self, straightened: bool) -> ChromosomePicture:
        from karyogui.services.strips import straight

        if straightened not in self._made:
            chromosome = self.item.chromosome
            shown = (self.straight or straight(chromosome)) if straightened else chromosome
            self._made[straightened] = ChromosomePicture(shown, 1.0)
        picture = self._made[straightened]
        picture.stand(self.item.upright if straightened else self.item.placement)
        return picture

    def piece(self, straightened: bool) -> Piece:
        piece, scale = self.picture(straightened).piece(), self.item.scale
        return Piece(self.item.key, piece.width * scale, piece.height * scale)

    def same_as(self, item: StripChromosome) -> bool:
        """Whether another reading shows the same picture."""
        return self.item.chromosome.segment.crop is item.chromosome.segment.crop


class StripView(QAbstractScrollArea):
    """Paints what it is given and reports what is selected; it decides nothing."""

    selection_changed = Signal(object)
    """The selected keys, a tuple as one reads them."""
    opened = Signal(str)
    """A chromosome was double-clicked: its key."""
    context_menu_requested = Signal(object)

    def __init__(self, keys: Callable[[QKeyEvent, bool], bool]) -> None:
        """`keys(event, asked)` does what a key means, or only says whether it means anything."""
        super().__init__()
        self._keys = keys
        self._shown: dict[str, _Shown] = {}
        self._sections: list[tuple[str, list[list[StripChromosome]]]] = []
        self._straightened = False
        self._tallest = TALLEST
        self._scale = 1.0
        self._selected: tuple[str, ...] = ()
        self.current: str | None = None
        self._anchor: str | None = None
        self.open_cell_id: int | None = None
        self.notice = ""
        self.page: StripLayout = strip_layout((), 100, 1.0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Chromosomes across the cells of the case")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.verticalScrollBar().setSingleStep(24)

    # -- what is shown ---------------------------------------------------------------------------

    def show_strip(
        self,
        strip: Sequence[StripChromosome],
        slots: Sequence[str],
        order: StripOrder,
        made: Mapping[str, Chromosome] | None = None,
    ) -> None:
        """Show chromosomes that are in order already; who is still there stays selected."""
        before = self._shown
        self._shown = {}
        for item in strip:
            known = before.get(item.key)
            if known is not None and known.same_as(item):
                known.item = item
                self._shown[item.key] = known
            else:
                self._shown[item.key] = _Shown(item)
        self._take_straight(made or {})
        self._sections = _sections(strip, slots, order)
        self._lay_out()
        self.select([key for key in self._selected if key in self._shown], self.current)

    def item(self, key: str) -> StripChromosome:
        """A chromosome that is shown, by its key."""
        return self._shown[key].item

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys as one reads them."""
        return self.page.order

    def lacks_straight(self) -> list[StripChromosome]:
        """Those whose straightened pictures have not been made."""
        return [shown.item for shown in self._shown.values() if shown.straight is None]

    def show_straightened(
        self, straightened: bool, made: Mapping[str, Chromosome] | None = None
    ) -> None:
        """Show pictures straightened, or as they are; `made` are straightened ones by key."""
        self._take_straight(made or {})
        self._straightened = straightened
        self._lay_out()

    def _take_straight(self, made: Mapping[str, Chromosome]) -> None:
        for key, chromosome in made.items():
            if key in self._shown:
                self._shown[key].straight = chromosome

    @property
    def is_straightened(self) -> bool:
        """Whether pictures are shown straightened."""
        return self._straightened

    def zoom_by(self, factor: float) -> None:
        """Show everything larger or smaller."""
        self._tallest = min(max(self._tallest * factor, _LEAST), _MOST)
        self._lay_out()
        if self.current is not None:
            self.reveal(self.current)

    def fit(self) -> None:
        """Show everything at the usual size."""
        self._tallest = TALLEST
        self._lay_out()

    def _lay_out(self) -> None:
        sections = []
        for heading, groups in self._sections:
            placed = []
            for members in groups:
                pieces = tuple(self._shown[m.key].piece(self._straightened) for m in members)
                first = members[0].slot
                split = next((n for n, m in enumerate(members) if m.slot != first), 0)
                placed.append(StripGroup(members[0].cell_name, pieces, split))
            sections.append(StripSection(heading, tuple(placed)))
        self._scale = scale_for(sections, self._tallest)
        self.page = strip_layout(sections, max(self.viewport().width(), 100), self._scale)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(self.page.height) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines again."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    # -- selection -------------------------------------------------------------------------------

    @property
    def selected(self) -> tuple[str, ...]:
        """The selected keys as one reads them."""
        chosen = set(self._selected)
        return tuple(key for key in self.page.order if key in chosen)

    def select(self, keys: Sequence[str], current: str | None = None) -> None:
        """Select exactly these; the cursor stands on `current`, or else on the last of them."""
        before = (set(self._selected), self.current)
        self._selected = tuple(keys)
        if current is None and keys:
            current = keys[-1]
        self.current = current if current in self._shown else None
        if len(keys) == 1:
            self._anchor = keys[0]
        if (set(keys), self.current) != before:
            self.viewport().update()
            self.selection_changed.emit(self.selected)

    def select_to(self, key: str) -> None:
        """Select everything from where the selection began to a chromosome."""
        order = self.page.order
        anchor = self._anchor if self._anchor in order else key
        assert anchor is not None
        first, last = sorted((order.index(anchor), order.index(key)))
        self.select(order[first : last + 1], key)
        self._anchor = anchor

    def toggle(self, key: str) -> None:
        """Take a chromosome into the selection, or out of it."""
        kept = [k for k in self._selected if k != key]
        self.select(kept if len(kept) < len(self._selected) else [*kept, key], key)

    def reveal(self, key: str) -> None:
        """Bring a chromosome into view."""
        spot, bar = self.page.spots[key], self.verticalScrollBar()
        bottom = spot.bottom + METRICS.marks + METRICS.label
        if spot.y - METRICS.margin < bar.value():
            bar.setValue(round(spot.y - METRICS.margin))
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(round(bottom - self.viewport().height()))

    # -- mouse and keys --------------------------------------------------------------------------

    def key_at(self, position: QPoint | QPointF) -> str | None:
        """The chromosome under a point of the viewport."""
        return self.page.at(position.x(), position.y() + self.verticalScrollBar().value())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        key = self.key_at(event.position())
        modifiers = event.modifiers()
        if event.button() is not Qt.MouseButton.LeftButton:
            if key is not None and key not in self._selected:
                self.select((key,))
        elif key is None:
            self.select(())
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.select_to(key)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self.toggle(key)
        else:
            self.select((key,))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        key = self.key_at(event.position())
        if key is not None and event.button() is Qt.MouseButton.LeftButton:
            self.select((key,))
            self.opened.emit(key)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._selected:
            self.context_menu_requested.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120))
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys(event, False):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Take the strip's own keys before the window's."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.ShortcutOverride
            and self._keys(event, True)
        ):
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            key = self.key_at(event.pos())
            text = tooltip(self._shown[key].item) if key else ""
            QToolTip.showText(event.globalPos(), text, self.viewport())
            return True
        return super().viewportEvent(event)

    # -- painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(colours.SHEET))
        if not self._shown:
            painter.setPen(QColor(colours.LABEL))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.notice)
            painter.end()
            return
        top = self.verticalScrollBar().value()
        painter.translate(0, -top)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = Box(0, top, self.viewport().width(), self.viewport().height())
        self._paint_words(painter, seen)
        for key, spot in self.page.spots.items():
            if spot.grown(METRICS.marks).overlaps(seen):
                self._paint_one(painter, self._shown[key], spot)
        painter.end()

    def _paint_words(self, painter: QPainter, seen: Box) -> None:
        painter.setFont(label_font(14, bold=True))
        painter.setPen(QColor(colours.LABEL))
        for text, box in self.page.headings:
            if box.overlaps(seen):
                painter.drawText(rectangle(box), Qt.AlignmentFlag.AlignVCenter, text)
        names = {s.item.cell_name: s.item for s in self._shown.values()}
        for text, box in self.page.labels:
            if not box.overlaps(seen):
                continue
            item = names[text]
            is_open = item.cell_id == self.open_cell_id
            painter.setFont(label_font(12, bold=is_open))
            quiet = item.is_excluded
            painter.setPen(QColor(colours.QUIET if quiet else colours.LABEL))
            box = box.grown(METRICS.group_gap / 2 - 2)
            words = f"({text})" if item.is_excluded else text
            # A name's end tells a cell from its neighbours.
            words = painter.fontMetrics().elidedText(
                words, Qt.TextElideMode.ElideLeft, int(box.width)
            )
            painter.drawText(rectangle(box), Qt.AlignmentFlag.AlignCenter, words)

    def _paint_one(self, painter: QPainter, shown: _Shown, spot: Box) -> None:
        foot = QPointF(spot.centre_x, spot.bottom)
        item = shown.item
        painter.setOpacity(0.45 if item.is_excluded else 1.0)
        shown.picture(self._straightened).paint(painter, foot, self._scale * item.scale)
        painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if item.key in self._selected:
            width = 2.5 if item.key == self.current else 1.5
            painter.setPen(cosmetic_pen(painter, colours.ACCENT, width))
            painter.drawRoundedRect(rectangle(spot.grown(_OUTLINE)), 3, 3)
        signs: list[Callable[[QPointF], None]] = []
        if item.label:
            signs.append(partial(self._paint_label, painter, item.label))
        if item.is_marked:
            signs.append(partial(self._paint_mark, painter))
        if item.asks:
            signs.append(partial(self._paint_dot, painter))
        for number, paint in enumerate(signs):
            x = spot.centre_x + (22 if item.label else 12) * (number - (len(signs) - 1) / 2)
            paint(QPointF(x, spot.bottom + METRICS.marks / 2 + 2))

    def _paint_label(self, painter: QPainter, label: str, centre: QPointF) -> None:
        """What is changed of a chromosome, as on the board."""
        painter.setFont(label_font(10, bold=True))
        painter.setPen(QColor(colours.ACCENT))
        align = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip
        painter.drawText(QRectF(centre.x() - 20, centre.y() - 7, 40, 14), align, label)

    def _paint_mark(self, painter: QPainter, centre: QPointF) -> None:
        """A triangle that points at the one that looks unlike the others."""
        x, y = centre.x(), centre.y()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.AMBER))
        painter.drawPolygon(
            QPolygonF([QPointF(x, y - 5), QPointF(x - 5, y + 4), QPointF(x + 5, y + 4)])
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_dot(self, painter: QPainter, centre: QPointF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.AMBER))
        painter.drawEllipse(centre, 3.0, 3.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def spot_of(self, key: str) -> QRectF:
        """Where a chromosome lies in the viewport, for tests and menus."""
        spot = self.page.spots[key]
        return rectangle(spot).translated(0, -self.verticalScrollBar().value())


def _sections(
    strip: Sequence[StripChromosome], slots: Sequence[str], order: StripOrder
) -> list[tuple[str, list[list[StripChromosome]]]]:
    """By cell, one group a cell with both types; else one section a type, each alone."""
    if order is StripOrder.CELL:
        cells: dict[int, list[StripChromosome]] = {}
        for slot in slots:
            for item in (s for s in strip if s.slot == slot):
                cells.setdefault(item.cell_id, []).append(item)
        ranked = sorted(cells.values(), key=lambda group: group[0].cell_number)
        return [("", ranked)]
    both = len(slots) > 1
    return [
        (section_title(slot) if both else "", [[s] for s in strip if s.slot == slot])
        for slot in slots
    ]
