from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from model.network.varifocal import boxes_from
from model.network.zoom import SHARPNESS, boxcar_gradient, sample, zoom
from model.vocabulary.presets import PAPER

SMALL = replace(PAPER, canvas=(32, 32), local=(16, 16), t1=8.0, t2=16.0, least_half=4.0)
BOXCAR = replace(SMALL, zoom_gradient="boxcar")
SAMPLER = replace(SMALL, zoom_gradient="sampler")


def _framed(height: int, width: int, box: tuple[int, int, int, int]) -> Tensor:
    """An image of random content inside the box and one grey around and along its inner edge."""
    left, top, right, bottom = box
    image = torch.full((1, 1, height, width), 0.4)
    inner = image[..., top + 1 : bottom - 1, left + 1 : right - 1]
    inner.copy_(torch.randn(inner.shape))
    return image


@given(
    left=st.integers(0, 20), top=st.integers(0, 20),
    wide=st.integers(3, 12), high=st.integers(3, 12),
)  # fmt: skip
def test_forward_is_direct_slicing_and_bilinear_rescaling(
    left: int, top: int, wide: int, high: int
) -> None:
    box = (left, top, left + wide, top + high)
    image = _framed(32, 32, box)
    part = image[..., top : top + high, left : left + wide]
    wanted = F.interpolate(part, size=(16, 16), mode="bilinear", align_corners=False)
    local = zoom(image, torch.tensor([box]).float(), SAMPLER)
    assert torch.allclose(local, wanted, atol=1e-5)


def test_forward_agrees_away_from_the_edge_whatever_lies_outside() -> None:
    image = torch.randn(1, 1, 32, 32)
    wanted = F.interpolate(image[..., 6:14, 9:17], size=(16, 16), mode="bilinear")
    local = zoom(image, torch.tensor([[9.0, 6.0, 17.0, 14.0]]), SAMPLER)
    assert torch.allclose(local[..., 1:-1, 1:-1], wanted[..., 1:-1, 1:-1], atol=1e-5)


def test_the_whole_canvas_is_the_canvas() -> None:
    image = torch.randn(2, 1, 16, 16)
    boxes = torch.tensor([[0.0, 0.0, 16.0, 16.0]]).expand(2, 4)
    assert torch.allclose(sample(image, boxes, (16, 16)), image, atol=1e-6)


def test_beyond_the_canvas_its_border_goes_on() -> None:
    image = torch.full((1, 1, 8, 8), 3.0)
    assert torch.allclose(sample(image, torch.tensor([[-4.0, -4.0, 12.0, 12.0]]), (6, 6)),
                          torch.tensor(3.0))  # fmt: skip


def test_forward_is_the_same_for_both_gradients() -> None:
    image = torch.randn(3, 1, 32, 32)
    boxes = boxes_from(torch.rand(3, 3), SMALL)
    assert torch.equal(zoom(image, boxes, BOXCAR), zoom(image, boxes, SAMPLER))


@pytest.mark.parametrize("config", [BOXCAR, SAMPLER], ids=lambda c: c.zoom_gradient)
def test_each_picture_is_cut_by_its_own_box(config: object) -> None:
    image = torch.stack([torch.zeros(1, 32, 32), torch.ones(1, 32, 32)])
    image[1, :, :16] = 5.0
    boxes = torch.tensor([[0.0, 0.0, 8.0, 8.0], [8.0, 20.0, 16.0, 28.0]])
    local = zoom(image, boxes, config)  # type: ignore[arg-type]
    assert (local[0] == 0).all()
    assert torch.allclose(local[1], torch.tensor(1.0))


def test_the_samplers_gradient_is_the_true_one() -> None:
    """Against finite differences, on a smooth image and boxes off the pixels' middles."""
    y, x = torch.meshgrid(torch.arange(24.0), torch.arange(24.0), indexing="ij")
    image = (torch.sin(x / 3) + torch.cos(y / 4)).double().expand(2, 1, 24, 24)
    boxes = torch.tensor(
        [[3.13, 4.27, 11.61, 13.73], [7.37, 2.19, 19.83, 17.91]], dtype=torch.float64
    ).requires_grad_()
    weight = torch.randn(2, 1, 5, 7, dtype=torch.float64)

    def loss(b: Tensor) -> Tensor:
        return (sample(image, b, (5, 7)) * weight).sum()

    assert torch.autograd.gradcheck(loss, (boxes,), eps=1e-6, atol=1e-5)


def _slow_boxcar(g_top: Tensor, box: Tensor) -> list[float]:
    """Eq. (6), (7) and (10) for one picture, pixel by pixel as they are written."""
    left, top, right, bottom = box.double()
    height, width = g_top.shape[-2:]

    def h(x: Tensor) -> Tensor:
        return 1 / (1 + torch.exp(-SHARPNESS * x))

    def slope(x: Tensor) -> Tensor:
        return SHARPNESS * h(x) * (1 - h(x))

    total = torch.zeros(4, dtype=torch.float64)
    for row in range(height):
        for column in range(width):
            heat = -(g_top[:, row, column].double() ** 2).sum()
            x = left + (column + 0.5) * (right - left) / width
            y = top + (row + 0.5) * (bottom - top) / height
            across, down = h(x - left) - h(x - right), h(y - top) - h(y - bottom)
            total += heat * torch.stack([
                -slope(x - left) * down,
                -slope(y - top) * across,
                slope(x - right) * down,
                slope(y - bottom) * across,
            ])  # fmt: skip
    return total.tolist()


def test_the_boxcars_gradient_is_equations_6_7_and_10() -> None:
    g_top = torch.randn(3, 1, 9, 7)
    boxes = torch.tensor([[2.0, 3.0, 8.0, 9.5], [0.5, 1.0, 20.0, 30.0], [4.0, 4.0, 6.0, 6.0]])
    fast = boxcar_gradient(g_top, boxes)
    for i in range(3):
        assert fast[i].tolist() == pytest.approx(
            _slow_boxcar(g_top[i], boxes[i]), rel=1e-3, abs=1e-7
        )


def test_the_boxcar_is_what_flows_back_to_the_box_and_nothing_to_the_picture() -> None:
    image = torch.randn(2, 1, 32, 32, requires_grad=True)
    boxes = boxes_from(torch.rand(2, 3), SMALL).requires_grad_()
    g_top = torch.randn(2, 1, 16, 16)
    zoom(image, boxes, BOXCAR).backward(g_top)
    assert boxes.grad is not None
    assert torch.equal(boxes.grad, boxcar_gradient(g_top, boxes.detach()))
    assert image.grad is None


@pytest.mark.parametrize(
    ("edge", "hot", "outward"),
    [
        (0, (slice(None), slice(0, 2)), -1),
        (1, (slice(0, 2), slice(None)), -1),
        (2, (slice(None), slice(-2, None)), 1),
        (3, (slice(-2, None), slice(None)), 1),
    ],
    ids=["left", "top", "right", "bottom"],
)
def test_the_boxcar_pulls_an_edge_outward_over_hot_pixels(
    edge: int, hot: tuple[slice, slice], outward: int
) -> None:
    """Whatever the sign of the gradient there: its square is all that counts."""
    boxes = torch.tensor([[8.0, 8.0, 16.0, 16.0]])
    for sign in (1.0, -1.0):
        g_top = torch.full((1, 1, 16, 16), 1e-3)
        g_top[0, 0][hot] = sign
        step = -boxcar_gradient(g_top, boxes)[0]
        assert step[edge] * outward > 0
        others = [abs(step[i].item()) for i in range(4) if i != edge]
        assert abs(step[edge].item()) > 2 * max(others)


def test_the_boxcar_does_not_see_what_is_hot_in_the_middle() -> None:
    """The slope of eq. (7) with k = 10 lives within about half a pixel of the edge."""
    g_top = torch.zeros(1, 1, 16, 16)
    g_top[..., 6:10, 6:10] = 1.0
    gradient = boxcar_gradient(g_top, torch.tensor([[8.0, 8.0, 24.0, 24.0]]))
    assert gradient.abs().max() < 1e-10


def test_by_the_boxcar_an_evenly_hot_box_grows_and_stays_where_it_is() -> None:
    """Documents the heuristic: through eq. (5) every step of a uniform heat raises u_l alone."""
    u = torch.full((1, 3), 0.5, requires_grad=True)
    image = torch.zeros(1, 1, 32, 32)
    zoom(image, boxes_from(u, BOXCAR), BOXCAR).backward(torch.ones(1, 1, 16, 16))
    assert u.grad is not None
    at_x, at_y, at_l = u.grad[0].tolist()
    assert at_l < 0
    assert abs(at_x) < 1e-3 * abs(at_l)
    assert abs(at_y) < 1e-3 * abs(at_l)
