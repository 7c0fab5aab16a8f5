"""No signal hides a name of Qt's own."""

import ast

import pytest

from tests.architecture.sources import REPOSITORY, SOURCES, offences, tree_of

# A signal of this name on a QObject, QThread or QWidget shadows Qt's method or signal.
TAKEN = {"event", "finished", "destroyed", "move", "update"}


def shadowing_signals(module: ast.Module) -> list[str]:
    """Name the assignments `name = Signal(...)` in a module that shadow Qt."""
    found = []
    for node in ast.walk(module):
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


def test_no_signal_shadows_qt() -> None:
    program = [path for path in SOURCES if (REPOSITORY / "karyogui") in path.parents]
    assert not offences(program, lambda path: shadowing_signals(tree_of(path)))


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
    assert len(shadowing_signals(ast.parse(f"class Job:\n    {line}\n"))) == count
