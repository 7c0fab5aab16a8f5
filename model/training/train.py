"""`main.py train`: from an archive of labelled cells to weights with their JSON."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import hashlib
import sys
from pathlib import Path
from typing import Any

import torch

from model.config import PRESETS, NetworkConfig, preset
from model.data.cells import Archive, LabelledCell, read_archive
from model.data.dataset import samples_of
from model.data.splits import FOLDS, split
from model.device import DEVICES, choose
from model.errors import ModelError
from model.labels import TYPES
from model.training.checkpoint import Position, fingerprint, load_checkpoint, write_weights
from model.training.events import Reporter, StopRequest
from model.training.loop import Run, Stopped
from model.training.settings import TrainingSettings, settings_for
from model.training.steps import step_1_initialise, train_all

VALIDATION_SHARE = 3
"""Every third held-out chromosome is looked at after each epoch; the test uses all."""


def main(argv: list[str]) -> int:
    """Run a training; exit status 0 when finished or stopped, 2 on a known error."""
    options = _parser().parse_args(argv)
    reporter = Reporter()
    try:
        _train(options, reporter, StopRequest(sys.stdin if options.listen else None))
    except Stopped:
        reporter.say("stopped")
    except ModelError as error:
        reporter.say("failed", sentence=error.sentence, hint=error.hint)
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="archive of labelled cells")
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--preset", default="compact", choices=[p.preset for p in PRESETS])
    parser.add_argument("--epochs", type=int, help="total over all steps (default: the preset's)")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--zoom-gradient", choices=["boxcar", "sampler"])
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument(
        "--hold-out", type=int, default=0, choices=range(-1, FOLDS), metavar="FOLD",
        help="fold of cases kept for the test, 0 … 4; -1 trains on everything",
    )  # fmt: skip
    parser.add_argument("--name", help="name of the weights (default: the preset)")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--listen", action="store_true", default=not sys.stdin.isatty(),
        help="end after the present batch when the line “stop” arrives (default unless a terminal)",
    )  # fmt: skip
    return parser


def _train(options: argparse.Namespace, reporter: Reporter, stop: StopRequest) -> None:
    config = preset(options.preset)
    if options.zoom_gradient:
        config = dataclasses.replace(config, zoom_gradient=options.zoom_gradient)
    settings = _settings(options, config)
    held_out = None if options.hold_out < 0 else options.hold_out
    _make_folder(options.out)
    reporter.say("reading", data=options.data.name)
    archive = read_archive(options.data)
    for problem in archive.problems:
        reporter.say("left_out", sentence=problem)
    cells, apart = split(archive.cells, held_out)
    samples = samples_of(cells, config)
    validation = samples_of(apart, config)[::VALIDATION_SHARE]
    device = choose(options.device)
    mark = fingerprint(
        config.to_json(), settings.to_json(), held_out, [c.name for c in archive.cells]
    )
    net = step_1_initialise(config, settings.seed, device)
    run = Run(
        net, config, settings, samples, validation, device, options.out, mark, reporter, stop,
        Position(),
    )  # fmt: skip
    if options.resume:
        _resume(run)
    _say_started(run)
    train_all(run)
    weights = options.out / f"{options.name or config.preset}.safetensors"
    card = _card(run, archive, cells, options, held_out)
    write_weights(
        weights,
        {k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()},
        card,
    )
    reporter.say("finished", weights=str(weights), metrics=card["metrics"])


def _make_folder(folder: Path) -> None:
    """A folder that cannot be written is told before the hours, not after the first of them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ModelError(
            f"The folder {folder} cannot be written ({error.strerror}).", "Give another --out."
        ) from error


def _settings(options: argparse.Namespace, config: NetworkConfig) -> TrainingSettings:
    settings = settings_for(config)
    if options.epochs:
        settings = dataclasses.replace(settings, epochs=settings.epochs.scaled_to(options.epochs))
    if options.batch_size:
        settings = dataclasses.replace(settings, batch_size=options.batch_size)
    if options.learning_rate:
        settings = dataclasses.replace(settings, learning_rate=options.learning_rate)
    return settings


def _resume(run: Run) -> None:
    if not run.checkpoint_file.exists():
        return
    saved = load_checkpoint(run.checkpoint_file)
    if saved.fingerprint != run.fingerprint:
        raise ModelError(
            "The checkpoint belongs to a training with other settings or other data.",
            "Give another --out folder, or leave --resume out to start anew.",
        )
    run.position = saved.position
    state = {k.removeprefix("net."): v for k, v in saved.tensors.items() if k.startswith("net.")}
    run.net.load_state_dict(state)


def _say_started(run: Run) -> None:
    epochs = run.settings.epochs
    run.reporter.say(
        "started",
        preset=run.config.preset,
        device=str(run.device),
        parameters=count_parameters(run.net),
        chromosomes=len(run.samples),
        validation=len(run.validation),
        steps=["G-Net", "localisation", "L-Net", "weak localisation", "Varifocal-Net"],
        epochs={
            "G-Net": epochs.g_net,
            "localisation": epochs.localisation,
            "L-Net": epochs.l_net * epochs.alternations,
            "weak localisation": epochs.weak_localisation * epochs.alternations,
            "Varifocal-Net": epochs.fused,
        },
        resumed_history=run.position.history,
    )


def count_parameters(net: torch.nn.Module) -> int:
    """Number of learnt values."""
    return sum(p.numel() for p in net.parameters())


def _card(
    run: Run,
    archive: Archive,
    cells: tuple[LabelledCell, ...],
    options: argparse.Namespace,
    held_out: int | None,
) -> dict[str, Any]:
    last = run.position.history[-1] if run.position.history else {}
    now = datetime.datetime.now(datetime.UTC)
    data = hashlib.sha256("\n".join(c.name for c in archive.cells).encode()).hexdigest()[:12]
    return {
        "name": options.name or run.config.preset,
        "version": now.strftime("%Y.%m.%d"),
        "preset": run.config.preset,
        "created": now.isoformat(timespec="seconds"),
        "data": f"{options.data.name}: {len(cells)} cells, {len(run.samples)} chromosomes",
        "data_fingerprint": data,
        "split": (
            "all cases" if held_out is None
            else f"by case, fold {held_out} of {FOLDS} held out "
            f"({len(archive.cells) - len(cells)} cells)"
        ),
        "metrics": {k: v for k, v in last.items() if k.startswith("val_") and v is not None},
        "parameters": count_parameters(run.net),
        "classes": list(TYPES),
        "config": run.config.to_json(),
        "settings": run.settings.to_json(),
        "history": run.position.history,
    }  # fmt: skip
