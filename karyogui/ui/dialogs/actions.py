"""What opens a dialog that belongs to no single part of the window."""

from __future__ import annotations

from karyogui.ui.action_spec import ActionSpec
from karyogui.ui.dialogs.opener import DialogOpener


def dialog_actions(dialogs: DialogOpener) -> tuple[ActionSpec, ...]:
    """Data folder, settings, command palette and help."""
    return (
        ActionSpec("file.data_folder", "Data folder…", "folder", dialogs.choose_data_folder),
        ActionSpec("edit.settings", "Settings…", "settings", dialogs.show_settings, ("Ctrl+,",)),
        ActionSpec(
            "view.palette", "Command palette…", "commands", dialogs.show_palette, ("Ctrl+K",)
        ),
        ActionSpec(
            "help.shortcuts", "Keyboard shortcuts", "keyboard", dialogs.show_shortcuts, ("?", "F1")
        ),
        ActionSpec("help.log", "Show log file", "log", dialogs.show_log),
        ActionSpec("help.diagnostics", "Diagnostics…", "inspector", dialogs.show_diagnostics),
        ActionSpec("help.about", "About KaryoGUI", "about", dialogs.show_about),
    )
