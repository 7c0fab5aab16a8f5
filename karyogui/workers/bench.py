"""`main.py bench`: start-up, seconds per cell, runtimes, and how quickly the window answers.

All figures come from one run on this machine. The cell is generated, 46 chromosomes; the window is
stood for by a 60 Hz timer in the GUI thread, whose lateness is what a user would feel. The runtimes
take turns, so that their ratios hold on a computer that does other things meanwhile; the seconds
do not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from karyogui.domain.analysis import AnalysisRequest, CutOutPicture
from karyogui.paths import WEIGHTS
from karyogui.services.progress import SilentMonitor
from karyogui.workers.model_analyser import ModelAnalyser
from model.memory import peak_memory
from model.vocabulary.choices import DEVICES

FRAME_MS = 16
"""Interval of the 60 Hz timer."""


def main(argv: list[str]) -> int:
    """Measure and print one JSON object; exit status 0."""
    parser = argparse.ArgumentParser("main.py bench", description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS / "compact.safetensors")
    parser.add_argument("--device", default="auto", choices=DEVICES)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--batch",
        type=int,
        metavar="N",
        help="instead of all else: the pace of `analyse --jobs`, with N generated photographs",
    )
    parser.add_argument(
        "--library",
        type=int,
        metavar="N",
        help="instead of all else: how the list of cases grows, from 10 cases to N",
    )
    options = parser.parse_args(argv)
    if options.library is not None:
        return library_growth(options.library)
    if options.batch is not None:
        found = batch_pace(options.weights, options.device, options.batch)
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return 0
    figures: dict[str, Any] = {
        "start_up_seconds": start_up_seconds(),
        "board_drag": board_drag(),
    }
    analyser = ModelAnalyser(options.weights, options.device)
    request = _cell_of_46()
    late_loading, loading = gui_lateness(analyser.load)
    figures["loading"] = {"seconds": loading, "gui_late_ms": late_loading}
    lateness, seconds = [], []
    for _ in range(options.repeats):
        late, took = gui_lateness(lambda: analyser.analyse(request, SilentMonitor()))
        lateness.append(late)
        seconds.append(took)
    figures["cell_of_46"] = {
        "seconds_median": round(statistics.median(seconds), 3),
        "seconds_first": seconds[0],
        "gui_late_ms_worst": max(lateness),
    }
    # Before the other runtimes: that of the program as it is used.
    figures["peak_memory_mib"] = peak_memory()
    figures["runtimes"] = runtimes(options.weights, options.device, options.repeats)
    figures["processors"] = os.cpu_count()
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    return 0


def start_up_seconds() -> float:
    """Wall-clock seconds of a new process from its start to a window that is shown and idle."""
    program = (
        "import sys, tempfile, pathlib\n"
        "from karyogui.cli import load_window\n"
        "run = load_window()\n"
        "from PySide6.QtCore import QTimer\n"
        "QTimer.singleShot(0, lambda: QTimer.singleShot(0, sys.exit))\n"
        "run(pathlib.Path(tempfile.mkdtemp()), False)\n"
    )
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    return round(time.perf_counter() - began, 2)


def board_drag() -> dict[str, Any]:
    """Milliseconds from a mouse event to the painted frame, on a board with 47 chromosomes."""
    program = [sys.executable, "-m", "karyogui.ui.board.drag_latency"]
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    ended = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def runtimes(weights: Path, device: str, repeats: int) -> list[dict[str, Any]]:
    """Every runtime that fits this computer against plain PyTorch, the last one."""
    from model.inference.runtime_bench import measure

    return [asdict(figures) for figures in measure(weights, device, repeats)]


def library_growth(cases: int) -> int:
    """What the list of cases costs for more and more of them, printed; returns the exit status."""
    program = [sys.executable, "-m", "karyogui.ui.case_browser.list_bench", "--cases", str(cases)]
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    return subprocess.run(program, env=environment, check=False).returncode


def batch_pace(weights: Path, device: str, count: int) -> dict[str, Any]:
    """Photographs a minute with one process, which has all processors, and with one for each.

    The two take turns, half of the photographs each time; the start of the processes is not
    counted.
    """
    import cv2

    from karyogui.domain.cell import PictureKind
    from karyogui.services.discovery import find_cells
    from karyogui.workers.batch import BatchRequest, run_batch, usual_jobs
    from model.data.generated_archive import generated_cells

    jobs = usual_jobs()
    seconds: dict[int, float] = {1: 0.0, jobs: 0.0}
    open_network = partial(ModelAnalyser, weights, device)
    half = max(jobs, count // 2)
    with tempfile.TemporaryDirectory() as place:
        for number, cell in enumerate(generated_cells(2 * half)):
            folder = Path(place) / f"part {number // half}"
            folder.mkdir(exist_ok=True)
            cv2.imwrite(str(folder / f"photograph {number}.png"), cell.metaphase.picture)
        for part in range(2):
            for processes in seconds:
                out = Path(place) / f"{processes} {part}"
                request = BatchRequest(
                    out, processes, False, open_network, "", choice=PictureKind.METAPHASE
                )
                with find_cells([Path(place) / f"part {part}"]) as found:
                    tally, _ = run_batch(found, request, _Silent())
                seconds[processes] += tally.seconds
    pace = {n: round(60 * 2 * half / took, 2) for n, took in seconds.items()}
    return {
        "photographs": 2 * half,
        "a_minute": {f"{n} processes": value for n, value in pace.items()},
        "times_one_process": round(pace[jobs] / pace[1], 2),
        "processors": os.cpu_count(),
    }


class _Silent:
    def line(self, text: str) -> None:
        """Do nothing."""

    def sentence(self, text: str) -> None:
        """Do nothing."""

    def progress(self, progress: object) -> None:
        """Do nothing."""


def gui_lateness(work: Callable[[], object]) -> tuple[float, float]:
    """Run `work` in a thread: how late (ms) a 60 Hz timer was at worst, and the seconds it took.

    What `work` raises is raised here.
    """
    from PySide6.QtCore import QCoreApplication, QElapsedTimer, Qt, QTimer

    from karyogui.workers.task import Task

    app = QCoreApplication.instance() or QCoreApplication([])
    clock, worst = QElapsedTimer(), 0.0

    def tick() -> None:
        nonlocal worst
        worst = max(worst, clock.restart() - FRAME_MS)

    timer = QTimer(interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    task = Task(lambda monitor: work())
    failures: list[Exception] = []
    task.failed.connect(failures.append)
    task.ended.connect(app.quit)
    began = time.perf_counter()
    clock.start()
    timer.start()
    task.start()
    app.exec()
    timer.stop()
    task.wait()
    if failures:
        raise failures[0]
    return round(worst, 1), round(time.perf_counter() - began, 3)


def _cell_of_46() -> AnalysisRequest:
    import numpy as np

    from model.data.synthetic import render_cell

    counts = {**{str(n): 2 for n in range(1, 23)}, "X": 1, "Y": 1}
    cell = render_cell(counts, np.random.default_rng(46))
    pictures = tuple(CutOutPicture(f"{i}.png", c.image) for i, c in enumerate(cell))
    return AnalysisRequest(0, "generated cell", pictures)
