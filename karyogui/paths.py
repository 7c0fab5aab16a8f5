"""Where things lie: assets with the program, a person's files in the platform's places."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs

from model.vocabulary.assets import ASSETS

NAME = "karyogui"
PROGRAM: tuple[str, ...] = (sys.executable, "-m", "karyogui")
"""Starts the program again in a process of its own, from `model.vocabulary.assets.ROOT`."""

FONTS = ASSETS / "fonts"
ICONS = ASSETS / "icons"
WEIGHTS = ASSETS / "weights"
REPORT_WORDS = ASSETS / "report"
DEMO = ASSETS / "demo"
DEMO_METAPHASES = DEMO / "demo-metaphases"


def default_data_folder() -> Path:
    """Where cases are kept unless a person chose another folder."""
    return platformdirs.user_data_path(NAME, appauthor=False) / "cases"


def demo_data_folder() -> Path:
    """Where the demonstration cases are kept, apart from real ones."""
    return platformdirs.user_data_path(NAME, appauthor=False) / "demo"


def config_folder() -> Path:
    """Where settings and the window's layout are kept."""
    return platformdirs.user_config_path(NAME, appauthor=False)


def report_templates_folder() -> Path:
    """Where a laboratory puts its own templates of the report, with its logo."""
    return config_folder() / "report"


def cache_folder() -> Path:
    """Where networks converted for this computer are kept; may be emptied at any time."""
    return platformdirs.user_cache_path(NAME, appauthor=False) / "runtimes"


def log_folder() -> Path:
    """Where the log files are kept."""
    return platformdirs.user_log_path(NAME, appauthor=False)


def models_folder(data_folder: Path) -> Path:
    """Where installed weights of a data folder are kept."""
    return data_folder / "models"


def runs_folder(data_folder: Path) -> Path:
    """Where trainings keep their checkpoints and, until they are installed, their weights."""
    return data_folder / "training"


def demo_sources() -> tuple[Path, ...]:
    """What the demonstration imports, a case each: the metaphases first, then the cut-outs."""
    return (*((DEMO_METAPHASES,) if DEMO_METAPHASES.is_dir() else ()), *demo_archives())


def demo_archives() -> tuple[Path, ...]:
    """The generated cells of cut-outs, one zip each, in the order of their names."""
    return tuple(sorted(DEMO.glob("*.zip")))
