"""The evaluation as a page: tables, corrections, confusions, and pictures drawn over.

The page shows the archive's pictures, so it stays where the archive stays. Imported only when a
page is made: matplotlib takes its time.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from html import escape

import cv2
import numpy as np
from PIL import Image

from model.evaluation.cells.figures import confusion_figure, histogram_figure
from model.evaluation.document import Table, html_document, html_table, inline, plate, section
from model.evaluation.metaphases.drawing import LEGEND, Shown, caption, drawn, sheet
from model.evaluation.metaphases.summary import Measured, confusion_of
from model.segmentation.base import GreyImage
from model.vocabulary.errors import ModelError

SHEET_QUALITY: int = 82


def page(
    title: str,
    tables: Sequence[Table],
    measured: Measured | None,
    picture: Callable[[str], GreyImage],
    shown: int,
    rules: str,
) -> str:
    """The whole document; `shown` pictures from the best to the worst are drawn over."""
    body = [section("Figures", *(html_table(table) for table in tables))]
    if measured is not None and measured.known:
        body += [_figures(measured), *_pictures(measured, picture, shown)]
    body.append(section("Rules", f"<pre>{escape(rules)}</pre>"))
    return html_document(title, "".join(body))


def chosen(
    measured: Measured | None, picture: Callable[[str], GreyImage], shown: int
) -> list[Shown]:
    """`shown` pictures evenly from the best to the worst; those that can be read."""
    if measured is None or not measured.known or shown <= 0:
        return []
    order = np.argsort([t.corrections for t in measured.tallies], kind="stable")
    result = []
    for i in order[np.unique(np.linspace(0, len(order) - 1, shown).round().astype(int))]:
        known, found, tally = measured.known[i], measured.found[i], measured.tallies[i]
        # One that cannot be read has its place among the failures.
        with suppress(ModelError):
            result.append(Shown(picture(known.name), known, found, tally))
    return result


def picture_sheet(cells: Sequence[Shown]) -> bytes:
    """All pictures in one file (WebP)."""
    packed = io.BytesIO()
    Image.fromarray(sheet(cells)).save(packed, "WEBP", quality=SHEET_QUALITY)
    return packed.getvalue()


def _figures(measured: Measured) -> str:
    corrections = histogram_figure(
        [t.corrections for t in measured.tallies], "estimated corrections (line: median)", "cells"
    )
    parts = [plate("Corrections", "Estimated for each cell.", corrections)]
    if measured.classes:
        matrix = confusion_figure(confusion_of(measured))
        parts.append(plate("Types of the separated chromosomes", "In per cent.", matrix))
    return section("Drawings", *parts)


def _pictures(measured: Measured, picture: Callable[[str], GreyImage], shown: int) -> list[str]:
    """Evenly from the best to the worst."""
    cells = chosen(measured, picture, shown)
    if not cells:
        return []
    legend = ", ".join(
        f'<span style="color: rgb{colour}">{escape(words)}</span>' for colour, words in LEGEND
    )
    parts = [f"<p>Outlines: {legend}.</p>"]
    for each in cells:
        canvas = cv2.cvtColor(drawn(each), cv2.COLOR_RGB2BGR)
        jpeg = cv2.imencode(".jpg", canvas)[1].tobytes()
        words = f"<figcaption>{escape(caption(each))}</figcaption>"
        parts.append(f'<figure class="plate">{inline(jpeg, "jpeg")}{words}</figure>')
    return [section("Pictures", *parts)]
