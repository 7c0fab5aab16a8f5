"""A field that holds what it cannot hold is damage, told in a sentence wherever it is read."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from karyogui.domain.labelled_changes import LabelledChange
from karyogui.errors import KaryoError
from karyogui.services.workspace import open_workspace
from karyogui.storage.checking import check_folder
from tests.unit.records import NOW
from tests.unit.services.test_altered_reports import altered_by


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE placement SET slot = '99' WHERE cell_id = 2",
        "UPDATE placement SET turn = 'askew' WHERE cell_id = 2",
        "UPDATE placement SET slot_index = 'first' WHERE cell_id = 2",
        'UPDATE placement SET proposed = \'{"slot": "99"}\' WHERE cell_id = 2',
        "UPDATE placement SET proposed = '[1]' WHERE cell_id = 2",
        "UPDATE picture SET name = x'fffe00' WHERE cell_id = 2",
        "UPDATE picture SET key = x'fffe00' WHERE cell_id = 2",
        "UPDATE placement SET chromosome_id = CAST(chromosome_id AS BLOB) WHERE cell_id = 2",
        "UPDATE analysis SET model_name = x'fffe00' WHERE cell_id = 2",
    ],
)
def test_what_no_cell_can_have_is_damage(filled_folder: Path, statement: str) -> None:
    altered_by(filled_folder, statement)
    with closing(open_workspace(filled_folder)) as workspace:
        with pytest.raises(KaryoError, match="is damaged and cannot be shown"):
            workspace.library.cell(2)
        assert workspace.library.cell(1).chromosomes
        assert len(workspace.library.summaries()) == 2
        assert workspace.case_reports.report(2)


@pytest.mark.parametrize("value", ["-1", "[]x", "[[1]]"])
def test_a_damaged_version_of_a_report_is_told_where_the_case_is_changed(
    filled_folder: Path, value: str
) -> None:
    altered_by(
        filled_folder,
        "INSERT INTO report_version (case_id, number, who, at, reason, content, pdf) "
        f"VALUES (1, 1, 'Ann', '2026-01-02 03:04:05', '', '{value}', x'00')",
    )
    with closing(open_workspace(filled_folder)) as workspace:
        with pytest.raises(KaryoError, match="report of this case is damaged"):
            workspace.library.rename(1, "another")
        workspace.library.rename(2, "another")


def test_what_is_erased_goes_from_the_file_although_somebody_is_reading(
    filled_folder: Path,
) -> None:
    """At the next edit after the reader has gone, not only when the window is closed."""
    database = filled_folder / "karyogui.db"
    with closing(open_workspace(filled_folder)) as workspace:
        with closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM cell").fetchone()
            workspace.record.erase(1, "asked for")
            assert b"Eve Example" in database.read_bytes()
        workspace.library.rename(2, "another")
        for path in filled_folder.glob("karyogui.db*"):
            assert b"Eve Example" not in path.read_bytes()
            assert b"Miller" not in path.read_bytes()


@pytest.mark.parametrize("column", ["placements", "first", "at"])
def test_a_damaged_second_reading_is_told(filled_folder: Path, column: str) -> None:
    with closing(open_workspace(filled_folder)) as workspace:
        seen = workspace.second_readings.begin(2, "Bert Ozil")
        workspace.second_readings.finish(2, "Bert Ozil", NOW, "", seen.placements)
    altered_by(filled_folder, f"UPDATE second_reading SET \"{column}\" = '-1'")
    with closing(open_workspace(filled_folder)) as workspace:
        with pytest.raises(KaryoError, match="second reading is damaged"):
            workspace.case_reports.report(1)
        assert workspace.library.cell(2).chromosomes


@pytest.mark.parametrize("value", ["'[[1, 2], [3]]'", "'\"c01\"'", "'-1'"])
def test_a_label_about_no_chromosomes_is_damage(filled_folder: Path, value: str) -> None:
    with closing(open_workspace(filled_folder)) as workspace:
        item = workspace.library.cell(2).chromosomes[0].id
        workspace.reviews.label(2, None, LabelledChange("", "add(1)(p36)", (item,)), "Ann")
    altered_by(filled_folder, f"UPDATE labelled_change SET chromosome_ids = {value}")
    with closing(open_workspace(filled_folder)) as workspace:
        with pytest.raises(KaryoError, match="is damaged and cannot be shown"):
            workspace.library.cell(2)
        assert workspace.library.cell(1).chromosomes


def test_what_sqlite_says_in_bytes_is_told_as_damage(filled_folder: Path) -> None:
    """It names what it cannot understand, whatever bytes that has."""
    with closing(sqlite3.connect(filled_folder / "karyogui.db")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = CAST(x'43524541544520f09028' AS TEXT), "
            "name = CAST(x'fff09028' AS TEXT) WHERE name = 'cell'"
        )
        connection.commit()
    assert {finding.kind for finding in check_folder(filled_folder).findings} & {"database"}
    with pytest.raises(KaryoError, match="is damaged"):
        open_workspace(filled_folder)
