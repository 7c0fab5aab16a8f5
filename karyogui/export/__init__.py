"""Files out. To add a format: one module with an `Exporter`, one name in `EXPORTERS`.

The menu is made of these modules when the window starts, so they import what paints (Pillow,
reportlab) only when they write.
"""

from __future__ import annotations

from karyogui.export.base import Exporter
from karyogui.export.case_json import CaseJson
from karyogui.export.chromosome_csv import ChromosomeCsv
from karyogui.export.karyogram_pictures import KaryogramPng, KaryogramTiff
from karyogui.export.pdf_report import PdfReport

EXPORTERS: tuple[Exporter, ...] = (
    PdfReport(),
    KaryogramPng(),
    KaryogramTiff(),
    CaseJson(),
    ChromosomeCsv(),
)
"""Every format, in the order of the menu."""

__all__ = ["EXPORTERS", "Exporter"]
