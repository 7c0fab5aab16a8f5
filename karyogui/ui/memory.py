"""What the window takes up again at its next start: place, layout, columns, cell and page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize

from karyogui.ui.centre import CASES_PAGE, PAGE_NAMES
from karyogui.ui.window_state import WindowState

if TYPE_CHECKING:
    from karyogui.ui.main_window import MainWindow

LARGEST = QSize(1600, 1000)
"""Size at the first start, where the screen has room for it and for the window's frame."""
FRAME = QSize(8, 40)
LAYOUT_VERSION = 1
"""Raised when docks or toolbars change, so that an older remembered layout is not restored."""


def restore(window: MainWindow, state: WindowState, folder: Path) -> None:
    """Show the window as it was left; `folder` is the data folder that is open."""
    if geometry := state.bytes("window/geometry"):
        window.restoreGeometry(geometry)
    else:
        room = window.screen().availableSize() - FRAME
        window.resize(LARGEST.boundedTo(room))
    layout = state.bytes("window/layout")
    if layout is None or not window.restoreState(layout, LAYOUT_VERSION):
        window.docks.arrange()
    if columns := state.bytes("browser/columns"):
        window.cases.panel.restore_column_state(columns)
    cell_id = state.number("last/cell")
    is_here = cell_id is not None and window.cases.has_cell(cell_id)
    if cell_id is not None and is_here and state.text("last/folder") == str(folder):
        window.open_cell.open(cell_id)
    centre = window.centre
    centre.show_side_by_side(state.number("metaphase/side_by_side") == 1)
    page = state.text("last/page")
    if window.open_cell.cell is None or page not in PAGE_NAMES:
        page = PAGE_NAMES[CASES_PAGE]
    centre.show_page(PAGE_NAMES.index(page))
    window.docks.make_room(centre.needs_room)


def remember(window: MainWindow, state: WindowState, folder: Path) -> None:
    """Keep how the window stands, before it closes."""
    cell = window.open_cell.cell
    state.keep("window/geometry", window.saveGeometry())
    state.keep("window/layout", window.saveState(LAYOUT_VERSION))
    state.keep("browser/columns", window.cases.panel.column_state())
    state.keep("last/folder", str(folder))
    state.keep("last/cell", cell.id if cell else None)
    state.keep("last/page", PAGE_NAMES[window.centre.page])
    state.keep("metaphase/side_by_side", int(window.centre.is_side_by_side))
    window.metaphase.remember()
    state.flush()
