"""The board's scene: shows a karyogram. It never holds the truth itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QPainter

from karyogui.domain.chromosome import Chromosome
from karyogui.domain.findings import CellFinding
from karyogui.domain.karyogram import SLOTS, TRAY, Karyogram
from karyogui.layout.geometry import Box
from karyogui.layout.karyogram import (
    SCREEN,
    Piece,
    choose_scale,
    fit_page,
    karyogram_layout,
    members_of,
    shrink_factors,
)
from karyogui.ui.board.colours import SHEET
from karyogui.ui.board.items import (
    BracketItem,
    ChromosomeItem,
    ChromosomePicture,
    DropMarkItem,
    GhostItem,
    SlotItem,
    cosmetic_pen,
    rectangle,
)
from karyogui.ui.board.texts import slot_label
from karyogui.ui.specimen_scene import SpecimenScene
from karyogui.ui.zoom_view import repaint_views

GLIDE_MS = 120
_HELD_OPACITY = 0.25


class BoardScene(SpecimenScene):
    """Items for one karyogram. Selection and cursor live here; placements only in the domain."""

    selection_changed = Signal(object)
    """The selected ids as one reads the board."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._karyogram = Karyogram(())
        self._chromosomes: dict[str, Chromosome] = {}
        self._doubts: Mapping[str, float] = {}
        self._moved: Mapping[str, str] = {}
        self._labels: Mapping[str, str] = {}
        self.carried: Mapping[str, str] = {}
        self._differences: Mapping[str, str] = {}
        self._findings: Sequence[CellFinding] = ()
        self._items: dict[str, ChromosomeItem] = {}
        self._slots: dict[str, SlotItem] = {}
        self._brackets: list[BracketItem] = []
        self.drop_mark: DropMarkItem | None = None
        self.ghost: GhostItem | None = None
        self._held: tuple[str, ...] = ()
        self._selected: tuple[str, ...] = ()
        self._current: str | None = None
        self._hovered: str | None = None
        self._page_size = (800.0, 600.0)
        self._fitted_scale = 1.0
        self._glide = QVariantAnimation(self)
        self._glide.setStartValue(0.0)
        self._glide.setEndValue(1.0)
        self._glide.setDuration(GLIDE_MS)
        self._glide.valueChanged.connect(self._glide_on)
        self._glide_from: dict[str, QPointF] = {}
        self.board = karyogram_layout({}, *self._page_size, 1.0)

    # -- what is shown ---------------------------------------------------------------------------

    def show_karyogram(self, karyogram: Karyogram, chromosomes: Sequence[Chromosome]) -> None:
        """Show another cell; the selection is given up."""
        self.clear_board()
        self._karyogram = karyogram
        self._chromosomes = {c.id: c for c in chromosomes}
        shrunk = shrink_factors({c.id: float(max(c.segment.crop.shape)) for c in chromosomes})
        for chromosome in chromosomes:
            picture = ChromosomePicture(chromosome, shrunk[chromosome.id])
            item = ChromosomeItem(picture)
            item.set_label(self._labels.get(chromosome.id, ""))
            self._items[chromosome.id] = item
            self.addItem(item)
        for slot in SLOTS:
            place = self.board.slots[slot]
            self._slots[slot] = SlotItem(place, slot_label(slot), slot == TRAY)
            self.addItem(self._slots[slot])
        self.drop_mark = DropMarkItem()
        self.addItem(self.drop_mark)
        self.fit_page(*self._page_size)

    def clear_board(self) -> None:
        """Show nothing."""
        self._glide.stop()
        self.clear()
        self._items, self._slots, self._brackets = {}, {}, []
        self.drop_mark = self.ghost = None
        self._held = ()
        self._doubts, self._moved, self._findings = {}, {}, ()
        self._karyogram = Karyogram(())
        self._current = self._hovered = None
        self.select(())

    @property
    def karyogram(self) -> Karyogram:
        """The karyogram that is shown; an empty one when there is none."""
        return self._karyogram

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self._items

    def chromosome(self, chromosome_id: str) -> Chromosome:
        """A shown chromosome by its id."""
        return self._chromosomes[chromosome_id]

    def item(self, chromosome_id: str) -> ChromosomeItem:
        """The item of a shown chromosome."""
        return self._items[chromosome_id]

    @property
    def brackets(self) -> tuple[BracketItem, ...]:
        """The brackets that are shown."""
        return tuple(self._brackets)

    def show_change(
        self,
        findings: Sequence[CellFinding],
        doubts: Mapping[str, float],
        moved: Mapping[str, str],
    ) -> None:
        """Show where the karyogram has everything now, and what there is to say of it.

        `doubts` says who needs review, and how much (0 … 1); `moved` what those look like that
        an assignment put elsewhere.
        """
        self._findings, self._doubts, self._moved = findings, doubts, moved
        self._arrange()
        self._mark_items()

    def show_labels(self, labels: Mapping[str, str], carried: Mapping[str, str]) -> None:
        """Write under chromosomes, by id, what is changed of them; in full, `carried`, in words."""
        self._labels, self.carried = labels, carried
        for chromosome_id, item in self._items.items():
            item.set_label(labels.get(chromosome_id, ""))

    def show_differences(self, differences: Mapping[str, str]) -> None:
        """Bracket slots, in place of the findings, with what differs there from a karyotype."""
        if differences != self._differences:
            self._differences = differences
            self._place_brackets()

    def take_chromosomes(self, chromosomes: Sequence[Chromosome]) -> None:
        """Know more of the chromosomes that are shown; their pictures stay."""
        self._chromosomes = {c.id: c for c in chromosomes}

    def fit_page(self, width: float, height: float) -> None:
        """Lay out for a view of this size at the largest scale that fits, at once."""
        fit = fit_page(self._members(), max(width, 1.0), max(height, 1.0))
        self._page_size = (fit.width, fit.height)
        self._fitted_scale = fit.scale
        self._arrange()
        self.finish_glide()

    def _members(self) -> dict[str, list[Piece]]:
        pieces = {i: item.picture.piece() for i, item in self._items.items()}
        return members_of(self._karyogram, pieces)

    def _arrange(self) -> None:
        for chromosome_id, item in self._items.items():
            item.picture.stand(self._karyogram.placement(chromosome_id))
        members = self._members()
        board = karyogram_layout(members, *self._page_size, self._fitted_scale)
        if not board.fits:
            smaller = min(self._fitted_scale, choose_scale(members, *self._page_size))
            board = karyogram_layout(members, *self._page_size, smaller)
        self.board = board
        page = rectangle(board.page)
        # Half a view of air around the page lets every corner be panned to the centre.
        x, y = page.width() / 2, page.height() / 2
        self.setSceneRect(page.adjusted(-x, -y, x, y))
        self._update_items()
        for slot, shown in self._slots.items():
            shown.stand(board.slots[slot], len(board.members[slot]))
        self._place_brackets()
        self._start_glide()
        repaint_views(self)

    def _update_items(self) -> None:
        for chromosome_id, item in self._items.items():
            item.stand(
                self.board.spots[chromosome_id],
                self.board.scale,
                self._karyogram.placement(chromosome_id),
                self._doubts.get(chromosome_id, 0.0),
                self._moved.get(chromosome_id, ""),
            )

    def _place_brackets(self) -> None:
        for bracket in self._brackets:
            self.removeItem(bracket)
        self._brackets = []
        if self.is_empty:
            return
        for slot, told in self._differences.items():
            bracket = BracketItem(self._content([slot]), 0, told)
            self.addItem(bracket)
            self._brackets.append(bracket)
        # While a karyotype is compared, only what differs from it is bracketed.
        for finding in () if self._differences else self._findings:
            slots = [slot for slot in finding.slots if slot != TRAY]
            if slots:
                bracket = BracketItem(self._content(slots), finding.count)
                self.addItem(bracket)
                self._brackets.append(bracket)

    def _content(self, slots: Sequence[str]) -> Box:
        """The part of neighbouring slots that is taken up, as wide as the slots themselves."""
        areas = [self.board.slots[slot].area for slot in slots]
        spots = [self.board.spots[i] for slot in slots for i in self.board.members[slot]]
        left, right = min(a.x for a in areas), max(a.right for a in areas)
        floor = areas[0].bottom - SCREEN.smallest_row / 2
        top = min([floor, *(spot.y for spot in spots)])
        return Box(left, top, right - left, areas[0].bottom - top)

    def _home(self, chromosome_id: str) -> QPointF:
        spot = self.board.spots[chromosome_id]
        return QPointF(spot.centre_x, spot.bottom)

    # -- gliding ---------------------------------------------------------------------------------

    def _start_glide(self) -> None:
        self._glide.stop()
        self._glide_from = {
            i: item.pos() for i, item in self._items.items() if item.pos() != self._home(i)
        }
        if self._glide_from:
            self._glide.start()

    def _glide_on(self, progress: float) -> None:
        eased = 1 - (1 - progress) ** 3
        for chromosome_id, start in self._glide_from.items():
            home = self._home(chromosome_id)
            self._items[chromosome_id].setPos(start + (home - start) * eased)

    def finish_glide(self) -> None:
        """Put everything where it belongs at once."""
        self._glide.stop()
        for chromosome_id, item in self._items.items():
            item.setPos(self._home(chromosome_id))

    @property
    def is_gliding(self) -> bool:
        """Whether something is on its way to its place."""
        return self._glide.state() is QVariantAnimation.State.Running

    # -- selection -------------------------------------------------------------------------------

    @property
    def selected(self) -> tuple[str, ...]:
        """Selected ids as one reads the board."""
        return tuple(i for i in self.board.order if i in self._selected)

    @property
    def current(self) -> str | None:
        """The one the keyboard stands on."""
        return self._current

    def select(self, ids: Sequence[str], current: str | None = None) -> None:
        """Select exactly these; the cursor stands on `current`, or else on the last of them."""
        before = (set(self._selected), self._current)
        self._selected = tuple(ids)
        self._current = current if current is not None else (ids[-1] if ids else self._current)
        if (set(ids), self._current) != before:
            self._mark_items()
            self.selection_changed.emit(self.selected)

    def set_hovered(self, chromosome_id: str | None) -> None:
        """Say who is under the pointer."""
        if chromosome_id != self._hovered:
            self._hovered = chromosome_id
            self._mark_items()

    def _mark_items(self) -> None:
        chosen = set(self._selected)
        for i, item in self._items.items():
            item.mark(i in chosen, i == self._current, i == self._hovered)

    def chromosomes_in(self, rect: QRectF) -> tuple[str, ...]:
        """Ids whose pictures a rubber band touches, as one reads the board."""
        return tuple(i for i in self.board.order if rect.intersects(rectangle(self.board.spots[i])))

    # -- dragging --------------------------------------------------------------------------------

    def hold(self, ids: Sequence[str]) -> None:
        """Begin a drag: the pictures stay where they are, faint, and a ghost follows."""
        self._held = tuple(ids)
        self.finish_glide()
        for chromosome_id in ids:
            self._items[chromosome_id].setOpacity(_HELD_OPACITY)
        pictures = [self._items[i].picture for i in ids]
        self.ghost = GhostItem(pictures, self.board.scale, [self.board.spots[i] for i in ids])
        self.addItem(self.ghost)

    def carry(self, foot: QPointF) -> None:
        """Move the ghost so that the first picture's foot is at a point."""
        if self.ghost is not None:
            self.ghost.setPos(foot)

    def mark_drop(
        self, slot: str | None, insertion: Box | None = None, swap: str | None = None
    ) -> None:
        """Show where a drop would go; nothing for None."""
        if self.drop_mark is None:
            return
        if slot is None:
            self.drop_mark.hide()
            return
        other = None if swap is None else self.board.spots[swap]
        self.drop_mark.show_at(self.board.slots[slot].box, insertion, other)

    def let_go(self) -> None:
        """End a drag: the pictures stand where the ghost was and glide to where they belong.

        To be called before the karyogram changes, or instead.
        """
        self.mark_drop(None)
        if self.ghost is None:
            return
        for index, chromosome_id in enumerate(self._held):
            item = self._items[chromosome_id]
            item.setOpacity(1.0)
            item.setPos(self.ghost.foot(index))
        self.removeItem(self.ghost)
        self.ghost, self._held = None, ()
        self._start_glide()

    # -- painting --------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The white sheet on the canvas."""
        super().drawBackground(painter, rect)
        if self.is_empty:
            return
        painter.setPen(cosmetic_pen(painter, self.colours.border, 1.0))
        painter.setBrush(QColor(SHEET))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(rectangle(self.board.sheet), 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
