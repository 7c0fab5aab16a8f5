from pathlib import Path

import pytest

from model.inference import runtime_bench, runtimes
from model.inference.runtimes import RUNTIMES


def test_plain_torch_is_what_the_others_are_measured_against(
    tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tuple(kind for kind in RUNTIMES if kind.id in {"torch-bf16", "torch"})
    always = runtimes.RuntimeKind("torch-bf16", "bf16", lambda device: True, kept[0].open)
    monkeypatch.setattr(runtimes, "RUNTIMES", (always, kept[1]))
    lower, plain = runtime_bench.measure(tiny_weights, "cpu", rounds=2)
    assert (lower.id, lower.is_default, lower.label) == ("torch-bf16", True, "PyTorch bf16, CPU")
    assert (plain.id, plain.is_default, plain.times_torch) == ("torch", False, 1.0)
    assert plain.same_types == 1.0
    assert lower.four_views > 0
    assert lower.sure_views > 0
    assert lower.opening_first >= 0
