"""Printing: a person chooses a printer, and the pages go to it in the background."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPageLayout, QPainter, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QWidget

from karyogui.errors import KaryoError
from karyogui.export.pdf_pictures import page_count, page_pictures
from karyogui.services.progress import Monitor, Progress
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.dialogs.parts import accepted
from karyogui.ui.images import rgb_image
from karyogui.ui.job_bar import JobBar

Paint = Callable[[QPrinter, Monitor], object]
"""Paints everything on a printer, in a thread of its own."""

_WHITE = 4
"""Rows of white that each part of a page keeps on both sides."""
FINEST = 300
"""Pixels per printed inch: more than the karyograms in a PDF have would show nothing more."""


def print_in_background(
    parent: QWidget,
    jobs: JobBar,
    title: str,
    paint: Paint,
    done: Callable[[str], object],
    failed: Callable[[Exception], object] | None = None,
) -> None:
    """Ask for a printer and print on it; `done` is given a sentence that says where it went.

    An error goes to `failed`, or else into a dialog over the window.
    """
    with ErrorsShown(parent):
        printer = ask_printer(parent, title)
        if printer is not None:
            jobs.run("Printing", partial(_print, printer, paint), done, failed)


def ask_printer(parent: QWidget, title: str) -> QPrinter | None:
    """The printer that a person chose, as it was set up; None when given up.

    Qt's own dialog, and that of macOS, can print to a file where there is no printer; that of
    Windows cannot, which is a `KaryoError`, as is a printer that is not there any more.
    """
    if sys.platform == "win32" and not QPrinterInfo.availablePrinterNames():
        raise KaryoError("There is no printer on this computer.", "Export a PDF instead.")
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName("KaryoGUI")  # a queue is seen by many, and a case's name is a person's
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(title)
    if not accepted(dialog):
        return None
    if not printer.isValid():
        raise _refused(printer)
    return printer


def pages_of(make: Callable[[], bytes]) -> Paint:
    """Paints the PDF that `make` makes: each page as large as the paper allows, the right way up.

    `KaryoError` where it is no PDF, and where there is nothing from the pages asked for.
    """
    return lambda printer, monitor: _paint_pages(make(), printer, monitor)


def table_of(markup: str) -> Paint:
    """Paints a wide table, over as many pages as it takes."""

    def paint(printer: QPrinter, _: Monitor) -> None:
        printer.setPageOrientation(QPageLayout.Orientation.Landscape)
        document = QTextDocument()
        document.setHtml(markup)
        document.print_(printer)

    return paint


def _print(printer: QPrinter, paint: Paint, monitor: Monitor) -> str:
    monitor.report(Progress(0, 1, ""))
    target = printer.outputFileName()
    paint(printer, monitor)
    if printer.printerState() is QPrinter.PrinterState.Error:
        raise _refused(printer)
    return f"Printed to {Path(target)}" if target else f"Sent to {printer.printerName()}"


def _refused(printer: QPrinter) -> KaryoError:
    target = printer.outputFileName()
    where = f"The file {target}" if target else f"The printer {printer.printerName()}".rstrip()
    return KaryoError(f"{where} does not take the pages.", "Choose another one, or export a PDF.")


def _paint_pages(pdf: bytes, printer: QPrinter, monitor: Monitor) -> None:
    count = page_count(pdf)
    first, last = _asked(printer, count)
    if first > count:
        raise KaryoError(f"There is no page {first} to print: the last one is {count}.")
    printer.setFullPage(True)  # the pages have their own margins
    painter = QPainter()
    copies = 1 if printer.supportsMultipleCopies() else printer.copyCount()
    numbers = [n for _ in range(copies) for n in range(first, last + 1)]
    if printer.pageOrder() is QPrinter.PageOrder.LastPageFirst:
        numbers.reverse()
    try:
        for done, number in enumerate(numbers):
            monitor.report(Progress(done, len(numbers), f"page {done + 1} of {len(numbers)}"))
            (pixels,) = page_pictures(pdf, partial(_fit, printer), number, number)
            _paint_page(painter, printer, pixels)
    except BaseException:
        printer.abort()
        raise
    finally:
        if painter.isActive():
            painter.end()


def _asked(printer: QPrinter, count: int) -> tuple[int, int]:
    if printer.printRange() is not QPrinter.PrintRange.PageRange:
        return 1, count
    return max(1, printer.fromPage()), min(printer.toPage() or count, count)


def _resolution(printer: QPrinter) -> int:
    return min(printer.resolution(), FINEST)


def _fit(printer: QPrinter, width: float, height: float) -> float:
    """Pixels for a point of a page (in points), so that it fills the paper, turned if need be."""
    paper = printer.paperRect(QPrinter.Unit.Point)
    short, long = sorted((paper.width(), paper.height()))
    across, down = (long, short) if width > height else (short, long)
    return min(across / width, down / height) * _resolution(printer) / 72.0


def _paint_page(painter: QPainter, printer: QPrinter, pixels: NDArray[np.uint8]) -> None:
    """Paint a page (h, w, 3) in the middle of the next sheet; no pixel is resampled."""
    height, width, _ = pixels.shape
    wide = width > height
    way = QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait
    printer.setPageOrientation(way)
    if not (printer.newPage() if painter.isActive() else painter.begin(printer)):
        raise _refused(printer)
    finer = printer.resolution() / _resolution(printer)
    paper = printer.paperRect(QPrinter.Unit.DevicePixel)
    left = round((paper.width() / finer - width) / 2)
    top = round((paper.height() / finer - height) / 2)
    painter.resetTransform()
    painter.scale(finer, finer)
    for first, end in _blocks(pixels):
        painter.drawImage(left, top + first, rgb_image(pixels[first:end]))


def _blocks(pixels: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """First row and end of each part of a page (h, w, 3) that has white above and below it.

    Nothing else runs while Qt paints a picture, so that a whole page would keep the window waiting
    for half a second. Cut through what is printed the seams would show.
    """
    rows = np.flatnonzero((pixels < 255).any(axis=(1, 2)))
    ends = np.flatnonzero(np.diff(rows) > 2 * _WHITE) + 1
    parts = [part for part in np.split(rows, ends) if len(part)]
    return [(max(0, int(part[0]) - _WHITE), int(part[-1]) + 1 + _WHITE) for part in parts]
