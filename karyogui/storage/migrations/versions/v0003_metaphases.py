"""Photographs: what was separated, how the picture was enhanced, what the work cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from karyogui.storage.tables import UtcDateTime

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True)
APPEND_ONLY = ("separated_object", "recipe", "sitting")


def upgrade() -> None:
    """Add columns and tables; nothing that is stored is touched."""
    op.add_column("cell", sa.Column("slide", sa.String(), nullable=True))
    op.add_column("picture", sa.Column("kind", sa.String(), nullable=True))
    op.add_column("analysis", sa.Column("quality", JSON, nullable=True))
    op.add_column("analysis", sa.Column("recipe", sa.String(), nullable=True))
    op.add_column("edit", sa.Column("kind", sa.String(), nullable=True))
    _create_objects()
    _create_records()
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _create_objects() -> None:
    op.create_table(
        "separated_object",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mask_key", sa.String(), nullable=False),
        sa.Column("origin", JSON, nullable=False),
        sa.Column("box", JSON, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("turn", sa.Double(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analysis.id"], name=op.f("fk_separated_object_analysis_id_analysis")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_separated_object")),
        sa.UniqueConstraint(
            "analysis_id", "object_id", name=op.f("uq_separated_object_analysis_id")
        ),
    )


def _create_records() -> None:
    op.create_table(
        "recipe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("recipe", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_recipe_cell_id_cell")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe")),
    )
    op.create_index(op.f("ix_recipe_cell_id"), "recipe", ["cell_id"], unique=False)
    op.create_table(
        "sitting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("started", UtcDateTime(), nullable=False),
        sa.Column("ended", UtcDateTime(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("actions", JSON, nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.id"], name=op.f("fk_sitting_cell_id_cell")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting")),
    )
    op.create_index(op.f("ix_sitting_cell_id"), "sitting", ["cell_id"], unique=False)
