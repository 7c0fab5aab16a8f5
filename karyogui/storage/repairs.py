"""Repaired separations in the database, and what the network answers to them: revisions, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.cell import Cell
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import Change, Placement, initial_placements
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import PROGRAM
from karyogui.domain.separation import Repair, SeparatedObject
from karyogui.domain.separation_check import CheckEntry
from karyogui.domain.sitting import ActionKind
from karyogui.storage import mapping
from karyogui.storage.cell_rows import (
    alike,
    cell_row,
    edit_row,
    present_analysis,
    refuse_if_signed,
    replace_placements,
)
from karyogui.storage.checks import entries_to, with_later
from karyogui.storage.placing import as_decided, kept, settled
from karyogui.storage.tables import (
    AnalysisRow,
    CellRow,
    ChromosomeRow,
    EditRow,
    SeparatedObjectRow,
)

Keys = Mapping[str, str]
"""Keys in the image store by the id of object or chromosome."""


def store_repair(
    session: Session,
    seen: Cell,
    repair: Repair,
    objects: Sequence[SeparatedObject],
    chromosomes: Sequence[Chromosome],
    masks: Keys,
    crops: Keys,
    who: str,
) -> bool:
    """Add the revision, the placements and the trail's entry; see `CellStore.add_repair`.

    `seen` is the cell that the repair started from; `masks` and `crops` are of what is new.
    """
    cell = cell_row(session, seen.id)
    present = present_analysis(cell)
    refuse_if_signed(cell, "repaired")
    if present.revision != seen.revision:
        return False
    masks = {row.object_id: row.mask_key for row in present.objects} | dict(masks)
    rows = [mapping.object_to(n, o, masks[o.id]) for n, o in enumerate(objects)]
    before, away = mapping.standing_placements(cell), mapping.placements_away(cell)
    earlier = _taken_back(cell, before, rows)
    if earlier is not None and _holds(earlier[1], present, mapping.recipe_to(seen.recipe)):
        analysis = _later(present, mapping.assignment_from(earlier[1]))
        analysis.chromosomes = [mapping.chromosome_again(row) for row in earlier[1].chromosomes]
    else:
        analysis = _later(present, mapping.assignment_from(present))
        analysis.awaits_answer = True
        analysis.chromosomes = _chromosomes(present, chromosomes, crops)
    analysis.objects = rows
    placements = earlier[0] if earlier else _placed(present, before, away, chromosomes)
    placements = as_decided(placements, before, away)
    session.add(analysis)
    session.flush()
    replace_placements(session, cell, placements)
    session.add(_edit(cell, analysis, repair.text, str(repair.kind), who, before, placements))
    return True


def store_answer(
    session: Session,
    cell_id: int,
    revision: int,
    chromosomes: Sequence[Chromosome],
    summary: AssignmentSummary,
    recipe: Recipe | None,
    crops: Keys,
    check: Sequence[CheckEntry],
) -> bool:
    """Add what the network says of a repaired cell; see `CellStore.add_answer`."""
    cell = cell_row(session, cell_id)
    present = present_analysis(cell)
    if present.revision != revision or not present.awaits_answer:
        return False
    analysis = _later(present, summary)
    analysis.recipe = mapping.recipe_to(recipe)
    analysis.objects = [mapping.object_again(row) for row in present.objects]
    analysis.chromosomes = _chromosomes(present, chromosomes, crops)
    later = entries_to(check, analysis.objects)
    analysis.separation_check = with_later(present.separation_check, later)
    before = mapping.standing_placements(cell)
    decided = kept(before, turned_crops(present, analysis))
    placements = settled(before, initial_placements(chromosomes), decided)
    placements = as_decided(placements, before, ())
    session.add(analysis)
    session.flush()
    replace_placements(session, cell, placements)
    if set(before) != set(placements):
        text = "The network has looked at what was repaired"
        kind = str(ActionKind.ANSWER)
        session.add(_edit(cell, analysis, text, kind, PROGRAM, before, placements))
    return True


def _later(present: AnalysisRow, assignment: AssignmentSummary | None) -> AnalysisRow:
    """The next revision of the same look at the photograph."""
    analysis = mapping.analysis_to(
        present.cell_id, mapping.model_from(present), assignment,
        at=present.at, seconds=present.seconds,
    )  # fmt: skip
    analysis.revision = present.revision + 1
    analysis.quality, analysis.recipe = present.quality, present.recipe
    analysis.separation_check = present.separation_check
    analysis.separation = present.separation
    return analysis


def _chromosomes(
    present: AnalysisRow, chromosomes: Sequence[Chromosome], crops: Keys
) -> list[ChromosomeRow]:
    keys = {row.chromosome_id: row.segment_key for row in present.chromosomes} | dict(crops)
    return [mapping.chromosome_to(n, item, keys[item.id]) for n, item in enumerate(chromosomes)]


def _edit(
    cell: CellRow,
    analysis: AnalysisRow,
    text: str,
    kind: str,
    who: str,
    before: Sequence[Placement],
    placements: Sequence[Placement],
) -> EditRow:
    changed = set(before) ^ set(placements)
    change = Change(
        text,
        tuple(p for p in before if p in changed),
        tuple(p for p in placements if p in changed),
        by_program=True,  # a person changed the separation; nobody decided on each place
    )
    return edit_row(cell, analysis, change, who, kind)


def _placed(
    present: AnalysisRow,
    before: Sequence[Placement],
    away: Sequence[Placement],
    chromosomes: Sequence[Chromosome],
) -> tuple[Placement, ...]:
    """Where chromosomes stand after a repair that takes none back, until the network answers.

    Those that stand stay. Those that were deleted or marked before, and are chromosomes again, go
    back to where a person had put them; the new ones wait in the tray.
    """
    standing = {p.chromosome_id for p in before}
    known = {row.object_id for row in present.objects}
    back = [p for p in away if p.chromosome_id in known - standing]
    return settled(before, initial_placements(chromosomes), [*before, *back])


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
        (row.mask_key, tuple(row.origin), row.turn): chromosome
        for row, chromosome in rows
        if chromosome.type_probabilities  # the network had answered
    }
    wanted = {o.id: places.get((keys[o.id], o.origin, o.turn)) for o in objects}
    return {i: row for i, row in wanted.items() if row is not None}


def _holds(earlier: AnalysisRow, present: AnalysisRow, recipe: str | None) -> bool:
    """Whether what an earlier revision says of the chromosomes is what would be said now."""
    return (
        not earlier.awaits_answer
        and (earlier.at, earlier.recipe) == (present.at, recipe)
        and earlier.assignment_method == present.assignment_method
    )


def _taken_back(
    cell: CellRow, now: Sequence[Placement], objects: list[SeparatedObjectRow]
) -> tuple[tuple[Placement, ...], AnalysisRow] | None:
    """Where chromosomes stood before the repair that is taken back by another, and what was said.

    That is one which made another separation out of `objects`, and after which (or after the
    network's answer to it) everything stands as it does now. None when there is no such repair.
    """
    revisions = {analysis.id: n for n, analysis in enumerate(cell.analyses)}
    standing = {p.chromosome_id: p for p in now}
    state = dict(standing)
    answered: dict[str, Placement] | None = None
    for row in reversed(cell.edits):
        change = mapping.edit_from(row).change
        earlier = {i: p for i, p in state.items() if p not in change.after}
        earlier |= {p.chromosome_id: p for p in change.before}
        if change.kind is ActionKind.ANSWER:
            answered = answered or state
        else:
            makes_revision = change.repairs and revisions[row.analysis_id] > 0
            if makes_revision and (answered or state) == standing:
                old = cell.analyses[revisions[row.analysis_id] - 1]
                if _same_separation(old.objects, objects):
                    return tuple(earlier.values()), old
            answered = None
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
