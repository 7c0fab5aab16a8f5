"""One network measured on its cells: everything that tables and figures are made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from model.assignment.base import Assignment
from model.assignment.by_size import Sizes
from model.assignment.calibration import Calibration
from model.assignment.methods import assignment
from model.data.cells import LabelledCell
from model.device import choose
from model.evaluation.cells.collect import IntArray, Observed, observe
from model.evaluation.cells.metrics import CellOutcome
from model.evaluation.cells.stages import FEATURES, STAGES, StagedNet, Stages
from model.evaluation.review_rule import always_looked_at
from model.inference.predictor import Predictor
from model.inference.runtimes import AUTO
from model.inference.views import ALL_VIEWS
from model.network.comparison import classifier
from model.vocabulary.choices import ASSIGNMENTS, DEFAULT_ASSIGNMENT
from model.vocabulary.results import REVIEW_MARGIN, FloatArray
from model.weights import load_model

LEAST_SURE: float = -1.0
"""Sureness of an object without an answer: it is looked at first."""


@dataclass(frozen=True)
class Question:
    """What to measure: how the predictor looks, which assignment counts, and how closely.

    `stages` asks for G-Net and L-Net alone, always in float32; `runtime` computes the whole, and
    what it made of the network is kept in `cache`.
    """

    device: str = "auto"
    views: int = ALL_VIEWS
    method: str = DEFAULT_ASSIGNMENT
    stages: bool = False
    runtime: str = AUTO
    cache: Path | None = None


@dataclass(frozen=True, eq=False)
class Judged:
    """One cell with its outcome.

    `margins` (n,) are those of the assignment that counts, `LEAST_SURE` without an answer;
    `by_stage` are the outcomes of `STAGES`, empty when they were not asked for.
    """

    observed: Observed
    outcome: CellOutcome
    margins: FloatArray
    stages: Stages | None
    by_stage: Mapping[str, CellOutcome]

    @property
    def softmax(self) -> FloatArray:
        """How sure (n,) the network alone is: its largest probability."""
        return np.where(self.observed.seen, self.observed.probabilities.max(axis=1), LEAST_SURE)


@dataclass(frozen=True, eq=False)
class Study:
    """One network and its cells; `held_out` is the fold that its training left out, if known."""

    card: Mapping[str, Any]
    label: str
    device: str
    calibration: Calibration
    cells: tuple[Judged, ...]
    held_out: int | None
    views: int
    runtime: str

    @property
    def name(self) -> str:
        """Name and version, with the fold that was held out."""
        fold = "" if self.held_out is None else f", fold {self.held_out} held out"
        return f"{self.card.get('name', 'unnamed')} {self.card.get('version', '')}{fold}"

    @property
    def model(self) -> dict[str, object]:
        """What metrics.json says about the network."""
        card = self.card
        return {"name": str(card.get("name", "unnamed")), "version": str(card.get("version", "")),
                "sha256": str(card["sha256"]), "device": self.device,
                "runtime": self.runtime}  # fmt: skip

    @cached_property
    def outcomes(self) -> tuple[CellOutcome, ...]:
        """The outcome of each cell."""
        return tuple(cell.outcome for cell in self.cells)

    def outcomes_of(self, stage: str) -> tuple[CellOutcome, ...]:
        """The outcomes of a stage alone; empty when it was not looked at."""
        return tuple(c.by_stage[stage] for c in self.cells if stage in c.by_stage)


Told = Callable[[int, int], None]


def study(
    weights: Path,
    cells: Sequence[LabelledCell],
    question: Question,
    embedded: Sequence[IntArray] = (),
    held_out: int | None = None,
    told: Told = lambda done, total: None,
) -> Study:
    """Show all cells to a network and judge its answers.

    `embedded` are for each cell the chromosomes whose features are kept; `told(done, total)` is
    called after every cell.
    """
    predictor = Predictor.load(
        weights,
        question.device,
        question.views,
        question.method,
        question.runtime,
        question.cache,
    )
    device = choose(question.device)
    model = load_model(weights, device)
    staged = StagedNet.of(model, device, question.views) if question.stages else None
    judged = []
    for number, cell in enumerate(cells):
        wanted = embedded[number] if embedded else np.empty(0, dtype=np.int64)
        observed = observe(predictor, cell)
        stages = staged.look(observed, wanted) if staged else None
        sizes = _sizes_of(observed)
        methods = {name: assignment(name, predictor.calibration, sizes) for name in ASSIGNMENTS}
        judged.append(_judge(observed, stages, predictor.calibration, methods, question.method))
        told(number + 1, len(cells))
    label = classifier(model.config.classifier).label
    return Study(
        model.card, label, predictor.device, predictor.calibration, tuple(judged), held_out,
        question.views, predictor.runtime,
    )  # fmt: skip


def _sizes_of(observed: Observed) -> Sizes | None:
    """The sizes of what was seen in ready cut-outs, of which nothing covers another."""
    seen = [o for o, is_seen in zip(observed.result.objects, observed.seen, strict=True) if is_seen]
    masks = [o.cut_out.mask for o in seen]
    return Sizes.of(masks, observed.result.scale, np.ones(len(seen), np.bool_))


def _judge(
    observed: Observed,
    stages: Stages | None,
    calibration: Calibration,
    methods: Mapping[str, Assignment],
    method: str,
) -> Judged:
    outcome = outcome_of(observed, observed.probabilities, observed.polarity, methods, method)
    seen = np.flatnonzero(observed.seen)
    margins = np.full(len(observed.types), LEAST_SURE)
    disagreeing: set[int] = set()
    if len(seen):
        placed = methods[method](observed.probabilities[seen])
        margins[seen] = placed.margins
        disagreeing = set(seen[list(placed.disagreeing)].tolist())
    answers = outcome.answers()
    margins[answers < 0] = LEAST_SURE
    always = always_looked_at([k if k >= 0 else None for k in answers.tolist()], disagreeing)
    outcome = replace(outcome, named=always | (margins < REVIEW_MARGIN))
    by_stage = {} if stages is None else {
        stage: outcome_of(observed, calibration.apply(stages.type[stage]), stages.polarity[stage],
                          methods, method)
        for stage in STAGES
    }  # fmt: skip
    return Judged(observed, outcome, margins, stages, by_stage)


def outcome_of(
    observed: Observed,
    probabilities: FloatArray,
    polarity: FloatArray,
    methods: Mapping[str, Assignment],
    method: str,
) -> CellOutcome:
    """What calibrated type probabilities (n, 24) and polarities (n, 2) say about a cell."""
    seen, n = observed.seen, len(observed.types)
    assigned = {}
    for name, assign in methods.items():
        answers = np.full(n, -1, dtype=np.int64)
        if seen.any():
            types = assign(probabilities[seen]).types
            answers[seen] = [-1 if kind is None else kind for kind in types]
        assigned[name] = answers
    argmax = probabilities.argmax(axis=1) if n else np.empty(0, dtype=np.int64)
    return CellOutcome(
        observed.cell.case,
        observed.cell.name,
        types=observed.types,
        argmax=np.where(seen, argmax, -1),
        assigned=assigned,
        polarities=observed.polarities,
        polarity_answers=polarity.argmax(axis=1) if n else np.empty(0, dtype=np.int64),
        true_counts=observed.counts,
        seconds=observed.seconds,
        method=method,
    )


@dataclass(frozen=True, eq=False)
class Embedded:
    """Features (m, d) by the names of `FEATURES` of m chromosomes with their truths (m,)."""

    features: Mapping[str, FloatArray]
    types: IntArray
    polarities: IntArray


def embedded_of(measured: Study) -> Embedded | None:
    """The features that a study kept; None when it kept none."""
    cells = [(c, c.stages) for c in measured.cells if c.stages and len(c.stages.kept)]
    if not cells:
        return None
    return Embedded(
        {name: np.concatenate([s.features[name] for _, s in cells]) for name in FEATURES},
        np.concatenate([c.observed.types[s.kept] for c, s in cells]),
        np.concatenate([c.observed.polarities[s.kept] for c, s in cells]),
    )
