"""Backups that nobody asks for: once a day, and before a database is brought up."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.services.workspace import open_workspace
from karyogui.storage import backup, picture_pool
from karyogui.storage.backup import back_up, daily_backup, restore
from karyogui.storage.checking import check_folder
from karyogui.storage.picture_pool import POOL

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


def pool_of(place: Path) -> dict[str, Path]:
    return {path.name: path for path in (place / POOL).rglob("*") if path.is_file()}


def test_pictures_are_copied_once_for_all_daily_backups(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    first = daily_backup(folder, place, 3)
    assert first is not None
    assert first.pictures == len(pool_of(place)) > 0
    whole = back_up(folder, tmp_path / "whole.karyobackup")
    assert whole.pictures == first.pictures
    assert first.path.stat().st_size < whole.path.stat().st_size
    before = {name: path.stat().st_ino for name, path in pool_of(place).items()}
    earlier = first.path.rename(place / "data 2020-01-01.karyobackup")
    assert daily_backup(folder, place, 3) is not None
    assert {name: path.stat().st_ino for name, path in pool_of(place).items()} == before
    for number, path in enumerate((earlier, first.path, whole.path)):
        restore(path, tmp_path / f"new {number}")
        assert check_folder(tmp_path / f"new {number}").is_sound


def test_a_daily_backup_without_its_pictures_is_not_restored(folder: Path, tmp_path: Path) -> None:
    done = daily_backup(folder, tmp_path / "disk", 3)
    assert done is not None
    alone = tmp_path / "elsewhere" / done.path.name
    alone.parent.mkdir()
    shutil.copy(done.path, alone)
    with pytest.raises(KaryoError, match="not beside it") as refused:
        restore(alone, tmp_path / "new")
    assert POOL in refused.value.hint
    shutil.copytree(tmp_path / "disk" / POOL, alone.parent / POOL)
    name, picture = next(iter(pool_of(alone.parent).items()))
    sound = picture.read_bytes()
    picture.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    with pytest.raises(KaryoError, match=name[:12]):
        restore(alone, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    picture.write_bytes(sound)
    restore(alone, tmp_path / "new")
    assert check_folder(tmp_path / "new").is_sound


def test_what_was_altered_among_the_shared_pictures_is_put_right_within_a_week(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "disk"
    daily_backup(folder, place, 3)
    sound = {name: path.read_bytes() for name, path in pool_of(place).items()}
    for path in pool_of(place).values():
        path.write_bytes(bytes(path.stat().st_size))

    class Day(datetime):
        number = 1

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 3, cls.number, 12).astimezone()

    monkeypatch.setattr(backup, "datetime", Day)
    monkeypatch.setattr(picture_pool, "datetime", Day)
    for number in range(1, 8):
        Day.number = number
        daily_backup(folder, place, 3)
    assert {name: path.read_bytes() for name, path in pool_of(place).items()} == sound


def test_shared_pictures_that_no_backup_names_go_after_a_day(
    original: Path, tmp_path: Path
) -> None:
    folder, place = tmp_path / "data", tmp_path / "disk"
    shutil.copytree(original, folder)
    first = daily_backup(folder, place, 1)
    assert first is not None
    there = set(pool_of(place))
    with closing(open_workspace(folder)) as workspace:
        for summary in workspace.library.summaries()[:1]:
            workspace.record.erase(summary.id, "consent withdrawn")
    first.path.rename(place / "data 2020-01-01.karyobackup")
    mine = place / POOL / "notes.txt"
    mine.write_text("mine")
    daily_backup(folder, place, 2)
    assert set(pool_of(place)) - {"notes.txt"} == there  # the earlier one names them still
    (place / first.path.name).rename(place / "data 2020-01-02.karyobackup")
    daily_backup(folder, place, 1)
    assert set(pool_of(place)) - {"notes.txt"} == there  # not a day old
    yesterday = time.time() - 100_000
    for path in pool_of(place).values():
        os.utime(path, (yesterday, yesterday))
    (place / "other.karyobackup").write_text("cannot be read")
    first.path.unlink()
    daily_backup(folder, place, 1)
    for path in pool_of(place).values():
        os.utime(path, (yesterday, yesterday))
    first.path.unlink()
    assert set(pool_of(place)) - {"notes.txt"} == there  # who knows what the other one names
    (place / "other.karyobackup").unlink()
    last = daily_backup(folder, place, 1)
    assert last is not None
    assert len(set(pool_of(place)) - {"notes.txt"}) == last.pictures < len(there)
    assert mine.read_text() == "mine"


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
