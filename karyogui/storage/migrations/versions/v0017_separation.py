"""An analysis keeps what its photograph was separated with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision: str | None = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column; of what was analysed before nobody kept it."""
    op.add_column("analysis", sa.Column("separation", sa.String(), nullable=True))
