"""A person in front of the system's dialog of printing, and what came out."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtPrintSupport import QPrintDialog, QPrinter

from karyogui.export.pdf_pictures import page_pictures


@dataclass
class Person:
    """Who answers the system's dialog: prints to a file, perhaps not all of it, or gives up."""

    file: Path
    pages: tuple[int, int] | None = None
    gives_up: bool = False
    titles: list[str] = field(default_factory=list)

    def answer(self, dialog: QPrintDialog) -> int:
        self.titles.append(dialog.windowTitle())
        printer = dialog.printer()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(self.file))
        if self.pages is not None:
            printer.setPrintRange(QPrinter.PrintRange.PageRange)
            printer.setFromTo(*self.pages)
        return int(not self.gives_up)


def pixels_of(pdf: bytes, width: int = 300) -> list[NDArray[np.uint8]]:
    return list(page_pictures(pdf, lambda points, _: width / points))


def alike(printed: bytes, meant: bytes, first: int = 1) -> bool:
    """Whether what came out is what was meant, page by page, but for the foot with its time."""
    shown, wanted = ([_coarse(page) for page in pixels_of(pdf, 2000)] for pdf in (printed, meant))
    wanted = wanted[first - 1 :][: len(shown)]
    return len(shown) == len(wanted) and all(
        np.abs(a - b)[:80].max() < 16 for a, b in zip(shown, wanted, strict=True)
    )


def _coarse(page: NDArray[np.uint8]) -> NDArray[np.int16]:
    """A page without what a pixel more or less makes of its letters."""
    small = Image.fromarray(page).convert("L").resize((60, 86), Image.Resampling.BOX)
    return np.asarray(small).astype(np.int16)
