"""The karyograms of a case as one PNG, several cells below one another."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from karyogui.domain.report import ReportData


class KaryogramPng:
    """8-bit grey, lossless, with its resolution."""

    id = "karyogram-png"
    label = "Karyogram (PNG)"
    suffix = ".png"
    prints = True

    def write(self, data: ReportData, target: BinaryIO) -> None:
        from karyogui.export.drawing import cell_pages, stacked
        from karyogui.export.layout import DPI

        buffer = BytesIO()  # whole or not at all, and the target need not be seekable
        stacked(cell_pages(data)).save(buffer, "PNG", dpi=(DPI, DPI))
        target.write(buffer.getvalue())
