"""The program is killed while it edits, imports, brings up, backs up, restores, exports, erases.

What it had said to be stored is there, the folder is sound, and nothing half made is left.
`KARYOGUI_KILLS=500 pytest -s tests/unit/storage/test_kills.py` is the long form.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from karyogui.services.workspace import open_workspace
from karyogui.storage import bundle
from karyogui.storage.backup import daily_backup, restore
from karyogui.storage.checking import check_folder
from tests.unit.records import write_photographs

KILLS = int(os.environ.get("KARYOGUI_KILLS", "8"))
"""How often the program is killed in all; more tell more."""
ROOT = Path(__file__).parents[3]
OLD = ROOT / "tests" / "data" / "old-data-folder.zip"

PROGRAM = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from karyogui.domain.cell import PictureKind
from karyogui.services.progress import SilentMonitor
from karyogui.services.record import restore
from karyogui.services.workspace import open_workspace
from karyogui.storage import backup
from tests.unit.records import move

class Days:
    def __init__(self, number):
        self._number = number

    def now(self, zone=None):
        return datetime.now(zone) + timedelta(days=self._number)

act, folder, place = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
print("ready", flush=True)
workspace = None if act == "restore" else open_workspace(folder)
if act == "bring up":
    print("done 1", flush=True)
for number in range(1, 10_000):
    if act == "edit":
        move(workspace, 2, number, str(7 + number % 15))
    elif act == "import":
        picture = place / "pictures" / f"cell {number}.png"
        workspace.importer.import_paths([picture], SilentMonitor(), 1, PictureKind.METAPHASE)
    elif act == "back up":
        workspace.record.back_up(place / f"{number}.karyobackup")
    elif act == "back up daily":
        backup.datetime = Days(number)
        assert backup.daily_backup(folder, place / "daily", 3)
    elif act == "restore":
        restore(place / "b.karyobackup", folder)
    elif act == "export":
        workspace.record.export_case(1, place / f"{number}.karyocase")
    elif act == "erase":
        came = workspace.record.import_case(place / "case.karyocase")
        workspace.record.erase(came.case_id, "tried")
    else:
        break
    print("done", number, flush=True)
sys.stdin.read()
"""


def killed(act: str, folder: Path, place: Path, after: float) -> int:
    """Run the program and kill it some seconds after it began; how many acts it had done."""
    command = [sys.executable, "-c", PROGRAM, act, str(folder), str(place)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        time.sleep(after)
        program.send_signal(signal.SIGKILL)
        said = program.stdout.read().splitlines()
        program.wait()
    assert program.returncode == -signal.SIGKILL, said
    return len(said)


def litter(place: Path) -> list[str]:
    """What is not finished in a folder."""
    return sorted(p.name for p in place.rglob("*") if p.name.endswith(".part") or (
        p.name.startswith(".karyogui-")))  # fmt: skip


def edited(folder: Path, place: Path, after: float) -> None:
    done = killed("edit", folder, place, after)
    with contextlib.closing(open_workspace(folder)) as workspace:
        assert len(workspace.library.cell(2).edits) >= done


def imported(folder: Path, place: Path, after: float) -> None:
    write_photographs(place / "pictures", 120, first=20)
    for number, path in enumerate(sorted((place / "pictures").iterdir()), start=1):
        path.rename(path.with_name(f"cell {number}.png~"))
    for path in list((place / "pictures").iterdir()):
        path.rename(path.with_name(path.name.removesuffix("~")))
    done = killed("import", folder, place, after)
    with contextlib.closing(open_workspace(folder)) as workspace:
        cells = workspace.library.case(1).cells
        assert len(cells) - 2 >= done
        for cell in cells:
            workspace.library.cell(cell.id)


def brought_up(folder: Path, place: Path, after: float) -> None:
    shutil.rmtree(folder)
    shutil.unpack_archive(OLD, place / "old")
    (source,) = {path.parent for path in (place / "old").rglob("karyogui.db")}
    shutil.move(source, folder)
    killed("bring up", folder, place, after)
    with contextlib.closing(open_workspace(folder)) as workspace:
        assert workspace.library.summaries()


def backed_up(folder: Path, place: Path, after: float) -> None:
    done = killed("back up", folder, place, after)
    made = sorted(place.glob("*.karyobackup"))
    assert len(made) >= done
    for path in made:
        with bundle.opened(path, bundle.BACKUP) as opened:
            opened.verify()
    with contextlib.closing(open_workspace(folder)) as workspace:
        workspace.record.back_up(place / "after.karyobackup")


def backed_up_daily(folder: Path, place: Path, after: float) -> None:
    done = killed("back up daily", folder, place, after)
    daily = place / "daily"
    made = sorted(daily.glob("*.karyobackup"))
    assert len(made) >= min(done, 3)
    for number, path in enumerate(made):
        restore(path, place / f"restored {number}")
        assert check_folder(place / f"restored {number}").is_sound
    assert daily_backup(folder, daily, 3) is not None


def restored(folder: Path, place: Path, after: float) -> None:
    with contextlib.closing(open_workspace(folder)) as workspace:
        workspace.record.back_up(place / "b.karyobackup")
    done = killed("restore", folder, place, after)
    kept = list(folder.parent.glob(f"{folder.name} (kept *"))
    assert len(kept) >= done
    assert all(check_folder(each).is_sound for each in kept)
    restore(place / "b.karyobackup", place / "other")
    if not folder.exists():  # between the two renamings: what was there is kept
        assert kept
        restore(place / "b.karyobackup", folder)


def exported(folder: Path, place: Path, after: float) -> None:
    done = killed("export", folder, place, after)
    made = sorted(place.glob("*.karyocase"))
    assert len(made) >= done
    with contextlib.closing(open_workspace(folder)) as workspace:
        for path in made:
            workspace.record.import_case(path)
        workspace.record.export_case(1, place / "after.karyocase")


def erased(folder: Path, place: Path, after: float) -> None:
    with contextlib.closing(open_workspace(folder)) as workspace:
        workspace.record.export_case(1, place / "case.karyocase")
    done = killed("erase", folder, place, after)
    with contextlib.closing(open_workspace(folder)) as workspace:
        assert {summary.name for summary in workspace.library.summaries()} in (
            {"Miller", "Smith"}, {"Miller", "Smith", "Miller (2)"},
        )  # fmt: skip
        assert workspace.library.cell(1).chromosomes
        tombs = [
            case_id for case_id in range(3, done + 3)
            if workspace.record.trail(case_id)[-1].act == "case erased"
        ]  # fmt: skip
        assert len(tombs) >= done


ACTS: tuple[Callable[[Path, Path, float], None], ...] = (
    edited, imported, brought_up, backed_up, backed_up_daily, restored, exported, erased,
)  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_killed_at_any_moment_nothing_is_lost(
    original: Path, tmp_path: Path, act: Callable[[Path, Path, float], None]
) -> None:
    chance = random.Random(act.__name__)
    done: Counter[str] = Counter()
    for number in range(max(1, KILLS // len(ACTS))):
        place = tmp_path / str(number)
        folder = place / "data"
        place.mkdir()
        shutil.copytree(original, folder)
        act(folder, place, chance.uniform(0.0, 1.6))
        checked = check_folder(folder)
        assert checked.findings == ()
        assert litter(place) == []
        done[act.__name__] += 1
        shutil.rmtree(place)
    print(f"{done.total()} kills while {act.__name__}: nothing lost, nothing left")  # noqa: T201
