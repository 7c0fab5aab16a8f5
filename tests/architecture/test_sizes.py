"""Small on purpose: modules, classes and functions stay below their ceilings."""

import ast

from tests.architecture.sources import SOURCES, offences, source_of, tree_of

MODULE_LINES = 500
CLASS_LINES = 350
FUNCTION_LINES = 60


def too_long(source: str, module: ast.Module) -> list[str]:
    """Name whatever in a module passes its ceiling."""
    lines = len(source.splitlines())
    found = [f"{lines} lines, at most {MODULE_LINES}"] if lines > MODULE_LINES else []
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            ceiling = CLASS_LINES
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            ceiling = FUNCTION_LINES
        else:
            continue
        assert node.end_lineno is not None
        lines = node.end_lineno - node.lineno + 1
        if lines > ceiling:
            found.append(f"line {node.lineno} {node.name}: {lines} lines, at most {ceiling}")
    return found


def test_nothing_is_too_long() -> None:
    assert not offences(SOURCES, lambda path: too_long(source_of(path), tree_of(path)))


def test_the_check_sees_each_kind() -> None:
    body = "    x = 1\n"
    function = "def f():\n" + body * FUNCTION_LINES
    klass = "class C:\n" + body * CLASS_LINES
    module = "x = 1\n" * (MODULE_LINES + 1)
    texts = (function, klass, module)
    assert [len(too_long(text, ast.parse(text))) for text in texts] == [1, 1, 1]
    short = "def f():\n" + body * (FUNCTION_LINES - 1)
    assert not too_long(short, ast.parse(short))
