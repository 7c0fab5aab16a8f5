"""Measurements work, or say what to install, where the libraries of reports are missing."""

import subprocess
import sys
from pathlib import Path

import pytest

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
def test_what_is_missing_is_said_before_any_work(verb: str, missing: str, tmp_path: Path) -> None:
    code = (
        f"import sys, importlib.util as u; real = u.find_spec; "
        f"u.find_spec = lambda name: None if name in {EXTRA} else real(name); "
        f"from karyogui.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    options = [verb, "--data", "nothing.zip", "--out", str(tmp_path / "out")]
    if verb == "evaluate":
        options.append("--report")
    done = subprocess.run(
        [sys.executable, "-c", code, *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"needs {missing}, not installed here" in done.stderr
    assert "karyogui[evaluation]" in done.stderr
    assert not (tmp_path / "out").exists()
