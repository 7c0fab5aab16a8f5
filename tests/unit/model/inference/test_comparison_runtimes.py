"""Every network of the comparison can be computed by the fast runtimes too."""

import pytest
import torch

from model.inference.runtimes import open_runtime
from model.network.comparison import CLASSIFIERS, build_network, configured
from model.weights import LoadedModel
from tests.unit.model.builders import TINY


@pytest.mark.parametrize("name", [kind.id for kind in CLASSIFIERS])
def test_openvino_computes_what_torch_computes(name: str) -> None:
    model = LoadedModel(build_network(configured(TINY, name)).eval(), {"sha256": "0" * 64})
    runtime = open_runtime(model, "cpu", "openvino")
    assert not runtime.note
    images, sizes = torch.rand(3, 1, *TINY.canvas), torch.randn(3, 2)
    images[:, :, :9] = images[:, :, -9:] = -1.0  # background
    with torch.no_grad():
        wanted = model.net(images, sizes)
    for seen, value in zip(
        runtime(images, sizes), (wanted.type, wanted.polarity, wanted.boxes), strict=True
    ):
        assert torch.allclose(seen, value, atol=1e-3)
