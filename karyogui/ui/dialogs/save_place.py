"""Where a file is to be saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


class SavePlace:
    """Asks for a file to write; the folder chosen last is proposed for the next one."""

    def __init__(self) -> None:
        self.folder = Path.home()

    def ask(self, parent: QWidget, title: str, name: str, kind: str) -> Path | None:
        """The chosen file, with the suffix of `name` where none was typed; None if cancelled."""
        suffix = Path(name).suffix
        chosen, _ = QFileDialog.getSaveFileName(
            parent, title, str(self.folder / name), f"{kind} (*{suffix})"
        )
        if not chosen:
            return None
        path = Path(chosen)
        self.folder = path.parent
        return path if path.suffix else path.with_name(path.name + suffix)
