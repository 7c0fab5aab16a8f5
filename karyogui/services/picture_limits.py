"""What a picture may be at most: read from its header, before anything is decoded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from karyogui.errors import KaryoError

MAX_SIDE = 20_000
"""Pixels; a longer picture is refused from its header, before anything is decoded."""
MAX_PIXELS = 100_000_000
MAX_WORK = 2_000_000_000
"""Bytes that the reading of a picture may take: of all its samples, and what is made of them."""
WORK_OF_DEEP, WORK_OF_SHALLOW = 32, 8
"""Bytes for each pixel beside the samples, of more than eight bits and of up to eight."""
MAX_PAGES = 1_000
"""Pictures in one file: to come to a later one, a decoder may have to go through all before it."""
MIN_SIDE = 4
"""Pixels; nothing can be said about a chromosome that is thinner."""
MAX_METAPHASE_SIDE = 8_192
"""Pixels; no camera on a microscope takes one cell larger: it is a scan of many."""


def check_metaphase(grey: NDArray[np.uint8], name: str) -> None:
    """Refuse a picture (h, w) that is too large for a photograph of one cell: `KaryoError`."""
    height, width = grey.shape
    if max(grey.shape) > MAX_METAPHASE_SIDE:
        raise KaryoError(
            f"{name} has {width:,} × {height:,} pixels, more than a photograph of one cell "
            f"(at most {MAX_METAPHASE_SIDE:,} on a side).",
            "Cut the cell out of the scan, or export it smaller.",
        )


def check_size(size: tuple[int, int], name: str) -> None:
    """Refuse a picture (width, height) that is too small or too large: `KaryoError`."""
    width, height = size
    if min(size) < MIN_SIDE:
        raise KaryoError(
            f"{name} has only {width} × {height} pixels: too small for a chromosome.",
            "Leave the picture out.",
        )
    if max(size) > MAX_SIDE or width * height > MAX_PIXELS:
        raise too_large(name, f" ({width:,} × {height:,} pixels)")


def check_memory(name: str, pixels: int, sample_bytes: int, deep: bool) -> None:
    """Refuse by the header alone what would take too much memory: a small file may ask for it."""
    if sample_bytes + pixels * (WORK_OF_DEEP if deep else WORK_OF_SHALLOW) > MAX_WORK:
        raise KaryoError(
            f"{name} is too large: its samples would take {sample_bytes / 1e9:.1f} GB of memory "
            "and more to be read.",
            "Export it smaller, or with fewer channels or eight bits for each.",
        )


def too_large(name: str, size: str = "") -> KaryoError:
    """The refusal of a picture that is too large."""
    return KaryoError(
        f"{name} is too large{size}: a picture may have {MAX_SIDE:,} pixels on a side "
        f"and {MAX_PIXELS // 1_000_000} megapixels.",
        "Cut out what matters, or export it smaller.",
    )
