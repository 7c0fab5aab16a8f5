"""Small on purpose: modules, classes and functions stay below their ceilings."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = [path for name in ("karyogui", "model") for path in REPOSITORY.glob(f"{name}/**/*.py")]
SOURCES = sorted([*PACKAGES, REPOSITORY / "main.py"])
MODULE_LINES = 500
CLASS_LINES = 350
FUNCTION_LINES = 60


def too_long(source: str, name: str) -> list[str]:
    """Name whatever in a module's text passes its ceiling."""
    lines = len(source.splitlines())
    found = [f"{name}: {lines} lines, at most {MODULE_LINES}"] if lines > MODULE_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            ceiling = CLASS_LINES
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            ceiling = FUNCTION_LINES
        else:
            continue
        assert node.end_lineno is not None
        lines = node.end_lineno - node.lineno + 1
        if lines > ceiling:
            found.append(f"{name}:{node.lineno} {node.name}: {lines} lines, at most {ceiling}")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_nothing_is_too_long(path: Path) -> None:
    assert not too_long(path.read_text(encoding="utf-8"), path.name)


def test_the_check_sees_each_kind() -> None:
    body = "    x = 1\n"
    function = "def f():\n" + body * FUNCTION_LINES
    klass = "class C:\n" + body * CLASS_LINES
    module = "x = 1\n" * (MODULE_LINES + 1)
    assert [len(too_long(text, "m")) for text in (function, klass, module)] == [1, 1, 1]
    assert not too_long("def f():\n" + body * (FUNCTION_LINES - 1), "m")
