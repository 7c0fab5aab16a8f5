"""A cell can be excluded from its case, and taken back; both acts stay on record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from karyogui.storage.tables import UtcDateTime

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; nothing that is stored is touched."""
    op.create_table(
        "exclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_exclusion_cell_id_cell")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    op.create_index(op.f("ix_exclusion_cell_id"), "exclusion", ["cell_id"], unique=False)
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f'CREATE TRIGGER exclusion_refuses_{act.lower()} BEFORE {act} ON "exclusion" '
            "BEGIN SELECT RAISE(ABORT, 'exclusion is append-only'); END"
        )
