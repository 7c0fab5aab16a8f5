"""Weights are listed by their descriptions; what cannot be read is left out."""

import json
from pathlib import Path

import pytest

from karyogui.services.models import installed_models


def put(folder: Path, name: str, described: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.safetensors").write_bytes(b"")
    if described is not None:
        (folder / f"{name}.json").write_text(
            described if isinstance(described, str) else json.dumps(described)
        )


def test_models_of_several_folders(tmp_path: Path) -> None:
    put(
        tmp_path / "a",
        "compact",
        {
            "name": "compact",
            "version": "1.2",
            "preset": "compact",
            "sha256": "ab" * 32,
            "created": "2026-01-02",
            "data": "dev",
            "metrics": {"type": {"acc": 0.98, "f1": None}, "cells": 96, "good": True},
            "config": {},
        },
    )
    put(tmp_path / "b", "mine", {})
    first, second = installed_models(tmp_path / "a", tmp_path / "gone", tmp_path / "b")
    assert (first.name, first.version, first.preset, first.data) == (
        "compact",
        "1.2",
        "compact",
        "dev",
    )
    assert first.metrics == {"type.acc": 0.98, "cells": 96.0}
    assert first.path == tmp_path / "a" / "compact.safetensors"
    assert (second.name, second.version, second.metrics) == ("mine", "", {})


def test_unreadable_descriptions_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "none", None)
    put(tmp_path, "broken", "{")
    put(tmp_path, "list", [])
    put(tmp_path, "good", {})
    assert [model.name for model in installed_models(tmp_path)] == ["good"]


@pytest.mark.parametrize("kind", [[1], {"a": 1}, 5, None, "another"])
def test_a_kind_that_is_none_leaves_its_model_out(tmp_path: Path, kind: object) -> None:
    put(tmp_path, "odd", {"kind": kind})
    put(tmp_path, "mine", {})
    assert [model.path.stem for model in installed_models(tmp_path)] == ["mine"]


def test_a_card_nested_too_deep_or_of_huge_figures_keeps_nothing_from_starting(
    tmp_path: Path,
) -> None:
    put(tmp_path / "a", "deep", "[" * 20_000)
    put(tmp_path / "a", "huge", '{"metrics": {"acc": 1' + "0" * 400 + ', "f1": 0.5}}')
    (model,) = installed_models(tmp_path / "a")
    assert dict(model.metrics) == {"f1": 0.5}
