"""The karyograms of a case as pictures: one PNG, or TIFF as proficiency tests ask for it."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from karyogui.domain.report import ReportData


class KaryogramPng:
    """Several cells below one another: 8-bit grey, lossless, with its resolution."""

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


class KaryogramTiff:
    """One page per cell: 8-bit grey, LZW without loss, with its resolution."""

    id = "karyogram-tiff"
    label = "Karyogram (TIFF)"
    suffix = ".tif"
    prints = True

    def write(self, data: ReportData, target: BinaryIO) -> None:
        from karyogui.export.drawing import cell_pages
        from karyogui.export.layout import DPI

        first, *others = cell_pages(data)
        buffer = BytesIO()  # TIFF seeks while it writes, the target need not
        first.save(
            buffer,
            "TIFF",
            compression="tiff_lzw",
            dpi=(DPI, DPI),
            save_all=True,
            append_images=others,
        )
        target.write(buffer.getvalue())
