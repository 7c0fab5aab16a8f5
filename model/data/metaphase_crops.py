"""Labelled cut-outs from metaphases with boxes: `main.py cut-metaphases`.

Every chromosome that the separator finds and that fits one annotated box is written upright on
white, as an archive that `main.py train` reads. Which arm is up nobody has annotated: a picture
is turned as the given network says, and named as unknown where that network is not sure.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from model.data.metaphases import MetaphaseArchive, Truth
from model.inference.metaphase import MetaphaseReader
from model.inference.predictor import Predictor
from model.segmentation.base import Instance
from model.segmentation.separate import AUTO, open_separator
from model.vocabulary.archive import FOLDS, UNKNOWN_POLARITY, fold_of
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.files import replacing
from model.vocabulary.labels import Q_DOWN, TYPES
from model.weights import DEFAULT

FITS: float = 0.6
"""IoU of the two boxes from which a found chromosome is the annotated one."""
SURE: float = 0.9
"""Probability from which a polarity is believed."""


@refusing_in_words
def main(arguments: Sequence[str] | None = None) -> int:
    """Write the archive; a picture that cannot be used is named and left out."""
    options = _parser().parse_args(arguments)
    archive = MetaphaseArchive(options.data)
    reader = MetaphaseReader(
        open_separator(options.separator, options.separation_weights),
        Predictor.load(options.weights, "cpu", views=2),
    )
    wanted = [n for n in archive.names if _is_wanted(archive.case(n), options)]
    unknown: list[str] = []
    written = 0
    rows = [",".join(("case", "cell", *TYPES))]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with (
        replacing(options.out) as beside,
        zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as out,
    ):
        for number, name in enumerate(wanted[options.first :: options.every]):
            try:
                crops = crops_of(reader, archive, name)
            except ModelError as error:
                print(f"{name} is left out: {error}")  # noqa: T201
                continue
            case = archive.case(name)
            seen = dict.fromkeys(range(len(TYPES)), 0)
            for kind, crop, is_sure in crops:
                seen[kind] += 1
                path = f"{case}/{name}/{TYPES[kind]}-{seen[kind]}.png"
                out.writestr(path, cv2.imencode(".png", crop)[1].tobytes())
                if not is_sure:
                    unknown.append(path)
            rows.append(",".join((case, name, *[""] * len(TYPES))))
            written += len(crops)
            if number % 50 == 0:
                print(f"{number} pictures, {written} chromosomes", flush=True)  # noqa: T201
        out.writestr("manifest.csv", "\n".join(rows) + "\n")
        out.writestr(UNKNOWN_POLARITY, "\n".join(unknown))
    print(f"{written} chromosomes, polarity of {len(unknown)} unknown: {options.out}")  # noqa: T201
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py cut-metaphases", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="archive with boxes")
    parser.add_argument("--out", type=Path, required=True, metavar="ZIP")
    parser.add_argument("--weights", type=Path, default=DEFAULT, help="who tells the polarity")
    parser.add_argument("--separator", default=AUTO)
    parser.add_argument("--separation-weights", type=Path)
    parser.add_argument("--hold-out", type=int, choices=range(FOLDS), help="fold left out")
    parser.add_argument("--every", type=int, default=1, help="of so many pictures one")
    parser.add_argument("--first", type=int, default=0, help="number of the first picture")
    return parser


def _is_wanted(case: str, options: argparse.Namespace) -> bool:
    return options.hold_out is None or fold_of(case) != options.hold_out


def crops_of(
    reader: MetaphaseReader, archive: MetaphaseArchive, name: str
) -> list[tuple[int, NDArray[np.uint8], bool]]:
    """Type, crop with the q arm down, and whether its polarity is sure, of all that fit a box."""
    result = reader.read(archive.picture(name))
    found = [result.separation.instances[i] for i in result.chromosomes]
    truth = archive.truth(name)
    crops = []
    for i, k in matched(found, truth):
        seen = result.cell.objects[i]
        crop, polarity = seen.cut_out.crop, seen.polarity_probabilities
        upright = crop if polarity.argmax() == Q_DOWN else np.rot90(crop, 2)
        is_sure = bool(polarity.max() > SURE)
        crops.append((truth[k].type, np.ascontiguousarray(upright), is_sure))
    return crops


def matched(found: Sequence[Instance], truth: Sequence[Truth]) -> list[tuple[int, int]]:
    """Pairs of found chromosomes and annotated ones whose boxes fit, one to one.

    Some archives draw their boxes with a margin, others tightly: the one that fits better counts.
    """
    if not found or not truth:
        return []
    drawn = np.array([t.box for t in truth], np.float64)
    margined = np.array([o.box for o in found], np.float64)
    tight = np.array([(*o.origin, o.mask.shape[1], o.mask.shape[0]) for o in found], np.float64)
    iou = np.maximum(_ious(margined, drawn), _ious(tight, drawn))
    rows, columns = linear_sum_assignment(-np.where(iou >= FITS, iou, 0))
    return [(int(i), int(k)) for i, k in zip(rows, columns, strict=True) if iou[i, k] >= FITS]


def _ious(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, m) of boxes (n, 4) and (m, 4) of x, y, w, h."""
    a, b = first[:, None], second[None]
    least = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    inner = np.maximum(least - np.maximum(a[..., :2], b[..., :2]), 0).prod(-1)
    return np.asarray(inner / (a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - inner))
