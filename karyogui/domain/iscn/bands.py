"""Which bands there are: names of the 850-band level, and what follows from them.

A band of a coarser level is the beginning of finer ones: 9q34 holds 9q34.11 to 9q34.3, so its name
is valid at every level.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from model.vocabulary.ideograms import band_rows

CHROMOSOMES: tuple[str, ...] = ("X", "Y", *(str(number) for number in range(1, 23)))
"""The 24 types in the order of ISCN: sex chromosomes first."""
RANKS: dict[str, int] = {name: rank for rank, name in enumerate(CHROMOSOMES)}
ACROCENTRIC = frozenset({"13", "14", "15", "21", "22"})

_WHOLE_ARM = "10"
_PAIR = re.compile(r"[0-9pqXY.]+")
_LONGEST = 20
"""Characters of two bands, at most."""


@lru_cache(maxsize=1)
def _spans() -> dict[str, dict[str, tuple[int, int]]]:
    """For each chromosome: band or parent band → first and last place from pter, inclusive."""
    spans: dict[str, dict[str, tuple[int, int]]] = {name: {} for name in CHROMOSOMES}
    for chromosome, bands in spans.items():
        for place, (arm, name, *_) in enumerate(band_rows(850)[chromosome], 1):
            for part in _parents(name):
                first, _ = bands.get(arm + part, (place, place))
                bands[arm + part] = (first, place)
        end = max(last for _, last in bands.values())
        centre = max(last for band, (_, last) in bands.items() if band[0] == "p")
        bands |= {
            "p10": (centre, centre),
            "q10": (centre + 1, centre + 1),
            "cen": (centre, centre + 1),
            "pter": (0, 0),
            "qter": (end + 1, end + 1),
        }
    return spans


def _parents(band: str) -> list[str]:
    """A band and what holds it: 22.31 lies in 22.3 and 22."""
    major, _, minor = band.partition(".")
    return [major, *(f"{major}.{minor[:length]}" for length in range(1, len(minor) + 1))]


def exists(chromosome: str, band: str) -> bool:
    """Whether a chromosome has a band of this name, such as q34.1, p10 or qter, at any level."""
    return band in _spans()[chromosome]


def pairs(name: str) -> tuple[str, ...]:
    """Two chromosomes as which digits may be read between which a semicolon was left out."""
    if len(name) > 4:
        return ()
    halves = ((name[:at], name[at:]) for at in range(1, len(name)))
    return tuple(f"{one};{other}" for one, other in halves if one in RANKS and other in RANKS)


@lru_cache(maxsize=4096)
def begins_a_band(chromosome: str, start: str) -> bool:
    """Whether a name that was begun (q2, p1) may still become a band of the chromosome."""
    return any(band.startswith(start) for band in _spans()[chromosome])


def span(chromosome: str, band: str) -> tuple[int, int] | None:
    """First and last place of a band counted from the p telomere; None where there is no such."""
    return _spans()[chromosome].get(band)


def arms_with(chromosome: str, digits: str) -> list[str]:
    """The arms that have a band of these digits: ['q'] for 9 and 34."""
    return [arm for arm in "pq" if exists(chromosome, arm + digits)]


@cache
def beginning(chromosome: str, start: str) -> tuple[str, ...]:
    """Bands of a chromosome whose names begin so: coarse ones first, each level from p to q."""
    spans = _spans()[chromosome]
    names = [band for band in spans if band.startswith(start) and band != "cen"]
    return tuple(sorted(names, key=lambda band: (_depth(band), spans[band], band)))


def _depth(band: str) -> int:
    """0 for whole bands, 1 and 2 for their parts, 3 for the places that are no bands."""
    if band[1:] == _WHOLE_ARM or band.endswith("ter"):
        return 3
    return len(band.partition(".")[2])


def run_together(content: str, chromosome: str) -> list[str]:
    """Two bands with one slip in them (12pq13, q1333), put right; the usual order first."""
    if len(content) > _LONGEST or not _PAIR.fullmatch(content):
        return []
    pairs: dict[str, bool] = {}
    for split in range(2, len(content) - 1):
        first, second = content[:split], content[split:]
        for wrong, right in ((first, second), (second, first)):
            if not exists(chromosome, right) or exists(chromosome, wrong):
                continue
            for meant in _band_with_slip(wrong, chromosome):
                both = (meant, right) if wrong is first else (right, meant)
                places = [span(chromosome, band) for band in both]
                in_order = bool(places[0] and places[1] and places[0][0] <= places[1][1])
                pairs.setdefault("".join(both), in_order)
    return sorted(pairs, key=lambda pair: not pairs[pair])


def _band_with_slip(typed: str, chromosome: str) -> list[str]:
    """The bands that one was meant for: without its arm, turned, or with its chromosome."""
    forms = [f"{arm}{typed}" for arm in "qp"]
    if typed[-1] in "pq":
        forms.append(typed[-1] + typed[:-1])
    if typed.startswith(chromosome):
        forms.append(typed.removeprefix(chromosome))
    return [form for form in forms if exists(chromosome, form)]
