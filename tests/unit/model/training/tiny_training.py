"""`main.py train` with the tiny preset, as a program of its own: for several processes, for kills.

It calculates in double precision, so that what is equal but for rounding is seen to be equal.
"""

import os
import sys
from types import SimpleNamespace
from typing import Any

import cv2
import torch

if "WORLD_SIZE" not in os.environ:
    # The compiler is not used, and importing it takes half of the start; process groups need it.
    torch._dynamo = SimpleNamespace(disable=lambda function, *_, **__: function, graph_break=int)
    sys.modules["torch._dynamo"] = torch._dynamo

import model.data.dataset
import model.training.loop
import model.training.train
import model.vocabulary.presets
from model.data.dataset import Batch
from tests.unit.model.builders import TINY
from tests.unit.model.training.conftest import SETTINGS


def in_double(function: Any) -> Any:
    return lambda *arguments: function(*arguments).double()


if __name__ == "__main__":
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    model.vocabulary.presets.PRESETS = (TINY,)
    model.training.train.settings_for = lambda config: SETTINGS
    model.training.loop.SECONDS_BETWEEN_BATCH_EVENTS = -1.0
    model.training.loop.SECONDS_BETWEEN_SAVES = float(os.environ.get("SAVE_EVERY", "300"))
    model.training.loop.bf16_pays = lambda device: False
    torch.set_default_dtype(torch.float64)
    torch.Tensor.float = torch.Tensor.double
    Batch.images = in_double(Batch.images)
    model.data.dataset.relative_sizes = in_double(model.data.dataset.relative_sizes)
    sys.exit(model.training.train.main(sys.argv[1:]))
