"""The four-step training strategy (II-C) and stage 2 (II-B), in the paper's order.

The networks of the comparison have fewer steps: the Varifocal-Net (Simple) has no localisation to
train, a single-scale network has one phase. Each sees as many pictures as the Varifocal-Net does.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model.data.dataset import Batch
from model.inference.preprocessing import extents
from model.network.comparison import VarifocalSimple, build_network, classifier
from model.network.localisation import target_u
from model.network.varifocal import Classifier, VarifocalNet
from model.network.zoom import zoom
from model.training.loop import Logits, Phase, Run, train_phase
from model.training.losses import localisation_loss, multi_task_loss
from model.vocabulary.presets import NetworkConfig

AUXILIARY: float = 0.3
"""Weight of the single-scale losses while stage 2 tunes the whole network."""

TwoScales = VarifocalNet | VarifocalSimple


def step_1_initialise(config: NetworkConfig, seed: int, device: torch.device) -> Classifier:
    """Initialise the CNNs by He's method (II-C, first step)."""
    torch.manual_seed(seed)
    return build_network(config).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def step_2_g_net(run: Run, net: TwoScales) -> Phase:
    """CNNs and classification subnet of the G-Net, by eq. (3)."""

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        logits = net.g_classes(net.g_net(images))
        return _classification(logits, batch, images.device), logits

    return Phase("G-Net", run.settings.epochs.g_net, (net.g_net, net.g_classes), loss)


def step_3_localisation(run: Run, net: VarifocalNet) -> Phase:
    """Pre-train the localisation subnet towards the chromosome's box, once, by eq. (8)."""

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, None]:
        with torch.no_grad():
            features = net.g_net(images)
        target = target_u(extents(batch.canvases).to(images.device), run.config)
        return localisation_loss(net.localisation(features), target), None

    return Phase("localisation", run.settings.epochs.localisation, (net.localisation,), loss)


def step_4_l_net(run: Run, net: TwoScales) -> Phase:
    """The L-Net on the zoomed parts, the localisation subnet fixed, by eq. (3)."""

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        with torch.no_grad():
            local = _local(net, images)
        logits = net.l_classes(net.l_net(local))
        return _classification(logits, batch, images.device), logits

    return Phase("L-Net", run.settings.epochs.l_net, (net.l_net, net.l_classes), loss)


def step_4_weak_localisation(run: Run, net: VarifocalNet) -> Phase:
    """The localisation subnet alone, the L-Net fixed, by the L-Net's own loss."""

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        with torch.no_grad():
            features = net.g_net(images)
        logits = net.local_logits(images, net.boxes(features))
        return _classification(logits, batch, images.device), logits

    epochs = run.settings.epochs.weak_localisation
    return Phase("weak localisation", epochs, (net.localisation,), loss)


def stage_2_fused(run: Run, net: TwoScales) -> Phase:
    """The MLP classifiers on the fused features (II-B); as printed, or tuning everything."""
    epochs, everything = run.settings.epochs.fused, run.settings.fused_trains_all

    def features(images: Tensor) -> tuple[Tensor, Tensor]:
        g_features = net.g_net(images)
        return g_features, net.l_net(_local(net, images, g_features))

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        sizes = batch.sizes.to(images.device)
        if not everything:
            with torch.no_grad():
                g_features, l_features = features(images)
            fused = net.fused(g_features, l_features, sizes)
            hard = _classification(fused, batch, images.device)
            return _taught(run, hard, fused, images, sizes), fused
        g_features, l_features = features(images)
        fused = net.fused(g_features, l_features, sizes)
        single = (net.g_classes(g_features), net.l_classes(l_features))
        total = _taught(run, _classification(fused, batch, images.device), fused, images, sizes)
        for logits in single:
            total = total + AUXILIARY * _classification(logits, batch, images.device)
        return total, fused

    if isinstance(net, VarifocalSimple):  # the localisation's pictures go to the classifiers
        epochs = run.settings.epochs.total - run.settings.epochs.g_net - _l_net_epochs(run)
    trained = (net,) if everything else (net.fused,)
    return Phase(_label(run), epochs, trained, loss, averaged=True)


def single_phase(run: Run) -> Phase:
    """All of a single-scale network at once, by eq. (3)."""
    net = run.net

    def loss(images: Tensor, batch: Batch) -> tuple[Tensor, Logits]:
        sizes = batch.sizes.to(images.device)
        output = net(images, sizes)
        logits = output.type, output.polarity
        hard = _classification(logits, batch, images.device)
        return _taught(run, hard, logits, images, sizes), logits

    return Phase(_label(run), run.settings.epochs.total, (net,), loss, averaged=True)


def phases(run: Run) -> tuple[Phase, ...]:
    """Step 2, step 3, step 4 as often as the settings say, stage 2; or what the network has."""
    net, times = run.net, run.settings.epochs.alternations
    if isinstance(net, VarifocalNet):
        alternating = (step_4_l_net(run, net), step_4_weak_localisation(run, net)) * times
        before = (step_2_g_net(run, net), step_3_localisation(run, net))
        return *before, *alternating, stage_2_fused(run, net)
    if isinstance(net, VarifocalSimple):
        return (
            step_2_g_net(run, net), *(step_4_l_net(run, net),) * times, stage_2_fused(run, net),
        )  # fmt: skip
    return (single_phase(run),)


def train_all(run: Run) -> None:
    """All phases of the network, one after the other."""
    for index, phase in enumerate(phases(run)):
        train_phase(run, index, phase)


def _local(net: TwoScales, images: Tensor, g_features: Tensor | None = None) -> Tensor:
    """What the L-Net sees: the part that the localisation found, or the whole chromosome."""
    if isinstance(net, VarifocalSimple):
        local: Tensor = net.to_chromosome(images)[0]
        return local
    boxes = net.boxes(net.g_net(images) if g_features is None else g_features)
    return zoom(images, boxes, net.config)


def _l_net_epochs(run: Run) -> int:
    return run.settings.epochs.l_net * run.settings.epochs.alternations


def _label(run: Run) -> str:
    return classifier(run.config.classifier).label


def _taught(run: Run, hard: Tensor, logits: Logits, images: Tensor, sizes: Tensor) -> Tensor:
    """The labels' loss, with the teachers' while learning; a validation is by the labels alone."""
    if run.teachers is None or not torch.is_grad_enabled():
        return hard
    return run.teachers.loss(hard, logits, images, sizes)


def _classification(logits: Logits, batch: Batch, device: torch.device) -> Tensor:
    return multi_task_loss(logits, batch.types.to(device), batch.polarities.to(device))
