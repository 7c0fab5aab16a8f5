"""The migrations make the tables of the program; records can only be added to; errors are told."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from karyogui.errors import KaryoError
from karyogui.storage.database import Database
from karyogui.storage.listing_schema import SEARCH
from karyogui.storage.tables import (
    APPEND_ONLY,
    AnalysisRow,
    Base,
    CaseActRow,
    CaseNoteRow,
    CaseRow,
    CellNoteRow,
    CellRow,
    CheckDecisionRow,
    ChromosomeRow,
    EditRow,
    ExclusionRow,
    FirstLookRow,
    LabelledChangeRow,
    OriginRow,
    PlacementRow,
    ReadingDecisionRow,
    RecipeRow,
    ReportVersionRow,
    SecondReadingRow,
    SeparatedObjectRow,
    SignOffRow,
    SittingRow,
    UtcDateTime,
)

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "test.db")
    yield opened
    opened.close()


def fill_review(session: Session) -> None:
    """A row in every table of the review of a case."""
    by = {"id": 1, "who": "ann", "at": NOW, "reason": ""}
    session.add(ReadingDecisionRow(**by, reading_id=1, item="c01", takes_second=True))
    session.add(ReportVersionRow(**by, case_id=1, number=1, content={}, pdf=b"%PDF"))
    session.add(
        CaseActRow(**by, case_id=1, kind="sign", version=1, meaning="", fingerprint="", told=[])
    )


def fill(database: Database) -> None:
    """One row in every append-only table, with what they hang on."""
    with database.write() as session:
        session.add(CaseRow(id=1, name="case", created=NOW, details={}, is_demo=False))
        session.add(CellRow(id=1, case_id=1, position=0, name="cell", created=NOW))
        session.flush()
        session.add(
            AnalysisRow(
                id=1,
                cell_id=1,
                revision=1,
                at=NOW,
                seconds=1.0,
                model_name="m",
                model_version="1",
                model_sha256="ab",
                model_device="cpu",
            )
        )
        session.flush()
        session.add(
            ChromosomeRow(
                id=1,
                analysis_id=1,
                position=0,
                chromosome_id="c01",
                source="1.png",
                segment_key="k",
                angle=0.0,
                type_probabilities=[],
                polarity_probabilities=[],
                assigned_polarity=1,
                confidence=1.0,
                reasons=[],
            )
        )
        common = {"id": 1, "cell_id": 1, "analysis_id": 1, "who": "ann", "at": NOW}
        session.add(EditRow(**common, by_person=True, text="?", before=[], after=[]))
        session.add(SignOffRow(**common, meaning="good", withdrawn=False))
        session.add(
            SeparatedObjectRow(
                id=1, analysis_id=1, position=0, object_id="c01", kind="chromosome",
                mask_key="k", origin=[0, 0], box=[0, 0, 5, 9], score=1.0, turn=0.0,
                by_person=False,
            )
        )  # fmt: skip
        session.add(RecipeRow(id=1, cell_id=1, who="ann", at=NOW, recipe=None))
        session.add(
            SittingRow(id=1, cell_id=1, who="ann", started=NOW, ended=NOW, seconds=5.0, actions={})
        )
        session.add(FirstLookRow(id=1, cell_id=1, at=NOW, quality={}))
        session.add(
            SecondReadingRow(
                **common, started=NOW, iscn="46,XX", placements=[], first=[], first_iscn=""
            )
        )
        session.flush()
        fill_review(session)
        session.add(
            CheckDecisionRow(
                id=1, cell_id=1, object_id="c01", mask_key="k", origin=[0, 0], kind="debris",
                is_right=True, who="ann", at=NOW,
            )
        )  # fmt: skip
        session.add(CellNoteRow(id=1, cell_id=1, who="ann", at=NOW, field="culture", value="A"))
        session.add(CaseNoteRow(id=1, case_id=1, who="ann", at=NOW, field="protocol", value="{}"))
        session.add(
            LabelledChangeRow(
                id=1, cell_id=1, change_id="s1", text="del(5)(q31)", chromosome_ids=["c01"],
                removed=False, told="Change entered", who="ann", at=NOW,
            )
        )  # fmt: skip
        session.add(ExclusionRow(id=1, cell_id=1, who="ann", at=NOW, reason="?", withdrawn=False))
        session.add(OriginRow(id=1, case_id=1, library="ab", exported=NOW, trail=[]))


def test_the_migrations_make_the_tables_of_the_program(database: Database) -> None:
    with database.read() as session:
        # The index of words is a virtual table with tables of its own, unknown to SQLAlchemy.
        options = {"include_name": lambda name, *_: not (name or "").startswith(SEARCH)}
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_an_open_database_is_durable_and_checks_its_references(database: Database) -> None:
    with database.read() as session:
        connection = session.connection()

        def setting(name: str) -> object:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

        assert setting("journal_mode") == "wal"
        assert setting("synchronous") == 2
        assert setting("foreign_keys") == 1
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(CellRow(case_id=99, position=0, name="cell", created=NOW))


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {} + 1"])
def test_records_cannot_be_altered_or_deleted(
    database: Database, table: str, statement: str
) -> None:
    fill(database)

    def count() -> object:
        with database.read() as session:
            return session.connection().exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar()

    before, key = count(), "seq" if table == "trail" else "id"
    with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
        session.connection().exec_driver_sql(statement.format(f'"{table}"', key, key))
    assert count() == before == (2 if table == "trail" else 1)


def test_a_failed_transaction_stores_nothing(database: Database) -> None:
    def fail_after_writing() -> None:
        with database.write() as session:
            session.add(CaseRow(name="half", created=NOW, details={}, is_demo=False))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()
    with database.read() as session:
        assert session.query(CaseRow).count() == 0


def test_reading_goes_on_while_another_writes(database: Database) -> None:
    with database.write() as writing:
        writing.add(CaseRow(name="new", created=NOW, details={}, is_demo=False))
        writing.flush()
        with database.read() as reading:
            assert reading.query(CaseRow).count() == 0
    with database.read() as reading:
        assert reading.query(CaseRow).count() == 1


def test_times_come_back_in_utc_and_need_a_zone(database: Database) -> None:
    elsewhere = datetime(2026, 3, 4, 7, 6, 7, tzinfo=timezone(timedelta(hours=2)))
    with database.write() as session:
        session.add(CaseRow(name="case", created=elsewhere, details={}, is_demo=False))
    with database.read() as session:
        stored = session.query(CaseRow).one().created
    assert stored == NOW
    assert stored.tzinfo is UTC
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("database or disk is full", "The disk is full"),
        ("attempt to write a readonly database", "read-only"),
        ("unable to open database file", "cannot be opened"),
        ("database is locked", "busy"),
        ("database disk image is malformed", "damaged"),
        ("disk I/O error", "could not be used: disk I/O error"),
    ],
)
def test_what_sqlite_says_is_told_in_words(database: Database, reason: str, words: str) -> None:
    with pytest.raises(KaryoError, match=words), database.read():
        raise OperationalError("SELECT", {}, sqlite3.OperationalError(reason))


def test_placements_are_not_append_only(database: Database) -> None:
    fill(database)
    with database.write() as session:
        session.add(
            PlacementRow(
                cell_id=1,
                chromosome_id="c01",
                slot="1",
                slot_index=0,
                turn=0.0,
                mirrored=False,
                confirmed=False,
            )
        )
    with database.write() as session:
        session.query(PlacementRow).one().slot = "2"
    with database.read() as session:
        assert session.query(PlacementRow).one().slot == "2"
