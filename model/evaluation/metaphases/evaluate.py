"""`main.py evaluate-metaphases`: from photographs to chromosomes, against archives with a truth.

Writes metrics.json, metrics.md, page.html and pictures.webp. What was found in each picture is kept
with them, so that a stopped run continues where it was. All of it shows or names the archive's
pictures and has to stay where the archive stays.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.data.metaphases import MetaphaseArchive, OutlineArchive
from model.data.splits import spread_evenly
from model.evaluation.document import markdown_document
from model.evaluation.extra import require
from model.evaluation.metaphases.boxes import as_drawn
from model.evaluation.metaphases.cells import FoundCell, KnownCell
from model.evaluation.metaphases.coco import (
    ONE_CLASS,
    chromosome_detections,
    ground_truth,
    type_detections,
)
from model.evaluation.metaphases.outlines import read_outlines, summarise_outlines
from model.evaluation.metaphases.report import tables_of, title_of
from model.evaluation.metaphases.run import Kept, Opens, Setting, look_at_all
from model.evaluation.metaphases.summary import Measured, summarise
from model.inference.runtimes import AUTO, RUNTIMES
from model.segmentation.base import GreyImage
from model.vocabulary.archive import FOLDS
from model.vocabulary.choices import DEVICES
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.files import write_texts
from model.vocabulary.labels import TYPES
from model.weights import DEFAULT

METRICS, TABLE, PAGE, KEPT = "metrics.json", "metrics.md", "page.html", "cells"
SHEET = "pictures.webp"
DETECTIONS, GROUND_TRUTH = "detections.json", "ground_truth.json"
SEPARATIONS: tuple[str, ...] = ("auto", "learned", "classical")


@refusing_in_words
def main(argv: list[str]) -> int:
    """Evaluate and print; exit status 0."""
    options = _parser().parse_args(argv)
    if options.data is None and options.outlines is None:
        raise ModelError("There is nothing to evaluate.", "Give --data, --outlines, or both.")
    require("matplotlib", "pycocotools")
    written, printed = _evaluate(options)
    sys.stdout.write("\n".join([printed, *map(str, written), ""]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py evaluate-metaphases", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, metavar="ARCHIVE", help="metaphases with boxes (see model/data)")
    add("--outlines", type=Path, metavar="ARCHIVE", help="metaphases with outlines")
    add("--out", type=Path, required=True, metavar="DIR", help="where to write")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--hold-out", type=int, default=0, choices=range(FOLDS), metavar="FOLD",
        help="only the cases of this fifth (default: %(default)s)",
    )  # fmt: skip
    which.add_argument("--all", action="store_true", help="every case, also those learned from")
    add("--separator", default="auto", choices=SEPARATIONS)
    add("--weights", type=Path, metavar="FILE", help="of the separator (default: the bundled ones)")
    add("--classifier", type=Path, default=DEFAULT, metavar="FILE",
        help="weights of the classifier (default: the bundled ones)")  # fmt: skip
    add("--no-classes", action="store_true", help="separate only")
    add("--no-check", action="store_true", help="as if there were no separation check")
    add("--no-ways", action="store_true", help="doubtful objects stay as they were separated")
    add("--limit", type=int, metavar="N", help="only that many pictures, spread evenly")
    add("--processes", type=int, default=1, metavar="N",
        help="that many pictures at once; seconds are those of a busy computer then")  # fmt: skip
    add("--device", default="auto", choices=DEVICES)
    add("--runtime", default=AUTO, choices=[AUTO, *(r.id for r in RUNTIMES)])
    add("--cache", type=Path, metavar="DIR", help="where converted networks are kept")
    add("--pictures", type=int, default=9, metavar="N", help="how many the page shows")
    add("--coco", action="store_true", help=f"also write {DETECTIONS} and {GROUND_TRUTH}")
    return parser


@dataclass(frozen=True)
class _Run:
    """What looks, where its results are kept, and how many processes look."""

    setting: Opens
    kept: Path
    processes: int

    def __call__(
        self, archive: MetaphaseArchive | OutlineArchive, names: Sequence[str], title: str
    ) -> list[FoundCell]:
        kept = Kept(self.kept / title)
        told = _teller(title)
        return look_at_all(archive, names, self.setting, kept, self.processes, told)


def _evaluate(options: argparse.Namespace) -> tuple[list[Path], str]:
    """Measure and write; what was written, and the table to print."""
    metrics: dict[str, Any] = {
        "separator": options.separator, "weights": str(options.weights or "bundled"),
        "classifier": None if options.no_classes else options.classifier.name,
        "held_out": None if options.all else options.hold_out, "limit": options.limit,
        "processes": options.processes, "cores": os.cpu_count(),
    }  # fmt: skip
    measured = None
    pictures: Callable[[str], GreyImage] = _no_picture
    texts: dict[str, str] = {}
    if options.data is not None:
        archive = MetaphaseArchive(options.data)
        measured, boxes, left_out = _metaphases(options, archive)
        metrics["metaphases"] = {
            "data": options.data.name, "boxes": boxes, **summarise(measured),
            "left_out": left_out,
        }  # fmt: skip
        metrics["separator"] = _methods(measured.found) or options.separator
        pictures = archive.picture
        texts = _coco_texts(measured) if options.coco else {}
    if options.outlines is not None:
        metrics["outlines"], method = _outlines(options)
        metrics["separator"] = method or metrics["separator"]
    return _write(options, metrics, measured, pictures, texts)


def _metaphases(
    options: argparse.Namespace, archive: MetaphaseArchive
) -> tuple[Measured, str, list[str]]:
    """Look at the pictures that count; how their boxes are drawn, and what was left out."""
    known, problems = _known(archive, _chosen(archive, options))
    if not known:
        raise ModelError(f"No picture of {options.data.name} can be used.", *problems[:1])
    run = _run(options, None if options.no_classes else options.classifier)
    found, boxes = as_drawn(known, run(archive, [cell.name for cell in known], "metaphases"))
    measured = Measured.of(known, found, not options.no_classes)
    return measured, boxes, [*archive.problems, *problems]


def _known(archive: MetaphaseArchive, names: Sequence[str]) -> tuple[list[KnownCell], list[str]]:
    """The truth of every picture that has one, and sentences about the others."""
    known, problems = [], []
    for name in names:
        try:
            truths = archive.truth(name)
            counts, countable = archive.counts(name), archive.countable(name)
        except ModelError as error:
            problems.append(str(error))
            continue
        problems += archive.truth_problems(name)
        known.append(KnownCell(name, archive.case(name), truths, counts, countable))
    return known, problems


def _methods(found: Sequence[FoundCell]) -> str:
    return ", ".join(sorted({cell.method for cell in found if cell.method}))


def _outlines(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    archive = OutlineArchive(options.outlines)
    known, problems = read_outlines(archive, _chosen(archive, options))
    if not known:
        raise ModelError(f"No picture of {options.outlines.name} can be used.", *problems[:1])
    found = _run(options, None)(archive, [cell.name for cell in known], "outlines")
    figures = summarise_outlines(known, found)
    return {
        "data": options.outlines.name, **figures, "left_out": problems,
    }, _methods(found)  # fmt: skip


def _chosen(
    archive: MetaphaseArchive | OutlineArchive, options: argparse.Namespace
) -> Sequence[str]:
    """Names that count: a fifth of the cases or all, thinned evenly."""
    names = archive.names if options.all else archive.split(options.hold_out)[1]
    if not names:
        raise ModelError(
            f"No case of {archive.path.name} is in fold {options.hold_out}.",
            "Give another --hold-out, or --all.",
        )
    if options.limit is not None and options.limit < 1:
        raise ModelError("--limit must be at least 1.")
    return spread_evenly(names, options.limit or len(names))


def _run(options: argparse.Namespace, classifier: Path | None) -> _Run:
    setting = Setting(
        options.separator, options.weights, classifier, options.device, options.runtime,
        not options.no_check, not options.no_ways, options.cache,
    )  # fmt: skip
    return _Run(setting, options.out / KEPT / setting.fingerprint(), options.processes)


def _write(
    options: argparse.Namespace, metrics: dict[str, Any], measured: Measured | None,
    pictures: Callable[[str], GreyImage], texts: dict[str, str],
) -> tuple[list[Path], str]:  # fmt: skip
    from model.evaluation.metaphases.page import chosen, page, picture_sheet  # takes a second

    title, tables = title_of(metrics), tables_of(metrics)
    parts = [metrics[p] for p in ("metaphases", "outlines") if p in metrics]
    rules = "\n\n".join(part["rules"] for part in parts)
    printed = markdown_document(title, tables)
    texts = {
        **texts,
        TABLE: printed,
        PAGE: page(title, tables, measured, pictures, options.pictures, rules),
        METRICS: json.dumps(metrics, indent=1, allow_nan=False),
    }
    files: dict[str, str | bytes] = {**texts}
    if cells := chosen(measured, pictures, options.pictures):
        files[SHEET] = picture_sheet(cells)
    write_texts(options.out, files)
    return [options.out / name for name in files], printed


def _coco_texts(measured: Measured) -> dict[str, str]:
    categories = TYPES if measured.classes else ONE_CLASS
    detections = type_detections if measured.classes else chromosome_detections
    return {
        DETECTIONS: json.dumps(detections(measured.found)),
        GROUND_TRUTH: json.dumps(ground_truth(measured.known, categories)),
    }


def _no_picture(name: str) -> GreyImage:
    raise ModelError(f"{name}: there is no such picture.")


def _teller(title: str) -> Callable[[int, int], None]:
    """Progress on one line of a terminal; nothing in a log."""

    def told(done: int, of: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{'' if done == of else f'{done} of {of} {title}'}")
            sys.stderr.flush()

    return told
