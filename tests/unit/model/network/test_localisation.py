import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model.network.varifocal import LocalisationSubnet, boxes_from, target_u
from model.vocabulary.presets import COMPACT, PAPER, NetworkConfig
from tests.unit.model.builders import TINY

CONFIGS = (PAPER, COMPACT, TINY)
fractions = st.floats(0.0, 1.0, width=32)


@pytest.mark.parametrize(
    ("u", "box"),
    [
        ((0.5, 0.5, 0.0), (96, 96, 160, 160)),
        ((0.5, 0.5, 1.0), (64, 64, 192, 192)),
        ((0.0, 0.0, 1.0), (0, 0, 128, 128)),
        ((1.0, 1.0, 1.0), (128, 128, 256, 256)),
        ((0.25, 0.75, 0.5), (48, 112, 144, 208)),
    ],
)
def test_equation_5_by_hand(u: tuple[float, ...], box: tuple[int, ...]) -> None:
    """T1 = 64, T2 = 128: centre 64 + 128 u, half-side 32 + 32 u_l."""
    assert boxes_from(torch.tensor([u]), PAPER).tolist() == [list(box)]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.preset)
@given(u=st.tuples(fractions, fractions, fractions))
def test_boxes_stay_inside_the_canvas_for_every_u(
    config: NetworkConfig, u: tuple[float, float, float]
) -> None:
    left, top, right, bottom = boxes_from(torch.tensor([u]), config)[0].tolist()
    height, width = config.canvas
    assert -1e-4 <= left < right <= width + 1e-4
    assert -1e-4 <= top < bottom <= height + 1e-4
    side = bottom - top
    assert 2 * config.least_half - 1e-3 <= side <= 2 * config.t1 + 1e-3
    assert right - left == pytest.approx(side * config.aspect, abs=1e-3)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.preset)
@given(height=fractions, width=fractions)
def test_the_target_box_covers_the_chromosome_in_the_middle(
    config: NetworkConfig, height: float, width: float
) -> None:
    """Up to the largest box, 2 T1 high and as wide as the canvas's aspect makes it."""
    h, w = 2 * config.t1 * height, 2 * config.t1 * config.aspect * width
    u = target_u(torch.tensor([[h, w]]), config)
    assert ((u >= 0) & (u <= 1)).all()
    left, top, right, bottom = boxes_from(u, config)[0].tolist()
    middle_y, middle_x = config.canvas[0] / 2, config.canvas[1] / 2
    assert left <= middle_x - w / 2 + 1e-3
    assert right >= middle_x + w / 2 - 1e-3
    assert top <= middle_y - h / 2 + 1e-3
    assert bottom >= middle_y + h / 2 - 1e-3


@pytest.mark.parametrize(
    ("extent", "u_l"),
    [((30, 20), 0.0), ((64, 10), 0.0), ((96, 40), 0.5), ((40, 96), 0.5), ((128, 1), 1.0),
     ((200, 50), 1.0)],
)  # fmt: skip
def test_the_papers_ground_truth_of_the_box(extent: tuple[int, int], u_l: float) -> None:
    """II-A.4: u_l* = max(w, h) / T1 - 1 held within 0 … 1, centre 0.5."""
    assert target_u(torch.tensor([extent]).float(), PAPER).tolist() == [[0.5, 0.5, u_l]]


def test_the_target_is_the_smallest_covering_box() -> None:
    extent = torch.tensor([[100.0, 30.0]])
    left, top, right, bottom = boxes_from(target_u(extent, COMPACT), COMPACT)[0].tolist()
    assert bottom - top == pytest.approx(100.0)
    assert right - left == pytest.approx(50.0)


def test_the_subnet_answers_between_0_and_1() -> None:
    u: Tensor = LocalisationSubnet(TINY)(50 * torch.randn(5, TINY.widths[2], 6, 3))
    assert u.shape == (5, 3)
    assert ((u >= 0) & (u <= 1)).all()


def test_t2_and_half_of_t1_are_the_factors_of_the_chain_rule() -> None:
    """Eq. (10): ∂t_x/∂u_x = ∂t_y/∂u_y = T2, ∂t_l/∂u_l = T1 / 2."""
    u = torch.full((1, 3), 0.3, requires_grad=True)
    at_left, at_top, at_right, at_bottom = 0.5, -2.0, 3.0, 7.0
    boxes_from(u, PAPER).backward(torch.tensor([[at_left, at_top, at_right, at_bottom]]))
    assert u.grad is not None
    assert u.grad[0].tolist() == [
        PAPER.t2 * (at_left + at_right),
        PAPER.t2 * (at_top + at_bottom),
        PAPER.t1 / 2 * (at_right + at_bottom - at_left - at_top),
    ]
