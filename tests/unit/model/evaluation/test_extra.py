"""Measurements work, or say what to install, where the libraries of reports are missing."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from karyogui.cli import main
from model.evaluation import extra

EXTRA = ("matplotlib", "sklearn", "pycocotools")


def test_modules_of_the_program_are_imported_without_the_extra() -> None:
    block = "; ".join(f"sys.modules[{name!r}] = None" for name in EXTRA)
    modules = "model.evaluation.cells.evaluate, model.evaluation.metaphases.evaluate, karyogui.app"
    code = f"import sys; {block}; import {modules}"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("verb", "missing"),
    [("evaluate", "matplotlib and sklearn"), ("evaluate-metaphases", "matplotlib and pycocotools")],
)
def test_what_is_missing_is_said_before_any_work(
    verb: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name in EXTRA else find_spec(name))
    options = [verb, "--data", "nothing.zip", "--out", str(tmp_path / "out")]
    if verb == "evaluate":
        options.append("--report")
    assert main(options) == 2
    told = capsys.readouterr().err
    assert f"needs {missing}, not installed here" in told
    assert "karyogui[evaluation]" in told
    assert not (tmp_path / "out").exists()
