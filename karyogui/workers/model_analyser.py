"""The network: loaded at first need, its arrays turned into domain objects."""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import os
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from karyogui.domain.analysis import (
    AnalysisRequest,
    AnalysisResult,
    MetaphasePicture,
    ModelIdentity,
)
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject
from karyogui.domain.separation_check import CheckEntry
from karyogui.log import timed
from karyogui.paths import cache_folder
from karyogui.services.progress import Monitor, Progress
from karyogui.workers.model_results import (
    Made,
    analysed,
    as_seen,
    entries_of,
    of_cut_outs,
    of_photograph,
    of_separated,
)
from model.vocabulary.choices import DEFAULT_ASSIGNMENT
from model.vocabulary.errors import ModelError
from model.vocabulary.results import CellResult, Scale

if TYPE_CHECKING:
    from model.inference.legibility import Legibility
    from model.inference.metaphase import MaskAt, MetaphaseReader
    from model.inference.predictor import Predictor
    from model.inference.separation_check import Judge
    from model.segmentation.base import Separator

LIBRARIES = ("libc10.so", "libtorch_cpu.so", "libtorch.so", "libtorch_python.so")


def load_libraries() -> None:
    """Map the network's shared libraries without holding up the window; on Linux only.

    An `import` maps them while it holds the interpreter's lock: a quarter of a second in which no
    event is handled. A foreign call gives the lock away, and the import that follows finds them
    there. Whatever fails here is left to the import.
    """
    package = importlib.util.find_spec("torch")
    if sys.platform != "linux" or package is None or package.origin is None:
        return
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype = ctypes.c_void_p
    for name in LIBRARIES:
        library = Path(package.origin).parent / "lib" / name
        if library.exists():
            dlopen(os.fsencode(library), os.RTLD_LAZY)


log = logging.getLogger(__name__)

SHA256_DIGITS = 12
"""How many hex digits of the weights' sha256 name a model."""


class ModelAnalyser:
    """Implements `services.ports.Network`. Made in no time; torch is imported by `load`.

    For one thread at a time: in the window that of `NetworkQueue`.
    """

    def __init__(
        self,
        weights: Path,
        device: str = "auto",
        assignment: str = DEFAULT_ASSIGNMENT,
        runtime: str = "auto",
        separator: str = "auto",
        separation: Path | None = None,
    ) -> None:
        """`separation` are the weights of the learned separator, None for the bundled ones."""
        self._weights = weights
        self._separation_weights = separation
        self._device = device
        self._assignment = assignment
        self._runtime = runtime
        self._separator = separator
        self._predictor: Predictor | None = None
        self._opened: Separator | None = None
        self._separation: MetaphaseReader | None = None
        self._quick: Separator | None = None

    def load(self) -> None:
        """Load the network if it is not loaded (seconds).

        Raises `KaryoError` for missing, wrong or damaged weights and for an unusable device.
        """
        self._loaded()

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        """Look at a cell; `seconds` does not count the loading of the network."""
        monitor.report(Progress(0, 1, f"{request.cell_name}: loading the network"))
        predictor = self._loaded()

        def report(done: int, total: int, message: str) -> None:
            monitor.report(Progress(done, total, f"{request.cell_name}: {message}"))

        separates = request.metaphase is not None and not request.objects
        reader = self._reader(predictor) if separates else None
        made = partial(AnalysisResult, request.cell_id, model=_identity(predictor), seconds=0.0)
        started = time.perf_counter()
        if request.metaphase is not None and request.objects:
            told = _as_repaired(predictor, request.metaphase, request.objects, report, made)
        elif request.metaphase is not None and reader is not None:
            shown = request.metaphase
            found = reader.read(shown.enhanced, report, shown.width_factor, shown.scale_factor)
            told = of_photograph(request.metaphase.name, found, made)
            told = replace(told, separation=_separation_text(reader.separator))
        else:
            cell = predictor.predict_cell([p.pixels for p in request.pictures], report)
            names = [picture.name for picture in request.pictures]
            told = of_cut_outs(names, cell, made, self._bands_of(predictor, cell))
        seconds = time.perf_counter() - started
        # A runtime that failed at its first picture has been replaced meanwhile.
        return replace(told, model=_identity(predictor), seconds=seconds)

    @staticmethod
    def _bands_of(predictor: Predictor, cell: CellResult) -> Legibility | None:
        """What the types of ready cut-outs say of their bands; None of too few."""
        from model.inference.legibility import legibility

        return legibility(cell, lambda crops: predictor.look_again(crops, cell.scale))

    def model(self) -> ModelIdentity:
        """The network that looks."""
        return _identity(self._loaded())

    def classify(
        self,
        picture: MetaphasePicture,
        objects: Sequence[SeparatedObject],
        scale: Scale | None,
        monitor: Monitor,
    ) -> tuple[Chromosome, ...]:
        """Look at single objects of a photograph."""
        predictor = self._loaded()

        def report(done: int, total: int, message: str) -> None:
            monitor.report(Progress(done, total, message))

        found = self._reader(predictor).read_separated(
            picture.enhanced, _masks(objects), scale, report
        )
        return tuple(
            analysed(picture.name, seen, o.id, o.box)
            for o, seen in zip(objects, found, strict=True)
        )

    def check_again(
        self,
        picture: MetaphasePicture,
        objects: Sequence[SeparatedObject],
        chromosomes: Sequence[Chromosome],
        scale: Scale,
        fresh: Collection[str],
        monitor: Monitor,
    ) -> tuple[CheckEntry, ...]:
        """Judge what is new in a repaired photograph."""
        predictor = self._loaded()
        from model.inference.check_again import check_again

        monitor.report(Progress(0, 1, f"{picture.name}: checking what is new"))
        numbers = {n for n, o in enumerate(objects) if o.id in fresh}
        instances, looks = as_seen(objects, chromosomes)
        found = check_again(
            picture.enhanced, instances, looks, scale, numbers, self._judge(), predictor
        )
        return entries_of(found, [o.id for o in objects])

    def assess(self, picture: MetaphasePicture, monitor: Monitor) -> Quality:
        """Judge a photograph by a quick separation.

        Of the networks only the one that separates is loaded.
        """
        separate = self._quick_separator()
        from model.inference.separation_check import bundled
        from model.segmentation.quality import assess

        def report(done: int, total: int, message: str) -> None:
            monitor.report(Progress(done, total, message))

        try:
            found = separate(picture.enhanced, report, picture.width_factor)
            quality = assess(found, picture.enhanced)
        except ModelError as error:
            return Quality.refused(error.sentence)
        return replace(quality, repairs=bundled().first_estimate(quality))

    def _reader(self, predictor: Predictor) -> MetaphaseReader:
        """The reader of photographs; the separator is loaded at first need."""
        if self._separation is None:
            from model.inference.metaphase import MetaphaseReader
            from model.inference.ways import bundled as mender

            judge = self._judge()
            self._separation = MetaphaseReader(self._opened_separator, predictor, judge, mender())
        return self._separation

    @property
    def _opened_separator(self) -> Separator:
        """What separates; loaded at first need."""
        if self._opened is None:
            from model.segmentation.separate import open_separator

            self._opened = open_separator(self._separator, self._separation_weights)
        return self._opened

    def _judge(self) -> Judge:
        """The judge of the separation check for the separator in use."""
        from model.inference.separation_check import bundled, judge_for

        return judge_for(self._opened_separator, bundled())

    def _quick_separator(self) -> Separator:
        """The separator at its fastest; loaded at first need."""
        if self._quick is None:
            load_libraries()
            from model.segmentation.learned import LearnedSeparator
            from model.segmentation.separate import AUTO, open_separator
            from model.segmentation.weights import SEPARATION, load_separation

            is_learned = self._separator in (AUTO, LearnedSeparator.id)
            weights = self._separation_weights or SEPARATION
            if is_learned and weights.exists():
                self._quick = LearnedSeparator(load_separation(weights), views=1)
            else:
                self._quick = open_separator(self._separator)
        return self._quick

    def _loaded(self) -> Predictor:
        if self._predictor is None:
            with timed(log, "loading the network") as told:
                load_libraries()
                from model.inference.predictor import Predictor

                self._predictor = Predictor.load(
                    self._weights,
                    self._device,
                    assignment=self._assignment,
                    runtime=self._runtime,
                    cache=cache_folder(),
                )
                told += [str(_identity(self._predictor)), self._predictor.runtime]
        return self._predictor


def _separation_text(separator: Separator) -> str:
    """What separated, as it is kept with the cell: name, version and the weights' sha256."""
    card = getattr(separator, "card", None)
    if card is None:
        return separator.label
    digits = str(card.get("sha256", ""))[:SHA256_DIGITS]
    return f"{card.get('name')} {card.get('version')} ({digits})"


def _identity(predictor: Predictor) -> ModelIdentity:
    return ModelIdentity(
        predictor.name,
        predictor.version,
        predictor.sha256[:SHA256_DIGITS],
        predictor.device,
        predictor.runtime,
    )


def _masks(objects: Sequence[SeparatedObject]) -> list[MaskAt]:
    return [(o.mask, o.origin, -o.turn) for o in objects]  # the model turns the other way


def _as_repaired(
    predictor: Predictor,
    picture: MetaphasePicture,
    objects: Sequence[SeparatedObject],
    report: Callable[[int, int, str], None],
    made: Made,
) -> AnalysisResult:
    """Look at a photograph whose objects stand; nothing is separated."""
    from model.assignment.by_size import lying_alone
    from model.light import flatten
    from model.segmentation.crops import crop_of

    flattened = flatten(picture.enhanced)
    standing = [o for o in objects if o.kind is ObjectKind.CHROMOSOME]
    cut_outs = [crop_of(flattened, *at) for at in _masks(standing)]
    seen = predictor.predict_cut_outs(cut_outs, report, (), picture.scale_factor)
    chosen = [i for i, o in enumerate(objects) if o.kind is ObjectKind.CHROMOSOME]
    cell = predictor.sized(seen, lying_alone(objects, chosen, seen.scale.size))
    return of_separated(picture.name, cell, objects, made)
