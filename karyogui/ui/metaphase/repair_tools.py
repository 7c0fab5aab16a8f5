"""What a person repairs with: the tools, the acts on the selection, and their keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction, QKeyEvent

from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.ui.action_spec import ActionSpec
from karyogui.ui.actions import ActionSet
from karyogui.ui.metaphase.panel import MetaphasePanel
from karyogui.ui.metaphase.repair_controller import RepairController, obstacle
from karyogui.ui.metaphase.tools import TOOLS

TOOL_BAR: tuple[str, ...] = (
    *(f"repair.{tool.id}" for tool in TOOLS),
    "",
    "repair.delete",
    "repair.restore",
)
"""Actions beside the picture, an empty one for a separator."""


class RepairTools(QObject):
    """Gives tools to the view, and makes repairs of what actions ask for the selection."""

    def __init__(self, panel: MetaphasePanel, repairs: RepairController) -> None:
        super().__init__(panel)
        self._panel, self._repairs = panel, repairs
        self._tools = {tool.id: tool(panel.view) for tool in TOOLS}
        self.specs: tuple[ActionSpec, ...] = ()
        self._actions: dict[str, QAction] = {}
        panel.view.tool_changed.connect(lambda _: self.show_state())
        panel.view.installEventFilter(self)

    def take_actions(self, actions: ActionSet, specs: Sequence[ActionSpec]) -> None:
        """Put the buttons beside the picture; `specs` are those of the repairs."""
        self.specs = tuple(specs)
        self._actions = {spec.id: actions[spec.id] for spec in specs}
        self._panel.add_tools([actions[i] if i else None for i in TOOL_BAR])

    @property
    def obstacle(self) -> str:
        """Why the cell that is shown cannot be repaired; empty when it can."""
        return obstacle(self._panel.cell)

    @property
    def can_repair(self) -> bool:
        """Whether the cell that is shown can be repaired."""
        return not self.obstacle

    @property
    def has_selection(self) -> bool:
        """Whether objects are selected in the picture."""
        return bool(self._panel.selection)

    # -- what the actions call -------------------------------------------------------------------

    def choose(self, tool_id: str) -> None:
        """Take up a tool, or lay it down when it is in use; some act on a selection at once.

        KeyError for an unknown id.
        """
        tool, view = self._tools[tool_id], self._panel.view
        view.cancel_gesture()
        try:
            done = view.tool is not tool and tool.at_once()
        except KaryoError as error:
            self._panel.show_message(str(error))
            done = True
        if not done:
            self._panel.set_tool(None if view.tool is tool else tool)
        view.setFocus()
        self.show_state()

    def delete(self) -> None:
        """Delete the selected objects; they stay in sight and can be restored."""
        from karyogui.services import repair_geometry

        self._repair(repair_geometry.delete)

    def restore(self) -> None:
        """Make the deleted ones among the selected objects chromosomes again."""
        from karyogui.services import repair_geometry

        self._repair(repair_geometry.restore)

    def mark(self, kind: str) -> None:
        """Say what the selected objects are, one of `ObjectKind`."""
        from karyogui.services import repair_geometry
        from karyogui.services.leftovers import size_doubt
        from karyogui.services.repair_geometry import chromosome_width

        width = chromosome_width(list(self._panel.scene.objects.values()))
        repair = self._repair(lambda chosen: repair_geometry.mark(chosen, ObjectKind(kind)))
        if repair is not None and (doubt := size_doubt(repair.after, width)):
            self._panel.show_message(f"{repair.text}. {doubt}")

    def rotate(self, degrees: float) -> None:
        """Turn the upright crops of the selection clockwise; small turns in a row are one step."""
        from karyogui.services import repair_geometry

        self._repair(lambda chosen: repair_geometry.rotate(chosen, degrees))

    def _repair(self, make: Callable[[Sequence[SeparatedObject]], Repair]) -> Repair | None:
        """Make a repair of the selected objects; None, with the reason shown, when it cannot be."""
        scene = self._panel.scene
        try:
            repair = make([scene.objects[i] for i in scene.selected_ids])
        except KaryoError as error:
            self._panel.show_message(str(error))
            return None
        if not self._repairs.repair(repair):
            return None
        self._panel.show_message(f"{repair.text}.")
        return repair

    # -- which of it can be done -----------------------------------------------------------------

    def show_state(self) -> None:
        """Check the tool in use, and lay it down where it cannot be used."""
        for tool_id, tool in self._tools.items():
            self._actions[f"repair.{tool_id}"].setChecked(self._panel.view.tool is tool)
        if not self.can_repair and self._panel.view.tool in self._tools.values():
            self._panel.set_tool(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A tool's own keys come before the window's, and during a gesture there are no others."""
        view = self._panel.view
        if watched is view and isinstance(event, QKeyEvent):
            is_asked = event.type() is QEvent.Type.ShortcutOverride
            if is_asked and (view.is_busy or view.tool.wants(event)):
                event.accept()
                return True
        return super().eventFilter(watched, event)
