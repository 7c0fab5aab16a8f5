import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.services.models import InstalledModel, installed_models
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui.main_window import MainWindow
from karyogui.ui.training.controller import DEFAULT_WEIGHTS
from karyogui.ui.training.models_dialog import HEADERS, ModelsDialog
from tests.unit.ui.windows import answering


def install(folder: Path, name: str, **described: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    path.write_bytes(b"")
    facts = {"name": name, "version": "1", "preset": "compact", "sha256": "ab" * 32, **described}
    path.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
    return path


@pytest.fixture
def trained(workspace: Workspace) -> Path:
    return install(
        workspace.folder / "models" / "mine-2026", "mine", metrics={"type": {"acc": 0.9}}
    )


def test_a_model_is_chosen_in_the_dialog_and_remembered(
    qtbot: QtBot, window: MainWindow, trained: Path, tmp_path: Path
) -> None:
    def choose(dialog: ModelsDialog) -> None:
        names = [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]
        dialog.table.selectRow(names.index("mine"))
        qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)

    assert window.models.weights == DEFAULT_WEIGHTS
    with answering(qtbot, choose):
        window.actions_["model.choose"].trigger()
    assert window.models.weights == trained
    assert window.models.active is not None
    assert "mine" in window.status.model.text()
    assert SettingsStore(tmp_path / "config" / "settings.toml").values.weights == str(trained)


def test_the_menu_lists_the_models_and_marks_the_one_in_use(
    window: MainWindow, trained: Path
) -> None:
    menu = next(a.menu() for a in window.menuBar().actions() if a.text() == "&Model")
    menu.aboutToShow.emit()
    line = next(action for action in menu.actions() if action.text() == "mine 1")
    assert not line.isChecked()
    line.trigger()
    menu.aboutToShow.emit()
    line = next(action for action in menu.actions() if action.text() == "mine 1")
    assert line.isChecked()


def test_weights_that_went_away_give_way_to_the_bundled_ones(
    window: MainWindow, trained: Path
) -> None:
    window.models.use(installed_models(trained.parent)[0])
    trained.unlink()
    assert window.models.weights == DEFAULT_WEIGHTS


def test_what_was_not_measured_is_a_dash(qtbot: QtBot, look: None) -> None:
    models = [InstalledModel(Path("a"), "a", "1", "compact", "0" * 64, {"polarity.acc": 0.9912})]
    dialog = ModelsDialog(None, models, None)
    qtbot.addWidget(dialog)
    row = {title: dialog.table.item(0, n).text() for n, title in enumerate(HEADERS)}
    assert row["Polarity"] == "99.1 %"
    assert row["Type"] == "–"
    assert not dialog.use.isEnabled()
