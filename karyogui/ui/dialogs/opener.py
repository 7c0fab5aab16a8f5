"""Opens the dialogs that belong to no single part of the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from karyogui.paths import WEIGHTS, default_data_folder, log_folder
from karyogui.settings import Settings, SettingsStore
from karyogui.ui.actions import ActionSet
from karyogui.ui.dialogs.errors import ErrorsShown
from karyogui.ui.dialogs.parts import accepted
from karyogui.ui.outside import open_outside


class DialogOpener:
    """Settings, command palette, keys, about; and the folder of the log."""

    def __init__(
        self,
        window: QWidget,
        settings: SettingsStore,
        actions: Callable[[], ActionSet],
        data_folder: Path,
    ) -> None:
        self._window, self._settings, self._actions = window, settings, actions
        self._data_folder = data_folder
        self.data_folder_chosen: Callable[[Path], object] = lambda _: None
        """What to do with another data folder."""

    def show_settings(self) -> None:
        """Show the settings and take over what was changed."""
        from karyogui.ui.dialogs.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self._window, self._settings.values)
        if accepted(dialog):
            self.change(dialog.values)

    def show_palette(self) -> None:
        """Show the command palette."""
        from karyogui.ui.dialogs.command_palette import CommandPalette

        accepted(CommandPalette(self._window, self._actions()))

    def show_shortcuts(self) -> None:
        """Show all keys."""
        from karyogui.ui.dialogs.shortcuts import ShortcutsDialog

        accepted(ShortcutsDialog(self._window, self._actions()))

    def show_diagnostics(self) -> None:
        """Show what helps to answer a question about the program."""
        # Only now: what it asks the system with, the window's start need not wait for.
        from karyogui.services.diagnostics import diagnostics
        from karyogui.ui.dialogs.about import DiagnosticsDialog

        values = self._settings.values
        weights = Path(values.weights) if values.weights else WEIGHTS / "compact.safetensors"
        separation = values.separation_weights or WEIGHTS / "separation.safetensors"
        text = diagnostics(self._data_folder, weights, separation, log_folder(), values.device)
        accepted(DiagnosticsDialog(self._window, text))

    def show_about(self) -> None:
        """Show what this program is."""
        from karyogui.ui.dialogs.about import AboutDialog

        accepted(AboutDialog(self._window))

    def choose_data_folder(self) -> None:
        """Ask for another data folder; the application opens it in a new window."""
        here = str(self._data_folder)
        name = QFileDialog.getExistingDirectory(self._window, "Data folder", here)
        if name and Path(name) != self._data_folder:
            self.data_folder_chosen(Path(name))

    def open_own_folder(self) -> None:
        """Open the data folder of the settings, as from the demonstration."""
        chosen = self._settings.values.data_folder
        self.data_folder_chosen(Path(chosen) if chosen else default_data_folder())

    def show_log(self) -> None:
        """Open the folder of the log file."""
        open_outside(log_folder())

    def change(self, values: Settings) -> None:
        """Take over other settings, or say why they could not be kept."""
        with ErrorsShown(self._window):
            self._settings.change(values)
