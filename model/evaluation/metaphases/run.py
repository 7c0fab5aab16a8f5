"""Running over metaphases: each result is kept at once, so that a broken run goes on.

What was found is kept by what found it: the separator, the weights, and the program itself.
Another of these has another folder, so nothing stale is taken for new and nothing is thrown away.
"""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import cv2

import model
from model.evaluation.metaphases.cells import FoundCell, FoundObject
from model.memory import peak_memory
from model.segmentation.base import GreyImage, Separator
from model.vocabulary.errors import ModelError
from model.vocabulary.files import write_texts

if TYPE_CHECKING:
    from model.inference.metaphase import MetaphaseReader

log = logging.getLogger(__name__)

Look = Callable[[str, GreyImage], FoundCell]
Told = Callable[[int, int], None]

BESIDE: frozenset[str] = frozenset(("data", "evaluation", "studies", "training"))
"""Packages of the model that have no say in what is found in a picture."""
START = "spawn"
"""How processes begin: a fork would copy locks that threads hold."""


class Pictures(Protocol):
    """An archive of metaphases; it is opened again in every process."""

    path: Path

    def __init__(self, path: Path) -> None: ...

    def picture(self, name: str) -> GreyImage:
        """ModelError when it cannot be read."""


class Opens(Protocol):
    """Whatever looks, loaded when asked for."""

    def open(self) -> Look:
        """ModelError when something is missing."""


@dataclass(frozen=True)
class Setting:
    """What looks: separator, its weights (None: the bundled ones), the classifier (None: none).

    `checks`: whether the bundled judge makes the separation check; `mends`: whether doubtful
    objects may be separated in another way. `cache` keeps converted networks.
    """

    separator: str
    weights: Path | None
    classifier: Path | None
    device: str = "auto"
    runtime: str = "auto"
    checks: bool = True
    mends: bool = True
    cache: Path | None = None

    def open(self) -> Look:
        """Load everything; ModelError when something is missing. Networks take seconds."""
        from model.segmentation.separate import open_separator

        separator = open_separator(self.separator, self.weights)
        if self.classifier is None:
            return separating(separator)
        from model.inference.metaphase import MetaphaseReader
        from model.inference.predictor import Predictor
        from model.inference.separation_check import Judge
        from model.inference.ways import Mender

        predictor = Predictor.load(
            self.classifier, self.device, runtime=self.runtime, cache=self.cache
        )
        judge = Judge.load() if self.checks else None
        mender = Mender.load() if self.checks and self.mends else None
        return classifying(MetaphaseReader(separator, predictor, judge, mender))

    def fingerprint(self) -> str:
        """Eight digits that change with the choice, the weights and the program's text."""
        from model.inference.separation_check import CHECK
        from model.inference.ways import WAYS
        from model.segmentation.weights import SEPARATION

        chosen = asdict(replace(self, cache=None))
        known = hashlib.sha256(json.dumps(chosen, default=str).encode())
        for weights in (self.weights or SEPARATION, self.classifier, CHECK, WAYS):
            if weights is not None and weights.exists():
                known.update(weights.read_bytes())
        root = Path(model.__file__).parent
        for source in sorted(root.rglob("*.py")):
            if source.relative_to(root).parts[0] not in BESIDE:
                known.update(source.read_bytes())
        return known.hexdigest()[:8]


def separating(separator: Separator) -> Look:
    """Looks with a separator alone."""

    def look(name: str, picture: GreyImage) -> FoundCell:
        began = time.perf_counter()
        found = separator(picture)
        seconds = time.perf_counter() - began
        objects = tuple(FoundObject.of(o) for o in found.instances)
        return FoundCell(name, objects, seconds, method=found.method)

    return look


def classifying(reader: MetaphaseReader) -> Look:
    """Looks the whole way."""

    def look(name: str, picture: GreyImage) -> FoundCell:
        result = reader.read(picture)
        seen = dict(zip(result.chromosomes, result.cell.objects, strict=True))
        disagreeing = {result.chromosomes[n] for n in result.cell.disagreeing}
        entries = {entry.object: entry for entry in result.check}
        objects = tuple(
            FoundObject.of(o, seen.get(i), i in disagreeing, entries.get(i))
            for i, o in enumerate(result.separation.instances)
        )
        return FoundCell(
            name, objects, *result.seconds,
            warnings=result.cell.warnings, method=result.separation.method,
        )  # fmt: skip

    return look


@dataclass(frozen=True)
class Kept:
    """A folder of results, one file for each picture."""

    folder: Path

    def get(self, name: str, digest: str) -> FoundCell | None:
        """The result of a picture of that content, None of another and of a damaged file."""
        try:
            values = json.loads(self._path(name).read_bytes())
            return FoundCell.from_json(values) if values["picture"] == digest else None
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def put(self, found: FoundCell, digest: str) -> None:
        """ModelError when the disk refuses."""
        text = json.dumps({"picture": digest, **found.to_json()})
        write_texts(self.folder, {self._path(found.name).name: text})

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


class Looker:
    """Looks at the pictures of an archive; what looks is loaded when it is first needed."""

    def __init__(self, archive: Pictures, setting: Opens, kept: Kept) -> None:
        self._archive, self._setting, self._kept = archive, setting, kept

    def __call__(self, name: str) -> FoundCell:
        """What is kept of a picture, or what is found now and kept.

        Of a picture that fails, by whatever error, the sentence; ModelError when nothing can be
        looked with or the disk refuses.
        """
        try:
            picture = self._archive.picture(name)
        except ModelError as error:
            return FoundCell(name, (), 0.0, error=str(error))
        digest = hashlib.sha256(picture.tobytes() + bytes(str(picture.shape), "ascii")).hexdigest()
        known = self._kept.get(name, digest)
        if known is not None:
            return known
        found = replace(guarded(self._look, name, picture), peak_memory=peak_memory())
        self._kept.put(found, digest)
        return found

    @cached_property
    def _look(self) -> Look:
        return self._setting.open()


def look_at_all(
    archive: Pictures,
    names: Sequence[str],
    setting: Opens,
    kept: Kept,
    processes: int = 1,
    told: Told = lambda done, of: None,
) -> list[FoundCell]:
    """Look at every picture, in the order of `names`, or take what is kept.

    `told(done, of)` follows each. ModelError as of `Looker`, and when the system ends a process.
    """
    cells = []
    with closing(_looked(archive, names, setting, kept, processes)) as looked:
        for cell in looked:
            cells.append(cell)
            told(len(cells), len(names))
    return cells


def guarded(look: Look, name: str, picture: GreyImage) -> FoundCell:
    """What was found, or of a picture that fails, by whatever error, the sentence."""
    began = time.perf_counter()
    try:
        return look(name, picture)
    except ModelError as error:
        sentence = str(error)
    except Exception as error:
        # One picture's bug must not take the others' figures; it counts as all missed.
        log.exception("%s could not be analysed", name)
        sentence = f"{type(error).__name__}: {error}"
    return FoundCell(name, (), time.perf_counter() - began, error=sentence)


def _looked(
    archive: Pictures, names: Sequence[str], setting: Opens, kept: Kept, processes: int
) -> Generator[FoundCell]:
    if processes <= 1:
        yield from map(Looker(archive, setting, kept), names)
        return
    threads = max(1, (os.cpu_count() or 1) // processes)
    pool = ProcessPoolExecutor(
        processes,
        multiprocessing.get_context(START),
        _start,
        (type(archive), archive.path, setting, kept, threads),
    )
    try:
        yield from pool.map(_in_process, names)
    except BrokenProcessPool as error:
        raise ModelError(
            "A process ended prematurely, perhaps for lack of memory.",
            "Start again with fewer processes: finished work is kept.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_looker: list[Looker] = []


def _start(kind: type[Pictures], path: Path, setting: Opens, kept: Kept, threads: int) -> None:
    """Prepare a process of its own: it gets its share of the processor."""
    import torch

    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    _looker[:] = [Looker(kind(path), setting, kept)]


def _in_process(name: str) -> FoundCell:
    return _looker[0](name)
