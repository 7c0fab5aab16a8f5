"""The log file: a rotating text file that a person can send along with a question."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
MAX_BYTES = 1_000_000
KEPT_FILES = 3


def open_log(folder: Path) -> logging.Handler:
    """Log everything of the program into `folder`/karyogui.log; give the result to `close_log`.

    Where the folder cannot be written the program must start all the same, so the log then goes
    nowhere.
    """
    handler: logging.Handler
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "karyogui.log", maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(FORMAT))
    logger = logging.getLogger("karyogui")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    return handler


def close_log(handler: logging.Handler) -> None:
    """End logging to `handler` and close its file."""
    logging.getLogger("karyogui").removeHandler(handler)
    handler.close()
