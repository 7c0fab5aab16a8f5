"""The Varifocal-Net stage by stage: what G-Net and L-Net say alone (table IV), and features."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.evaluation.cells.collect import IntArray, Observed
from model.inference.runtimes.base import BATCH
from model.inference.views import VIEWS
from model.network.varifocal import VarifocalNet
from model.network.zoom import zoom
from model.preprocessing import normalise, place, relative_sizes
from model.vocabulary.labels import TYPES
from model.vocabulary.results import FloatArray
from model.weights import LoadedModel

STAGES: tuple[str, ...] = ("G-Net", "L-Net")
"""Networks of the first stage, in the order of table IV."""
WHOLE: str = "Varifocal-Net"
FEATURES: tuple[str, ...] = ("global", "local", "concatenated")
"""What fig. 9 embeds."""


@dataclass(frozen=True, eq=False)
class Stages:
    """What the stages say about the n chromosomes of one cell, the mean over the views.

    `type` (n, 24) and `polarity` (n, 2; of the picture as shown) by the names of `STAGES`,
    uncalibrated and flat where no chromosome was found; `seconds` of the network alone up to the
    end of each stage, the whole under `WHOLE`; `features` (m, d) by the names of `FEATURES`,
    of the first view, of the wanted chromosomes that were found: `kept` (m,).
    """

    type: Mapping[str, FloatArray]
    polarity: Mapping[str, FloatArray]
    seconds: Mapping[str, float]
    features: Mapping[str, FloatArray]
    kept: IntArray


class StagedNet:
    """Looks at the cut-outs of an observed cell again, each stage by itself."""

    def __init__(self, net: VarifocalNet, device: torch.device, views: int) -> None:
        self._net = net
        self._device = device
        self._views = VIEWS[:views]

    @classmethod
    def of(cls, model: LoadedModel, device: torch.device, views: int) -> StagedNet | None:
        """None for a network without these stages."""
        return cls(model.net, device, views) if isinstance(model.net, VarifocalNet) else None

    @torch.inference_mode()
    def look(self, observed: Observed, wanted: IntArray) -> Stages:
        """One cell; `wanted` are the chromosomes (indices) whose features are kept."""
        seen = np.flatnonzero(observed.seen)
        cut_outs = [observed.result.objects[i].cut_out for i in seen]
        turned = np.array([abs(c.angle) > 90 for c in cut_outs], dtype=np.bool_)
        types = {s: np.full((len(observed.seen), len(TYPES)), 1 / len(TYPES)) for s in STAGES}
        polarities = {s: np.full((len(observed.seen), 2), 0.5) for s in STAGES}
        seconds = dict.fromkeys((*STAGES, WHOLE), 0.0)
        features: dict[str, list[FloatArray]] = {name: [] for name in FEATURES}
        config, scale = self._net.config, observed.result.scale.size
        sizes = relative_sizes(cut_outs, scale).to(self._device) if cut_outs else None
        for start in range(0, len(cut_outs), BATCH):
            part = slice(start, start + BATCH)
            canvases = np.stack([place(c.crop, scale, config) for c in cut_outs[part]])
            image = normalise(torch.from_numpy(canvases).to(self._device), config)
            assert sizes is not None
            found, maps = self._batch(image, sizes[part], seconds)
            for stage, (type_, polarity) in found.items():
                types[stage][seen[part]] = type_
                flip = turned[part, None]
                polarities[stage][seen[part]] = np.where(flip, polarity[:, ::-1], polarity)
            kept = np.isin(seen[part], wanted)
            for name, values in self._pooled(maps).items():
                features[name].append(values[kept])
        joined = {name: np.concatenate(parts) for name, parts in features.items() if parts}
        return Stages(types, polarities, seconds, joined, seen[np.isin(seen, wanted)])

    def _batch(
        self, image: Tensor, sizes: Tensor, seconds: dict[str, float]
    ) -> tuple[dict[str, tuple[FloatArray, FloatArray]], tuple[Tensor, Tensor]]:
        """Mean probabilities of each stage over the views; feature maps of the first view."""
        net, sums, first = self._net, dict[str, tuple[Tensor, Tensor]](), None
        for axes, swaps in self._views:
            view = image.flip(axes) if axes else image
            view = view.contiguous(memory_format=torch.channels_last)
            began = self._clock()
            global_ = net.g_net(view)
            outputs = {"G-Net": net.g_classes(global_)}
            seconds["G-Net"] += self._clock() - began
            local = net.l_net(zoom(view, net.boxes(global_), net.config))
            outputs["L-Net"] = net.l_classes(local)
            seconds["L-Net"] += self._clock() - began
            net.fused(global_, local, sizes)
            seconds[WHOLE] += self._clock() - began
            first = first or (global_, local)
            for stage, (type_, polarity) in outputs.items():
                p = polarity.softmax(1)
                added = type_.softmax(1), p.flip(1) if swaps else p
                before = sums.get(stage, (0, 0))
                sums[stage] = before[0] + added[0], before[1] + added[1]
        assert first is not None
        n = len(self._views)
        return {s: (_array(t / n), _array(p / n)) for s, (t, p) in sums.items()}, first

    def _pooled(self, maps: tuple[Tensor, Tensor]) -> dict[str, FloatArray]:
        """The features as the fused classifiers get them (table III)."""
        global_, local = (
            _array(pool(features))
            for pool, features in zip((self._net.fused.pool_g, self._net.fused.pool_l), maps,
                                      strict=True)
        )  # fmt: skip
        joined = np.concatenate([global_, local], axis=1)
        return dict(zip(FEATURES, (global_, local, joined), strict=True))

    def _clock(self) -> float:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return time.perf_counter()


def _array(values: Tensor) -> FloatArray:
    array: FloatArray = values.double().cpu().numpy()
    return array
