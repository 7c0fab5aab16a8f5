"""Which bands there are: names of the 850-band level, and what follows from them.

The names are those of `assets/ideograms/human_gbands.json` (a test compares them); they stand here
as text because the domain reads no files. A band of a coarser level is the beginning of finer
ones: 9q34 holds 9q34.11 to 9q34.3, so its name is valid at every level.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

_NAMES = """
1p 36.33 36.32 36.31 36.23 36.22 36.21 36.13 36.12 36.11 35.3 35.2 35.1 34.3 34.2 34.1 33 32.3
   32.2 32.1 31.3 31.2 31.1 22.3 22.2 22.1 21.3 21.2 21.1 13.3 13.2 13.1 12 11.2 11.1
1q 11 12 21.1 21.2 21.3 22 23.1 23.2 23.3 24.1 24.2 24.3 25.1 25.2 25.3 31.1 31.2 31.3 32.1 32.2
   32.3 41 42.11 42.12 42.13 42.2 42.3 43 44
2p 25.3 25.2 25.1 24.3 24.2 24.1 23.3 23.2 23.1 22.3 22.2 22.1 21 16.3 16.2 16.1 15 14 13.3 13.2
   13.1 12 11.2 11.1
2q 11.1 11.2 12.1 12.2 12.3 13 14.1 14.2 14.3 21.1 21.2 21.3 22.1 22.2 22.3 23.1 23.2 23.3 24.1
   24.2 24.3 31.1 31.2 31.3 32.1 32.2 32.3 33.1 33.2 33.3 34 35 36.1 36.2 36.3 37.1 37.2 37.3
3p 26.3 26.2 26.1 25.3 25.2 25.1 24.3 24.2 24.1 23 22.3 22.2 22.1 21.33 21.32 21.31 21.2 21.1
   14.3 14.2 14.1 13 12.3 12.2 12.1 11.2 11.1
3q 11.1 11.2 12.1 12.2 12.3 13.11 13.12 13.13 13.2 13.31 13.32 13.33 21.1 21.2 21.3 22.1 22.2
   22.3 23 24 25.1 25.2 25.31 25.32 25.33 26.1 26.2 26.31 26.32 26.33 27.1 27.2 27.3 28 29
4p 16.3 16.2 16.1 15.33 15.32 15.31 15.2 15.1 14 13 12 11
4q 11 12 13.1 13.2 13.3 21.1 21.21 21.22 21.23 21.3 22.1 22.2 22.3 23 24 25 26 27 28.1 28.2 28.3
   31.1 31.21 31.22 31.23 31.3 32.1 32.2 32.3 33 34.1 34.2 34.3 35.1 35.2
5p 15.33 15.32 15.31 15.2 15.1 14.3 14.2 14.1 13.3 13.2 13.1 12 11
5q 11.1 11.2 12.1 12.2 12.3 13.1 13.2 13.3 14.1 14.2 14.3 15 21.1 21.2 21.3 22.1 22.2 22.3 23.1
   23.2 23.3 31.1 31.2 31.3 32 33.1 33.2 33.3 34 35.1 35.2 35.3
6p 25.3 25.2 25.1 24.3 24.2 24.1 23 22.3 22.2 22.1 21.33 21.32 21.31 21.2 21.1 12.3 12.2 12.1
   11.2 11.1
6q 11.1 11.2 12 13 14.1 14.2 14.3 15 16.1 16.2 16.3 21 22.1 22.2 22.31 22.32 22.33 23.1 23.2
   23.3 24.1 24.2 24.3 25.1 25.2 25.3 26 27
7p 22.3 22.2 22.1 21.3 21.2 21.1 15.3 15.2 15.1 14.3 14.2 14.1 13 12.3 12.2 12.1 11.2 11.1
7q 11.1 11.21 11.22 11.23 21.11 21.12 21.13 21.2 21.3 22.1 22.2 22.3 31.1 31.2 31.31 31.32 31.33
   32.1 32.2 32.3 33 34 35 36.1 36.2 36.3
8p 23.3 23.2 23.1 22 21.3 21.2 21.1 12 11.23 11.22 11.21 11.1
8q 11.1 11.21 11.22 11.23 12.1 12.2 12.3 13.1 13.2 13.3 21.11 21.12 21.13 21.2 21.3 22.1 22.2
   22.3 23.1 23.2 23.3 24.11 24.12 24.13 24.21 24.22 24.23 24.3
9p 24.3 24.2 24.1 23 22.3 22.2 22.1 21.3 21.2 21.1 13.3 13.2 13.1 12 11.2 11.1
9q 11 12 13 21.11 21.12 21.13 21.2 21.31 21.32 21.33 22.1 22.2 22.31 22.32 22.33 31.1 31.2 31.3
   32 33.1 33.2 33.3 34.11 34.12 34.13 34.2 34.3
10p 15.3 15.2 15.1 14 13 12.33 12.32 12.31 12.2 12.1 11.23 11.22 11.21 11.1
10q 11.1 11.21 11.22 11.23 21.1 21.2 21.3 22.1 22.2 22.3 23.1 23.2 23.31 23.32 23.33 24.1 24.2
   24.31 24.32 24.33 25.1 25.2 25.3 26.11 26.12 26.13 26.2 26.3
11p 15.5 15.4 15.3 15.2 15.1 14.3 14.2 14.1 13 12 11.2 11.12 11.11
11q 11 12.1 12.2 12.3 13.1 13.2 13.3 13.4 13.5 14.1 14.2 14.3 21 22.1 22.2 22.3 23.1 23.2 23.3
   24.1 24.2 24.3 25
12p 13.33 13.32 13.31 13.2 13.1 12.3 12.2 12.1 11.23 11.22 11.21 11.1
12q 11 12 13.11 13.12 13.13 13.2 13.3 14.1 14.2 14.3 15 21.1 21.2 21.31 21.32 21.33 22 23.1 23.2
   23.3 24.11 24.12 24.13 24.21 24.22 24.23 24.31 24.32 24.33
13p 13 12 11.2 11.1
13q 11 12.11 12.12 12.13 12.2 12.3 13.1 13.2 13.3 14.11 14.12 14.13 14.2 14.3 21.1 21.2 21.31
   21.32 21.33 22.1 22.2 22.3 31.1 31.2 31.3 32.1 32.2 32.3 33.1 33.2 33.3 34
14p 13 12 11.2 11.1
14q 11.1 11.2 12 13.1 13.2 13.3 21.1 21.2 21.3 22.1 22.2 22.3 23.1 23.2 23.3 24.1 24.2 24.3 31.1
   31.2 31.3 32.11 32.12 32.13 32.2 32.31 32.32 32.33
15p 13 12 11.2 11.1
15q 11.1 11.2 12 13.1 13.2 13.3 14 15.1 15.2 15.3 21.1 21.2 21.3 22.1 22.2 22.31 22.32 22.33 23
   24.1 24.2 24.3 25.1 25.2 25.3 26.1 26.2 26.3
16p 13.3 13.2 13.13 13.12 13.11 12.3 12.2 12.1 11.2 11.1
16q 11.1 11.2 12.1 12.2 13 21 22.1 22.2 22.3 23.1 23.2 23.3 24.1 24.2 24.3
17p 13.3 13.2 13.1 12 11.2 11.1
17q 11.1 11.2 12 21.1 21.2 21.31 21.32 21.33 22 23.1 23.2 23.3 24.1 24.2 24.3 25.1 25.2 25.3
18p 11.32 11.31 11.23 11.22 11.21 11.1
18q 11.1 11.2 12.1 12.2 12.3 21.1 21.2 21.31 21.32 21.33 22.1 22.2 22.3 23
19p 13.3 13.2 13.13 13.12 13.11 12 11
19q 11 12 13.11 13.12 13.13 13.2 13.31 13.32 13.33 13.41 13.42 13.43
20p 13 12.3 12.2 12.1 11.23 11.22 11.21 11.1
20q 11.1 11.21 11.22 11.23 12 13.11 13.12 13.13 13.2 13.31 13.32 13.33
21p 13 12 11.2 11.1
21q 11.1 11.2 21.1 21.2 21.3 22.11 22.12 22.13 22.2 22.3
22p 13 12 11.2 11.1
22q 11.1 11.21 11.22 11.23 12.1 12.2 12.3 13.1 13.2 13.31 13.32 13.33
Xp 22.33 22.32 22.31 22.2 22.13 22.12 22.11 21.3 21.2 21.1 11.4 11.3 11.23 11.22 11.21 11.1
Xq 11.1 11.2 12 13.1 13.2 13.3 21.1 21.2 21.31 21.32 21.33 22.1 22.2 22.3 23 24 25 26.1 26.2
   26.3 27.1 27.2 27.3 28
Yp 11.32 11.31 11.2 11.1
Yq 11.1 11.21 11.221 11.222 11.223 11.23 12
"""
"""Chromosome and arm, then its bands from the p telomere to the q telomere; long lines go on."""

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
    words = _NAMES.split()
    chromosome, arm, place = "", "", 0
    for word in words:
        if word[-1] in "pq":
            chromosome, arm = word[:-1], word[-1]
            place = place if arm == "q" else 0
            spans[chromosome][f"{arm}{_WHOLE_ARM}"] = (place, place)
            continue
        place += 1
        for name in _parents(word):
            first, _ = spans[chromosome].get(arm + name, (place, place))
            spans[chromosome][arm + name] = (first, place)
    for name, bands in spans.items():
        end = max(last for _, last in bands.values())
        centre = max(last for band, (_, last) in bands.items() if band[0] == "p")
        bands |= {
            "p10": (centre, centre),
            "q10": (centre + 1, centre + 1),
            "cen": (centre, centre + 1),
            "pter": (0, 0),
            "qter": (end + 1, end + 1),
        }
        spans[name] = bands
    return spans


def _parents(band: str) -> list[str]:
    """A band and what holds it: 22.31 lies in 22.3 and 22."""
    major, _, minor = band.partition(".")
    return [major, *(f"{major}.{minor[:length]}" for length in range(1, len(minor) + 1))]


def exists(chromosome: str, band: str) -> bool:
    """Whether a chromosome has a band of this name, such as q34.1, p10 or qter, at any level."""
    return band in _spans()[chromosome]


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
