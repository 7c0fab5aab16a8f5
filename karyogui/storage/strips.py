"""The chromosomes of some slots over all cells of a case: few rows, and only their pictures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from karyogui.domain.labelled_changes import labels_of, texts_of
from karyogui.domain.strip import StripChromosome
from karyogui.storage import mapping
from karyogui.storage.damage import contained
from karyogui.storage.database import Database
from karyogui.storage.image_store import ImageStore
from karyogui.storage.labelled_changes import labelled_in
from karyogui.storage.tables import (
    AnalysisRow,
    CellRow,
    ChromosomeRow,
    ExclusionRow,
    PlacementRow,
    SignOffRow,
)

KEPT = 4000
"""Crops that are kept for the next look: two types of a case of a thousand cells."""


class StripStore:
    """Reads strips. Each call is one session; crops that were read once are kept."""

    def __init__(self, database: Database, images: ImageStore) -> None:
        self._database, self._images = database, images
        self._lock = Lock()
        self._kept: OrderedDict[str, mapping.Pixels] = OrderedDict()

    def strip(self, case_id: int, slots: Collection[str]) -> tuple[StripChromosome, ...]:
        """All chromosomes that stand in these slots, of cells that have been analysed.

        `KaryoError` when a picture is missing or damaged.
        """
        with self._database.read() as session, contained("this case"):
            signed = _last(session, case_id, SignOffRow)
            excluded = _last(session, case_id, ExclusionRow)
            told = labelled_in(session, CellRow.case_id == case_id)
            labels = {cell_id: labels_of(changes) for cell_id, (changes, _) in told.items()}
            carried = {cell_id: texts_of(changes) for cell_id, (changes, _) in told.items()}
            newest = (
                select(func.max(AnalysisRow.id))
                .join(CellRow, CellRow.id == AnalysisRow.cell_id)
                .where(CellRow.case_id == case_id)
                .group_by(AnalysisRow.cell_id)
            )
            found = session.execute(
                select(CellRow.id, CellRow.name, CellRow.slide, CellRow.position,
                       AnalysisRow.scale, ChromosomeRow, PlacementRow)
                .join(AnalysisRow, AnalysisRow.cell_id == CellRow.id)
                .join(ChromosomeRow, ChromosomeRow.analysis_id == AnalysisRow.id)
                .join(
                    PlacementRow,
                    (PlacementRow.cell_id == CellRow.id)
                    & (PlacementRow.chromosome_id == ChromosomeRow.chromosome_id),
                )
                .where(
                    AnalysisRow.id.in_(newest),
                    PlacementRow.slot.in_(slots),
                    PlacementRow.away.is_(False),
                )
                .order_by(CellRow.position, CellRow.id)
            )  # fmt: skip
            return tuple(
                StripChromosome(
                    cell_id=cell_id,
                    cell_name=f"{slide}, {name}" if slide else name,
                    cell_number=position,
                    chromosome=mapping.chromosome_from(row, self._segment),
                    placement=mapping.placement_from(placement),
                    scale=scale or 1.0,
                    is_signed=cell_id in signed,
                    is_excluded=cell_id in excluded,
                    label=labels.get(cell_id, {}).get(row.chromosome_id, ""),
                    carries=carried.get(cell_id, {}).get(row.chromosome_id, ""),
                )
                for cell_id, name, slide, position, scale, row, placement in found
            )

    def _segment(self, key: str) -> mapping.Pixels:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        read = self._images.read_segment(key)
        with self._lock:
            self._kept[key] = read
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return read


def _last(
    session: Session, case_id: int, table: type[SignOffRow] | type[ExclusionRow]
) -> frozenset[int]:
    """Cells of a case of which the last row of a table holds, and was not withdrawn."""
    newest = (
        select(func.max(table.id))
        .join(CellRow, CellRow.id == table.cell_id)
        .where(CellRow.case_id == case_id)
        .group_by(table.cell_id)
    )
    rows = select(table.cell_id).where(table.id.in_(newest), table.withdrawn.is_(False))
    return frozenset(session.scalars(rows))
