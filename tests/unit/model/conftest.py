"""What every test of the network gets: one thread, so that it is light and repeatable."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
import torch

from model.inference import runtimes
from model.network.varifocal import VarifocalNet
from tests.unit.model.builders import TINY, write_net


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads, cv_threads = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)
    cv2.setNumThreads(cv_threads)


@pytest.fixture(scope="module", autouse=True)
def _by_pytorch(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let PyTorch compute the network: to convert it takes seconds each time.

    Conversion is the subject of the tests of `inference`, for every kind of network.
    """
    with pytest.MonkeyPatch.context() as patch:
        if "inference" not in request.path.parts:
            patch.setattr(runtimes, "RUNTIMES", runtimes.RUNTIMES[-1:])
        yield


@pytest.fixture
def tiny_weights(tmp_path: Path) -> Path:
    """Untrained weights of the tiny network with their card."""
    return write_net(VarifocalNet(TINY), tmp_path / "tiny.safetensors")
