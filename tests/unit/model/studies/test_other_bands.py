"""The study of other bands: what it shows the network, and what it fits."""

import json
from pathlib import Path

import numpy as np
import pytest

from model.inference.legibility import profile_of
from model.studies import other_bands as study
from model.studies.other_bands import Seen, centromere_alone, faint, fitted, main
from tests.unit.model.inference.test_legibility import banded


def test_centromeres_alone_are_dark_where_the_chromosome_is_narrow() -> None:
    one = banded(0, seed=2)
    one.mask[40:46, :3] = False
    told = profile_of(centromere_alone(one))
    assert told is not None
    assert abs(int(told.argmin()) - 43) < 8
    assert np.median(told) > np.median(profile_of(one))  # type: ignore[arg-type]


def test_faint_bands_differ_less() -> None:
    one = banded(0, seed=2)
    before, after = profile_of(one), profile_of(faint(one))
    assert before is not None
    assert after is not None
    assert after.std() < 0.5 * before.std()


def test_other_bands_are_told_from_the_rest() -> None:
    rng = np.random.default_rng(0)
    seen = [
        Seen(f"a{n}", way, level + rng.normal(0, 0.02), 2 * level + rng.normal(0, 0.02), 1.0)
        for n in range(20)
        for way, level in (("plain", 0.03), ("faint", 0.08), ("inverted", 0.45))
    ]
    told = fitted(seen)
    assert told["pictures"] == 20
    assert float(told["least_of_other_bands"]) > 0.9  # type: ignore[arg-type]
    assert float(told["most_of_g_bands"]) < 0.1  # type: ignore[arg-type]


def test_an_archive_that_is_not_there_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path / "gone.zip"), "--out", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_it_writes_what_it_saw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Archive:
        def __init__(self, _: Path) -> None: ...

        def split(self, _: int) -> tuple[list[str], list[str]]:
            return ["a", "b", "c"], []

        def picture(self, name: str) -> str:
            return name

    class Found:
        flattened = None
        instances = ()

    def ways(name: str, _: object, __: object) -> list[Seen]:
        return [Seen(name, "plain", 0.02, 0.04, 1.0), Seen(name, "inverted", 0.5, 0.8, 1.0)]

    monkeypatch.setattr(study, "MetaphaseArchive", Archive)
    monkeypatch.setattr(study, "open_separator", lambda *_: lambda _: Found())
    monkeypatch.setattr(study.Predictor, "load", lambda *_: None)
    monkeypatch.setattr(study, "in_all_ways", ways)
    out = tmp_path / "out"
    assert main(["--data", "x.zip", "--out", str(out), "--pictures", "2"]) == 0
    told = json.loads((out / "other_bands.json").read_text(encoding="utf-8"))
    assert told["fitted"]["pictures"] == 2
    assert len(told["seen"]) == 4
