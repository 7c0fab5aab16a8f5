"""Two models measured on the same cells, each in a process of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from karyogui.errors import KaryoError
from karyogui.paths import PROGRAM
from karyogui.services.model_comparison import (
    Comparison,
    Plan,
    compare,
    plan,
    read_metrics,
    write_subset,
)
from karyogui.services.models import InstalledModel
from karyogui.services.progress import Monitor, Progress
from karyogui.workers.child import run_child
from model.vocabulary.events import Event


@dataclass(frozen=True)
class ComparisonRequest:
    """What to compare on, and how many of its cells at most (None: all).

    For classifiers labelled cells, for separations metaphases with boxes or outlines, which the
    `classifier` (None: the bundled one) looks at as in use.
    """

    first: InstalledModel
    second: InstalledModel
    data: Path
    device: str = "auto"
    most_cells: int | None = None
    classifier: Path | None = None


def compare_models(
    request: ComparisonRequest, monitor: Monitor, program: Sequence[str] = PROGRAM
) -> Comparison:
    """Evaluate both models on the cells that neither has seen, and set the figures side by side.

    Reports cells done over both models; raises `KaryoError` when the data or a model cannot be
    used.
    """
    monitor.report(Progress(0, 1, "Reading the cases"))
    planned = plan(request.first, request.second, request.data, request.most_cells)
    try:
        with tempfile.TemporaryDirectory(prefix="karyogui-compare-") as name:
            folder = Path(name)
            cells = _chosen(request, planned, folder)
            first, second = (
                _evaluate(request, planned, number, cells, folder, monitor, program)
                for number in range(2)
            )
    except OSError as error:
        raise KaryoError(f"The comparison could not be written ({error}).") from error
    return compare(request.first, request.second, request.data.name, planned, (first, second))


def _chosen(request: ComparisonRequest, planned: Plan, folder: Path) -> tuple[str, ...]:
    """The verb that measures, and the data with the planned cells alone."""
    if not request.second.separates:
        cells = folder / "cells.zip"
        write_subset(request.data, planned.cells, cells)
        return ("evaluate", "--data", str(cells))
    names = folder / "names.txt"
    names.write_text("".join(f"{name}\n" for _, name in planned.cells), encoding="utf-8")
    told = ("evaluate-separation", "--data", str(request.data), "--names", str(names))
    return told if request.classifier is None else (*told, "--classifier", str(request.classifier))


def _evaluate(
    request: ComparisonRequest,
    planned: Plan,
    number: int,
    cells: Sequence[str],
    folder: Path,
    monitor: Monitor,
    program: Sequence[str],
) -> Mapping[str, object]:
    model = (request.first, request.second)[number]
    out = folder / str(number)
    count = len(planned.cells)
    done = 0

    def heard(line: str) -> None:
        nonlocal done
        event = Event.parse(line)
        if event is not None and event.kind == "progress":
            done = min(int(str(event.fields["done"])), count)
        monitor.report(Progress(number * count + done, 2 * count, f"Measuring {model.name}"))

    arguments = [*cells, "--out", str(out), "--weights", str(model.path)]
    arguments += ["--device", request.device, "--progress"]
    run_child(arguments, heard, program)
    return read_metrics(out / "metrics.json")
