"""What a person decided on is stored with where a chromosome stands; before it was replayed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from karyogui.domain.karyogram import Change, Placement
from karyogui.domain.review import Edit
from karyogui.storage.decisions import Decisions, decisions

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None

ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    """Add columns, and tell by the trail of each cell what they hold."""
    op.add_column("placement", sa.Column("proposed", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "placement", sa.Column("away", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    connection = op.get_bind()
    edited = connection.execute(sa.text("SELECT DISTINCT cell_id FROM edit")).scalars().all()
    for cell_id in edited:
        _store(connection, cell_id, decisions(_trail(connection, cell_id)))


def _trail(connection: sa.Connection, cell_id: int) -> list[Edit]:
    rows = connection.execute(
        sa.text("SELECT before, after, by_person FROM edit WHERE cell_id = :cell ORDER BY id"),
        {"cell": cell_id},
    )
    return [
        Edit("", ANY_TIME, Change("", _side(before), _side(after), by_program=not by_person))
        for before, after, by_person in rows
    ]


def _side(stored: str) -> tuple[Placement, ...]:
    return tuple(Placement(**placement) for placement in json.loads(stored))


def _store(connection: sa.Connection, cell_id: int, told: Decisions) -> None:
    rows = connection.execute(
        sa.text(
            "SELECT chromosome_id, slot, slot_index, turn, mirrored, confirmed FROM placement"
            " WHERE cell_id = :cell"
        ),
        {"cell": cell_id},
    ).all()
    for i, slot, index, turn, mirrored, confirmed in rows:
        origin = told.origins.get(i)
        standing = Placement(i, slot, index, turn, bool(mirrored), bool(confirmed))
        if origin is not None and not origin.is_placed_like(standing):
            connection.execute(
                sa.text(
                    "UPDATE placement SET proposed = :proposed"
                    " WHERE cell_id = :cell AND chromosome_id = :id"
                ),
                {"proposed": _proposed(origin), "cell": cell_id, "id": i},
            )
    here = {row[0] for row in rows}
    for i, placement in told.left.items():
        if i not in here:
            connection.execute(
                sa.text(
                    "INSERT INTO placement (cell_id, chromosome_id, slot, slot_index, turn,"
                    " mirrored, confirmed, proposed, away) VALUES (:cell, :id, :slot, :index,"
                    " :turn, :mirrored, :confirmed, :proposed, 1)"
                ),
                {
                    "cell": cell_id,
                    "id": i,
                    "slot": placement.slot,
                    "index": placement.index,
                    "turn": placement.turn,
                    "mirrored": placement.mirrored,
                    "confirmed": placement.confirmed,
                    "proposed": _proposed(placement.proposed),
                },
            )


def _proposed(placement: Placement | None) -> str | None:
    if placement is None:
        return None
    return json.dumps(
        {
            "slot": placement.slot,
            "turn": placement.turn,
            "mirrored": placement.mirrored,
            "confirmed": placement.confirmed,
        }
    )
