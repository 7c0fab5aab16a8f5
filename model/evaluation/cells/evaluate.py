"""`main.py evaluate`: the paper's metrics of some weights on an archive of labelled cells.

With several weights, each is measured on the cases that its training held out.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.data.cells import Archive, LabelledCell, read_archive
from model.evaluation.cells.collect import IntArray, Posteriors
from model.evaluation.cells.embedding import choose as choose_embedded
from model.evaluation.cells.folds import (
    distinct_folds,
    five_folds,
    held_out_cells,
    over_folds,
    weights_in,
)
from model.evaluation.cells.metrics import CellOutcome, summarise
from model.evaluation.cells.pooled import Pooled, details
from model.evaluation.cells.stages import STAGES
from model.evaluation.cells.study import Question, Study, Told, study
from model.evaluation.extra import require
from model.inference.runtimes import AUTO, RUNTIMES
from model.inference.views import ALL_VIEWS
from model.vocabulary.archive import FOLDS
from model.vocabulary.choices import ASSIGNMENTS, DEFAULT_ASSIGNMENT, DEVICES
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.events import Event
from model.vocabulary.files import write_texts
from model.weights import DEFAULT

METRICS, REPORT, POSTERIORS = "metrics.json", "report.html", "posteriors.npz"


@refusing_in_words
def main(argv: list[str]) -> int:
    """Evaluate and print; exit status 0."""
    written, printed = _evaluate(_parser().parse_args(argv))
    sys.stdout.write("\n".join([printed, *map(str, written), ""]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="archive of labelled cells")
    parser.add_argument("--out", type=Path, required=True, help="folder for metrics.json")
    parser.add_argument(
        "--weights", type=Path, nargs="+", metavar="FILE",
        help="several: each on the cases that it held out (default: the bundled weights)",
    )  # fmt: skip
    parser.add_argument(
        "--weights-dir",
        type=Path,
        metavar="DIR",
        help="all weights of a folder that held out cases",
    )
    parser.add_argument(
        "--folds", type=int, choices=(FOLDS,), help="expect weights of each of the five folds"
    )
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument("--runtime", default=AUTO, choices=[AUTO, *(r.id for r in RUNTIMES)])
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where converted networks are kept"
    )
    parser.add_argument("--views", type=int, default=ALL_VIEWS, choices=(1, 2, 4, ALL_VIEWS))
    parser.add_argument(
        "--assignment", default=DEFAULT_ASSIGNMENT, choices=tuple(ASSIGNMENTS),
        help="the assignment whose figures count (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--held-out", action="store_true",
        help="only the cases that were held out when the weights were trained",
    )  # fmt: skip
    parser.add_argument("--report", action="store_true", help=f"write {REPORT} with all figures")
    parser.add_argument(
        "--posteriors", action="store_true", help=f"keep all probabilities in {POSTERIORS}"
    )
    parser.add_argument(
        "--progress", action="store_true", help="print a line of JSON for every cell"
    )
    return parser


def _evaluate(options: argparse.Namespace) -> tuple[list[Path], str]:
    """Measure and write; what was written, and the table to print."""
    if options.report:
        require("matplotlib", "sklearn")
    archive = read_archive(options.data)
    if not archive.cells:
        raise ModelError(f"No cell of {options.data.name} can be used.", *archive.problems[:1])
    plan = _plan(options, archive)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{METRICS} could not be written ({error}).") from error
    studies = _studies(options, plan)
    metrics = metrics_of(studies, archive.problems)
    written: list[Path] = []
    texts: dict[str, str] = {}
    if options.posteriors:
        observed = [cell.observed for each in studies for cell in each.cells]
        written.append(options.out / POSTERIORS)
        Posteriors.of(observed).save(written[-1])
    if options.report:
        texts[REPORT] = _report(options, archive, plan, studies)
    texts[METRICS] = json.dumps(metrics, indent=1, allow_nan=False)
    write_texts(options.out, texts)
    written += [options.out / name for name in texts]
    return written, table(metrics, len(metrics["cells"]))


Plan = list[tuple[Path, int | None, Sequence[LabelledCell]]]
"""Weights, the fold that they held out (None: all cases are measured), and the cells."""


def _plan(options: argparse.Namespace, archive: Archive) -> Plan:
    weights: Sequence[Path] = options.weights or ()
    if options.weights_dir:
        weights = (*weights, *weights_in(options.weights_dir))
        if not weights:
            raise ModelError(f"{options.weights_dir.name} has no weights that held out any case.")
    if options.folds:
        weights = five_folds(weights, "There are" if options.weights_dir is None
                             else f"{options.weights_dir.name} has")  # fmt: skip
    elif len(weights) > 1:
        weights = distinct_folds(weights)
    weights = weights or (DEFAULT,)
    if not options.held_out and not options.weights_dir and len(weights) == 1:
        return [(weights[0], None, archive.cells)]
    return [(path, *held_out_cells(archive.cells, path)) for path in weights]


def _studies(options: argparse.Namespace, plan: Plan) -> list[Study]:
    question = Question(
        options.device,
        options.views,
        options.assignment,
        options.report,
        options.runtime,
        options.cache,
    )
    total = sum(len(cells) for _, _, cells in plan)
    studies: list[Study] = []
    for number, (weights, fold, cells) in enumerate(plan):
        before = sum(len(each.cells) for each in studies)
        # Features of different networks do not share a plane: those of the first are embedded.
        kept: Sequence[IntArray] = ()
        if options.report and not number:
            kept = choose_embedded([len(cell.types) for cell in cells])
        told = _teller(before, total, options.progress)
        studies.append(study(weights, cells, question, kept, fold, told))
    return studies


def _teller(before: int, total: int, lines: bool) -> Told:
    """Progress as events for a program or on one line of a terminal; nothing in a log."""

    def told(done: int, of: int) -> None:
        del of
        if lines:
            event = Event("progress", {"done": before + done, "total": total})
            sys.stderr.write(f"{event.line}\n")
        elif sys.stderr.isatty():
            text = "" if before + done == total else f"{before + done} of {total} cells"
            sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

    return told


def metrics_of(studies: Sequence[Study], left_out: Sequence[str]) -> dict[str, Any]:
    """Everything that metrics.json says: of all cells, of every cell, of every network."""
    outcomes = [o for each in studies for o in each.outcomes]
    models = [each.model for each in studies]
    metrics = {
        **summarise(outcomes),
        "model": models[0] if len(models) == 1 else _joined(models),
        "assignment": outcomes[0].method,
        "normal_cells": summarise([o for o in outcomes if not o.is_abnormal]),
        "abnormal_cells": summarise([o for o in outcomes if o.is_abnormal]),
        **details(studies, Pooled.of(studies)),
        "left_out": list(left_out),
        "cells": [{"case": o.case, "cell": o.cell, **summarise([o])} for o in outcomes],
    }
    stages = {s: _stage([o for each in studies for o in each.outcomes_of(s)]) for s in STAGES}
    if all(stages.values()):
        metrics["stages"] = stages
    if len(studies) > 1:
        each_fold = [summarise(one.outcomes) for one in studies]
        metrics["folds"] = [
            {"fold": one.held_out, "cells": len(one.cells), "model": one.model, **figures}
            for one, figures in zip(studies, each_fold, strict=True)
        ]
        metrics["mean_sd"] = over_folds(each_fold)
    return metrics


def _stage(outcomes: Sequence[CellOutcome]) -> dict[str, object]:
    figures = summarise(outcomes) if outcomes else {}
    return {key: figures[key] for key in ("type", "polarity") if key in figures}


def _joined(models: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """What several networks are called together: each different word once."""
    return {key: ", ".join(dict.fromkeys(str(model[key]) for model in models)) for key in models[0]}


def _report(
    options: argparse.Namespace, archive: Archive, plan: Plan, studies: Sequence[Study]
) -> str:
    from model.evaluation.cells.report import Reported, report_html  # matplotlib takes a second

    return report_html(Reported(
        studies, options.data.name, options.assignment, dict(ASSIGNMENTS),
        held_out=all(fold is not None for _, fold, _ in plan),
        left_out=archive.problems,
        made=datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %z"),
    ))  # fmt: skip


def table(metrics: Mapping[str, Any], cells: int) -> str:
    """The figures as printed, in per cent like table IV."""
    kind, polarity, found = metrics["type"], metrics["polarity"], metrics["findings"]
    spread = metrics.get("mean_sd", {})

    def percent(value: float | None) -> str:
        return "   –  " if value is None else f"{100 * value:6.2f}"

    lines = [
        f"{cells} cells, {metrics['model']['name']} {metrics['model']['version']}, "
        f"{metrics['model']['device']}",
        "             Acc.     F1   Acc. per Case  Acc. per Case-D  Acc. per Case assigned (%)",
        f"type       {percent(kind['acc'])} {percent(kind['f1'])}  "
        f"{percent(kind['acc_per_case'])}         {percent(kind['acc_per_case_d'])}           "
        f"{percent(kind['acc_per_case_assigned'])}",
        f"polarity   {percent(polarity['acc'])} {percent(polarity['f1'])}  "
        f"{percent(polarity['acc_per_case'])}",
        f"cells exactly right {percent(metrics['cells_exactly_right'])} %",
        f"numerical findings: sensitivity {percent(found['sensitivity'])} % of "
        f"{found['abnormal_cells']} abnormal cells, specificity {percent(found['specificity'])} % "
        f"of {found['normal_cells']} normal cells",
        _silence(metrics["silence"]),
        f"{metrics['seconds_per_cell']:.2f} s per cell",
    ]
    if spread:
        over = {
            name: spread[task][figure]
            for name, task, figure in (("Acc.", "type", "acc"), ("F1", "type", "f1"),
                                       ("assigned", "type", "acc_per_case_assigned"),
                                       ("polarity", "polarity", "acc"))
        }  # fmt: skip
        told = ", ".join(f"{name} {percent(v['mean']).strip()} ± {percent(v['sd']).strip()}"
                         for name, v in over.items())  # fmt: skip
        lines.append(f"mean ± standard deviation of {len(metrics['folds'])} networks: {told}")
    return "\n".join(lines)


def _silence(silent: Mapping[str, float | None]) -> str:
    def number(name: str, factor: float = 1.0) -> str:
        value = silent[name]
        return "–" if value is None else f"{factor * value:.2f}"

    return (
        f"wrong types per cell {number('wrong_types_per_cell')}, not named by the review list "
        f"{number('silent_wrong_types_per_cell')} (named {number('listed', 100)} %); silent cells "
        f"{number('silent_cells', 100)} %; right ones named, median {number('needless_entries')}"
    )
