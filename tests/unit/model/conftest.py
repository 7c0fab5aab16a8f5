"""What every test of the network gets: one thread, so that it is light and repeatable."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
import torch

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


@pytest.fixture
def tiny_weights(tmp_path: Path) -> Path:
    """Untrained weights of the tiny network with their card."""
    return write_net(VarifocalNet(TINY), tmp_path / "tiny.safetensors")
