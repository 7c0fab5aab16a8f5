"""From a photograph to outlines beside the karyogram, with mouse and keys."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult, ModelIdentity
from karyogui.domain.recipe import Recipe
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor
from karyogui.services.workspace import Workspace
from karyogui.ui import theme
from karyogui.ui.centre import CASES_PAGE, KARYOGRAM_PAGE, METAPHASE_PAGE
from karyogui.ui.main_window import MainWindow
from tests.unit.ui.metaphase.cells import QUALITY, chromosomes_of
from tests.unit.ui.metaphase.generated import Grey, generated_metaphase
from tests.unit.ui.metaphase.test_view import middle
from tests.unit.ui.windows import NamesAnalyser, answering, make_cell, open_window

LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
PIXELS, OBJECTS = generated_metaphase()


class KnowingAnalyser:
    """Knows the generated metaphase; reads cut-outs by their names. Keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[Grey] = []

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        if request.metaphase is None:
            return NamesAnalyser().analyse(request, monitor)
        self.given.append(request.metaphase.enhanced)
        objects = chromosomes_of(request.metaphase.pixels, OBJECTS)
        model = ModelIdentity("fake", "1.0", "0123456789ab")
        return AnalysisResult(
            request.cell_id,
            tuple(objects),
            model,
            1.0,
            separated=OBJECTS,
            quality=QUALITY,
            check=(),
        )


@pytest.fixture
def analyser() -> KnowingAnalyser:
    return KnowingAnalyser()


@pytest.fixture
def window(
    qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path, analyser: KnowingAnalyser
) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config", analyser) as opened:
        opened.resize(1280, 800)
        yield opened


def import_photograph(qtbot: QtBot, window: MainWindow, folder: Path, analyse: bool) -> None:
    """Drop a photograph on the window and open it."""
    path = folder / "24-0173" / "metaphase 1.png"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(cv2.imencode(".png", PIXELS)[1].tobytes())
    settings = window._settings
    settings.change(replace(settings.values, analyse_after_import=analyse))
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, mime, LEFT, NO_KEY, QDropEvent.Type.Drop
    )
    window.dropEvent(event)
    qtbot.waitUntil(lambda: window.open_cell.cell is not None, timeout=15_000)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)


def analysed(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    import_photograph(qtbot, window, folder, analyse=False)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: bool(window.metaphase.panel.scene.objects), timeout=15_000)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)


def test_a_new_photograph_is_shown_first_and_f5_brings_the_outlines(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    import_photograph(qtbot, window, tmp_path, analyse=False)
    panel = window.metaphase.panel
    assert window.centre.page == METAPHASE_PAGE
    assert panel.quality.verdict.text() == "Press F5 to separate and analyse."
    assert np.array_equal(panel.picture.enhanced, PIXELS)
    qtbot.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: bool(panel.scene.objects), timeout=15_000)
    assert window.centre.page == METAPHASE_PAGE
    assert panel.quality.verdict.text().startswith("Worth karyotyping")
    assert panel.scene.labels["c01"] == "1"
    window.show_cases()
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    assert window.open_cell.cell is not None
    window.open_cell_page(window.open_cell.cell.id)
    assert window.centre.page == KARYOGRAM_PAGE


def test_ctrl_tab_changes_between_the_two_and_ctrl_numbers_choose(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    analysed(qtbot, window, tmp_path)
    panel, board = window.metaphase.panel, window.board
    window.show_metaphase()
    qtbot.keyClick(panel.view, Qt.Key.Key_Tab, CONTROL)
    assert window.centre.page == KARYOGRAM_PAGE
    assert board.isVisible()
    assert not panel.isVisible()
    qtbot.keyClick(board.view, Qt.Key.Key_Tab, CONTROL)
    assert window.centre.page == METAPHASE_PAGE
    assert panel.isVisible()
    assert not board.isVisible()
    for key, page in (
        (Qt.Key.Key_3, KARYOGRAM_PAGE),
        (Qt.Key.Key_1, CASES_PAGE),
        (Qt.Key.Key_2, METAPHASE_PAGE),
    ):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.centre.page == page


def test_side_by_side_links_the_selection_and_the_tab_follows_the_keys(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    analysed(qtbot, window, tmp_path)
    panel, board = window.metaphase.panel, window.board
    window.show_metaphase()
    qtbot.keyClick(window, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: panel.isVisible() and board.isVisible())
    assert window.actions_["view.side_by_side"].isChecked()
    qtbot.mouseClick(panel.view.viewport(), LEFT, NO_KEY, middle(panel.view, "c10"))
    assert board.selection == ("c10",)
    # The board is laid out for its half of the window in its own time.
    qtbot.waitUntil(lambda: board.view.width() < window.centre.width() * 0.6)
    QApplication.processEvents()
    board.view.board_scene.finish_glide()
    spot = board.view.board_scene.board.spots["c20"]
    at = board.view.mapFromScene(spot.centre_x, spot.centre_y)
    qtbot.mouseClick(board.view.viewport(), LEFT, NO_KEY, at)
    assert panel.selection == ("c20",)
    qtbot.waitUntil(lambda: window.centre.page == KARYOGRAM_PAGE)
    assert panel.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F4)
    assert not panel.isVisible()


def test_moving_on_the_board_renames_in_the_metaphase(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    analysed(qtbot, window, tmp_path)
    panel = window.metaphase.panel
    window.show_metaphase()
    qtbot.mouseClick(panel.view.viewport(), LEFT, NO_KEY, middle(panel.view, "c10"))
    qtbot.keyClick(panel.view, Qt.Key.Key_Tab, CONTROL)
    qtbot.keyClick(window.board.view, Qt.Key.Key_7)
    assert panel.scene.labels["c10"] == "7"
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert panel.scene.labels["c10"] == "5"


def test_an_applied_recipe_is_stored_undone_and_given_to_the_analysis(
    qtbot: QtBot,
    window: MainWindow,
    workspace: Workspace,
    tmp_path: Path,
    analyser: KnowingAnalyser,
) -> None:
    analysed(qtbot, window, tmp_path)
    cell = window.open_cell.cell
    assert cell is not None
    window.show_metaphase()
    qtbot.keyClick(window, Qt.Key.Key_F8)
    form = window.metaphase.panel.strip.recipe
    qtbot.waitUntil(form.isVisible)
    form.flatten.setFocus()
    qtbot.keyClick(form.flatten, Qt.Key.Key_Space)
    qtbot.mouseClick(form.apply, LEFT)
    assert workspace.library.cell(cell.id).recipe == Recipe(flatten=True)
    assert window.open_cell.cell is not None
    assert window.open_cell.cell.recipe == Recipe(flatten=True)
    assert not form.apply.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert workspace.library.cell(cell.id).recipe in (None, Recipe())
    assert not form.flatten.isChecked()
    qtbot.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert workspace.library.cell(cell.id).recipe == Recipe(flatten=True)
    window.sittings.recorder.stop()
    (sitting,) = workspace.library.cell(cell.id).sittings
    kinds = (ActionKind.ENHANCE, ActionKind.UNDO, ActionKind.REDO)
    assert sitting.actions == dict.fromkeys(kinds, 1)
    window.open_cell.analyse()
    qtbot.waitUntil(lambda: len(analyser.given) == 2, timeout=15_000)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    assert np.array_equal(analyser.given[0], PIXELS)
    assert not np.array_equal(analyser.given[1], PIXELS)


def test_a_recipe_that_cannot_be_kept_is_told_and_the_history_stays_true(
    qtbot: QtBot,
    window: MainWindow,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    analysed(qtbot, window, tmp_path)
    cell = window.open_cell.cell
    assert cell is not None
    window.show_metaphase()
    window.metaphase.change_recipe(Recipe(gamma=1.5))
    assert window.board.undo_stack.canUndo()

    def refuse(*_args: object) -> None:
        raise KaryoError("The disk is full.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(type(workspace.repairs), "set_recipe", refuse)
        with answering(qtbot, lambda box: box.reject()) as said:
            window.open_cell.undo()
        assert "disk is full" in said[0]
    assert workspace.library.cell(cell.id).recipe == Recipe(gamma=1.5)
    assert window.board.undo_stack.canUndo()
    assert not window.board.undo_stack.canRedo()
    window.open_cell.undo()
    assert workspace.library.cell(cell.id).recipe is None
    assert window.board.undo_stack.canRedo()


def test_a_signed_off_cell_keeps_its_recipe(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, tmp_path: Path
) -> None:
    analysed(qtbot, window, tmp_path)
    cell = window.open_cell.cell
    assert cell is not None
    workspace.reviews.sign_off(cell.id, "Lab")
    with answering(qtbot, lambda box: box.reject()) as said:
        window.metaphase.change_recipe(Recipe(flatten=True))
    assert "signed off" in said[0]
    assert workspace.library.cell(cell.id).recipe is None
    assert not window.board.undo_stack.canUndo()


def test_a_missing_picture_is_told_in_its_place(
    qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path, analyser: KnowingAnalyser
) -> None:
    with open_window(qtbot, workspace, tmp_path / "config", analyser) as window:
        analysed(qtbot, window, tmp_path)
        cell = window.open_cell.cell
    assert cell is not None
    for stored in (workspace.folder / "pictures").rglob(f"*{cell.pictures[0].key}*"):
        stored.unlink()
    with open_window(qtbot, workspace, tmp_path / "config", analyser) as again:
        panel = again.metaphase.panel
        assert again.open_cell.cell is not None
        again.show_metaphase()
        assert panel.empty.isVisible()
        assert "is missing" in panel.empty._text.text()


def test_what_is_shown_is_remembered(
    qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path, analyser: KnowingAnalyser
) -> None:
    config = tmp_path / "config"
    with open_window(qtbot, workspace, config, analyser) as window:
        analysed(qtbot, window, tmp_path)
        window.show_metaphase()
        for key in (Qt.Key.Key_F6, Qt.Key.Key_F7, Qt.Key.Key_F8, Qt.Key.Key_F4):
            qtbot.keyClick(window, key)
    with open_window(qtbot, workspace, config, analyser) as again:
        panel = again.metaphase.panel
        assert again.centre.page == METAPHASE_PAGE
        assert again.centre.is_side_by_side
        assert not panel.labels_are_shown
        assert not panel.rejected_are_shown
        assert panel.strip_is_shown
        assert not again.actions_["metaphase.labels"].isChecked()
        assert panel.scene.objects


def test_cut_outs_have_no_metaphase_and_say_so(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.cases.import_paths([make_cell(tmp_path / "24-0200")])
    qtbot.waitUntil(lambda: window.open_cell.cell is not None, timeout=15_000)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    assert window.centre.page == KARYOGRAM_PAGE
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.metaphase.panel.empty.isVisible()
    assert not window.actions_["view.side_by_side"].isEnabled()
    assert not window.actions_["metaphase.labels"].isEnabled()


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_the_picture_is_the_same_in_both_themes(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, chosen: str
) -> None:
    analysed(qtbot, window, tmp_path)
    window.show_metaphase()
    if theme.current().name != chosen:
        window.toggle_theme()
    QApplication.processEvents()
    view = window.metaphase.panel.view
    image = view.grab().toImage()
    corner = image.pixelColor(3, 3).name()
    assert corner == window.metaphase.panel.scene.colours.canvas
    at = view.mapFromScene(QPointF(20, 20))
    assert abs(image.pixelColor(at).lightness() - int(PIXELS[20, 20])) < 12
