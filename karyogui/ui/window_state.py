"""What the window remembers by itself: layout, last cell, page, zoom, column widths."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings


class WindowState:
    """Typed access to one INI file; a missing or broken value is as if there were none."""

    def __init__(self, path: Path) -> None:
        self._store = QSettings(str(path), QSettings.Format.IniFormat)

    def bytes(self, key: str) -> QByteArray | None:
        """A layout as Qt saved it."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None

    def number(self, key: str) -> int | None:
        """A whole number."""
        value = self._store.value(key)
        try:
            return int(str(value))
        except ValueError:
            return None

    def text(self, key: str) -> str:
        """A text; empty when there is none."""
        value = self._store.value(key)
        return value if isinstance(value, str) else ""

    def keep(self, key: str, value: QByteArray | int | str | None) -> None:
        """Remember a value; None forgets it."""
        if value is None:
            self._store.remove(key)
        else:
            self._store.setValue(key, value)

    def flush(self) -> None:
        """Write now; a place that cannot be written loses the layout and nothing else."""
        self._store.sync()
