"""The log file: a rotating text file that a person can send along with a question.

It names acts by the numbers of cases and cells, with seconds; never by names, and of an expected
failure not the words, which may hold some.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from karyogui.errors import KaryoError
from model.vocabulary.files import require_plain

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
FILE = "karyogui.log"
MAX_BYTES = 1_000_000
KEPT_FILES = 3


class NamelessFormatter(logging.Formatter):
    """Of an error its kind and where it arose, never its words: they may name a case or a file."""

    def formatException(self, ei: Any) -> str:  # noqa: N802, ANN401 - as Python has it
        """The stack, of what caused the error too."""
        kind, error, trace = ei
        told = traceback.TracebackException(kind, error, trace)
        lines: list[str] = []
        chain: list[traceback.TracebackException] = []
        link: traceback.TracebackException | None = told
        while link is not None and link not in chain:
            chain.append(link)
            link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
        for each in reversed(chain):
            lines.append("Traceback (most recent call last):")
            lines += [line.rstrip("\n") for line in each.stack.format()]
            lines.append(_kind(each))
        return "\n".join(lines)


def _kind(told: traceback.TracebackException) -> str:
    name = getattr(told, "exc_type_str", None) or getattr(told.exc_type, "__name__", "error")
    return str(name)


def tell_more() -> None:
    """Log details too, and everything on the standard error as well (`--debug`)."""
    logging.basicConfig(stream=sys.stderr, format=FORMAT)
    logging.getLogger("karyogui").setLevel(logging.DEBUG)


def open_log(folder: Path) -> logging.Handler:
    """Log everything of the program into `folder`/karyogui.log; give the result to `close_log`.

    Where the folder cannot be written the program must start all the same, so the log then goes
    nowhere.
    """
    handler: logging.Handler
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (folder / FILE).exists():
            require_plain(folder / FILE)
        handler = RotatingFileHandler(
            folder / FILE, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(NamelessFormatter(FORMAT))
    logger = logging.getLogger("karyogui")
    logger.setLevel(logger.level or logging.INFO)
    logger.addHandler(handler)
    return handler


def close_log(handler: logging.Handler) -> None:
    """End logging to `handler` and close its file."""
    logging.getLogger("karyogui").removeHandler(handler)
    handler.close()


@contextmanager
def timed(log: logging.Logger, act: str) -> Iterator[list[str]]:
    """Log an act with its seconds when it ends, well or not.

    `act` says what is done to what, by numbers; what the block puts into the list is logged too.
    """
    began = time.perf_counter()
    told: list[str] = []
    try:
        yield told
    except BaseException as error:
        told.append(in_short(error))
        raise
    finally:
        log.info("%s: %.2f s", ", ".join([act, *told]), time.perf_counter() - began)


def in_short(error: BaseException) -> str:
    """What an error is and where it arose, without its words: they may name a case or a file."""
    kind = "refused" if isinstance(error, KaryoError) else type(error).__name__
    places = traceback.extract_tb(error.__traceback__)
    return f"{kind} at {Path(places[-1].filename).name}:{places[-1].lineno}" if places else kind
