import itertools

import pytest

from model.data.ideogram import (
    ACROCENTRIC,
    LEVELS,
    load_appearance,
    load_ideogram,
)
from model.vocabulary.ideograms import table
from model.vocabulary.labels import TYPES

STAINS = {"gneg", "gpos25", "gpos50", "gpos75", "gpos100", "acen", "gvar", "stalk"}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", TYPES)
def test_bands_run_without_gaps_from_the_p_to_the_q_telomere(kind: str, level: int) -> None:
    bands = load_ideogram(kind, level).bands
    assert bands[0].iscn_start == 0
    assert bands[0].bp_start == 1
    assert [band.arm for band in bands] == sorted(band.arm for band in bands)
    assert all(band.iscn_start < band.iscn_stop for band in bands)
    assert all(band.stain in STAINS for band in bands)
    for above, below in itertools.pairwise(bands):
        assert above.iscn_stop == below.iscn_start
        assert above.bp_stop + 1 == below.bp_start


@pytest.mark.parametrize(("level", "count"), [(400, 393), (550, 553), (850, 862)])
def test_the_levels_have_the_expected_number_of_bands(level: int, count: int) -> None:
    assert sum(len(load_ideogram(kind, level).bands) for kind in TYPES) == count


def test_well_known_bands_are_where_they_belong() -> None:
    bands = {band.label: band for band in load_ideogram("22", 850).bands}
    assert bands["q12.1"].stain == "gpos50"
    assert bands["p12"].stain == "stalk"
    assert load_ideogram("Y", 550).bands[-1].stain == "gvar"


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", TYPES)
def test_the_centromere_lies_between_two_acen_bands(kind: str, level: int) -> None:
    ideogram = load_ideogram(kind, level)
    acen = [band for band in ideogram.bands if band.stain == "acen"]
    assert [band.arm for band in acen] == ["p", "q"]
    assert acen[0].iscn_stop == ideogram.centromere == acen[1].iscn_start


def test_the_short_arm_is_the_shorter_one_and_shortest_in_acrocentrics() -> None:
    share = {k: load_ideogram(k).centromere / load_ideogram(k).length for k in TYPES}
    assert all(value <= 0.5 for value in share.values())
    assert max(share[kind] for kind in ACROCENTRIC) < 0.38


@pytest.mark.parametrize("kind", TYPES)
def test_appearance_belongs_to_the_400_level_bands(kind: str) -> None:
    look = load_appearance(kind)
    assert len(look.stops) == len(look.darkness) == len(load_ideogram(kind, 400).bands)
    assert list(look.stops) == sorted(set(look.stops))
    assert look.stops[-1] == 1.0
    assert all(0.0 < value < 1.0 for value in look.darkness)


def test_dark_bands_look_darker_than_light_ones() -> None:
    looks = [
        (band.stain, dark)
        for kind in TYPES
        for band, dark in zip(
            load_ideogram(kind, 400).bands, load_appearance(kind).darkness, strict=True
        )
    ]
    light = [dark for stain, dark in looks if stain == "gneg"]
    dark = [dark for stain, dark in looks if stain == "gpos100"]
    assert sum(dark) / len(dark) > sum(light) / len(light) + 0.15


@pytest.mark.parametrize(("kind", "level"), [("23", 400), ("x", 550), ("1", 300)])
def test_an_unknown_chromosome_or_level_is_refused(kind: str, level: int) -> None:
    with pytest.raises(ValueError, match="no ideogram"):
        load_ideogram(kind, level)


def test_an_unknown_chromosome_has_no_appearance() -> None:
    with pytest.raises(ValueError, match="no appearance"):
        load_appearance("MT")


def test_the_source_is_named() -> None:
    assert table("human_gbands.json")["source"]["licence"] == "CC0-1.0"
    assert table("human_gbands.json")["source"]["version"]
