"""No signal hides a name of Qt's own."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted(REPOSITORY.glob("karyogui/**/*.py"))
# A signal of this name on a QObject, QThread or QWidget shadows Qt's method or signal.
TAKEN = {"event", "finished", "destroyed", "move", "update"}


def shadowing_signals(source: str) -> list[str]:
    """Name the assignments `name = Signal(...)` in a module's text that shadow Qt."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        if not isinstance(node.value, ast.Call):
            continue
        called = ast.unparse(node.value.func).rpartition(".")[2]
        if called != "Signal":
            continue
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        found += [f"line {node.lineno}: {name}" for name in names if name in TAKEN]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_signal_shadows_qt(path: Path) -> None:
    assert not shadowing_signals(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("finished = Signal(int)", 1),
        ("event: Signal = QtCore.Signal()", 1),
        ("move = moved = Signal()", 1),
        ("ended = Signal()", 0),
        ("finished = True", 0),
    ],
)
def test_the_check_sees_a_shadow(line: str, count: int) -> None:
    assert len(shadowing_signals(f"class Job:\n    {line}\n")) == count
