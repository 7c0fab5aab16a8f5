"""Several processes are one training."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import model.training.distributed
from model.data.dataset import Batch
from model.training.checkpoint import load_checkpoint
from model.training.distributed import Team, share_normalisation, team_of
from model.vocabulary.errors import ModelError
from tests.unit.model.training.programs import arguments, environment, events_in

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


def batch_of(size: int) -> Batch:
    return Batch(
        torch.arange(size, dtype=torch.uint8)[:, None, None].repeat(1, 2, 3),
        torch.arange(2.0 * size).reshape(size, 2),
        torch.arange(size),
        torch.arange(size) % 2,
    )


@pytest.mark.parametrize(("size", "whole"), [(2, 8), (3, 8), (4, 5)])
def test_shares_make_up_the_batch(size: int, whole: int) -> None:
    batch = batch_of(whole)
    shares = [Team(rank, size).share(batch) for rank in range(size)]
    assert sum(weight for _, weight in shares) == pytest.approx(1)
    for name in ("canvases", "sizes", "types", "polarities"):
        joined = torch.cat([getattr(share, name) for share, _ in shares])
        assert torch.equal(joined, getattr(batch, name))
    assert all(len(share.types) == pytest.approx(weight * whole) for share, weight in shares)


def test_alone_nothing_is_exchanged() -> None:
    team, batch = Team(), batch_of(3)
    assert team.share(batch) == (batch, 1.0)
    assert team.any_of((False, True), torch.device("cpu")) == [False, True]
    assert team.total((1.5, 2), torch.device("cpu")) == [1.5, 2]
    team.add_gradients([])
    team.wait()
    assert team.leads
    with team_of("cpu", {}) as (alone, device):
        assert (alone, device.type) == (Team(), "cpu")


def test_too_many_processes_for_a_batch_are_refused() -> None:
    Team(0, 4).check_batches(4)
    with pytest.raises(ModelError, match="3 chromosomes cannot be shared by 4 processes"):
        Team(0, 4).check_batches(3)


def test_two_processes_train_what_one_does(
    archive: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """The whole training, all steps, `torchrun` on the CPU (gloo): equal but for rounding.

    In double precision; in single precision the same rounding is 10⁹ times larger and grows from
    step to step.
    """
    two = tmp_path / "two"
    done = subprocess.run(
        [*TORCHRUN, *arguments(archive, two)],
        env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = events_in(done.stdout)
    assert [e["event"] for e in told].count("started") == 1
    assert [e["event"] for e in told].count("finished") == 1
    assert next(e for e in told if e["event"] == "started")["processes"] == 2
    first, second = (load_checkpoint(out / "checkpoint.safetensors") for out in (undisturbed, two))
    assert len(first.position.history) == len(second.position.history) == 9
    for a, b in zip(first.position.history, second.position.history, strict=True):
        assert {k: v for k, v in a.items() if k != "seconds"} == pytest.approx(
            {k: v for k, v in b.items() if k != "seconds"}, abs=2e-5
        )
    assert first.tensors.keys() == second.tensors.keys()
    for name, tensor in first.tensors.items():
        assert torch.allclose(tensor, second.tensors[name], rtol=1e-8, atol=1e-9), name


def test_shared_normalisation_keeps_names_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a team of one the shared statistics are the ordinary ones, forwards and backwards."""
    torch.manual_seed(1)
    plain = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.BatchNorm2d(3)).double()
    plain[1].running_mean.fill_(0.5)
    shared = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.BatchNorm2d(3)).double()
    shared.load_state_dict(plain.state_dict())
    share_normalisation(shared, torch.device("cpu"))
    assert shared.state_dict().keys() == plain.state_dict().keys()
    assert type(shared[1]) is not torch.nn.BatchNorm2d
    monkeypatch.setattr(model.training.distributed.dist, "all_reduce", lambda tensor: None)
    shared.double()
    for training in (True, False):
        images = torch.randn(4, 1, 6, 5, dtype=torch.float64)
        for net in (plain, shared):
            net.train(training)
            net.zero_grad()
            (net(images) ** 3).mean().backward()
        for a, b in zip(plain.parameters(), shared.parameters(), strict=True):
            assert torch.allclose(a.grad, b.grad, atol=1e-12)
        for name, value in plain.state_dict().items():
            assert torch.allclose(value, shared.state_dict()[name], atol=1e-12), name
