"""The four-step training strategy (II-C) and stage 2 (II-B), in the paper's order.

Step 1 initialises; steps 2 and 3 train the G-Net and pre-train the localisation subnet, once;
step 4 trains the L-Net and the localisation subnet in turn; stage 2 trains the MLPs on the fused
features. What is frozen is either not among a phase's trained modules or runs without gradients.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model.data.dataset import Batch
from model.network.comparison import VarifocalSimple, build_network, classifier
from model.network.varifocal import Classifier, VarifocalNet, target_u
from model.preprocessing import extents
from model.training.loop import Logits, Phase, Run
from model.training.losses import localisation_loss, multi_task_loss
from model.vocabulary.presets import NetworkConfig

AUXILIARY: float = 0.3
"""Weight of the single-scale losses while stage 2 tunes the whole network."""

TwoScales = VarifocalNet | VarifocalSimple
"""Networks that the steps of both scales fit."""


def step_1_initialise(config: NetworkConfig, seed: int, device: torch.device) -> Classifier:
    """Initialise the CNNs by He's method (II-C, first step)."""
    torch.manual_seed(seed)
    return build_network(config).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def step_2_g_net(run: Run, net: TwoScales) -> Phase:
    """CNNs and classification subnet of the G-Net, by eq. (3)."""

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        logits = net.g_classes(net.g_net(images))  # (N, 24), (N, 2)
        return classification(logits, batch), logits

    return Phase("G-Net", run.settings.epochs.g_net, (net.g_net, net.g_classes), loss)


def step_3_localisation(run: Run, net: VarifocalNet) -> Phase:
    """Pre-train the localisation subnet towards the chromosome's box, once, by eq. (8)."""

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, None]:
        with torch.no_grad():
            features = net.g_net(images)
        target = target_u(extents(batch.canvases).to(images.device), run.config)  # (N, 3)
        return localisation_loss(net.localisation(features), target), None

    return Phase("localisation", run.settings.epochs.localisation, (net.localisation,), loss)


def step_4_l_net(run: Run, net: TwoScales) -> Phase:
    """The L-Net on the zoomed parts, the localisation subnet fixed, by eq. (3)."""

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        with torch.no_grad():
            local = net.local(images)  # (N, 1, h, w)
        logits = net.l_classes(net.l_net(local))
        return classification(logits, batch), logits

    return Phase("L-Net", run.settings.epochs.l_net, (net.l_net, net.l_classes), loss)


def step_4_weak_localisation(run: Run, net: VarifocalNet) -> Phase:
    """The localisation subnet alone, the L-Net fixed, by the L-Net's own loss.

    The loss reaches the boxes through the zoom's gradient (II-A.5).
    """

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        with torch.no_grad():
            features = net.g_net(images)
        logits = net.local_logits(images, net.boxes(features))
        return classification(logits, batch), logits

    epochs = run.settings.epochs.weak_localisation
    return Phase("weak localisation", epochs, (net.localisation,), loss)


def stage_2_fused(run: Run, net: TwoScales, epochs: int) -> Phase:
    """The MLP classifiers on the fused features (II-B).

    As printed, they alone learn; with `fused_trains_all` everything does, each scale with a part
    of the loss of its own.
    """
    everything = run.settings.fused_trains_all

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        with torch.set_grad_enabled(everything and torch.is_grad_enabled()):
            g_features = net.g_net(images)
            l_features = net.l_net(net.local(images, g_features))
        sizes = batch.sizes.to(images.device)
        fused = net.fused(g_features, l_features, sizes)
        total = run.taught(classification(fused, batch), fused, images, sizes)
        if everything:
            for logits in (net.g_classes(g_features), net.l_classes(l_features)):
                total = total + AUXILIARY * classification(logits, batch)
        return total, fused

    trained = (net,) if everything else (net.fused,)
    name = classifier(run.config.classifier).label
    return Phase(name, epochs, trained, loss, averaged=True)


def in_order(run: Run, net: VarifocalNet) -> tuple[Phase, ...]:
    """Step 2, step 3, step 4 as often as the settings say, stage 2."""
    alternating = (step_4_l_net(run, net), step_4_weak_localisation(run, net))
    return (
        step_2_g_net(run, net),
        step_3_localisation(run, net),
        *alternating * run.settings.epochs.alternations,
        stage_2_fused(run, net, run.settings.epochs.fused),
    )


def classification(logits: Logits, batch: Batch) -> Tensor:
    """Eq. (3) on a batch."""
    device = logits[0].device
    return multi_task_loss(logits, batch.types.to(device), batch.polarities.to(device))
