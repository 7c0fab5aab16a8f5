"""Metaphases with the outline of every chromosome: labelme JSON, the picture embedded.

Source of the layout: the annotation of Wang et al., Biomed. Signal Process. Control 86, 2023,
105199. Fields cut in parts have a letter after their number.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw

from model.data.splits import split_names
from model.segmentation.base import GreyImage, Mask
from model.vocabulary.archive import ArchiveFiles, ending, stem
from model.vocabulary.errors import ModelError

_NUMBER = re.compile(r"\d+")

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
        """What the parts of one field have in common: its number; the name where it has none."""
        number = _NUMBER.search(name)
        return number[0] if number else name

    def split(self, held_out: int | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names to learn from and names held out, by case (model/data/splits.py)."""
        return split_names(self.names, self.case, held_out)

    def picture(self, name: str) -> GreyImage:
        """The picture (H, W) uint8 as stored; ModelError when it cannot be read."""
        return self._picture(name, self._labels(name))

    def outlines(self, name: str) -> tuple[Outline, ...]:
        """Every polygon filled; ModelError when the file cannot be understood."""
        labels = self._labels(name)
        shape = (labels.get("imageHeight"), labels.get("imageWidth"))
        try:
            height, width = (int(side) for side in shape)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            height, width = self._picture(name, labels).shape
        try:
            polygons = [
                np.asarray(shape["points"], np.float64).reshape(-1, 2)
                for shape in labels["shapes"]
                if shape.get("shape_type", "polygon") == "polygon"
            ]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{name}: the outlines cannot be understood ({error}).") from error
        found = (filled(polygon, height, width) for polygon in polygons)
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
    mask = np.asarray(canvas) > 0
    if not mask.any():
        return None
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    tight = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(tight), (int(low[0] + columns[0]), int(low[1] + rows[0]))


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
