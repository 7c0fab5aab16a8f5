"""The quality of photographs that nobody has analysed yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from karyogui.storage.tables import UtcDateTime

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; nothing that is stored is touched."""
    op.create_table(
        "first_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("quality", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_first_look_cell_id_cell")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_look")),
    )
    op.create_index(op.f("ix_first_look_cell_id"), "first_look", ["cell_id"], unique=False)
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f'CREATE TRIGGER first_look_refuses_{act.lower()} BEFORE {act} ON "first_look" '
            "BEGIN SELECT RAISE(ABORT, 'first_look is append-only'); END"
        )
