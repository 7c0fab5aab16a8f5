"""The pages of a PDF as pictures, for looking at them before they are written."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

POINTS = 595.0
"""Width of a page in points, A4."""


def page_pictures(pdf: bytes, width: int) -> tuple[NDArray[np.uint8], ...]:
    """Each page (h, w, 3) uint8 RGB, about `width` pixels wide. Not for two threads at once."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = []
        for page in document:
            shown = page.render(scale=width / POINTS, rev_byteorder=True).to_numpy()
            pages.append(np.ascontiguousarray(shown[:, :, :3]))
            page.close()
        return tuple(pages)
    finally:
        document.close()
