"""The photograph of a cell on a page of the PDF report: as taken, and as enhanced, side by side.

Nothing is drawn into the pictures: no boundary lines, no numbers, no boxes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, PageBreak, Spacer

from karyogui.domain.amounts import amount
from karyogui.domain.cell import Cell
from karyogui.domain.report import CellReport
from karyogui.domain.separation import objects_text
from karyogui.export.facts import cell_title, cost_text, quality_text
from karyogui.export.layout import DPI
from karyogui.export.pdf_style import TEXT_WIDTH, grid, labelled, paragraph

_GAP = 4 * mm
_TALLEST = 190 * mm


def metaphase_page(report: CellReport, number: int, of: int) -> list[Flowable]:
    """A page with the photograph of a cell; nothing for a cell of cut-outs."""
    photograph = report.photograph
    if photograph is None:
        return []
    pictures = [(photograph.raw, f"Raw metaphase: {photograph.name}, not enhanced.")]
    if photograph.enhanced is not None and report.cell.recipe is not None:
        pictures.append((photograph.enhanced, f"Enhanced metaphase: {report.cell.recipe.text()}."))
    width = (TEXT_WIDTH - _GAP * (len(pictures) - 1)) / len(pictures)
    shown = [PictureFlowable(pixels, width) for pixels, _ in pictures]
    captions = [paragraph(caption, "quiet") for _, caption in pictures]
    widths = [width + _GAP] * (len(pictures) - 1) + [width]
    close = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    apart = [("RIGHTPADDING", (0, 0), (-2, -1), _GAP)] if len(pictures) > 1 else []
    return [
        PageBreak(),
        paragraph(f"Metaphase of cell {number} of {of}: {cell_title(report.cell)}", "cell"),
        grid([shown, captions], widths, [*close, *apart]),
        Spacer(0, 2 * mm),
        *_facts(report.cell),
    ]


def _facts(cell: Cell) -> list[Flowable]:
    if cell.recipe is None or cell.recipe.is_identity:
        enhanced = "none by a person; for cutting the background is evened out."
    else:
        enhanced = (
            f"{cell.recipe.text()}; the whole picture, before cutting. The raw file is unaltered."
        )
    lines = [labelled("Enhancement", _unbroken(enhanced))]
    by_person = sum(found.by_person for found in cell.objects)
    if cell.objects:
        hand = f"; {amount(by_person, 'object')} by a person" if by_person else ""
        lines.append(labelled("Objects", f"{objects_text(cell.objects)}{hand}."))
    if cell.quality is not None:
        lines.append(labelled("Quality", _unbroken(quality_text(cell.quality))))
    lines.append(labelled("Correction cost", cost_text(cell)))
    return lines


def _unbroken(text: str) -> str:
    """Every number on one line with its per cent."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


class PictureFlowable(Flowable):  # type: ignore[misc]
    """Grey pixels (h, w) at most `width` points wide, at no more than the printer can show."""

    def __init__(self, pixels: NDArray[np.uint8], width: float, tallest: float = _TALLEST) -> None:
        super().__init__()
        rows, columns = pixels.shape
        scale = min(width / columns, tallest / rows)
        self.width, self.height = scale * columns, scale * rows
        picture = Image.fromarray(pixels)
        finest = self.width * DPI / 72.0
        if columns > finest:
            size = max(1, round(finest)), max(1, round(finest * rows / columns))
            picture = picture.resize(size, Image.Resampling.LANCZOS)
        self._picture = picture

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self.canv.drawImage(ImageReader(self._picture), 0, 0, self.width, self.height)
