"""A data folder opens once, in this version or older, where it can be written: else in words."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import Karyogram
from karyogui.errors import KaryoError
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage import lock
from karyogui.storage.database import DATABASE_FILE
from karyogui.storage.image_store import ImageStore
from tests.unit.services.fakes import make_cell_folder, read_only

REPOSITORY = Path(__file__).resolve().parents[3]


def kill_after(code: str, word: str, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Run a program until it says `word`, then kill it without any goodbye."""
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    with child.stdin, child.stdout:
        assert child.stdout.readline() == f"{word}\n"
        meanwhile()
        os.kill(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        child.wait()


def test_a_folder_is_made_and_opens_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    first = open_workspace(folder)
    first.importer.import_paths([make_cell_folder(tmp_path / "cell", 2)], SilentMonitor())
    first.close()
    first.close()
    second = open_workspace(folder)
    try:
        assert [case.name for case in second.library.summaries()] == ["cell"]
    finally:
        second.close()


def test_two_windows_on_one_folder(data_folder: Path) -> None:
    first = open_workspace(data_folder)
    try:
        with pytest.raises(KaryoError, match="open in another KaryoGUI window"):
            open_workspace(data_folder)
    finally:
        first.close()
    open_workspace(data_folder).close()


def test_a_killed_window_gives_the_folder_back(data_folder: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from karyogui.services.workspace import open_workspace
workspace = open_workspace(Path({str(data_folder)!r}))
print("open", flush=True)
sys.stdin.read()
"""

    def meanwhile() -> None:
        with pytest.raises(KaryoError, match="another KaryoGUI window"):
            open_workspace(data_folder)

    kill_after(code, "open", meanwhile)
    open_workspace(data_folder).close()


def test_a_drive_without_locks_is_told(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_lock", refuse)
    with pytest.raises(KaryoError, match="has no file locks"):
        open_workspace(data_folder)


def test_a_killed_import_leaves_nothing_in_the_library(tmp_path: Path) -> None:
    data_folder, cell = tmp_path / "data", make_cell_folder(tmp_path / "cell", 4)
    code = f"""
import sys
from pathlib import Path
from karyogui.services.workspace import open_workspace

class Stops:
    def report(self, progress):
        if progress.done == progress.total:
            print("nearly", flush=True)
            sys.stdin.read()

open_workspace(Path({str(data_folder)!r})).importer.import_paths([Path({str(cell)!r})], Stops())
"""
    kill_after(code, "nearly")
    workspace = open_workspace(data_folder)
    try:
        assert workspace.library.summaries() == ()
        outcome = workspace.importer.import_paths([cell], SilentMonitor())
        assert len(workspace.library.cell(outcome.cell_ids[0]).pictures) == 4
    finally:
        workspace.close()


def test_edits_and_an_import_go_on_side_by_side(
    data_folder: Path, analysed: Cell, workspace: Workspace, tmp_path: Path
) -> None:
    many = [make_cell_folder(tmp_path / "many" / str(number), 3) for number in range(4)]
    failures: list[BaseException] = []

    def import_all() -> None:
        try:
            for folder in many:
                workspace.importer.import_paths([folder], SilentMonitor())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=import_all)
    thread.start()
    karyogram = Karyogram(analysed.placements)
    for _ in range(20):
        change = karyogram.turn(["c01"], 1.0)
        karyogram.apply(change)
        workspace.reviews.record(analysed.id, change, "ann")
    thread.join()
    assert failures == []
    assert len(workspace.library.cell(analysed.id).edits) == 20
    assert len(workspace.library.summaries()) == 5


def test_a_database_of_a_newer_version_is_left_alone(data_folder: Path) -> None:
    open_workspace(data_folder).close()
    path = data_folder / DATABASE_FILE
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    for _ in range(2):  # the refusal gives the lock back
        with pytest.raises(KaryoError, match="made by a newer version"):
            open_workspace(data_folder)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    connection.close()


def test_a_foreign_database_is_left_alone(data_folder: Path) -> None:
    data_folder.mkdir()
    connection = sqlite3.connect(data_folder / DATABASE_FILE)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(KaryoError, match="not a database of KaryoGUI"):
        open_workspace(data_folder)


def test_a_damaged_database_is_told(data_folder: Path) -> None:
    data_folder.mkdir()
    (data_folder / DATABASE_FILE).write_bytes(b"this is no database, " * 100)
    with pytest.raises(KaryoError, match="is damaged"):
        open_workspace(data_folder)


def test_a_read_only_folder_is_told(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock.os, "open", read_only)
    with pytest.raises(KaryoError, match="read-only"):
        open_workspace(data_folder)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KaryoError, match="could not be written"):
        open_workspace(tmp_path / "file" / "data")


def test_unfinished_files_of_a_killed_process_are_cleared(
    data_folder: Path, imported: Cell
) -> None:
    incoming = data_folder / "pictures" / "incoming"
    (incoming / ".half.tmp").write_bytes(b"half")
    store = ImageStore(data_folder / "pictures")
    assert list(incoming.iterdir()) == []
    assert store.read(imported.pictures[0].key)
