"""How much fatter a cell's chromosomes are than those of the training is stored with its scale."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column; what was analysed before was not stretched."""
    op.add_column("analysis", sa.Column("stretch", sa.Double(), nullable=True))
