"""Stored data that cannot be read are contained: one sentence, and everything else goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from karyogui.errors import KaryoError
from karyogui.log import in_short

log = logging.getLogger(__name__)

HINT = "Everything else can be used. Run `check` on the data folder, and restore a backup."


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
