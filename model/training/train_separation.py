"""Training of the separation network: `main.py train-separation`.

Real metaphases with boxes, onto which chromosomes of known outline are laid; composed metaphases
of cut-outs on empty slides; pictures with drawn outlines. Goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from model.data.cells import read_archive
from model.data.metaphases import MetaphaseArchive, OutlineArchive
from model.data.separation_data import (
    empty_scene,
    outline_scenes,
    pieces_of,
    pieces_of_cell,
    scenes_of,
)
from model.data.separation_samples import SIDE, Piece, Sample, Scene, compose
from model.device import choose
from model.segmentation.network import (
    DECODER_WIDTHS,
    LITE0,
    PLAIN,
    SeparationConfig,
    SeparationNet,
)
from model.segmentation.weights import KIND, load_separation
from model.training.checkpoint import (
    Checkpoint,
    Position,
    fingerprint,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
    write_weights,
)
from model.training.imagenet import begin_from_imagenet
from model.training.separation_losses import losses, targets
from model.vocabulary.archive import FOLDS, fold_of
from model.vocabulary.errors import ModelError, refusing_in_words
from model.vocabulary.labels import TYPES

Say = Callable[[dict[str, Any]], None]

BATCH: int = 4
DECAY: float = 0.998
"""Of the running mean of the weights that is kept in the end."""
WARM_UP: int = 200
ENCODER_SHARE: float = 0.5
"""Of the learning rate for an encoder that has learned elsewhere."""
WEIGHT_DECAY: float = 0.02
OUTLINED: float = 0.06
"""Share of examples from pictures with drawn outlines."""
COMPOSED: float = 0.12
"""Share of examples composed of cut-outs on an empty slide."""
MOST_LAID: int = 9
"""Chromosomes laid over a real picture, at most."""
SAVE_EVERY: float = 240.0
"""Seconds between checkpoints."""


@dataclass(frozen=True, eq=False)
class Material:
    """Scenes and pieces to make examples from; a kind may be empty."""

    scenes: list[Scene]
    pieces: list[Piece]
    outlined: list[Scene]
    cells: list[list[Piece]]

    def example(self, rng: np.random.Generator, width: float) -> Sample:
        """One example by the shares above."""
        kind = rng.random()
        if self.outlined and kind < OUTLINED:
            scene = self.outlined[rng.integers(len(self.outlined))]
            loose = [p for p in scene.known if rng.random() < 0.1]
            return compose(scene, loose, rng, width)
        if self.cells and kind < OUTLINED + COMPOSED:
            cell = self.cells[rng.integers(len(self.cells))]
            laid = [p for p in cell if rng.random() < rng.uniform(0.4, 1.0)]
            return compose(empty_scene(rng, width, SIDE), laid, rng, width)
        scene = self.scenes[rng.integers(len(self.scenes))]
        count = 0 if rng.random() < 0.3 or not self.pieces else int(rng.integers(1, MOST_LAID + 1))
        laid = [self.pieces[rng.integers(len(self.pieces))] for _ in range(count)]
        if self.cells and count and rng.random() < 0.3:
            cell = self.cells[rng.integers(len(self.cells))]
            laid[:2] = [cell[rng.integers(len(cell))] for _ in range(2)]
        return compose(scene, laid, rng, width)


@refusing_in_words
def main(arguments: Sequence[str] | None = None) -> int:
    """Train as the command line says; prints one JSON object a line."""
    options = _parser().parse_args(arguments)
    say = _teller(options.out)
    device = choose(options.device)
    start = load_separation(options.start_from).net if options.start_from else None
    config = start.config if start else _config(options.encoder)
    material = _material(options, say)
    run = _Run(config, device, options, say)
    run.resume(say)
    started = time.monotonic()
    for batch in _batches(material, config, run.step, options.steps, options.seed):
        parts = run.train(batch)
        if run.step % 50 == 0:
            say({"step": run.step, "seconds": round(time.monotonic() - started, 1), **parts})
        if run.step == options.steps or run.is_due():
            run.save(_card(options, material, run))
    say({"event": "done", "step": run.step})
    return 0


def _config(encoder: str) -> SeparationConfig:
    if encoder == LITE0:
        return SeparationConfig(DECODER_WIDTHS, encoder=LITE0, types=len(TYPES))
    return SeparationConfig()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("main.py train-separation", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, action="append", help="archive with boxes, or several"
    )
    parser.add_argument("--cells", type=Path, help="archive of cut-outs")
    parser.add_argument("--outlines", type=Path, help="archive with drawn outlines")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--hold-out", type=int, choices=range(FOLDS), help="fold to leave out")
    parser.add_argument("--steps", type=int, default=6000, help=f"of {BATCH} examples")
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument(
        "--encoder", choices=(PLAIN, LITE0), default=PLAIN,
        help="this program's own, or EfficientNet-Lite0, which predicts types as well "
        "(where a training starts from weights, theirs)",
    )  # fmt: skip
    parser.add_argument("--start-from", type=Path, help="weights to continue from")
    parser.add_argument("--limit", type=int, help="pictures to read at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    return parser


def _teller(out: Path) -> Say:
    out.mkdir(parents=True, exist_ok=True)

    def say(event: dict[str, Any]) -> None:
        line = json.dumps(event)
        print(line, flush=True)  # noqa: T201 - the events are this program's output
        with (out / "events.jsonl").open("a") as file:
            file.write(line + "\n")

    return say


def _material(options: argparse.Namespace, say: Say) -> Material:
    def notice(text: str) -> None:
        say({"notice": text})

    held = options.hold_out
    scenes: list[Scene] = []
    for path in options.data:
        archive = MetaphaseArchive(path)
        names = archive.split(held)[0]
        scenes += scenes_of(archive, names[: options.limit], notice)
    if not scenes:
        raise ModelError("No picture is left to train on.", "Give an archive with more cases.")
    pieces = [piece for scene in scenes for piece in pieces_of(scene)]
    outlined = outline_scenes(OutlineArchive(options.outlines), held) if options.outlines else []
    cells = []
    if options.cells:
        kept = (c for c in read_archive(options.cells).cells if fold_of(c.case) != held)
        cells = [pieces_of_cell(cell) for cell in kept]
    say({"scenes": len(scenes), "pieces": len(pieces), "outlined": len(outlined),
         "cells": len(cells)})  # fmt: skip
    return Material(scenes, pieces, outlined, cells)


def _batches(
    material: Material, config: SeparationConfig, first: int, last: int, seed: int
) -> Iterator[list[Sample]]:
    """Batches first … last − 1, made two ahead; the same ones whenever the run was broken off."""

    def batch(step: int) -> list[Sample]:
        rng = np.random.default_rng((seed, step))
        return [material.example(rng, config.chromosome_width) for _ in range(BATCH)]

    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(batch, s) for s in range(first, min(first + 2, last))]
        for step in range(first, last):
            ready = waiting.pop(0)
            if step + 2 < last:
                waiting.append(pool.submit(batch, step + 2))
            yield ready.result()


class _Run:
    """The network, its mean, the optimiser, and where they are kept."""

    def __init__(
        self, config: SeparationConfig, device: torch.device, options: argparse.Namespace, say: Say
    ) -> None:
        torch.manual_seed(options.seed)
        self.device = device
        self.options = options
        self.net = SeparationNet(config).to(device)
        if config.encoder == LITE0 and not options.start_from:
            begin_from_imagenet(self.net, lambda text: say({"notice": text}))
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if options.start_from:
            self.net.load_state_dict(load_separation(options.start_from).net.state_dict())
        self.mean = torch.optim.swa_utils.AveragedModel(
            self.net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(DECAY),
            use_buffers=True,
        )  # fmt: skip
        learned = [p for n, p in self.net.named_parameters() if n.startswith("encoder.")]
        fresh = [p for n, p in self.net.named_parameters() if not n.startswith("encoder.")]
        groups = [{"params": fresh, "share": 1.0}, {"params": learned, "share": ENCODER_SHARE}]
        self.optimiser = torch.optim.AdamW(
            [g for g in groups if g["params"]], options.learning_rate, weight_decay=WEIGHT_DECAY
        )
        self.step = 0
        self._checkpoint = options.out / "checkpoint.safetensors"
        self._mark = fingerprint(
            config.to_json(), options.learning_rate, options.seed, options.hold_out,
            [d.name for d in options.data], str(options.start_from),
        )  # fmt: skip
        self.saved = time.monotonic()

    def _rate(self) -> float:
        """Linear warm-up, then half a cosine."""
        highest = float(self.options.learning_rate)
        if self.step < WARM_UP:
            return highest * (self.step + 1) / WARM_UP
        share = (self.step - WARM_UP) / max(1, self.options.steps - WARM_UP)
        return highest * (0.5 + 0.5 * float(np.cos(np.pi * min(1.0, share))))

    def train(self, batch: list[Sample]) -> dict[str, float]:
        """One step; the parts of the loss."""
        images, target = _tensors(batch)
        self.net.train()
        images = images.to(self.device, memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            out = self.net(images)
        parts = losses(self.net.answer(out), target)
        total = parts.total
        if not torch.isfinite(total):
            raise ModelError("The loss is not a number.", "Train with a lower learning rate.")
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate() * group["share"]
        self.optimiser.step()
        self.mean.update_parameters(self.net)
        self.step += 1
        return {k: round(float(v.detach()), 4) for k, v in vars(parts).items()}

    def is_due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return time.monotonic() - self.saved > SAVE_EVERY

    def save(self, card: dict[str, Any]) -> None:
        """Checkpoint and mean weights, written beside and renamed."""
        position = Position(batch=self.step)
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        tensors |= {f"mean.{k}": v for k, v in self.mean.module.state_dict().items()}
        tensors |= optimiser_tensors(self.optimiser)
        save_checkpoint(self._checkpoint, Checkpoint(position, self._mark, tensors))
        mean = self.mean.module.state_dict()
        half = {k: v.half() if v.is_floating_point() else v for k, v in mean.items()}
        write_weights(self.options.out / f"{KIND}.safetensors", half, card)
        self.saved = time.monotonic()

    def resume(self, say: Say) -> None:
        """Go on from the checkpoint in the output folder, if there is one of this training."""
        if not self._checkpoint.exists():
            return
        saved = load_checkpoint(self._checkpoint)
        if saved.fingerprint != self._mark:
            raise ModelError(
                "The checkpoint belongs to a training with other settings or other data.",
                "Give another --out folder.",
            )
        for start, module in (("net.", self.net), ("mean.", self.mean.module)):
            module.load_state_dict(
                {k[len(start) :]: v for k, v in saved.tensors.items() if k.startswith(start)}
            )
        restore_optimiser(self.optimiser, saved.tensors)
        self.step = saved.position.batch
        self.mean.n_averaged.fill_(self.step)
        say({"event": "resumed", "step": self.step})


def _tensors(batch: list[Sample]) -> tuple[Tensor, Any]:
    images = torch.from_numpy(np.stack([s.depth for s in batch])).unsqueeze(1)
    rows = torch.from_numpy(np.stack([s.candidates for s in batch]))
    types = [torch.from_numpy(s.types) for s in batch]
    maps = tuple(
        torch.from_numpy(np.stack([getattr(s, name) for s in batch]))
        for name in ("chromosome", "overlap", "touch")
    )
    boxes = [torch.from_numpy(s.boxes) for s in batch]
    return images, targets(boxes, rows, (maps[0], maps[1], maps[2]), types)


def _card(options: argparse.Namespace, material: Material, run: _Run) -> dict[str, Any]:
    named = [p.name for p in (*options.data, options.cells, options.outlines) if p]
    return {
        "name": KIND,
        "kind": KIND,
        "version": datetime.now(UTC).strftime("%Y.%m.%d"),
        "config": run.net.config.to_json(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": named,
        "split": "all cases" if options.hold_out is None else f"fold {options.hold_out} held out",
        "pictures": len(material.scenes),
        "pieces": len(material.pieces),
        "steps": run.step,
        "classes": list(TYPES) if run.net.config.types else [],
        "held_out_fold": options.hold_out,
        "of_steps": options.steps,
        "batch": BATCH,
    }
