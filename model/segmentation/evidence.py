"""What the pixels of an object say of it, once it is decided what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from model.segmentation.base import Instance, Votes
from model.segmentation.network import OUTPUT_STRIDE
from model.segmentation.voting import AGREES, Maps, iou, named_boxes


def with_votes(instances: Sequence[Instance], maps: Maps, factor: float) -> tuple[Instance, ...]:
    """The same instances with what the network's answer says at their pixels.

    `factor` leads from raw pixels to those of the network's input.
    """
    return tuple(replace(o, votes=votes_of(o, maps, factor)) for o in instances)


def votes_of(instance: Instance, maps: Maps, factor: float) -> Votes | None:
    """What the pixels of one object say; None where it is too small to have any."""
    ys, xs = _pixels(instance, maps, factor)
    if not len(ys):
        return None
    boxes = named_boxes(maps.sides[:, ys, xs].astype(np.float32), ys, xs)
    middle = np.median(boxes, axis=0)
    likeness = iou(boxes, middle)
    (x, y), (h, w) = instance.origin, instance.mask.shape
    own = np.array([[x, y, x + w, y + h]], np.float32) * factor
    return Votes(
        float(likeness.mean()),
        float((likeness < AGREES).mean()),
        float(iou(own, middle)[0]),
        *(
            float(part[ys, xs].mean(dtype=np.float64))
            for part in (maps.chromosome, maps.overlap, maps.touch, maps.fit)
        ),
    )


def _pixels(
    instance: Instance, maps: Maps, factor: float
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Rows and columns of the maps at which an object lies."""
    step = factor / OUTPUT_STRIDE
    (x, y), (h, w) = instance.origin, instance.mask.shape
    size = (max(1, round(w * step)), max(1, round(h * step)))
    small = cv2.resize(instance.mask.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    rows, columns = np.nonzero(small > 100)
    ys, xs = rows + round(y * step), columns + round(x * step)
    height, breadth = maps.chromosome.shape
    inside = (ys < height) & (xs < breadth)
    return ys[inside], xs[inside]
