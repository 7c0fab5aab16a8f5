"""Cells in the database: analyses, edits and sign-offs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from karyogui.domain.analysis import AnalysisResult, AssignmentSummary, Reassignment
from karyogui.domain.cell import Cell, PictureKind, SourcePicture
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.karyogram import Change, Karyogram, initial_placements
from karyogui.domain.labelled_changes import LabelledChange
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import FINISHED_KARYOGRAM, PROGRAM, Edit, SignOff
from karyogui.domain.separation import Quality, Repair, SeparatedObject
from karyogui.domain.separation_check import CheckEntry
from karyogui.domain.sitting import ActionKind, Sitting
from karyogui.errors import KaryoError
from karyogui.storage import mapping
from karyogui.storage.cell_rows import (
    cell_row,
    chromosome_rows,
    edit_row,
    is_signed,
    object_rows,
    present_analysis,
    refuse_if_awaiting,
    refuse_if_signed,
    refuse_if_unchecked,
    replace_placements,
)
from karyogui.storage.checks import add_decision, entries_to
from karyogui.storage.damage import contained
from karyogui.storage.database import Database
from karyogui.storage.image_store import ImageStore, PictureBatch
from karyogui.storage.labelled_changes import add_change
from karyogui.storage.placing import as_decided, as_printed, kept, merged
from karyogui.storage.repairs import seen_before, store_answer, store_repair, turned_crops
from karyogui.storage.signing import signature, with_word
from karyogui.storage.tables import (
    AnalysisRow,
    CaseRow,
    CellRow,
    ChromosomeRow,
    FirstLookRow,
    RecipeRow,
    SeparatedObjectRow,
    SignOffRow,
    SittingRow,
)


class CellStore:
    """Reads and writes single cells. Each call is one session and at most one transaction."""

    def __init__(self, database: Database, images: ImageStore) -> None:
        self._database = database
        self._images = images

    def load(self, cell_id: int, known: Cell | None = None) -> Cell:
        """A cell with everything: crops, predictions, placements, audit trail.

        Pictures that it had when it was loaded before, as it is `known`, are not read again.
        """
        with self._database.read() as session, contained("this cell"):
            row = cell_row(session, cell_id)
            present = row.analyses[-1].revision if row.analyses else 0
            if known is not None and known.revision == present:
                now = mapping.cell_from(row, None)
                now = replace(now, chromosomes=known.chromosomes, objects=known.objects)
            else:
                crops, masks = _pictures_known(session, row, known) if known else ({}, {})
                now = mapping.cell_from(
                    row,
                    lambda key: crops[key] if key in crops else self._images.read_segment(key),
                    lambda key: masks[key] if key in masks else self._images.read_mask(key),
                )
            return with_word(session, now)

    def outline(self, cell_id: int) -> Cell:
        """A cell without its chromosomes: no picture is read."""
        with self._database.read() as session, contained("this cell"):
            return with_word(session, mapping.cell_from(cell_row(session, cell_id), None))

    def picture(self, picture: SourcePicture) -> bytes:
        """The bytes of an imported picture, as they were imported."""
        return self._images.read(picture.key)

    def repaired_objects(self, cell_id: int) -> int:
        """How many objects of the present separation a person has made or changed."""
        with self._database.read() as session, contained("this cell"):
            analyses = cell_row(session, cell_id).analyses
            return sum(item.by_person for item in analyses[-1].objects) if analyses else 0

    def set_thumbnail(self, cell_id: int, thumbnail: bytes | None) -> None:
        """Keep a small PNG for the case browser."""
        with self._database.write() as session:
            cell_row(session, cell_id).thumbnail = thumbnail

    def add_analysis(self, result: AnalysisResult, recipe: Recipe | None = None) -> None:
        """Store a network's result as a new revision; the ones before stay as they are.

        The first one places every chromosome. A later one leaves those where a person put or
        confirmed them and places the others again; the audit trail says what moved. Objects of a
        photograph under the same id are the same chromosome. `recipe` is the enhancement of the
        photograph that the network looked at. Raises `KaryoError` for a signed-off cell. Crops,
        predictions, placements and the trail's entry are stored together or not at all.
        """
        with self._images.batch() as batch:
            chromosomes = chromosome_rows(result.chromosomes, batch)
            objects = object_rows(result.separated or (), batch)
            batch.sync()
            with self._database.write() as session:
                cell = cell_row(session, result.cell_id)
                refuse_if_signed(cell, "analysed again")
                analysis = mapping.analysis_to(
                    cell.id,
                    result.model,
                    result.assignment,
                    at=datetime.now(UTC),
                    seconds=result.seconds,
                )
                analysis.revision = cell.analyses[-1].revision + 1 if cell.analyses else 1
                analysis.quality = asdict(result.quality) if result.quality else None
                analysis.separation_check = entries_to(result.check, objects)
                if result.quality is None and result.separated is not None and cell.analyses:
                    analysis.quality = cell.analyses[-1].quality
                if result.check is None and cell.analyses:
                    analysis.separation_check = cell.analyses[-1].separation_check
                analysis.separation = result.separation or None
                if not result.separation and cell.analyses:
                    analysis.separation = cell.analyses[-1].separation
                analysis.recipe = mapping.recipe_to(recipe)
                analysis.chromosomes, analysis.objects = chromosomes, objects
                _add_revision(session, cell, analysis, result)

    def add_reassignment(self, cell_id: int, reassignment: Reassignment) -> None:
        """Store another assignment of the present analysis as a new revision; nothing moves.

        Time, seconds, model and pictures are those of the network's look. Raises `KaryoError` for
        a cell that is signed off, was not analysed or has changed since.
        """
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            present = present_analysis(cell)
            refuse_if_signed(cell, "assigned again")
            refuse_if_awaiting(cell, "assigned again")
            if reassignment.revision not in (0, present.revision):
                raise KaryoError(
                    f"{cell.name} has changed while it was being assigned; nothing was stored.",
                    "Assign it again.",
                )
            analysis = mapping.analysis_to(
                cell.id,
                mapping.model_from(present),
                reassignment.summary,
                at=present.at,
                seconds=present.seconds,
            )
            analysis.revision = present.revision + 1
            analysis.quality, analysis.recipe = present.quality, present.recipe
            analysis.separation_check = present.separation_check
            analysis.separation = present.separation
            analysis.objects = [mapping.object_again(row) for row in present.objects]
            analysis.chromosomes = [
                mapping.chromosome_again(row, mapping.prediction_columns(predicted, assigned))
                for row, predicted, assigned in zip(
                    present.chromosomes,
                    reassignment.predicted,
                    reassignment.assigned,
                    strict=True,
                )
            ]
            session.add(analysis)

    def add_repair(
        self,
        cell: Cell,
        repair: Repair,
        objects: Sequence[SeparatedObject],
        chromosomes: Sequence[Chromosome],
        who: str,
    ) -> bool:
        """Store a repaired separation as a new revision, which mostly awaits the network's answer.

        `cell` is what the repair started from; `objects` is everything separated after it and
        `chromosomes` those among it, the new ones without a prediction. All that stand stay where
        they are, new ones come into the tray, those that are gone leave the board. A repair that
        takes an earlier one back, with nothing moved since, also brings every chromosome back to
        where it stood, and what was said of it: then there is nothing to answer. False, and nothing
        is stored, when the cell has another revision by now. Raises `KaryoError` for a cell that is
        signed off or was not analysed, and for a full disk; then nothing is stored either.
        """
        stored = {id(item) for item in cell.objects}
        with self._images.batch() as batch:
            masks = {o.id: batch.put_mask(o.mask) for o in objects if id(o) not in stored}
            crops = _new_crops(batch, chromosomes, cell)
            batch.sync()
            with self._database.write() as session:
                return store_repair(session, cell, repair, objects, chromosomes, masks, crops, who)

    def add_answer(
        self,
        cell: Cell,
        chromosomes: Sequence[Chromosome],
        summary: AssignmentSummary,
        check: Sequence[CheckEntry] = (),
    ) -> bool:
        """Store what the network says of a repaired cell as a new revision.

        `check` are entries of what is new; the others stay.
        What a person decided on stays where it is and what stays in its slot keeps its place; the
        others go where they are assigned. False, and nothing is stored, when the cell is another
        by now or awaits no answer.
        """
        with self._images.batch() as batch:
            crops = _new_crops(batch, chromosomes, cell)
            batch.sync()
            with self._database.write() as session:
                return store_answer(
                    session, cell.id, cell.revision, chromosomes, summary, cell.recipe, crops, check
                )

    def found_ids(self, cell_id: int) -> frozenset[str]:
        """Ids of the objects that the separation found, before any repair of them."""
        with self._database.read() as session:
            cell = cell_row(session, cell_id)
            present = present_analysis(cell)
            look = next(a for a in cell.analyses if a.at == present.at)
            return frozenset(row.object_id for row in look.objects)

    def awaiting(self) -> tuple[int, ...]:
        """Ids of the cells with a repair that still waits for the network, outside the bin."""
        # Not `id IN (the newest of each cell)`: that reads every analysis of a large library twice.
        later = aliased(AnalysisRow)
        is_later = (later.cell_id == AnalysisRow.cell_id) & (later.id > AnalysisRow.id)
        with self._database.read() as session:
            found = session.scalars(
                select(CellRow.id)
                .join(CaseRow)
                .join(AnalysisRow, AnalysisRow.cell_id == CellRow.id)
                .where(
                    CaseRow.deleted_at.is_(None),
                    AnalysisRow.awaits_answer.is_(True),
                    ~exists().where(is_later),
                )
                .order_by(CellRow.id)
            )
            return tuple(found)

    def seen_before(
        self, cell_id: int, objects: Sequence[SeparatedObject], recipe: Recipe | None
    ) -> dict[str, Chromosome]:
        """What the revisions since the cell was analysed say of objects, by id.

        Only of those of which they know the same pixels, turned alike and enhanced by the same
        recipe. `KaryoError` when a picture is missing or damaged.
        """
        keys = {item.id: self._images.mask_key(item.mask) for item in objects}
        with self._database.read() as session:
            found = seen_before(session, cell_id, objects, keys, mapping.recipe_to(recipe))
            return {
                i: mapping.chromosome_from(row, self._images.read_segment, i)
                for i, row in found.items()
            }

    def record_recipe(self, cell_id: int, recipe: Recipe | None, who: str) -> None:
        """Store how the photograph is enhanced; earlier recipes stay in the record."""
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            refuse_if_signed(cell, "enhanced")
            text = mapping.recipe_to(recipe)
            present = cell.recipes[-1].recipe if cell.recipes else None
            if text != present:
                session.add(RecipeRow(cell_id=cell.id, who=who, at=datetime.now(UTC), recipe=text))

    def add_first_look(self, cell_id: int, quality: Quality) -> None:
        """Store the quality of a photograph that nobody has analysed; it is new as before."""
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            at = datetime.now(UTC)
            session.add(FirstLookRow(cell_id=cell.id, at=at, quality=asdict(quality)))

    def add_sitting(self, cell_id: int, sitting: Sitting) -> None:
        """Store what a sitting cost."""
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            session.add(
                SittingRow(
                    cell_id=cell.id,
                    who=sitting.who,
                    started=sitting.started,
                    ended=sitting.ended,
                    seconds=float(sitting.seconds_active),
                    actions={str(kind): int(n) for kind, n in sitting.actions.items()},
                )
            )

    def record(self, cell_id: int, change: Change, who: str) -> None:
        """Store an edit: placements and audit trail in one transaction.

        Raises `KaryoError`, and stores nothing, for a signed-off cell and for a change that does
        not start from what is stored. A change that repairs comes by `add_repair`.
        """
        if change.repairs:
            raise ValueError("a repair is more than its placements")
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            analysis = present_analysis(cell)
            refuse_if_signed(cell, "edited")
            karyogram = Karyogram(mapping.standing_placements(cell))
            try:
                karyogram.apply(change)
            except ValueError as error:
                raise KaryoError(
                    "The change does not fit what is stored of this cell; it was not stored.",
                    "Open the cell again and repeat the change.",
                ) from error
            replace_placements(session, cell, karyogram.placements)
            session.add(edit_row(cell, analysis, change, who))

    def record_check(self, cell_id: int, object_id: str, right: bool, who: str) -> Edit:
        """Store a person's word that a listed object is right as it is, or that it is taken back.

        Returns its entry in the trail. `KaryoError`, with nothing stored, for a signed-off cell
        and for an object that the separation check does not list.
        """
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            analysis = present_analysis(cell)
            refuse_if_signed(cell, "checked")
            return add_decision(session, cell, analysis, object_id, right, who)

    def record_label(
        self,
        cell_id: int,
        before: LabelledChange | None,
        after: LabelledChange | None,
        who: str,
    ) -> Edit:
        """Store that a labelled change is entered, altered or removed, and return its trail entry.

        `KaryoError`, with nothing stored, for a signed-off cell, one that was not analysed, and
        when `before` is not what is stored.
        """
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            present_analysis(cell)
            refuse_if_signed(cell, "edited")
            return add_change(session, cell, before, after, who)

    def sign_off(self, cell_id: int, who: str, meaning: str) -> SignOff:
        """Store a sign-off.

        `KaryoError` when there is one already, or nothing to sign, while a repair is looked at and
        while the separation is not checked.
        """
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            analysis = present_analysis(cell)
            refuse_if_signed(cell, "signed off again")
            refuse_if_awaiting(cell, "signed off")
            refuse_if_unchecked(cell)
            row = _sign_off_row(cell, analysis, who, meaning, withdrawn=False)
            row.signed, row.digest = signature(session, cell, row)
            session.add(row)
            return SignOff(who, row.at, meaning)

    def withdraw_sign_off(self, cell_id: int, who: str) -> None:
        """Store that the sign-off no longer holds; `KaryoError` when there is none."""
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            if not is_signed(cell):
                raise KaryoError(f"{cell.name} is not signed off.")
            analysis = present_analysis(cell)
            session.add(_sign_off_row(cell, analysis, who, "Sign-off withdrawn", withdrawn=True))


def _pictures_known(
    session: Session, row: CellRow, known: Cell
) -> tuple[dict[str, mapping.Pixels], dict[str, NDArray[np.bool_]]]:
    """Crops with their masks, and masks of objects, that a cell had, by their keys."""
    then = next((a.id for a in row.analyses if a.revision == known.revision), None)
    crop, item = ChromosomeRow, SeparatedObjectRow
    crops = select(crop.chromosome_id, crop.segment_key).where(crop.analysis_id == then)
    masks = select(item.object_id, item.mask_key).where(item.analysis_id == then)
    segments = {c.id: (c.segment.crop, c.segment.mask) for c in known.chromosomes}
    objects = {o.id: o.mask for o in known.objects}
    return (
        {key: segments[i] for i, key in session.execute(crops) if i in segments},
        {key: objects[i] for i, key in session.execute(masks) if i in objects},
    )


def _new_crops(
    batch: PictureBatch, chromosomes: Iterable[Chromosome], cell: Cell
) -> dict[str, str]:
    """Keys of the crops that the cell does not have, put into the image store, by id."""
    known = {c.id: c.segment for c in cell.chromosomes}
    new = [c for c in chromosomes if c.segment is not known.get(c.id)]
    return {c.id: batch.put_segment(c.segment.crop, c.segment.mask) for c in new}


def store_pictures(
    batch: PictureBatch,
    pictures: Iterable[tuple[str, bytes, int, int]],
    kind: PictureKind = PictureKind.CUT_OUT,
) -> tuple[SourcePicture, ...]:
    """Put pictures (name, bytes, width, height in pixels) into the image store."""
    stored = []
    for name, data, width, height in pictures:
        key = batch.put(data)
        stored.append(SourcePicture(name, key, width, height, key.partition(".")[0], kind))
    return tuple(stored)


def _sign_off_row(
    cell: CellRow, analysis: AnalysisRow, who: str, meaning: str, withdrawn: bool
) -> SignOffRow:
    return SignOffRow(
        cell_id=cell.id,
        analysis_id=analysis.id,
        who=who,
        at=datetime.now(UTC),
        meaning=meaning,
        withdrawn=withdrawn,
    )


def _add_revision(
    session: Session, cell: CellRow, analysis: AnalysisRow, result: AnalysisResult
) -> None:
    """Add an analysis and place its chromosomes; the trail names every one but the first.

    Of a cell cut out of a finished karyogram it tells from the first one on that all stand as they
    did there: this is a person's word.
    """
    earlier = cell.analyses[-1] if cell.analyses else None
    before = mapping.standing_placements(cell)
    placements = initial_placements(result.chromosomes)
    who, text, kind = PROGRAM, f"Analysed again with {result.model}", None
    if earlier is not None:
        placements = merged(placements, kept(before, turned_crops(earlier, analysis)))
        placements = as_decided(placements, before, mapping.placements_away(cell))
    elif slots := mapping.printed_slots(cell):
        before = placements
        placements = as_printed(
            placements, slots, {c.id: c.segment.angle for c in result.chromosomes}
        )
        who, text, kind = FINISHED_KARYOGRAM, "Place as in the karyogram", str(ActionKind.MOVE)
    session.add(analysis)
    session.flush()
    replace_placements(session, cell, placements)
    if earlier is not None or before:
        change = Change(text, tuple(before), tuple(placements), by_program=who == PROGRAM)
        session.add(edit_row(cell, analysis, change, who, kind, analysis.at))
