from math import exp, log

import pytest
import torch

from model.training.losses import LAMBDA, localisation_loss, multi_task_loss


def test_equations_1_to_3_by_hand() -> None:
    """Cross-entropy of type plus half of that of polarity, means over N."""
    types = torch.zeros(2, 24)
    types[0, 3], types[1, 5] = 2.0, 1.0
    polarities = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
    loss = multi_task_loss((types, polarities), torch.tensor([3, 0]), torch.tensor([1, 0]))
    type_loss = (-2 + log(23 + exp(2)) + log(23 + exp(1))) / 2
    polarity_loss = (-1 + log(1 + exp(1)) + log(2)) / 2
    assert LAMBDA == 0.5
    assert loss.item() == pytest.approx(type_loss + 0.5 * polarity_loss, rel=1e-6)


def test_each_task_counts_by_its_own_label() -> None:
    logits = torch.zeros(1, 24), torch.tensor([[5.0, 0.0]])
    right, wrong = (
        multi_task_loss(logits, torch.tensor([0]), torch.tensor([p])).item() for p in (0, 1)
    )
    assert wrong - right == pytest.approx(0.5 * 5.0, rel=1e-5)


def test_equation_8_by_hand() -> None:
    """½x² below 1, |x| - ½ from there on; summed over x, y and l, mean over N."""
    u = torch.tensor([[0.5, 0.2, 1.0], [2.5, 0.0, 0.0]])
    target = torch.tensor([[0.5, 0.6, 0.0], [0.0, 0.0, 0.1]])
    first = 0.0 + 0.5 * 0.4**2 + (1.0 - 0.5)
    second = (2.5 - 0.5) + 0.0 + 0.5 * 0.1**2
    assert localisation_loss(u, target).item() == pytest.approx((first + second) / 2, rel=1e-6)


def test_low_precision_logits_are_computed_in_full() -> None:
    logits = torch.randn(4, 24), torch.randn(4, 2)
    low = tuple(part.bfloat16() for part in logits)
    labels = torch.tensor([1, 2, 3, 4]), torch.tensor([0, 1, 0, 1])
    loss = multi_task_loss(low, *labels)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(multi_task_loss(logits, *labels).item(), rel=0.02)
