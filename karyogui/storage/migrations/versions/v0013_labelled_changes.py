"""Changes of chromosomes that a person has labelled are stored; nothing of them is overwritten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from karyogui.storage.tables import UtcDateTime

revision = "0013"
down_revision: str | None = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; nothing that is stored is touched."""
    op.create_table(
        "labelled_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("chromosome_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cell_id"], ["cell.id"], name=op.f("fk_labelled_change_cell_id_cell")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labelled_change")),
    )
    op.create_index(
        op.f("ix_labelled_change_cell_id"), "labelled_change", ["cell_id"], unique=False
    )
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER labelled_change_refuses_{act.lower()} BEFORE {act}"
            ' ON "labelled_change"'
            " BEGIN SELECT RAISE(ABORT, 'labelled_change is append-only'); END"
        )
