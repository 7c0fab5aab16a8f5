"""Protocols: how many cells a laboratory counts, analyses and karyotypes, and what is a clone.

The numbers are a laboratory's own: what stands here are presets to begin with. A case keeps the
protocol it was worked by, so that a later change of a preset does not change its result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from karyogui.errors import KaryoError

MOST_CELLS = 10_000
"""More cells than anybody examines of one case."""
STEM_WORDS = ("sl", "idem")


class Unit(StrEnum):
    """What is independent of each other: in situ it is the colony that a cell grew in."""

    CELL = "cell"
    COLONY = "colony"


@dataclass(frozen=True)
class Protocol:
    """What one kind of examination asks for.

    `counted`, `analysed` and `karyotyped` are cells, `per_line` the karyograms of each line, all at
    least; `cultures` independent ones. `extend` are the numbers to go on to when something is
    found in too few cells. `bands` is the least band level, `goal` the wished one, 0 for none.
    `gains` and `losses` are the units that make a gain or structural change, and a loss, clonal.
    For the unit colony `counted` is of colonies, of which no more than `per_colony` cells are
    taken (0 for any number). A `neoplastic` case has acquired changes and stem lines, to which side
    lines refer by `stem_word` (sl or idem); a `prenatal` one reports levels of mosaicism.
    """

    name: str
    counted: int = 20
    analysed: int = 5
    karyotyped: int = 2
    per_line: int = 1
    cultures: int = 2
    extend: tuple[int, ...] = (30, 50)
    bands: int = 0
    goal: int = 0
    gains: int = 2
    losses: int = 3
    confidence: float = 0.95
    unit: Unit = Unit.CELL
    per_colony: int = 0
    neoplastic: bool = False
    prenatal: bool = False
    stem_word: str = "sl"


PRESETS: tuple[Protocol, ...] = (
    Protocol("Blood", bands=400, goal=550),
    Protocol(
        "Blood, mosaicism asked",
        counted=30, karyotyped=3, extend=(50, 100), bands=400, goal=550,
    ),
    Protocol("Marrow or blood, neoplastic", analysed=20, extend=(30,), bands=300, neoplastic=True),
    Protocol("Lymph node or solid tumour", analysed=20, extend=(30,), neoplastic=True),
    Protocol(
        "Amniotic fluid, in situ",
        counted=15, extend=(30,), bands=400, unit=Unit.COLONY, per_colony=2, prenatal=True,
    ),
    Protocol("Amniotic fluid, flask", extend=(40,), bands=400, prenatal=True),
    Protocol("Chorionic villi", extend=(40,), bands=400, prenatal=True),
    Protocol("Products of conception", extend=(30,), bands=300),
    Protocol("Fibroblasts", extend=(30, 50), bands=400),
    Protocol(
        "Known rearrangement in the family",
        counted=5, karyotyped=1, cultures=1, extend=(20,),
    ),
)  # fmt: skip
"""What a laboratory starts from; it enters its own numbers."""

_NUMBERS: dict[str, tuple[str, int, int]] = {
    "counted": ("cells to count", 1, MOST_CELLS),
    "analysed": ("cells to analyse", 0, MOST_CELLS),
    "karyotyped": ("cells to karyotype", 0, MOST_CELLS),
    "per_line": ("karyograms of each line", 0, 100),
    "cultures": ("cultures", 1, 100),
    "bands": ("least band level", 0, 1200),
    "goal": ("wished band level", 0, 1200),
    "gains": ("units for a gain", 1, 100),
    "losses": ("units for a loss", 1, 100),
    "per_colony": ("cells of one colony", 0, 100),
}


def problems(protocol: Protocol) -> tuple[str, ...]:
    """What of a protocol makes no sense, a sentence each; none for a good one."""
    found = [] if protocol.name.strip() else ["A protocol needs a name."]
    for key, (words, least, most) in _NUMBERS.items():
        value = getattr(protocol, key)
        if not least <= value <= most:
            found.append(f"{value} {words}: a number from {least} to {most} is meant.")
    if found:
        return tuple(found)
    # Of colonies several cells are counted, so their number sets no limit to the cells analysed.
    if protocol.unit is Unit.CELL and protocol.analysed > protocol.counted:
        found.append("More cells are analysed than counted: every analysed cell is counted too.")
    if protocol.karyotyped > protocol.analysed:
        found.append("More cells are karyotyped than analysed.")
    if protocol.goal and protocol.goal < protocol.bands:
        found.append("The desired band level is below the minimum.")
    if protocol.losses < protocol.gains:
        found.append("A loss needs at least as many units as a gain: losses happen by chance.")
    if protocol.stem_word not in STEM_WORDS:
        found.append("Side lines refer to the stem line by sl or idem.")
    if not 0.5 <= protocol.confidence <= 0.9999:
        found.append("The confidence must be between 50 % and 99.99 %.")
    if any(more > MOST_CELLS for more in protocol.extend):
        found.append(f"Nobody extends a case to more than {MOST_CELLS} cells.")
    steps = (protocol.counted, *protocol.extend)
    if any(later <= earlier for earlier, later in zip(steps, protocol.extend, strict=False)):
        found.append("Each number to extend to must be larger than the one before.")
    return tuple(found)


def checked(protocol: Protocol) -> Protocol:
    """The protocol; `KaryoError` with everything that makes no sense in it."""
    if found := problems(protocol):
        raise KaryoError(f"This protocol cannot be used. {' '.join(found)}")
    return protocol


def same_names(protocols: Iterable[Protocol]) -> tuple[str, ...]:
    """Names that more than one protocol has."""
    names = [protocol.name.strip().casefold() for protocol in protocols]
    return tuple(dict.fromkeys(name for name in names if names.count(name) > 1))


def fitting(presets: Sequence[Protocol], specimen: str) -> Protocol:
    """The preset whose name shares a word with the specimen as it was typed, else the first one."""
    typed = specimen.casefold()
    for preset in presets:
        words = re.findall(r"[^\W\d_]{5,}", preset.name.casefold())
        if any(word in typed for word in words):
            return preset
    return presets[0]


def to_json(protocol: Protocol) -> str:
    """A protocol as text, to be kept."""
    return json.dumps(asdict(protocol), ensure_ascii=False)


def from_json(text: str) -> Protocol:
    """A protocol from kept text; fields that this version does not know are left out.

    `KaryoError` for a text that is no protocol, and for one that makes no sense.
    """
    try:
        stored = json.loads(text)
        known = {field.name for field in fields(Protocol)}
        values: dict[str, Any] = {key: value for key, value in stored.items() if key in known}
        values["extend"] = tuple(int(more) for more in values.get("extend", ()))
        values["unit"] = Unit(values.get("unit", Unit.CELL))
        for key in _NUMBERS:
            if key in values:
                values[key] = int(values[key])
        values["name"] = str(values["name"])
        values["confidence"] = float(values.get("confidence", Protocol.confidence))
        protocol = Protocol(**values)
    except (
        AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError,
    ) as error:  # fmt: skip
        raise KaryoError("This is not a protocol.", f"It says: {text[:80]}") from error
    return checked(protocol)
