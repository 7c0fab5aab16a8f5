"""The registry and what takes the place of a runtime that cannot be used; no library is needed."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from model.inference import runtimes
from model.inference.runtimes import RUNTIMES, open_runtime, torch_runtime
from model.inference.runtimes.base import BATCH, RuntimeUnavailable
from model.vocabulary.errors import ModelError
from model.weights import LoadedModel, load_model
from tests.unit.model.builders import TINY

CPU = torch.device("cpu")


@pytest.fixture
def tiny(tiny_weights: Path) -> LoadedModel:
    return load_model(tiny_weights, CPU)


def inputs(n: int) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(n, 1, *TINY.canvas), torch.randn(n, 2)


def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "openvino" else find(name)
    )


def only(monkeypatch: pytest.MonkeyPatch, **opens: Any) -> None:
    """These runtimes alone, each fitting; an exception is raised by its opening."""

    def kind(name: str, outcome: Any) -> runtimes.RuntimeKind:
        def open_it(model: LoadedModel, cache: Path | None) -> Any:
            if isinstance(outcome, Exception):
                raise outcome
            return replace_id(outcome(model, cache), name)

        return runtimes.RuntimeKind(name, name.upper(), lambda device: True, open_it)

    def replace_id(runtime: Any, name: str) -> Any:
        runtime.id = name
        return runtime

    monkeypatch.setattr(runtimes, "RUNTIMES", tuple(kind(*item) for item in opens.items()))


def test_ids_are_unique_and_plain_torch_is_the_last_resort() -> None:
    ids = [kind.id for kind in RUNTIMES]
    assert len(set(ids)) == len(ids)
    assert ids[-1] == "torch"
    assert RUNTIMES[-1].fits(CPU)
    assert RUNTIMES[-1].fits(torch.device("cuda"))
    assert all(kind.label for kind in RUNTIMES)


@pytest.mark.parametrize("n", [1, BATCH, 2 * BATCH + 3])
def test_plain_torch_gives_what_the_network_gives(tiny: LoadedModel, n: int) -> None:
    images, sizes = inputs(n)
    runtime = open_runtime(tiny, "cpu", "torch")
    assert (runtime.id, runtime.label, runtime.device) == ("torch", "PyTorch fp32, CPU", "cpu")
    assert runtime.note == ""
    with torch.inference_mode():
        expected = tiny.net(images, sizes)
    for found, wanted in zip(
        runtime(images, sizes), (expected.type, expected.polarity, expected.boxes), strict=True
    ):
        assert found.dtype == torch.float32
        torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)


def test_no_more_than_a_batch_is_computed_at_once(
    tiny: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes_seen: list[int] = []
    forward = tiny.net.forward
    monkeypatch.setattr(
        tiny.net, "forward", lambda i, s: sizes_seen.append(len(i)) or forward(i, s)
    )
    open_runtime(tiny, "cpu", "torch")(*inputs(46))
    assert sizes_seen == [16, 16, 14]


def test_torch_in_bf16_is_near(tiny: LoadedModel) -> None:
    images, sizes = inputs(4)
    lower = torch_runtime.open_torch_bf16(tiny, None)(images, sizes)[0]
    full = torch_runtime.open_torch(tiny, None)(images, sizes)[0]
    assert lower.dtype == torch.float32
    assert not torch.equal(lower, full)
    torch.testing.assert_close(lower.softmax(1), full.softmax(1), atol=0.02, rtol=0)


def test_without_openvino_torch_says_so_in_one_sentence(
    tiny: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_openvino(monkeypatch)
    runtime = open_runtime(tiny, "cpu")
    assert runtime.id in {"torch", "torch-bf16"}
    assert runtime.note == f"OpenVINO is not installed; {runtime.label} is used."
    named = open_runtime(tiny, "cpu", "openvino")
    assert (named.id, named.note) == (
        "torch", "OpenVINO is not installed; PyTorch fp32, CPU is used."
    )  # fmt: skip


def test_auto_takes_the_first_that_opens(
    tiny: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = RuntimeUnavailable("The first is broken")
    works = torch_runtime.open_torch
    only(monkeypatch, first=broken, second=works, torch=works)
    runtime = open_runtime(tiny, "cpu")
    assert (runtime.id, runtime.note) == (
        "second", "The first is broken; PyTorch fp32, CPU is used."
    )  # fmt: skip
    only(monkeypatch, first=works, torch=works)
    runtime = open_runtime(tiny, "cpu")
    assert (runtime.id, runtime.note) == ("first", "")


def test_a_named_one_that_fails_is_replaced_by_torch(
    tiny: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = torch_runtime.open_torch
    only(monkeypatch, named=RuntimeUnavailable("No"), other=works, torch=works)
    assert open_runtime(tiny, "cpu", "named").id == "torch"


def test_what_the_hardware_does_not_fit_is_passed_over(
    tiny: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = torch_runtime.open_torch
    only(monkeypatch, fast=works, torch=works)
    fast, plain = runtimes.RUNTIMES
    monkeypatch.setattr(runtimes, "RUNTIMES", (replace(fast, fits=lambda device: False), plain))
    assert open_runtime(tiny, "cpu").note == ""
    named = open_runtime(tiny, "cpu", "fast")
    assert named.id == "torch"
    assert named.note == "This computer has no hardware for FAST; PyTorch fp32, CPU is used."


def test_bugs_are_not_taken_for_absence(tiny: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, broken=KeyError("a bug"), torch=torch_runtime.open_torch)
    with pytest.raises(KeyError):
        open_runtime(tiny, "cpu")


def test_unknown_runtimes_and_devices_are_refused(tiny: LoadedModel) -> None:
    with pytest.raises(ModelError, match="no runtime “abacus”"):
        open_runtime(tiny, "cpu", "abacus")
    with pytest.raises(ModelError):
        open_runtime(tiny, "abacus")


def test_only_the_gpu_runtime_and_plain_torch_run_on_a_gpu() -> None:
    fit = [kind.id for kind in RUNTIMES if kind.fits(torch.device("cuda"))]
    assert fit == ["torch-cuda", "torch"]
