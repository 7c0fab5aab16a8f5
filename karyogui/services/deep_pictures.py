"""PNG and JPEG 2000 of more than eight bits, sample for sample.

Pillow makes eight bits of them where they are in colour; of JPEG 2000 it rounds up, so that the
lightest levels come out black.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from karyogui.services.tiff import Samples

_SIZES = b"\xff\x4f\xff\x51"
"""Begin of a JPEG 2000 codestream: its first segment tells sizes and depth."""
_DEPTH_AT = 42
"""Bytes from there to the first component's depth."""


def is_deep(image: Image.Image, data: bytes) -> bool:
    """Whether a PNG or JPEG 2000 has more than eight bits for each sample."""
    if image.format == "PNG":
        return len(data) > 25 and data[24] == 16
    if image.format == "JPEG2000":
        return _depth(data) > 8
    return False


def read_deep(image: Image.Image, data: bytes, level: object, orientation: int) -> Samples:
    """The samples; `level` is the one that is transparent, as Pillow tells it."""
    values, bits = _from_png(data) if image.format == "PNG" else _from_jpeg_2000(data)
    whole = 2.0**bits - 1
    has_alpha = values.ndim == 3 and values.shape[2] in (2, 4)
    alpha = values[..., -1] / whole if has_alpha else None
    colour = values
    if values.ndim == 3:
        colour = values[..., :3] if values.shape[2] > 2 else values[..., 0]
    if level is not None and not isinstance(level, bytes):
        clear = (colour == np.asarray(level)).reshape(*colour.shape[:2], -1).all(axis=-1)
        alpha = 1.0 - clear
    return Samples(colour, alpha, orientation=orientation)


def _depth(data: bytes) -> int:
    """Bits of a sample of a JPEG 2000; 0 where it has no codestream."""
    at = data.find(_SIZES)
    depth = data[at + _DEPTH_AT : at + _DEPTH_AT + 1]
    return (depth[0] & 0x7F) + 1 if at >= 0 and depth else 0


def _from_jpeg_2000(data: bytes) -> tuple[NDArray[Any], int]:
    import imagecodecs

    return np.asarray(imagecodecs.jpeg2k_decode(data)), _depth(data)


def _from_png(data: bytes) -> tuple[NDArray[Any], int]:
    """Channels in the order red, green, blue (, alpha), and their bits."""
    import cv2

    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError("not decoded")
    if values.ndim == 3:
        values = values[..., [2, 1, 0, 3][: values.shape[2]]]
    return np.asarray(values), 16
