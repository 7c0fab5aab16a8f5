"""Pictures of single chromosomes for the report (figs. 10 and 11)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np

from model.evaluation.cells.study import Judged, Study
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray, ObjectResult

MOST: int = 60
"""Misclassified chromosomes of a kind that are shown at most."""
TOP: int = 5
_POLARITIES = ("q up", "q down")
_HEIGHT: int = 96
"""Height of a picture in CSS pixels."""


@dataclass(frozen=True, eq=False)
class Example:
    """One chromosome of a judged cell."""

    cell: Judged
    index: int

    @property
    def found(self) -> ObjectResult:
        """What the network said."""
        return self.cell.observed.result.objects[self.index]

    @property
    def true_type(self) -> int:
        """0 … 23."""
        return int(self.cell.outcome.types[self.index])

    @property
    def sureness(self) -> float:
        """Probability of the most probable type."""
        return float(self.cell.softmax[self.index])


def wrong_types(studies: Sequence[Study]) -> list[Example]:
    """Seen chromosomes whose most probable type is wrong, the surest error first."""
    wrong = [
        example for example in _seen(studies)
        if example.cell.outcome.argmax[example.index] != example.true_type
    ]  # fmt: skip
    return sorted(wrong, key=lambda e: -e.sureness)


def wrong_polarities(studies: Sequence[Study]) -> list[Example]:
    """Seen chromosomes whose polarity is wrong, the surest error first."""
    wrong = [
        example for example in _seen(studies)
        if example.cell.outcome.polarity_answers[example.index]
        != example.cell.outcome.polarities[example.index]
    ]  # fmt: skip
    return sorted(wrong, key=lambda e: -float(e.cell.observed.polarity[e.index].max()))


def right_types(studies: Sequence[Study]) -> list[Example]:
    """The first rightly classified chromosome of each type, as far as there is one."""
    first: dict[int, Example] = {}
    for example in _seen(studies):
        if example.cell.outcome.argmax[example.index] == example.true_type:
            first.setdefault(example.true_type, example)
    return [first[kind] for kind in sorted(first)]


def _seen(studies: Sequence[Study]) -> Iterator[Example]:
    for study in studies:
        for cell in study.cells:
            yield from (Example(cell, int(i)) for i in np.flatnonzero(cell.observed.seen))


def right_card(example: Example) -> str:
    """Global and local picture with the type below (fig. 10)."""
    label = f"Type {TYPES[example.true_type]}"
    return (
        f'<figure class="card plain">{pictures(example.found, label)}'
        f"<figcaption>{label}</figcaption></figure>"
    )


def wrong_card(example: Example, polarity: bool = False) -> str:
    """Pictures, where it comes from, and the largest probabilities, the truth marked (fig. 11)."""
    outcome, index = example.cell.outcome, example.index
    kind = TYPES[example.true_type]
    if polarity:
        truth, p = int(outcome.polarities[index]), example.cell.observed.polarity[index]
        told, bars = f"type {kind}, {_POLARITIES[truth]}", _bars(p, _POLARITIES, truth, 2)
    else:
        answer = int(outcome.answers()[index])
        assigned = "unknown" if answer < 0 else TYPES[answer]
        verdict = "right" if answer == example.true_type else "wrong"
        told = f'true type {kind}, assigned {assigned}, <span class="{verdict}">{verdict}</span>'
        bars = _bars(example.cell.observed.probabilities[index], TYPES, example.true_type, TOP)
    source = escape(f"{outcome.case} / {outcome.cell}")
    return (
        f'<figure class="card">{pictures(example.found, f"Chromosome of type {kind}")}{bars}'
        f'<figcaption>{told}<br><span class="source">{source}</span></figcaption></figure>'
    )


def _bars(p: FloatArray, labels: Sequence[str], truth: int, top: int) -> str:
    rows = []
    for kind in np.argsort(-p, kind="stable")[:top]:
        mark = ' class="truth"' if kind == truth else ""
        rows.append(
            f"<tr{mark}><th>{labels[kind]}</th>"
            f'<td><span class="bar" style="width:{46 * p[kind]:.1f}px"></span></td>'
            f"<td>{100 * p[kind]:.1f}</td></tr>"
        )
    return f'<table class="bars">{"".join(rows)}</table>'


def pictures(found: ObjectResult, label: str) -> str:
    """The upright chromosome with its zoom box, and beside it what the box shows, as inline SVG.

    The picture is widened with background where the box reaches beyond the crop.
    """
    height, width = found.cut_out.crop.shape
    box = np.array(found.zoom_box) * (width, height, width, height)
    left, top = np.floor(np.minimum(box[:2], 0)).astype(int) - 1
    right, bottom = np.ceil(np.maximum(box[2:], (width, height))).astype(int) + 1
    canvas = np.full((bottom - top, right - left), 255, np.uint8)
    canvas[-top : height - top, -left : width - left] = found.cut_out.crop
    x, y = box[0] - left, box[1] - top
    w, h = box[2] - box[0], box[3] - box[1]
    image = (
        f'<image width="{right - left}" height="{bottom - top}" '
        f'href="data:image/png;base64,{_png(canvas)}"/>'
    )
    frame = (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{w:.2f}" height="{h:.2f}" fill="none" '
        'stroke="#d1201c" stroke-width="1.5" vector-effect="non-scaling-stroke"/>'
    )
    whole = _drawing((0, 0, right - left, bottom - top), image + frame, f"{label}, zoom box")
    return whole + _drawing((x, y, w, h), image, f"{label}, zoomed")


def _drawing(view: tuple[float, float, float, float], inside: str, label: str) -> str:
    width = _HEIGHT * view[2] / max(view[3], 1e-6)
    numbers = " ".join(f"{value:.2f}" for value in view)
    return (
        f'<svg role="img" aria-label="{escape(label)}" width="{width:.0f}" height="{_HEIGHT}" '
        f'viewBox="{numbers}">{inside}</svg>'
    )


def _png(picture: np.ndarray) -> str:
    _, data = cv2.imencode(".png", picture)
    return base64.b64encode(data.tobytes()).decode()
