"""A person's word on an entry of the separation check, that the object is right, is stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from karyogui.storage.tables import UtcDateTime

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; nothing that is stored is touched."""
    op.create_table(
        "check_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("mask_key", sa.String(), nullable=False),
        sa.Column("origin", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cell_id"], ["cell.id"], name=op.f("fk_check_decision_cell_id_cell")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_decision")),
    )
    op.create_index(op.f("ix_check_decision_cell_id"), "check_decision", ["cell_id"], unique=False)
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER check_decision_refuses_{act.lower()} BEFORE {act}"
            ' ON "check_decision"'
            " BEGIN SELECT RAISE(ABORT, 'check_decision is append-only'); END"
        )
