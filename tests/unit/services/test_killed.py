"""The program is killed between a repair and the network's answer: nothing is lost."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from karyogui.domain.cell import PictureKind
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.separation import ObjectKind
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from tests.unit.services.fakes import FakeAssigner, encoded
from tests.unit.services.metaphases import FakeReader, photograph

KILLS = int(os.environ.get("KARYOGUI_KILLS", "3"))
"""How often the program is killed; more tell more."""
ROOT = Path(__file__).parents[3]

PROGRAM = """
import sys, time
from dataclasses import replace
from pathlib import Path
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import open_workspace
from tests.unit.services.fakes import FakeAssigner
from tests.unit.services.metaphases import FakeReader, cut
from karyogui.domain.separation import Repair, new_object_id

workspace = open_workspace(Path(sys.argv[1]))
reader = FakeReader()
reader.meanwhile = lambda: (print("looking", flush=True), time.sleep(float(sys.argv[2])))
cell = workspace.library.cell(1)
largest = max((o for o in cell.objects if o.kind == "chromosome"), key=lambda o: o.mask.shape[0])
first = new_object_id(cell.used_ids)
names = first, new_object_id((*cell.used_ids, first))
repair = cut(largest, largest.mask.shape[0] // 2, *names)
if largest.mask.shape[0] < 8:  # nothing is left to cut: turn one
    after = replace(largest, turn=largest.turn + 1.0, by_person=True)
    repair = Repair(ActionKind.ROTATE, "Cut no more", (largest,), (after,))
workspace.repairs.apply(1, repair, "Ann")
print("stored", flush=True)
workspace.repairs.answer(1, reader, FakeAssigner("map"), SilentMonitor())
print("answered", flush=True)
time.sleep(60)
"""


def begun(folder: Path, pictures: Path) -> None:
    pictures.mkdir()
    (pictures / "cell.png").write_bytes(encoded(photograph()))
    workspace = open_workspace(folder)
    workspace.importer.import_paths([pictures], SilentMonitor(), kind=PictureKind.METAPHASE)
    workspace.analysis.analyse(1, FakeReader(), SilentMonitor())
    workspace.close()


def killed(folder: Path, after: float) -> list[str]:
    """Run the program and kill it some seconds after the repair is stored; what it had said."""
    command = [sys.executable, "-c", PROGRAM, str(folder), "0.05"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        said = [program.stdout.readline().strip()]
        time.sleep(after)
        program.send_signal(signal.SIGKILL)
        said += program.stdout.read().split()
        program.wait()
    assert program.returncode == -signal.SIGKILL
    return said


def assert_whole(workspace: Workspace) -> None:
    """Objects, chromosomes and placements tell the same, and all chromosomes are known."""
    cell = workspace.library.cell(1)
    standing = {o.id for o in cell.objects if o.kind is ObjectKind.CHROMOSOME}
    assert standing == {c.id for c in cell.chromosomes}
    assert standing == {p.chromosome_id for p in cell.placements}
    assert len(Karyogram(cell.placements)) == len(standing)
    assert all(c.segment.crop.size for c in cell.chromosomes)
    if not cell.awaits_answer:
        assert all(c.predicted is not None and c.assigned is not None for c in cell.chromosomes)


def test_killed_between_a_repair_and_its_answer_nothing_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    begun(folder, tmp_path / "pictures")
    chance = random.Random(0)
    for number in range(1, KILLS + 1):
        said = killed(folder, chance.uniform(0.0, 0.12))
        assert said[0] == "stored"
        workspace = open_workspace(folder)
        try:
            assert_whole(workspace)
            cell = workspace.library.cell(1)
            repairs = [edit for edit in cell.edits if edit.change.text.startswith("Cut")]
            assert len(repairs) == number  # every repair that was told to be stored is there
            if "answered" in said:
                assert not cell.awaits_answer
            assert workspace.repairs.awaiting() == ((1,) if cell.awaits_answer else ())
            done = workspace.repairs.answer(1, FakeReader(), FakeAssigner("map"), SilentMonitor())
            assert not done.awaits_answer
            assert_whole(workspace)
        finally:
            workspace.close()
