"""A database of an earlier version opens unharmed: every row as it was, the new columns unknown."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, create_engine
from sqlalchemy.exc import IntegrityError

from karyogui.domain.analysis import AssignmentSummary
from karyogui.domain.cell import PictureKind
from karyogui.domain.chromosome import Polarity
from karyogui.domain.karyogram import Karyogram, Placement
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import PICTURES_FOLDER, open_workspace
from karyogui.storage.database import DATABASE_FILE, Database, upgrade
from karyogui.storage.image_store import ImageStore
from karyogui.storage.listing_schema import OF_CASES, OF_CELLS, SEARCH
from karyogui.storage.tables import APPEND_ONLY, Base
from model.vocabulary.results import Scale
from tests.unit.services.fakes import FakeAnalyser, blob, encoded

WHEN = "2026-03-04 05:06:07.000000"


def bring_to(path: Path, revision: str = "head") -> None:
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.begin() as connection:
        upgrade(connection, revision)
    engine.dispose()


def make_old(folder: Path) -> None:
    """A data folder as the first version left it: one analysed, edited cell of one picture."""
    folder.mkdir()
    pixels = blob()
    with ImageStore(folder / PICTURES_FOLDER).batch() as batch:
        picture, segment = batch.put(encoded(pixels)), batch.put_segment(pixels, pixels < 200)
    path = folder / DATABASE_FILE
    bring_to(path, "0001")
    probabilities = [0.01] * 24
    probabilities[3] = 0.77
    placement = {
        **{"chromosome_id": "c01", "slot": "4", "index": 0, "turn": 0.0},
        **{"mirrored": False, "confirmed": True},
    }
    before = {**placement, "confirmed": False}
    rows = {
        "case": (1, "old case", WHEN, "{}", 0, None),
        "cell": (1, 1, 0, "cell 1", WHEN, None),
        "picture": (1, 1, 0, "a.png", picture, 14, 40, picture.partition(".")[0]),
        "analysis": (1, 1, 1, WHEN, 0.5, "compact", "1.0", "0123456789ab", "cpu"),
        "chromosome": (
            *(1, 1, 0, "c01", "a.png", segment, 1.5, None),
            *(json.dumps(probabilities), "[0.1, 0.9]", None, "4", 1, 0.77, '["Odd."]'),
        ),
        "placement": (1, "c01", "4", 0, 0.0, 0, 1),
        "edit": (1, 1, 1, "ann", WHEN, 1, "Confirm", json.dumps([before]), json.dumps([placement])),
    }
    with sqlite3.connect(path) as connection:
        for table, values in rows.items():
            marks = ", ".join("?" * len(values))
            connection.execute(f'INSERT INTO "{table}" VALUES ({marks})', values)
    connection.close()


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: alembic takes its time."""
    folder = tmp_path_factory.mktemp("old") / "data"
    make_old(folder)
    return folder


@pytest.fixture(scope="module")
def brought_up(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its database in the present version, to be looked at."""
    folder = Path(shutil.copytree(old, tmp_path_factory.mktemp("brought up") / "data"))
    Database(folder / DATABASE_FILE).close()
    return folder / DATABASE_FILE


@pytest.fixture
def folder(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old, tmp_path / "data"))


def test_an_old_cell_is_as_it_was_and_knows_no_margin(folder: Path) -> None:
    for _ in range(2):  # migrated at the first time, and simply opened at the second
        workspace = open_workspace(folder)
        try:
            (summary,) = workspace.library.summaries()
            cell = workspace.library.cell(summary.cells[0].id)
        finally:
            workspace.close()
        (chromosome,) = cell.chromosomes
        assert cell.assignment is None
        assert cell.model is not None
        assert (cell.model.version, cell.model.runtime) == ("1.0", "")
        assert chromosome.predicted is not None
        assert chromosome.predicted.argmax_type == "4"
        assert chromosome.assigned is not None
        assert (chromosome.assigned.type, chromosome.assigned.polarity) == ("4", Polarity.Q_DOWN)
        assert chromosome.assigned.reasons == ("Odd.",)
        assert (chromosome.assigned.margin, chromosome.assigned.moved) == (None, False)
        assert np.array_equal(chromosome.segment.crop, blob())
        assert Karyogram(cell.placements).placement("c01").confirmed
        assert [(edit.who, edit.change.text) for edit in cell.edits] == [("ann", "Confirm")]


def test_an_old_cell_can_be_analysed_on(folder: Path) -> None:
    workspace = open_workspace(folder)
    try:
        cell = workspace.analysis.analyse(1, FakeAnalyser(margin=1.0), SilentMonitor())
        assert cell.chromosomes[0].assigned is not None
        assert cell.chromosomes[0].assigned.margin == 1.0
        assert Karyogram(cell.placements).placement("c01").slot == "4"  # a person confirmed it
    finally:
        workspace.close()


@pytest.mark.parametrize("table", ["analysis", "chromosome", "edit"])
def test_old_records_still_cannot_be_altered(folder: Path, table: str) -> None:
    database = Database(folder / DATABASE_FILE)
    try:
        with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
            session.connection().exec_driver_sql(f"UPDATE {table} SET id = 9")
    finally:
        database.close()


def make_second(folder: Path) -> None:
    """A data folder as the second version left it: the cell of the first, assigned again."""
    make_old(folder)
    path = folder / DATABASE_FILE
    bring_to(path, "0002")
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO analysis SELECT 2, 1, 2, at, 0.75, model_name, model_version,"
            " model_sha256, model_device, 'a runtime', 'dispatch', '[\"c01\"]', NULL, 1.5, 0.9"
            " FROM analysis"
        )
        connection.execute(
            "INSERT INTO chromosome SELECT 2, 2, position, chromosome_id, source, segment_key,"
            " angle, box, type_probabilities, polarity_probabilities, zoom_box, '5', 1, 0.2,"
            " '[]', 2.5, 1 FROM chromosome"
        )
        connection.execute(
            "INSERT INTO sign_off VALUES (1, 1, 2, 'ann', ?, 'Karyogram reviewed', 0)", (WHEN,)
        )
    connection.close()


@pytest.mark.parametrize("make", [make_old, make_second])
def test_a_database_of_any_version_becomes_the_present_one(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "data")
    path = tmp_path / "data" / DATABASE_FILE
    database = Database(path)
    try:
        with database.read() as session:
            # The index of words has tables of its own, unknown to SQLAlchemy.
            options = {"include_name": lambda name, *_: not (name or "").startswith(SEARCH)}
            context = MigrationContext.configure(session.connection(), opts=options)
            assert compare_metadata(context, Base.metadata) == []
    finally:
        database.close()


@pytest.mark.parametrize("make", [make_old, make_second])
def test_an_old_cell_came_as_cut_outs_and_knows_nothing_of_photographs(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "data")
    workspace = open_workspace(tmp_path / "data")
    try:
        (summary,) = workspace.library.summaries()[0].cells
        cell = workspace.library.cell(1)
    finally:
        workspace.close()
    assert [picture.kind for picture in cell.pictures] == [PictureKind.CUT_OUT]
    assert (cell.objects, cell.recipe, cell.quality, cell.slide, cell.sittings) == (
        (), None, None, "", (),
    )  # fmt: skip
    assert (cell.analysed_recipe, cell.edits[0].change.kind) == (None, None)
    assert (summary.has_photograph, summary.quality, summary.slide) == (False, None, "")
    assert (summary.corrections, summary.seconds, summary.chromosome_count) == (0, 0.0, 1)
    assert np.array_equal(cell.chromosomes[0].segment.crop, blob())
    assert cell.placements == (Placement("c01", "4", 0, 0.0, False, True),)


def test_what_the_second_version_knew_is_there(tmp_path: Path) -> None:
    make_second(tmp_path / "data")
    workspace = open_workspace(tmp_path / "data")
    try:
        cell = workspace.library.cell(1)
    finally:
        workspace.close()
    assert cell.revision == 2
    assert cell.assignment == AssignmentSummary("dispatch", ("c01",), None, 1.5, Scale(0.9))
    assert (cell.seconds, cell.reviewed_by) == (0.75, "ann")
    (chromosome,) = cell.chromosomes
    assert chromosome.assigned is not None
    assert (chromosome.assigned.type, chromosome.assigned.margin) == ("5", 2.5)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_records_of_old_databases_cannot_be_altered_either(brought_up: Path, table: str) -> None:
    database = Database(brought_up)
    try:
        with database.read() as session:
            found = session.connection().exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
            )
            news = {f"{table}_insert_is_news"} if table in (*OF_CELLS, *OF_CASES) else set()
            assert {name for (name,) in found} == {
                f"{table}_refuses_update", f"{table}_refuses_delete", *news,
            }  # fmt: skip
    finally:
        database.close()


def schema(path: Path) -> tuple[set[object], set[object], object]:
    """Columns with their properties, whatever their order; triggers and indices; the version."""
    with sqlite3.connect(path) as connection:
        tables = [name for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        )]  # fmt: skip
        columns: set[object] = {
            (table, *column[1:])
            for table in tables
            for column in connection.execute(f'PRAGMA table_info("{table}")')
        }
        others: set[object] = set(
            connection.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index')"
            )
        )
        version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    connection.close()
    return columns, others, version


def test_a_new_database_is_what_all_migrations_together_make(tmp_path: Path) -> None:
    bring_to(tmp_path / "migrated.db")
    Database(tmp_path / "new.db").close()
    assert schema(tmp_path / "new.db") == schema(tmp_path / "migrated.db")
