"""The assignments of the model package as an `Assigner`: types of a cell from stored probabilities.

Needs no network and no torch; the calibration comes from the file beside the weights.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from karyogui.domain.analysis import AssignmentSummary, ModelIdentity, Reassignment
from karyogui.domain.chromosome import TYPES, Assignment, Chromosome, Prediction, misfit_sentence
from karyogui.domain.separation import SeparatedObject
from model.vocabulary.files import read_plain_text

if TYPE_CHECKING:
    from model.assignment.by_size import Sizes
    from model.assignment.calibration import Calibration
    from model.vocabulary.results import FloatArray, Misfit, Scale

LARGEST_MARGIN = 1000.0
"""Nats; stands for an infinite margin (nothing else is possible), which no file can hold."""


def finite_margin(margin: float) -> float:
    """A margin that can be stored."""
    return float(min(max(margin, 0.0), LARGEST_MARGIN))


class ModelAssigner:
    """Implements `services.ports.Assigner` with one method of `model.assignment`."""

    def __init__(self, weights: Path, method: str) -> None:
        self._card = weights.with_suffix(".json")
        self._method = method

    def assign(
        self,
        chromosomes: Sequence[Chromosome],
        model: ModelIdentity,
        before: AssignmentSummary | None,
        objects: Sequence[SeparatedObject] = (),
    ) -> Reassignment:
        """See `services.ports.Assigner`; `KaryoError` for an unknown method.

        Pictures in which nothing was seen take no part and stay as they are.
        """
        # Only now: it brings scipy.
        from model.assignment.methods import assignment

        calibration = self._calibration(model)
        seen = [i for i, c in enumerate(chromosomes) if c.predicted and c.predicted.shows_something]
        predicted, assigned = _as_they_are(chromosomes)
        if not seen:
            return Reassignment(predicted, assigned, AssignmentSummary(self._method))
        probabilities = np.array([predicted[i].type_probabilities for i in seen])
        if before is None:
            probabilities = calibration.apply(probabilities)
        sizes = None
        if before is not None and before.scale is not None:
            sizes = _sizes([chromosomes[i] for i in seen], before.scale, objects)
        result = assignment(self._method, calibration, sizes)(probabilities)
        new_predicted, new_assigned = list(predicted), list(assigned)
        for number, i in enumerate(seen):
            values, kind = probabilities[number], result.types[number]
            new_predicted[i] = replace(
                predicted[i], type_probabilities=tuple(float(p) for p in values)
            )
            new_assigned[i] = Assignment(
                type=None if kind is None else TYPES[kind],
                polarity=predicted[i].polarity,
                confidence=_confidence(values, kind),
                reasons=reasons_of(result.misfits.get(number), kind),
                margin=finite_margin(result.margins[number]),
                moved=bool(result.moved[number]),
            )
        margin = result.alternative_margin
        summary = AssignmentSummary(
            method=self._method,
            disagreeing=tuple(chromosomes[seen[number]].id for number in result.disagreeing),
            alternative=result.alternative,
            alternative_margin=float(margin) if isfinite(margin) else None,
            scale=None if before is None else before.scale,
        )
        return Reassignment(tuple(new_predicted), tuple(new_assigned), summary)

    def _calibration(self, model: ModelIdentity) -> Calibration:
        """That of the network that answered; the defaults when its file is missing."""
        from model.assignment.calibration import Calibration

        try:
            card = json.loads(read_plain_text(self._card))
        except (OSError, ValueError, RecursionError):
            return Calibration()
        same = isinstance(card, dict) and str(card.get("sha256", "")).startswith(model.sha256)
        return Calibration.of_card(card) if same else Calibration()


def reasons_of(misfit: Misfit | None, kind: int | None) -> tuple[str, ...]:
    """What only the assignment knows of a chromosome of this type: that it has not its size."""
    if misfit is None:
        return ()
    return (misfit_sentence(TYPES[misfit.type], misfit.share, has_type=kind is not None),)


def _sizes(
    chromosomes: Sequence[Chromosome], scale: Scale, objects: Sequence[SeparatedObject]
) -> Sizes | None:
    from model.assignment.by_size import Sizes, lying_alone

    alone = np.ones(len(chromosomes), np.bool_)
    if objects:
        numbers = {o.id: i for i, o in enumerate(objects)}
        alone = lying_alone(objects, [numbers[c.id] for c in chromosomes], scale.size)
    return Sizes.of([c.segment.mask for c in chromosomes], scale, alone)


def _as_they_are(
    chromosomes: Sequence[Chromosome],
) -> tuple[tuple[Prediction, ...], tuple[Assignment, ...]]:
    predicted = tuple(c.predicted for c in chromosomes if c.predicted is not None)
    assigned = tuple(c.assigned for c in chromosomes if c.assigned is not None)
    if len(predicted) != len(chromosomes) or len(assigned) != len(chromosomes):
        raise ValueError("only analysed chromosomes can be assigned")
    return predicted, assigned


def _confidence(probabilities: FloatArray, kind: int | None) -> float:
    """The probability of the type; that an object is of none is not among the 24."""
    return 0.0 if kind is None else float(probabilities[kind])
