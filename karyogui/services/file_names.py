"""Names of files that every file system takes, and names from file systems as they are shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 160
"""Bytes of a name without its ending: with one, and a number, it fits where 255 or less may be."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]+')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever their ending."""
_CUT = "…"
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Embeddings, overrides and isolates of the writing direction; marks and letters have their own."""


def shown_name(name: str) -> str:
    """A name from a file system so that it can be stored and shown, whatever its bytes are.

    Bytes that are no UTF-8 are read as Windows wrote them in the West; control characters become
    blanks, and what would turn round the direction of all that follows is left out.
    """
    name = name.translate(_TURNING)
    return "".join(_shown(c) if "\ud800" <= c <= "\udfff" or c < " " else c for c in name)


def _shown(character: str) -> str:
    if character < " ":
        return " "
    escaped = ord(character) - 0xDC00
    return bytes([escaped]).decode("cp1252", "replace") if 0x80 <= escaped <= 0xFF else "\ufffd"


def safe_name(name: str, otherwise: str = "cell", instead: str = "_") -> str:
    """A name for a file without its ending, on every system; `otherwise` where nothing is left.

    What may not stand in a name becomes `instead`; a name that is too long loses its middle, since
    the names of cells often differ in their ends.
    """
    plain = _FORBIDDEN.sub(instead, unicodedata.normalize("NFC", name)).strip().rstrip(" .")
    plain = plain or otherwise
    if _DEVICES.fullmatch(plain.partition(".")[0].rstrip()):
        plain = f"_{plain}"
    data = plain.encode()
    if len(data) <= LONGEST:
        return plain
    half = (LONGEST - len(_CUT.encode())) // 2
    head = data[:half].decode(errors="ignore").rstrip()
    return f"{head}{_CUT}{data[-half:].decode(errors='ignore').lstrip()}"


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names, numbered where one is there already; also where the case of letters is ignored."""
    taken: set[str] = set()
    result = []
    for name in names:
        unique, number = name, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique.casefold())
        result.append(unique)
    return tuple(result)
