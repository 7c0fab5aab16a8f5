"""The metaphase's scene: the picture with its objects, in pixels of the raw picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGraphicsItemGroup

from karyogui.domain.separation import ObjectKind, SeparatedObject
from karyogui.ui.metaphase.items import ObjectItem, PictureItem
from karyogui.ui.metaphase.outlines import Lines, Occupancy, covers, distance_to, touches
from karyogui.ui.specimen_scene import SpecimenScene
from karyogui.ui.zoom_view import repaint_views

_OVERLAY_Z = 10.0


class MetaphaseScene(SpecimenScene):
    """Picture and objects of one cell. Selection lives here; what an object is, in the domain."""

    selection_changed = Signal(list)
    """The selected ids, in the order in which they were selected."""
    objects_changed = Signal()
    """Other objects, other labels, or other ones of them are shown."""
    hover_changed = Signal(str)
    """The id of the object under the pointer, empty for none."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.objects: dict[str, SeparatedObject] = {}
        self.labels: Mapping[str, str] = {}
        self.pixels: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        """The raw picture (h, w), for tools that look at it."""
        self.used_ids: frozenset[str] = frozenset()
        """Ids that an object of the cell has or ever had: none is given twice."""
        self.known_lines: Mapping[SeparatedObject, Lines] = {}
        """Outlines that were made beforehand; those of other objects are made when shown."""
        self._items: dict[str, ObjectItem] = {}
        self._size = (0, 0)
        self._selected: tuple[str, ...] = ()
        self._hovered = ""
        self._rejected_are_shown = True
        self._occupancy: Occupancy | None = None
        self._picture = PictureItem()
        self.addItem(self._picture)
        self.overlay = QGraphicsItemGroup()
        """For what tools draw; it lets the mouse through and lies over everything."""
        self.overlay.setZValue(_OVERLAY_Z)
        self.overlay.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.addItem(self.overlay)

    # -- what is shown ---------------------------------------------------------------------------

    def set_levels(self, levels: Sequence[QImage], size: tuple[int, int]) -> None:
        """Show the `halves` of a picture whose raw pixels are of `size` (width, height)."""
        self._picture.show_levels(levels, size)
        if size != self._size:
            self._size = size
            self._occupancy = None
            # Half a picture of air lets every corner be panned to the middle.
            x, y = size[0] / 2, size[1] / 2
            self.setSceneRect(self.page.adjusted(-x, -y, x, y))
            self.objects_changed.emit()
        repaint_views(self)

    @property
    def page(self) -> QRectF:
        """The picture's rectangle; empty without a picture."""
        return QRectF(0, 0, *self._size)

    @property
    def is_empty(self) -> bool:
        """Whether there is no picture."""
        return self.page.isEmpty()

    def set_objects(self, objects: Sequence[SeparatedObject]) -> None:
        """Show these objects; those that stay stay selected."""
        before, self.objects = self.objects, {each.id: each for each in objects}
        for object_id, item in list(self._items.items()):
            now = self.objects.get(object_id)
            if now is not None and _looks_like(before[object_id], now):
                item.shown = now
            else:
                self.removeItem(item)
                del self._items[object_id]
        for object_id, shown in self.objects.items():
            if object_id not in self._items:
                self._items[object_id] = ObjectItem(shown, self.known_lines.get(shown))
                self.addItem(self._items[object_id])
        self._occupancy = None
        self._show_kinds()
        if self._hovered not in self.objects:
            self.set_hovered(None)
        self._mark_items()
        self.set_selected_ids([i for i in self._selected if i in self.objects])
        self.objects_changed.emit()

    def set_labels(self, labels: Mapping[str, str]) -> None:
        """What is written beside objects, by id; those of other kinds show their kind."""
        if labels != self.labels:
            self.labels = dict(labels)
            self.objects_changed.emit()

    def item(self, object_id: str) -> ObjectItem:
        """The outline of a shown object."""
        return self._items[object_id]

    def show_rejected(self, shown: bool) -> None:
        """Show or hide everything that is no chromosome; hidden, it cannot be clicked either."""
        self._rejected_are_shown = shown
        self._show_kinds()
        self.set_selected_ids([i for i in self._selected if self.is_shown(i)])
        self.objects_changed.emit()

    @property
    def rejected_are_shown(self) -> bool:
        """Whether objects that are no chromosomes are shown."""
        return self._rejected_are_shown

    def is_shown(self, object_id: str) -> bool:
        """Whether an object is there and not hidden with its kind."""
        shown = self.objects.get(object_id)
        return shown is not None and (
            self._rejected_are_shown or shown.kind is ObjectKind.CHROMOSOME
        )

    def shown_objects(self) -> list[SeparatedObject]:
        """All objects that are not hidden."""
        return [each for each in self.objects.values() if self.is_shown(each.id)]

    def _show_kinds(self) -> None:
        for object_id, item in self._items.items():
            item.setVisible(self.is_shown(object_id))

    @property
    def occupancy(self) -> Occupancy:
        """Where objects lie, for finding room beside them."""
        if self._occupancy is None:
            width, height = self._size
            self._occupancy = Occupancy.of((height, width), list(self.objects.values()))
        return self._occupancy

    # -- where things are ------------------------------------------------------------------------

    def objects_at(self, point: QPointF, reach: float = 0.0) -> tuple[str, ...]:
        """Ids under a point, chromosomes and small ones first; at a crossing there are two.

        When there is none, the nearest within `reach` pixels counts.
        """
        x, y = point.x(), point.y()
        under = [each for each in self.shown_objects() if covers(each, x, y)]
        if not under and reach > 0:
            distances = [(distance_to(o, x, y, reach), o) for o in self.shown_objects()]
            near = min(distances, key=lambda pair: pair[0], default=(np.inf, None))
            under = [near[1]] if near[1] is not None and near[0] < np.inf else []
        under.sort(key=lambda o: (o.kind is not ObjectKind.CHROMOSOME, int(o.mask.sum())))
        return tuple(each.id for each in under)

    def object_at(self, point: QPointF, reach: float = 0.0) -> str | None:
        """The id of the object under a point, or nearest to it within `reach` pixels."""
        return next(iter(self.objects_at(point, reach)), None)

    def objects_in(self, area: QRectF) -> tuple[str, ...]:
        """Ids of the objects that a rubber band touches, chromosomes only if there are any."""
        corners = (area.left(), area.top(), area.right(), area.bottom())
        found = [each for each in self.shown_objects() if touches(each, *corners)]
        chromosomes = [each for each in found if each.kind is ObjectKind.CHROMOSOME]
        return tuple(each.id for each in chromosomes or found)

    def rectangle_of(self, ids: Iterable[str]) -> QRectF:
        """The rectangle round objects, in the picture; empty for none."""
        whole = QRectF()
        for each in (self.objects[i] for i in ids if i in self.objects):
            height, width = each.mask.shape
            whole = whole.united(QRectF(*each.origin, width, height))
        return whole

    # -- selection -------------------------------------------------------------------------------

    @property
    def selected_ids(self) -> tuple[str, ...]:
        """The selected ids, in the order in which they were selected."""
        return self._selected

    def set_selected_ids(self, ids: Sequence[str]) -> None:
        """Select exactly these; ids that are not here are left out."""
        chosen = tuple(dict.fromkeys(i for i in ids if self.is_shown(i)))
        if chosen != self._selected:
            self._selected = chosen
            self._mark_items()
            self.selection_changed.emit(list(chosen))

    @property
    def hovered(self) -> str | None:
        """The id of the object under the pointer."""
        return self._hovered or None

    def set_hovered(self, object_id: str | None) -> None:
        """Say who is under the pointer."""
        if (object_id or "") != self._hovered:
            self._hovered = object_id or ""
            self._mark_items()
            self.hover_changed.emit(self._hovered)

    def _mark_items(self) -> None:
        chosen = set(self._selected)
        for object_id, item in self._items.items():
            item.mark(object_id in chosen, object_id == self._hovered)


def _looks_like(before: SeparatedObject, now: SeparatedObject) -> bool:
    """Whether an object read again from the store is painted as it was."""
    return before is now or (
        (before.kind, before.origin, before.score, before.by_person)
        == (now.kind, now.origin, now.score, now.by_person)
        and np.array_equal(before.mask, now.mask)
    )
