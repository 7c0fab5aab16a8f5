"""Files and folders shown by other programs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from karyogui.errors import KaryoError
from karyogui.ui.dialogs.errors import show_error


def open_outside(path: Path) -> None:
    """Open a file or folder with the program that the system has for it, or say where it is."""
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        told = KaryoError("No program on this computer opens this.", f"It is here: {path}")
        show_error(QApplication.activeWindow(), told)
