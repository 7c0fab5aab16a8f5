"""The window's actions. Menus, toolbar, command palette and shortcut overview are built from them.

To add an action: one `ActionSpec` in the `actions` module of its feature, one icon in
`assets/icons`, and its place in `MENUS`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QToolBar, QWidget

from karyogui.ui import theme
from karyogui.ui.action_spec import ActionSpec, Scope
from karyogui.ui.metaphase.tools import TOOLS
from karyogui.ui.review.check_list import CheckList

MENUS: dict[str, tuple[str, ...]] = {
    "File": (
        *("file.import", "file.import_folder", "file.import_into", "file.demo"),
        *("", "file.details", "file.case_report", "file.export_case", "file.print"),
        *("", "file.data_folder", "file.check", "file.backup", "file.restore", "", "file.quit"),
    ),
    "Edit": (
        *("edit.undo", "edit.redo", "edit.select_all"),
        *("", "edit.rename", "edit.delete", "edit.restore", "edit.erase"),
        *("", "edit.find", "edit.settings", "edit.presets"),
    ),
    "View": (
        *("view.cases", "view.metaphase", "view.karyogram", "view.case", "view.strip"),
        *("view.switch", "view.side_by_side"),
        *("", "view.straight", "view.next_type", "view.previous_type"),
        *("", "view.next_object", "view.previous_object"),
        *("", "view.zoom_in", "view.zoom_out", "view.fit"),
        *("", "view.left", "view.right", "view.zoom_box", "view.theme", "", "view.palette"),
    ),
    "Case": (
        *("case.protocol", "case.cultures", "case.karyotype"),
        *("", "case.counted", "case.analysed", "case.karyotyped", "case.scored", "case.open"),
        *("case.note", "", "case.overrule", "case.withdraw"),
        *("", "case.sheet_csv", "case.sheet_xlsx"),
    ),
    "Cell": (
        *("cell.analyse", "cell.reanalyse", "cell.analyse_all", "cell.assign", "cell.cancel"),
        *("", "cell.exclude", "cell.take_back", "", "cell.next", "cell.previous"),
    ),
    "Metaphase": (
        *("metaphase.labels", "metaphase.rejected", "metaphase.strip"),
        *("", "metaphase.count", "", "metaphase.region", "metaphase.divide"),
    ),
    "Repair": (
        *(f"repair.{tool.id}" for tool in TOOLS),
        *("", "repair.delete", "repair.restore"),
        *("repair.chromosome", "repair.nucleus", "repair.debris"),
        *("", "repair.right", "repair.left", "repair.right_more", "repair.left_more"),
    ),
    "Chromosome": (
        *("chromosome.turn", "chromosome.right", "chromosome.left"),
        *("", "chromosome.change", "", "chromosome.tray", "", "chromosome.mirror"),
    ),
    "Review": (
        *("review.next", "review.previous", "review.confirm", "review.debris"),
        *("", "review.copy_iscn", "review.check_iscn", "review.end_comparison"),
        *("", "review.sign", "review.withdraw", "review.second", "", "review.trail"),
    ),
    "Model": ("model.choose", "model.compare", "model.roll_back", "", "model.train"),
    "Help": ("help.shortcuts", "help.log", "help.diagnostics", "", "help.about"),
}
"""The menus with their actions from the top, an empty id for a separator."""
_LETTERS = {"Case": "C&ase", "Repair": "Re&pair", "Chromosome": "Chromo&some", "Model": "M&odel"}
"""Menus whose first letter opens another one already."""

TOOLBAR: tuple[str, ...] = (
    "file.import",
    "cell.analyse",
    "",
    "edit.undo",
    "edit.redo",
    "",
    "chromosome.turn",
    "chromosome.left",
    "chromosome.right",
    "",
    "view.zoom_out",
    "view.zoom_in",
    "view.fit",
    "",
    "review.previous",
    "review.next",
    "review.confirm",
    "",
    "view.left",
    "view.right",
    "view.theme",
)
"""Ids in the toolbar, an empty one for a separator; the report button follows on the right."""


ACTS: dict[str, str] = {
    "repair.split": "Split  S",
    "repair.join": "Join  J",
    "review.confirm": "Right  ⏎",
    "repair.chromosome": "Chromosome  H",
    "review.debris": "Debris  D",
}
"""What can be said of an entry of the separation check, in a few words with the key."""


MEANINGS: dict[str, tuple[str, ...]] = {
    "take away what is selected": ("edit.delete", "repair.delete", "chromosome.tray"),
    "turn right a little": ("chromosome.right", "repair.right"),
    "turn left a little": ("chromosome.left", "repair.left"),
    "count": ("case.counted", "metaphase.count"),
}
"""Actions that mean the same, each in its own view; any other action means something of its own.

One key has one meaning, everywhere: what no group here holds must not share a key.
"""


class ActionSet(QObject):
    """The QActions of all features, in the order of the menus."""

    key_refused = Signal(str)
    """A key of what is not possible at present was pressed: the action, and what it needs."""

    def __init__(self, owner: QWidget, specs: Iterable[ActionSpec]) -> None:
        """KeyError for an action in a menu that no feature lists, ValueError for one in none."""
        super().__init__(owner)
        self._owner = owner
        listed = {spec.id: spec for spec in specs}
        ids = [i for menu in MENUS.values() for i in menu if i]
        if left_out := listed.keys() - set(ids):
            raise ValueError(f"actions in no menu: {', '.join(sorted(left_out))}")
        self.specs = {i: listed[i] for i in ids}
        self._actions = {spec.id: self._make(spec) for spec in self.specs.values()}
        self._possible: set[str] | None = None
        self.refresh_icons()
        owner.installEventFilter(self)

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def pairs(self) -> tuple[tuple[ActionSpec, QAction], ...]:
        """Every spec with its QAction."""
        return tuple((self.specs[i], action) for i, action in self._actions.items())

    def show_possible(self) -> None:
        """Enable the actions that make sense at present; the others turn grey."""
        possible = {spec.id for spec in self.specs.values() if spec.is_possible}
        if possible != self._possible:
            self._possible = possible
            self._enable(possible)
        for spec, action in self.pairs():
            if spec.id not in possible and callable(spec.otherwise):
                action.setToolTip(_tip(spec, action))  # what it needs may be another thing now

    def _enable(self, possible: Container[str]) -> None:
        for spec, action in self.pairs():
            action.setEnabled(spec.id in possible)
            if spec.otherwise:
                action.setToolTip(_tip(spec, action))

    def bind(self, scope: Scope, widget: QWidget) -> None:
        """Let the keys of a scope work while `widget` or a child of it has the focus."""
        for spec, action in self.pairs():
            if spec.scope is scope:
                widget.addAction(action)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say why nothing happens: a key that nothing in the window has wanted."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = QKeySequence(event.keyCombination())
            for spec, action in () if event.isAutoRepeat() else self.pairs():
                refused = not action.isEnabled() and key in action.shortcuts()
                if refused and _reaches(action, QApplication.focusWidget()):
                    self.key_refused.emit(spec.why_not)
                    break
        return super().eventFilter(watched, event)

    def refresh_icons(self) -> None:
        """Draw all icons in the colours of the present theme."""
        for action_id, action in self._actions.items():
            action.setIcon(theme.icon(self.specs[action_id].icon))

    def fill_menu_bar(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; returns them by name for what is added at run time."""
        menus = {name: bar.addMenu(_LETTERS.get(name, f"&{name}")) for name in MENUS}
        for name, menu in menus.items():
            for action_id in MENUS[name]:
                if action_id:
                    menu.addAction(self._actions[action_id])
                else:
                    menu.addSeparator()
            if any(self.specs[i].otherwise for i in MENUS[name] if i):
                menu.setToolTipsVisible(True)
        return menus

    def fill_toolbar(self, bar: QToolBar) -> None:
        """Put actions into the toolbar: icons, with text and key on hover."""
        for action_id in TOOLBAR:
            if action_id:
                bar.addAction(self._actions[action_id])
            else:
                bar.addSeparator()

    def fill_acts(self, rows: CheckList) -> None:
        """Put the acts of the separation check below its list, each with its key."""
        for action_id, words in ACTS.items():
            self._actions[action_id].setIconText(words)
        rows.set_acts([self._actions[i] for i in ACTS])

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.text, self._owner)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setShortcuts([QKeySequence(key) for key in spec.shortcuts])
        action.setToolTip(_tip(spec, action))
        if spec.scope is Scope.WINDOW:
            self._owner.addAction(action)
        else:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda _checked=False: _run(spec))
        return action


def _run(spec: ActionSpec) -> None:
    """Do it, unless a dialog or a menu is in front: keys that are typed then are its own."""
    # Qt asks only for `ApplicationShortcut` whether a dialog blocks the window, and for
    # `WindowShortcut` whether a menu is open. A menu is closed before what is chosen there is done.
    if QApplication.activeModalWidget() is None and QApplication.activePopupWidget() is None:
        spec.callback()


def _reaches(action: QAction, focus: QWidget | None) -> bool:
    """Whether the keys of an action are looked for while `focus` has them."""
    if action.shortcutContext() is Qt.ShortcutContext.WindowShortcut:
        return True
    bound = [each for each in action.associatedObjects() if isinstance(each, QWidget)]
    return focus is not None and any(each.isAncestorOf(focus) or each is focus for each in bound)


def _tip(spec: ActionSpec, action: QAction) -> str:
    """What an action does with its key, or why it cannot be done at present."""
    why_not = "" if action.isEnabled() else spec.why_not
    if why_not:
        return why_not
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    tip = spec.tip or spec.text.removesuffix("…")
    return f"{tip}  ({keys})" if keys else tip
