"""The metaphase workspace: quality line, picture with its objects, display and enhancement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QStackedWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from karyogui.domain.cell import Cell
from karyogui.domain.karyogram import Karyogram
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, SeparatedObject, objects_text
from karyogui.ui.board.navigation import neighbour
from karyogui.ui.boxes import column_of, filling, row_of
from karyogui.ui.metaphase import texts
from karyogui.ui.metaphase.display_form import DisplayStrip
from karyogui.ui.metaphase.picture import Opened, ShownPicture
from karyogui.ui.metaphase.scene import MetaphaseScene
from karyogui.ui.metaphase.tools.base import MetaphaseTool
from karyogui.ui.metaphase.view import MetaphaseView
from karyogui.ui.theme import GRID, LIGHT, Theme
from karyogui.ui.view_panel import Hint, ViewPanel
from karyogui.ui.widgets import ElidedLabel, EmptyState, IconLabel, line, set_role


class QualityLine(QWidget):
    """A verdict with its reason, the figures under it, and room for buttons at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("state-new", 16, "muted")
        self.verdict = ElidedLabel()
        self.facts = ElidedLabel("note")
        words = column_of(self.verdict, self.facts, gap=0)
        self.buttons = row_of(gap=0)
        self.setLayout(
            row_of(self._icon, filling(words), self.buttons, gap=2, margins=(3, 1, 2, 1))
        )
        # The same height with one line or two: the picture must not jump.
        height = self.verdict.sizeHint().height() + self.facts.sizeHint().height()
        self.setMinimumHeight(height + 2 * GRID)

    def show_cell(self, cell: Cell, waiting: bool) -> None:
        """Tell about a metaphase, analysed or not."""
        quality, facts = cell.quality, texts.facts(cell)
        if not cell.is_analysed:
            next_step = texts.WAITING if waiting else texts.NOT_ANALYSED
            facts = "  ·  ".join(part for part in (facts, next_step) if part)
        if quality is None and not cell.is_analysed:
            name, tone = ("analyse", "accent") if waiting else ("state-new", "muted")
            self._say(name, tone, facts, "")
            return
        if quality is None:
            self._say("state-analysed", "muted", facts, "")
        elif quality.worth:
            self._say("confirm", "text", texts.verdict(quality, cell.check), facts)
        else:
            self._say("alert", "amber_mark", texts.verdict(quality, cell.check), facts)
            set_role(self.verdict, "amber")
        whole = [self.verdict.text(), facts.replace("  ·  ", ", ")]
        if cell.objects:
            whole.append(f"Found: {objects_text(cell.objects)}")
        self.setToolTip("\n".join(dict.fromkeys(whole)))

    def _say(self, icon: str, tone: str, verdict: str, facts: str) -> None:
        self.setToolTip("")
        self._icon.set_icon(icon, tone)
        set_role(self.verdict, "")
        self.verdict.setText(verdict)
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))


Grey = NDArray[np.uint8]
Objects = Sequence[SeparatedObject]


class MetaphasePanel(ViewPanel):
    """Shows one cell's metaphase. It edits nothing itself: it asks by its signals."""

    view: MetaphaseView
    repair_requested = Signal(object)
    """A `Repair` that a tool has made."""
    selection_changed = Signal(list)
    """The selected ids."""
    recipe_changed = Signal(object)
    """The `Recipe` that a person wants recorded."""
    inspection_requested = Signal(str)
    """A chromosome was double-clicked: its id."""
    context_menu_requested = Signal(object)
    """The right button was pressed: a `QPoint` on the screen."""
    karyogram_requested = Signal()
    picture_requested = Signal()
    """A tool was chosen while the photograph is out of sight."""
    """The cell has no photograph, and a person wants what there is."""

    def __init__(self) -> None:
        super().__init__()
        self._cell: Cell | None = None
        self._is_opening = False
        self._karyogram: Callable[[], Karyogram | None] = lambda: None
        self.scene = MetaphaseScene(self)
        self.view = MetaphaseView(self.scene, self._tooltip, self)
        self.view.setAccessibleName("Metaphase")
        self.quality = QualityLine()
        self.strip = DisplayStrip()
        self.picture = ShownPicture(self.scene, self)
        self.hint = Hint(self.view.viewport())
        self.tool_bar = QToolBar()
        self.tool_bar.setOrientation(Qt.Orientation.Vertical)
        self.tool_bar.hide()
        self.empty = EmptyState(
            "metaphase",
            texts.NO_METAPHASE,
            texts.NO_METAPHASE_HINT,
            (("Show the karyogram", self.karyogram_requested.emit),),
        )
        self._lay_out()
        self.setFocusProxy(self.view)
        self.strip.display.display_changed.connect(self.picture.set_display)
        self.strip.recipe.preview_changed.connect(self.picture.set_recipe)
        self.strip.recipe.raw_wanted.connect(self.picture.show_raw)
        self.strip.recipe.recipe_changed.connect(self.recipe_changed)
        self.picture.enhanced_changed.connect(self.strip.display.show_picture)
        self.scene.selection_changed.connect(self._on_selection)
        self.view.repair_requested.connect(self.repair_requested)
        self.view.hint_changed.connect(self.hint.say)
        self.view.inspection_requested.connect(self.inspection_requested)
        self.view.context_menu_requested.connect(self.context_menu_requested)
        self.set_colours(LIGHT)

    def _lay_out(self) -> None:
        middle = row_of(self.tool_bar, filling(self.view), gap=0)
        work = QWidget()
        parts = (self.quality, line(), filling(middle), self.strip)
        self._column = column_of(*parts, gap=0, margins=0)
        work.setLayout(self._column)
        self._pages = QStackedWidget()
        self._pages.addWidget(work)
        self._pages.addWidget(self.empty)
        self.setLayout(column_of(self._pages, margins=0))
        self.setMinimumWidth(75 * GRID)

    def show_above(self, widget: QWidget) -> None:
        """Put something between the quality line and the picture."""
        self._column.insertWidget(self._column.indexOf(self.quality) + 2, widget)

    # -- the cell --------------------------------------------------------------------------------

    @property
    def cell(self) -> Cell | None:
        """The cell whose metaphase is shown."""
        return self._cell

    def show_cell(self, cell: Cell, picture: Grey | Opened) -> None:
        """Show another cell's metaphase: its raw picture (h, w) and its objects."""
        self._leave()
        self._cell = cell
        if isinstance(picture, Opened):
            self.picture.set_raw(picture.pixels, picture.rendering)
            self.scene.pixels, self.scene.known_lines = picture.pixels, picture.lines
        else:
            self.picture.set_raw(picture)
            self.scene.pixels = picture
        self._pages.setCurrentIndex(0)
        self.take_cell(cell)
        self.view.fit()

    def show_opening(self, cell: Cell) -> None:
        """Show that another cell's picture is on its way."""
        self._leave()
        self._cell, self._is_opening = cell, True
        self._pages.setCurrentIndex(0)
        self.quality.show_cell(cell, waiting=False)
        self.hint.say(texts.OPENING)

    def show_cut_outs(self, cell: Cell) -> None:
        """Say that a cell of ready cut-outs, or of a finished karyogram, has no metaphase."""
        hint = texts.OF_KARYOGRAM_HINT if cell.is_from_karyogram else texts.NO_METAPHASE_HINT
        self._show_empty(cell, texts.NO_METAPHASE, hint)

    def show_failure(self, cell: Cell, sentence: str) -> None:
        """Say why the picture cannot be shown."""
        self._show_empty(cell, texts.UNREADABLE, sentence)

    def show_nothing(self) -> None:
        """Show no cell."""
        self._leave()
        self._cell = None

    def take_cell(self, cell: Cell, waiting: bool = False) -> None:
        """Show what has become of the cell: other objects, another recipe, another quality.

        Zoom, selection and display stay; `waiting` says that its analysis is under way.
        """
        if self._cell is None or cell.id != self._cell.id or self.scene.is_empty:
            return
        self._cell = cell
        self.scene.used_ids = cell.used_ids
        self._take_objects(cell.objects)
        recipe = cell.recipe or Recipe()
        if recipe != self.strip.recipe.recorded:
            self.strip.recipe.show_recorded(recipe)
        self.quality.show_cell(cell, waiting)
        self._describe()

    def _take_objects(self, objects: Objects) -> None:
        """Show other objects; where they look the same, a gesture goes on undisturbed."""
        known = self.scene.objects
        shown = [known[o.id] if o.id in known and o.is_like(known[o.id]) else o for o in objects]
        if shown != list(known.values()):
            self.view.cancel_gesture()
            self.scene.set_objects(shown)

    def set_karyogram(self, karyogram: Callable[[], Karyogram | None]) -> None:
        """Say where to ask for the karyogram whose types stand beside the chromosomes."""
        self._karyogram = karyogram

    def show_types(self) -> None:
        """Write the present types beside the chromosomes."""
        karyogram = self._karyogram()
        placements = karyogram.placements if karyogram is not None else ()
        self.set_labels({p.chromosome_id: texts.label_of(p.slot) for p in placements})

    def set_labels(self, labels: Mapping[str, str]) -> None:
        """What stands beside the chromosomes, by id."""
        self.scene.set_labels(labels)

    def _leave(self) -> None:
        self._is_opening = False
        self.view.end_tool()
        self.view.cancel_gesture()
        self.scene.set_selected_ids(())
        self.scene.set_objects(())
        self.scene.known_lines = {}
        self.scene.set_labels({})
        self.strip.recipe.show_recorded(Recipe())
        self.picture.set_raw(None)
        self.hint.say("")

    def _show_empty(self, cell: Cell, title: str, text: str) -> None:
        self._leave()
        self._cell = cell
        self.empty.say(title, text)
        self._pages.setCurrentIndex(1)

    @property
    def has_picture(self) -> bool:
        """Whether a metaphase is shown, or will be in a moment."""
        return self._is_opening or not self.scene.is_empty

    # -- selection -------------------------------------------------------------------------------

    @property
    def selection(self) -> tuple[str, ...]:
        """The selected ids."""
        return self.scene.selected_ids

    def select(self, ids: Sequence[str]) -> None:
        """Select exactly these, as far as they are here, and bring them into view."""
        self.scene.set_selected_ids(ids)
        self.view.reveal(self.scene.selected_ids)

    def walk_objects(self, step: int) -> bool:
        """Select the object after (1) or before (-1), debris too, as one reads the picture.

        False when there is no further one.
        """
        order = [o.id for o in sorted(self.scene.shown_objects(), key=texts.reading_order)]
        to = neighbour(order, self.selection, step)
        if to is not None:
            self.select((to,))
        return to is not None

    def select_all(self) -> None:
        """Select every chromosome."""
        shown = self.scene.objects.values()
        self.scene.set_selected_ids([o.id for o in shown if o.kind is ObjectKind.CHROMOSOME])

    def _on_selection(self, ids: list[str]) -> None:
        self._describe()
        self.selection_changed.emit(ids)

    # -- what the menus ask ----------------------------------------------------------------------

    def set_tool(self, tool: MetaphaseTool | None) -> None:
        """Let a tool have the left button, in sight; None for the select tool."""
        if tool is not None and not self.view.isVisible():
            self.picture_requested.emit()
        self.view.set_tool(tool)

    def show_labels(self, shown: bool) -> None:
        """Show or hide the labels."""
        self.view.labels.show_labels(shown)
        self.view.viewport().update()

    def show_rejected(self, shown: bool) -> None:
        """Show or hide what is no chromosome."""
        self.scene.show_rejected(shown)

    def show_strip(self, shown: bool) -> None:
        """Show or hide display settings and enhancement."""
        self.strip.setVisible(shown)

    @property
    def labels_are_shown(self) -> bool:
        """Whether labels are shown."""
        return self.view.labels.are_shown

    @property
    def rejected_are_shown(self) -> bool:
        """Whether what is no chromosome is shown."""
        return self.scene.rejected_are_shown

    @property
    def strip_is_shown(self) -> bool:
        """Whether display settings and enhancement are shown."""
        return not self.strip.isHidden()

    def add_tools(self, actions: Sequence[QAction | None]) -> None:
        """Put tools into the bar at the left of the picture; None for a separator."""
        for action in actions:
            if action is None:
                self.tool_bar.addSeparator()
            else:
                self.tool_bar.addAction(action)
        self.tool_bar.setVisible(bool(self.tool_bar.actions()))

    def add_buttons(self, actions: Sequence[QAction]) -> None:
        """Put switches at the right end of the quality line."""
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.quality.buttons.addWidget(button)

    # -- words and looks -------------------------------------------------------------------------

    def set_colours(self, colours: Theme) -> None:
        """Follow the theme."""
        self.scene.set_colours(colours)
        super().set_colours(colours)

    def _tooltip(self, object_id: str) -> str:
        return texts.tooltip(self.scene.objects[object_id], self._karyogram())

    def _describe(self) -> None:
        said = texts.describe(self._cell, self.selection, self._karyogram())
        self.view.setAccessibleDescription(said)
