"""What every test gets: no display, a private home, and a check that nothing is left behind."""

import functools
import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before Qt is loaded; set it to "xcb" or "wayland" to watch the tests.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Before torch and numpy are: beside other processes their threads mostly wait for one another, and
# that takes a core as well. Analyses took twice the time.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Hundreds of tests start a process of their own: what it imports is compiled once, not each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import hypothesis
import pytest
from pytestqt.qtbot import QtBot

if TYPE_CHECKING:
    from karyogui.services.workspace import Workspace
    from tests.stored import Stored

REPOSITORY = Path(__file__).resolve().parents[1]
DATA_FOLDERS = (os.environ.get("KARYOGUI_DATA"), REPOSITORY.parent / "shared" / "data")

# No deadline: a loaded machine is not a bug.
hypothesis.settings.register_profile("karyogui", deadline=None, print_blob=True)
hypothesis.settings.load_profile("karyogui")


def pytest_collection_finish() -> None:
    """What all tests have imported stays: the collector need not go through it again and again."""
    if "cv2" in sys.modules:
        sys.modules["cv2"].setNumThreads(1)
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests out of the developer's own data and settings folders."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DATA", "CONFIG", "CACHE", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        if "PYTEST_XDIST_WORKER" in os.environ:
            # The converted network is the same for all processes of a run.
            patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp().parent / "cache"))
        for name in ("APPDATA", "LOCALAPPDATA"):  # the same on Windows
            patch.setenv(name, str(home))
        yield


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Waits four times as long as pytest-qt does: a loaded machine is not a bug."""
    qtbot.waitUntil = functools.partial(qtbot.waitUntil, timeout=20_000)  # type: ignore[method-assign]
    return qtbot


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """A test's folder need not survive a power cut: a fifth of the time went into `fsync`.

    Whoever tests that something has reached the disk puts an `fsync` of its own there; processes
    that tests start (and kill) have the real one.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    """SQLAlchemy compiles each statement again for each database, of which a test has its own.

    This took a third of the time of the tests with a data folder. All are of one kind, so that
    what is compiled for one of them serves the others.
    """
    if "sqlalchemy" not in sys.modules:
        yield
        return
    from sqlalchemy import Engine
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as Dialect
    from sqlalchemy.util import LRUCache

    compiled: LRUCache[Any, Any] = LRUCache(2000)
    make = Engine.__init__

    def make_with_it(engine: Engine, pool: Any, dialect: Any, *others: Any, **named: Any) -> None:
        make(engine, pool, dialect, *others, **named)
        if type(dialect) is Dialect:
            engine._compiled_cache = compiled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "__init__", make_with_it)
        patch.setattr(Dialect, "__hash__", lambda _: hash(Dialect))
        patch.setattr(Dialect, "__eq__", lambda one, other: type(one) is type(other))
        yield


@pytest.fixture(autouse=True)
def _nothing_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test after which a QThread runs on or a new top-level widget still exists."""
    if "PySide6.QtWidgets" not in sys.modules:
        yield
        return
    from PySide6.QtCore import QThread
    from PySide6.QtWidgets import QApplication

    started: list[QThread] = []
    start = QThread.start

    def recording_start(thread: QThread, *args: object) -> None:
        started.append(thread)
        start(thread, *args)

    monkeypatch.setattr(QThread, "start", recording_start)
    # The widgets themselves, not their ids: an id is used again once its widget is gone.
    before = set(QApplication.topLevelWidgets()) if QApplication.instance() else set()
    yield
    if running := [thread for thread in started if _is_running(thread)]:
        for thread in running:
            thread.requestInterruption()
            thread.quit()
            thread.wait(5000)
        pytest.fail(f"the test left threads running: {running}")
    if left := _new_windows(before):
        names = sorted(f"{type(widget).__name__} {widget.windowTitle()!r}" for widget in left)
        for widget in left:
            widget.deleteLater()
        pytest.fail(f"the test left top-level widgets behind: {names}")


def _is_running(thread: object) -> bool:
    import shiboken6

    return shiboken6.isValid(thread) and thread.isRunning()


def _new_windows(before: set) -> list:
    """Top-level widgets made since `before`, after giving Qt and Python the chance to free them."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    def new() -> list:
        return [
            widget
            for widget in QApplication.topLevelWidgets()
            # Qt keeps the one tooltip label for itself.
            if widget not in before and widget.metaObject().className() != "QTipLabel"
        ]

    if QApplication.instance() is None or not new():
        return []
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if new():
        gc.collect()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return new()


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> "Stored":
    """Data folders that are made once and copied for each test."""
    from tests.stored import Stored

    return Stored(lambda: tmp_path_factory.mktemp("stored"))


@pytest.fixture
def workspace(
    request: pytest.FixtureRequest, stored: "Stored", tmp_path: Path
) -> Iterator["Workspace"]:
    """A data folder as the module's function `fill` leaves it; an empty one where it has none."""
    from tests.stored import nothing

    yield from stored.opened(getattr(request.module, "fill", nothing), tmp_path / "data")


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Return a function from an archive's name to its path; without the archive the test skips.

    Archives are looked for in the folder named by KARYOGUI_DATA, then in ../shared/data.
    """

    def find(name: str) -> Path:
        for folder in DATA_FOLDERS:
            if folder and (path := Path(folder) / name).exists():
                return path
        reason = f"{name} is not here; name its folder in KARYOGUI_DATA to run this test"
        print(reason)  # noqa: T201 (seen with -s; -ra shows the reason too)
        pytest.skip(reason)

    return find
