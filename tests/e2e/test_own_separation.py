"""The separation is trained on own checked photographs, compared and installed: all of it real.

Real programs, real mouse and keys; only the schedule is two steps of one example.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from karyogui.domain.cell import PictureKind
from karyogui.domain.separation import SeparatedObject
from karyogui.services import checked_pictures
from karyogui.services.model_comparison import Verdict
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.ui.main_window import MainWindow
from karyogui.ui.training.controller import DEFAULT_SEPARATION
from karyogui.ui.training.install_dialog import InstallDialog
from karyogui.ui.training.train_dialog import TrainDialog
from karyogui.workers.model_comparing import compare_models
from karyogui.workers.training_process import TrainingProcess
from model.data.generated_archive import generated_cells
from model.data.metaphase_synthetic import SyntheticMetaphase
from model.vocabulary.assets import ROOT
from tests.unit.services.fakes import encoded
from tests.unit.services.metaphases import FakeReader, thing
from tests.unit.ui.windows import click, open_window

PROGRAM = f"""
import sys
from types import SimpleNamespace
sys.path.insert(0, {str(ROOT)!r})
sys.modules["openvino"] = None
import torch
torch._dynamo = SimpleNamespace(disable=lambda f, *_, **__: f, graph_break=int)
sys.modules["torch._dynamo"] = torch._dynamo
torch.set_num_threads(1)
import model.training.train_separation as training
training.SEPARATION_STEPS = 2
training.BATCH = 1
from karyogui.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""Without the compiler, which is not used, and without converting the classifier in each process:
these took half of the time."""
CELLS = 8
LEFT, TOP, SIDE = 200, 150, 224
WAIT = 280_000


def part_of(metaphase: SyntheticMetaphase) -> tuple[np.ndarray, tuple[SeparatedObject, ...]]:
    """A part of a generated picture (SIDE, SIDE) with the chromosomes that lie wholly in it."""
    found = []
    for placed in metaphase.chromosomes:
        (x, y), (h, w) = placed.origin, placed.mask.shape
        x, y = x - LEFT, y - TOP
        if min(x, y) > 0 and x + w < SIDE and y + h < SIDE:
            item = thing(f"c{len(found) + 1:02d}", x, y, 20)
            found.append(replace(item, mask=placed.mask))
    part = np.full((SIDE, SIDE), 226, np.uint8)
    for item in found:
        (x, y), (h, w) = item.origin, item.mask.shape
        shown = metaphase.picture[TOP + y : TOP + y + h, LEFT + x : LEFT + x + w]
        part[y : y + h, x : x + w][item.mask] = shown[item.mask]
    return part, tuple(found)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A data folder with generated photographs of eight cases, signed off as they are."""
    monkeypatch.setattr(checked_pictures, "LEAST_HELD_OUT", 1)
    monkeypatch.setattr(checked_pictures, "LEAST_LEARNED", 1)
    picture, placed = part_of(next(iter(generated_cells(1))).metaphase)
    opened = open_workspace(tmp_path / "data")
    for number in range(CELLS):
        folder = tmp_path / "in" / f"case {number}"
        folder.mkdir(parents=True)
        (folder / f"{number}.png").write_bytes(encoded(np.clip(picture, number, 255)))
        (cell_id,) = opened.importer.import_paths(
            [folder], SilentMonitor(), kind=PictureKind.METAPHASE
        ).cell_ids
        reader = FakeReader()
        reader.found = placed
        opened.analysis.analyse(cell_id, reader, SilentMonitor())
        opened.reviews.sign_off(cell_id, "A person")
    yield opened
    opened.close()


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, tmp_path: Path) -> Iterator[MainWindow]:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    program = (sys.executable, str(tmp_path / "program.py"))
    with open_window(qtbot, workspace, tmp_path / "config") as opened:
        opened.models.process = TrainingProcess(opened, program)
        opened.models.library._compare = partial(compare_models, program=program)
        yield opened


def test_a_separation_of_ones_own(qtbot: QtBot, window: MainWindow, workspace: Workspace) -> None:
    models = window.models
    window.actions_["model.train"].trigger()
    dialog = window.findChild(TrainDialog)
    assert isinstance(dialog, TrainDialog)
    qtbot.waitExposed(dialog)
    qtbot.keyClicks(dialog.network, "Sep")
    form = dialog.separation_form
    assert f"{CELLS} checked pictures of {CELLS} cases" in form.own.text()
    form.name.clear()
    qtbot.keyClicks(form.name, "ours")
    form.epochs.setFocus()
    form.epochs.selectAll()
    qtbot.keyClicks(form.epochs, "1")
    assert dialog.complaint == ""
    with qtbot.waitSignal(models.process.ended, timeout=WAIT) as ended:
        click(qtbot, dialog.start_button)
    assert ended.args[0].weights == workspace.folder / "training" / "ours" / "ours.safetensors"

    install = window.findChild(InstallDialog)
    assert isinstance(install, InstallDialog)
    qtbot.waitUntil(lambda: not install.run.is_running, timeout=WAIT)
    assert install.comparison is not None, install.run.words.text()
    assert install.comparison.plan.fair
    assert install.comparison.cells >= 1
    # Two steps change next to nothing: without a difference its name has to be typed.
    assert install.verdict is Verdict.SAME
    assert not install.install_button.isEnabled()
    qtbot.keyClicks(install.typed, "ours")
    with qtbot.waitSignal(models.model_changed, timeout=WAIT):
        click(qtbot, install.install_button)

    own = workspace.folder / "models" / "ours.safetensors"
    assert models.in_use[1] == own
    assert window.models._settings.values.separation_weights == own
    assert models.active is not None
    assert models.active.name == "compact"
    window.actions_["model.roll_back"].trigger()
    assert models.in_use[1] == DEFAULT_SEPARATION
    assert not models.can_roll_back
