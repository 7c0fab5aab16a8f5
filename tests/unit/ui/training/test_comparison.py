"""Comparisons: the table, the verdict in words, and what it takes to install a worse model."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from karyogui.errors import KaryoError
from karyogui.services.model_comparison import Comparison, Figure, Plan
from karyogui.services.models import InstalledModel
from karyogui.services.progress import Monitor, Progress
from karyogui.ui.training.compare_dialog import CompareDialog
from karyogui.ui.training.compare_run import (
    CompareRun,
    ComparisonView,
    difference_text,
    verdict_text,
)
from karyogui.ui.training.install_dialog import InstallDialog
from karyogui.workers.model_comparing import ComparisonRequest
from karyogui.workers.task import Task
from tests.unit.ui.training.models import comparison, put_model

Compare = Callable[[ComparisonRequest, Monitor], Comparison]


@pytest.fixture
def models(tmp_path: Path) -> tuple[InstalledModel, InstalledModel]:
    return put_model(tmp_path, "old"), put_model(tmp_path, "new")


def start(task: Task, title: str) -> None:
    task.start()


def make_run(compare: Compare) -> CompareRun:
    return CompareRun(compare, start)


def test_differences_have_a_mark_and_a_sign() -> None:
    higher = Figure("a", "A", 0.90, 0.95)
    assert difference_text(higher) == "▲ +5.00"
    assert difference_text(replace(higher, second=0.85)) == "▼ −5.00"
    assert difference_text(replace(higher, second=0.90)) == "the same"
    assert difference_text(replace(higher, second=0.900001)) == "under 0.01"
    assert difference_text(replace(higher, second=None)) == "–"
    seconds = Figure("s", "S", 1.0, 0.5, is_share=False, higher_is_better=False)
    assert difference_text(seconds) == "▲ −0.50"


def test_the_table_and_the_words(
    qtbot: QtBot, look: None, models: tuple[InstalledModel, InstalledModel]
) -> None:
    view = ComparisonView()
    qtbot.addWidget(view)
    view.show_comparison(comparison(*models))
    texts = [view.table.item(0, column).text() for column in range(4)]
    assert texts == ["Type, after assignment", "99.00 %", "98.00 %", "▼ −1.00"]
    assert view.verdict.text() == "“new” is worse than “old”: lower in type after assignment."
    assert view.remark.toolTip() == "case-1"
    assert "with old alone: 1" in view.cells.text()


def test_a_verdict_for_each_case(models: tuple[InstalledModel, InstalledModel]) -> None:
    assert "is better" in verdict_text(comparison(*models, assigned=(0.98, 0.99)))
    assert "as good as" in verdict_text(comparison(*models, assigned=(0.98, 0.98)))
    assert "cannot be compared" in verdict_text(comparison(*models, fair=False))


@pytest.fixture
def make_install(
    qtbot: QtBot, look: None, models: tuple[InstalledModel, InstalledModel]
) -> Callable[[Compare], InstallDialog]:
    def make(compare: Compare) -> InstallDialog:
        dialog = InstallDialog(None, models[1], make_run(compare))
        qtbot.addWidget(dialog)
        dialog.show()
        with qtbot.waitSignal(dialog.compared, timeout=20_000):
            dialog.compare(ComparisonRequest(*models, Path("cells.zip")))
            assert not dialog.install_button.isEnabled()
        return dialog

    return make


def test_a_better_model_installs_with_one_click(
    qtbot: QtBot, make_install: Callable[[Compare], InstallDialog]
) -> None:
    dialog = make_install(lambda r, _: comparison(r.first, r.second, assigned=(0.98, 0.99)))
    assert not dialog.typed.isVisible()
    with qtbot.waitSignal(dialog.install_requested):
        qtbot.mouseClick(dialog.install_button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("fair", [True, False])
def test_a_worse_or_incomparable_one_needs_its_name_typed(
    qtbot: QtBot, make_install: Callable[[Compare], InstallDialog], fair: bool
) -> None:
    dialog = make_install(lambda r, _: comparison(r.first, r.second, fair=fair))
    assert dialog.typed.isVisible()
    asked: list[object] = []
    dialog.install_requested.connect(asked.append)
    qtbot.mouseClick(dialog.install_button, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(dialog.typed, "ne")
    qtbot.mouseClick(dialog.install_button, Qt.MouseButton.LeftButton)
    assert asked == []
    qtbot.keyClicks(dialog.typed, "w")
    qtbot.mouseClick(dialog.install_button, Qt.MouseButton.LeftButton)
    assert asked == [dialog.model]


def test_a_failed_comparison_is_no_way_around_the_typing(
    make_install: Callable[[Compare], InstallDialog],
) -> None:
    def fail(request: ComparisonRequest, monitor: Monitor) -> Comparison:
        raise KaryoError("There is no file or folder cells.zip.")

    dialog = make_install(fail)
    assert dialog.run.words.text() == "There is no file or folder cells.zip."
    assert dialog.needs_typing
    assert dialog.typed.isVisible()
    assert not dialog.install_button.isEnabled()


def test_progress_is_told_and_cancelling_ends_it(
    qtbot: QtBot, look: None, models: tuple[InstalledModel, InstalledModel]
) -> None:
    told = threading.Event()

    def wait(request: ComparisonRequest, monitor: Monitor) -> Comparison:
        while True:
            monitor.report(Progress(3, 8, "Measuring new"))
            told.set()
            threading.Event().wait(0.01)

    run = make_run(wait)
    qtbot.addWidget(run)
    run.show()
    run.run(ComparisonRequest(*models, Path("cells.zip")))
    qtbot.waitUntil(lambda: "3 of 8 cells" in run.words.text(), timeout=20_000)
    assert "Measuring new" in run.words.text()
    with qtbot.waitSignal(run.ended, timeout=20_000) as ended:
        qtbot.mouseClick(run.cancel_button, Qt.MouseButton.LeftButton)
    assert ended.args == [None]
    assert run.words.text() == "The comparison was cancelled."
    assert not run.cancel_button.isVisible()


def test_two_different_models_and_data_are_needed(
    qtbot: QtBot, look: None, models: tuple[InstalledModel, InstalledModel], tmp_path: Path
) -> None:
    asked: list[ComparisonRequest] = []

    def compare(request: ComparisonRequest, monitor: Monitor) -> Comparison:
        asked.append(request)
        return comparison(request.first, request.second)

    dialog = CompareDialog(None, make_run(compare), "cpu")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.hint.text() == "Two models of a kind are needed to compare."
    dialog.set_models(models, models[0].path, None)
    assert "Choose labelled cells" in dialog.hint.text()
    qtbot.keyClicks(dialog.data, str(tmp_path / "cells.zip"))
    assert "There is nothing at" in dialog.hint.text()
    (tmp_path / "cells.zip").touch()
    qtbot.keyClick(dialog.data, Qt.Key.Key_Backspace)
    qtbot.keyClicks(dialog.data, "p")
    qtbot.keyClick(dialog.second, Qt.Key.Key_Up)
    assert dialog.hint.text() == "Choose two different models."
    qtbot.keyClick(dialog.second, Qt.Key.Key_Down)
    dialog.cells.setValue(20)
    with qtbot.waitSignal(dialog.run.ended, timeout=20_000):
        qtbot.mouseClick(dialog.start_button, Qt.MouseButton.LeftButton)
    assert asked == [ComparisonRequest(*models, tmp_path / "cells.zip", "cpu", 20)]
    assert dialog.run.view.isVisible()


def test_against_a_separation_only_separations_are_offered(
    qtbot: QtBot, look: None, tmp_path: Path
) -> None:
    made = [put_model(tmp_path, "a"), put_model(tmp_path, "b")]
    made += [put_model(tmp_path, name, kind="separation") for name in ("s", "t")]
    dialog = CompareDialog(None, CompareRun(lambda *_: None, lambda *_: None), "cpu")  # type: ignore[arg-type, return-value]
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.set_models(made, made[0].path, None)
    assert [dialog.second.itemText(i) for i in range(dialog.second.count())] == ["a 1", "b 1"]
    assert "labelled cells" in dialog.hint.text()
    qtbot.keyClicks(dialog.first, "s")
    assert [dialog.second.itemText(i) for i in range(dialog.second.count())] == ["s 1", "t 1"]
    assert "photographs with outlines or boxes" in dialog.hint.text()
    assert "photographs" in dialog.data.placeholderText()
    dialog.data.setText(str(tmp_path))
    dialog.classifier = made[0].path
    assert (dialog.request.first, dialog.request.second) == (made[2], made[3])
    assert dialog.request.classifier == made[0].path


def test_the_verdict_on_a_separation_tells_repairs_and_how_few_cells_differ(
    tmp_path: Path,
) -> None:
    old, new = (put_model(tmp_path, name, kind="separation") for name in ("old", "new"))
    figures = (Figure("repairs", "Repairs", 2.0, 1.5, is_share=False, higher_is_better=False),)
    planned = Plan((("1", "1"),), True, "")
    few = Comparison(old, new, "own", planned, figures, 2, 0, 0, (-1.0, 0.0))
    assert verdict_text(few) == (
        "No difference between “new” and “old” can be told from chance on 2 cells "
        "(1 differs, 5 must): 1.50 repairs a cell instead of 2.00."
    )
    better = Comparison(old, new, "own", planned, figures, 6, 0, 0, (-1.0,) * 6)
    assert verdict_text(better) == (
        "“new” is better than “old”: 1.50 repairs a cell instead of 2.00."
    )
