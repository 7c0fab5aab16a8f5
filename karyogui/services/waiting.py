"""Which cells wait to be analysed, kept beside the database: after a crash they are offered."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model.vocabulary.files import read_plain_text, write_text

log = logging.getLogger(__name__)

WAITING_FILE = "waiting.json"


@dataclass(frozen=True)
class Waiting:
    """Ids of cells that wait; those `anew` are to be separated again, whatever was repaired."""

    cells: tuple[int, ...] = ()
    anew: tuple[int, ...] = ()


class WaitingCells:
    """One small file. A disk that refuses it costs nothing but the offer."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / WAITING_FILE
        self._kept: Waiting | None = None

    def keep(self, waiting: Waiting) -> None:
        """Keep what waits now; nothing leaves no file."""
        if waiting == self._kept:
            return
        self._kept = waiting
        try:
            if waiting.cells:
                told = {"cells": waiting.cells, "anew": waiting.anew}
                write_text(self._path, json.dumps(told))
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("what waits could not be kept: %s", error.strerror)

    def left(self) -> Waiting:
        """What waited when the program ended; nothing where that is unknown."""
        try:
            told = json.loads(read_plain_text(self._path))
            return Waiting(_ids(told["cells"]), _ids(told["anew"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return Waiting()


def _ids(told: Sequence[object]) -> tuple[int, ...]:
    return tuple(each for each in told if isinstance(each, int))
