"""The band names of the checker are those of the bundled ideogram, at every level."""

import json
from pathlib import Path

import pytest

from karyogui.domain.iscn import bands

IDEOGRAM = Path(__file__).parents[4] / "assets" / "ideograms" / "human_gbands.json"
LEVELS = json.loads(IDEOGRAM.read_text(encoding="utf-8"))["levels"]


@pytest.mark.parametrize("level", ["400", "550", "850"])
def test_every_band_of_the_ideogram_exists(level: str) -> None:
    for chromosome, rows in LEVELS[level].items():
        for arm, band, *_ in rows:
            assert bands.exists(chromosome, arm + band), (chromosome, arm, band)


def test_there_are_no_others_but_parents_and_ends() -> None:
    for chromosome, rows in LEVELS["850"].items():
        finest = [arm + band for arm, band, *_ in rows]
        for name in bands._spans()[chromosome]:
            is_known = name in ("p10", "q10", "cen", "pter", "qter")
            assert is_known or any(band.startswith(name) for band in finest), name


def test_bands_follow_one_another_from_pter_to_qter() -> None:
    for chromosome, rows in LEVELS["850"].items():
        places = [bands.span(chromosome, arm + band) for arm, band, *_ in rows]
        assert places == [(place, place) for place in range(1, len(rows) + 1)]


@pytest.mark.parametrize(
    ("chromosome", "band", "there"),
    [
        ("9", "q34", True),
        ("9", "q34.1", True),
        ("22", "q4", False),
        ("Y", "p11.3", True),
        ("17", "p11.3", False),
        ("5", "q2", False),
        ("1", "p10", True),
        ("21", "qter", True),
    ],
)
def test_parents_exist_and_regions_do_not(chromosome: str, band: str, there: bool) -> None:
    assert bands.exists(chromosome, band) is there


def test_the_arm_follows_from_digits_that_only_one_has() -> None:
    assert bands.arms_with("9", "34") == ["q"]
    assert bands.arms_with("5", "13") == ["p", "q"]
    assert bands.arms_with("5", "99") == []
