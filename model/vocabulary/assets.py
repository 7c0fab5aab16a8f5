"""Where weights, icons and fonts lie: in a checkout beside the packages, in a wheel within one."""

from __future__ import annotations

from pathlib import Path

ROOT: Path = Path(__file__).resolve().parents[2]
"""The folder of the packages; in a checkout that of `main.py` too."""
PACKED: Path = ROOT / "karyogui" / "assets"
"""Where `pyproject.toml` puts the folder when a wheel is built."""
ASSETS: Path = PACKED if PACKED.is_dir() else ROOT / "assets"
