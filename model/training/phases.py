"""The phases of every network: the paper's steps, and what the comparison's networks have of them.

The Varifocal-Net (Simple) has no localisation to train, a single-scale network has one phase. Each
sees as many pictures as the Varifocal-Net does.
"""

from __future__ import annotations

from torch import Tensor

from model.data.dataset import Batch
from model.network.comparison import VarifocalSimple, classifier
from model.network.varifocal import VarifocalNet
from model.training.loop import Logits, Phase, Run, train_phase
from model.training.steps import (
    classification,
    in_order,
    stage_2_fused,
    step_2_g_net,
    step_4_l_net,
)


def phases(run: Run) -> tuple[Phase, ...]:
    """What the run's network has to learn, in order."""
    if isinstance(run.net, VarifocalNet):
        return in_order(run, run.net)
    if isinstance(run.net, VarifocalSimple):
        return _without_localisation(run, run.net)
    return (_single_phase(run),)


def train_all(run: Run) -> None:
    """All phases of the network, one after the other."""
    for index, phase in enumerate(phases(run)):
        train_phase(run, index, phase)


def _without_localisation(run: Run, net: VarifocalSimple) -> tuple[Phase, ...]:
    """The pictures that the localisation would have seen go to the classifiers."""
    epochs = run.settings.epochs
    l_net = (step_4_l_net(run, net),) * epochs.alternations
    left = epochs.total - epochs.g_net - epochs.l_net * epochs.alternations
    return step_2_g_net(run, net), *l_net, stage_2_fused(run, net, left)


def _single_phase(run: Run) -> Phase:
    """All of a single-scale network at once, by eq. (3)."""
    net = run.net

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        sizes = batch.sizes.to(images.device)
        output = net(images, sizes)
        logits = output.type, output.polarity
        return run.taught(classification(logits, batch), logits, images, sizes), logits

    name = classifier(run.config.classifier).label
    return Phase(name, run.settings.epochs.total, (net,), loss, averaged=True)
