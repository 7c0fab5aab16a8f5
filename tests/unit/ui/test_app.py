import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from karyogui import app, paths
from karyogui.app import BugReporter, Session
from karyogui.errors import KaryoError
from karyogui.services import demonstrations
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace, open_workspace
from karyogui.settings import SettingsStore
from karyogui.ui.widgets import Banner
from karyogui.ui.window_state import WindowState
from tests.unit.ui.windows import NamesAnalyser, answering, make_cell, press, wait_until_quiet


@pytest.fixture
def session(
    qtbot: QtBot, look: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    monkeypatch.setattr(app, "make_analyser", lambda *_: NamesAnalyser())
    settings = SettingsStore(tmp_path / "settings.toml")
    opened = Session(settings, WindowState(tmp_path / "window.ini"))
    yield opened
    opened.close()


def test_another_folder_replaces_window_and_workspace(session: Session, tmp_path: Path) -> None:
    session.open(tmp_path / "first")
    first = session.window
    assert first is not None
    first.data_folder_requested.emit(tmp_path / "second")
    assert session.window is not None
    assert session.window is not first
    assert session.window._workspace.folder == tmp_path / "second"
    stored = SettingsStore(tmp_path / "settings.toml").values.data_folder
    assert stored == str(tmp_path / "second")
    # The first folder is free again.
    session.open(tmp_path / "first")


def test_a_folder_open_elsewhere_is_told_and_the_window_stays(
    qtbot: QtBot, session: Session, workspace: Workspace, tmp_path: Path
) -> None:
    session.open(tmp_path / "first")
    window = session.window
    assert window is not None
    with answering(qtbot, lambda box: box.reject()) as seen:
        window.data_folder_requested.emit(workspace.folder)
    assert "open in another KaryoGUI window" in seen[0]
    assert session.window is window
    assert window.isVisible()
    with pytest.raises(KaryoError):
        session.open(workspace.folder)


def test_at_the_start_another_folder_can_be_chosen(
    qtbot: QtBot,
    session: Session,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = tmp_path / "other"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(other))
    with answering(qtbot, lambda box: press(qtbot, box, "Choose another folder…")):
        assert session.open_or_ask(workspace.folder)
    assert session.window is not None
    assert session.window._workspace.folder == other


def test_at_the_start_one_can_give_up(qtbot: QtBot, session: Session, workspace: Workspace) -> None:
    with answering(qtbot, lambda box: press(qtbot, box, "Quit")):
        assert not session.open_or_ask(workspace.folder)
    assert session.window is None


def test_a_file_in_the_folders_place_is_told(
    qtbot: QtBot, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with answering(qtbot, lambda box: press(qtbot, box, "Quit")) as seen:
        assert not session.open_or_ask(tmp_path / "file" / "data")
    assert "could not be written" in seen[0]


def assert_demo_is_whole(qtbot: QtBot, session: Session) -> None:
    """Both cells are in the open window, and analysed."""
    window = session.window
    assert window is not None
    wait_until_quiet(qtbot, window)
    window.cases.refresh()
    assert sorted(s.name for s in window.cases.summaries) == ["demo-1", "demo-2"]
    assert not window.cases.counts.new_cells


def test_the_demo_is_imported_once_and_analysed(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [make_cell(tmp_path / f"demo-{n}") for n in (1, 2)]
    monkeypatch.setattr("karyogui.services.discovery.DEMO", tmp_path)
    monkeypatch.setattr(paths, "demo_data_folder", lambda: tmp_path / "demo-data")
    monkeypatch.setattr("karyogui.ui.case_browser.controller.demo_sources", lambda: tuple(cells))
    for _ in range(2):
        app.open_demo(session)
        assert_demo_is_whole(qtbot, session)


def test_a_demo_that_was_killed_at_its_start_is_completed_at_the_next(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [make_cell(tmp_path / "shipped" / f"demo-{n}") for n in (1, 2)]
    monkeypatch.setattr("karyogui.services.discovery.DEMO", tmp_path / "shipped")
    monkeypatch.setattr("karyogui.ui.case_browser.controller.demo_sources", lambda: tuple(cells))
    folder = tmp_path / "data"
    workspace = open_workspace(folder, demonstration=True)
    workspace.importer.import_paths(cells[:1], SilentMonitor())
    workspace.close()
    app.open_demo(session, folder)
    assert_demo_is_whole(qtbot, session)


def test_the_demo_opens_its_metaphases_first(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_outs = make_cell(tmp_path / "demo-cut-outs")
    monkeypatch.setattr("karyogui.services.discovery.DEMO", tmp_path)
    photographs = tmp_path / paths.DEMO_METAPHASES.name
    photographs.mkdir()
    shutil.copy(next(paths.DEMO_METAPHASES.glob("*.png")), photographs)
    monkeypatch.setattr(paths, "demo_data_folder", lambda: tmp_path / "demo-data")
    sources = (photographs, cut_outs)
    monkeypatch.setattr("karyogui.ui.case_browser.controller.demo_sources", lambda: sources)
    for _ in range(2):
        app.open_demo(session)
        window = session.window
        assert window is not None
        wait_until_quiet(qtbot, window)
        assert window.open_cell.cell is not None
        assert window.open_cell.cell.has_photograph
        case = next(s for s in window.cases.summaries if s.id == window.open_cell.cell.case_id)
        assert case.name == paths.DEMO_METAPHASES.name


def test_the_demo_brings_the_metaphases_before_the_cut_outs() -> None:
    first, *others = paths.demo_sources()
    assert first == paths.DEMO_METAPHASES
    assert others == list(paths.demo_archives())
    assert [path.stem for path in others][-1] == "demo-mosaic"
    assert len(others) == 4


def test_a_demo_folder_in_use_gives_way_to_a_fresh_one(
    session: Session, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "demo_data_folder", lambda: workspace.folder)
    monkeypatch.setattr(demonstrations, "fresh_folder", lambda: tmp_path / "fresh")
    monkeypatch.setattr("karyogui.ui.case_browser.controller.demo_sources", lambda: ())
    monkeypatch.setattr("karyogui.ui.case_browser.controller.show_error", lambda *_: None)
    app.open_demo(session)
    assert session.window is not None
    assert session.window._workspace.folder == tmp_path / "fresh"


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demonstration of one cell."""
    made = make_cell(tmp_path / "shipped" / "demo-1", ("1", "2", "X"))
    monkeypatch.setattr("karyogui.services.discovery.DEMO", tmp_path / "shipped")
    monkeypatch.setattr("karyogui.ui.case_browser.controller.demo_sources", lambda: (made,))
    return made


def test_the_demo_goes_into_the_folder_that_was_given_and_marks_it_for_good(
    qtbot: QtBot, session: Session, demo: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "given"
    assert app.open_demo(session, folder)
    window = session.window
    assert window is not None
    wait_until_quiet(qtbot, window)
    assert window._workspace.folder == folder
    session.close()
    session.open(folder)  # as any other folder
    window = session.window
    assert window is not None
    (banner,) = window.findChildren(Banner)
    assert banner.isVisible()
    assert "demonstration" in window.windowTitle()
    assert window.cases.panel.folder.toolTip() == str(folder)


def test_real_pictures_do_not_come_into_the_demonstration(
    qtbot: QtBot, session: Session, demo: Path, tmp_path: Path
) -> None:
    app.open_demo(session, tmp_path / "given")
    window = session.window
    assert window is not None
    wait_until_quiet(qtbot, window)
    real = make_cell(tmp_path / "24-0173", ("1", "2"))
    with answering(qtbot, lambda box: box.reject()) as seen:
        window.cases.import_paths([real])
        wait_until_quiet(qtbot, window)
    assert seen == ["This is the demonstration: pictures of your own are not imported here."]
    with answering(qtbot, lambda box: box.reject()) as seen:
        window.cases.choose_files()
    assert seen == ["This is the demonstration: pictures of your own are not imported here."]
    assert [case.name for case in window.cases.summaries] == ["demo-1"]


def test_the_demo_does_not_go_among_real_cases(
    qtbot: QtBot, session: Session, demo: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "real"
    session.open(folder)
    window = session.window
    assert window is not None
    assert window.findChildren(Banner) == []
    window.cases.import_paths([make_cell(tmp_path / "24-0173", ("1", "2"))])
    wait_until_quiet(qtbot, window)
    session.close()
    with answering(qtbot, lambda box: press(qtbot, box, "Quit")) as seen:
        assert not app.open_demo(session, folder)
    assert "holds real cases: the demonstration does not go among them" in seen[0]


def test_a_bug_is_shown_once_at_a_time(qtbot: QtBot, look: None) -> None:
    reporter = BugReporter()
    told: list[str] = []

    def raise_it(number: int) -> None:
        try:
            raise ZeroDivisionError(number)
        except ZeroDivisionError:
            kind, error, trace = sys.exc_info()
            assert kind is not None
            assert error is not None
            reporter(kind, error, trace)

    def answer(box: object) -> None:
        told.append(box.detailedText())  # type: ignore[attr-defined]
        raise_it(2)
        box.reject()  # type: ignore[attr-defined]

    with answering(qtbot, answer):
        raise_it(1)
    assert len(told) == 1
    assert "ZeroDivisionError: 1" in told[0]
