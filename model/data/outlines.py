"""Metaphases with the outline of every chromosome: labelme JSON, the picture embedded or beside.

Source of the layout: the annotation of Wang et al., Biomed. Signal Process. Control 86, 2023,
105199. Fields cut in parts have a letter after their number. Own checked photographs have masks
instead of polygons (labelme's shape type "mask"), which lose no pixel.
"""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw

from model.data.splits import split_names
from model.segmentation.base import GreyImage, Mask
from model.vocabulary.archive import ArchiveFiles, case_of_outlines, ending, stem
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind

Outline = tuple[Mask, tuple[int, int]]
"""A mask (h, w) bool, tight, and the (x, y) of its top left pixel; masks may share pixels."""


class OutlineArchive:
    """Pictures with outlines from a zip or a folder; ModelError when there is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = ArchiveFiles(path)
        self._of = {stem(n): n for n in reversed(self._files.names) if ending(n) == "json"}
        self.names = tuple(sorted(self._of))
        if not self.names:
            raise ModelError(
                f"{path.name} holds no outlines.", "Expected labelme files named <name>.json."
            )

    def case(self, name: str) -> str:
        """Whose picture it is; the parts of one field have it in common."""
        return case_of_outlines(name)

    def split(self, held_out: int | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names to learn from and names held out, by case (model/data/splits.py)."""
        return split_names(self.names, self.case, held_out)

    def picture(self, name: str) -> GreyImage:
        """The picture (H, W) uint8 as stored; ModelError when it cannot be read."""
        return self._picture(name, self._labels(name))

    def outlines(self, name: str) -> tuple[Outline, ...]:
        """Every chromosome; ModelError when the file cannot be understood."""
        return self._shapes(name, False)

    def cut_by_border(self, name: str) -> tuple[Outline, ...]:
        """What the picture's border cuts: neither a whole chromosome nor background."""
        return self._shapes(name, True)

    def _shapes(self, name: str, cut: bool) -> tuple[Outline, ...]:
        labels = self._labels(name)
        sides = (labels.get("imageHeight"), labels.get("imageWidth"))
        try:
            height, width = (int(side) for side in sides)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            height, width = self._picture(name, labels).shape
        try:
            found = [
                _drawn(shape, height, width)
                for shape in labels["shapes"]
                if (shape.get("label") == ObjectKind.EDGE.value) == cut
            ]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{name}: the outlines cannot be understood ({error}).") from error
        return tuple(outline for outline in found if outline is not None)

    def _labels(self, name: str) -> dict[str, Any]:
        try:
            labels = json.loads(self._files.read(self._of[name]))
        except (ValueError, RecursionError) as error:
            raise ModelError(f"{name}: the file is no labelme JSON ({error}).") from error
        if not isinstance(labels, dict):
            raise ModelError(f"{name}: the file is no labelme JSON.")
        return labels

    def _picture(self, name: str, labels: dict[str, Any]) -> GreyImage:
        """The embedded picture, or the one beside the file that it names."""
        embedded = labels.get("imageData")
        if isinstance(embedded, str) and embedded:
            try:
                return decoded(base64.b64decode(embedded), name)
            except binascii.Error as error:
                raise ModelError(f"{name}: the embedded picture is damaged ({error}).") from error
        wanted = str(labels.get("imagePath", "")).replace("\\", "/").rsplit("/", 1)[-1]
        for other in self._files.names:
            if wanted and other.rsplit("/", 1)[-1] == wanted:
                return decoded(self._files.read(other), name)
        raise ModelError(f"{name}: there is no picture to the outlines.")


def _drawn(shape: dict[str, Any], height: int, width: int) -> Outline | None:
    """A labelme shape as a mask in a picture of that size; None of points, lines and the like."""
    kind = shape.get("shape_type", "polygon")
    points = np.asarray(shape["points"], np.float64).reshape(-1, 2)
    if kind == "polygon":
        return filled(points, height, width)
    if kind != "mask":
        return None
    packed = np.frombuffer(base64.b64decode(shape["mask"]), np.uint8)
    mask = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE) if packed.size else None
    if mask is None:
        raise ValueError("a mask is damaged")
    whole = np.zeros((height, width), dtype=np.bool_)
    (left, top), (h, w) = points[0].astype(int), mask.shape
    if left < 0 or top < 0 or left + w > width or top + h > height:
        raise ValueError("a mask lies outside the picture")
    whole[top : top + h, left : left + w] = mask > 0
    return _tight(whole, (0, 0))


def _tight(mask: Mask, origin: tuple[int, int]) -> Outline | None:
    """A mask without empty rows and columns, `origin` being where it began; None of nothing."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(tight), (origin[0] + int(columns[0]), origin[1] + int(rows[0]))


def filled(polygon: np.ndarray, height: int, width: int) -> Outline | None:
    """The pixels of a polygon (n, 2) of (x, y), clipped; None when there is none.

    Filled as labelme fills them (`labelme.utils.shape_to_mask`: Pillow's polygon with its
    outline): coordinates are continuous, pixel i reaches from i to i + 1.
    """
    if len(polygon) < 3 or not np.isfinite(polygon).all():
        return None
    low = np.clip(np.floor(polygon.min(0)), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(polygon.max(0)) + 1, 0, (width, height)).astype(int)
    if (high <= low).any():
        return None
    canvas = Image.new("L", (int(high[0] - low[0]), int(high[1] - low[1])))
    corners = [(float(x), float(y)) for x, y in polygon - low]
    ImageDraw.Draw(canvas).polygon(corners, fill=1, outline=1)
    return _tight(np.asarray(canvas) > 0, (int(low[0]), int(low[1])))


def decoded(data: bytes, name: str) -> GreyImage:
    """The grey picture (H, W) of a file's content; ModelError when there is none."""
    try:
        flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # an empty file, a size beyond OpenCV's limit
        grey = None
    if grey is None:
        raise ModelError(f"{name}: the picture cannot be read.")
    return grey.astype(np.uint8)
