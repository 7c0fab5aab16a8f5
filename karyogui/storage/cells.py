"""Cells in the database: analyses, edits and sign-offs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from karyogui.domain.analysis import (
    AnalysedObject,
    AnalysisResult,
    AssignmentSummary,
    Reassignment,
)
from karyogui.domain.chromosome import Chromosome, chromosome_id
from karyogui.domain.karyogram import Change, Karyogram, Placement, initial_placements
from karyogui.domain.metaphase import Metaphase, PictureKind, SourcePicture
from karyogui.domain.recipe import Recipe
from karyogui.domain.review import SignOff
from karyogui.domain.separation import SeparatedObject
from karyogui.domain.sitting import Sitting
from karyogui.errors import KaryoError
from karyogui.storage import mapping
from karyogui.storage.database import Database
from karyogui.storage.image_store import ImageStore, PictureBatch
from karyogui.storage.tables import (
    AnalysisRow,
    CellRow,
    ChromosomeRow,
    EditRow,
    RecipeRow,
    SeparatedObjectRow,
    SignOffRow,
    SittingRow,
)

PROGRAM = "KaryoGUI"
"""Who stands in the audit trail for what no person did."""


@dataclass(frozen=True, eq=False)
class RepairedCell:
    """A cell after a repair: everything separated, the chromosomes among it with what is said of
    each, the assignment of the whole, and the ids of the chromosomes that the repair touched."""

    objects: tuple[SeparatedObject, ...]
    chromosomes: tuple[AnalysedObject, ...]
    summary: AssignmentSummary
    touched: frozenset[str]


class CellStore:
    """Reads and writes single cells. Each call is one session and at most one transaction."""

    def __init__(self, database: Database, images: ImageStore) -> None:
        self._database = database
        self._images = images

    def load(self, cell_id: int) -> Metaphase:
        """A cell with everything: crops, predictions, placements, audit trail."""
        with self._database.read() as session:
            return mapping.metaphase_from(
                _cell(session, cell_id), self._images.read_segment, self._images.read_mask
            )

    def outline(self, cell_id: int) -> Metaphase:
        """A cell without its chromosomes: no picture is read."""
        with self._database.read() as session:
            return mapping.metaphase_from(_cell(session, cell_id), None)

    def picture(self, picture: SourcePicture) -> bytes:
        """The bytes of an imported picture, as they were imported."""
        return self._images.read(picture.key)

    def set_thumbnail(self, cell_id: int, thumbnail: bytes | None) -> None:
        """Keep a small PNG for the case browser."""
        with self._database.write() as session:
            _cell(session, cell_id).thumbnail = thumbnail

    def add_analysis(self, result: AnalysisResult) -> None:
        """Store a network's result as a new revision; the ones before stay as they are.

        The first one places every chromosome. A later one leaves those where a person put or
        confirmed them and places the others anew; the audit trail tells what moved. Raises
        `KaryoError` for a signed-off cell. Crops, predictions, placements and the trail's entry
        are stored together or not at all.
        """
        with self._images.batch() as batch:
            rows = [
                mapping.chromosome_to(
                    position,
                    item,
                    batch.put_segment(item.segment.crop, item.segment.mask),
                )
                for position, item in enumerate(result.objects)
            ]
            objects = _object_rows(result.separated or (), batch)
            with self._database.write() as session:
                self._add_revision(session, result, rows, objects)

    def _add_revision(
        self,
        session: Session,
        result: AnalysisResult,
        rows: list[ChromosomeRow],
        objects: list[SeparatedObjectRow],
    ) -> None:
        cell = _cell(session, result.cell_id)
        _refuse_if_signed(cell, "analysed again")
        earlier = cell.analyses[-1] if cell.analyses else None
        now = datetime.now(UTC)
        analysis = mapping.analysis_to(
            cell.id, result.model, result.assignment, at=now, seconds=result.seconds
        )
        analysis.revision = earlier.revision + 1 if earlier else 1
        analysis.chromosomes = rows
        analysis.objects = objects
        analysis.quality = None if result.quality is None else asdict(result.quality)
        chromosomes = [
            Chromosome(item.id or chromosome_id(n), item.segment, item.predicted, item.assigned)
            for n, item in enumerate(result.objects)
        ]
        placements = initial_placements(chromosomes)
        before = [mapping.placement_from(row) for row in cell.placements]
        if earlier is not None:
            # Another separation finds other objects: what stood under an id says nothing of it.
            separated_anew = bool(objects) or bool(earlier.objects)
            kept = () if separated_anew else _kept(cell, before, earlier.chromosomes, rows)
            placements = _merged(placements, kept)
        session.add(analysis)
        session.flush()
        _replace_placements(session, cell, placements)
        if earlier is not None:
            session.add(
                EditRow(
                    cell_id=cell.id,
                    analysis_id=analysis.id,
                    who=PROGRAM,
                    at=now,
                    by_person=False,
                    text=f"Analysed again with {result.model}",
                    before=mapping.placements_to_json(before),
                    after=mapping.placements_to_json(placements),
                )
            )

    def add_reassignment(self, cell_id: int, reassignment: Reassignment) -> None:
        """Store another assignment of the present analysis as a new revision; nothing moves.

        Time, seconds, model and pictures are those of the network's look. Raises `KaryoError` for
        a cell that is signed off or was not analysed.
        """
        with self._database.write() as session:
            cell = _cell(session, cell_id)
            present = _present_analysis(cell)
            _refuse_if_signed(cell, "assigned again")
            analysis = mapping.analysis_to(
                cell.id,
                mapping.model_from(present),
                reassignment.summary,
                at=present.at,
                seconds=present.seconds,
            )
            analysis.revision = present.revision + 1
            analysis.quality = present.quality
            analysis.objects = [mapping.object_again(row) for row in present.objects]
            analysis.chromosomes = [
                mapping.chromosome_again(row, predicted, assigned)
                for row, predicted, assigned in zip(
                    present.chromosomes,
                    reassignment.predicted,
                    reassignment.assigned,
                    strict=True,
                )
            ]
            session.add(analysis)

    def add_repair(self, cell_id: int, repaired: RepairedCell, text: str, who: str) -> None:
        """Store a repaired separation as a new revision, with where its chromosomes stand.

        What a person decided on stays where it is; chromosomes that are gone leave the board, and
        the audit trail tells of both. Raises `KaryoError` for a cell that is signed off, was not
        analysed or came as cut-outs, and for a full disk; then nothing is stored.
        """
        with self._images.batch() as batch:
            rows = [
                mapping.chromosome_to(
                    n, item, batch.put_segment(item.segment.crop, item.segment.mask)
                )
                for n, item in enumerate(repaired.chromosomes)
            ]
            objects = _object_rows(repaired.objects, batch)
            with self._database.write() as session:
                self._add_repaired(session, cell_id, repaired, (rows, objects), text, who)

    def _add_repaired(
        self,
        session: Session,
        cell_id: int,
        repaired: RepairedCell,
        rows: tuple[list[ChromosomeRow], list[SeparatedObjectRow]],
        text: str,
        who: str,
    ) -> None:
        cell = _cell(session, cell_id)
        present = _present_analysis(cell)
        _refuse_if_signed(cell, "repaired")
        analysis = mapping.analysis_to(
            cell.id, mapping.model_from(present), repaired.summary,
            at=present.at, seconds=present.seconds,
        )  # fmt: skip
        analysis.revision = present.revision + 1
        analysis.quality = present.quality
        analysis.chromosomes, analysis.objects = rows
        before = [mapping.placement_from(row) for row in cell.placements]
        ids = {item.id for item in repaired.chromosomes}
        kept = [
            p
            for p in _kept(cell, before, present.chromosomes, rows[0])
            if p.chromosome_id in ids and p.chromosome_id not in repaired.touched
        ]
        fresh = initial_placements(
            [Chromosome(i.id, i.segment, i.predicted, i.assigned) for i in repaired.chromosomes]
        )
        placements = _merged(fresh, kept)
        session.add(analysis)
        session.flush()
        _replace_placements(session, cell, placements)
        changed = set(before) ^ set(placements)
        session.add(
            EditRow(
                cell_id=cell.id,
                analysis_id=analysis.id,
                who=who,
                at=datetime.now(UTC),
                by_person=False,  # a person changed the separation; nobody decided on each place
                text=text,
                before=mapping.placements_to_json(p for p in before if p in changed),
                after=mapping.placements_to_json(p for p in placements if p in changed),
            )
        )

    def record_recipe(self, cell_id: int, recipe: Recipe | None, who: str) -> None:
        """Store how the photograph is enhanced; earlier recipes stay in the record."""
        with self._database.write() as session:
            cell = _cell(session, cell_id)
            _refuse_if_signed(cell, "enhanced")
            text = None if recipe is None or recipe.is_identity else recipe.to_json()
            session.add(RecipeRow(cell_id=cell.id, who=who, at=datetime.now(UTC), recipe=text))

    def add_sitting(self, cell_id: int, sitting: Sitting) -> None:
        """Store what a sitting cost."""
        with self._database.write() as session:
            cell = _cell(session, cell_id)
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
        not start from what is stored.
        """
        with self._database.write() as session:
            cell = _cell(session, cell_id)
            analysis = _present_analysis(cell)
            _refuse_if_signed(cell, "edited")
            karyogram = Karyogram(mapping.placement_from(row) for row in cell.placements)
            try:
                karyogram.apply(change)
            except ValueError as error:
                raise KaryoError(
                    "The change does not fit what is stored of this cell; it was not stored.",
                    "Open the cell again and repeat the change.",
                ) from error
            _replace_placements(session, cell, karyogram.placements)
            session.add(
                EditRow(
                    cell_id=cell_id,
                    analysis_id=analysis.id,
                    who=who,
                    at=datetime.now(UTC),
                    by_person=not change.by_program,
                    text=change.text,
                    before=mapping.placements_to_json(change.before),
                    after=mapping.placements_to_json(change.after),
                )
            )

    def sign_off(self, cell_id: int, who: str, meaning: str) -> SignOff:
        """Store a sign-off; `KaryoError` when there is one already, or nothing to sign."""
        with self._database.write() as session:
            cell = _cell(session, cell_id)
            analysis = _present_analysis(cell)
            _refuse_if_signed(cell, "signed off again")
            row = _sign_off_row(cell, analysis, who, meaning, withdrawn=False)
            session.add(row)
            return SignOff(who, row.at, meaning)

    def withdraw_sign_off(self, cell_id: int, who: str) -> None:
        """Store that the sign-off no longer holds; `KaryoError` when there is none."""
        with self._database.write() as session:
            cell = _cell(session, cell_id)
            if not _is_signed(cell):
                raise KaryoError(f"{cell.name} is not signed off.")
            analysis = _present_analysis(cell)
            session.add(_sign_off_row(cell, analysis, who, "Sign-off withdrawn", withdrawn=True))


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


def _cell(session: Session, cell_id: int) -> CellRow:
    row = session.get(CellRow, cell_id)
    if row is None:
        raise KaryoError("This cell is not in the data folder.")
    return row


def _present_analysis(cell: CellRow) -> AnalysisRow:
    if not cell.analyses:
        raise KaryoError(f"{cell.name} has not been analysed yet.", "Analyse it first.")
    return cell.analyses[-1]


def _is_signed(cell: CellRow) -> bool:
    return bool(cell.sign_offs) and not cell.sign_offs[-1].withdrawn


def _refuse_if_signed(cell: CellRow, act: str) -> None:
    if _is_signed(cell):
        raise KaryoError(
            f"{cell.name} is signed off and cannot be {act}.", "Withdraw the sign-off first."
        )


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


def _replace_placements(session: Session, cell: CellRow, placements: Iterable[Placement]) -> None:
    """Let the cell have these placements and no others."""
    standing = list(placements)
    ids = {placement.chromosome_id for placement in standing}
    for row in list(cell.placements):
        if row.chromosome_id not in ids:
            session.delete(row)
    for placement in standing:
        session.merge(mapping.placement_to(cell.id, placement))


def _object_rows(
    objects: Iterable[SeparatedObject], batch: PictureBatch
) -> list[SeparatedObjectRow]:
    return [mapping.object_to(n, o, batch.put_mask(o.mask)) for n, o in enumerate(objects)]


def _kept(
    cell: CellRow,
    placements: Sequence[Placement],
    old: Sequence[ChromosomeRow],
    new: Sequence[ChromosomeRow],
) -> tuple[Placement, ...]:
    """Placements that a person decided on and did not take back.

    A neighbour that only moved up in its slot is no decision. The turn is corrected for a crop
    that the new analysis set upright by another angle, so that the chromosome still stands as
    the person left it.
    """
    found: dict[str, Placement] = {}
    for change in (mapping.edit_from(row).change for row in cell.edits):
        afters = {p.chromosome_id: p for p in change.after}
        for before in change.before:
            i = before.chromosome_id
            after = afters.get(i)
            if after is None or replace(before, index=after.index) == after:
                continue
            if not change.by_program:
                found.setdefault(i, before)
            elif i in found and before.slot != after.slot:
                # An assignment moved it since: the slot is no decision, a turn still is.
                found[i] = replace(found[i], slot=after.slot)
    angles = {row.chromosome_id: row.angle for row in old}
    turned = {
        row.chromosome_id: row.angle - angles[row.chromosome_id]
        for row in new
        if row.chromosome_id in angles
    }
    return tuple(
        replace(p, turn=_corrected(p, turned.get(p.chromosome_id, 0.0)))
        for p in placements
        if p.chromosome_id in found and replace(found[p.chromosome_id], index=p.index) != p
    )


def _corrected(placement: Placement, turned: float) -> float:
    if not turned:
        return placement.turn
    return round(placement.turn + (-turned if placement.mirrored else turned), 6) % 360.0


def _merged(first: Sequence[Placement], kept: Sequence[Placement]) -> tuple[Placement, ...]:
    """The kept placements at the left of their slots, the others behind them."""
    by_person = {placement.chromosome_id for placement in kept}
    others = [
        replace(placement, index=placement.index + len(first))
        for placement in first
        if placement.chromosome_id not in by_person
    ]
    return Karyogram([*kept, *others]).placements
