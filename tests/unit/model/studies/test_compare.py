"""The comparison from one command: trained, measured, gone on with, tabulated."""

import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import model.training.train
import model.vocabulary.presets
from model.network.comparison import build_network, configured
from model.studies import compare
from model.vocabulary.presets import COMPACT
from model.vocabulary.training import COMPACT_SETTINGS, Epochs
from model.weights import LoadedModel
from tests.unit.model.builders import TINY, case_in_fold, cell_files, write_folder

EVERY = [k for k in range(24) for _ in range(2)]
Compare = Callable[..., int]


def row(right: tuple[int, ...], **changes: Any) -> compare.Row:
    usual = compare.Row(
        "varifocal", 1_000, 0.4, 5.0, 3.0, 0.9, None, 0.95, 0.97, 0.5, 0.99,
        right, (10, 10, 10, 10), ("a", "a", "b", "c"),
    )  # fmt: skip
    return replace(usual, **changes)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cases to learn from, one of fold 0 held out."""
    files: dict[str, bytes] = {}
    for seed, case in enumerate([case_in_fold(0), case_in_fold(1), case_in_fold(1, 1)]):
        files |= cell_files(case, "m1", EVERY, seed=1000 * seed)
    return write_folder(tmp_path_factory.mktemp("archive") / "cells", files)


@pytest.fixture
def run(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compare:
    brief = replace(COMPACT_SETTINGS, epochs=Epochs(1, 1, 1, 1, 1, 1), batch_size=24)
    for module in (model.vocabulary.presets, compare):
        monkeypatch.setattr(module, "PRESETS", (TINY,))
    monkeypatch.setattr(model.training.train, "settings_for", lambda config: brief)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def compared(*classifiers: str, data: Path = archive, views: int = 1) -> int:
        return compare.main(
            ["--data", os.fspath(data), "--out", os.fspath(tmp_path / "out"), "--preset", "tiny",
             "--epochs", "5", "--device", "cpu", "--views", str(views),
             "--classifiers", *classifiers]
        )  # fmt: skip

    return compared


def rows_of(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((folder / "comparison.json").read_text())
    return rows


def events_of(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "events.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_each_network_is_trained_and_measured_once(
    run: Compare, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    out = tmp_path / "out"
    assert run("varifocal", "zoom-size") == 0
    first = rows_of(out)
    assert [r["classifier"] for r in first] == ["varifocal", "zoom-size"]
    for figures in first:
        assert figures["cells"] == [len(EVERY)]
        assert figures["type_single"] == figures["right"][0] / len(EVERY)
        assert figures["type_views"] is None
        for name in ("per_case_d", "per_case_map", "exactly_right", "polarity"):
            assert 0 <= figures[name] <= 1
        assert figures["parameters"] > 1000
        assert figures["milliseconds"] > 0
    table = (out / "comparison.md").read_text()
    assert capsys.readouterr().out == table
    assert "5 epochs, 100% of the training cells, 1 cells of fold 0 held out" in table
    assert "| Zoom with size |" in table
    events = events_of(out / "zoom-size")
    assert events[-1]["event"] == "finished"
    assert not list(out.rglob(".*"))

    def never(arguments: list[str]) -> int:
        raise AssertionError(arguments)

    monkeypatch.setattr(model.training.train, "main", never)
    assert run("zoom-size", "varifocal") == 0  # what is finished is read
    assert [r["classifier"] for r in rows_of(out)] == ["zoom-size", "varifocal"]
    assert sorted(rows_of(out), key=str) == sorted(first, key=str)


def test_an_interrupted_comparison_keeps_what_was_trained(run: Compare, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("g-net") == 0
    weights = (out / "g-net" / "g-net.safetensors").read_bytes()
    for measured in (out / "g-net").glob("measured-*"):
        measured.unlink()
    assert run("g-net", views=2) == 0
    assert (out / "g-net" / "g-net.safetensors").read_bytes() == weights
    assert rows_of(out)[0]["type_views"] is not None
    assert sum(event["event"] == "epoch" for event in events_of(out / "g-net")) == 5


def test_other_settings_in_the_same_folder_are_refused(
    run: Compare, tmp_path: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("g-net") == 0
    more = tmp_path / "more"
    shutil.copytree(archive, more)
    (more / case_in_fold(1) / "m1").rename(more / case_in_fold(1) / "m2")
    capsys.readouterr()
    assert run("g-net", data=more) == 2
    assert "G-Net was not trained to its end." in capsys.readouterr().err


def test_an_archive_without_the_held_out_fold_is_told(
    run: Compare, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_folder(tmp_path / "one", cell_files(case_in_fold(1), "m", EVERY))
    assert run("g-net", data=data) == 2
    assert capsys.readouterr().err == "The archive has no case of the fold that is held out.\n"


def test_a_difference_has_an_interval_over_cases() -> None:
    base = row((8, 8, 8, 8))
    assert compare.difference(base, base) == (0.0, 0.0, 0.0)
    assert compare.difference(row((9, 9, 9, 9)), base) == pytest.approx((0.1, 0.1, 0.1))
    gain, low, high = compare.difference(row((10, 10, 8, 8)), base)  # one case of three is better
    assert gain == pytest.approx(0.1)
    assert low == 0.0
    assert high == pytest.approx(0.2)


def test_the_table_compares_with_the_first_row() -> None:
    base, other = row((8, 8, 8, 8)), row((9, 9, 9, 9), classifier="resnet", type_views=0.925)
    lines = compare.markdown([base, other], "told").splitlines()
    assert lines[0] == "told"
    first, second = ([c.strip() for c in line.split("|")[1:-1]] for line in lines[-2:])
    assert first == [
        "Varifocal-Net", "1,000", "0.400", "5.0", "3.0", "90.00", "–", "–", "95.00", "97.00",
        "50.00", "99.00",
    ]  # fmt: skip
    assert second[0] == "ResNet"
    assert second[6:8] == ["+10.00 (+10.00 to +10.00)", "92.50"]
    assert all(len(line.split("|")) == 14 for line in lines[2:])


@pytest.mark.parametrize(
    ("name", "least", "most"), [("varifocal", 0.40, 0.42), ("zoom-size", 0.10, 0.11)]
)
def test_multiplications_are_counted(name: str, least: float, most: float) -> None:
    net = build_network(configured(COMPACT, name)).eval()
    assert least < compare.multiplications(LoadedModel(net, {})) / 1e9 < most
    assert compare.milliseconds(LoadedModel(net, {}), torch.device("cpu")) > 0
