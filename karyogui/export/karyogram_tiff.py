"""The karyograms of a case as TIFF, one page per cell: what proficiency tests ask for."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

from karyogui.domain.report import ReportData


class KaryogramTiff:
    """8-bit grey, LZW without loss, with its resolution."""

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
