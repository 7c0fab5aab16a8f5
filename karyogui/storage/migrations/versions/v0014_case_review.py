"""Acts on the report of a case, its approved versions, and second readings of cells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from karyogui.storage.tables import UtcDateTime

revision = "0014"
down_revision: str | None = "0012"
branch_labels = None
depends_on = None

_TABLES = ("case_act", "report_version", "second_reading", "reading_decision")


def upgrade() -> None:
    """Add four tables; nothing that is stored is touched."""
    _reports()
    _readings()
    for table in _TABLES:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER {table}_refuses_{act.lower()} BEFORE {act} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _reports() -> None:
    op.create_table(
        "case_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("meaning", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_act_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_act")),
    )
    op.create_index(op.f("ix_case_act_case_id"), "case_act", ["case_id"], unique=False)
    op.create_table(
        "report_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_report_version_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_version")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_report_version_case_id")),
    )


def _readings() -> None:
    op.create_table(
        "second_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("started", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("iscn", sa.String(), nullable=False),
        sa.Column("placements", sa.JSON(), nullable=False),
        sa.Column("first", sa.JSON(), nullable=False),
        sa.Column("first_iscn", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analysis.id"], name=op.f("fk_second_reading_analysis_id_analysis")
        ),
        sa.ForeignKeyConstraint(
            ["cell_id"], ["cell.id"], name=op.f("fk_second_reading_cell_id_cell")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_reading")),
    )
    op.create_index(op.f("ix_second_reading_cell_id"), "second_reading", ["cell_id"], unique=False)
    op.create_table(
        "reading_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("takes_second", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id"],
            ["second_reading.id"],
            name=op.f("fk_reading_decision_reading_id_second_reading"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_decision")),
    )
    op.create_index(
        op.f("ix_reading_decision_reading_id"), "reading_decision", ["reading_id"], unique=False
    )
