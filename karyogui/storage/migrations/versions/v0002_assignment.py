"""What the assignment says of a cell and of each chromosome; older rows know nothing of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    """Add columns; SQLite does that without touching a row, so the triggers do not object."""
    for column in (
        sa.Column("model_runtime", sa.String(), nullable=True),
        sa.Column("assignment_method", sa.String(), nullable=True),
        sa.Column("disagreeing", JSON, nullable=True),
        sa.Column("alternative", JSON, nullable=True),
        sa.Column("alternative_margin", sa.Double(), nullable=True),
        sa.Column("scale", sa.Double(), nullable=True),
    ):
        op.add_column("analysis", column)
    op.add_column("chromosome", sa.Column("margin", sa.Double(), nullable=True))
    op.add_column("chromosome", sa.Column("moved", sa.Boolean(), nullable=True))
