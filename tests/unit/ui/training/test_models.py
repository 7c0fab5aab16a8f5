"""The Models panel: what it lists, and everything that can be done from it with real clicks."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QInputDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from karyogui.errors import KaryoError
from karyogui.services.models import InstalledModel
from karyogui.services.progress import Monitor
from karyogui.services.workspace import Workspace
from karyogui.settings import SettingsStore
from karyogui.ui import theme
from karyogui.ui.main_window import MainWindow
from karyogui.ui.training import library
from karyogui.ui.training.controller import DEFAULT_WEIGHTS
from karyogui.ui.training.model_card import card_sections
from karyogui.ui.training.models_dialog import HEADERS, ModelsDialog
from tests.unit.ui.training.models import put_model
from tests.unit.ui.windows import answering, click, press

HISTORY = [{"step": "G-Net", "epoch": 1, "loss": 2.0}, {"step": "G-Net", "epoch": 2, "loss": 1.0}]


@pytest.fixture
def mine(workspace: Workspace) -> InstalledModel:
    return put_model(workspace.folder / "models", "mine", metrics={"type": {"acc": 0.9}})


@pytest.fixture
def accepting(window: MainWindow) -> None:
    window.models.library._check = lambda weights, monitor: None


@pytest.fixture
def chosen_file(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    def answer(path: Path) -> None:
        for name in ("getOpenFileName", "getSaveFileName"):
            monkeypatch.setattr(library.QFileDialog, name, lambda *_, **__: (str(path), ""))
        monkeypatch.setattr(library.QFileDialog, "getExistingDirectory", lambda *_: str(path))

    return answer


def open_panel(qtbot: QtBot, window: MainWindow) -> ModelsDialog:
    window.actions_["model.choose"].trigger()
    dialog = window.findChild(ModelsDialog)
    assert isinstance(dialog, ModelsDialog)
    qtbot.waitExposed(dialog)
    return dialog


def row_of(dialog: ModelsDialog, name: str) -> dict[str, str]:
    for row in range(dialog.table.rowCount()):
        cells = [dialog.table.item(row, column).text() for column in range(len(HEADERS))]
        if cells[0].startswith(name):
            dialog.table.selectRow(row)
            return dict(zip(HEADERS, cells, strict=True))
    raise AssertionError(f"{name} is not listed")


def names(dialog: ModelsDialog) -> list[str]:
    return [dialog.table.item(row, 0).text() for row in range(dialog.table.rowCount())]


def test_a_model_is_chosen_in_the_panel_and_remembered(
    qtbot: QtBot, window: MainWindow, mine: InstalledModel, tmp_path: Path
) -> None:
    assert window.models.weights == DEFAULT_WEIGHTS
    dialog = open_panel(qtbot, window)
    assert not dialog.use.isEnabled()
    row_of(dialog, "mine")
    click(qtbot, dialog.use)
    assert window.models.weights == mine.path
    assert window.models.active is not None
    assert "mine" in window.status.model.text()
    assert "mine (in use)" in names(dialog)
    stored = SettingsStore(tmp_path / "config" / "settings.toml").values
    assert (stored.weights, stored.weights_before) == (str(mine.path), ("",))


def test_the_keyboard_reaches_the_choice(
    qtbot: QtBot, window: MainWindow, mine: InstalledModel
) -> None:
    dialog = open_panel(qtbot, window)
    dialog.table.setFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    assert window.models.weights == mine.path
    assert dialog.isVisible()


def test_rolling_back_goes_step_by_step(
    qtbot: QtBot, window: MainWindow, mine: InstalledModel, workspace: Workspace
) -> None:
    other = put_model(workspace.folder / "models", "other")
    gone = put_model(workspace.folder / "models", "gone")
    for model in (mine, gone, other):
        window.models.use(model)
    gone.path.unlink()
    dialog = open_panel(qtbot, window)
    assert "mine 1" in dialog.roll_back.toolTip()
    click(qtbot, dialog.roll_back)
    assert window.models.weights == mine.path
    window.actions_["model.roll_back"].trigger()
    assert window.models.weights == DEFAULT_WEIGHTS
    assert not dialog.roll_back.isEnabled()
    window.models.roll_back()
    assert "No other model" in window.centre.notices.text


def test_the_menu_offers_to_roll_back_only_where_there_is_something(
    window: MainWindow, mine: InstalledModel
) -> None:
    action = window.actions_["model.roll_back"]
    menu = next(a.menu() for a in window.menuBar().actions() if a.text() == "M&odel")
    assert isinstance(menu, QMenu)
    assert menu.toolTipsVisible()
    assert not action.isEnabled()
    assert action.toolTip() == "Roll back model: no other model was used before"
    window.models.use(mine)
    assert action.isEnabled()
    assert action.toolTip() == "Go back to the model used before"
    action.trigger()
    assert window.models.weights == DEFAULT_WEIGHTS
    assert not action.isEnabled()


def test_a_deleted_model_cannot_be_rolled_back_to(
    window: MainWindow, mine: InstalledModel, workspace: Workspace
) -> None:
    window.models.use(mine)
    window.models.use(put_model(workspace.folder / "models", "other"))
    action = window.actions_["model.roll_back"]
    window._settings.change(replace(window._settings.values, weights_before=(str(mine.path),)))
    assert action.isEnabled()
    mine.path.unlink()
    menu = next(a.menu() for a in window.menuBar().actions() if a.text() == "M&odel")
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    assert not action.isEnabled()


def test_the_menu_lists_the_models_and_marks_the_one_in_use(
    window: MainWindow, mine: InstalledModel
) -> None:
    menu = next(a.menu() for a in window.menuBar().actions() if a.text() == "M&odel")
    for checked in (False, True):
        menu.aboutToShow.emit()
        line = next(action for action in menu.actions() if action.text() == "mine 1")
        assert line.isChecked() is checked
        line.trigger()


def test_weights_of_a_training_are_no_model_until_they_are_installed(
    window: MainWindow, workspace: Workspace
) -> None:
    put_model(workspace.folder / "training" / "run", "trained")
    put_model(workspace.folder / "models" / "older-run", "older")
    window.models.refresh()
    assert [model.name for model in window.models.models] == ["compact", "separation"]


def test_weights_that_went_away_give_way_to_the_bundled_ones(
    window: MainWindow, mine: InstalledModel
) -> None:
    window.models.use(mine)
    mine.path.unlink()
    assert window.models.weights == DEFAULT_WEIGHTS


def test_weights_chosen_where_they_were_trained_stay_listed(
    window: MainWindow, workspace: Workspace
) -> None:
    older = put_model(workspace.folder / "models" / "older-run", "older")
    window.models.use(older)
    assert window.models.active == older


def test_what_was_measured_is_shown_and_what_not_is_a_dash(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    put_model(
        workspace.folder / "models",
        "mine",
        data="cells.zip: 40 cells, 1840 chromosomes",
        split="by case, fold 2 of 5 held out (8 cells)",
        metrics={"type": {"acc_per_case_assigned": 0.991}, "seconds_per_cell": 0.61},
        config={"classifier": "resnet"},
    )
    row = row_of(open_panel(qtbot, window), "mine")
    assert row["Assigned"] == "99.1 %"
    assert row["Type"] == row["Polarity"] == "–"
    assert (row["s / cell"], row["Held out"]) == ("0.61", "fold 2")
    assert (row["Network"], row["Training data"]) == ("compact, resnet", "cells.zip")


def test_the_card_shows_everything_and_the_history_is_drawn(
    qtbot: QtBot, window: MainWindow, workspace: Workspace
) -> None:
    model = put_model(
        workspace.folder / "models",
        "mine",
        metrics={"type": {"acc": 0.9876}, "val_loss": 0.149},
        settings={"epochs": {"g_net": 3}, "ema": 0.998},
        config={"canvas": [192, 96], "scale_per_cell": True},
        calibration={"temperature": 1.25},
        history=HISTORY,
        note=None,
    )
    sections = {
        heading: {label: value for label, value, _ in lines}
        for heading, lines in card_sections(model)
    }
    assert list(sections) == ["About", "Figures", "Calibration", "Training", "Network"]
    assert sections["Figures"] == {"Type, network alone": "98.76 %", "Loss, held out": "0.149"}
    assert sections["Training"] == {"Epochs: g net": "3", "Ema": "0.998"}
    assert sections["Network"] == {"Canvas": "192 × 96", "Scale per cell": "yes"}
    assert sections["About"]["Checksum (sha256)"] == model.sha256
    dialog = open_panel(qtbot, window)
    row_of(dialog, "mine")
    assert dialog.curves.points["loss"] == ([1, 2], [2.0, 1.0])
    assert dialog.card.topLevelItemCount() == 5
    assert not dialog.no_curves.isVisible()


def test_a_file_is_imported_but_not_yet_used(
    qtbot: QtBot,
    window: MainWindow,
    accepting: None,
    chosen_file: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    chosen_file(put_model(tmp_path / "from", "new").path)
    dialog = open_panel(qtbot, window)
    with qtbot.waitSignal(window.models.library.installed, timeout=20_000):
        click(qtbot, dialog.import_)
    assert "new" in names(dialog)
    assert dialog.chosen is not None
    assert dialog.chosen.name == "new"
    assert "was installed" in dialog.notice.text()
    told = [entry.act for entry in window._workspace.record.trail(None)]
    assert "model installed" in told
    assert window.models.weights == DEFAULT_WEIGHTS


def test_a_file_that_is_refused_is_told_in_one_sentence(
    qtbot: QtBot, window: MainWindow, chosen_file: Callable[[Path], None], tmp_path: Path
) -> None:
    def refuse(weights: Path, monitor: Monitor) -> None:
        raise KaryoError("It is another network.")

    window.models.library._check = refuse
    chosen_file(put_model(tmp_path / "from", "new").path)
    dialog = open_panel(qtbot, window)
    with answering(qtbot, lambda box: press(qtbot, box, "Close")) as told:
        click(qtbot, dialog.import_)
        qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == ["It is another network."]
    assert names(dialog) == ["compact (in use)", "separation (in use)"]
    assert dialog.notice.text() == "Nothing was installed."


def test_a_taken_name_is_asked_for_anew(
    qtbot: QtBot,
    window: MainWindow,
    mine: InstalledModel,
    accepting: None,
    chosen_file: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    source = put_model(tmp_path / "from", "other", name="mine")
    chosen_file(source.path)
    dialog = open_panel(qtbot, window)

    def answer(box: QInputDialog) -> None:
        assert box.textValue() == "mine-2"
        box.accept()

    with (
        qtbot.waitSignal(window.models.library.installed, timeout=20_000),
        answering(qtbot, answer),
    ):
        click(qtbot, dialog.import_)
    assert names(dialog) == ["compact (in use)", "mine", "mine-2", "separation (in use)"]


@pytest.mark.parametrize(
    ("how", "target", "written"),
    [
        ("One zip…", "out.zip", ["out.zip"]),
        ("Two files…", ".", ["mine.json", "mine.safetensors"]),
    ],
)
def test_a_model_is_exported(
    qtbot: QtBot,
    window: MainWindow,
    mine: InstalledModel,
    chosen_file: Callable[[Path], None],
    tmp_path: Path,
    how: str,
    target: str,
    written: list[str],
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    chosen_file(out / target)
    dialog = open_panel(qtbot, window)
    row_of(dialog, "mine")

    def answer(box: QMessageBox) -> None:
        press(qtbot, box, how)

    with (
        qtbot.waitSignal(window.models.library.library_changed, timeout=20_000),
        answering(qtbot, answer),
    ):
        click(qtbot, dialog.export)
    assert sorted(path.name for path in out.iterdir()) == written
    assert "was exported" in dialog.notice.text()


def test_an_own_model_is_deleted_and_brought_back(
    qtbot: QtBot, window: MainWindow, mine: InstalledModel
) -> None:
    dialog = open_panel(qtbot, window)
    assert not dialog.delete.isEnabled()  # the bundled one
    row_of(dialog, "mine")
    click(qtbot, dialog.delete)
    assert names(dialog) == ["compact (in use)", "separation (in use)"]
    click(qtbot, dialog.undo)
    assert names(dialog) == ["compact (in use)", "mine", "separation (in use)"]
    assert mine.path.is_file()
    row_of(dialog, "mine")
    click(qtbot, dialog.use)
    assert not dialog.delete.isEnabled()
    assert "in use" in dialog.delete.toolTip()


def test_without_models_it_says_what_to_do(qtbot: QtBot, look: None) -> None:
    dialog = ModelsDialog(None)
    qtbot.addWidget(dialog)
    dialog.set_models((), ())
    assert not dialog.use.isEnabled()
    assert dialog._pages.currentIndex() == 1


def test_the_mark_follows_the_theme(qtbot: QtBot, window: MainWindow, mine: InstalledModel) -> None:
    dialog = open_panel(qtbot, window)
    window.actions_["view.theme"].trigger()
    assert theme.current() is theme.DARK

    def red() -> int:
        picture = dialog.table.item(0, 0).icon().pixmap(16, 16).toImage()
        pixels = [picture.pixelColor(x, y) for x in range(16) for y in range(16)]
        return max(pixels, key=lambda pixel: pixel.alpha()).red()

    # Where lines are smoothed the colour is rounded.
    qtbot.waitUntil(lambda: abs(red() - QColor(theme.DARK.accent).red()) <= 2)
