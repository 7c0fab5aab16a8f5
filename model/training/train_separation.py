"""Training of the separation network: `main.py train-separation`.

Real metaphases with boxes, onto which chromosomes of known outline are laid; composed metaphases
of cut-outs on empty slides; pictures with drawn outlines, such as the laboratory's own checked
ones, alone or beside the others. Goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from model.data.ahead import workers_for
from model.data.pictures import has_outlines
from model.data.separation_samples import Sample
from model.device import choose
from model.memory import resident_memory
from model.segmentation.network import DECODER_WIDTHS, LITE0, PLAIN, SeparationConfig, SeparationNet
from model.segmentation.weights import KIND, LoadedSeparation, load_separation
from model.training.checkpoint import fingerprint, make_folder
from model.training.events import Reporter, StopRequest, add_window_options
from model.training.history import RunRecord, end_early
from model.training.loop import Stopped
from model.training.pace import Pace
from model.training.separation_batches import batches
from model.training.separation_material import Material, Shares, read_material
from model.training.separation_run import Schedule, SeparationRun
from model.vocabulary.archive import FOLDS, family_of
from model.vocabulary.card import seen_data
from model.vocabulary.choices import SEPARATION
from model.vocabulary.errors import ModelError
from model.vocabulary.events import Event
from model.vocabulary.labels import TYPES
from model.vocabulary.training import SEPARATION_STEPS
from model.vocabulary.training_request import TOTAL, TrainingRequest

BATCH: int = 4
STEP: str = "Separation"
"""The one step of this training, as the classifier's has several."""
FITTED: str = (
    "Check and ways were fitted to the bundled separation; with this one they may ask too much or "
    "too little."
)
SECONDS_BETWEEN_EVENTS: float = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says; exit status 0 when finished or stopped, 2 when refused.

    Prints one JSON object a line, also kept in events.jsonl.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    reporter, record = Reporter(), None
    try:
        options = _asked(parser, options)
        reporter, record = _Teller(options.out), RunRecord(_request(options))
        stop = StopRequest(sys.stdin if options.listen else None)
        _train(options, _Surroundings(reporter, record, stop))
    except (Stopped, ModelError) as error:
        return end_early(error, reporter, record)
    return 0


@dataclass(frozen=True)
class _Surroundings:
    """Whom a training talks to."""

    reporter: Reporter
    record: RunRecord
    stop: StopRequest


class _Teller(Reporter):
    """Keeps what it says in the folder of the run as well, as far as the disk lets."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = folder / "events.jsonl"

    def say(self, event: str, **values: object) -> None:
        """One line at once."""
        super().say(event, **values)
        with contextlib.suppress(OSError), self._file.open("a", encoding="utf-8") as file:
            file.write(Event(event, values).line + "\n")


def _config(encoder: str) -> SeparationConfig:
    if encoder == LITE0:
        return SeparationConfig(DECODER_WIDTHS, encoder=LITE0, types=len(TYPES))
    return SeparationConfig()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py train-separation", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, action="append", default=[], help="archive with boxes, or several")
    add("--cells", type=Path, action="append", default=[], help="archive of cut-outs, or several")
    add("--composed-share", type=float, default=Shares.composed, metavar="0…1",
        help="share of examples composed of them beside archives with boxes (default: %(default)s)",
        )  # fmt: skip
    add("--outlines", type=Path, help="archive with drawn outlines")
    add("--outlined-share", type=float, default=Shares.outlined, metavar="0…1",
        help="share of examples from it beside archives with boxes (default: %(default)s)",
        )  # fmt: skip
    add("--out", type=Path)
    add("--name", default=KIND, help="name of the weights (default: %(default)s)")
    add("--hold-out", type=int, choices=range(FOLDS), help="fold to leave out")
    add("--steps", type=int, default=6000)
    add("--batch", type=int, default=BATCH, help="examples of a step (default: %(default)s)")
    add("--learning-rate", type=float, default=2e-3)
    add(
        "--encoder", choices=(PLAIN, LITE0), default=PLAIN,
        help="this program's own, or EfficientNet-Lite0, which predicts types as well "
        "(where a training starts from weights, theirs)",
    )  # fmt: skip
    add("--start-from", type=Path, help="weights to continue from")
    add("--limit", type=int, help="pictures to read at most")
    add("--seed", type=int, default=1)
    add("--device", choices=("auto", "cpu", "cuda"), default="auto")
    add("--resume", action="store_true", help="nothing else: it goes on wherever it can")
    add_window_options(parser)
    return parser


def _asked(parser: argparse.ArgumentParser, options: argparse.Namespace) -> argparse.Namespace:
    """The options, or those that a request stands for; ModelError for one that cannot be read."""
    if options.request is not None:
        request = TrainingRequest.read(options.request)
        told = ["--out", str(request.out), "--listen" if options.listen else "--no-listen"]
        options = parser.parse_args([*told, *_arguments(request)])
    if options.out is None or not (options.data or options.outlines):
        parser.error("give --out, and --data or --outlines, or --request")
    if min(options.steps, options.batch) < 1:
        parser.error("--steps and --batch must be 1 or more")
    return options


def _arguments(request: TrainingRequest) -> list[str]:
    """A request as options of the command line."""
    if request.network != SEPARATION:
        raise ModelError("This request is for the classifier.", "Give it to `main.py train`.")
    told: list[str] = []
    for path in (request.data, *request.more_data):
        told += ["--outlines" if has_outlines(path) else "--data", str(path)]
    if request.held_out is not None:
        told += ["--hold-out", str(request.held_out)]
    if request.fine_tune is not None:
        told += ["--start-from", str(request.fine_tune)]
    if TOTAL in request.epochs:
        told += ["--steps", str(request.epochs[TOTAL] * SEPARATION_STEPS)]
    for name in ("learning_rate", "seed"):
        if name in request.settings:
            told += [f"--{name.replace('_', '-')}", str(request.settings[name])]
    return [*told, "--name", request.name or KIND, "--device", request.device]


def _request(options: argparse.Namespace) -> TrainingRequest:
    """What the options ask for, as the record of the run keeps it."""
    archives: list[Path] = [*options.data, *filter(None, [options.outlines])]
    first, *more = archives
    return TrainingRequest(
        first, options.out, device=options.device, fine_tune=options.start_from,
        hold_out=-1 if options.hold_out is None else options.hold_out, name=options.name,
        epochs={TOTAL: -(-options.steps // SEPARATION_STEPS)},
        settings={"learning_rate": options.learning_rate, "seed": options.seed},
        more_data=tuple(more), network=SEPARATION,
    )  # fmt: skip


def _train(options: argparse.Namespace, here: _Surroundings) -> None:
    make_folder(options.out)
    device = choose(options.device)
    start = load_separation(options.start_from) if options.start_from else None
    _check_unseen(options, start)
    config = start.net.config if start else _config(options.encoder)
    for path in (*options.data, options.outlines, *options.cells):
        if path is not None:
            here.reporter.say("reading", data=path.name)
    material = read_material(
        options.data, options.outlines, options.cells, options.hold_out,
        lambda sentence: here.reporter.say("left_out", sentence=sentence),
        options.limit, Shares(options.outlined_share, options.composed_share),
    )  # fmt: skip
    torch.manual_seed(options.seed)
    schedule = Schedule(options.steps, options.learning_rate, options.seed)
    run = SeparationRun(
        SeparationNet(config), start, schedule, device, options.out / f"{options.name}.safetensors",
        _mark(options, config), here.reporter,
    )  # fmt: skip
    resumed = run.resume()
    _begin(options, material, run, here, resumed)
    _learn(options, material, run, start, here)
    here.record.end("finished", weights=run.weights)
    here.reporter.say("finished", weights=str(run.weights), step=run.step)


def _check_unseen(options: argparse.Namespace, start: LoadedSeparation | None) -> None:
    """ModelError where the weights to start from have seen what is held out."""
    if start is None or options.hold_out is None:
        return
    archives = [path.name for path in (*options.data, options.outlines) if path]
    for name, fold in seen_data(start.card).items():
        if family_of(name) in map(family_of, archives) and fold != options.hold_out:
            raise ModelError(
                f"The weights to start from have seen cases of fold {options.hold_out} of {name}.",
                "Hold out the fold that they held out, or none.",
            )


def _mark(options: argparse.Namespace, config: SeparationConfig) -> str:
    outlined = [options.outlines.name] if options.outlines and not options.data else []
    return fingerprint(
        config.to_json(), options.learning_rate, options.seed, options.hold_out,
        [d.name for d in options.data], str(options.start_from), *outlined,
        *([options.batch] if options.batch != BATCH else []),
    )  # fmt: skip


def _begin(
    options: argparse.Namespace, material: Material, run: SeparationRun, here: _Surroundings,
    resumed: bool,
) -> None:  # fmt: skip
    total = -(-options.steps // SEPARATION_STEPS)
    facts: dict[str, Any] = {
        "device": str(run.device),
        "parameters": sum(p.numel() for p in run.net.parameters()),
        "pictures": material.pictures,
        "pieces": len(material.pieces),
        "outlined": len(material.outlined),
        "cells": len(material.cells),
        "held": len(material.held),
    }
    here.record.begin(
        resumed=resumed, name=options.name, epochs_done=len(run.history), epochs_total=total,
        **facts,
    )  # fmt: skip
    here.reporter.say(
        "started", **facts, memory=resident_memory(), steps=[STEP], epochs={STEP: total},
        resumed_history=run.history, at=run.step,
    )  # fmt: skip


def _learn(
    options: argparse.Namespace, material: Material, run: SeparationRun,
    start: LoadedSeparation | None, here: _Surroundings,
) -> None:  # fmt: skip
    """All steps that are left; a checkpoint after each epoch, and after a while within one.

    Stopped, when that is asked for; the checkpoint holds everything up to there.
    """
    width = run.net.config.chromosome_width
    held = material.validation(width)
    pace, first, told = Pace(run.device), run.step, 0.0
    numbers = range(run.step, options.steps)
    workers = workers_for(run.device)
    for batch in batches(material, width, numbers, options.batch, options.seed, workers):
        parts = run.train(batch)
        pace.add(options.batch)
        is_last = run.step == options.steps
        if is_last or time.perf_counter() - told > SECONDS_BETWEEN_EVENTS:
            told = time.perf_counter()
            left = (options.steps - run.step) * pace.seconds / (run.step - first)
            here.reporter.say("batch", **_position(run), **pace.figures(left), **parts)
        if is_last or run.step % SEPARATION_STEPS == 0:
            figures = _conclude_epoch(run, held, options.batch)
            run.save(_card(options, material, run, start))
            here.record.remember(figures)
            here.reporter.say("epoch", **figures)
        elif run.is_due():
            run.save(_card(options, material, run, start))
        pace.leave_out(here.stop.wait_while_paused(here.reporter))
        if here.stop and not is_last:
            run.save(_card(options, material, run, start))
            raise Stopped


def _position(run: SeparationRun) -> dict[str, Any]:
    return {
        "step": STEP, "epoch": -(-run.step // SEPARATION_STEPS),
        "done": run.step % SEPARATION_STEPS or SEPARATION_STEPS, "total": SEPARATION_STEPS,
        "at": run.step,
    }  # fmt: skip


def _conclude_epoch(run: SeparationRun, held: Sequence[Sample], batch: int) -> dict[str, Any]:
    """The figures of the epoch that has ended, put to the history."""
    figures = {
        "step": STEP,
        "epoch": -(-run.step // SEPARATION_STEPS),
        "loss": round(float(np.mean(run.tally)), 4),
        "val_loss": run.validate(held, batch),
        "learning_rate": run.schedule.rate(run.step - 1),
    }
    run.tally = []
    run.history.append(figures)
    return figures


def _card(
    options: argparse.Namespace, material: Material, run: SeparationRun,
    start: LoadedSeparation | None,
) -> dict[str, Any]:  # fmt: skip
    named = [p.name for p in (*options.data, *options.cells, options.outlines) if p]
    known = seen_data(start.card) if start else {}
    folds = dict.fromkeys(named, options.hold_out)
    folds |= {name: fold for name, fold in known.items() if name not in folds}
    card: dict[str, Any] = {
        "name": options.name,
        "kind": KIND,
        "version": datetime.now(UTC).strftime("%Y.%m.%d"),
        "config": run.net.config.to_json(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": list(folds),
        "split": "all cases" if options.hold_out is None else f"fold {options.hold_out} held out",
        "pictures": material.pictures,
        "pieces": len(material.pieces),
        "steps": run.step,
        "classes": list(TYPES) if run.net.config.types else [],
        "held_out_fold": options.hold_out,
        "held_out_folds": folds,
        "of_steps": options.steps,
        "batch": options.batch,
        "settings": {"learning_rate": options.learning_rate, "seed": options.seed},
        "history": run.history,
        "note": FITTED,
    }
    if start is not None:
        origin = {name: start.card.get(name) for name in ("name", "version", "sha256")}
        card["started_from"] = origin
    return card
