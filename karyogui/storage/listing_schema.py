"""The tables of the list of cases, its index of words, and the triggers that make it stale.

Whatever changes a case makes it stale in the same transaction, whoever changes it and how.
"""

from __future__ import annotations

from sqlalchemy import Connection, Index
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


SEARCH = "case_search"
OF_CELLS: tuple[str, ...] = (
    "picture", "analysis", "placement", "edit", "sign_off", "exclusion", "check_decision",
    "sitting", "first_look", "recipe", "cell_note", "labelled_change",
)  # fmt: skip
"""Tables with a `cell_id` of which the list says something."""
OF_CASES: tuple[str, ...] = ("case_note", "case_act", "report_version")
"""Tables with a `case_id` of which the list says something, or may come to."""
CHANGING = ("picture", "placement")
"""Those of them whose rows are altered and deleted, too."""


def make_listing(connection: Connection) -> None:
    """Make the index of words and the triggers."""
    # Words are looked for anywhere in a name, so the index is one of three letters.
    connection.exec_driver_sql(
        f"CREATE VIRTUAL TABLE {SEARCH} USING fts5(text, tokenize='trigram case_sensitive 1')"
    )
    for statement in triggers():
        connection.exec_driver_sql(statement)


def triggers() -> list[str]:
    """The statements that make the triggers."""
    made = [
        _trigger("case", "INSERT", _stale("NEW.id")),
        _trigger("case", "UPDATE", _stale("NEW.id")),
        _trigger(
            "case",
            "DELETE",
            "DELETE FROM case_list WHERE case_id = OLD.id; "
            "DELETE FROM case_summary WHERE case_id = OLD.id; "
            f"DELETE FROM {SEARCH} WHERE rowid = OLD.id; "
            "DELETE FROM case_stale WHERE case_id = OLD.id;",
        ),
        _trigger("cell", "INSERT", _stale("NEW.case_id")),
        _trigger("cell", "UPDATE", _stale("NEW.case_id") + " " + _stale("OLD.case_id")),
        _trigger("cell", "DELETE", _stale("OLD.case_id")),
    ]
    for table in OF_CELLS:
        made.append(_trigger(table, "INSERT", _stale_of_cell("NEW")))
        if table in CHANGING:
            made.append(_trigger(table, "UPDATE", _stale_of_cell("NEW")))
            made.append(_trigger(table, "DELETE", _stale_of_cell("OLD")))
    made += [_trigger(table, "INSERT", _stale("NEW.case_id")) for table in OF_CASES]
    return made


def _trigger(table: str, act: str, what: str) -> str:
    return f'CREATE TRIGGER {table}_{act.lower()}_is_news AFTER {act} ON "{table}" BEGIN {what} END'


def _stale(case_id: str) -> str:
    return f"INSERT OR REPLACE INTO case_stale VALUES ({case_id}, random());"


def _stale_of_cell(row: str) -> str:
    return (
        "INSERT OR REPLACE INTO case_stale "
        f"SELECT case_id, random() FROM cell WHERE id = {row}.cell_id;"
    )
