"""How the list of cases grows: `python -m` prints JSON, for libraries of more and more cases.

A program of its own for `main.py bench --library`, which may not import the window. Every case has
five cells; what is timed in the window is timed in its own thread. Figures are of the clock but
where they are called those of the processor, which other work on the computer does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from karyogui.domain.case import CaseState
from karyogui.domain.case_list import CaseOrder, CaseQuery
from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.settings import SettingsStore
from karyogui.ui.main_window import MainWindow
from karyogui.ui.window_state import WindowState
from karyogui.workers.model_analyser import ModelAnalyser

FIRST = 10
CELLS = 5
PLACED = 100
"""The newest cases have their chromosomes placed; to place those of all would take hours."""
SLOTS = ("1", "1", "2", "2", "21", "21", "21", "X", "X", "Y")
REPEATS = 5
QUERIES = {
    "first_page": CaseQuery(),
    "by_name": CaseQuery(order=CaseOrder.NAME, descending=False),
    "by_findings": CaseQuery(order=CaseOrder.FINDINGS),
    "of_a_state": CaseQuery(state=CaseState.ANALYSED),
    "search_rare": CaseQuery(words=("case-7 ",)),
    "search_part": CaseQuery(words=("ase-4",)),
    "search_short": CaseQuery(words=("a7",)),
    "search_all": CaseQuery(words=("case", "cell")),
    "search_none": CaseQuery(words=("no such case",)),
}


def main() -> int:
    """Measure libraries of 10, 100 … as many cases as asked for; exit status 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--open", type=Path, help="only open this data folder, for the start-up")
    options = parser.parse_args()
    if options.open is not None:
        return _open_and_close(options.open)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    figures: dict[str, Any] = {"cells_of_a_case": CELLS, "milliseconds": {}}
    starts: dict[int, float] = {}
    for count in _sizes(options.cases):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "data"
            told = _library(folder, count)
            starts[count] = _start_up(folder)
            told["start_up_seconds"] = round(starts[count], 2)
            told["start_up_of_ten"] = round(starts[count] / starts[FIRST], 2)
            figures["milliseconds"][str(count)] = told
    del app
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    return 0


def _sizes(most: int) -> Iterator[int]:
    size = FIRST
    while size < most:
        yield size
        size *= 10
    yield most


def _library(folder: Path, count: int) -> dict[str, Any]:
    open_workspace(folder).close()
    began = time.perf_counter()
    with closing(sqlite3.connect(folder / "karyogui.db")) as database, database:
        _fill(database, count)
    filled = time.perf_counter() - began
    with closing(open_workspace(folder)) as workspace:
        began = time.perf_counter()
        workspace.library.listing.freshen(count)
        told: dict[str, Any] = {
            "seconds_to_fill": round(filled, 1),
            "seconds_to_index": round(time.perf_counter() - began, 1),
        }
        last = partial(workspace.library.page, CaseQuery(), max(0, count - 100))
        acts = {n: partial(workspace.library.page, q) for n, q in QUERIES.items()}
        timed = {name: _medians(act) for name, act in (acts | {"last_page": last}).items()}
        told |= {name: clock for name, (clock, _) in timed.items()}
        told["of_the_processor"] = {name: own for name, (_, own) in timed.items()}
        told |= _window(workspace, folder)
    return told


def _fill(database: sqlite3.Connection, count: int) -> None:
    when = "2026-03-01 12:00:00.000000"
    database.executemany(
        'INSERT INTO "case" (id, name, created, details, is_demo) VALUES (?, ?, ?, ?, 0)',
        ((n, f"case-{n} {n % 97}-{n % 89:04}", when, "{}") for n in range(1, count + 1)),
    )
    cells = [(CELLS * n + k, n, k) for n in range(1, count + 1) for k in range(CELLS)]
    database.executemany(
        "INSERT INTO cell (id, case_id, position, name, created) VALUES (?, ?, ?, ?, ?)",
        ((i, n, k, f"cell {k} a{n % 50}", when) for i, n, k in cells),
    )
    database.executemany(
        "INSERT INTO picture (cell_id, position, name, key, width, height, sha256, kind) "
        "VALUES (?, 0, 'p.png', ?, 100, 100, ?, 'cut-out')",
        ((i, f"{i}.png", str(i)) for i, _, _ in cells),
    )
    analysed = [(i, n) for i, n, _ in cells if n % 3]
    database.executemany(
        "INSERT INTO analysis (id, cell_id, revision, at, seconds, model_name, model_version, "
        "model_sha256, model_device) VALUES (?, ?, 1, ?, 1.0, 'm', '1', '0', 'cpu')",
        ((i, i, when) for i, _ in analysed),
    )
    database.executemany(
        "INSERT INTO placement (cell_id, chromosome_id, slot, slot_index, turn, mirrored, "
        "confirmed) VALUES (?, ?, ?, 0, 0, 0, 0)",
        (
            (i, f"c{k:02}", SLOTS[k % len(SLOTS)])
            for i, n in analysed if n > count - PLACED
            for k in range(46)
        ),
    )  # fmt: skip


def _window(workspace: Workspace, folder: Path) -> dict[str, Any]:
    """What an edit costs in the window's thread, and what a locked database does."""
    workspace.hurry()
    settings = SettingsStore(folder / "settings.toml")
    state = WindowState(folder / "window.ini")
    window = MainWindow(workspace, settings, state, lambda w, d: ModelAnalyser(w, d))
    window.show()
    _wait(200)
    cases = window.cases
    costs: list[float] = []
    own: list[float] = []
    show = cases._on_news

    def timed(news: Any) -> None:  # noqa: ANN401
        began, used = time.perf_counter(), time.thread_time()
        show(news)
        own.append(time.thread_time() - used)
        costs.append(time.perf_counter() - began)

    cases._reader.told.disconnect()
    cases._reader.told.connect(timed)
    cell_id = cases.summaries[0].cells[0].id
    for number in range(2 * REPEATS):
        if number % 2:
            workspace.library.take_back([cell_id], "bench")
        else:
            workspace.library.exclude([cell_id], "bench", "bench")
        heard = len(costs)
        cases.refresh_soon()
        while len(costs) == heard:
            _wait(20)

    def search() -> None:
        cases.panel.search.setText("case-4")
        cases.panel.search.clear()

    told = {
        "edit_in_the_window_median": round(1000 * statistics.median(costs), 2),
        "edit_in_the_window_worst": round(1000 * max(costs), 2),
        "edit_in_the_window_worst_of_the_processor": round(1000 * max(own), 2),
        "searched_and_back": _medians(search)[0],
        "edit_while_locked": _locked(workspace, folder, cell_id),
    }
    window.close()
    window.deleteLater()
    return told


def _locked(workspace: Workspace, folder: Path, cell_id: int) -> float:
    """Milliseconds until an edit is refused while another program holds the database."""
    with closing(sqlite3.connect(folder / "karyogui.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.perf_counter()
        try:
            workspace.library.exclude([cell_id], "bench", "bench")
        except KaryoError:
            return round(1000 * (time.perf_counter() - began), 1)
        finally:
            other.execute("ROLLBACK")
    return 0.0


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _medians(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock and of this thread's processor time."""
    clock, own = [], []
    for _ in range(REPEATS):
        began, used = time.perf_counter(), time.thread_time()
        act()
        own.append(time.thread_time() - used)
        clock.append(time.perf_counter() - began)
    return round(1000 * statistics.median(clock), 1), round(1000 * statistics.median(own), 1)


def _start_up(folder: Path) -> float:
    """Seconds of a new process to a window that is shown and idle; the best of three."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    command = [sys.executable, "-m", "karyogui.ui.case_browser.list_bench", "--open", str(folder)]
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(command, env=environment, check=True)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def _open_and_close(folder: Path) -> int:
    app = QApplication(sys.argv[:1])
    with closing(open_workspace(folder)) as workspace:
        settings = SettingsStore(folder / "settings.toml")
        state = WindowState(folder / "window.ini")
        window = MainWindow(workspace, settings, state, lambda w, d: ModelAnalyser(w, d))
        window.show()
        QTimer.singleShot(0, lambda: QTimer.singleShot(0, app.quit))
        app.exec()
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
