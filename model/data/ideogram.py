"""The human G-band ideogram: which band lies where on which chromosome, and how dark it looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from model.vocabulary.ideograms import band_rows, table
from model.vocabulary.labels import TYPES

ACROCENTRIC = frozenset({"13", "14", "15", "21", "22"})
LEVELS = (400, 550, 850)


@dataclass(frozen=True)
class Band:
    """One band.

    ``iscn``: cytogenetic length units from the p telomere, half open; ``bp``: 1-based,
    inclusive (GRCh38); ``density``: Giemsa darkness in percent, None for acen, gvar and stalk.
    """

    arm: str
    name: str
    iscn_start: int
    iscn_stop: int
    bp_start: int
    bp_stop: int
    stain: str
    density: int | None

    @property
    def label(self) -> str:
        """The name as it is written after the chromosome, for example ``q22.1``."""
        return self.arm + self.name


@dataclass(frozen=True)
class Ideogram:
    """All bands of one chromosome at one level, from the p to the q telomere without gaps."""

    kind: str
    level: int
    bands: tuple[Band, ...]

    @property
    def length(self) -> int:
        """Cytogenetic length in ISCN units (chromosome 1: 15,100)."""
        return self.bands[-1].iscn_stop

    @property
    def centromere(self) -> int:
        """Border of the p and the q arm in ISCN units."""
        return next(band.iscn_start for band in self.bands if band.arm == "q")


@dataclass(frozen=True)
class Appearance:
    """How a chromosome looks in a photograph at scale 1.

    ``length`` and ``width`` in px; for each
    400-level band ``stops`` (its end as a fraction of the length, rising, the last 1) and
    ``darkness`` (0 white, 1 black).
    """

    kind: str
    length: float
    width: float
    stops: tuple[float, ...]
    darkness: tuple[float, ...]


@lru_cache(maxsize=len(TYPES) * len(LEVELS))
def load_ideogram(kind: str, level: int = 400) -> Ideogram:
    """The ideogram of chromosome ``kind`` ("1".."22", "X", "Y") at ``level`` 400, 550 or 850 bphs.

    ValueError for another kind or level.
    """
    if kind not in TYPES or level not in LEVELS:
        raise ValueError(f"no ideogram of chromosome {kind!r} at level {level}")
    rows = band_rows(level)[kind]
    return Ideogram(kind, level, tuple(Band(*row) for row in rows))


@lru_cache(maxsize=len(TYPES))
def load_appearance(kind: str) -> Appearance:
    """How chromosome ``kind`` looks, its bands in the order of ``load_ideogram(kind, 400)``."""
    if kind not in TYPES:
        raise ValueError(f"no appearance of chromosome {kind!r}")
    row = table("band_appearance.json")["chromosomes"][kind]
    stops, darkness = zip(*((stop, dark) for _, stop, dark in row["bands"]), strict=True)
    return Appearance(kind, row["length"], row["width"], stops, darkness)
