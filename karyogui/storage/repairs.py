"""Repaired separations in the database: each one is a revision more, and may be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import Placement, initial_placements
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import RepairKind, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.storage import mapping
from karyogui.storage.cell_rows import (
    alike,
    cell_row,
    present_analysis,
    refuse_if_signed,
    replace_placements,
)
from karyogui.storage.placing import as_decided, kept, settled
from karyogui.storage.tables import (
    AnalysisRow,
    CellRow,
    ChromosomeRow,
    EditRow,
    SeparatedObjectRow,
)


@dataclass(frozen=True, eq=False)
class RepairedCell:
    """A cell after a repair, as it is to be stored.

    `objects` is everything separated, `chromosomes` those among it with what is said of each, and
    `summary` the assignment of the whole. `revision` is the one that the repair started from and
    `recipe` the enhancement with which the network looked. `kind` and `text` tell of the repair.
    `same_masks` and `same_crops` are ids of objects whose mask or crop is that of the revision
    before: it is stored already.
    """

    cell_id: int
    revision: int
    kind: RepairKind
    text: str
    objects: tuple[SeparatedObject, ...]
    chromosomes: tuple[Chromosome, ...]
    summary: AssignmentSummary
    recipe: Recipe | None
    same_masks: frozenset[str] = frozenset()
    same_crops: frozenset[str] = frozenset()


def store_repair(
    session: Session,
    repaired: RepairedCell,
    crops: Mapping[str, str],
    masks: Mapping[str, str],
    who: str,
) -> None:
    """Add the revision, the placements and the trail's entry; see `CellStore.add_repair`.

    `crops` and `masks` are the keys in the image store, by id, of what is new.
    """
    cell = cell_row(session, repaired.cell_id)
    present = present_analysis(cell)
    refuse_if_signed(cell, "repaired")
    if present.revision != repaired.revision:
        raise KaryoError(
            f"{cell.name} has changed while it was being repaired; the repair was not stored.",
            "Repeat the repair.",
        )
    analysis = mapping.analysis_to(
        cell.id, mapping.model_from(present), repaired.summary,
        at=present.at, seconds=present.seconds,
    )  # fmt: skip
    analysis.revision = present.revision + 1
    analysis.quality = present.quality
    analysis.recipe = mapping.recipe_to(repaired.recipe)
    crops = {row.chromosome_id: row.segment_key for row in present.chromosomes} | dict(crops)
    masks = {row.object_id: row.mask_key for row in present.objects} | dict(masks)
    analysis.chromosomes = [
        mapping.chromosome_to(n, item, crops[item.id])
        for n, item in enumerate(repaired.chromosomes)
    ]
    objects = [mapping.object_to(n, o, masks[o.id]) for n, o in enumerate(repaired.objects)]
    analysis.objects = objects
    before, away = mapping.standing_placements(cell), mapping.placements_away(cell)
    placements = _taken_back(cell, before, objects)
    if placements is None:
        placements = _placed(present, before, away, repaired, analysis)
    placements = as_decided(placements, before, away)
    session.add(analysis)
    session.flush()
    replace_placements(session, cell, placements)
    changed = set(before) ^ set(placements)
    session.add(
        EditRow(
            cell_id=cell.id,
            analysis_id=analysis.id,
            who=who,
            at=datetime.now(UTC),
            by_person=False,  # a person changed the separation; nobody decided on each place
            text=repaired.text,
            kind=str(repaired.kind),
            before=mapping.placements_to_json(p for p in before if p in changed),
            after=mapping.placements_to_json(p for p in placements if p in changed),
        )
    )


def _placed(
    present: AnalysisRow,
    before: Sequence[Placement],
    away: Sequence[Placement],
    repaired: RepairedCell,
    analysis: AnalysisRow,
) -> tuple[Placement, ...]:
    """Where chromosomes stand after a repair that takes none back."""
    fresh = initial_placements(repaired.chromosomes)
    standing = {p.chromosome_id for p in before}
    known = {row.object_id for row in present.objects}
    # Deleted or marked before, and a chromosome again: back to where a person had put it.
    coming = {p.chromosome_id for p in fresh} & (known - standing)
    back = [p for p in away if p.chromosome_id in coming]
    turned = turned_crops(present, analysis)
    return settled(before, fresh, [*kept(before, turned), *back])


def turned_crops(old: AnalysisRow, new: AnalysisRow) -> dict[str, float]:
    """Degrees, counter-clockwise, that the same crops are turned more than before, by id.

    A person's fine rotation is meant to be seen and does not count.
    """
    fine = {row.object_id: row.turn for row in old.objects}
    finer = {row.object_id: row.turn - fine.get(row.object_id, row.turn) for row in new.objects}
    angles = {row.chromosome_id: row.angle for row in old.chromosomes}
    return {
        row.chromosome_id: row.angle - angles[row.chromosome_id] + finer.get(row.chromosome_id, 0.0)
        for row in new.chromosomes
        if row.chromosome_id in angles
    }


def seen_before(
    session: Session,
    cell_id: int,
    objects: Sequence[SeparatedObject],
    keys: Mapping[str, str],
    recipe: str | None,
) -> dict[str, ChromosomeRow]:
    """The newest row of each object, by id, of those that were seen so since the cell's analysis.

    `keys` are the objects' masks in the image store; `recipe` as stored.
    """
    present = present_analysis(cell_row(session, cell_id))
    analysis, item = AnalysisRow, SeparatedObjectRow
    rows = session.execute(
        select(item, ChromosomeRow)
        .join(analysis, item.analysis_id == analysis.id)
        .join(
            ChromosomeRow,
            and_(
                ChromosomeRow.analysis_id == analysis.id,
                ChromosomeRow.chromosome_id == item.object_id,
            ),
        )
        .where(
            analysis.cell_id == cell_id,
            # Revisions of repairs and assignments have the time of the look they go back to.
            analysis.at == present.at,
            analysis.recipe.is_not_distinct_from(recipe),
            item.mask_key.in_(keys.values()),
        )
        .order_by(analysis.revision)
    )
    places: dict[tuple[str, tuple[int, ...], float], ChromosomeRow] = {
        (row.mask_key, tuple(row.origin), row.turn): chromosome for row, chromosome in rows
    }
    wanted = {o.id: places.get((keys[o.id], o.origin, o.turn)) for o in objects}
    return {i: row for i, row in wanted.items() if row is not None}


def _taken_back(
    cell: CellRow, now: Sequence[Placement], objects: list[SeparatedObjectRow]
) -> tuple[Placement, ...] | None:
    """Where chromosomes stood before the repair that is being taken back by another.

    That is one which made another separation out of `objects`, and after which everything stands
    as it does now. None when there is no such repair.
    """
    revisions = {analysis.id: n for n, analysis in enumerate(cell.analyses)}
    standing = {p.chromosome_id: p for p in now}
    state = dict(standing)
    for row in reversed(cell.edits):
        change = mapping.edit_from(row).change
        makes_revision = change.repairs and revisions[row.analysis_id] > 0
        earlier = {i: p for i, p in state.items() if p not in change.after}
        earlier |= {p.chromosome_id: p for p in change.before}
        if makes_revision and state == standing:
            old = cell.analyses[revisions[row.analysis_id] - 1].objects
            if _same_separation(old, objects):
                return tuple(earlier.values())
        state = earlier
    return None


def _same_separation(old: list[SeparatedObjectRow], new: list[SeparatedObjectRow]) -> bool:
    others = {row.object_id: row for row in new}
    return len(old) == len(new) and all(
        (other := others.get(row.object_id)) is not None
        and alike(row, other)
        and (row.kind, row.turn) == (other.kind, other.turn)
        for row in old
    )
