"""A picture that was cut out of a finished karyogram knows the slot in which it stood there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column; no karyogram was imported before."""
    op.add_column("picture", sa.Column("slot", sa.String(), nullable=True))
