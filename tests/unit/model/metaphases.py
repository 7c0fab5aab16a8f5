"""Generated metaphases with boxes or outlines, laid out like the archives; no picture file."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from model.vocabulary.labels import TYPES
from tests.unit.model.builders import Grey

Box = tuple[int, int, int, int]
NORMAL_XX = (*(k for k in range(22) for _ in range(2)), 22, 22)
GROUPS = "AAABBCCCCCCCDDDEEEFFGG"
SIZE = (420, 400)
"""Width, height of a generated picture."""


def label(kind: int) -> str:
    """The class as the archive writes it: A1 … G22, X, Y."""
    return f"{GROUPS[kind]}{TYPES[kind]}" if kind < 22 else TYPES[kind]


def boxes(count: int) -> list[Box]:
    """Boxes in a grid, eight in a row, none touching another."""
    return [(10 + 50 * (i % 8), 10 + 60 * (i // 8), 24, 44) for i in range(count)]


def picture(at: Sequence[Box], seed: int = 0) -> Grey:
    """Dark striped ellipses in their boxes on a light background with noise."""
    rng = np.random.default_rng(seed)
    grey = np.full(SIZE[::-1], 235.0)
    for x, y, w, h in at:
        stripes = 90 + 40 * np.sin(np.arange(h) / 3.0)[:, None] + np.zeros((h, w))
        mask = ellipse((x, y, w, h))
        grey[y : y + h, x : x + w][mask] = stripes[mask]
    return np.clip(grey + rng.normal(0, 2, grey.shape), 0, 255).astype(np.uint8)


def ellipse(box: Box) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """The mask (h, w) of the ellipse in a box."""
    canvas = np.zeros((box[3], box[2]), np.uint8)
    half = (box[2] // 2, box[3] // 2)
    cv2.ellipse(canvas, half, (half[0] - 3, half[1] - 3), 0, 0, 360, 1, -1)
    return canvas.astype(bool)


def encoded(grey: Grey, ending: str = ".png") -> bytes:
    return cv2.imencode(ending, grey)[1].tobytes()


def voc(rows: Sequence[tuple[str, Sequence[float]]], size: tuple[int, int] = SIZE) -> bytes:
    """A Pascal VOC annotation: labels and corners (left, top, right, bottom)."""
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{c[0]}</xmin><ymin>{c[1]}</ymin>"
        f"<xmax>{c[2]}</xmax><ymax>{c[3]}</ymax></bndbox></object>"
        for name, c in rows
    )
    width, height = size
    head = f"<size><width>{width}</width><height>{height}</height><depth>1</depth></size>"
    return f"<annotation>{head}{objects}</annotation>".encode()


def corners(box: Box) -> tuple[int, int, int, int]:
    return box[0], box[1], box[0] + box[2], box[1] + box[3]


def metaphase(name: str, types: Sequence[int] = NORMAL_XX, ending: str = "png") -> dict[str, bytes]:
    """One picture with its annotation; its noise is that of its name."""
    at = boxes(len(types))
    rows = [(label(kind), corners(box)) for kind, box in zip(types, at, strict=True)]
    grey = picture(at, seed=sum(name.encode()))
    return {
        f"images/{name}.{ending}": encoded(grey, f".{ending}"),
        f"annotations/{name}.xml": voc(rows),
    }


def labelme(polygons: Sequence[Any], grey: Grey | None, **other: Any) -> bytes:
    """A labelme file; without a picture it only names one."""
    height, width = SIZE[::-1] if grey is None else grey.shape
    values = {
        "shapes": [{"label": "chr", "points": p, "shape_type": "polygon"} for p in polygons],
        "imagePath": "beside.png", "imageHeight": height, "imageWidth": width,
        "imageData": None if grey is None else base64.b64encode(encoded(grey)).decode(),
    }  # fmt: skip
    return json.dumps({**values, **other}).encode()
