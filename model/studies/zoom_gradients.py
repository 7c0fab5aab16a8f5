"""Which gradient of the zoom helps the localisation more: II-A.5 or true sampling.

`python -m model.studies.zoom_gradients --data ARCHIVE --checkpoint FILE`: from one checkpoint
of a training, the localisation subnet alone learns for some batches with either gradient, all
else frozen; printed are the L-Net's loss and accuracy on held-out chromosomes before and after.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import torch

from model.data.cells import read_archive
from model.data.dataset import Sample, plain_batches, samples_of, training_batches
from model.data.splits import split
from model.network.varifocal import VarifocalNet
from model.training.checkpoint import load_checkpoint
from model.training.losses import multi_task_loss
from model.vocabulary.errors import refusing_in_words
from model.vocabulary.presets import COMPACT, NetworkConfig, ZoomGradient
from model.vocabulary.training import COMPACT_SETTINGS

Start = Literal["pre-trained", "displaced"]
CPU = torch.device("cpu")


@refusing_in_words
def main(argv: list[str]) -> int:
    """Print one line for each gradient and start; exit status 0."""
    parser = argparse.ArgumentParser("zoom_gradients", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--batches", type=int, default=60)
    parser.add_argument("--held-out", type=int, default=1000, help="chromosomes to measure on")
    options = parser.parse_args(argv)
    saved = load_checkpoint(options.checkpoint)
    state = {k.removeprefix("net."): v for k, v in saved.tensors.items() if k.startswith("net.")}
    learn, apart = split(read_archive(options.data).cells, 0)
    samples = samples_of(learn, COMPACT)
    held_out = samples_of(apart, COMPACT)
    held_out = held_out[:: max(1, len(held_out) // options.held_out)]
    for start in get_args(Start):
        for gradient in get_args(ZoomGradient):
            config = dataclasses.replace(COMPACT, zoom_gradient=gradient)
            net = VarifocalNet(config)
            net.load_state_dict(state)
            if start == "displaced":
                torch.nn.init.zeros_(net.localisation.box.weight)
                net.localisation.box.bias.data = torch.tensor([1.0, -1.0, 1.0])
            before = measure(net, held_out, config)
            teach_localisation(net, samples, config, options.batches)
            after = measure(net, held_out, config)
            sys.stdout.write(f"{start:12} {gradient:8} loss {before[0]:.4f} → {after[0]:.4f}, ")
            sys.stdout.write(f"type {before[1]:.2%} → {after[1]:.2%}\n")
            sys.stdout.flush()
    return 0


def teach_localisation(
    net: VarifocalNet, samples: Sequence[Sample], config: NetworkConfig, batches: int
) -> None:
    """The weakly supervised half of step 4 for a number of batches; nothing else learns."""
    net.eval().requires_grad_(requires_grad=False)
    net.localisation.train().requires_grad_()
    optimiser = torch.optim.AdamW(net.localisation.parameters(), 1e-3)
    epoch = training_batches(samples, config, COMPACT_SETTINGS.augmentation, 64, (0,))
    for _, batch in zip(range(batches), epoch, strict=False):
        images = batch.images(config, CPU)
        logits = net.local_logits(images, net.boxes(net.g_net(images)))
        loss = multi_task_loss(logits, batch.types, batch.polarities)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


@torch.inference_mode()
def measure(
    net: VarifocalNet, samples: Sequence[Sample], config: NetworkConfig
) -> tuple[float, float]:
    """Mean multi-task loss of the L-Net and its share of right types."""
    net.eval()
    losses, right = [], 0
    for batch in plain_batches(samples, config, 64):
        images = batch.images(config, CPU)
        logits = net.local_logits(images, net.boxes(net.g_net(images)))
        loss = multi_task_loss(logits, batch.types, batch.polarities)
        losses.append(float(loss) * len(batch.types))
        right += int((logits[0].argmax(1) == batch.types).sum())
    return sum(losses) / len(samples), right / len(samples)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
