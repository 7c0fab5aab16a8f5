"""One key, one meaning: in every view and focus state, and no shortcut is ever ambiguous."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QEvent, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolBar, QWidget

from karyogui.domain.separation import ObjectKind
from karyogui.domain.separation_check import CheckEntry, CheckKind
from karyogui.ui.actions import MEANINGS, MENUS
from karyogui.ui.board.actions import BOARD_KEYS
from karyogui.ui.board.keyboard import BoardKeyboard
from karyogui.ui.centre import KARYOGRAM_PAGE, METAPHASE_PAGE
from karyogui.ui.dialogs.command_palette import CommandPalette
from karyogui.ui.dialogs.shortcuts import ShortcutsDialog, shortcut_groups
from karyogui.ui.metaphase.actions import METAPHASE_KEYS
from karyogui.ui.metaphase.tools import TOOLS
from tests.unit.ui.metaphase.conftest import BAR, CONTROL, NO_KEY, SHIFT, Desk
from tests.unit.ui.metaphase.readers import HeldReader

MEANING = {action_id: words for words, ids in MEANINGS.items() for action_id in ids}
BOARD_MEANS = {
    "next_to_review": "review.next",
    "previous_to_review": "review.previous",
    "confirm_and_go_on": "review.confirm",
    "select_all": "edit.select_all",
    "zoom_in": "zoom in",
    "zoom_out": "zoom out",
    "zoom_fit": "fit",
    "escape": "give up",
    "turn_selection 180": "chromosome.turn",
    "turn_selection 1": "turn right a little",
    "turn_selection 5": "turn right a little more",
    "turn_selection -1": "turn left a little",
    "turn_selection -5": "turn left a little more",
    "move_selection tray": "take away what is selected",
}
"""What the board does by itself with a key, in the words of the actions."""
VIEW_MEANS = {
    "0": "fit", "+": "zoom in", "=": "zoom in", "-": "zoom out", "Esc": "give up",
}  # fmt: skip
"""Keys that the metaphase view handles by itself, but for those that go somewhere."""
LITTLE_MORE = {
    "repair.right_more": "turn right a little more",
    "repair.left_more": "turn left a little more",
}


@pytest.fixture
def reader() -> HeldReader:
    reader = HeldReader()
    reader.check = (
        CheckEntry("c01", CheckKind.SEVERAL, 0.8),
        CheckEntry("d01", CheckKind.REJECTED, 0.6, ("21",), 0.87),
    )
    return reader


class Recorder:
    """What the board's keys do, by name."""

    has_selection = True

    def __init__(self) -> None:
        self.said: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def note(*arguments: object) -> None:
            if not name.startswith("show"):
                number = [f"{a:g}" if isinstance(a, float) else str(a) for a in arguments]
                self.said.append(" ".join([name, *number]))

        return note


def meanings_of_the_board() -> dict[str, str]:
    """Every key of the board that is typed or named, with what it means."""
    told = {}
    typed = [chr(n) for n in range(33, 127)]
    named = [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Delete,
             Qt.Key.Key_Backspace]  # fmt: skip
    for text, key in [*((t, 0) for t in typed), *(("", k) for k in named)]:
        recorder = Recorder()
        keyboard = BoardKeyboard(recorder)  # type: ignore[arg-type]
        modifiers = SHIFT if text.isupper() else NO_KEY
        event = QKeyEvent(QEvent.Type.KeyPress, key or ord(text.upper()), modifiers, text)
        if keyboard.press(event) and recorder.said:
            name = QKeySequence(key).toString() if key else text
            if text.isalpha():
                name = f"Shift+{text}" if text.isupper() else text.upper()
            told[name] = BOARD_MEANS.get(recorder.said[-1], recorder.said[-1])
    return told


def test_one_key_has_one_meaning_in_every_view(desk: Desk) -> None:
    means: dict[str, set[str]] = defaultdict(set)
    for spec, action in desk.window.actions_.pairs():
        for key in action.shortcuts():
            said = MEANING.get(spec.id, LITTLE_MORE.get(spec.id, spec.id))
            means[key.toString()].add(said)
    board = meanings_of_the_board()
    assert board["N"] == "review.next"
    assert board["Shift+N"] == "review.previous"
    for key, said in (*board.items(), *VIEW_MEANS.items()):
        # Moving to a type is the same act by whatever letter case.
        if not said.startswith("move_selection"):
            means[key].add(said)
        else:
            means[key.removeprefix("Shift+")].add(said)
    assert {key: said for key, said in means.items() if len(said) > 1} == {}


def test_no_key_is_bound_twice_where_it_works(desk: Desk) -> None:
    window = desk.window
    contexts: list[QWidget] = [
        desk.view, desk.board.view, window.check.list.list, window.check.list.decided,
        window.review.findings.list, window.cases.panel.table, window.cases.panel.search,
        window.navigator, window.review.inspector,
    ]  # fmt: skip
    for widget in contexts:
        bound: dict[str, list[str]] = defaultdict(list)
        for action in active(widget):
            for key in action.shortcuts():
                bound[key.toString()].append(action.objectName())
        assert {k: ids for k, ids in bound.items() if len(ids) > 1} == {}, widget


def active(widget: QWidget) -> set[QAction]:
    """Actions whose keys work while a widget has the focus."""
    found = set(widget.window().actions())
    at: QWidget | None = widget
    while at is not None:
        found |= set(at.actions())
        at = at.parentWidget()
    return found


@contextmanager
def messages() -> Iterator[list[str]]:
    told: list[str] = []

    def note(_kind: QtMsgType, _context: object, text: str) -> None:
        told.append(text)

    before = qInstallMessageHandler(note)
    try:
        yield told
    finally:
        qInstallMessageHandler(before)


def test_no_shortcut_is_ambiguous_wherever_the_focus_is(desk: Desk) -> None:
    """Every key of every action is really pressed; Qt says when it does not know what is meant."""
    window = desk.window
    actions = [action for _, action in window.actions_.pairs()]
    keys = sorted({key.toString() for action in actions for key in action.shortcuts()})
    for action in actions:
        action.blockSignals(True)  # pressed, and nothing happens
        action.setEnabled(True)
    window.cases.panel.table.blockSignals(True)
    pages = {desk.view: window.show_metaphase, desk.board.view: window.show_karyogram,
             window.cases.panel.table: window.show_cases}  # fmt: skip
    with messages() as told:
        for shown, page in pages.items():
            page()
            for widget in (shown, window.check.list.list, window.review.findings.list):
                for key in keys:
                    widget.setFocus()
                    combination = QKeySequence(key)[0]
                    QTest.keyClick(
                        window.windowHandle(), combination.key(), combination.keyboardModifiers()
                    )
                    QApplication.processEvents()
                    popup = QApplication.activePopupWidget() or QApplication.activeModalWidget()
                    if popup is not None:
                        popup.close()
        for dialog in (ShortcutsDialog(window, window.actions_),
                       CommandPalette(window, window.actions_)):  # fmt: skip
            assert not [a for a in dialog.findChildren(QAction) if a.shortcuts()]
            dialog.deleteLater()
    for action in actions:
        action.blockSignals(False)
    window.cases.panel.table.blockSignals(False)
    assert not [text for text in told if "mbiguous" in text]


def test_n_and_enter_go_on_wherever_one_is(desk: Desk) -> None:
    for show, view in (
        (desk.window.show_metaphase, desk.view),
        (desk.window.show_karyogram, desk.board.view),
    ):
        show()
        desk.panel.scene.set_selected_ids(())
        desk.window.check.current = None
        desk.qtbot.keyClick(view, Qt.Key.Key_N)
        assert desk.window.check.current == "c01"
        assert desk.window.centre.page == METAPHASE_PAGE
    assert not [o for o in desk.scene.objects.values() if o.by_person]


def test_tab_reaches_every_object_of_the_photograph_debris_too(desk: Desk) -> None:
    desk.view.setFocus()
    reached = []
    for _ in desk.scene.objects:
        desk.qtbot.keyClick(desk.view, Qt.Key.Key_Tab)
        reached += desk.panel.selection
    assert sorted(reached) == sorted(desk.scene.objects)
    assert desk.window.review.inspector.title.text() != ""
    desk.qtbot.keyClick(desk.view, Qt.Key.Key_Backtab, SHIFT)
    assert desk.panel.selection == (reached[-2],)
    desk.qtbot.keyClick(desk.view, Qt.Key.Key_Tab)
    desk.qtbot.keyClick(desk.view, Qt.Key.Key_Tab)  # past the last: the keys go on
    assert not desk.view.hasFocus()


def test_tab_walks_the_board_and_ctrl_tab_changes_the_page(desk: Desk) -> None:
    desk.window.show_karyogram()
    order = desk.board._scene.board.order
    for number in (0, 1):
        desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Tab)
        assert desk.board.selection == (order[number],)
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Backtab, SHIFT)
    assert desk.board.selection == (order[0],)
    desk.qtbot.keyClick(desk.board.view, Qt.Key.Key_Tab, CONTROL)
    assert desk.window.centre.page == METAPHASE_PAGE
    desk.qtbot.keyClick(desk.view, Qt.Key.Key_Tab, CONTROL)
    assert desk.window.centre.page == KARYOGRAM_PAGE


def test_debris_is_shown_in_the_inspector_with_its_probable_types(desk: Desk) -> None:
    inspector = desk.window.review.inspector
    desk.click("d01")
    assert inspector.title.text() == "Debris"
    assert inspector.bars.accessibleDescription() == "21 87 %"
    assert "of chromosome size" in inspector.reasons.text()
    desk.click("n01")
    assert inspector.title.text() == "Nucleus"
    assert not inspector.bars.isVisible()
    desk.click("c20")
    assert inspector.title.text().startswith("Chromosome")


def test_marks_that_take_away_need_shift(desk: Desk) -> None:
    desk.click("c20")
    for key in (Qt.Key.Key_D, Qt.Key.Key_U):
        desk.key(key)
        assert desk.scene.objects["c20"].kind is ObjectKind.CHROMOSOME
    desk.key(Qt.Key.Key_D, SHIFT)
    assert desk.scene.objects["c20"].kind is ObjectKind.DEBRIS


def test_mirror_does_not_stand_beside_turn(desk: Desk) -> None:
    bar = desk.window.findChild(QToolBar, "toolbar")
    assert isinstance(bar, QToolBar)
    assert "chromosome.mirror" not in [a.objectName() for a in bar.actions()]
    menu = MENUS["Chromosome"]
    between = menu[menu.index("chromosome.turn") : menu.index("chromosome.mirror")]
    assert "chromosome.tray" in between
    assert "" in between


def test_overview_and_tooltips_tell_the_keys_that_work(desk: Desk) -> None:
    actions = desk.window.actions_
    rows = {text: keys for _, lines in shortcut_groups(actions) for keys, text in lines}
    assert rows["Next to review"] == "N"
    assert rows["It is debris"] == "D"
    assert rows["Mark as debris"] == "Shift+D"
    for spec, action in actions.pairs():
        if action.shortcuts() and action.isEnabled():
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            assert key in action.toolTip() or spec.otherwise, spec.id
    handled = " ".join(keys for keys, _ in (*BOARD_KEYS, *METAPHASE_KEYS))
    assert "Tab" not in handled
    assert {tool.shortcut for tool in TOOLS} <= set("CSJBELW")


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_key_in_an_open_menu_does_nothing_behind_it(desk: Desk) -> None:
    desk.click(BAR)
    (menu,) = (m for m in desk.window.menuBar().findChildren(QMenu) if m.title() == "&Metaphase")
    menu.popup(desk.window.pos())
    desk.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is menu)
    QTest.keyClick(desk.window.windowHandle(), Qt.Key.Key_Delete)
    assert desk.scene.objects[BAR].kind is ObjectKind.CHROMOSOME
    desk.qtbot.keyClick(menu, Qt.Key.Key_Up)
    chosen = menu.activeAction()
    desk.qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert chosen is not None
    assert chosen.objectName() == "metaphase.divide"
    assert desk.view.has_tool
