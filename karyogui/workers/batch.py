"""Thousands of pictures over several processes into files, with a record to go on from.

Two walks over the same processes: every file is looked at for what it shows, then every cell is
analysed. What the record has already is not analysed again.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import psutil

from karyogui.domain.cell import PictureKind
from karyogui.domain.recipe import Recipe
from karyogui.export.cell_files import write_cell
from karyogui.services.batch import analyse_cell, file_names
from karyogui.services.batch_record import (
    ANALYSED,
    FAILED,
    LEFT_OUT,
    REFUSED,
    BatchRecord,
    key_of,
    key_of_picture,
)
from karyogui.services.discovery import CellSource, Found, PictureSource
from karyogui.services.file_names import shown_name, unique_names
from karyogui.services.looks import Seen
from karyogui.services.picture_kind import CUT_OUT_IMPRESSION
from karyogui.services.ports import Network
from karyogui.services.progress import SilentMonitor
from karyogui.services.sorting import Glance, LeftOutPicture, Sorted, glance, sort_by
from karyogui.workers.pool import Outcome, Pool, Work

BYTES_OF_A_PROCESS = 2**30
"""What a process takes with its network and a usual photograph."""
RECENT = 60
"""Cells of which the time left is shown."""
_UNSURE = (replace(CUT_OUT_IMPRESSION, is_sure=False),)
"""Of a file that cannot even be looked at: it is refused, with its reason, when it is read."""


@dataclass(frozen=True)
class BatchRequest:
    """What to do: `jobs` processes, each with a network of its own that `open_network` makes.

    `weights` (their sha256) and the other words say how cells are analysed: what was
    done in another way is done again. `choice` is what a person says that pictures are, `recipe`
    how photographs are looked at.
    """

    out: Path
    jobs: int
    resume: bool
    open_network: Callable[[], Network]
    weights: str
    separator: str = "auto"
    choice: PictureKind | None = None
    recipe: Recipe | None = None

    @property
    def way(self) -> str:
        """How the cells are analysed, for the keys of the record."""
        by_hand = "" if self.recipe is None else f" {self.recipe.text()}"
        return f"1 {self.weights} {self.separator} {self.choice or ''}{by_hand}"


@dataclass(frozen=True)
class BatchProgress:
    """How far it is: `done` of `total` at this `stage`, `bad` of them of no use.

    `seconds_left` is None until it is known.
    """

    stage: str
    done: int
    total: int
    bad: int
    seconds_left: float | None


class Listener(Protocol):
    """Who learns how it goes."""

    def line(self, text: str) -> None:
        """A line of JSON, which is in the record by now."""

    def sentence(self, text: str) -> None:
        """A sentence for the person."""

    def progress(self, progress: BatchProgress) -> None:
        """Reported after every file."""


@dataclass
class BatchTally:
    """How the inputs ended: those of this run, and those that were finished before it."""

    analysed: int = 0
    refused: int = 0
    left_out: int = 0
    failed: int = 0
    before: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Lines written in this run."""
        return self.analysed + self.refused + self.left_out + self.failed

    def count(self, status: str) -> None:
        """Count one input."""
        name = status.replace(" ", "_")
        setattr(self, name, getattr(self, name) + 1)


@dataclass(frozen=True)
class _Look:
    picture: PictureSource
    looks: bool


@dataclass(frozen=True)
class _Analyse:
    cell: CellSource
    name: str
    key: str


def usual_jobs() -> int:
    """As many processes as there are processors, and as the memory that is free allows."""
    room = int(psutil.virtual_memory().available // BYTES_OF_A_PROCESS)
    return max(1, min(os.cpu_count() or 1, room))


def run_batch(found: Found, request: BatchRequest, listener: Listener) -> tuple[BatchTally, bool]:
    """Analyse what was found; returns the tally, and whether every input was of use.

    Raises `KaryoError` when the record or the network cannot be used. Whatever ends it, also a
    kill, loses none of the lines that the listener got; with `resume` it goes on.
    """
    with closing(BatchRecord(request.out, request.resume)) as record:
        if record.kept_as is not None:
            listener.sentence(f"The earlier results were kept as {record.kept_as.name}.")
        batch = _Batch(request, record, listener)
        with closing(batch.pool):
            return batch.run(found)


class _Batch:
    def __init__(self, request: BatchRequest, record: BatchRecord, listener: Listener) -> None:
        self._request = request
        self._record = record
        self._listener = listener
        self._tally = BatchTally()
        self._bad_before = 0
        self._has_problems = False
        self._known: dict[str, str] = {}
        prepare = partial(_prepare, request.open_network, request.out, request.recipe)
        self.pool = Pool(request.jobs, prepare, self._tell_loss)

    def run(self, found: Found) -> tuple[BatchTally, bool]:
        """Look at all files, then analyse what is not finished."""
        for problem in found.problems:
            self._add({"input": "", "status": REFUSED, "sentence": problem})
        chosen = self._sorted(_without_results(found.cells, self._request.out))
        for remark in chosen.remarks:
            self._listener.sentence(remark)
        for left in chosen.left_out:
            self._leave_out(left)
        tasks, finished = self._divided(chosen.cells)
        self._record.forget(_input_of(task.cell) for task in tasks)
        self._tally.before = finished
        began = time.monotonic()
        self._analyse(tasks, finished)
        self._tally.seconds = time.monotonic() - began
        tally = self._tally
        all_good = tally.done == tally.analysed and not (self._bad_before or self._has_problems)
        return tally, all_good and bool(chosen.cells)

    def _sorted(self, cells: Sequence[CellSource]) -> Sorted:
        looks = self._request.choice is None
        tasks = [_Look(picture, looks) for cell in cells for picture in cell.pictures]
        seen: dict[int, Glance] = {}
        left = _TimeLeft(len(tasks))
        for task, outcome in self.pool.outcomes(tasks):
            unseen = Glance(1, False, _UNSURE if looks else ())
            seen[id(task.picture)] = unseen if outcome.sentence else outcome.value
            self._listener.progress(
                BatchProgress("Looking", len(seen), len(tasks), 0, left.after(len(seen)))
            )
        return sort_by(cells, lambda _, picture: seen[id(picture)], self._request.choice)

    def _leave_out(self, left: LeftOutPicture) -> None:
        key = key_of_picture(left.picture, f"left out {self._request.way}")
        if self._record.finished(key) is None:
            self._record.forget([_shown(left.picture)])
            line = {"input": _shown(left.picture), "status": LEFT_OUT, "sentence": left.sentence}
            self._add({**line, "key": key})
        else:
            self._bad_before += 1

    def _divided(self, cells: Sequence[CellSource]) -> tuple[list[_Analyse], int]:
        """The cells that have to be analysed, named so that no file of a finished one is lost."""
        keys = [key_of(cell, self._request.way) for cell in cells]
        finished = {key: done for key in keys if (done := self._record.finished(key)) is not None}
        for done in finished.values():
            self._bad_before += not done.is_good
            self._known |= done.sha256
        taken = [Path(name).stem for done in finished.values() for name in done.files[:1]]
        waiting = [
            (cell, name, key)
            for cell, name, key in zip(cells, file_names(cells), keys, strict=True)
            if key not in finished
        ]
        names = unique_names([*taken, *(name for _, name, _ in waiting)])[len(taken) :]
        tasks = [
            _Analyse(cell, name, key) for (cell, _, key), name in zip(waiting, names, strict=True)
        ]
        return tasks, len(cells) - len(tasks)

    def _analyse(self, tasks: Sequence[_Analyse], finished: int) -> None:
        total = finished + len(tasks)
        left = _TimeLeft(len(tasks))
        if finished:
            self._listener.sentence(f"{finished:,} of {total:,} were already finished.")
        self._listener.progress(self._progress(finished, total, None))
        for number, (task, outcome) in enumerate(self.pool.outcomes(tasks), 1):
            self._add(self._line(task, outcome))
            self._listener.progress(self._progress(finished + number, total, left.after(number)))

    def _progress(self, done: int, total: int, left: float | None) -> BatchProgress:
        bad = self._tally.done - self._tally.analysed
        return BatchProgress("Analysing", done, total, bad, left)

    def _line(self, task: _Analyse, outcome: Outcome) -> dict[str, Any]:
        line: dict[str, Any] = {
            "input": _input_of(task.cell),
            "status": ANALYSED,
            "sentence": "",
            "cell": task.cell.name,
            "case": task.cell.case_name,
            "slide": task.cell.slide,
            "kind": "cut-outs" if task.cell.kind is PictureKind.CUT_OUT else "metaphase",
        }
        if outcome.sentence:
            why = outcome.sentence
            name = _named(task.cell)
            sentence = why if name in why or task.cell.name in why else f"{name}: {why}"
            if not sentence.endswith((".", "!", "?")):
                sentence += "."
            line |= {"status": FAILED if outcome.was_lost else REFUSED, "sentence": sentence}
        else:
            line |= outcome.value
            self._remark_on_repeats(task.cell, line)
        return {**line, "key": task.key}

    def _remark_on_repeats(self, cell: CellSource, line: dict[str, Any]) -> None:
        for digest in line["sha256"]:
            if digest in self._known:
                line["remarks"].append(
                    f"{cell.name}: it holds the same picture as {self._known[digest]}."
                )
                break
        self._known = line["sha256"] | self._known

    def _add(self, line: Mapping[str, Any]) -> None:
        text = self._record.add(line)
        self._tally.count(line["status"])
        self._listener.line(text)
        self._has_problems |= bool(line.get("problems"))
        for sentence in (line["sentence"], *line.get("problems", ()), *line.get("remarks", ())):
            if sentence:
                self._listener.sentence(sentence)

    def _tell_loss(self, task: object, why: str) -> None:
        named = _named(task.cell) if isinstance(task, _Analyse) else ""
        named = task.picture.name if isinstance(task, _Look) else named
        self._listener.sentence(f"{named}: {why}; it is tried once more.")


def _without_results(cells: Sequence[CellSource], out: Path) -> tuple[CellSource, ...]:
    """The cells but for what a batch has written before in a folder among them."""
    place = out.absolute()
    left = [
        replace(
            cell,
            pictures=tuple(
                p for p in cell.pictures if not p.place.absolute().is_relative_to(place)
            ),
        )
        for cell in cells
    ]
    return tuple(cell for cell in left if cell.pictures)


class _TimeLeft:
    """Seconds left by how long the last ones took."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._times = deque([time.monotonic()], maxlen=RECENT)

    def after(self, done: int) -> float | None:
        """When so many are done."""
        self._times.append(time.monotonic())
        if len(self._times) < 3 and done < self._total:
            return None
        each = (self._times[-1] - self._times[0]) / (len(self._times) - 1)
        return each * (self._total - done)


def _named(cell: CellSource) -> str:
    return cell.pictures[0].name if len(cell.pictures) == 1 else cell.name


def _input_of(cell: CellSource) -> str:
    """Where the pictures of a cell are: the file, or the folder of several."""
    if len(cell.pictures) == 1:
        return _shown(cell.pictures[0])
    return shown_name(str(cell.pictures[0].place.parent))


def _shown(picture: PictureSource) -> str:
    place = shown_name(str(picture.place))
    is_whole = picture.name == shown_name(picture.place.name)
    return place if is_whole else f"{place}: {picture.name}"


# -- in the processes --------------------------------------------------------------------------


def _prepare(open_network: Callable[[], Network], out: Path, recipe: Recipe | None) -> Work:
    network = open_network()
    network.load()
    return partial(_work, network, out, recipe)


def _work(
    network: Network, out: Path, recipe: Recipe | None, task: _Look | _Analyse
) -> Glance | dict[str, Any]:
    if isinstance(task, _Look):
        return glance(task.picture, task.looks)
    seen = Seen()
    analysed = analyse_cell(task.cell, network, SilentMonitor(), seen, recipe)
    report = analysed.report
    files, failures = write_cell(analysed, out, task.name)
    model = report.cell.model
    return {
        "status": FAILED if failures else ANALYSED,
        "sentence": " ".join(failures),
        "chromosomes": len(report.cell.chromosomes),
        "findings": [finding.text for finding in report.findings],
        "iscn_proposal": report.iscn.text,
        "iscn_question": report.iscn.question,
        "problems": list(analysed.problems),
        "remarks": list(analysed.remarks),
        "seconds": report.cell.seconds,
        "model": None if model is None else asdict(model),
        "files": list(files),
        "sha256": seen.files,
    }
