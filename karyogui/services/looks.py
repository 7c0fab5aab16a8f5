"""Pictures that look the same, however they were saved: in another format, depth or compression."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from karyogui.services.picture_kind import SMALL
from model.light import lit_field

Grey = NDArray[np.uint8]

SIDE, SOFT = 48, 3.0
"""Pixels on a side of what is compared of a photograph, and how fine it is: the light over the
field, which two photographs of one microscope have in common, does not count."""
ALIKE = 0.9
"""Correlation from which two photographs show the same; those of two cells have 0.5 at most."""


class Looks:
    """The pictures that were seen so far."""

    def __init__(self) -> None:
        self._photographs: list[tuple[str, NDArray[np.float32]]] = []

    def key(self, pixels: Grey) -> str:
        """The same for pictures (h, w) that look the same: that of the first of them.

        Cut-outs have to be equal pixel for pixel: homologues look alike.
        """
        digest = hashlib.sha256(pixels.tobytes())
        digest.update(str(pixels.shape).encode())
        key = digest.hexdigest()
        if max(pixels.shape) < SMALL:
            return key
        look = _look_of(pixels)
        if self._photographs:
            alike = np.abs(np.stack([other for _, other in self._photographs]) @ look)
            best = int(alike.argmax())
            if alike[best] >= ALIKE:
                return self._photographs[best][0]
        self._photographs.append((key, look))
        return key


@dataclass
class Seen:
    """Pictures of other cells: where each was, by the sha256 of its file and by its look."""

    files: dict[str, str] = field(default_factory=dict)
    _looks: Looks = field(default_factory=Looks)
    _alike: dict[str, str] = field(default_factory=dict)

    def first(self, data: bytes, pixels: Grey, here: str) -> str:
        """What it is the same as, in words; empty for a picture that comes `here` first."""
        digest, key = hashlib.sha256(data).hexdigest(), self._looks.key(pixels)
        if digest in self.files:
            return f"the same picture as {self.files[digest]}"
        self.files[digest] = here
        if key in self._alike:
            return f"the same picture as {self._alike[key]}, saved in another way"
        self._alike[key] = here
        return ""


def _look_of(pixels: Grey) -> NDArray[np.float32]:
    """(n,): what stands out of a photograph (h, w) at little detail, of length 1."""
    lit = lit_field(pixels)
    if lit is not None:  # two photographs in one frame have the frame in common
        rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
        box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        usual = np.median(pixels[lit])
        pixels = np.where(lit[box], pixels[box], usual).astype(np.uint8)
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    fine = small - cv2.GaussianBlur(small, (0, 0), SOFT)
    return np.asarray(fine.ravel() / max(float(np.linalg.norm(fine)), 1e-6), np.float32)
