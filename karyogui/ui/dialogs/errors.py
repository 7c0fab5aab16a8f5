"""Errors in words: one dialog for what the world did, one with details for a bug of ours."""

from __future__ import annotations

import logging
import platform
import traceback

import PySide6
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from karyogui.errors import KaryoError
from karyogui.log import in_short
from karyogui.ui import theme

log = logging.getLogger(__name__)


def details_of(error: BaseException) -> str:
    """What helps to find a bug: the traceback and the versions of what runs."""
    trace = "".join(traceback.format_exception(error))
    system = f"Python {platform.python_version()}, Qt {PySide6.__version__}, {platform.platform()}"
    return f"{system}\n\n{trace}"


def error_box(parent: QWidget | None, error: BaseException) -> QMessageBox:
    """The dialog for an error, not yet shown."""
    box = QMessageBox(parent)
    box.setWindowTitle("KaryoGUI")
    if isinstance(error, KaryoError):
        _set_icon(box, "alert", theme.current().amber_mark)
        box.setText(error.sentence)
        box.setInformativeText(error.hint)
        box.addButton(QMessageBox.StandardButton.Close)
        return box
    _set_icon(box, "error", theme.current().error)
    box.setText("Something went wrong inside KaryoGUI.")
    box.setInformativeText(
        "Your cases are safe: every edit was saved when it was made. "
        "The details help to find the cause."
    )
    details = details_of(error)
    box.setDetailedText(details)
    copy = box.addButton("Copy details", QMessageBox.ButtonRole.ActionRole)
    # Copying must not close the dialog, as any button of a message box would.
    copy.clicked.disconnect()
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Close))
    return box


def _set_icon(box: QMessageBox, name: str, colour: str) -> None:
    box.setIconPixmap(theme.pixmap(name, 32, colour, box.devicePixelRatioF()))


def show_error(parent: QWidget | None, error: BaseException) -> None:
    """Show an error and go on; a bug is logged with its traceback."""
    if isinstance(error, KaryoError):
        log.warning("shown: %s", in_short(error))
    else:
        log.error("bug", exc_info=error)
    box = error_box(parent, error)
    box.exec()
    box.deleteLater()


class ErrorsShown:
    """A `KaryoError` raised within the block is shown, and the program continues after it."""

    def __init__(self, parent: QWidget | None) -> None:
        self._parent = parent

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, KaryoError):
            show_error(self._parent, error)
            return True
        return False
