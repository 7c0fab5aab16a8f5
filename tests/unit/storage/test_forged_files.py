"""Backups and cases that somebody made on purpose: refused soon, whatever they hold."""

import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.services.workspace import open_workspace
from karyogui.storage import bundle
from karyogui.storage.backup import back_up, restore
from karyogui.storage.checking import check_folder

Forge = Callable[[sqlite3.Connection], object]


def endless(connection: sqlite3.Connection) -> None:
    """A view in place of the cases, that has no end."""
    connection.execute("PRAGMA legacy_alter_table = ON")
    connection.execute("PRAGMA foreign_keys = OFF")
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.execute('ALTER TABLE "case" RENAME TO kept')
    connection.execute(
        'CREATE VIEW "case" AS WITH RECURSIVE n(id) AS '
        "(SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n WHERE id < 0"
    )


def repacked(source: Path, target: Path, database: str, forge: Forge, **other: object) -> Path:
    """A bundle whose database is forged, and its list made to agree with it; `other` facts."""
    place = target.parent / "unpacked"
    place.mkdir()
    with zipfile.ZipFile(source) as archive:
        archive.extractall(place)
    with closing(sqlite3.connect(place / database, isolation_level=None)) as connection:
        forge(connection)
    kind = bundle.BACKUP if database == bundle.DATABASE_FILE else bundle.CASE
    with bundle.opened(source, kind) as opened:
        names, facts = opened.names(), dict(opened.facts)
    members = [(place / name, name) for name in names]
    del facts["files"], facts["format"], facts["kind"]
    bundle.write_bundle(target, kind, members, facts | other)
    return target


def test_a_view_without_end_is_not_waited_for(filled_folder: Path, tmp_path: Path) -> None:
    back_up(filled_folder, tmp_path / "b")
    forged = repacked(tmp_path / "b", tmp_path / "forged", bundle.DATABASE_FILE, endless)
    with pytest.raises(KaryoError, match="it holds a view"):
        restore(forged, tmp_path / "new")
    with closing(sqlite3.connect(filled_folder / "karyogui.db", isolation_level=None)) as raw:
        endless(raw)
    assert {finding.kind for finding in check_folder(filled_folder).findings} == {"database"}
    with pytest.raises(KaryoError, match="it holds a view"):
        back_up(filled_folder, tmp_path / "c")


def test_a_case_with_a_view_without_end_is_refused(filled_folder: Path, tmp_path: Path) -> None:
    with closing(open_workspace(filled_folder)) as workspace:
        workspace.record.export_case(1, tmp_path / "case")
        forged = repacked(tmp_path / "case", tmp_path / "forged", bundle.CASE_DATABASE, endless)
        with pytest.raises(KaryoError, match="altered after it was exported"):
            workspace.record.import_case(forged)
        assert len(workspace.library.summaries()) == 2


def test_a_part_that_is_larger_than_any_is_not_unpacked(
    filled_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_workspace(filled_folder)) as workspace:
        workspace.record.export_case(1, tmp_path / "case")
        monkeypatch.setattr(bundle, "LARGEST_MEMBER", 100)
        with pytest.raises(KaryoError, match="is not a whole file"):
            workspace.record.import_case(tmp_path / "case")
        assert len(workspace.library.summaries()) == 2


def without_trail(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TRIGGER trail_refuses_delete")
    connection.execute("DELETE FROM trail")


@pytest.mark.parametrize("forge", [without_trail, lambda connection: None])
def test_a_signed_case_that_calls_itself_anonymous_is_refused(
    filled_folder: Path, tmp_path: Path, forge: Forge
) -> None:
    """Else its sign-offs would be taken over without a trail that vouches for them."""
    with closing(open_workspace(filled_folder)) as workspace:
        workspace.record.export_case(1, tmp_path / "case")
        database = bundle.CASE_DATABASE
        forged = repacked(tmp_path / "case", tmp_path / "f", database, forge, library="", head="")
        with pytest.raises(KaryoError, match="altered after it was exported"):
            workspace.record.import_case(forged)
        workspace.record.export_case(1, tmp_path / "anonymous", anonymous=True)
        assert workspace.record.import_case(tmp_path / "anonymous").cell_ids
