"""Large pictures are opened and enhanced in the background, and only the latest one counts."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.domain.recipe import Recipe
from karyogui.services.analysis import AnalysisService
from karyogui.services.enhancement import enhance
from karyogui.services.progress import Monitor
from karyogui.services.workspace import Workspace
from karyogui.ui.main_window import MainWindow
from karyogui.ui.metaphase import controller, items, picture, texts
from karyogui.ui.metaphase.picture import ShownPicture
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.workers.latest import LatestTask
from tests.unit.ui.metaphase.test_window import (
    PIXELS,
    KnowingAnalyser,
    analysed,
    import_photograph,
)
from tests.unit.ui.windows import make_cell, open_window


class Reading:
    """Reads photographs once it is let; keeps which cells were asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.asked = Event(), list[int]()
        self.go.set()
        read = AnalysisService.photograph

        def photograph(service: AnalysisService, cell_id: int) -> Any:
            self.asked.append(cell_id)
            self.go.wait(10)
            return read(service, cell_id)

        monkeypatch.setattr(AnalysisService, "photograph", photograph)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reading]:
    """Every picture counts as large."""
    monkeypatch.setattr(controller, "AT_ONCE", 1000)
    monkeypatch.setattr(picture, "AT_ONCE", 1000)
    made = Reading(monkeypatch)
    yield made
    made.go.set()


@pytest.fixture
def window(
    qtbot: QtBot, look: None, workspace: Workspace, tmp_path: Path, reading: Reading
) -> Iterator[MainWindow]:
    with open_window(qtbot, workspace, tmp_path / "config", KnowingAnalyser()) as opened:
        yield opened
        reading.go.set()


def wait_for_picture(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.metaphase.panel.scene.is_empty, timeout=15_000)


def test_the_window_goes_on_while_a_large_picture_is_read(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, reading: Reading
) -> None:
    panel = window.metaphase.panel
    reading.go.clear()
    import_photograph(qtbot, window, tmp_path, analyse=False)
    assert panel.scene.is_empty
    assert panel.has_picture
    assert panel.hint.text() == texts.OPENING
    window.open_cell.analyse()
    qtbot.waitUntil(lambda: window.board.karyogram is not None, timeout=15_000)
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    window.board.select(("c03",))
    assert panel.scene.is_empty
    reading.go.set()
    wait_for_picture(qtbot, window)
    # What has happened meanwhile is shown, and nothing of it was missed.
    assert np.array_equal(panel.picture.enhanced, PIXELS)
    assert set(panel.scene.objects) == {o.id for o in window.open_cell.cell.objects}  # type: ignore[union-attr]
    assert panel.selection == ("c03",)
    assert panel.scene.labels["c01"] == "1"
    assert panel.hint.text() == ""


def test_nothing_of_a_large_picture_is_made_in_the_windows_thread(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its halves nor its outlines, when it is opened and when its recipe is applied."""
    analysed(qtbot, window, tmp_path)
    wait_for_picture(qtbot, window)
    cell = window.open_cell.cell
    assert cell is not None
    recipe = Recipe(flatten=True)
    window.metaphase.change_recipe(recipe)
    window.open_cell.close()
    by_window, by_others = list[str](), set[str]()
    for place, name in ((items, "outlines"), (picture, "outlines"), (picture, "halves")):
        work = getattr(place, name)

        def told(*args: Any, work: Any = work, name: str = name) -> Any:
            if current_thread() is main_thread():
                by_window.append(name)
            else:
                by_others.add(name)
            return work(*args)

        monkeypatch.setattr(place, name, told)
    window.open_cell.open(cell.id)
    panel, expected = window.metaphase.panel, enhance(PIXELS, recipe)
    qtbot.waitUntil(lambda: np.array_equal(panel.picture.enhanced, expected), timeout=15_000)
    assert set(panel.scene.objects) == {o.id for o in cell.objects}
    assert by_window == []
    assert by_others == {"outlines", "halves"}


def test_a_cell_that_was_left_meanwhile_is_not_shown(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, reading: Reading
) -> None:
    reading.go.clear()
    import_photograph(qtbot, window, tmp_path, analyse=False)
    window.cases.import_paths([make_cell(tmp_path / "24-0200")])
    qtbot.waitUntil(lambda: not window.jobs.is_busy, timeout=15_000)
    cut_outs = window.open_cell.cell
    assert cut_outs is not None
    assert not cut_outs.has_photograph
    reading.go.set()
    qtbot.waitUntil(lambda: not window.metaphase._opening.is_busy, timeout=15_000)
    panel = window.metaphase.panel
    assert panel.scene.is_empty
    assert not panel.has_picture
    assert panel.cell is not None
    assert panel.cell.id == cut_outs.id


def test_a_missing_large_picture_is_told_in_its_place(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, reading: Reading, workspace: Workspace
) -> None:
    reading.go.clear()
    import_photograph(qtbot, window, tmp_path, analyse=False)
    cell = window.open_cell.cell
    assert cell is not None
    for stored in (workspace.folder / "pictures").rglob(f"*{cell.pictures[0].key}*"):
        stored.unlink()
    reading.go.set()
    panel = window.metaphase.panel
    window.show_metaphase()
    qtbot.waitUntil(panel.empty.isVisible, timeout=15_000)
    assert "is missing" in panel.empty._text.text()


def test_the_window_closes_while_a_picture_is_read(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, reading: Reading
) -> None:
    import_photograph(qtbot, window, tmp_path, analyse=False)
    wait_for_picture(qtbot, window)
    window.close()
    assert not window.metaphase._opening.is_busy


def test_a_recipe_of_a_large_picture_is_recorded_and_shown(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    analysed(qtbot, window, tmp_path)
    wait_for_picture(qtbot, window)
    panel, recipe = window.metaphase.panel, Recipe(flatten=True)
    window.metaphase.change_recipe(recipe)
    expected = enhance(PIXELS, recipe)
    qtbot.waitUntil(lambda: np.array_equal(panel.picture.enhanced, expected), timeout=15_000)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: np.array_equal(panel.picture.enhanced, PIXELS), timeout=15_000)


def test_an_enhancement_of_the_picture_before_is_never_shown(
    qtbot: QtBot, reading: Reading
) -> None:
    shown, other = ShownPicture(MetaphaseScene()), np.ascontiguousarray(PIXELS[::-1])
    seen: list[Any] = []
    shown.set_raw(PIXELS)
    shown.set_recipe(Recipe(flatten=True))
    qtbot.waitUntil(lambda: shown._making.is_busy)
    shown.enhanced_changed.connect(seen.append)
    shown.set_raw(other)
    expected = enhance(other, Recipe(flatten=True))
    qtbot.waitUntil(lambda: np.array_equal(shown.enhanced, expected), timeout=15_000)
    assert np.array_equal(seen[0], other)
    assert all(np.array_equal(each, expected) for each in seen[1:])
    shown.shut_down()


def test_of_many_wishes_the_first_and_the_last_are_fulfilled(qtbot: QtBot) -> None:
    latest, go, done = LatestTask(), Event(), list[int]()

    def work(number: int) -> int:
        go.wait(10)
        return number

    for number in range(5):
        latest.run(lambda _, number=number: work(number), done.append)  # type: ignore[misc]
    go.set()
    qtbot.waitUntil(lambda: not latest.is_busy)
    assert done == [0, 4]


def test_an_error_reaches_who_asked_and_the_next_wish_follows(qtbot: QtBot) -> None:
    latest, errors, done = LatestTask(), list[Exception](), list[int]()

    def fail(_: Monitor) -> int:
        raise ValueError("no")

    latest.run(fail, done.append, errors.append)
    latest.run(lambda _: 7, done.append)
    qtbot.waitUntil(lambda: not latest.is_busy)
    assert [str(error) for error in errors] == ["no"]
    assert done == [7]
