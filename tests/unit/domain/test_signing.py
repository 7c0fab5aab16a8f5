import pytest

from karyogui.domain.karyogram import TRAY, Karyogram, Placement
from karyogui.domain.review import RENEWING, sign_off_needs
from karyogui.domain.separation_check import CheckEntry, CheckKind


def karyogram(in_tray: int) -> Karyogram:
    tray = [Placement(f"t{n}", TRAY, n) for n in range(in_tray)]
    return Karyogram([Placement("a", "1", 0), *tray])


@pytest.mark.parametrize(
    ("shown", "needs_review", "words"),
    [
        (None, (), "Analyse"),
        (Karyogram(()), (), "Analyse"),
        (karyogram(1), ("t0",), "One chromosome is in the tray"),
        (karyogram(3), (), "3 chromosomes are in the tray"),
        (karyogram(0), ("a",), "One chromosome needs review"),
        (karyogram(0), ("a", "b"), "2 chromosomes need review"),
    ],
)
def test_what_stands_in_the_way_is_told(
    shown: Karyogram | None, needs_review: tuple[str, ...], words: str
) -> None:
    (told,) = sign_off_needs(shown, needs_review)
    assert words in told


def test_everything_that_is_missing_is_named() -> None:
    entry = CheckEntry("c1", CheckKind.SEVERAL, 0.7)
    told = sign_off_needs(karyogram(2), ("t0", "t1", "a"), (entry, entry), RENEWING)
    assert told[0] == RENEWING
    assert told[1] == "Count not settled: 2 objects to check (N)."
    assert told[2] == "2 chromosomes are in the tray."
    assert told[3].startswith("One chromosome needs review")
    assert len(told) == 4


def test_a_finished_cell_can_be_signed() -> None:
    assert sign_off_needs(karyogram(0), ()) == ()
