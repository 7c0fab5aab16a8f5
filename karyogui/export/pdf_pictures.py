"""The pages of a PDF as pictures: to look at them before they are written, and to print them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from karyogui.errors import KaryoError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_ONE_AT_A_TIME = Lock()
"""PDFium serves one thread at a time, also where each has a document of its own."""


def page_count(pdf: bytes) -> int:
    """How many pages a PDF has; `KaryoError` for bytes that are none."""
    with _ONE_AT_A_TIME, _opened(pdf) as document:
        return len(document)


def page_pictures(
    pdf: bytes, scale: Callable[[float, float], float], first: int = 1, last: int | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The pages from `first` to `last`, each (h, w, 3) uint8 RGB, with one in memory at a time.

    `scale` says of a page (width, height in points) how many pixels a point gets. Every thread may
    ask. `KaryoError` for bytes that are no PDF.
    """
    last = min(page_count(pdf), last or page_count(pdf))
    for number in range(first, last + 1):
        with _ONE_AT_A_TIME, _opened(pdf) as document:
            page = document[number - 1]
            shown = page.render(scale=scale(*page.get_size()), rev_byteorder=True).to_numpy()
            picture = np.ascontiguousarray(shown[:, :, :3])  # a fourth channel says nothing
            page.close()
        yield picture


@contextmanager
def _opened(pdf: bytes) -> Iterator[PdfDocument]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise KaryoError("The pages cannot be read: this is no PDF.") from error
    try:
        yield document
    finally:
        document.close()
