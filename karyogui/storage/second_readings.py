"""Second readings of cells and the decisions on their differences, in the database; only added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from karyogui.domain.karyogram import Placement
from karyogui.domain.second_reading import ReadingDecision, SecondReading
from karyogui.errors import KaryoError
from karyogui.storage import mapping
from karyogui.storage.cell_rows import cell_row, present_analysis
from karyogui.storage.damage import contained
from karyogui.storage.database import Database
from karyogui.storage.tables import CellRow, ReadingDecisionRow, SecondReadingRow


class SecondReadingStore:
    """Reads and adds; each call is one session and at most one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_case(self, case_id: int) -> tuple[SecondReading, ...]:
        """The last reading of each cell of a case that has one."""
        chosen = select(SecondReadingRow).join(CellRow).where(CellRow.case_id == case_id)
        with self._database.read() as session, contained("the second reading"):
            rows = session.scalars(chosen.order_by(SecondReadingRow.id)).all()
            last = {row.cell_id: row for row in rows}
            return tuple(_reading(session, list(last.values())))

    def of_cell(self, cell_id: int) -> SecondReading | None:
        """The last reading of a cell; None where nobody has read it a second time."""
        chosen = select(SecondReadingRow).where(SecondReadingRow.cell_id == cell_id)
        with self._database.read() as session, contained("the second reading"):
            row = session.scalar(chosen.order_by(SecondReadingRow.id.desc()).limit(1))
            return None if row is None else _reading(session, [row])[0]

    def add(
        self,
        cell_id: int,
        who: str,
        started: datetime,
        iscn: str,
        placements: Sequence[Placement],
        first_iscn: str,
    ) -> SecondReading:
        """Store a finished reading of the cell, and beside it how the first one stands now.

        `first_iscn` is the string of the first reading.
        """
        with self._database.write() as session:
            cell = cell_row(session, cell_id)
            row = SecondReadingRow(
                cell_id=cell.id,
                analysis_id=present_analysis(cell).id,
                who=who,
                started=started,
                at=datetime.now(UTC),
                iscn=iscn,
                placements=mapping.placements_to_json(placements),
                first=mapping.placements_to_json(mapping.standing_placements(cell)),
                first_iscn=first_iscn,
            )
            session.add(row)
            session.flush()
            return _reading(session, [row])[0]

    def decide(
        self, reading_id: int, item: str, takes_second: bool, reason: str, who: str
    ) -> SecondReading:
        """Store which reading holds for an item; the last word on it counts."""
        with self._database.write() as session:
            row = session.get(SecondReadingRow, reading_id)
            if row is None:
                raise KaryoError("This reading is not in the data folder.")
            session.add(
                ReadingDecisionRow(
                    reading_id=reading_id,
                    item=item,
                    takes_second=takes_second,
                    reason=reason,
                    who=who,
                    at=datetime.now(UTC),
                )
            )
            session.flush()
            return _reading(session, [row])[0]


def _reading(session: Session, rows: Sequence[SecondReadingRow]) -> list[SecondReading]:
    told: dict[int, list[ReadingDecision]] = defaultdict(list)
    chosen = select(ReadingDecisionRow).where(
        ReadingDecisionRow.reading_id.in_([row.id for row in rows])
    )
    for each in session.scalars(chosen.order_by(ReadingDecisionRow.id)):
        told[each.reading_id].append(
            ReadingDecision(each.item, each.takes_second, each.reason, each.who, each.at)
        )
    return [
        SecondReading(
            id=row.id,
            cell_id=row.cell_id,
            who=row.who,
            started=row.started,
            when=row.at,
            iscn=row.iscn,
            placements=tuple(Placement(**stored) for stored in row.placements),
            first=tuple(Placement(**stored) for stored in row.first),
            first_iscn=row.first_iscn,
            decisions=tuple(told[row.id]),
        )
        for row in rows
    ]
