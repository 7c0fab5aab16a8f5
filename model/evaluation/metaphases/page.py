"""The evaluation as a page: tables, corrections, confusions, and pictures drawn over.

The page shows the archive's pictures, so it stays where the archive stays. Imported only when a
page is made: matplotlib takes its time.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from html import escape
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from model.evaluation.cells.figures import confusion_figure
from model.evaluation.metaphases.drawing import LEGEND, Shown, caption, drawn, sheet
from model.evaluation.metaphases.report import Section
from model.evaluation.metaphases.summary import Measured, confusion_of
from model.segmentation.base import GreyImage
from model.vocabulary.errors import ModelError

SHEET_QUALITY: int = 82
_STYLE = """
body { font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1c2530;
  margin: 0 auto; padding: 2rem 1.5rem; max-width: 66rem; background: white; }
h2 { font-size: 1.2rem; margin: 2rem 0 .4rem; border-bottom: 2px solid #c9d0d8; }
p, pre { color: #5d6975; font-size: .85rem; white-space: pre-wrap; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .7rem; text-align: right; } td:first-child { text-align: left; }
thead { border-bottom: 1px solid #1c2530; } tbody tr:nth-child(even) { background: #f3f5f8; }
figure { margin: 1rem 0; break-inside: avoid; } img, svg { max-width: 100%; height: auto; }
figcaption { font-size: .85rem; }
@page { size: A4; margin: 13mm; }
"""


def page(
    title: str,
    sections: Sequence[Section],
    measured: Measured | None,
    picture: Callable[[str], GreyImage],
    shown: int,
    rules: str,
) -> str:
    """The whole document; `shown` pictures from the best to the worst are drawn over."""
    body = [f"<h1>{escape(title)}</h1>"]
    body += [_table(section) for section in sections]
    if measured is not None and measured.known:
        body += _figures(measured)
        body += _pictures(measured, picture, shown)
    body.append(f"<h2>Rules</h2><pre>{escape(rules)}</pre>")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


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


def _table(section: Section) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in section.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in section.rows
    )
    note = f"<p>{escape(section.note)}</p>" if section.note else ""
    return (
        f"<h2>{escape(section.title)}</h2>{note}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _figures(measured: Measured) -> list[str]:
    counts = [t.corrections for t in measured.tallies]
    parts = [f"<h2>Corrections</h2><figure>{_histogram(counts)}</figure>"]
    if measured.classes:
        matrix = confusion_of(measured)
        parts.append(
            "<h2>Types of the separated chromosomes</h2>"
            f"<figure>{_inline(confusion_figure(matrix))}</figure>"
        )
    return parts


def _histogram(values: Sequence[int]) -> str:
    style: Any = {"svg.fonttype": "path", "svg.hashsalt": "page", "font.size": 8}
    with mpl.rc_context(style):
        figure = Figure((7.2, 2.4), layout="constrained")
        axes = figure.subplots()
        axes.hist(values, bins=(np.arange(max(values) + 2) - 0.5).tolist(), color="#2a6fbb")
        axes.axvline(float(np.median(values)), color="#d1701c", linewidth=1)
        axes.set(xlabel="estimated corrections (line: median)", ylabel="cells")
        return _inline(_svg(figure))


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _inline(svg: str) -> str:
    return svg[svg.index("<svg") :]


def _pictures(measured: Measured, picture: Callable[[str], GreyImage], shown: int) -> list[str]:
    """Evenly from the best to the worst."""
    cells = chosen(measured, picture, shown)
    if not cells:
        return []
    legend = ", ".join(
        f'<span style="color: rgb{colour}">{escape(words)}</span>' for colour, words in LEGEND
    )
    parts = [f"<h2>Pictures</h2><p>Outlines: {legend}.</p>"]
    for each in cells:
        canvas = cv2.cvtColor(drawn(each), cv2.COLOR_RGB2BGR)
        data = base64.b64encode(cv2.imencode(".jpg", canvas)[1].tobytes()).decode()
        parts.append(
            f'<figure><img src="data:image/jpeg;base64,{data}" alt="">'
            f"<figcaption>{escape(caption(each))}</figcaption></figure>"
        )
    return parts
