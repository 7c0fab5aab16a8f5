"""Damaged bytes in database, log, identity, backups and case files are told, never a bug.

`KARYOGUI_MUTATIONS=2000 pytest -s tests/unit/storage/test_mutations.py` is the long form.
"""

import contextlib
import os
import random
import shutil
import time
import traceback
from collections import Counter
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.storage.backup import back_up, restore
from karyogui.storage.checking import check_folder
from karyogui.storage.place import IDENTITY_FILE
from tests.unit.records import move

MUTATIONS = int(os.environ.get("KARYOGUI_MUTATIONS", "30"))
"""How many files are damaged in all; more tell more."""
SLOWEST = 20.0
"""Seconds that nothing may take."""
PAGE = 4096


@pytest.fixture(scope="module")
def packed(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a case file and a backup of it beside it."""
    folder = Path(shutil.copytree(original, tmp_path_factory.mktemp("mutated") / "data"))
    with contextlib.closing(open_workspace(folder)) as workspace:
        workspace.record.export_case(1, folder.parent / "case.karyocase")
    back_up(folder, folder.parent / "b.karyobackup")
    return folder


@pytest.fixture(scope="module")
def logged(packed: Path) -> Path:
    """A data folder as a killed program leaves it: the last changes are in the log only."""
    shutil.copytree(packed, packed.parent / "open")
    with contextlib.closing(open_workspace(packed.parent / "open")) as workspace:
        for slot in ("7", "8", "9"):
            move(workspace, 2, 0, slot)
        copy = Path(shutil.copytree(workspace.folder, packed.parent / "logged"))
    (copy / "karyogui.db-shm").unlink()
    assert (copy / "karyogui.db-wal").stat().st_size > PAGE
    return copy


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Bytes with some altered, lost, doubled, or in another place."""
    changed = bytearray(data)
    kind = chance.choice(("flip", "flip", "flip", "zero", "cut", "swap", "insert", "text"))
    if kind == "flip":
        for _ in range(chance.choice((1, 1, 2, 20))):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    elif kind == "zero":
        at = chance.randrange(len(changed))
        changed[at : at + chance.choice((1, 16, PAGE))] = bytes(chance.choice((1, 16, PAGE)))
    elif kind == "cut":
        del changed[chance.randrange(len(changed)) :]
    elif kind == "swap":
        one, other = (PAGE * chance.randrange(max(1, len(changed) // PAGE)) for _ in range(2))
        first, second = changed[one : one + PAGE], changed[other : other + PAGE]
        changed[one : one + PAGE], changed[other : other + PAGE] = second, first
    elif kind == "insert":
        at = chance.randrange(len(changed))
        changed[at:at] = chance.randbytes(chance.choice((1, 100)))
    else:  # what stands there as text is another text
        words = [b"slot", b"Miller", b"2026", b"map", b"c0", b"chromosome", b"null", b"Ann"]
        word = chance.choice(words)
        at = changed.find(word, chance.randrange(len(changed)))
        if at >= 0:
            changed[at] ^= 1
    return bytes(changed)


def seen(workspace: Workspace) -> list[object]:
    """All that can be read of a folder, what cannot be as None."""
    told: list[object] = []
    for case_id in (1, 2):
        told.append(None)
        with contextlib.suppress(KaryoError):
            told[-1] = workspace.library.case(case_id)
    for cell_id in (1, 2, 3):
        told.append(None)
        with contextlib.suppress(KaryoError):
            cell = workspace.library.cell(cell_id)
            told[-1] = (
                cell.placements, cell.edits, cell.pictures, cell.reviewed_by, cell.assignment,
                [(c.id, c.assigned, c.predicted) for c in cell.chromosomes],
                [(o.id, o.kind, o.box, o.turn) for o in cell.objects],
            )  # fmt: skip
    return told


def worked(workspace: Workspace) -> None:
    """Some work, of which each act may be refused."""
    acts = (
        lambda: workspace.library.rename(2, "Smith and Smith"),
        lambda: move(workspace, 2, 0, "9"),
        lambda: workspace.record.trail(1),
        lambda: workspace.reports.report_data(1),
        lambda: workspace.record.check(),
    )
    for act in acts:
        with contextlib.suppress(KaryoError):
            act()


@pytest.mark.parametrize("name", ["karyogui.db", "karyogui.db-wal", IDENTITY_FILE])
def test_a_damaged_data_folder_is_told(logged: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(logged, tmp_path / "whole")
    with contextlib.closing(open_workspace(tmp_path / "whole")) as workspace:
        whole = seen(workspace)
    found: Counter[str] = Counter()
    wrong = []
    for number in range(MUTATIONS // 3):
        folder = tmp_path / str(number)
        shutil.copytree(logged, folder)
        path = folder / name
        path.write_bytes(mutated(path.read_bytes(), random.Random(f"{name} {number}")))
        began = time.monotonic()
        try:
            found[met(folder, whole)] += 1
        except Exception as error:  # all of them are wanted, not the first
            wrong.append(f"{name} {number}: {''.join(traceback.format_exception(error)[-3:])}")
        if time.monotonic() - began > SLOWEST:
            wrong.append(f"{name} {number}: slow")
        shutil.rmtree(folder)
    print(f"{name}: {dict(found)}")  # noqa: T201
    assert wrong == []


def met(folder: Path, whole: list[object]) -> str:
    """Check, open and use a damaged folder; how it went."""
    checked = check_folder(folder)
    try:
        workspace = open_workspace(folder)
    except KaryoError:
        assert not checked.is_sound, "refused, and yet sound"
        return "refused"
    with contextlib.closing(workspace):
        present = seen(workspace)
        if workspace.refusal is None and checked.is_sound:
            assert present == whole, "other, and yet sound"
        worked(workspace)
    return "sound" if checked.is_sound else "told"


def test_a_damaged_backup_or_case_file_is_refused_or_whole(packed: Path, tmp_path: Path) -> None:
    with contextlib.closing(open_workspace(packed)) as workspace:
        whole = seen(workspace)
    taken = Counter[str]()
    for number in range(MUTATIONS // 3):
        chance = random.Random(number)
        for name in ("b.karyobackup", "case.karyocase"):
            bad, place = tmp_path / f"{number} {name}", tmp_path / f"{number} folder"
            bad.write_bytes(mutated((packed.parent / name).read_bytes(), chance))
            try:
                if name == "b.karyobackup":
                    restore(bad, place)
                else:
                    with contextlib.closing(open_workspace(place)) as workspace:
                        workspace.record.import_case(bad)
            except KaryoError:
                taken["refused"] += 1
            else:
                taken["whole"] += 1
                with contextlib.closing(open_workspace(place)) as workspace:
                    if name == "b.karyobackup":
                        assert seen(workspace) == whole
                assert check_folder(place).is_sound
            shutil.rmtree(place, ignore_errors=True)
            bad.unlink()
    print(f"backups and case files: {dict(taken)}")  # noqa: T201
    assert taken["refused"]
