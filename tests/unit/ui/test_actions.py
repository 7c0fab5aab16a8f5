from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolBar
from pytestqt.qtbot import QtBot

from karyogui.domain.karyogram import TRAY
from karyogui.services.workspace import Workspace
from karyogui.ui import theme
from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.actions import MENUS, TOOLBAR, ActionSet
from karyogui.ui.board.texts import NOTHING_SELECTED
from karyogui.ui.dialogs.command_palette import matches
from karyogui.ui.main_window import MainWindow
from karyogui.ui.metaphase.repair_tools import TOOL_BAR
from karyogui.ui.metaphase.tools import TOOLS
from tests.unit.ui.windows import NORMAL, store_case


@pytest.fixture
def specs(window: MainWindow) -> tuple[ActionSpec, ...]:
    return tuple(spec for spec, _ in window.actions_.pairs())


def all_actions(menu: QMenu) -> list[QAction]:
    found = []
    for action in menu.actions():
        submenu = action.menu()
        found += all_actions(submenu) if isinstance(submenu, QMenu) else [action]
    return found


def test_ids_and_texts_are_unique(specs: tuple[ActionSpec, ...]) -> None:
    assert not [i for menu in MENUS.values() for i in menu if i and menu.count(i) > 1]
    assert not [i for i, n in Counter(spec.id for spec in specs).items() if n > 1]
    texts = Counter((spec.menu, spec.text) for spec in specs)
    assert not [text for text, n in texts.items() if n > 1]


def test_no_key_means_two_things_in_one_place(specs: tuple[ActionSpec, ...]) -> None:
    keys: dict[Scope, Counter[str]] = {scope: Counter() for scope in Scope}
    for spec in specs:
        for key in spec.shortcuts:
            keys[spec.scope][QKeySequence(key).toString()] += 1
    for scope in (Scope.BOARD, Scope.METAPHASE, Scope.BROWSER):
        together = keys[scope] + keys[Scope.WINDOW]
        if scope is not Scope.BROWSER:
            together += keys[Scope.PICTURES]
        assert not [key for key, n in together.items() if n > 1]


def test_every_action_has_menu_icon_and_readable_keys(specs: tuple[ActionSpec, ...]) -> None:
    for spec in specs:
        assert spec.menu in MENUS, spec.id
        assert (theme.ICONS / f"{spec.icon}.svg").exists(), spec.id
        assert all(QKeySequence(key).toString() for key in spec.shortcuts), spec.id


def test_each_icon_means_one_thing(specs: tuple[ActionSpec, ...]) -> None:
    used = Counter(spec.icon for spec in specs)
    assert not [icon for icon, n in used.items() if n > 1]


def test_the_toolbar_holds_known_actions(window: MainWindow) -> None:
    ids = list(window.actions_.specs)
    assert all(i in ids for i in TOOLBAR if i)
    bar = window.findChild(QToolBar, "toolbar")
    assert isinstance(bar, QToolBar)
    shown = [a.objectName() for a in bar.actions()]
    assert [name for name in shown if name] == [i for i in TOOLBAR if i]


def test_the_repair_tools_stand_beside_the_picture(window: MainWindow) -> None:
    assert all(i in window.actions_.specs for i in TOOL_BAR if i)
    shown = [a.objectName() for a in window.metaphase.panel.tool_bar.actions()]
    assert [name for name in shown if name] == [i for i in TOOL_BAR if i]
    for tool in TOOLS:
        action = window.actions_[f"repair.{tool.id}"]
        assert action.isCheckable()
        assert tool.hint
        assert tool.tip


def test_every_callback_exists(specs: tuple[ActionSpec, ...]) -> None:
    assert all(callable(spec.callback) for spec in specs)


def test_an_action_stands_in_a_menu_and_a_menu_holds_no_unknown_one(
    window: MainWindow, specs: tuple[ActionSpec, ...]
) -> None:
    with pytest.raises(ValueError, match="in no menu: view"):
        ActionSet(window, (*specs, replace(specs[0], id="view.else")))
    with pytest.raises(KeyError, match=specs[0].id):
        ActionSet(window, specs[1:])


def test_every_action_stands_in_its_menu(window: MainWindow) -> None:
    menus = {a.text().replace("&", ""): a.menu() for a in window.menuBar().actions()}
    assert tuple(menus) == tuple(MENUS)
    texts = [a.text() for a in window.menuBar().actions()]
    letters = {text[text.index("&") + 1].lower() for text in texts}
    assert len(letters) == len(MENUS), "Alt and a letter open one menu each"
    for spec, action in window.actions_.pairs():
        menu = menus[spec.menu]
        assert isinstance(menu, QMenu)
        assert action in all_actions(menu)
        assert not action.icon().isNull()


def test_what_cannot_be_done_is_grey(window: MainWindow) -> None:
    grey = {spec.id for spec, action in window.actions_.pairs() if not action.isEnabled()}
    assert grey == {i for i, spec in window.actions_.specs.items() if spec.enabled_when}


def test_arguments_reach_the_callback(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    slots: list[str] = []
    monkeypatch.setattr(window.board, "move_selection", slots.append)
    action = window.actions_["chromosome.tray"]
    action.setEnabled(True)
    action.trigger()
    assert slots == [TRAY]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("", True), ("chr tu", True), ("180", True), ("turn mirror", False), ("urn", False)],
)
def test_the_palette_finds_by_beginnings_of_words(typed: str, found: bool) -> None:
    assert matches("Chromosome: Turn by 180°", typed) is found


def test_what_has_keys_and_is_not_always_possible_says_what_it_needs(
    specs: tuple[ActionSpec, ...],
) -> None:
    assert [s.id for s in specs if s.shortcuts and s.enabled_when and not s.needs] == []


def test_a_key_of_what_is_not_possible_says_why(
    qtbot: QtBot, window: MainWindow, workspace: Workspace, tmp_path: Path
) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    table = window.cases.panel.table
    table.setFocus()
    for key, told in (
        (Qt.Key.Key_Z, "Undo: nothing has been done since the cell was opened"),
        (Qt.Key.Key_4, "Case: needs an open cell"),
        (Qt.Key.Key_R, "Report of the case: needs an open or selected case"),
    ):
        qtbot.keyClick(table, key, control)
        assert window.status.currentMessage() == told
    window.status.clearMessage()
    qtbot.keyClick(table, Qt.Key.Key_R)  # means something on the board alone
    assert not window.status.currentMessage()
    store_case(workspace, tmp_path / "24-0173", {"cell 1": NORMAL})
    window.cases.refresh()
    (cell,) = workspace.library.case(workspace.library.summaries()[0].id).cells
    window.open_cell.open(cell.id)
    window.show_karyogram()
    view = window.board.view
    view.setFocus()
    for key in (Qt.Key.Key_R, Qt.Key.Key_BracketLeft, Qt.Key.Key_Delete):
        window.board.hint.say("")
        qtbot.keyClick(view, key)
        assert window.board.hint.text() == NOTHING_SELECTED
    window.board.hint.say("")
    assert window.open_cell.cell is not None
    window.board.select([window.open_cell.cell.chromosomes[0].id])
    qtbot.keyClick(view, Qt.Key.Key_R)
    assert not window.board.hint.text()


def test_a_grey_button_says_its_name_and_what_it_needs(window: MainWindow) -> None:
    assert window.actions_["chromosome.turn"].toolTip() == (
        "Turn by 180°: needs a selected chromosome"
    )
