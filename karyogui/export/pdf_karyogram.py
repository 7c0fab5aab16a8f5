"""A karyogram on a PDF page: the chromosomes as one grey picture, lines and letters as vectors."""

from __future__ import annotations

from reportlab.lib.colors import Color
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Paragraph

from karyogui.domain.report import CellReport
from karyogui.export.drawing import chromosomes_image
from karyogui.export.fonts import BOLD, REGULAR, printable
from karyogui.export.layout import DPI, MIRRORED, Sheet, lay_out

_POINT = DPI / 72.0
"""Sheet pixels per PDF point."""
_LEAST_HEIGHT = 360.0
"""Points: where less is left of a page, the karyogram moves to the next one."""


class KaryogramFlowable(Flowable):  # type: ignore[misc]
    """Takes the height that is left of a page; at least `layout.DPI` pixels per printed inch.

    `caption` stands below the karyogram and never apart from it. With `tallest` (points) it leaves
    room for something else on its page.
    """

    def __init__(
        self,
        report: CellReport,
        caption: Paragraph,
        tallest: float | None = None,
        mirrored_note: str = MIRRORED,
    ) -> None:
        super().__init__()
        self._mirrored_note = mirrored_note
        self._tallest = tallest
        self._report = report
        self._caption = caption
        self._caption_height = 0.0
        self._sheets: dict[tuple[int, int], Sheet] = {}
        self._sheet: Sheet | None = None
        self._factor = 1.0

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        self._caption_height = self._caption.wrap(available_width, available_height)[1]
        height = max(available_height, _LEAST_HEIGHT)
        if self._tallest is not None:
            height = min(height, self._tallest)
        height -= self._caption_height
        size = int(available_width * _POINT), int(height * _POINT)
        if size not in self._sheets:
            self._sheets[size] = lay_out(self._report, *size, mirrored_note=self._mirrored_note)
        self._sheet = self._sheets[size]
        # Hundreds of unplaced objects may need more than a page: then all becomes smaller.
        self._factor = min(1.0, size[1] / self._sheet.height)
        self.width = available_width
        self.height = self._sheet.height * self._factor / _POINT + self._caption_height
        return self.width, self.height

    def draw(self) -> None:
        sheet = self._sheet
        if sheet is None:
            raise RuntimeError("wrap comes before draw")
        canvas = self.canv
        self._caption.drawOn(canvas, 0, 0)
        canvas.saveState()
        canvas.translate(0, self._caption_height)
        canvas.scale(self._factor / _POINT, self._factor / _POINT)
        if sheet.pictures:
            picture = ImageReader(chromosomes_image(sheet))
            canvas.drawImage(picture, 0, 0, sheet.width, sheet.height)
        for line in sheet.lines:
            canvas.setStrokeColor(_grey(line.grey))
            canvas.setLineWidth(line.width)
            canvas.line(line.x0, sheet.height - line.y0, line.x1, sheet.height - line.y1)
        for text in sheet.texts:
            canvas.setFont(BOLD if text.bold else REGULAR, text.size)
            canvas.setFillColor(_grey(text.grey))
            words, y = printable(text.text), sheet.height - text.y
            if text.anchor == "left":
                canvas.drawString(text.x, y, words)
            elif text.anchor == "right":
                canvas.drawRightString(text.x, y, words)
            else:
                canvas.drawCentredString(text.x, y, words)
        canvas.restoreState()


def _grey(level: float) -> Color:
    return Color(level, level, level)
