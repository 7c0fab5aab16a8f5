"""The Varifocal-Net against other networks in one harness (III-D.2, table VIII).

`python -m model.studies.compare --data ARCHIVE --out FOLDER --epochs N`: each network is
trained on the same cells for the same number of pictures, with the same optimiser, augmentation
and averaging, and measured on the same held-out cells. Interrupted, the same command goes on
where it was. Written are `comparison.json` and `comparison.md`, again after each network.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from model.data.cells import LabelledCell, read_archive
from model.data.splits import split
from model.device import choose
from model.evaluation.cells.metrics import ALGORITHM_1, summarise
from model.evaluation.cells.study import Question, study
from model.evaluation.document import markdown_table, percent
from model.network.comparison import CLASSIFIERS, classifier
from model.training import train
from model.vocabulary.archive import FOLDS
from model.vocabulary.choices import DEVICES
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.files import write_texts
from model.vocabulary.presets import PRESETS
from model.weights import LoadedModel, load_model

BATCH: int = 16
DRAWS: int = 2000
"""Resamplings of the bootstrap."""


@dataclass(frozen=True)
class Row:
    """One network of the comparison; accuracies are fractions, None where nothing was measured.

    `gmac` are 10⁹ multiply-accumulates and `milliseconds` the time of one picture in one view;
    `type_views` is None where one view was asked for; `per_case_d` (Algorithm 1) and
    `per_case_map` are means over cells with all views; `right` are for each cell the chromosomes
    of right type in one view, `cells` how many it has.
    """

    classifier: str
    parameters: int
    gmac: float
    milliseconds: float
    training_minutes: float
    type_single: float | None
    type_views: float | None
    per_case_d: float | None
    per_case_map: float | None
    exactly_right: float | None
    polarity: float | None
    right: tuple[int, ...]
    cells: tuple[int, ...]
    cases: tuple[str, ...]


@refusing_in_words
def main(argv: list[str]) -> int:
    """Train, measure and compare; exit status 0."""
    _compare(_parser().parse_args(argv))
    return 0


def _parser() -> argparse.ArgumentParser:
    known = [kind.id for kind in CLASSIFIERS]
    parser = argparse.ArgumentParser(
        "compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="archive of labelled cells")
    parser.add_argument("--out", type=Path, required=True, help="folder; one inside each network")
    parser.add_argument("--classifiers", nargs="+", choices=known, default=known, metavar="NAME",
                        help=f"default: all ({', '.join(known)})")  # fmt: skip
    parser.add_argument("--preset", default="compact", choices=[p.preset for p in PRESETS])
    parser.add_argument("--epochs", type=int, required=True, help="of each network, all steps")
    parser.add_argument("--share", type=float, default=1.0, help="share of the training cells")
    parser.add_argument("--hold-out", type=int, default=0, choices=range(FOLDS), metavar="FOLD")
    parser.add_argument("--views", type=int, default=1, choices=(1, 2, 4),
                        help="views of the assignments (1: cheapest)")  # fmt: skip
    parser.add_argument("--device", default="auto", choices=DEVICES)
    return parser


def _compare(options: argparse.Namespace) -> None:
    _, held_out = split(read_archive(options.data).cells, options.hold_out)
    if not held_out:
        raise ModelError("The archive has no case of the fold that is held out.")
    rows: list[Row] = []
    text = ""
    for name in options.classifiers:
        sys.stderr.write(f"{classifier(name).label}\n")
        rows.append(_row(name, held_out, options))
        text = markdown(rows, _description_of(options, held_out))
        write_texts(options.out, {
            "comparison.json": json.dumps([asdict(r) for r in rows], indent=1, allow_nan=False),
            "comparison.md": text,
        })  # fmt: skip
    sys.stdout.write(text)


def _row(name: str, held_out: Sequence[LabelledCell], options: argparse.Namespace) -> Row:
    """What was measured before, or a training and its measurement."""
    weights = options.out / name / f"{name}.safetensors"
    saved = options.out / name / f"measured-{_request(options)}.json"
    if weights.exists() and saved.exists():
        values: dict[str, Any] = json.loads(saved.read_text(encoding="utf-8"))
        return Row(**{k: _frozen(v) for k, v in values.items()})
    _train(name, weights, options)
    row = measure(name, weights, held_out, options.views, options.device)
    write_texts(saved.parent, {saved.name: json.dumps(asdict(row), allow_nan=False)})
    return row


def _frozen(value: Any) -> Any:  # noqa: ANN401 - a value of JSON
    return tuple(value) if isinstance(value, list) else value


def _request(options: argparse.Namespace) -> str:
    """What a measurement depends on, as part of a file's name."""
    return (
        f"{options.data.stem}-{options.preset}-fold{options.hold_out}-{options.epochs}epochs-"
        f"{options.share:g}-{options.views}views"
    )


def _train(name: str, weights: Path, options: argparse.Namespace) -> None:
    """`main.py train` in this process, its events in a file; goes on where one was interrupted."""
    weights.parent.mkdir(parents=True, exist_ok=True)
    arguments = [
        "--data", options.data, "--out", weights.parent, "--name", name, "--classifier", name,
        "--preset", options.preset, "--epochs", options.epochs, "--share", options.share,
        "--hold-out", options.hold_out, "--device", options.device, "--resume", "--no-listen",
    ]  # fmt: skip
    with (
        (weights.parent / "events.jsonl").open("a", encoding="utf-8") as events,
        contextlib.redirect_stdout(events),
    ):
        status = train.main([str(argument) for argument in arguments])
    if status or not weights.exists():
        raise ModelError(
            f"{classifier(name).label} was not trained to its end.",
            "Give the same command again to go on, or another --out for other settings.",
        )


def measure(
    name: str, weights: Path, cells: Sequence[LabelledCell], views: int, device: str
) -> Row:
    """Cost and accuracy of trained weights on labelled cells."""
    model = load_model(weights, choose(device))
    one = study(weights, cells, Question(device, views=1, runtime="torch")).outcomes
    several = (
        study(weights, cells, Question(device, views, runtime="torch")).outcomes
        if views > 1
        else one
    )
    single: dict[str, Any] = summarise(one)
    final: dict[str, Any] = summarise(several)
    return Row(
        name,
        train.count_parameters(model.net),
        multiplications(model) / 1e9,
        milliseconds(model, choose(device)),
        sum(entry.get("seconds", 0.0) for entry in model.card.get("history", ())) / 60,
        single["type"]["acc"],
        final["type"]["acc"] if views > 1 else None,
        final["assignments"][ALGORITHM_1]["acc_per_case"],
        final["assignments"]["map"]["acc_per_case"],
        final["assignments"]["map"]["cells_exactly_right"],
        final["polarity"]["acc"],
        right=tuple(int((o.types == o.argmax).sum()) for o in one),
        cells=tuple(len(o.types) for o in one),
        cases=tuple(o.case for o in one),
    )


@torch.no_grad()
def multiplications(model: LoadedModel) -> float:
    """Multiply-accumulates of convolutions and matrices for one picture in one view."""
    device = next(model.net.parameters()).device
    image = torch.zeros(1, 1, *model.config.canvas, device=device)
    with FlopCounterMode(display=False) as counter:
        model.net(image, torch.zeros(1, 2, device=device))
    return float(counter.get_total_flops()) / 2


@torch.inference_mode()
def milliseconds(model: LoadedModel, device: torch.device) -> float:
    """Time of the network for one picture in a batch of `BATCH`, the least of five."""
    image = torch.randn(BATCH, 1, *model.config.canvas, device=device)
    image = image.contiguous(memory_format=torch.channels_last)
    sizes, times = torch.zeros(BATCH, 2, device=device), []
    for _ in range(6):  # the first one warms up
        began = time.perf_counter()
        model.net(image, sizes).type.cpu()
        times.append(time.perf_counter() - began)
    return 1000 * min(times[1:]) / BATCH


def difference(row: Row, base: Row) -> tuple[float, float, float]:
    """Type accuracy in one view above the base's, and its 95 % interval over cases, fractions.

    Cases are drawn again, as cells of one case go together; both networks saw the same cells.
    """
    cases = sorted(set(base.cases))
    at = np.array([cases.index(case) for case in base.cases])
    gained = np.bincount(at, np.subtract(row.right, base.right), len(cases))
    count = np.bincount(at, base.cells, len(cases))
    drawn = np.random.default_rng(0).integers(len(cases), size=(DRAWS, len(cases)))
    low, high = np.percentile(gained[drawn].sum(1) / count[drawn].sum(1), [2.5, 97.5])
    return float(gained.sum() / count.sum()), float(low), float(high)


def markdown(rows: Sequence[Row], told: str) -> str:
    """The table, in per cent; differences are against the first row."""
    head = (
        "network", "parameters", "GMAC", "ms/img", "training min", "type, one view",
        "against the first (95 %)", "type, all views", "Alg. 1 per case", "MAP per case",
        "cells exactly right", "polarity",
    )  # fmt: skip
    lines = []
    for row in rows:
        gain, low, high = (100 * value for value in difference(row, rows[0]))
        against = (
            "–" if row is rows[0] else f"{gain:+.2f} ({low:+.2f} to {high:+.2f})".replace("-", "−")
        )
        cells = [
            classifier(row.classifier).label, f"{row.parameters:,}", f"{row.gmac:.3f}",
            f"{row.milliseconds:.1f}", f"{row.training_minutes:.1f}", percent(row.type_single, 2),
            against, percent(row.type_views, 2), percent(row.per_case_d, 2),
            percent(row.per_case_map, 2), percent(row.exactly_right, 2), percent(row.polarity, 2),
        ]  # fmt: skip
        lines.append(cells)
    return f"{told}\n\n{markdown_table(head, lines)}"


def _description_of(options: argparse.Namespace, held_out: Sequence[LabelledCell]) -> str:
    return (
        f"{options.data.name}, preset {options.preset}, {options.epochs} epochs, "
        f"{options.share:.0%} of the training cells, {len(held_out)} cells of fold "
        f"{options.hold_out} held out; assignments on {options.views} "
        f"{'view' if options.views == 1 else 'views'}. One training each: the intervals are over "
        "cases, not over trainings."
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
