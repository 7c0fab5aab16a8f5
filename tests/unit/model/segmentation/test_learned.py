"""At which width a picture is separated; what the network itself does is measured elsewhere."""

from collections.abc import Callable
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch

from model.segmentation import learned
from model.segmentation.base import Instance, Separation
from model.segmentation.learned import LearnedSeparator
from model.segmentation.network import LITE0, PLAIN, SeparationConfig, SeparationNet, folded
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind

PICTURE = np.full((200, 200), 230, np.uint8)
for number in range(6):
    cv2.line(PICTURE, (20 + 30 * number, 40), (20 + 30 * number, 120), 60, 8)


def found(count: int, width: float, score: float = 0.95) -> Separation:
    mask = np.ones((9, 3), np.bool_)
    seen = [
        Instance(mask, (0, 0), ObjectKind.CHROMOSOME, score, (0, 0, 3, 9)) for _ in range(count)
    ]
    return Separation(tuple(seen), PICTURE, width, "learned")


def separated(monkeypatch: pytest.MonkeyPatch, at: Callable[[float], Separation]) -> list[float]:
    """The widths that were looked at, relative to the first one, the chosen one last."""
    asked: list[float] = []

    def look(
        self: object, flattened: object, dark: object, width: float, report: object
    ) -> Separation:
        del self, flattened, dark, report
        asked.append(width)
        return at(width / asked[0])

    monkeypatch.setattr(LearnedSeparator, "_at", look)
    chosen = LearnedSeparator.__new__(LearnedSeparator)(PICTURE)
    return [round(width / asked[0], 3) for width in (*asked, chosen.chromosome_width)]


@pytest.mark.parametrize("count", [45, 46, 47, 48, 20, 92, 10])
def test_a_finding_a_part_of_a_cell_and_a_polyploid_one_are_looked_at_once(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    width = learned.estimate_width(learned.threshold_mask(learned.flatten(PICTURE)))
    asked = separated(monkeypatch, lambda factor: found(count, width * factor))
    assert asked == [1.0, 1.0]


def test_fat_chromosomes_that_were_split_are_separated_at_a_larger_width(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    width = learned.estimate_width(learned.threshold_mask(learned.flatten(PICTURE)))
    counts = {0.8: 62, 1.0: 54, 1.25: 47}
    asked = separated(monkeypatch, lambda f: found(counts[round(f, 2)], width * f))
    assert asked == [1.0, 0.8, 1.25, 1.25]


def test_the_better_width_is_followed_one_step_further(monkeypatch: pytest.MonkeyPatch) -> None:
    width = learned.estimate_width(learned.threshold_mask(learned.flatten(PICTURE)))
    counts = {0.64: 46, 0.8: 42, 1.0: 35, 1.25: 27}
    asked = separated(monkeypatch, lambda f: found(counts[round(f, 2)], width * f))
    assert asked == [1.0, 0.8, 1.25, 0.64, 0.64]


def test_badly_seen_chromosomes_do_not_make_a_cell_of_forty_six(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Forty well seen ones are not given up for forty-six doubtful ones."""
    width = learned.estimate_width(learned.threshold_mask(learned.flatten(PICTURE)))
    at = {
        0.8: found(46, width * 0.8, 0.5), 1.0: found(40, width, 0.95),
        1.25: found(30, width * 1.25, 0.5),
    }  # fmt: skip
    assert separated(monkeypatch, lambda f: at[round(f, 2)])[-1] == 1.0


def test_a_width_with_which_nothing_is_found_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    width = learned.estimate_width(learned.threshold_mask(learned.flatten(PICTURE)))

    def at(factor: float) -> Separation:
        if factor != 1.0:
            raise ModelError("No chromosome can be seen.")
        return found(52, width)

    assert separated(monkeypatch, at)[-1] == 1.0


def test_a_cell_printed_in_dots_is_refused_by_what_was_taken_for_a_chromosome() -> None:
    """The dots are too fine for one cell; of a photograph so large it would be the same."""
    shown = cv2.resize(PICTURE, None, fx=8, fy=8, interpolation=cv2.INTER_LINEAR)
    rows, columns = np.indices(shown.shape)
    screen = 128 + 64 * (
        np.cos((rows + columns) * np.pi / 6) + np.cos((rows - columns) * np.pi / 6)
    )
    dots = np.where(shown > screen, 255, 0).astype(np.uint8)
    separator = LearnedSeparator.__new__(LearnedSeparator)
    separator._net = SimpleNamespace(config=SimpleNamespace(chromosome_width=11.0))  # type: ignore[assignment]
    with pytest.raises(ModelError) as refusal:
        separator(dots)
    width = learned.estimate_width(learned.threshold_mask(learned.flatten(dots)))
    assert width < 8.0
    assert f"chromosomes {width:.1f} pixels wide" in refusal.value.sentence
    assert "1,600 × 1,600" in refusal.value.sentence
    assert "dots of a print" in str(refusal.value)


@pytest.mark.parametrize("encoder", [PLAIN, LITE0])
def test_folded_batch_norms_change_no_answer_and_leave_the_network_as_it_was(encoder: str) -> None:
    torch.manual_seed(3)
    net = SeparationNet(SeparationConfig(encoder=encoder, types=24))
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(part.running_var, 0.5, 2.0)
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
    net.eval()
    before = {name: values.clone() for name, values in net.state_dict().items()}
    picture = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(folded(net)(picture), net(picture), rtol=1e-3, atol=1e-3)
    assert all(torch.equal(before[name], values) for name, values in net.state_dict().items())
