"""The tables of the list of cases: worked out from all others, never the truth."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from karyogui.storage.tables import Base


class CaseListRow(Base):
    """By what a case is found and ranked in the list: worked out from the other tables.

    Whatever changes these makes a `CaseStaleRow` by a trigger, and the row is made again. `way` is
    how it was worked out: by another version of the program it is made again too.
    """

    __tablename__ = "case_list"

    case_id: Mapped[int] = mapped_column(primary_key=True)
    way: Mapped[str] = mapped_column(index=True)
    in_bin: Mapped[bool]
    state: Mapped[str]
    name: Mapped[str]
    date: Mapped[float]
    cells: Mapped[int]
    chromosomes: Mapped[int]
    state_rank: Mapped[int]
    quality: Mapped[float]
    objects: Mapped[int]
    crossings: Mapped[int]
    touching: Mapped[int]
    corrections: Mapped[int]
    minutes: Mapped[float]
    findings: Mapped[int]
    new_cells: Mapped[int]
    unjudged: Mapped[int]
    __table_args__ = (
        Index("ix_case_list_in_bin", "in_bin", "date", "case_id"),
        Index("ix_case_list_of_state", "in_bin", "state", "date", "case_id"),
        Index("ix_case_list_counters", "in_bin", "new_cells", "unjudged"),
    )


class CaseSummaryRow(Base):
    """What the list shows of a case, worked out from the other tables."""

    __tablename__ = "case_summary"

    case_id: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[str]


class CaseStaleRow(Base):
    """A case whose rows of the list have to be made again; every change gives another `token`."""

    __tablename__ = "case_stale"

    case_id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[int]
