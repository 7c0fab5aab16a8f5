"""A database of an earlier version opens unharmed: every row as it was, the new columns unknown."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine
from sqlalchemy.exc import IntegrityError

from karyogui.domain.chromosome import Polarity
from karyogui.domain.karyogram import Karyogram
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import PICTURES_FOLDER, open_workspace
from karyogui.storage.database import DATABASE_FILE, MIGRATIONS, Database
from karyogui.storage.image_store import ImageStore
from tests.unit.services.fakes import FakeAnalyser, blob, encoded

WHEN = "2026-03-04 05:06:07.000000"


def make_old(folder: Path) -> None:
    """A data folder as the first version left it: one analysed, edited cell of one picture."""
    folder.mkdir()
    pixels = blob()
    with ImageStore(folder / PICTURES_FOLDER).batch() as batch:
        picture, segment = batch.put(encoded(pixels)), batch.put_segment(pixels, pixels < 200)
    path = folder / DATABASE_FILE
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_old(tmp_path / "data")
    return tmp_path / "data"


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
