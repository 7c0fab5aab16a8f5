"""The arrows hold, start-up stays light, and no text names a machine or loads a pickle."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.architecture.sources import REPOSITORY, SOURCES, offences, source_of, tree_of

FOLDERS = (".ci", "assets", "docs", "karyogui", "model", "tests")
TEXTS = sorted(
    path
    for pattern in ("*", *(f"{folder}/**/*" for folder in FOLDERS))
    for path in REPOSITORY.glob(pattern)
    if path.is_file()
    and path.suffix in {"", ".py", ".md", ".toml", ".sh", ".json", ".csv", ".svg", ".ini", ".mako"}
    and not path.name.startswith((".git", ".coverage"))
)
PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
# A folder of somebody's computer. The first part keeps web addresses and relative paths out.
MACHINE_PATH = re.compile(r"(?<![\w.:/\-])/(?:work|home|root|Users|mnt)/\w|\b[A-Z]:\\Users\\\w")


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pickle_uses(module: ast.Module) -> list[str]:
    """Name the imports and calls in a module that can run code from a data file."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            keywords = {word.arg: ast.unparse(word.value) for word in node.keywords}
            whole = called == "torch.load" and keywords.get("weights_only") != "True"
            if whole or keywords.get("allow_pickle") == "True":
                found.append(f"line {node.lineno}: {called}")
            continue
        else:
            continue
        found += [f"line {node.lineno}: {name}" for name in names if name.split(".")[0] in PICKLES]
    return found


def test_import_contracts_hold() -> None:
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = grimp.build_graph("karyogui", "model", exclude_type_checking_imports=True)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imports).prepare()  # CycleError names a circle


@pytest.mark.parametrize("module", ["main", "karyogui.cli", "karyogui.app"])
def test_start_up_does_not_import_torch(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{n.partition('.')[0] for n in sys.modules}}))"
    assert "torch" not in run_python(code).split()


def imported_at_once(path: Path) -> set[str]:
    """Modules that a module imports as soon as it is imported itself."""
    imports = [n for n in tree_of(path).body if isinstance(n, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    return names | {n.module for n in imports if isinstance(n, ast.ImportFrom) and n.module}


def test_modules_that_windows_lacks_are_imported_only_where_they_are() -> None:
    lacking = {"resource", "fcntl", "pwd", "grp", "termios"}
    assert not offences(SOURCES, lambda path: imported_at_once(path) & lacking)


def test_the_shared_words_load_nothing_but_numpy() -> None:
    names = sorted(path.stem for path in REPOSITORY.glob("model/vocabulary/[a-z]*.py"))
    imports = "; ".join(f"import model.vocabulary.{name}" for name in names)
    told = "print(*{n.partition('.')[0] for n in sys.modules})"
    before = set(run_python(f"import sys; {told}").split())
    loaded = set(run_python(f"import sys; {imports}; {told}").split()) - before
    assert loaded - sys.stdlib_module_names <= {"model", "numpy"}


def test_the_command_line_loads_without_qt() -> None:
    loaded = run_python("import sys, karyogui.cli; print(*sys.modules)").split()
    assert "PySide6" not in loaded


def test_no_pickles() -> None:
    assert not offences(SOURCES, lambda path: pickle_uses(tree_of(path)))


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from pickle import loads",
        "torch.load(f)",
        "torch.load(f, weights_only=False)",
        "torch.load(f, weights_only=safe)",
        "np.load(f, allow_pickle=True)",
    ],
)
def test_the_check_sees_a_pickle(line: str) -> None:
    assert pickle_uses(ast.parse(line))


def test_published_weights_may_be_read_as_tensors_alone_and_only_in_training() -> None:
    """By a loader that runs no code, of a file whose checksum is known."""
    assert not pickle_uses(ast.parse("torch.load(f, weights_only=True)"))
    loading = [path for path in SOURCES if "torch.load(" in source_of(path)]
    assert loading == [REPOSITORY / "model" / "training" / "imagenet.py"]


def test_no_text_names_a_machine() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()[:100]}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert not found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see /" + "home/ann/cells", True),
        ("data: '/" + "work/data'", True),
        ("C:" + "\\Users\\ann", True),
        ("https://example.org/home/index", False),
        ("../shared/data", False),
        ("docs/work/notes", False),
    ],
)
def test_the_check_sees_a_machine_path(text: str, found: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is found
