"""Stored data that cannot be read is contained: one sentence, and everything else works."""

from __future__ import annotations

import logging
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from karyogui.errors import KaryoError
from karyogui.log import in_short

log = logging.getLogger(__name__)

DAMAGE = (
    KaryoError, sqlite3.Error, SQLAlchemyError, OSError, ValueError, TypeError, LookupError,
    AttributeError, ArithmeticError, RecursionError, MemoryError, AssertionError, EOFError,
    struct.error, zlib.error,
)  # fmt: skip
"""What reading damaged data may raise."""

HINT = "Everything else can be used. Run `check` on the data folder, and restore a backup."


def words_of(error: BaseException) -> str:
    """What an error says, without its full stop; its kind where it says nothing."""
    return str(error).strip().rstrip(".") or type(error).__name__


@contextmanager
def contained(what: str) -> Iterator[None]:
    """Turn what reading damaged rows raises into a `KaryoError` about `what`."""
    try:
        yield
    except KaryoError:
        raise
    except (
        ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError,
    ) as error:  # fmt: skip
        log.error("stored data could not be read: %s", in_short(error))
        raise KaryoError(f"What is stored of {what} is damaged and cannot be shown.", HINT) from (
            error
        )
