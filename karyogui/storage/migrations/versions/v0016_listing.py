"""The list of cases keeps what it shows, an index of words, and which cases have changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from karyogui.storage.listing_schema import make_listing

revision = "0016"
down_revision: str | None = "0013"
branch_labels = None
depends_on = None

INTEGERS = (
    "cells", "chromosomes", "state_rank", "objects", "crossings", "touching", "corrections",
    "findings", "new_cells", "unjudged",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables; every case is stale, and its rows are made when it is shown."""
    op.create_table(
        "case_list",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("in_bin", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("date", "quality", "minutes")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in INTEGERS),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_list"),
    )
    op.create_index("ix_case_list_way", "case_list", ["way"])
    op.create_index("ix_case_list_in_bin", "case_list", ["in_bin", "date", "case_id"])
    op.create_index("ix_case_list_of_state", "case_list", ["in_bin", "state", "date", "case_id"])
    op.create_index("ix_case_list_counters", "case_list", ["in_bin", "new_cells", "unjudged"])
    op.create_table(
        "case_summary",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_summary"),
    )
    op.create_table(
        "case_stale",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_stale"),
    )
    make_listing(op.get_bind())
    op.execute('INSERT INTO case_stale SELECT id, random() FROM "case"')
