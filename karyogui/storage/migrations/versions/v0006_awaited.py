"""A repair is stored before the network has answered: a revision tells that the answer is due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column; nothing that is stored is touched."""
    op.add_column("analysis", sa.Column("awaits_answer", sa.Boolean(), nullable=True))
