"""The evaluation as a page: tables, corrections, confusions, and pictures drawn over.

The page shows the archive's pictures, so it stays where the archive stays. Imported only when a
page is made: matplotlib takes its time.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from model.errors import ModelError
from model.evaluation.figures import confusion_figure
from model.evaluation.metaphase_cells import FoundCell, KnownCell
from model.evaluation.metaphase_matching import Tally
from model.evaluation.metaphase_report import Section
from model.evaluation.metaphase_summary import Measured, confusion_of
from model.labels import TYPES
from model.segmentation.base import GreyImage, Kind

RIGHT, WRONG, MISSED, FALSE, REJECTED = (
    (40, 150, 40), (0, 110, 230), (40, 30, 210), (190, 0, 190), (150, 150, 150),
)  # fmt: skip
"""Colours as OpenCV orders them: blue, green, red."""
ZOOM: int = 2
"""How much larger pictures are drawn, so that lines and letters stay thin."""

LEGEND: str = (
    "Outlines: green right, orange of the wrong type (answer/truth), magenta an object of several "
    "or of nobody, grey rejected; a red box is a chromosome without an object of its own."
)

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


def drawn(picture: GreyImage, known: KnownCell, found: FoundCell, tally: Tally) -> np.ndarray:
    """The picture (H, W) with everything that was found and missed, (2H, 2W, 3) uint8."""
    grey = cv2.resize(picture, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_CUBIC)
    canvas = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    truth_of = {o: known.truths[t].type for t, o in tally.pairs}
    wrong = {tally.pairs[n][1] for n in tally.wrong}
    several = {t for truths in tally.merges for t in truths}
    merged = {o for t, o in tally.pairs if t in several}
    number = 0
    for each in found.objects:
        colour, text = REJECTED, ""
        if each.kind is Kind.CHROMOSOME:
            colour = RIGHT if number in truth_of and number not in merged else FALSE
            answer = "" if each.type is None else TYPES[each.type]
            text = answer
            if number in wrong:
                colour, text = WRONG, f"{answer or '?'}/{TYPES[truth_of[number]]}"
            number += 1
        contours, _ = cv2.findContours(
            np.kron(each.mask, np.ones((ZOOM, ZOOM))).astype(np.uint8),
            cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE,
            offset=(ZOOM * each.origin[0], ZOOM * each.origin[1]),
        )  # fmt: skip
        cv2.drawContours(canvas, contours, -1, colour, 1)
        top = each.origin[0] + int(each.mask[0].argmax())
        place = (ZOOM * top, ZOOM * each.origin[1] - 2)
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)
    alone = {t for t, _ in tally.pairs}
    for number, truth in enumerate(known.truths):
        if number not in alone:
            x, y, w, h = (round(ZOOM * v) for v in truth.box)
            cv2.rectangle(canvas, (x, y), (x + w, y + h), MISSED, 1)
            cv2.putText(canvas, TYPES[truth.type], (x + 2, y + h - 3), cv2.FONT_HERSHEY_SIMPLEX,
                        0.45, MISSED, 1, cv2.LINE_AA)  # fmt: skip
    return canvas


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
    if shown <= 0:
        return []
    order = np.argsort([t.corrections for t in measured.tallies], kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, shown).round().astype(int))]
    parts = [f"<h2>Pictures</h2><p>{LEGEND}</p>"]
    for i in chosen:
        known, found, tally = measured.known[i], measured.found[i], measured.tallies[i]
        try:
            canvas = drawn(picture(known.name), known, found, tally)
        except ModelError:  # a picture that cannot be read has its place among the failures
            continue
        data = base64.b64encode(cv2.imencode(".jpg", canvas)[1].tobytes()).decode()
        text = (
            f"{known.name}: {tally.corrections} corrections, {tally.separated} of {tally.truths} "
            f"separated, {len(tally.merges)} merges, {len(tally.splits)} splits, "
            f"{len(tally.misses)} misses, {len(tally.false)} false, {len(tally.wrong)} wrong"
        )
        parts.append(
            f'<figure><img src="data:image/jpeg;base64,{data}" alt="">'
            f"<figcaption>{escape(text)}</figcaption></figure>"
        )
    return parts
