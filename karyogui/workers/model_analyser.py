"""The network as an `Analyser`: loaded at first need, its arrays turned into domain objects."""

from __future__ import annotations

import time
from math import isfinite
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from karyogui.domain.analysis import (
    ASSIGNMENTS,
    AnalysedObject,
    AnalysisRequest,
    AnalysisResult,
    AssignmentSummary,
    ModelIdentity,
)
from karyogui.domain.chromosome import (
    TYPES,
    Assignment,
    Polarity,
    Prediction,
    Segment,
    chromosome_id,
)
from karyogui.errors import KaryoError
from karyogui.paths import cache_folder
from karyogui.services.progress import Monitor, Progress
from karyogui.workers.model_assigner import finite_margin
from karyogui.workers.preload import load_libraries

if TYPE_CHECKING:
    from model.inference.predictor import Predictor
    from model.results import CellResult, ObjectResult

SHA256_DIGITS = 12
"""How many hex digits of the weights' sha256 name a model."""


class ModelAnalyser:
    """Implements `services.ports.Analyser`. Made in no time; torch is imported by `load`."""

    def __init__(
        self,
        weights: Path,
        device: str = "auto",
        assignment: str = next(iter(ASSIGNMENTS)),
        runtime: str = "auto",
    ) -> None:
        self._weights = weights
        self._device = device
        self._assignment = assignment
        self._runtime = runtime
        self._predictor: Predictor | None = None
        self._loading = Lock()

    def load(self) -> None:
        """Load the network if it is not loaded (seconds); from any thread.

        Raises `KaryoError` for missing, wrong or damaged weights and for an unusable device.
        """
        self._loaded()

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        """Look at a cell; `seconds` does not count the loading of the network."""
        total = len(request.pictures)
        monitor.report(Progress(0, total, f"{request.cell_name}: loading the network"))
        predictor = self._loaded()
        # Only now: importing it brings torch.
        from model.errors import ModelError

        def report(done: int, total: int, message: str) -> None:
            monitor.report(Progress(done, total, f"{request.cell_name}: {message}"))

        started = time.perf_counter()
        try:
            result = predictor.predict_cell([p.pixels for p in request.pictures], report)
        except ModelError as error:
            raise KaryoError(error.sentence, error.hint) from error
        objects = tuple(
            _analysed(picture.name, item)
            for picture, item in zip(request.pictures, result.objects, strict=True)
        )
        seconds = time.perf_counter() - started
        identity = ModelIdentity(
            predictor.name,
            predictor.version,
            predictor.sha256[:SHA256_DIGITS],
            predictor.device,
            predictor.runtime,
        )
        return AnalysisResult(request.cell_id, objects, identity, seconds, _summary(result))

    def _loaded(self) -> Predictor:
        with self._loading:
            if self._predictor is None:
                load_libraries()
                from model.errors import ModelError
                from model.inference.predictor import Predictor

                try:
                    self._predictor = Predictor.load(
                        self._weights,
                        self._device,
                        assignment=self._assignment,
                        runtime=self._runtime,
                        cache=cache_folder(),
                    )
                except ModelError as error:
                    raise KaryoError(error.sentence, error.hint) from error
            return self._predictor


def _analysed(name: str, item: ObjectResult) -> AnalysedObject:
    left, top, right, bottom = (float(value) for value in item.zoom_box)
    q_up, q_down = (float(value) for value in item.polarity_probabilities)
    predicted = Prediction(
        type_probabilities=tuple(float(value) for value in item.type_probabilities),
        polarity_probabilities=(q_up, q_down),
        zoom_box=(left, top, right, bottom),
    )
    kind = item.assigned_type
    return AnalysedObject(
        segment=Segment(
            source=name,
            crop=item.cut_out.crop,
            mask=item.cut_out.mask,
            angle=float(item.cut_out.angle),
        ),
        predicted=predicted,
        assigned=Assignment(
            type=None if kind is None else TYPES[kind],
            polarity=Polarity.Q_DOWN if q_down >= q_up else Polarity.Q_UP,
            confidence=float(item.confidence),
            reasons=tuple(item.reasons),
            margin=finite_margin(item.margin),
            moved=bool(item.moved),
        ),
    )


def _summary(result: CellResult) -> AssignmentSummary:
    margin = result.alternative_margin
    return AssignmentSummary(
        method=result.assignment,
        disagreeing=tuple(chromosome_id(position) for position in result.disagreeing),
        alternative=result.alternative,
        alternative_margin=float(margin) if isfinite(margin) else None,
        scale=float(result.scale),
    )
