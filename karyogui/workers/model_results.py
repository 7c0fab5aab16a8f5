"""The model's arrays turned into domain objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from karyogui.domain.analysis import AnalysisResult, AssignmentSummary
from karyogui.domain.chromosome import (
    TYPES,
    Assignment,
    Chromosome,
    Polarity,
    Prediction,
    Segment,
    chromosome_id,
)
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject
from karyogui.domain.separation_check import CheckEntry
from karyogui.workers.model_assigner import finite_margin, reasons_of
from model.vocabulary.quality import OTHER_BANDS
from model.vocabulary.results import Scale

if TYPE_CHECKING:
    from model.inference.check_values import Look
    from model.inference.legibility import Legibility
    from model.inference.metaphase import MetaphaseResult
    from model.segmentation.base import Instance
    from model.vocabulary.results import CellResult, ObjectResult
    from model.vocabulary.results import CheckEntry as FoundEntry

Box = tuple[int, int, int, int]


Made = Callable[..., AnalysisResult]
"""`AnalysisResult` with the cell and the network filled in."""


def of_cut_outs(
    names: Sequence[str], cell: CellResult, made: Made, bands: Legibility | None = None
) -> AnalysisResult:
    """Ready cut-outs: one chromosome per picture, same order.

    Only where their `bands` cannot be read is there a quality, which says so.
    """
    objects = tuple(
        analysed(name, item, chromosome_id(n))
        for n, (name, item) in enumerate(zip(names, cell.objects, strict=True))
    )
    quality = None
    if bands is not None and bands.other_bands >= OTHER_BANDS:
        quality = Quality(
            objects=len(objects),
            crossings=0,
            touching_groups=0,
            sharpness=0.0,
            band_level=None,
            worth=False,
            reason="The bands of the cut-outs cannot be read.",
            score=0.0,
            other_bands=bands.other_bands,
            inverse_bands=bands.inverse,
        )
    return made(objects, quality=quality, assignment=_summary(cell, [o.id for o in objects]))


def of_photograph(name: str, found: MetaphaseResult, made: Made) -> AnalysisResult:
    """A photograph: chromosomes are numbered first, then what was rejected; nothing is left out."""
    instances = found.separation.instances
    chromosomes = set(found.chromosomes)
    rejected = [i for i in range(len(instances)) if i not in chromosomes]
    separated = []
    names = {}
    for n, i in enumerate([*found.chromosomes, *rejected]):
        seen = instances[i]
        names[i] = chromosome_id(n)
        x, y, w, h = (int(v) for v in seen.box)
        separated.append(
            SeparatedObject(
                id=names[i],
                kind=seen.kind,
                mask=seen.mask,
                origin=(int(seen.origin[0]), int(seen.origin[1])),
                box=(x, y, w, h),
                score=float(seen.score),
            )
        )
    objects = tuple(
        analysed(name, item, place.id, place.box)
        for item, place in zip(found.cell.objects, separated[: len(found.chromosomes)], strict=True)
    )
    return made(
        objects,
        assignment=_summary(found.cell, [item.id for item in objects]),
        separated=tuple(separated),
        quality=found.quality,
        check=entries_of(found.check, names),
    )


def entries_of(
    check: Iterable[FoundEntry], names: Mapping[int, str] | Sequence[str]
) -> tuple[CheckEntry, ...]:
    """Entries of the separation check as the domain knows them; `names` are ids by number."""
    return tuple(
        CheckEntry(
            names[entry.object],
            entry.kind,
            entry.probability,
            tuple(TYPES[t] for t in entry.types),
            entry.type_probability,
            if_lacking=tuple(TYPES[t] for t in entry.if_lacking),
        )
        for entry in check
    )


def as_seen(
    objects: Sequence[SeparatedObject], chromosomes: Sequence[Chromosome]
) -> tuple[list[Instance], list[Look | None]]:
    """Objects as the separation would have returned them, with what the classifier made of each.

    How sure the separation was is not known of what a person has outlined.
    """
    from model.inference.check_values import Look
    from model.segmentation.base import Instance

    instances = [
        Instance(o.mask, o.origin, o.kind, nan if o.by_person else o.score, o.box) for o in objects
    ]
    looks: dict[str, Look] = {}
    for c in chromosomes:
        if c.predicted is not None and c.assigned is not None:
            kind = c.assigned.type
            types = np.asarray(c.predicted.type_probabilities, np.float64)
            assigned = None if kind is None else TYPES.index(kind)
            looks[c.id] = Look(types, assigned, c.assigned.margin)
    return instances, [looks.get(o.id) for o in objects]


def of_separated(
    name: str, cell: CellResult, objects: Sequence[SeparatedObject], made: Made
) -> AnalysisResult:
    """A photograph whose objects were separated before; `cell` describes its chromosomes."""
    standing = [item for item in objects if item.kind is ObjectKind.CHROMOSOME]
    seen = tuple(
        analysed(name, found, item.id, item.box)
        for found, item in zip(cell.objects, standing, strict=True)
    )
    summary = _summary(cell, [item.id for item in seen])
    return made(seen, assignment=summary, separated=tuple(objects))


def analysed(name: str, item: ObjectResult, own_id: str, box: Box | None = None) -> Chromosome:
    """One chromosome as the domain knows it; `box` is its place in a photograph."""
    left, top, right, bottom = (float(value) for value in item.zoom_box)
    q_up, q_down = (float(value) for value in item.polarity_probabilities)
    predicted = Prediction(
        type_probabilities=tuple(float(value) for value in item.type_probabilities),
        polarity_probabilities=(q_up, q_down),
        zoom_box=(left, top, right, bottom),
    )
    kind = item.assigned_type
    return Chromosome(
        id=own_id,
        segment=Segment(
            source=name,
            crop=item.cut_out.crop,
            mask=item.cut_out.mask,
            angle=float(item.cut_out.angle),
            box=box,
        ),
        predicted=predicted,
        assigned=Assignment(
            type=None if kind is None else TYPES[kind],
            polarity=Polarity.Q_DOWN if q_down >= q_up else Polarity.Q_UP,
            confidence=float(item.confidence),
            reasons=reasons_of(item.misfit, kind),
            margin=finite_margin(item.margin),
            moved=bool(item.moved),
        ),
    )


def _summary(result: CellResult, ids: Sequence[str]) -> AssignmentSummary:
    margin = result.alternative_margin
    return AssignmentSummary(
        method=result.assignment,
        disagreeing=tuple(ids[position] for position in result.disagreeing),
        alternative=result.alternative,
        alternative_margin=float(margin) if isfinite(margin) else None,
        scale=Scale(float(result.scale.size), float(result.scale.stretch)),
    )
