"""Regions in the window: drawn with mouse or keys, opened and analysed, taken back."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.services.progress import Monitor
from karyogui.ui.metaphase import texts
from tests.unit.ui.metaphase.cells import QUALITY, chromosomes_of
from tests.unit.ui.metaphase.conftest import LEFT, NO_KEY, SHIFT, Desk
from tests.unit.ui.metaphase.readers import OBJECTS


@pytest.fixture
def any_size(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk with a reader that finds in smaller pictures what fits into them."""

    def analyse(request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        assert request.metaphase is not None
        height, width = request.metaphase.pixels.shape
        seen = tuple(
            o
            for o in OBJECTS
            if o.origin[0] + o.mask.shape[1] <= width and o.origin[1] + o.mask.shape[0] <= height
        )
        chromosomes = chromosomes_of(request.metaphase.pixels, seen)
        return AnalysisResult(
            request.cell_id, chromosomes, desk.reader.model(), 1.0, separated=seen, quality=QUALITY
        )

    monkeypatch.setattr(desk.reader, "analyse", analyse)
    return desk


def draw(desk: Desk, *points: tuple[float, float], keys: Qt.KeyboardModifier = NO_KEY) -> None:
    viewport, places = desk.view.viewport(), [desk.view.mapFromScene(QPointF(*p)) for p in points]
    desk.qtbot.mousePress(viewport, LEFT, keys, places[0])
    for place in places[1:]:
        desk.qtbot.mouseMove(viewport, place)
        QApplication.processEvents()
    desk.qtbot.mouseRelease(viewport, LEFT, keys, places[-1])


def lasso(desk: Desk) -> None:
    draw(desk, (4, 4), (320, 4), (320, 500), (4, 500), (4, 8))


def rectangle(desk: Desk) -> None:
    draw(desk, (4, 4), (100, 90), (320, 500), keys=SHIFT)


def cell_names(desk: Desk) -> list[str]:
    summaries = desk.window.cases.summaries
    return [cell.name for case in summaries for cell in case.cells if not cell.is_excluded]


def wait_for_cells(desk: Desk, *names: str) -> None:
    """The list is worked out beside the window."""
    desk.qtbot.waitUntil(lambda: cell_names(desk) == list(names), timeout=15_000)


@pytest.mark.parametrize("way", [lasso, rectangle])
def test_a_region_is_opened_and_analysed_as_a_cell_of_its_own(
    any_size: Desk, way: Callable[[Desk], None]
) -> None:
    desk = any_size
    own = desk.stored
    desk.window.actions_["metaphase.region"].trigger()
    assert desk.view.tool.id == "region"
    way(desk)
    desk.qtbot.waitUntil(lambda: desk.stored.id != own.id, timeout=15_000)
    desk.settle()
    assert desk.stored.name == f"{own.name}, region"
    assert desk.stored.is_analysed
    assert desk.view.tool.id == "select"
    wait_for_cells(desk, own.name, f"{own.name}, region")


def test_a_picture_is_divided_and_undo_lets_its_own_cell_count_again(any_size: Desk) -> None:
    desk = any_size
    own = desk.stored
    notices = []
    desk.window.regions.notice_raised.connect(notices.append)
    desk.window.actions_["metaphase.divide"].trigger()
    rectangle(desk)
    desk.qtbot.waitUntil(lambda: desk.stored.id != own.id, timeout=15_000)
    desk.settle()
    wait_for_cells(desk, f"{own.name}, part 1", f"{own.name}, part 2")
    (notice,) = notices
    ((word, undo),) = notice.actions
    assert word == "Undo"
    undo()
    wait_for_cells(desk, own.name)
    assert desk.stored.id == own.id
    desk.assert_in_step()  # with all that was done to it


def test_undoing_a_region_of_an_excluded_cell_leaves_it_excluded(any_size: Desk) -> None:
    desk, library = any_size, any_size.window._workspace.library
    own, bar = desk.stored, desk.window.centre.notices
    library.exclude([own.id], "smeared", "Ann")
    desk.window.open_cell.take(library.cell(own.id))
    desk.window.actions_["metaphase.region"].trigger()
    lasso(desk)
    desk.qtbot.waitUntil(lambda: desk.stored.id != own.id, timeout=15_000)
    made = desk.stored.id
    desk.settle()
    desk.qtbot.mouseClick(bar._buttons[0], LEFT)
    assert desk.stored.id == own.id
    assert [library.cell(i).is_excluded for i in (own.id, made)] == [True, True]


def test_a_region_that_holds_nothing_is_one_sentence(any_size: Desk) -> None:
    desk = any_size
    said: list[str] = []
    desk.view.hint_changed.connect(said.append)
    desk.window.actions_["metaphase.region"].trigger()
    draw(desk, (200, 220), (204, 224), (201, 222))
    desk.qtbot.waitUntil(lambda: "This region is too small" in said[-1], timeout=15_000)
    draw(desk, (2, 2), (36, 36), keys=SHIFT)
    desk.qtbot.waitUntil(lambda: said[-1].startswith("Nothing in this region"), timeout=15_000)
    assert len(cell_names(desk)) == 1
    assert desk.view.tool.id == "region"


def test_two_corners_set_by_keys_are_a_rectangle(any_size: Desk) -> None:
    desk = any_size
    own = desk.stored
    desk.window.actions_["metaphase.region"].trigger()
    for key, times in ((Qt.Key.Key_Left, 60), (Qt.Key.Key_Up, 60)):
        for _ in range(times):
            desk.key(key)
    desk.key(Qt.Key.Key_Space)
    for key, times in ((Qt.Key.Key_Right, 40), (Qt.Key.Key_Down, 200)):
        for _ in range(times):
            desk.key(key)
    desk.key(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.stored.id != own.id, timeout=15_000)
    desk.settle()
    assert desk.stored.name == f"{own.name}, region"


def test_of_many_objects_the_line_over_the_picture_says_what_to_do() -> None:
    both = replace(
        QUALITY,
        objects=92,
        worth=False,
        reason="92 objects were found: two cells may lie in the picture.",
    )
    told = "92 objects: are there two cells in the picture? The Metaphase menu divides it."
    assert texts.verdict(both) == told
    assert "divides" not in texts.verdict(QUALITY)
