"""The four-step training strategy (II-C) and stage 2 (II-B), in the paper's order."""

from __future__ import annotations

import torch
from torch import Tensor

from model.config import NetworkConfig
from model.data.dataset import Batch
from model.inference.preprocessing import extents
from model.network.localisation import target_u
from model.network.varifocal import VarifocalNet
from model.network.zoom import zoom
from model.training.loop import Logits, Phase, Run, train_phase
from model.training.losses import localisation_loss, multi_task_loss

AUXILIARY: float = 0.3
"""Weight of the single-scale losses while stage 2 tunes the whole network."""


def step_1_initialise(config: NetworkConfig, seed: int, device: torch.device) -> VarifocalNet:
    """Initialise the CNNs by He's method (II-C, first step)."""
    torch.manual_seed(seed)
    return VarifocalNet(config).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def step_2_g_net(run: Run) -> Phase:
    """CNNs and classification subnet of the G-Net, by eq. (3)."""
    net = run.net

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        logits = net.g_classes(net.g_net(images))
        return _classification(logits, batch, images.device), logits

    return Phase("G-Net", run.settings.epochs.g_net, (net.g_net, net.g_classes), loss)


def step_3_localisation(run: Run) -> Phase:
    """Pre-train the localisation subnet towards the chromosome's box, once, by eq. (8)."""
    net = run.net

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, None]:
        with torch.no_grad():
            features = net.g_net(images)
        target = target_u(extents(batch.canvases).to(images.device), run.config)
        return localisation_loss(net.localisation(features), target), None

    return Phase("localisation", run.settings.epochs.localisation, (net.localisation,), loss)


def step_4_l_net(run: Run) -> Phase:
    """The L-Net on the zoomed parts, the localisation subnet fixed, by eq. (3)."""
    net = run.net

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        with torch.no_grad():
            boxes = net.boxes(net.g_net(images))
        logits = net.local_logits(images, boxes)
        return _classification(logits, batch, images.device), logits

    return Phase("L-Net", run.settings.epochs.l_net, (net.l_net, net.l_classes), loss)


def step_4_weak_localisation(run: Run) -> Phase:
    """The localisation subnet alone, the L-Net fixed, by the L-Net's own loss."""
    net = run.net

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        with torch.no_grad():
            features = net.g_net(images)
        logits = net.local_logits(images, net.boxes(features))
        return _classification(logits, batch, images.device), logits

    epochs = run.settings.epochs.weak_localisation
    return Phase("weak localisation", epochs, (net.localisation,), loss)


def stage_2_fused(run: Run) -> Phase:
    """The MLP classifiers on the fused features (II-B); as printed, or tuning everything."""
    net, everything = run.net, run.settings.fused_trains_all

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        sizes = batch.sizes.to(images.device)
        if not everything:
            with torch.no_grad():
                g_features = net.g_net(images)
                l_features = net.l_net(zoom(images, net.boxes(g_features), run.config))
            fused = net.fused(g_features, l_features, sizes)
            return _classification(fused, batch, images.device), fused
        g_features = net.g_net(images)
        l_features = net.l_net(zoom(images, net.boxes(g_features), run.config))
        fused = net.fused(g_features, l_features, sizes)
        single = (net.g_classes(g_features), net.l_classes(l_features))
        total = _classification(fused, batch, images.device)
        for logits in single:
            total = total + AUXILIARY * _classification(logits, batch, images.device)
        return total, fused

    trained = (net,) if everything else (net.fused,)
    return Phase("Varifocal-Net", run.settings.epochs.fused, trained, loss, averaged=True)


def train_all(run: Run) -> None:
    """Step 2, step 3, step 4 as often as the settings say, stage 2."""
    alternating = (step_4_l_net, step_4_weak_localisation) * run.settings.epochs.alternations
    plan = (step_2_g_net, step_3_localisation, *alternating, stage_2_fused)
    for index, step in enumerate(plan):
        train_phase(run, index, step(run))


def _classification(logits: Logits, batch: Batch, device: torch.device) -> Tensor:
    return multi_task_loss(logits, batch.types.to(device), batch.polarities.to(device))
