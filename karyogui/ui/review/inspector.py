"""The inspector: everything known about the selected chromosome."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import TRAY, Placement
from karyogui.domain.review import Edit, per_cent
from karyogui.ui import theme
from karyogui.ui.board.texts import slot_title
from karyogui.ui.boxes import REST, column_of, filling, grid_of, row_of
from karyogui.ui.images import chromosome_image
from karyogui.ui.theme import GRID
from karyogui.ui.widgets import IconLabel, text_label, unbroken, with_icon

MARGIN = 3 * GRID
LARGEST = 6.0
"""Enlarged at most this many times; a single pixel is not a band."""
ENLARGED = 3.0
"""The picture is resampled well to this many times its size, and only stretched beyond it."""

LOWEST, HIGHEST = 64, 136
"""Logical pixels that the picture is high at least; in a low window the whole of it is in sight."""
ABOVE_PICTURE = 76
"""Logical pixels of title, words and margins round it."""

Box = tuple[float, float, float, float]


def standing(placement: Placement) -> QTransform:
    """How the upright crop stands on the board: mirrored left to right, then turned clockwise."""
    transform = QTransform().rotate(placement.turn)
    return transform.scale(-1.0, 1.0) if placement.mirrored else transform


def zoom_box_corners(box: Box, size: QSize) -> QPolygonF:
    """The varifocal box in coordinates of the crop's centre; `size` is the crop's, in pixels."""
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    w, h = size.width(), size.height()
    return QPolygonF([QPointF((x - 0.5) * w, (y - 0.5) * h) for x, y in corners])


class ChromosomeView(QWidget):
    """One chromosome on white, as large as fits, the way it stands on the board."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._size = QSize()
        self._transform = QTransform()
        self._box: Box | None = None
        self._box_shown = False
        self.setMinimumHeight(HIGHEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_chromosome(self, chromosome: Chromosome | None, placement: Placement | None) -> None:
        """Show a chromosome, or nothing."""
        self._image, self._box = QImage(), None
        if chromosome is not None and placement is not None:
            crop = chromosome.segment.crop
            self._image = chromosome_image(crop, chromosome.segment.mask, ENLARGED)
            self._size = QSize(crop.shape[1], crop.shape[0])
            self._transform = standing(placement)
            self._box = chromosome.predicted.zoom_box if chromosome.predicted else None
        self.update()

    def show_object(self, pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> None:
        """Show an object of a photograph, (h, w) grey and bool, as it lies there."""
        self._box = None
        self._image = chromosome_image(pixels, mask, ENLARGED)
        self._size = QSize(pixels.shape[1], pixels.shape[0])
        self._transform = QTransform()
        self.update()

    def show_zoom_box(self, shown: bool) -> None:
        """Draw the box that the network looked at more closely, or not."""
        self._box_shown = shown
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        painter.fillRect(self.rect(), QColor(theme.PAPER))
        if self._image.isNull():
            return
        w, h = self._size.width(), self._size.height()
        frame = QRectF(-w / 2, -h / 2, w, h)
        extent = self._transform.mapRect(frame)
        room = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        scale = min(room.width() / extent.width(), room.height() / extent.height(), LARGEST)
        place = self._transform * QTransform().scale(scale, scale)
        place *= QTransform().translate(self.width() / 2, self.height() / 2)
        painter.setTransform(place)
        painter.drawImage(frame, self._image)
        painter.resetTransform()
        if self._box_shown and self._box is not None:
            painter.setPen(QPen(QColor(theme.LIGHT.accent), 1.5, Qt.PenStyle.DashLine))
            painter.drawPolygon(place.map(zoom_box_corners(self._box, self._size)))


class ProbabilityBars(QWidget):
    """The most probable types, one row each: name, bar, per cent. The slot's type is accented."""

    ROW = 5 * GRID
    ROWS = 5

    def __init__(self) -> None:
        super().__init__()
        self._values: tuple[tuple[str, float], ...] = ()
        self._accented = ""
        self.setFixedHeight(self.ROW * self.ROWS)

    def show_values(self, values: tuple[tuple[str, float], ...], accented: str) -> None:
        """Show (type, probability 0 … 1) pairs, best first; `accented` is the type stood in."""
        self._values, self._accented = values[: self.ROWS], accented
        spoken = ", ".join(f"{kind} {per_cent(value)}" for kind, value in self._values)
        self.setAccessibleDescription(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.current()
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("22") + 2 * GRID
        right = metrics.horizontalAdvance("> 99 %") + 2 * GRID
        width = max(self.width() - left - right, 1)
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, (kind, value) in enumerate(self._values):
            row = QRectF(0, number * self.ROW, self.width(), self.ROW)
            bar = QRectF(left, row.center().y() - GRID / 2, width, GRID)
            strong = kind == self._accented
            painter.setPen(QColor(colours.text if strong or not number else colours.muted))
            painter.drawText(
                QRectF(0, row.y(), left - 2 * GRID, self.ROW),
                middle | Qt.AlignmentFlag.AlignRight,
                kind,
            )
            painter.drawText(row, middle | Qt.AlignmentFlag.AlignRight, per_cent(value))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.border))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setBrush(QColor(colours.accent if strong else colours.muted))
            bar.setWidth(max(width * value, 2.0))
            painter.drawRoundedRect(bar, 2, 2)


HISTORY_SHOWN = 12
NOT_LISTED = "The separation check does not consider it a chromosome: no types are given."


def standing_text(placement: Placement) -> str:
    """How a chromosome stands, in words; empty when it stands as in the picture."""
    words = []
    if placement.confirmed:
        words.append("confirmed ✓")
    if placement.turn:
        words.append(f"turned {placement.turn:g}°")
    if placement.mirrored:
        words.append("mirrored")
    return " · ".join(words)


def polarity_text(chromosome: Chromosome, placement: Placement) -> str:
    """Which arm points down as it stands now, and how sure the network is of the picture's."""
    predicted = chromosome.predicted
    if predicted is None:
        return "not analysed"
    upside_down = 90 < placement.turn % 360 <= 270
    q_down = predicted.polarity_probabilities[1]
    if upside_down:
        q_down = 1.0 - q_down
    if q_down >= 0.5:
        return f"q arm down {per_cent(q_down)}"
    return f"q arm up {per_cent(1.0 - q_down)}"


def history_lines(edits: Sequence[Edit], chromosome_id: str) -> tuple[str, ...]:
    """The edits that touched a chromosome, newest first: when, who, what."""
    touched = [
        edit for edit in edits if any(p.chromosome_id == chromosome_id for p in edit.change.after)
    ]
    return tuple(
        f"{edit.when.astimezone():%Y-%m-%d %H:%M}  {edit.who}  {edit.change.text}"
        for edit in reversed(touched)
    )


class InspectorPanel(QWidget):
    """One chromosome enlarged, what the network says of it, and what was done to it."""

    zoom_box_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.view = ChromosomeView()
        self.bars = ProbabilityBars()
        self.zoom_box = QToolButton()
        self.title = text_label("", "title")
        self.standing = text_label("", "muted", wrap=True)
        self.facts: dict[str, QLabel] = {}
        self.reasons = text_label("", "amber", wrap=True)
        self.note = text_label("", "note", wrap=True)
        self.history = text_label("", "note", wrap=True)
        self._reason_row = QWidget()
        self._hint = text_label(
            "Select a chromosome to see it enlarged, with its types and its history.",
            "muted",
            wrap=True,
        )
        self._pages = QStackedWidget()
        self._build()
        self.show_nothing()

    def show_nothing(self, selected: int = 0) -> None:
        """Say how to get something here, or that several are selected."""
        if selected:
            self._hint.setText(f"{selected} chromosomes selected.")
        else:
            self._hint.setText(
                "Select a chromosome to see it enlarged, with its types and its history."
            )
        self.view.show_chromosome(None, None)
        self._pages.setCurrentIndex(0)

    def show_chromosome(
        self,
        chromosome: Chromosome,
        placement: Placement,
        edits: Sequence[Edit],
        reasons: Sequence[str] = (),
        margin: str = "",
        note: str = "",
    ) -> None:
        """Show one chromosome as it stands now.

        `reasons` need review; `margin` is the assignment's margin in words, and `note` says
        what the assignment did where nothing is doubtful.
        """
        predicted, assigned = chromosome.predicted, chromosome.assigned
        self.title.setText(slot_title(placement.slot))
        self.standing.setText(standing_text(placement) or "as in the picture")
        self.view.show_chromosome(chromosome, placement)
        self.bars.show_values(predicted.best(5) if predicted else (), placement.slot)
        self.bars.setVisible(predicted is not None)
        self._set("Predicted", predicted.argmax_type if predicted else "–")
        confidence = (
            f"{assigned.type or 'none'}  {per_cent(assigned.confidence)}" if assigned else "–"
        )
        self._set("Assigned", confidence)
        self._set("Margin", margin or "–")
        self._set("Present", "tray" if placement.slot == TRAY else placement.slot)
        self._set("Polarity", polarity_text(chromosome, placement))
        self._set("Picture", chromosome.segment.source)
        self.reasons.setText(unbroken("\n".join(reasons)))
        self._reason_row.setVisible(bool(reasons))
        self.note.setText(unbroken(note))
        self.note.setVisible(bool(note))
        lines = history_lines(edits, chromosome.id)
        more = len(lines) - HISTORY_SHOWN
        shown = [*lines[:HISTORY_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        self.history.setText("\n".join(shown) or "Not edited since the analysis.")
        self._pages.setCurrentIndex(1)

    def show_rejected(
        self,
        name: str,
        pixels: NDArray[np.uint8],
        mask: NDArray[np.bool_],
        types: Sequence[tuple[str, float]],
        reason: str,
    ) -> None:
        """Show an object of the photograph, (h, w) pixels, that is no chromosome.

        `types` are what it may be all the same, and `reason` why it should be looked at.
        """
        self.title.setText(name)
        self.standing.setText("not placed on the board")
        self.view.show_object(pixels, mask)
        self.bars.show_values(tuple(types), "")
        self.bars.setVisible(bool(types))
        for fact in self.facts:
            self._set(fact, "–")
        self._set("Predicted", types[0][0] if types else "–")
        self.reasons.setText(unbroken(reason))
        self._reason_row.setVisible(bool(reason))
        self.note.setText("" if reason else NOT_LISTED)
        self.note.setVisible(not reason)
        self.history.setText("–")
        self._pages.setCurrentIndex(1)

    def refresh_icons(self) -> None:
        """Draw the icon in the colours of the present theme."""
        self.zoom_box.setIcon(theme.icon("zoom-box"))

    def _set(self, name: str, text: str) -> None:
        label = self.facts[name]
        label.setText(text)
        label.setToolTip(text)

    def _build(self) -> None:
        self.zoom_box.setCheckable(True)
        self.zoom_box.setIconSize(QSize(20, 20))
        self.zoom_box.setToolTip("Show the part that the network examined more closely")
        self.zoom_box.toggled.connect(self.view.show_zoom_box)
        self.zoom_box.toggled.connect(self.zoom_box_toggled)
        self.refresh_icons()
        head = row_of(filling(self.title), self.zoom_box, gap=2)
        paper = QFrame()
        paper.setProperty("role", "paper")
        paper.setLayout(column_of(self.view, margins=0.25))
        content = QWidget()
        content.setLayout(
            column_of(
                head,
                self.standing,
                filling(paper),
                text_label("Probable types", "caption"),
                self.bars,
                self._build_reasons(),
                self.note,
                self._build_facts(),
                text_label("History of edits", "caption"),
                self.history,
                gap=2,
                margins=(3, 1, 3, 3),
            )
        )
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(content)
        hint = QWidget()
        hint.setLayout(column_of(self._hint, REST, margins=(3, 1, 3, 1)))
        self._pages.addWidget(hint)
        self._pages.addWidget(area)
        self.setLayout(column_of(self._pages, margins=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.height() - ABOVE_PICTURE
        self.view.setMinimumHeight(min(max(room, LOWEST), HIGHEST))

    def _build_reasons(self) -> QWidget:
        self._reason_row.setLayout(
            with_icon(IconLabel("alert", 16, "amber_mark"), self.reasons, margins=0)
        )
        return self._reason_row

    def _build_facts(self) -> QGridLayout:
        grid = grid_of(across=3, down=1, stretch={1: 1})
        names = ("Predicted", "Assigned", "Margin", "Present", "Polarity", "Picture")
        for row, name in enumerate(names):
            value = text_label()
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setMinimumWidth(1)
            self.facts[name] = value
            grid.addWidget(text_label(name, "muted"), row, 0)
            grid.addWidget(value, row, 1)
        return grid
