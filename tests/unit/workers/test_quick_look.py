"""A quick look at a photograph: one view, no classifier, and a sentence for every bad picture."""

from pathlib import Path

import numpy as np
import pytest

from karyogui.domain.analysis import MetaphasePicture
from karyogui.domain.chromosome import AUTOSOMES
from karyogui.domain.separation import Quality
from karyogui.errors import KaryoError
from karyogui.services.progress import Cancelled, Progress, SilentMonitor
from karyogui.workers.model_analyser import ModelAnalyser
from model.data.metaphase_synthetic import render_metaphase
from model.segmentation import weights as separation_weights
from model.segmentation.base import GreyImage
from model.segmentation.learned import LearnedSeparator

NO_CLASSIFIER = Path("there-is-none.safetensors")


def picture(pixels: GreyImage) -> MetaphasePicture:
    return MetaphasePicture("cell.png", pixels, pixels)


def quick(pixels: GreyImage, separator: str = "auto") -> Quality:
    return ModelAnalyser(NO_CLASSIFIER, separator=separator).assess(
        picture(pixels), SilentMonitor()
    )


@pytest.fixture(scope="module")
def generated() -> GreyImage:
    counts = dict.fromkeys(AUTOSOMES, 2) | {"X": 2}
    return render_metaphase(counts, np.random.default_rng(3)).picture


@pytest.fixture(scope="module")
def part(generated: GreyImage) -> GreyImage:
    """A few of its chromosomes, where it does not matter how many."""
    return np.ascontiguousarray(generated[300:600, 300:600])


@pytest.fixture(scope="module")
def judged(generated: GreyImage) -> Quality:
    """By the separator that is chosen when nobody chooses."""
    return quick(generated)


@pytest.mark.parametrize("separator", ["auto", "classical"])
def test_a_photograph_is_judged_without_the_classifier(
    generated: GreyImage, judged: Quality, separator: str
) -> None:
    quality = judged if separator == "auto" else quick(generated, separator)
    assert 40 <= quality.objects <= 50
    assert quality.worth
    assert 0 < quality.score <= 1


def test_one_view_is_enough(part: GreyImage, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    create = LearnedSeparator.__init__

    def recorded(self: LearnedSeparator, loaded: object, views: int = 4) -> None:
        made.append(views)
        create(self, loaded, views)  # type: ignore[arg-type]

    monkeypatch.setattr(LearnedSeparator, "__init__", recorded)
    analyser = ModelAnalyser(NO_CLASSIFIER)
    for _ in range(2):
        analyser.assess(picture(part), SilentMonitor())
    assert made == [1]


def test_a_picture_without_chromosomes_is_told_as_the_reason() -> None:
    quality = quick(np.full((200, 300), 220, np.uint8))
    assert quality == Quality.refused("No chromosome can be seen in the picture.")


def test_damaged_weights_are_no_fault_of_the_picture(
    generated: GreyImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "separation.safetensors"
    damaged.write_bytes(b"no weights")
    monkeypatch.setattr(separation_weights, "SEPARATION", damaged)
    with pytest.raises(KaryoError):
        quick(generated)


def test_a_quick_look_can_be_cancelled(part: GreyImage) -> None:
    class Impatient:
        def report(self, progress: Progress) -> None:
            if progress.done:
                raise Cancelled

    with pytest.raises(Cancelled):
        ModelAnalyser(NO_CLASSIFIER).assess(picture(part), Impatient())


def test_the_width_that_a_person_says_is_kept_and_told(
    generated: GreyImage, judged: Quality
) -> None:
    plain = judged
    assert (plain.width_factor, plain.width) == (1.0, pytest.approx(plain.width))
    assert plain.width is not None
    by_hand = ModelAnalyser(NO_CLASSIFIER).assess(
        MetaphasePicture("cell.png", generated, generated, width_factor=1.25), SilentMonitor()
    )
    assert by_hand.width_factor == 1.25
    assert by_hand.width == pytest.approx(1.25 * plain.width, rel=0.01)
