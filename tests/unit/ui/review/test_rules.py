import pytest

from karyogui.domain.karyogram import TRAY, Karyogram, Placement
from karyogui.ui.review.rules import obstacle


def karyogram(in_tray: int) -> Karyogram:
    tray = [Placement(f"t{n}", TRAY, n) for n in range(in_tray)]
    return Karyogram([Placement("a", "1", 0), *tray])


@pytest.mark.parametrize(
    ("shown", "needs_review", "words"),
    [
        (None, (), "Analyse"),
        (Karyogram(()), (), "Analyse"),
        (karyogram(1), ("t0",), "One chromosome lies in the tray"),
        (karyogram(3), (), "3 chromosomes lie in the tray"),
        (karyogram(0), ("a",), "One chromosome needs review"),
        (karyogram(0), ("a", "b"), "2 chromosomes need review"),
    ],
)
def test_what_stands_in_the_way_is_told(
    shown: Karyogram | None, needs_review: tuple[str, ...], words: str
) -> None:
    assert words in obstacle(shown, needs_review)


def test_a_finished_cell_can_be_signed() -> None:
    assert obstacle(karyogram(0), ()) == ""
