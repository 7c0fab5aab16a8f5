import json

import pytest
import torch

from model.device import choose
from model.vocabulary.errors import ModelError
from model.vocabulary.presets import COMPACT, PAPER, PRESETS, NetworkConfig, preset


@pytest.mark.parametrize("config", PRESETS, ids=lambda c: c.preset)
def test_a_configuration_survives_its_json(config: NetworkConfig) -> None:
    assert NetworkConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize("config", PRESETS, ids=lambda c: c.preset)
def test_the_largest_box_at_the_largest_shift_just_fits(config: NetworkConfig) -> None:
    """Eq. (5): margin T1, shift T2 and margin T1 again are the canvas."""
    assert 2 * config.t1 + config.t2 == config.canvas[0]
    assert config.local[1] / config.local[0] == config.aspect


def test_missing_and_unknown_fields_are_named() -> None:
    values = PAPER.to_json()
    values.pop("t1")
    values["depth"] = 3
    with pytest.raises(ModelError, match=r"\(depth, t1\)"):
        NetworkConfig.from_json(values)


def test_presets_are_found_by_name() -> None:
    assert preset("paper") is PAPER
    assert preset("compact") is COMPACT
    with pytest.raises(ModelError, match="no preset “large”") as error:
        preset("large")
    assert "compact, swift, paper" in error.value.hint


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose().type == choose("cpu").type == "cpu"
    with pytest.raises(ModelError, match="no usable CUDA device") as error:
        choose("cuda")
    assert "cpu" in str(error.value)
    with pytest.raises(ModelError, match="no device “tpu”"):
        choose("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose().type == choose("cuda").type == "cuda"
