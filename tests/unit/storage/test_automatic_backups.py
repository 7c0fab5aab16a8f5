"""Backups that nobody asks for: once a day, and before a database is brought up."""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.services.workspace import open_workspace
from karyogui.storage import backup
from karyogui.storage.backup import daily_backup, restore
from karyogui.storage.checking import check_folder

OLD = Path(__file__).parents[2] / "data" / "old-data-folder.zip"


@pytest.fixture(scope="module")
def folder(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(original, tmp_path_factory.mktemp("daily") / "data"))


def test_one_backup_a_day_and_only_the_last_stay(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    foreign = [place / "data 2020-01-01.txt", place / "other 2020-01-01.karyobackup"]
    for path in foreign:
        path.write_text("mine")

    class Day(datetime):
        number = 1

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 3, cls.number, 12).astimezone()

    monkeypatch.setattr(backup, "datetime", Day)
    for number in range(1, 6):
        Day.number = number
        done = daily_backup(folder, place, 3)
        assert done is not None
        assert done.path.name == f"data 2026-03-0{number}.karyobackup"
        assert daily_backup(folder, place, 3) is None
    made = sorted(p.name for p in place.glob("data *.karyobackup"))
    assert made == [f"data 2026-03-0{n}.karyobackup" for n in (3, 4, 5)]
    assert all(path.read_text() == "mine" for path in foreign)
    restore(place / made[-1], tmp_path / "new")
    assert check_folder(tmp_path / "new").is_sound


def test_an_old_database_is_kept_before_it_is_brought_up(tmp_path: Path) -> None:
    shutil.unpack_archive(OLD, tmp_path / "old")
    (folder,) = {path.parent for path in (tmp_path / "old").rglob("karyogui.db")}
    with closing(sqlite3.connect(folder / "karyogui.db")) as old:
        (version,) = old.execute("SELECT version_num FROM alembic_version").fetchone()
        cases = old.execute('SELECT id, name FROM "case"').fetchall()
    (folder / "backups").mkdir()
    for left in ("", "-journal"):  # as a program leaves them that was killed at this
        (folder / "backups" / f".{'a1' * 16}.part{left}").write_bytes(b"half")
    open_workspace(folder).close()
    (kept,) = (folder / "backups").iterdir()
    assert kept.name.startswith(f"before an update, version {version} ")
    with closing(sqlite3.connect(kept)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (version,)
        assert copy.execute('SELECT id, name FROM "case"').fetchall() == cases
    workspace = open_workspace(folder)  # there is nothing to bring up any more
    assert list((folder / "backups").iterdir()) == [kept]
    workspace.record.erase(cases[0][0], "consent withdrawn")
    assert list((folder / "backups").iterdir()) == []  # it held the case that was erased
    workspace.close()
    assert check_folder(folder).is_sound


def test_a_copy_from_before_an_update_is_restored_with_its_pictures(tmp_path: Path) -> None:
    shutil.unpack_archive(OLD, tmp_path / "old")
    (folder,) = {path.parent for path in (tmp_path / "old").rglob("karyogui.db")}
    with closing(open_workspace(folder)) as workspace:
        (first, *_) = workspace.library.summaries()
        before = workspace.library.case(first.id)
        workspace.library.rename(first.id, "another name")
    (kept,) = (folder / "backups").iterdir()
    done = restore(kept, tmp_path / "new")
    assert done.folder == (tmp_path / "new").resolve()
    assert check_folder(tmp_path / "new").is_sound
    with closing(open_workspace(tmp_path / "new")) as workspace:
        case = workspace.library.case(first.id)
        assert case.name == before.name
        for cell in case.cells:
            whole = workspace.library.cell(cell.id)
            assert [p.key for p in whole.pictures] == [p.key for p in cell.pictures]
            assert all(workspace.cells.picture(picture) for picture in whole.pictures)
    # In place of the folder itself, which is kept beside it.
    again = restore(kept, folder)
    assert again.kept is not None
    assert (again.kept / "backups" / kept.name).is_file()
    assert check_folder(folder).is_sound
    with pytest.raises(KaryoError, match="There is no file"):
        restore(again.kept / "backups" / kept.name.replace("2026", "2025"), tmp_path / "none")
    forged = tmp_path / "backups" / kept.name
    forged.parent.mkdir()
    forged.write_bytes(b"SQLite format 3\0 and nothing else")
    with pytest.raises(KaryoError):
        restore(forged, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_an_old_database_of_another_version_gets_a_trail(tmp_path: Path) -> None:
    """What was stored before is bound as it was, and altering it afterwards is found."""
    shutil.unpack_archive(OLD, tmp_path / "old")
    (folder,) = {path.parent for path in (tmp_path / "old").rglob("karyogui.db")}
    assert check_folder(folder).is_sound  # as it is, and nothing is brought up by that
    open_workspace(folder).close()
    with closing(sqlite3.connect(folder / "karyogui.db")) as connection, connection:
        connection.execute("UPDATE placement SET turn = turn + 1 WHERE rowid = 1")
    assert [finding.kind for finding in check_folder(folder).findings] == ["trail"]


def test_without_room_for_the_copy_nothing_is_brought_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.unpack_archive(OLD, tmp_path / "old")
    (folder,) = {path.parent for path in (tmp_path / "old").rglob("karyogui.db")}
    before = (folder / "karyogui.db").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "replacing", full)
    with pytest.raises(KaryoError, match="The disk is full"):
        open_workspace(folder)
    assert (folder / "karyogui.db").read_bytes() == before
