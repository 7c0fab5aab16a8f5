"""What every writer of a cell needs: its rows, and the refusals in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from karyogui.domain import refusals
from karyogui.domain.chromosome import Chromosome
from karyogui.domain.complement import Complement
from karyogui.domain.karyogram import Change, Placement, slot_counts
from karyogui.domain.separation import SeparatedObject
from karyogui.domain.separation_check import open_entries, unsettled
from karyogui.errors import KaryoError
from karyogui.storage import mapping
from karyogui.storage.checks import entries_in
from karyogui.storage.image_store import PictureBatch
from karyogui.storage.tables import AnalysisRow, CellRow, ChromosomeRow, EditRow, SeparatedObjectRow


def cell_row(session: Session, cell_id: int) -> CellRow:
    """The row of a cell; `KaryoError` when there is none."""
    row = session.get(CellRow, cell_id)
    if row is None:
        raise KaryoError("This cell is not in the data folder.")
    return row


def present_analysis(cell: CellRow) -> AnalysisRow:
    """The highest revision; `KaryoError` when nobody has looked at the cell."""
    if not cell.analyses:
        raise refusals.not_analysed(cell.name)
    return cell.analyses[-1]


def is_signed(cell: CellRow) -> bool:
    """Whether a sign-off holds."""
    return bool(cell.sign_offs) and not cell.sign_offs[-1].withdrawn


def refuse_if_signed(cell: CellRow, act: str) -> None:
    """`KaryoError` for a signed-off cell; `act` is a participle: it cannot be `edited`."""
    if is_signed(cell):
        raise refusals.signed(cell.name, act)


def refuse_if_awaiting(cell: CellRow, act: str) -> None:
    """`KaryoError` while the network has not answered to a repair; `act` is a participle."""
    if cell.analyses and cell.analyses[-1].awaits_answer:
        raise refusals.awaiting(cell.name, act)


def refuse_if_unchecked(cell: CellRow) -> None:
    """`KaryoError` while entries of the separation check are open: the count is not settled."""
    counts = slot_counts(mapping.standing_placements(cell))
    entries = entries_in(present_analysis(cell), cell)
    left = open_entries(entries, Complement.of(counts).lacking)
    if left:
        raise KaryoError(
            f"{cell.name} cannot be signed off yet. {unsettled(left)}.",
            "Look at each object in the separation check first.",
        )


def replace_placements(session: Session, cell: CellRow, placements: Iterable[Placement]) -> None:
    """Let the cell have these placements and no others.

    Of chromosomes that leave the board, where a person had put them is remembered.
    """
    there = {row.chromosome_id: row for row in cell.placements}
    for placement in placements:
        row = mapping.placement_to(cell.id, placement)
        present = there.pop(placement.chromosome_id, None)
        if present is None:
            session.add(row)
            continue
        for column in ("slot", "slot_index", "turn", "mirrored", "confirmed", "proposed", "away"):
            setattr(present, column, getattr(row, column))
    for gone in there.values():
        if gone.proposed is None:
            session.delete(gone)
        gone.away = True


def chromosome_rows(items: Iterable[Chromosome], batch: PictureBatch) -> list[ChromosomeRow]:
    """Rows of analysed objects, their crops put into the image store."""
    return [
        mapping.chromosome_to(n, item, batch.put_segment(item.segment.crop, item.segment.mask))
        for n, item in enumerate(items)
    ]


def object_rows(
    objects: Iterable[SeparatedObject], batch: PictureBatch
) -> list[SeparatedObjectRow]:
    """Rows of separated objects, their masks put into the image store."""
    return [mapping.object_to(n, o, batch.put_mask(o.mask)) for n, o in enumerate(objects)]


def alike(one: SeparatedObjectRow, other: SeparatedObjectRow) -> bool:
    """Whether two objects have the same id and cover the same pixels."""
    return (one.object_id, one.mask_key, one.origin) == (
        other.object_id,
        other.mask_key,
        other.origin,
    )


def edit_row(
    cell: CellRow,
    analysis: AnalysisRow,
    change: Change,
    who: str,
    kind: str | None = None,
    at: datetime | None = None,
) -> EditRow:
    """A change of placements as it is stored; `kind` where it is another than the change's."""
    return EditRow(
        cell_id=cell.id,
        analysis_id=analysis.id,
        who=who,
        at=at or datetime.now(UTC),
        by_person=not change.by_program,
        text=change.text,
        kind=kind or (None if change.kind is None else str(change.kind)),
        before=mapping.placements_to_json(change.before),
        after=mapping.placements_to_json(change.after),
    )
