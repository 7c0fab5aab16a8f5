"""One table of actions. Menus, toolbar, command palette and shortcut overview are built from it.

To add an action: one line in `ACTIONS`, one icon in `assets/icons`, and a method of that name on
one of the window's parts (`callback` is a dotted path from the window, for example
`cases.delete_selected`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import attrgetter

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QWidget

from karyogui.ui import theme
from karyogui.ui.action_spec import ActionSpec, Need, Scope
from karyogui.ui.metaphase.action_table import METAPHASE_ACTIONS, REPAIR_ACTIONS

__all__ = ["ACTIONS", "BOARD_KEYS", "MENUS", "ActionSet", "ActionSpec", "Need", "Scope"]

MENUS: tuple[str, ...] = (
    "File",
    "Edit",
    "View",
    "Cell",
    "Metaphase",
    "Repair",
    "Chromosome",
    "Review",
    "Model",
    "Help",
)
_LETTERS = {"Repair": "Re&pair", "Chromosome": "Chromo&some", "Model": "M&odel"}
"""Menus whose first letter opens another one already."""


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("file.import", "Import pictures…", "import", "cases.choose_files", ("Ctrl+O",)),
    ActionSpec(
        "file.import_folder",
        "Import folder…",
        "import-folder",
        "cases.choose_folder",
        ("Ctrl+Shift+O",),
    ),
    ActionSpec(
        "file.import_into",
        "Add pictures to case…",
        "import-into",
        "cases.choose_files_for_case",
        need=Need.CASE_SELECTION,
        tip="Import more cells into the selected case",
    ),
    ActionSpec("file.demo", "Open demonstration cases", "chromosome", "cases.import_demo"),
    ActionSpec(
        "file.details",
        "Case details…",
        "details",
        "reports.edit_details",
        ("Ctrl+I",),
        need=Need.CASE,
        separator=True,
    ),
    ActionSpec(
        "file.data_folder", "Data folder…", "folder", "dialogs.choose_data_folder", separator=True
    ),
    ActionSpec("file.quit", "Quit", "quit", "close", ("Ctrl+Q",), separator=True),
    ActionSpec("edit.undo", "Undo", "undo", "review.undo", ("Ctrl+Z",), need=Need.UNDO),
    ActionSpec(
        "edit.redo", "Redo", "redo", "review.redo", ("Ctrl+Shift+Z", "Ctrl+Y"), need=Need.REDO
    ),
    ActionSpec(
        "edit.select_all",
        "Select all chromosomes",
        "select-all",
        "centre.select_all",
        ("Ctrl+A",),
        need=Need.CHROMOSOMES,
        scope=Scope.PICTURES,
    ),
    ActionSpec(
        "edit.rename",
        "Rename case",
        "rename",
        "cases.rename_selected",
        ("F2",),
        need=Need.CASE_SELECTION,
        separator=True,
        scope=Scope.BROWSER,
    ),
    ActionSpec(
        "edit.delete",
        "Move case to the bin",
        "delete",
        "cases.delete_selected",
        ("Del",),
        need=Need.CASE_SELECTION,
        scope=Scope.BROWSER,
    ),
    ActionSpec(
        "edit.restore",
        "Restore case from the bin",
        "restore",
        "cases.restore_selected",
        need=Need.BIN_SELECTION,
    ),
    ActionSpec("edit.find", "Search cases", "search", "show_search", ("Ctrl+F",), separator=True),
    ActionSpec("edit.settings", "Settings…", "settings", "dialogs.show_settings", ("Ctrl+,",)),
    ActionSpec("view.cases", "Cases", "cases", "show_cases", ("Ctrl+1",)),
    ActionSpec(
        "view.metaphase", "Metaphase", "metaphase", "show_metaphase", ("Ctrl+2",), need=Need.CELL
    ),
    ActionSpec(
        "view.karyogram", "Karyogram", "karyogram", "show_karyogram", ("Ctrl+3",), need=Need.CELL
    ),
    ActionSpec(
        "view.switch",
        "Metaphase or karyogram",
        "switch",
        "centre.switch",
        ("Tab",),
        need=Need.CELL,
        scope=Scope.PICTURES,
    ),
    ActionSpec(
        "view.side_by_side",
        "Metaphase beside karyogram",
        "side-by-side",
        "centre.toggle_side_by_side",
        ("F4",),
        need=Need.METAPHASE,
        checkable=True,
    ),
    ActionSpec(
        "view.zoom_in",
        "Zoom in",
        "zoom-in",
        "centre.zoom_in",
        ("Ctrl++", "Ctrl+="),
        need=Need.CELL,
        separator=True,
    ),
    ActionSpec(
        "view.zoom_out", "Zoom out", "zoom-out", "centre.zoom_out", ("Ctrl+-",), need=Need.CELL
    ),
    ActionSpec("view.fit", "Fit to window", "fit", "centre.zoom_fit", ("Ctrl+0",), need=Need.CELL),
    ActionSpec(
        "view.left",
        "Case list",
        "panel-left",
        "docks.toggle_left",
        ("F9",),
        checkable=True,
        separator=True,
    ),
    ActionSpec(
        "view.right",
        "Inspector and findings",
        "panel-right",
        "docks.toggle_right",
        ("F10",),
        checkable=True,
    ),
    ActionSpec(
        "view.zoom_box",
        "Show zoom box",
        "zoom-box",
        "review.toggle_zoom_box",
        ("B",),
        checkable=True,
        scope=Scope.BOARD,
    ),
    ActionSpec("view.theme", "Light or dark theme", "theme", "toggle_theme", ("Ctrl+Shift+L",)),
    ActionSpec(
        "view.palette",
        "Command palette…",
        "commands",
        "dialogs.show_palette",
        ("Ctrl+K",),
        separator=True,
    ),
    ActionSpec(
        "cell.analyse",
        "Analyse cell",
        "analyse",
        "review.analyse",
        ("F5",),
        need=Need.CELL,
        tip="Classify the chromosomes of this cell; what a person repaired or placed stays",
    ),
    ActionSpec(
        "cell.anew",
        "Analyse anew",
        "analyse-anew",
        "anew.analyse",
        ("Ctrl+Shift+F5",),
        need=Need.ANALYSED_CELLS,
        tip="Separate and classify this cell, or the selected ones, as if for the first time",
        otherwise="Needs an analysed cell that is not signed off, nor being analysed or repaired",
    ),
    ActionSpec(
        "cell.analyse_all",
        "Analyse all new cells",
        "analyse-all",
        "cases.analyse_new",
        ("Shift+F5",),
        need=Need.UNANALYSED,
    ),
    ActionSpec(
        "cell.assign",
        "Assign again",
        "assign",
        "assigning.assign_again",
        ("Ctrl+F5",),
        need=Need.CHROMOSOMES,
        tip="Weigh the types of this cell anew, by the assignment chosen in the Model menu",
    ),
    ActionSpec("cell.cancel", "Cancel what runs", "cancel", "jobs.cancel", ("Ctrl+.",)),
    ActionSpec(
        "cell.next",
        "Next cell",
        "next-cell",
        "review.next_cell",
        ("Ctrl+PgDown",),
        need=Need.CELL,
        separator=True,
    ),
    ActionSpec(
        "cell.previous",
        "Previous cell",
        "previous-cell",
        "review.previous_cell",
        ("Ctrl+PgUp",),
        need=Need.CELL,
    ),
    *METAPHASE_ACTIONS,
    *REPAIR_ACTIONS,
    ActionSpec(
        "chromosome.turn",
        "Turn by 180°",
        "turn",
        "board.turn_selection",
        ("R",),
        need=Need.SELECTION,
        arguments=(180.0,),
        scope=Scope.BOARD,
    ),
    ActionSpec(
        "chromosome.right",
        "Turn right by 1°",
        "turn-right",
        "board.turn_selection",
        ("]",),
        need=Need.SELECTION,
        arguments=(1.0,),
        scope=Scope.BOARD,
    ),
    ActionSpec(
        "chromosome.left",
        "Turn left by 1°",
        "turn-left",
        "board.turn_selection",
        ("[",),
        need=Need.SELECTION,
        arguments=(-1.0,),
        scope=Scope.BOARD,
    ),
    ActionSpec(
        "chromosome.mirror",
        "Mirror",
        "mirror",
        "board.mirror_selection",
        ("Ctrl+M",),
        need=Need.SELECTION,
        scope=Scope.BOARD,
        tip="Reflect left to right: marked and logged",
    ),
    ActionSpec(
        "chromosome.tray",
        "Put into the tray",
        "tray",
        "board.move_selection",
        ("Del",),
        need=Need.SELECTION,
        arguments=("tray",),
        scope=Scope.BOARD,
        separator=True,
    ),
    ActionSpec(
        "review.next",
        "Next to review",
        "next",
        "board.next_to_review",
        ("N",),
        need=Need.TO_REVIEW,
        scope=Scope.BOARD,
    ),
    ActionSpec(
        "review.previous",
        "Previous to review",
        "previous",
        "board.previous_to_review",
        ("Shift+N",),
        need=Need.TO_REVIEW,
        scope=Scope.BOARD,
    ),
    ActionSpec(
        "review.confirm",
        "Confirm chromosome",
        "confirm",
        "board.confirm_selection",
        ("Return",),
        need=Need.SELECTION,
        scope=Scope.BOARD,
    ),
    ActionSpec(
        "review.copy_iscn",
        "Copy ISCN proposal",
        "copy",
        "review.copy_iscn",
        ("Ctrl+Shift+C",),
        need=Need.CHROMOSOMES,
        separator=True,
    ),
    ActionSpec(
        "review.sign",
        "Sign off cell",
        "sign-off",
        "review.sign_off",
        ("Ctrl+Return",),
        need=Need.CHROMOSOMES,
        separator=True,
    ),
    ActionSpec(
        "review.withdraw", "Withdraw sign-off", "withdraw", "review.withdraw", need=Need.SIGNED
    ),
    ActionSpec("model.choose", "Models…", "models", "models.choose"),
    ActionSpec("model.compare", "Compare models…", "compare", "models.compare"),
    ActionSpec(
        "model.roll_back",
        "Roll back model",
        "roll-back",
        "models.roll_back",
        need=Need.EARLIER_MODEL,
        tip="Use the model again that was in use before",
        otherwise="No other model was in use before",
    ),
    ActionSpec("model.train", "Train…", "train", "models.train", separator=True),
    ActionSpec(
        "help.shortcuts", "Keyboard shortcuts", "keyboard", "dialogs.show_shortcuts", ("?", "F1")
    ),
    ActionSpec("help.log", "Show log file", "log", "dialogs.show_log"),
    ActionSpec("help.diagnostics", "Diagnostics…", "inspector", "dialogs.show_diagnostics"),
    ActionSpec("help.about", "About KaryoGUI", "about", "dialogs.show_about", separator=True),
)

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
    "chromosome.mirror",
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

BOARD_KEYS: tuple[tuple[str, str], ...] = (
    ("Arrow keys", "Walk the board from slot to slot"),
    ("1 … 22, X, Y, M", "Move the selection there; M: marker"),
    ("Shift+[  Shift+]", "Turn by 5°"),
    ("0", "Fit to window"),
    ("Space and drag", "Move the view"),
    ("Mouse wheel", "Zoom to the pointer"),
    ("Shift and click", "Select several"),
    ("Esc", "Give up a drag"),
)
"""Keys that the board itself handles, for the overview."""


class ActionSet(QObject):
    """The table's QActions, each calling its method on `owner`."""

    def __init__(self, owner: QWidget, specs: Sequence[ActionSpec] = ACTIONS) -> None:
        super().__init__(owner)
        self._owner = owner
        self.specs = {spec.id: spec for spec in specs}
        self._actions = {spec.id: self._make(spec) for spec in specs}
        self.refresh_icons()

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def pairs(self) -> tuple[tuple[ActionSpec, QAction], ...]:
        """Every line of the table with its QAction."""
        return tuple((self.specs[i], action) for i, action in self._actions.items())

    def set_available(self, there: Iterable[Need]) -> None:
        """Enable the actions whose need is among `there`; the others turn grey."""
        needs = {Need.NOTHING, *there}
        for action_id, action in self._actions.items():
            spec = self.specs[action_id]
            action.setEnabled(spec.need in needs)
            if spec.otherwise:
                action.setToolTip(_tip(spec, action))

    def bind(self, scope: Scope, widget: QWidget) -> None:
        """Let the keys of a scope work while `widget` or a child of it has the focus."""
        for spec, action in self.pairs():
            if spec.scope is scope:
                widget.addAction(action)

    def refresh_icons(self) -> None:
        """Draw all icons in the colours of the present theme."""
        for action_id, action in self._actions.items():
            action.setIcon(theme.icon(self.specs[action_id].icon))

    def fill_menu_bar(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; returns them by name for what is added at run time."""
        menus = {name: bar.addMenu(_LETTERS.get(name, f"&{name}")) for name in MENUS}
        for action_id, action in self._actions.items():
            menu = menus[self.specs[action_id].menu]
            if self.specs[action_id].separator:
                menu.addSeparator()
            menu.addAction(action)
            if self.specs[action_id].otherwise:
                menu.setToolTipsVisible(True)
        return menus

    def fill_toolbar(self, bar: QToolBar, ids: Sequence[str] = TOOLBAR) -> None:
        """Put actions into the toolbar: icons, with text and key on hover."""
        for action_id in ids:
            if action_id:
                bar.addAction(self._actions[action_id])
            else:
                bar.addSeparator()

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
        # Looked up when it is triggered: the window's parts are made after its actions.
        action.triggered.connect(partial(self._call, spec))
        return action

    def _call(self, spec: ActionSpec, _checked: bool = False) -> None:
        callback: Callable[..., object] = attrgetter(spec.callback)(self._owner)
        callback(*spec.arguments)


def _tip(spec: ActionSpec, action: QAction) -> str:
    """What an action does with its key, or why it cannot be done at present."""
    if spec.otherwise and not action.isEnabled():
        return spec.otherwise
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    tip = spec.tip or spec.text.removesuffix("…")
    return f"{tip}  ({keys})" if keys else tip
