"""Links, pipes and devices in a data folder: nothing is written or awaited there."""

import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.services.workspace import open_workspace
from karyogui.settings import Settings, load
from karyogui.storage import backup, bundle
from karyogui.storage.backup import back_up, restore
from karyogui.storage.checking import check_folder
from karyogui.storage.files import exchange, write_atomically
from karyogui.storage.lock import LOCK_FILE
from karyogui.storage.place import IDENTITY_FILE, read_anchor
from model.vocabulary.files import replacing
from tests.unit.records import move

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
DEAR = "dear content, longer than what the program writes " * 20


@pytest.fixture
def folder(filled_folder: Path) -> Path:
    return filled_folder


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    path = tmp_path / "precious.txt"
    path.write_text(DEAR)
    return path


@pytest.mark.parametrize("name", [LOCK_FILE, IDENTITY_FILE])
def test_a_link_among_the_own_files_is_refused_and_what_it_leads_to_stays(
    folder: Path, precious: Path, name: str
) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(precious)
    with pytest.raises(KaryoError, match=f"{name} .*is no file of its own but a link"):
        open_workspace(folder)
    assert precious.read_text() == DEAR
    assert check_folder(folder).is_sound is (name == LOCK_FILE)


@pytest.mark.parametrize("name", [LOCK_FILE, IDENTITY_FILE])
def test_a_file_with_another_name_elsewhere_keeps_what_it_holds(
    folder: Path, precious: Path, name: str
) -> None:
    (folder / name).unlink(missing_ok=True)
    os.link(precious, folder / name)
    with closing(open_workspace(folder)) as workspace:
        move(workspace, 2, 0, "7")
    assert precious.read_text() == DEAR


def test_a_copy_of_links_keeps_the_identity_that_it_had(folder: Path, tmp_path: Path) -> None:
    """As `cp -al` makes snapshots."""
    copy = tmp_path / "snapshot"
    os.link(folder / IDENTITY_FILE, copy)
    before = copy.read_bytes()
    with closing(open_workspace(folder)) as workspace:
        assert workspace.refusal is None
        move(workspace, 2, 0, "7")
    assert copy.read_bytes() == before
    assert read_anchor(folder) is not None


def test_a_linked_folder_of_pictures_loses_nothing(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (folder / "pictures").rename(elsewhere)
    (folder / "pictures").symlink_to(elsewhere)
    mine = elsewhere / "incoming" / ".mine.part"
    mine.write_text(DEAR)
    (folder / LOCK_FILE).write_bytes(b"open")
    with closing(open_workspace(folder)) as workspace:
        assert workspace.refusal is None
    assert mine.read_text() == DEAR


@pytest.mark.parametrize("name", [LOCK_FILE, IDENTITY_FILE, "waiting.json", "karyogui.db"])
def test_a_pipe_is_not_waited_for(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    if name == "waiting.json":
        with closing(open_workspace(folder)) as workspace:
            assert workspace.waiting.left().cells == ()
    else:
        with pytest.raises(KaryoError):
            open_workspace(folder)
    assert check_folder(folder).is_sound is (name in (LOCK_FILE, "waiting.json"))


def test_pipes_in_other_places_are_not_waited_for(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(KaryoError, match="is not a whole file"):
        restore(pipe, tmp_path / "new")
    assert load(pipe) == Settings()
    with closing(open_workspace(folder)) as workspace:
        key = workspace.library.cell(1).pictures[0].key
        stored = folder / "pictures" / key[:2] / key
        stored.unlink()
        os.mkfifo(stored)
        with pytest.raises(KaryoError, match="cannot be read"):
            workspace._images.read(key)


def test_a_pipe_is_not_replaced_by_a_file(folder: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(KaryoError, match="is no file"):
        back_up(folder, pipe, replace=True)
    with pytest.raises(OSError, match="is no file"), replacing(pipe):
        pass
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["karyogui.db", "karyogui.db-wal", LOCK_FILE, IDENTITY_FILE])
def test_nothing_is_exported_over_a_file_of_a_data_folder(folder: Path, name: str) -> None:
    before = (folder / "karyogui.db").read_bytes()
    with pytest.raises(KaryoError, match="is a file of a data folder"):
        back_up(folder, folder / name, replace=True)
    with closing(open_workspace(folder)) as workspace:
        with pytest.raises(KaryoError, match="is a file of a data folder"):
            workspace.record.export_case(1, folder / name)
        with pytest.raises(KaryoError, match="is a file of a data folder"):
            write_atomically(folder / name, lambda target: target.write(b"x"))
    assert (folder / "karyogui.db").read_bytes() == before


def empty_tables(folder: Path) -> None:
    """A database that is one, with nothing in it: as one that has lost its log."""
    (folder / "karyogui.db").unlink()
    with closing(sqlite3.connect(folder / "karyogui.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("DROP TABLE t")
        connection.execute("VACUUM")


def of_another_folder(folder: Path) -> None:
    other = folder.with_name("other")
    open_workspace(other).close()
    shutil.copy(other / "karyogui.db", folder / "karyogui.db")


@pytest.mark.parametrize("harm", [empty_tables, of_another_folder])
@pytest.mark.parametrize("has_identity", [True, False])
def test_a_database_that_names_no_picture_does_not_have_them_deleted(
    folder: Path, harm: Callable[[Path], None], has_identity: bool
) -> None:
    """Neither at once nor after a crash, when orphans are looked for."""
    harm(folder)
    if not has_identity:
        (folder / IDENTITY_FILE).unlink()
    before = sorted(folder.glob("pictures/??/*"))
    for _ in range(2):
        (folder / LOCK_FILE).write_bytes(b"open")
        if harm is empty_tables:
            with pytest.raises(KaryoError, match="holds nothing, but its pictures are there"):
                open_workspace(folder)
        else:
            with closing(open_workspace(folder)) as workspace:
                assert workspace.refusal is not None
    assert sorted(folder.glob("pictures/??/*")) == before


def test_an_old_database_in_place_of_the_present_one_is_noticed(
    folder: Path, tmp_path: Path
) -> None:
    old = Path(__file__).parents[2] / "data" / "old-data-folder.zip"
    shutil.unpack_archive(old, tmp_path / "old")
    (source,) = (tmp_path / "old").rglob("karyogui.db")
    shutil.copy(source, folder / "karyogui.db")
    with closing(open_workspace(folder)) as workspace:
        assert "belongs to another data folder" in str(workspace.refusal)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_restore_that_fails_in_the_middle_leaves_the_folder_in_place(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    back_up(folder, tmp_path / "b")
    if not can_exchange:
        monkeypatch.setattr(backup, "exchange", lambda one, other: False)
        renamed = Path.rename

        def refusing(path: Path, target: Path) -> Path:
            if path.name == "data" and target == folder.resolve():
                raise OSError(28, "No space left on device")
            return renamed(path, target)

        monkeypatch.setattr(Path, "rename", refusing)
        with pytest.raises(KaryoError, match="disk is full"):
            restore(tmp_path / "b", folder)
    else:
        done = restore(tmp_path / "b", folder)
        assert done.kept is not None
        assert check_folder(done.kept).is_sound
    assert check_folder(folder).is_sound
    assert [p.name for p in tmp_path.glob(".karyogui-*")] == []


def test_two_folders_change_names_in_one_step_or_not_at_all(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    assert not exchange(one, other)
    other.mkdir()
    (one / "inside").touch()
    if exchange(one, other):
        assert (other / "inside").exists()
    else:
        assert (one / "inside").exists()


def test_a_small_backup_fills_neither_memory_nor_disk(folder: Path, tmp_path: Path) -> None:
    """Its list is not packed, and what it unpacks to is compared with the room that there is."""
    back_up(folder, tmp_path / "b")
    with zipfile.ZipFile(tmp_path / "b") as source:
        facts = json.loads(source.read(bundle.LIST))
        data = source.read("karyogui.db")
    with zipfile.ZipFile(tmp_path / "packed", "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("karyogui.db", data)
        target.writestr(bundle.LIST, json.dumps(facts | {"more": [[]] * 1_000_000}))
    with pytest.raises(KaryoError, match="is not a whole file"):
        restore(tmp_path / "packed", tmp_path / "new")
    with bundle.opened(tmp_path / "b", bundle.BACKUP) as opened:
        for info in opened._archive.infolist():
            info.file_size = 10**15
        with pytest.raises(OSError, match="No space left"):
            opened.unpack(tmp_path / "unpacked")
