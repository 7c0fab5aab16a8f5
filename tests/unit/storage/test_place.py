"""A data folder that is not any more what was opened is noticed within one edit."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage import trail
from karyogui.storage.backup import restore
from karyogui.storage.checking import check_folder
from karyogui.storage.place import IDENTITY_FILE, read_anchor
from tests.unit.records import analysed, move


@pytest.fixture
def folder(filled_folder: Path) -> Path:
    return filled_folder


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    opened = open_workspace(folder)
    yield opened
    opened.close()


def deleted(folder: Path) -> None:
    (folder / "karyogui.db").unlink()


def replaced(folder: Path) -> None:
    shutil.copy(folder / "karyogui.db", folder / "copy")
    (folder / "copy").replace(folder / "karyogui.db")


def without_log(folder: Path) -> None:
    (folder / "karyogui.db-wal").unlink()


def without_pictures(folder: Path) -> None:
    (folder / "pictures").rename(folder / "moved")


def without_identity(folder: Path) -> None:
    (folder / IDENTITY_FILE).unlink()


def another_folder(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.mkdir()


def written_by_another(folder: Path) -> None:
    """As where a drive has no locks, and two windows have the folder."""
    (folder / "karyogui.lock").unlink()
    other = open_workspace(folder)
    other.library.rename(1, "by another window")
    other.close()


@pytest.mark.parametrize(
    "harm",
    [deleted, replaced, without_log, without_pictures, without_identity, another_folder,
     written_by_another],
)  # fmt: skip
def test_a_lost_folder_is_noticed_at_the_next_edit(
    workspace: Workspace, folder: Path, harm: Callable[[Path], None]
) -> None:
    move(workspace, 2, 0, "7")
    told: list[KaryoError] = []
    workspace.when_refused(told.append)
    harm(folder)
    with pytest.raises(KaryoError) as refused:
        workspace.library.rename(2, "another name")
    assert told == [refused.value]
    for _ in range(2):  # and nothing is stored from then on
        with pytest.raises(KaryoError) as again:
            workspace.library.rename(2, "another name")
        assert again.value is refused.value
    assert workspace.refusal is refused.value


def test_a_database_that_lost_its_log_is_only_looked_at(folder: Path, tmp_path: Path) -> None:
    workspace = open_workspace(folder)
    for slot in ("7", "8", "9"):
        move(workspace, 2, 0, slot)
    shutil.copytree(folder, tmp_path / "copy")  # as a program does that knows no log
    workspace.close()
    (tmp_path / "copy" / "karyogui.db-wal").unlink()
    (tmp_path / "copy" / "karyogui.db-shm").unlink()
    checked = check_folder(tmp_path / "copy")
    assert [f.kind for f in checked.findings] == ["identity"]
    assert "lacks the last 3 changes" in checked.findings[0].sentence
    lost = open_workspace(tmp_path / "copy")
    try:
        assert "lacks the last 3 changes" in str(lost.refusal)
        assert lost.library.summaries()
        with pytest.raises(KaryoError, match="lacks the last 3 changes"):
            lost.library.rename(1, "x")
    finally:
        lost.close()


def test_a_database_of_another_folder_is_only_looked_at(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    workspace = open_workspace(other)
    analysed(workspace, tmp_path / "more", first=7)
    workspace.close()
    shutil.copy(other / "karyogui.db", folder / "karyogui.db")
    assert "identity" in {f.kind for f in check_folder(folder).findings}
    workspace = open_workspace(folder)
    try:
        assert "belongs to another data folder" in str(workspace.refusal)
    finally:
        workspace.close()


def test_a_database_parted_from_its_pictures_is_only_looked_at(folder: Path) -> None:
    shutil.rmtree(folder / "pictures")
    workspace = open_workspace(folder)
    try:
        assert "parted from them" in str(workspace.refusal)
        assert workspace.library.summaries()
    finally:
        workspace.close()


@pytest.mark.parametrize("kind", ["missing", "empty"])
def test_no_database_beside_pictures_is_no_new_folder(folder: Path, kind: str) -> None:
    (folder / "karyogui.db").unlink()
    if kind == "empty":
        (folder / "karyogui.db").touch()
    with pytest.raises(KaryoError, match=f"is {kind}, but its pictures are there"):
        open_workspace(folder)
    assert list(folder.glob("pictures/??/*"))
    assert not (folder / "karyogui.db").exists() or not (folder / "karyogui.db").stat().st_size


def test_an_identity_behind_its_database_is_no_loss(folder: Path) -> None:
    """As after a power cut, and as where the disk was full for it."""
    before = (folder / IDENTITY_FILE).read_bytes()
    workspace = open_workspace(folder)
    for slot in ("7", "8", "9"):
        move(workspace, 2, 0, slot)
    workspace.close()
    (folder / IDENTITY_FILE).write_bytes(before)
    checked = check_folder(folder)
    assert checked.is_sound
    assert "The last 3 entries of the trail came after" in checked.notes[0]
    workspace = open_workspace(folder)
    assert workspace.refusal is None
    workspace.close()


@pytest.mark.parametrize("kept", [0, 100, 160, 200])
def test_a_torn_identity_is_no_loss(folder: Path, kept: int) -> None:
    path = folder / IDENTITY_FILE
    path.write_bytes(path.read_bytes()[:kept])
    workspace = open_workspace(folder)
    try:
        assert workspace.refusal is None
        move(workspace, 2, 0, "7")
    finally:
        workspace.close()
    assert check_folder(folder).is_sound
    assert read_anchor(folder) is not None


def test_links_in_a_data_folder_delete_nothing_elsewhere(folder: Path, tmp_path: Path) -> None:
    """Neither links to folders, nor to files, nor what was put among the unfinished files."""
    precious = tmp_path / "precious"
    (precious / "ab").mkdir(parents=True)
    names = (".0123.part", "letter.txt", "ab/" + "ab" + "0" * 62 + ".png")
    for name in names:
        (precious / name).write_text("dear")
    incoming = folder / "pictures" / "incoming"
    incoming.rmdir()
    incoming.symlink_to(precious)
    for key in ("zz", "ab"):
        shutil.rmtree(folder / "pictures" / key, ignore_errors=True)
        (folder / "pictures" / key).symlink_to(precious / "ab")
    (folder / "karyogui.lock").write_bytes(b"open")  # so orphans are looked for
    open_workspace(folder).close()
    assert all((precious / name).read_text() == "dear" for name in names)


def test_what_a_killed_import_left_is_collected(folder: Path) -> None:
    orphan = folder / "pictures" / "ab" / ("ab" + "0" * 62 + ".png")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"x")
    foreign = orphan.with_name("notes.txt")
    foreign.write_text("mine")
    before = len(list(folder.glob("pictures/??/*.*")))
    open_workspace(folder).close()
    assert orphan.exists()  # the folder was closed properly: nothing is looked for
    (folder / "karyogui.lock").write_bytes(b"open")
    open_workspace(folder).close()
    assert not orphan.exists()
    assert foreign.exists()
    assert len(list(folder.glob("pictures/??/*.*"))) == before - 1
    assert check_folder(folder).is_sound


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_only_its_owner_gets_at_what_is_stored(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    workspace = open_workspace(folder)
    workspace.record.back_up(folder.parent / "b")
    workspace.close()
    restore(folder.parent / "b", folder.parent / "restored")
    open_workspace(folder.parent / "new").close()
    for each in (folder, folder.parent / "restored", folder.parent / "new"):
        found = (each, *each.rglob("*"))
        assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o700}
        assert {path.stat().st_mode & 0o777 for path in found if path.is_file()} == {0o600}


def test_a_read_only_folder_can_be_looked_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: object, flags: int, *rest: object, **named: object) -> int:
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT) and str(path).startswith(str(folder)):
            raise OSError(30, "Read-only file system", str(path))
        return opened(path, flags, *rest, **named)

    before = sorted(p.name for p in folder.iterdir())
    monkeypatch.setattr(os, "open", refuse)
    workspace = open_workspace(folder)
    try:
        assert len(workspace.library.summaries()) == 2
        assert workspace.library.cell(1).chromosomes
        with pytest.raises(KaryoError, match="is read-only: it can be viewed"):
            workspace.library.rename(1, "x")
    finally:
        workspace.close()
    assert [n for n in sorted(p.name for p in folder.iterdir()) if "-" not in n] == before


def test_a_clock_set_back_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(folder / "karyogui.db") as connection:
        (last,) = connection.execute("SELECT max(at) FROM trail").fetchone()
    connection.close()

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.fromisoformat(last) - timedelta(hours=1)

    monkeypatch.setattr(trail, "datetime", Earlier)
    workspace = open_workspace(folder)
    try:
        workspace.library.rename(2, "renamed an hour earlier")
        entry = workspace.record.trail(2)[-1]
        assert entry.clock_set_back == pytest.approx(3600, abs=1)
        assert entry.seq == max(e.seq for e in workspace.record.trail(2))
    finally:
        workspace.close()
    checked = check_folder(folder)
    assert checked.is_sound
    assert "the clock was set back by 3600" in checked.notes[0]


def test_keys_of_several_kinds_are_told_as_damage(folder: Path) -> None:
    with sqlite3.connect(folder / "karyogui.db") as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'chromosome_id VARCHAR', 'chromosome_id')"
            " WHERE name = 'placement'"
        )
        connection.execute("PRAGMA writable_schema = RESET")
        connection.execute(
            "UPDATE placement SET chromosome_id = 7 WHERE cell_id = 2 AND slot = '1'"
        )
    connection.close()
    workspace = open_workspace(folder)
    try:
        with pytest.raises(KaryoError):
            move(workspace, 2, 2, "9")
    finally:
        workspace.close()
    assert not check_folder(folder).is_sound
