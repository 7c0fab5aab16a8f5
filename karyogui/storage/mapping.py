"""Rows to domain objects and back."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, asdict, fields, replace
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String

from karyogui.domain.analysis import AssignmentSummary, ModelIdentity
from karyogui.domain.case import CaseDetails, CaseState
from karyogui.domain.cell import Cell, PictureKind, SourcePicture
from karyogui.domain.chromosome import (
    Assignment,
    Chromosome,
    Polarity,
    Prediction,
    Segment,
    chromosome_id,
)
from karyogui.domain.karyogram import SLOTS, TRAY, Change, Placement
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import Edit, Exclusion
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject
from karyogui.domain.sitting import REPAIRS, ActionKind, Sitting
from karyogui.storage.checks import decision_from, entries_in
from karyogui.storage.labelled_changes import changes_from, trail_entry
from karyogui.storage.notes import note_edits, note_of
from karyogui.storage.tables import (
    AnalysisRow,
    Base,
    CellRow,
    ChromosomeRow,
    EditRow,
    ExclusionRow,
    PictureRow,
    PlacementRow,
    RecipeRow,
    SeparatedObjectRow,
    SittingRow,
)
from model.vocabulary.results import Scale

Pixels = tuple[NDArray[np.uint8], NDArray[np.bool_]]
SegmentReader = Callable[[str], Pixels]
MaskReader = Callable[[str], NDArray[np.bool_]]


def details_from(stored: dict[str, str]) -> CaseDetails:
    """Details as stored; fields that this version does not know are left alone."""
    known = {field.name for field in fields(CaseDetails)}
    return CaseDetails(**{name: value for name, value in stored.items() if name in known})


def details_to(details: CaseDetails) -> dict[str, str]:
    """What is stored of the details."""
    return asdict(details)


@cache
def _text_columns(kind: type[Base]) -> tuple[str, ...]:
    return tuple(c.name for c in kind.__table__.columns if isinstance(c.type, String))


def refuse_no_texts(row: Base) -> None:
    """ValueError for bytes where a text should be: SQLite keeps whatever is put into a column."""
    if any(isinstance(getattr(row, name), bytes) for name in _text_columns(type(row))):
        raise ValueError("bytes are stored where a text should be")


def picture_from(row: PictureRow) -> SourcePicture:
    """An imported picture; ValueError where a text is none."""
    refuse_no_texts(row)
    kind = PictureKind(row.kind or PictureKind.CUT_OUT)
    return SourcePicture(row.name, row.key, row.width, row.height, row.sha256, kind, row.slot)


def printed_slots(row: CellRow) -> dict[str, str]:
    """Where each chromosome stood in the finished karyogram it was cut out of, by its id.

    In the tray where that was not certain; empty for a cell that came in another way.
    """
    return {
        chromosome_id(n): picture.slot or TRAY
        for n, picture in enumerate(row.pictures)
        if picture.kind == str(PictureKind.KARYOGRAM)
    }


def placement_from(row: PlacementRow) -> Placement:
    """Where a chromosome stands, or stood before it was taken off the board.

    ValueError for a place that no karyogram has.
    """
    refuse_no_texts(row)
    standing = Placement(
        row.chromosome_id,
        *(row.slot, int(row.slot_index), float(row.turn), row.mirrored, row.confirmed),
    )
    proposed = None if row.proposed is None else replace(standing, **row.proposed)
    if not {standing.slot, (proposed or standing).slot} <= set(SLOTS):
        raise ValueError("a chromosome stands in no slot of a karyogram")
    return replace(standing, proposed=proposed)


def placement_to(cell_id: int, placement: Placement) -> PlacementRow:
    """The row of a placement on the board."""
    proposed = placement.proposed
    return PlacementRow(
        cell_id=cell_id,
        chromosome_id=placement.chromosome_id,
        slot=placement.slot,
        slot_index=int(placement.index),
        turn=float(placement.turn),
        mirrored=bool(placement.mirrored),
        confirmed=bool(placement.confirmed),
        proposed=None
        if proposed is None
        else {
            "slot": proposed.slot,
            "turn": float(proposed.turn),
            "mirrored": bool(proposed.mirrored),
            "confirmed": bool(proposed.confirmed),
        },
        away=False,
    )


def standing_placements(row: CellRow) -> tuple[Placement, ...]:
    """Where the chromosomes of a cell stand."""
    return tuple(placement_from(placement) for placement in row.placements if not placement.away)


def placements_away(row: CellRow) -> tuple[Placement, ...]:
    """Where chromosomes stood, decided on, that a repair has taken off the board."""
    return tuple(placement_from(placement) for placement in row.placements if placement.away)


def placements_to_json(placements: Iterable[Placement]) -> list[dict[str, Any]]:
    """Placements as one side of an edit in the audit trail."""
    return [
        {
            "chromosome_id": placement.chromosome_id,
            "slot": placement.slot,
            "index": int(placement.index),
            "turn": float(placement.turn),
            "mirrored": bool(placement.mirrored),
            "confirmed": bool(placement.confirmed),
        }
        for placement in placements
    ]


def edit_from(row: EditRow) -> Edit:
    """An entry of the audit trail."""
    refuse_no_texts(row)
    before = tuple(Placement(**stored) for stored in row.before)
    after = tuple(Placement(**stored) for stored in row.after)
    kinds = {str(kind): kind for kind in ActionKind}
    kind = kinds.get(row.kind or "")
    repairs = {p.chromosome_id for p in before} != {p.chromosome_id for p in after}
    change = Change(row.text, before, after, not row.by_person, kind, repairs or kind in REPAIRS)
    return Edit(row.who, row.at, change)


def model_from(row: AnalysisRow) -> ModelIdentity:
    """Which network made an analysis."""
    refuse_no_texts(row)
    return ModelIdentity(
        row.model_name,
        row.model_version,
        row.model_sha256,
        row.model_device,
        row.model_runtime or "",
    )


def analysis_to(
    cell_id: int,
    model: ModelIdentity,
    assignment: AssignmentSummary | None,
    *,
    at: datetime,
    seconds: float,
) -> AnalysisRow:
    """The row of an analysis; its revision and its chromosomes are set by the caller."""
    row = AnalysisRow(
        cell_id=cell_id,
        at=at,
        seconds=seconds,
        model_name=model.name,
        model_version=model.version,
        model_sha256=model.sha256,
        model_device=model.device,
        model_runtime=model.runtime or None,
    )
    if assignment is not None:
        row.assignment_method = assignment.method
        row.disagreeing = list(assignment.disagreeing)
        if assignment.alternative is not None:
            row.alternative = [int(count) for count in assignment.alternative]
        row.alternative_margin = assignment.alternative_margin
        if assignment.scale is not None:
            row.scale, row.stretch = assignment.scale.size, assignment.scale.stretch
    return row


def assignment_from(row: AnalysisRow) -> AssignmentSummary | None:
    """What the assignment said of the cell; None for an analysis of an older version."""
    if row.assignment_method is None:
        return None
    return AssignmentSummary(
        method=row.assignment_method,
        disagreeing=tuple(row.disagreeing or ()),
        alternative=None if row.alternative is None else tuple(row.alternative),
        alternative_margin=row.alternative_margin,
        scale=None if row.scale is None else Scale(row.scale, row.stretch or 1.0),
    )


def chromosome_to(position: int, item: Chromosome, segment_key: str) -> ChromosomeRow:
    """The row of an analysed chromosome; its analysis is set by the caller."""
    segment = item.segment
    return ChromosomeRow(
        position=position,
        chromosome_id=item.id,
        source=segment.source,
        segment_key=segment_key,
        angle=float(segment.angle),
        box=None if segment.box is None else [int(v) for v in segment.box],
        **prediction_columns(item.predicted, item.assigned),
    )


def chromosome_again(row: ChromosomeRow, said: Mapping[str, Any] | None = None) -> ChromosomeRow:
    """The row of the same picture in a later revision; `said` are columns that are other now."""
    return ChromosomeRow(**(_columns_of(row) | dict(said or {})))


def _columns_of(row: ChromosomeRow | SeparatedObjectRow) -> dict[str, Any]:
    names = row.__table__.columns.keys()
    return {name: getattr(row, name) for name in names if name not in ("id", "analysis_id")}


def chromosome_from(
    row: ChromosomeRow, read_segment: SegmentReader, own_id: str | None = None
) -> Chromosome:
    """A chromosome with its crop, prediction and assignment; of the object `own_id` if given."""
    refuse_no_texts(row)
    crop, mask = read_segment(row.segment_key)
    segment = Segment(row.source, crop, mask, row.angle, _four(row.box))
    if not row.type_probabilities:
        return Chromosome(own_id or row.chromosome_id, segment)
    q_up, q_down = row.polarity_probabilities
    return Chromosome(
        id=own_id or row.chromosome_id,
        segment=segment,
        predicted=Prediction(tuple(row.type_probabilities), (q_up, q_down), _four(row.zoom_box)),
        assigned=Assignment(
            row.assigned_type,
            Polarity(row.assigned_polarity),
            row.confidence,
            tuple(row.reasons),
            row.margin,
            bool(row.moved),
        ),
    )


def object_to(position: int, item: SeparatedObject, mask_key: str) -> SeparatedObjectRow:
    """The row of an object of a photograph; its analysis is set by the caller."""
    return SeparatedObjectRow(
        position=position,
        object_id=item.id,
        kind=str(item.kind),
        mask_key=mask_key,
        origin=[int(v) for v in item.origin],
        box=[int(v) for v in item.box],
        score=float(item.score),
        turn=float(item.turn),
        by_person=bool(item.by_person),
    )


def object_again(row: SeparatedObjectRow) -> SeparatedObjectRow:
    """The row of the same object in a later revision."""
    return SeparatedObjectRow(**_columns_of(row))


def object_from(row: SeparatedObjectRow, read_mask: MaskReader) -> SeparatedObject:
    """An object of a photograph."""
    refuse_no_texts(row)
    x, y = row.origin
    left, top, width, height = row.box
    return SeparatedObject(
        id=row.object_id,
        kind=ObjectKind(row.kind),
        mask=read_mask(row.mask_key),
        origin=(x, y),
        box=(left, top, width, height),
        score=row.score,
        turn=row.turn,
        by_person=row.by_person,
    )


def quality_from(stored: dict[str, Any] | None) -> Quality | None:
    """A photograph's quality; None where it is not judged, or not in all that this version asks."""
    if stored is None:
        return None
    asked = {field.name for field in fields(Quality) if field.default is MISSING}
    if not stored.keys() >= asked:
        return None
    known = {field.name for field in fields(Quality)}
    return Quality(**{name: value for name, value in stored.items() if name in known})


def recipe_to(recipe: Recipe | None) -> str | None:
    """What is stored of a recipe: nothing for the picture as it is."""
    return None if recipe is None or recipe.is_identity else recipe.to_json()


def recipe_from(stored: str | None) -> Recipe | None:
    """A recipe; None for the picture as it is."""
    return None if stored is None else Recipe.from_json(stored)


def sitting_from(row: SittingRow) -> Sitting:
    """What a sitting cost; kinds of action that this version does not know are left out."""
    known = {str(kind): kind for kind in ActionKind}
    actions = {known[kind]: n for kind, n in row.actions.items() if kind in known}
    return Sitting(row.who, row.started, row.ended, row.seconds, actions)


def cell_from(
    row: CellRow, read_segment: SegmentReader | None, read_mask: MaskReader | None = None
) -> Cell:
    """A cell; what there is no reader for is left out: chromosomes or separated objects."""
    analysis = row.analyses[-1] if row.analyses else None
    chromosomes: tuple[Chromosome, ...] = ()
    if analysis is not None and read_segment is not None:
        chromosomes = tuple(chromosome_from(c, read_segment) for c in analysis.chromosomes)
    objects: tuple[SeparatedObject, ...] = ()
    if analysis is not None and read_mask is not None:
        objects = tuple(object_from(o, read_mask) for o in analysis.objects)
    signed = row.sign_offs[-1] if row.sign_offs and not row.sign_offs[-1].withdrawn else None
    note = note_of(row)
    return Cell(
        id=row.id,
        case_id=row.case_id,
        name=row.name,
        pictures=tuple(picture_from(picture) for picture in row.pictures),
        chromosomes=chromosomes,
        placements=standing_placements(row),
        edits=_trail(row),
        model=model_from(analysis) if analysis else None,
        seconds=analysis.seconds if analysis else None,
        analysed_at=analysis.at if analysis else None,
        reviewed_at=signed.at if signed else None,
        reviewed_by=signed.who if signed else "",
        assignment=assignment_from(analysis) if analysis else None,
        objects=objects,
        recipe=recipe_from(row.recipes[-1].recipe) if row.recipes else None,
        quality=_quality(row, analysis),
        slide=note.slide if note.slide is not None else row.slide or "",
        sittings=tuple(sitting_from(sitting) for sitting in row.sittings),
        revision=analysis.revision if analysis else 0,
        analysed_recipe=recipe_from(analysis.recipe) if analysis else None,
        awaits_answer=bool(analysis and analysis.awaits_answer),
        check=entries_in(analysis, row) if analysis else (),
        has_check=analysis is not None and analysis.separation_check is not None,
        exclusion=exclusion_from(row.exclusions[-1]) if row.exclusions else None,
        note=note,
        changes=changes_from(row.labelled_changes),
        separation=(analysis.separation or "") if analysis else "",
    )


def _quality(row: CellRow, analysis: AnalysisRow | None) -> Quality | None:
    """What the analysis says; before there is one, what the first look at this picture said."""
    told = quality_from(analysis.quality) if analysis else None
    if told is not None or not row.first_looks:
        return told
    look = row.first_looks[-1]
    is_present = not row.recipes or look.at >= row.recipes[-1].at
    return quality_from(look.quality) if is_present else None


def _trail(row: CellRow) -> tuple[Edit, ...]:
    """Edits, enhancements, words on the check, exclusions, notes, labels, merged by time."""
    edits = (edit_from(edit) for edit in row.edits)
    enhancements = (_enhancement_from(recipe) for recipe in row.recipes)
    decisions = (decision_from(decision) for decision in row.check_decisions)
    exclusions = (_exclusion_edit(exclusion) for exclusion in row.exclusions)
    labels = (trail_entry(label) for label in row.labelled_changes)
    told = (edits, enhancements, decisions, exclusions, note_edits(row), labels)
    return tuple(heapq.merge(*told, key=lambda edit: edit.when))


def _enhancement_from(row: RecipeRow) -> Edit:
    recipe = recipe_from(row.recipe)
    told = "Enhancement taken back" if recipe is None else f"Enhancement: {recipe.text()}"
    return Edit(row.who, row.at, Change(told, (), (), kind=ActionKind.ENHANCE))


def exclusion_from(row: ExclusionRow) -> Exclusion | None:
    """Why a cell does not count in its case; None for one that was taken back."""
    return None if row.withdrawn else Exclusion(row.who, row.at, row.reason)


def _exclusion_edit(row: ExclusionRow) -> Edit:
    text = "Taken back into the case" if row.withdrawn else f"Excluded from the case: {row.reason}"
    return Edit(row.who, row.at, Change(text, (), (), kind=ActionKind.EXCLUDE))


def cell_state(analysed: bool, edited: bool, signed: bool) -> CaseState:
    """How far the work on a cell has come; `edited` is whether a person did anything to it."""
    if signed:
        return CaseState.REVIEWED
    if edited:
        return CaseState.IN_REVIEW
    return CaseState.ANALYSED if analysed else CaseState.NEW


def case_state(cells: Iterable[CaseState]) -> CaseState:
    """A case is as far as its cells: all new, all analysed, all reviewed, else under way.

    A case with an unanalysed cell stays new until somebody has begun to review it.
    """
    states = set(cells)
    if len(states) == 1:
        return states.pop()
    if states & {CaseState.IN_REVIEW, CaseState.REVIEWED}:
        return CaseState.IN_REVIEW
    return CaseState.NEW


def _four(values: list[Any] | None) -> tuple[Any, Any, Any, Any] | None:
    if values is None:
        return None
    first, second, third, fourth = values
    return first, second, third, fourth


def prediction_columns(predicted: Prediction | None, assigned: Assignment | None) -> dict[str, Any]:
    """The columns of what the network and the assignment say of a chromosome."""
    if predicted is None or assigned is None:
        return {
            "type_probabilities": [],
            "polarity_probabilities": [],
            "assigned_polarity": int(Polarity.Q_DOWN),
            "confidence": 0.0,
            "reasons": [],
        }
    return {
        "type_probabilities": [float(p) for p in predicted.type_probabilities],
        "polarity_probabilities": [float(p) for p in predicted.polarity_probabilities],
        "zoom_box": None if predicted.zoom_box is None else [float(v) for v in predicted.zoom_box],
        "assigned_type": assigned.type,
        "assigned_polarity": int(assigned.polarity),
        "confidence": float(assigned.confidence),
        "reasons": list(assigned.reasons),
        "margin": None if assigned.margin is None else float(assigned.margin),
        "moved": bool(assigned.moved),
    }
