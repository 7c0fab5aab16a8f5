"""The built package, away from the checkout: it carries weights, icons, fonts and demonstration."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from karyogui.paths import DEMO
from model.vocabulary.assets import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's packages, as pip would install it beside its dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    command = ["wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    pip(*command)
    (wheel,) = folder.glob("karyogui-*.whl")
    alone = ["--no-deps", "--no-index", "--no-compile"]
    pip("install", str(wheel), *alone, "--target", str(folder / "installed"))
    return folder / "installed"


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def run(installed: Path, *command: str) -> str:
    """Run Python away from the checkout; what is installed comes first on its path."""
    environment = os.environ | {"PYTHONPATH": str(installed), "QT_QPA_PLATFORM": "offscreen"}
    for name in ("DATA", "CONFIG", "STATE"):
        environment[f"XDG_{name}_HOME"] = str(installed.parent / name.lower())
    for name in ("APPDATA", "LOCALAPPDATA"):  # the same on Windows
        environment[name] = str(installed.parent)
    done = subprocess.run(
        [sys.executable, *command], cwd=installed.parent, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_program_analyses_a_cell(installed: Path, tmp_path: Path) -> None:
    cell = tmp_path / "cell"
    cell.mkdir()
    with zipfile.ZipFile(DEMO / "demo-45-X.zip") as archive:
        for name in [n for n in archive.namelist() if n.endswith(".png")][:3]:
            (cell / Path(name).name).write_bytes(archive.read(name))
    out = tmp_path / "out"
    run(installed, "-m", "karyogui", "analyse", str(cell), "--out", str(out), "--device", "cpu")
    assert len(json.loads((out / "cell.json").read_text(encoding="utf-8"))["chromosomes"]) == 3
    assert (out / "cell.pdf").read_bytes().startswith(b"%PDF")


def test_an_installed_program_opens_its_window_with_the_demonstration(installed: Path) -> None:
    program = (
        "import karyogui, model\n"
        "from karyogui import paths\n"
        "from karyogui.cli import load_window\n"
        "run = load_window()\n"
        "from PySide6.QtCore import QCoreApplication, QTimer\n"
        "QTimer.singleShot(0, lambda: QTimer.singleShot(0, QCoreApplication.quit))\n"
        "assert run(None, True) == 0\n"
        "print(karyogui.__file__, model.__file__, paths.ASSETS, len(paths.demo_sources()))\n"
    )
    *places, sources = run(installed, "-c", program).split()
    assert all(Path(place).is_relative_to(installed) for place in places)
    assert int(sources) == 5


def test_the_program_is_found_by_the_processes_that_it_starts(installed: Path) -> None:
    program = (
        "import subprocess, sys\n"
        "from karyogui.paths import PROGRAM\n"
        "from model.vocabulary.assets import ROOT\n"
        "sys.exit(subprocess.run([*PROGRAM, '--version'], cwd=ROOT).returncode)"
    )
    assert run(installed, "-c", program).startswith("KaryoGUI ")
