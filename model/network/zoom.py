"""The varifocal zoom: crop a box and magnify it (II-A.3), with two gradients for the box.

Forward is the same for both: the box is cut out of the canvas and rescaled bilinearly. They
differ in what flows back to the box:

`boxcar`  the paper's heuristic (II-A.5, eq. 6, 7, 10): the negative squared norm of the gradient
          at the L-Net's input times the derivative of a smooth boxcar.
`sampler` the true gradient of bilinear sampling.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn import functional as F

from model.vocabulary.presets import NetworkConfig

SHARPNESS: float = 10.0
"""k of eq. (7). The derivative lives within about half a pixel of the box's edge."""


def zoom(image: Tensor, boxes: Tensor, config: NetworkConfig) -> Tensor:
    """Canvas (N, 1, H, W) and boxes (N, 4) in canvas pixels → local parts (N, 1, h, w)."""
    if config.zoom_gradient == "boxcar":
        local: Tensor = _BoxcarZoom.apply(image, boxes, config.local)  # type: ignore[no-untyped-call]
        return local
    return sample(image, boxes, config.local)


def sample(image: Tensor, boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Crop boxes (N, 4) of canvases (N, 1, H, W) and rescale them bilinearly to `size` (h, w).

    Outside the canvas its border (background) goes on.
    """
    height, width = image.shape[-2:]
    left, top, right, bottom = boxes.unbind(1)
    zero = torch.zeros_like(left)
    # An affine grid counts from −1 to 1 over the canvas: its scale is the box's side over the
    # canvas's, its shift the box's middle.
    theta_x = torch.stack([(right - left) / width, zero, (left + right) / width - 1], dim=1)
    theta_y = torch.stack([zero, (bottom - top) / height, (top + bottom) / height - 1], dim=1)
    with _exact(image.device):  # bfloat16 is 0.2 pixel too coarse
        theta = torch.stack([theta_x, theta_y], dim=1)  # (N, 2, 3)
        theta = theta.to(torch.promote_types(image.dtype, torch.float32))
        grid = F.affine_grid(theta, [len(image), 1, *size], align_corners=False).to(image.dtype)
    # grid (N, h, w, 2) → (N, 1, h, w)
    return F.grid_sample(image, grid, padding_mode="border", align_corners=False)


def _exact(device: torch.device) -> AbstractContextManager[object]:
    if torch.amp.is_autocast_available(device.type):
        return torch.autocast(device.type, enabled=False)
    return nullcontext()


class _BoxcarZoom(torch.autograd.Function):
    """Direct crop forward, the boxcar's heuristic backward (eq. 6, 7, 10)."""

    @staticmethod
    def forward(ctx: FunctionCtx, image: Tensor, boxes: Tensor, size: tuple[int, int]) -> Tensor:
        ctx.save_for_backward(boxes)
        return sample(image, boxes, size)

    @staticmethod
    def backward(ctx: FunctionCtx, *gradients: Tensor) -> tuple[None, Tensor, None]:
        (boxes,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return None, boxcar_gradient(gradients[0], boxes), None


def boxcar_gradient(g_top: Tensor, boxes: Tensor) -> Tensor:
    """Eq. (10): gradient at the L-Net's input (N, 1, h, w) → gradient for the boxes (N, 4).

    The heat map -‖G_top‖² is spread over the box's own frame; the boxcar H(x - tl) - H(x - br)
    is differentiated with respect to each edge there. Boxes are (left, top, right, bottom) in
    canvas pixels; the heat of an edge is what lies within the boxcar's slope of it.
    """
    heat = -(g_top * g_top).sum(dim=1)  # (N, h, w)
    h, w = heat.shape[-2:]
    left, top, right, bottom = boxes.unbind(1)
    across, at_left, at_right = _boxcar(w, right - left)
    down, at_top, at_bottom = _boxcar(h, bottom - top)
    columns = (heat * down[:, :, None]).sum(dim=1)  # (N, w)
    rows = (heat * across[:, None, :]).sum(dim=2)  # (N, h)
    # dH(x - tl)/dtl = -H', d(-H(x - br))/dbr = +H': pulling an edge outward over hot pixels
    # lowers the loss.
    edges = [
        -(columns * at_left).sum(1),
        -(rows * at_top).sum(1),
        (columns * at_right).sum(1),
        (rows * at_bottom).sum(1),
    ]
    return torch.stack(edges, dim=1).to(boxes.dtype)


def _boxcar(n: int, side: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Along one axis at n samples of a box `side` (N,) long: boxcar, H' at both edges, (N, n)."""
    distance = (torch.arange(n, device=side.device) + 0.5) * (side / n)[:, None]
    shifted = SHARPNESS * distance, SHARPNESS * (distance - side[:, None])
    first, second = (torch.sigmoid(x) for x in shifted)
    slopes = [SHARPNESS * torch.sigmoid(x) * torch.sigmoid(-x) for x in shifted]
    return first - second, slopes[0], slopes[1]
