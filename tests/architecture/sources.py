"""The program's modules, each read once, and how a rule about all of them is told."""

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = [path for name in ("karyogui", "model") for path in REPOSITORY.glob(f"{name}/**/*.py")]
SOURCES = sorted([*PACKAGES, REPOSITORY / "main.py"])


@cache
def source_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(source_of(path))


def offences(paths: Iterable[Path], found_in: Callable[[Path], Iterable[str]]) -> list[str]:
    """What a rule finds in the modules, each with its path."""
    return [
        f"{path.relative_to(REPOSITORY)}: {found}" for path in paths for found in found_in(path)
    ]
