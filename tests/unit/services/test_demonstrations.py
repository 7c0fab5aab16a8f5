"""What ended demonstrations left in the temporary folder, and what is none of theirs."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from karyogui.services.demonstrations import PREFIX, collect, fresh_folder
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import open_workspace
from tests.unit.services.fakes import make_cell_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demonstration with pictures, as it lies there when it has ended."""
    folder = fresh_folder()
    cell = make_cell_folder(tmp_path / "shipped" / "demo-1", 3)
    monkeypatch.setattr("karyogui.services.discovery.DEMO", tmp_path / "shipped")
    with closing(open_workspace(folder, demonstration=True)) as workspace:
        workspace.importer.import_paths([cell], SilentMonitor())
    (folder / "pictures" / "incoming" / ".half.part").touch()  # as a killed program leaves it
    assert len([*folder.rglob("*.png")]) == 3
    return folder


def test_a_killed_demonstration_is_collected(temporary: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path\n"
        "from karyogui.services.workspace import open_workspace\n"
        "open_workspace(Path(sys.argv[1]), demonstration=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    folder = fresh_folder()
    killed = subprocess.run([sys.executable, "-c", script, str(folder)], check=False)
    assert killed.returncode
    assert (folder / "karyogui.db").exists()
    assert collect() == 1
    assert [*temporary.iterdir()] == []


def test_an_ended_one_is_collected_with_its_pictures(left: Path, temporary: Path) -> None:
    assert collect() == 1
    assert [*temporary.iterdir()] == []
    assert collect() == 0


def test_one_that_is_open_is_left_alone(left: Path) -> None:
    with closing(open_workspace(left, demonstration=True)) as workspace:
        assert collect() == 0
        assert len(workspace.library.summaries()) == 1
    assert collect() == 1


def test_what_is_not_marked_or_has_another_name_is_left_alone(left: Path, temporary: Path) -> None:
    unmarked = fresh_folder()
    with closing(open_workspace(unmarked)):
        pass
    other = temporary / f"{PREFIX}of-mine"
    shutil.copytree(left, other)
    empty = fresh_folder()
    assert collect() == 1
    assert {*temporary.iterdir()} == {unmarked, other, empty}
    assert len([*other.rglob("*.png")]) == 3


def test_what_the_program_did_not_write_stays(left: Path, tmp_path: Path) -> None:
    mine = [left / "report.pdf", left / "models" / "mine.safetensors", left / "pictures" / "a.png"]
    for path in mine:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert collect() == 0
    assert all(path.exists() for path in mine)
    assert [p.name for p in left.rglob("*.png")] == ["a.png"]


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_links_lead_nowhere(left: Path, temporary: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    shutil.copytree(left, real)
    shutil.rmtree(left / "pictures")
    (left / "pictures").symlink_to(real / "pictures")
    (temporary / f"{PREFIX}abcdefgh").symlink_to(real)
    locked = fresh_folder()
    (locked / "demonstration").touch()
    (locked / "karyogui.lock").symlink_to(tmp_path / "no-such-file")
    collect()
    assert len([*real.rglob("*.png")]) == 3
    assert (real / "karyogui.db").exists()
    assert not (tmp_path / "no-such-file").exists()
