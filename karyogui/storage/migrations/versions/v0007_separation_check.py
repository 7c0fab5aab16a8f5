"""What the separation check lists is stored with the analysis that made it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column; nothing that is stored is touched."""
    column = sa.Column("separation_check", sa.JSON(none_as_null=True), nullable=True)
    op.add_column("analysis", column)
