"""From a PyTorch network to OpenVINO's form, and from there to 8-bit integers.

The 8-bit form is made as post-training quantisation usually is: every convolution behind the first
one reads activations of 8 bits, whose range is the widest seen on generated chromosomes, and
weights of 8 bits, one scale for each output channel. The first convolution, the fully connected
layers, the box and the zoom stay in floating point: they cost nearly nothing, and an error of half
a pixel in the box is seen in the result. The widest range and no narrower one, although it wastes
levels on outliers: the narrower ranges of the usual tools cost 2 points of accuracy here
(docs/EXPERIMENTS.md). A processor without VNNI gets weights of 7 bits.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import openvino as ov
import torch
from numpy.typing import NDArray
from openvino import opset14 as op
from openvino.frontend.pytorch import ConversionExtension
from torch import Tensor, nn

from model.inference.runtimes.base import BATCH
from model.network.varifocal import Classifier

# OpenVINO ships no types.
Node = Any
Output = Any

ACTIVATION_LEVELS = 256
WEIGHT_LIMIT = 127
"""Weights are -127 … 127: symmetric, so that zero stays zero."""
WEIGHT_LIMIT_WITHOUT_VNNI = 63
"""Two products of 8 bits are added up in 16 bits there: 2 × 255 × 63 is the most that fits."""


class _Plain(nn.Module):
    """The network with a tuple as output, which tracing needs."""

    def __init__(self, net: Classifier) -> None:
        super().__init__()
        self.net = net

    def forward(self, image: Tensor, size: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, 1, H, W), (N, 2) → type logits (N, 24), polarity logits (N, 2), boxes (N, 4)."""
        output = self.net(image, size)
        return output.type, output.polarity, output.boxes


def convert(net: Classifier) -> ov.Model:
    """The network for any number of pictures, in float32; whatever OpenVINO raises goes through."""
    config = net.config
    example = torch.zeros(2, 1, *config.canvas), torch.zeros(2, 2)
    with warnings.catch_warnings(), torch.inference_mode():
        # Tracing tells what it fixes (sizes of the canvas, which are fixed) and that it is old;
        # `torch.export` takes ten times as long and fixes the number of pictures.
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(_Plain(net), example, check_trace=False)
        model = ov.convert_model(
            traced,
            example_input=example,
            extension=ConversionExtension("aten::affine_grid_generator", _affine_grid),
        )
    model.reshape({0: [-1, 1, *config.canvas], 1: [-1, 2]})
    return model


def _affine_grid(context: Node) -> list[Output]:
    """`F.affine_grid` with `align_corners=False`, which OpenVINO's frontend does not know.

    theta (N, 2, 3) and a size (N, C, H, W) → sampling points (N, H, W, 2) in -1 … 1: the middle
    of pixel i of n lies at (2 i + 1) / n - 1.
    """
    theta, size = context.get_input(0), context.get_input(1)

    def middles(axis: int) -> Node:
        count = op.convert(op.gather(size, _ints(axis), _ints(0)), "f32")
        places = op.range(_floats(0), count, _floats(1), "f32")
        return op.subtract(op.divide(op.add(op.multiply(places, _floats(2)), _floats(1)), count),
                           _floats(1))  # fmt: skip

    height, width = (op.gather(size, _ints([axis]), _ints(0)) for axis in (2, 3))
    shape = op.concat([height, width], 0)
    x = op.broadcast(op.unsqueeze(middles(3), _ints(0)), shape)
    y = op.broadcast(op.unsqueeze(middles(2), _ints(1)), shape)
    one = op.broadcast(_floats(1), shape)
    points = op.concat([op.unsqueeze(part, _ints(2)) for part in (x, y, one)], 2)
    moved = op.matmul(op.reshape(points, _ints([-1, 3]), False), theta, False, True)
    number = op.gather(op.shape_of(theta), _ints([0]), _ints(0))
    grid: list[Output] = op.reshape(
        moved, op.concat([number, shape, _ints([2])], 0), False
    ).outputs()
    return grid


def _ints(values: int | list[int]) -> Node:
    return op.constant(np.array(values, dtype=np.int64))


def _floats(value: float) -> Node:
    return op.constant(np.array(value, dtype=np.float32))


def quantise(
    model: ov.Model, images: Tensor, sizes: Tensor, weight_limit: int = WEIGHT_LIMIT
) -> None:
    """Turn the convolutions of a float32 model into 8-bit ones, in place.

    The ranges of the activations are those of these pictures; weights are whole numbers from
    `-weight_limit` to `weight_limit`.
    """
    convolutions = [
        node
        for node in model.get_ordered_ops()
        if node.get_type_name() == "Convolution" and _weights(node).shape[1] > 1
    ]
    ranges = _ranges(model, convolutions, images, sizes)
    seen: dict[str, Output] = {}
    for node, (low, high) in zip(convolutions, ranges, strict=True):
        source = node.input(0).get_source_output()
        name = _name(source)
        if name not in seen:
            bounds = [_floats(low), _floats(high)]
            seen[name] = op.fake_quantize(source, *bounds, *bounds, ACTIVATION_LEVELS).output(0)
        node.input(0).replace_source_output(seen[name])
        node.input(1).replace_source_output(_as_int8(_weights(node), weight_limit))
    model.validate_nodes_and_infer_types()


def _weights(convolution: Node) -> NDArray[np.float32]:
    """(out, in, h, w)."""
    constant = convolution.input(1).get_source_output().get_node()
    return np.asarray(constant.data, dtype=np.float32)


def _name(output: Output) -> str:
    return f"{output.get_node().get_name()}:{output.get_index()}"


def _as_int8(weights: NDArray[np.float32], limit: int) -> Output:
    """int8 weights times one scale for each output channel."""
    scale = np.abs(weights).max(axis=(1, 2, 3), keepdims=True) / limit
    scale[scale == 0] = 1.0
    stored = op.constant(np.rint(weights / scale).astype(np.int8))
    return op.multiply(op.convert(stored, "f32"), op.constant(scale.astype(np.float32))).output(0)


def _ranges(
    model: ov.Model, convolutions: list[Node], images: Tensor, sizes: Tensor
) -> list[tuple[float, float]]:
    """Least and greatest value that each convolution reads, with zero as one of the levels."""
    every = _ints([0, 1, 2, 3])
    sources = [node.input(0).get_source_output() for node in convolutions]
    probes = [f(source, every) for source in sources for f in (op.reduce_min, op.reduce_max)]
    watched = ov.Model([op.result(probe) for probe in probes], model.get_parameters(), "ranges")
    compiled = ov.Core().compile_model(watched, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    rows = []
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        found = compiled([images[part].numpy(), sizes[part].numpy()])
        rows.append([float(found[i]) for i in range(len(probes))])
    values = np.array(rows)
    lows, highs = values[:, ::2].min(axis=0), values[:, 1::2].max(axis=0)
    return [_with_zero(float(low), float(high)) for low, high in zip(lows, highs, strict=True)]


def _with_zero(low: float, high: float) -> tuple[float, float]:
    """Unsigned behind a ReLU, else symmetric with one level more below zero."""
    if low >= 0:
        return 0.0, max(high, 1e-6)
    half = max(-low, high)
    return -half * 128 / 127, half
