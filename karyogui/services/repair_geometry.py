"""What repairs do to outlines: pure functions from objects to one `Repair` each.

All coordinates are pixels of the raw picture; (x, y) is the top left corner of pixel [y, x]. A
pixel may belong to two objects. No repair loses a pixel that the person did not erase; what is left
over, as islands and specks, is for `leftovers`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.domain.separation import (
    ObjectKind,
    Repair,
    SeparatedObject,
    new_object_id,
)
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.enhancement import flatten
from model.geometry.joining import joined
from model.geometry.masks import (
    AROUND,
    Box,
    Margins,
    Mask,
    Point,
    bounds_of,
    boxed,
    components,
    drawn,
    filled,
    grown,
    is_piece,
    meet,
    nearest_label,
    placed,
    stroked,
    trimmed,
    union_of,
    width_of,
    without_specks,
)

LEAST_OBJECT: int = 12
"""Pixels that a new object must have."""
LEAST_WIDTH: float = 2.0
"""Pixels that a loop must be wide: a line drawn by mistake has pixels enough, but no inside."""
DEPTH: float = 0.75
"""Share of the depth of Otsu's threshold from which a pixel is dark."""
LEAST_CHROMOSOME: float = 0.8
"""Squares of the usual width below which a piece is too small for a chromosome."""
USUAL_WIDTH: float = 12.0
"""Width of a chromosome in pixels where there is none to measure."""

_NAMES = {
    ObjectKind.CHROMOSOME: "chromosome",
    ObjectKind.NUCLEUS: "nucleus",
    ObjectKind.DEBRIS: "debris",
    ObjectKind.EDGE: "cut by the border",
    ObjectKind.DELETED: "deleted",
}


def chromosome_width(objects: Sequence[SeparatedObject]) -> float:
    """Median width of the chromosomes among `objects`, in pixels; a usual one where none is."""
    widths = [width_of(each.mask) for each in objects if each.kind is ObjectKind.CHROMOSOME]
    return float(np.median(widths)) if widths else USUAL_WIDTH


# -- one object into several, several into one ---------------------------------------------------


def cut(obj: SeparatedObject, line: Sequence[Point], taken: Collection[str]) -> Repair:
    """Cut an object along a line (x, y); it may end inside, when it nearly reaches the edge.

    `taken` are the ids in use. The line's own pixels go to the nearer piece, and so do crumbs.
    KaryoError when the line does not separate the object.
    """
    parts, _ = components(obj.mask)
    labels, count = components(
        obj.mask & ~drawn(obj.mask, np.asarray(line, np.float64) - obj.origin)
    )
    pieces = [n for n in range(1, count + 1) if is_piece(labels == n)]
    # What was apart before is no piece of the cut: it goes with the nearest one.
    part_of = {n: int(parts[labels == n].max()) for n in pieces}
    own = [n for n in pieces if list(part_of.values()).count(part_of[n]) > 1]
    if not own:
        raise KaryoError(
            "The line does not separate this object.", "Draw it from one side to the other."
        )
    seeds = np.where(np.isin(labels, own), labels, 0)
    nearest = nearest_label(seeds)
    masks = [obj.mask & (nearest == n) for n in own]
    return divide(ActionKind.CUT, f"Cut {_name(obj)} into {len(masks)}", obj, masks, taken)


def divide(
    kind: ActionKind, text: str, obj: SeparatedObject, masks: Sequence[Mask], taken: Collection[str]
) -> Repair:
    """Replace an object by one new object for each of `masks`, all of its mask's shape (h, w)."""
    used = {*taken, obj.id}
    made = [made_of(mask, obj.origin, obj.kind, (obj,), obj.box, used) for mask in masks]
    return Repair(kind, text, (obj,), tuple(made))


def made_of(
    mask: Mask,
    origin: tuple[int, int],
    kind: ObjectKind,
    like: Sequence[SeparatedObject],
    within: Box,
    used: set[str],
) -> SeparatedObject:
    """A new object of a mask whose top left pixel lies at `origin`; its id is added to `used`.

    Its box has the usual margins of the objects in `like` and stays `within`.
    """
    tight, place = trimmed(mask, origin)
    box = boxed(tight, place, _usual_margins(like), within)
    new_id = new_object_id(used)
    used.add(new_id)
    return SeparatedObject(new_id, kind, tight, place, box, by_person=True)


def join(objects: Sequence[SeparatedObject], width: float, taken: Collection[str]) -> Repair:
    """Make one object of two or more.

    A gap of at most one chromosome `width` (pixels) is filled along the shortest bridge; a wider
    one stays open. KaryoError when there are fewer than two.
    """
    if len(objects) < 2:
        raise KaryoError("Joining takes two objects or more.", "Select them with Shift and click.")
    whole, origin = joined([(each.mask, each.origin) for each in objects], width)
    largest = max(objects, key=lambda each: int(each.mask.sum()))
    made = replace(
        largest,
        id=new_object_id(taken),
        mask=whole,
        origin=origin,
        box=union_of([each.box for each in objects]),
        score=1.0,
        turn=0.0,
        by_person=True,
    )
    text = f"Join {len(objects)} objects"
    return Repair(ActionKind.JOIN, text, tuple(objects), (made,))


# -- outlines ------------------------------------------------------------------------------------


def brush(
    obj: SeparatedObject,
    stroke: Sequence[Point],
    radius: float,
    erase: bool,
    size: tuple[int, int],
) -> Repair:
    """Add what a round brush of `radius` pixels touches to an object, or erase it.

    `size` is the picture's (width, height); nothing is added outside. KaryoError when nothing
    changes, and when nothing would be left.
    """
    page = (0, 0, *size)
    reached = meet(grown(bounds_of(stroke), int(np.ceil(radius)) + 1), page)
    frame = obj.tight if erase or reached is None else union_of([obj.tight, reached])
    mask = placed(obj.mask, obj.origin, frame)
    touched = stroked(stroke, radius, frame)
    painted = mask & ~touched if erase else mask | touched
    if not painted.any():
        raise KaryoError("This would erase the whole object.", "Press Del to delete it.")
    if not erase and not (mask & cv2.dilate(touched.astype(np.uint8), AROUND).astype(bool)).any():
        raise KaryoError("The stroke does not touch this object.", "Begin it on the object.")
    if painted.sum() == mask.sum():
        raise KaryoError(
            "The brush has changed nothing.",
            "Draw over the object." if erase else "Draw beyond its outline.",
        )
    tight, origin = trimmed(painted, (frame[0], frame[1]))
    box = boxed(tight, origin, _margins(obj), page)
    after = replace(obj, mask=tight, origin=origin, box=box, score=1.0, by_person=True)
    verb = "Erase from" if erase else "Extend"
    return Repair(ActionKind.BRUSH, f"{verb} the outline of {_name(obj)}", (obj,), (after,))


def lasso(
    polygon: Sequence[Point],
    dark: Mask,
    taken: Collection[str],
    like: Sequence[SeparatedObject] = (),
) -> Repair:
    """A new chromosome: what is dark (H, W) inside a polygon, or all of it where nothing is.

    Its box gets the usual margin of the objects in `like`. KaryoError when it is too small.
    """
    height, width = dark.shape
    page = (0, 0, width, height)
    frame = meet(grown(bounds_of(polygon), 1), page) if len(polygon) > 2 else None
    inside = np.zeros((0, 0), bool) if frame is None else filled(polygon, frame)
    if frame is None or int(inside.sum()) < LEAST_OBJECT or _mean_width(polygon) < LEAST_WIDTH:
        raise KaryoError("This loop is too small for a chromosome.", "Draw it round all of it.")
    x, y, w, h = frame
    seen = without_specks(inside & dark[y : y + h, x : x + w])
    mask, origin = trimmed(seen if int(seen.sum()) >= LEAST_OBJECT else inside, (x, y))
    made = made_of(mask, origin, ObjectKind.CHROMOSOME, like, page, set(taken))
    return Repair(ActionKind.LASSO, "Outline a new chromosome", (), (made,))


def _mean_width(polygon: Sequence[Point]) -> float:
    """Pixels across a loop, on average of its length."""
    loop = np.array(polygon, np.float32)
    return 2 * cv2.contourArea(loop) / max(cv2.arcLength(loop, True), 1.0)


def staining(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much darker than the background a picture (H, W) uint8 is: 1 at Otsu's threshold."""
    even = flatten(picture)
    if float(np.median(even)) < 96:  # a dark background: fluorescence, or an inverted picture
        even = np.subtract(255, even, dtype=np.uint8)
    smooth = cv2.GaussianBlur(even, (0, 0), 0.7)
    level = float(np.median(smooth))
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    depth = max(level - otsu, 1e-3)
    return np.asarray((level - smooth.astype(np.float32)) / depth, np.float32)


# -- what objects are ----------------------------------------------------------------------------


def delete(objects: Sequence[SeparatedObject]) -> Repair:
    """Take objects for nothing; they stay in the picture and can be restored."""
    return _marked(ActionKind.DELETE, f"Delete {_names(objects)}", objects, ObjectKind.DELETED)


def restore(objects: Sequence[SeparatedObject]) -> Repair:
    """Take deleted objects for chromosomes again. KaryoError when none of them is deleted."""
    gone = [each for each in objects if each.kind is ObjectKind.DELETED]
    if not gone:
        raise KaryoError("None of these objects is deleted.", "Select one that is.")
    text = f"Restore {_names(gone)}"
    return _marked(ActionKind.RESTORE, text, gone, ObjectKind.CHROMOSOME)


def mark(objects: Sequence[SeparatedObject], kind: ObjectKind) -> Repair:
    """Say what objects are. KaryoError when they all are that already."""
    return _marked(ActionKind.MARK, f"Mark {_names(objects)} as {_NAMES[kind]}", objects, kind)


def rotate(objects: Sequence[SeparatedObject], degrees: float) -> Repair:
    """Turn upright crops finely, clockwise by `degrees`; outlines stay as they are."""
    if not objects:
        raise KaryoError("Nothing is selected.", "Click on a chromosome first.")
    after = tuple(
        replace(each, turn=(each.turn + degrees + 180.0) % 360.0 - 180.0, by_person=True)
        for each in objects
    )
    return Repair(ActionKind.ROTATE, turned_words(objects, after), tuple(objects), after)


def turned_words(before: Sequence[SeparatedObject], after: Sequence[SeparatedObject]) -> str:
    """What a rotation of objects has done, in words."""
    degrees = (after[0].turn - before[0].turn + 180.0) % 360.0 - 180.0
    return f"Turn {_names(before)} by {degrees:g}°"


def _marked(
    repair: ActionKind, text: str, objects: Sequence[SeparatedObject], kind: ObjectKind
) -> Repair:
    if not objects:
        raise KaryoError("Nothing is selected.", "Click on an object first.")
    changed = tuple(each for each in objects if each.kind is not kind)
    if not changed:
        count = "This object is" if len(objects) == 1 else "These objects are all"
        raise KaryoError(f"{count} marked as {_NAMES[kind]} already.")
    after = tuple(replace(each, kind=kind, by_person=True) for each in changed)
    return Repair(repair, text, changed, after)


def _name(obj: SeparatedObject) -> str:
    """What a person would call an object."""
    if obj.kind in (ObjectKind.EDGE, ObjectKind.DELETED):
        return "an object"
    return "debris" if obj.kind is ObjectKind.DEBRIS else f"a {_NAMES[obj.kind]}"


def _names(objects: Sequence[SeparatedObject]) -> str:
    return _name(objects[0]) if len(objects) == 1 else f"{len(objects)} objects"


def _margins(obj: SeparatedObject) -> Margins:
    """Left, top, right and bottom space between an object and its box, in pixels."""
    x, y, w, h = obj.tight
    left, top = x - obj.box[0], y - obj.box[1]
    right = obj.box[0] + obj.box[2] - x - w
    bottom = obj.box[1] + obj.box[3] - y - h
    return max(0, left), max(0, top), max(0, right), max(0, bottom)


def _usual_margins(objects: Sequence[SeparatedObject]) -> Margins:
    if not objects:
        return 0, 0, 0, 0
    middle = np.median([_margins(each) for each in objects], axis=0)
    left, top, right, bottom = (round(float(v)) for v in middle)
    return left, top, right, bottom
