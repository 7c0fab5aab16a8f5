"""Losses of the separation: the nearest of the boxes a pixel may belong to counts."""

from __future__ import annotations

from dataclasses import replace

import torch

from model.data.separation_samples import UNKNOWN
from model.segmentation.network import Answer
from model.training.separation_losses import Target, box_overlap, losses, targets


def sides(left: float, top: float, right: float, bottom: float) -> torch.Tensor:
    return torch.tensor([left, top, right, bottom], dtype=torch.float32).reshape(1, 4, 1, 1)


def answer(told: torch.Tensor, logit: float = 6.0) -> Answer:
    sure = torch.full((1, 1, 1), logit)
    return Answer(sure, -sure, -sure, sure, told)


def target(*boxes: torch.Tensor, chromosome: int = 1) -> Target:
    one = torch.full((1, 1, 1), chromosome, dtype=torch.uint8)
    none = torch.zeros_like(one)
    return Target(one, none, none, torch.stack(boxes, dim=1))


def test_overlap_of_boxes_from_one_pixel() -> None:
    a, b = sides(5, 5, 5, 5), sides(5, 5, 15, 5)
    assert torch.allclose(box_overlap(a, a), torch.ones(1, 1, 1))
    assert torch.allclose(box_overlap(a, b), torch.full((1, 1, 1), 0.5))
    assert float(box_overlap(a, torch.full_like(a, -1e6))) == -1.0


def test_either_of_two_boxes_is_right() -> None:
    one, other = sides(10, 10, 10, 10), sides(30, 5, 30, 5)
    both = target(one, other)
    assert float(losses(answer(one), both).sides) < 1e-3
    assert float(losses(answer(other), both).sides) < 1e-3
    between = sides(20, 7, 20, 7)
    assert float(losses(answer(between), both).sides) > 0.3


def test_a_box_that_is_told_better_costs_less() -> None:
    truth = target(sides(20, 20, 20, 20))
    costs = [float(losses(answer(sides(s, 20, 20, 20)), truth).sides) for s in (5, 10, 15, 20)]
    assert costs == sorted(costs, reverse=True)


def test_what_is_not_known_costs_nothing() -> None:
    truth = target(sides(10, 10, 10, 10), chromosome=UNKNOWN)
    wrong, right = (losses(answer(sides(50, 1, 1, 1), logit), truth) for logit in (-9.0, 9.0))
    assert float(wrong.sides) == float(right.sides) == 0.0


def test_gradients_reach_the_sides_from_far_away() -> None:
    told = sides(1, 1, 1, 1).requires_grad_()
    losses(answer(told), target(sides(60, 60, 60, 60))).total.backward()
    assert told.grad is not None
    assert (told.grad < 0).all()


def test_rows_of_boxes_become_distances() -> None:
    rows = torch.tensor([[[[0, -1], [1, 0]]]], dtype=torch.int16)
    boxes = [torch.tensor([[0.0, 0.0, 4.0, 4.0], [-3.0, 1.0, 2.0, 9.0]])]
    maps = torch.ones(1, 2, 2, dtype=torch.uint8)
    found = targets(boxes, rows, (maps, maps, maps)).candidates
    assert found[0, 0, :, 0, 0].tolist() == [1.0, 1.0, 3.0, 3.0]
    assert found[0, 0, :, 1, 0].tolist() == [4.0, 2.0, 1.0, 6.0]
    assert (found[0, 0, :, 0, 1] < 0).all()


def typed(logits: list[float], told: torch.Tensor) -> Answer:
    one = answer(told)
    types = torch.tensor(logits, dtype=torch.float32).reshape(1, -1, 1, 1)
    return Answer(one.chromosome, one.overlap, one.touch, one.fit, one.sides, types)


def kinds(*types: int) -> torch.Tensor:
    return torch.tensor(types).reshape(1, -1, 1, 1)


def test_the_type_is_that_of_the_box_that_the_pixel_names() -> None:
    one, other = sides(10, 10, 10, 10), sides(30, 5, 30, 5)
    both = replace(target(one, other), types=kinds(0, 1))
    assert float(losses(typed([9, -9], one), both).types) < 1e-3
    assert float(losses(typed([-9, 9], other), both).types) < 1e-3
    assert float(losses(typed([9, -9], other), both).types) > 9


def test_where_nobody_knows_the_owner_or_the_type_none_is_asked_for() -> None:
    one, other = sides(10, 10, 10, 10), sides(30, 5, 30, 5)
    wrong = typed([-9, 9], one)
    alone = replace(target(one), types=kinds(0))
    assert float(losses(wrong, alone).types) > 9
    assert float(losses(wrong, replace(alone, types=kinds(-1))).types) == 0
    assert float(losses(wrong, replace(alone, types=None)).types) == 0
    over = replace(alone, overlap=torch.ones_like(alone.overlap))
    assert float(losses(wrong, over).types) == 0
    far = typed([-9, 9], sides(100, 100, 1, 1))
    assert float(losses(far, replace(target(one, other), types=kinds(0, 0))).types) == 0


def test_rows_of_boxes_become_types() -> None:
    rows = torch.tensor([[[[0, -1], [1, 0]]]], dtype=torch.int16)
    boxes = [torch.tensor([[0.0, 0.0, 4.0, 4.0], [-3.0, 1.0, 2.0, 9.0]])]
    maps = torch.ones(1, 2, 2, dtype=torch.uint8)
    found = targets(boxes, rows, (maps, maps, maps), [torch.tensor([7, 23])])
    assert found.types is not None
    assert found.types[0, 0].tolist() == [[7, -1], [23, 7]]
