from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from model.data.cells import LabelledCell
from model.data.dataset import (
    Sample,
    on_another_day,
    plain_batches,
    samples_of,
    training_batches,
)
from model.preprocessing import place
from model.scale import REFERENCE_LOG_SIZE
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import Q_DOWN, Q_UP
from model.vocabulary.results import CutOut
from model.vocabulary.training import PAPER_AUGMENTATION, Augmentation
from tests.unit.model.builders import PIXEL_FOR_PIXEL, TINY, blob, tilted

STILL = replace(PAPER_AUGMENTATION, rotation=0.0)


def cell(kinds: tuple[int, ...], *, magnified: int = 1, name: str = "m1") -> LabelledCell:
    enlarge = np.ones((magnified, magnified), np.uint8)
    pictures = tuple(np.kron(blob(k), enlarge) for k in kinds)
    return LabelledCell("p", name, pictures, kinds, None)


@pytest.fixture
def samples() -> tuple[Sample, ...]:
    return samples_of([cell(tuple(range(0, 22, 2)))], TINY)


def test_each_cell_has_its_own_scale_and_sizes_relative_to_it() -> None:
    kinds = (0, 8, 20)
    once, twice = cell(kinds), cell(kinds, magnified=2, name="m2")
    samples = samples_of([once, twice], TINY)
    assert [s.type for s in samples] == [*kinds, *kinds]
    assert samples[0].scale == pytest.approx(2 * samples[3].scale)
    for a, b in zip(samples[:3], samples[3:], strict=True):
        assert torch.allclose(a.size, b.size, atol=1e-4)
    assert samples_of([twice], PIXEL_FOR_PIXEL)[0].scale == 1.0


def test_samples_are_set_upright() -> None:
    tilt = LabelledCell("p", "m", (tilted(blob(0), 50), blob(1)), (0, 1), None)
    assert samples_of([tilt], TINY)[0].cut_out.angle == pytest.approx(50, abs=2)


def test_a_picture_of_nothing_is_told_with_its_cell() -> None:
    white = LabelledCell("p", "m", (blob(0), np.full((9, 9), 255, np.uint8)), (0, 1), None)
    with pytest.raises(ModelError, match="Cell p/m: No chromosome can be seen"):
        samples_of([white], TINY)


def test_an_epoch_shows_every_chromosome_once_but_for_the_last_few(
    samples: tuple[Sample, ...],
) -> None:
    batches = list(training_batches(samples, TINY, STILL, 4, (0,)))
    assert [len(b.types) for b in batches] == [4, 4]
    shown = Counter(torch.cat([b.types for b in batches]).tolist())
    assert set(shown.values()) == {1}
    orders = {
        tuple(torch.cat([b.types for b in
                         training_batches(samples, TINY, STILL, 4, (seed,))]
                        ).tolist())
        for seed in range(5)
    }  # fmt: skip
    assert len(orders) == 5


def test_few_samples_make_one_small_batch(samples: tuple[Sample, ...]) -> None:
    (batch,) = training_batches(samples[:3], TINY, STILL, 8, (0,))
    assert len(batch.types) == 3


def test_the_same_seed_gives_the_same_batches(samples: tuple[Sample, ...]) -> None:
    first, second = (
        list(training_batches(samples, TINY, Augmentation(), 4, (3,))) for _ in range(2)
    )
    for a, b in zip(first, second, strict=True):
        assert torch.equal(a.canvases, b.canvases)
        assert torch.equal(a.sizes, b.sizes)
        assert torch.equal(a.polarities, b.polarities)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_epoch_goes_on_where_it_was_broken_off(
    samples: tuple[Sample, ...], workers: int
) -> None:
    whole = list(training_batches(samples, TINY, Augmentation(), 2, (7, 1)))
    rest = list(training_batches(samples, TINY, Augmentation(), 2, (7, 1), 3, workers))
    assert len(rest) == len(whole) - 3
    for a, b in zip(whole[3:], rest, strict=True):
        assert torch.equal(a.canvases, b.canvases)
        assert torch.equal(a.types, b.types)


def test_flipped_views_have_the_other_polarity(samples: tuple[Sample, ...]) -> None:
    (batch,) = training_batches(samples, PIXEL_FOR_PIXEL, STILL, 11, (0,))
    by_type = {s.type: place(s.cut_out.crop, s.scale, PIXEL_FOR_PIXEL) for s in samples}
    for canvas, kind, polarity in zip(batch.canvases, batch.types, batch.polarities, strict=True):
        still = by_type[int(kind)]
        expected = still[::-1] if polarity == Q_UP else still
        candidates = [expected, expected[:, ::-1]]
        assert any(np.array_equal(canvas.numpy(), c) for c in candidates)
    assert set(batch.polarities.tolist()) == {Q_UP, Q_DOWN}


def test_the_paper_neither_drops_nor_shakes_the_sizes(samples: tuple[Sample, ...]) -> None:
    (batch,) = training_batches(samples, TINY, STILL, 11, (0,))
    by_type = {s.type: s.size for s in samples}
    for size, kind in zip(batch.sizes, batch.types, strict=True):
        assert torch.allclose(size, by_type[int(kind)], atol=1e-6)


def test_dropped_sizes_are_nought(samples: tuple[Sample, ...]) -> None:
    strength = replace(Augmentation(), size_dropout=1.0)
    (batch,) = training_batches(samples, TINY, strength, 11, (0,))
    assert (batch.sizes == 0).all()


def test_validation_shows_all_in_order_and_every_second_one_turned(
    samples: tuple[Sample, ...],
) -> None:
    batches = list(plain_batches(samples, TINY, 3))
    assert [len(b.types) for b in batches] == [3, 3, 3, 2]
    types = torch.cat([b.types for b in batches]).tolist()
    assert types == [s.type for s in samples]
    polarities = torch.cat([b.polarities for b in batches]).tolist()
    assert polarities == [Q_DOWN if i % 2 == 0 else Q_UP for i in range(11)]
    canvases = torch.cat([b.canvases for b in batches]).numpy()
    for i, sample in enumerate(samples):
        placed = place(sample.cut_out.crop, sample.scale, TINY)
        assert np.array_equal(canvases[i], np.rot90(placed, 2) if i % 2 else placed)


def test_images_are_normalised(samples: tuple[Sample, ...]) -> None:
    (batch,) = plain_batches(samples, TINY, 11)
    images = batch.images(TINY, torch.device("cpu"))
    assert images.shape == (11, 1, *TINY.canvas)
    assert images.dtype == torch.float32


def test_a_few_chromosomes_have_the_scale_of_their_types() -> None:
    """Two small ones alone are not taken for middling ones photographed from afar."""
    heights = [round(float(np.exp(2 * size)) / 14) for size in REFERENCE_LOG_SIZE]
    pictures = {kind: blob(kind, height=heights[kind]) for kind in range(22)}

    def scale(kinds: tuple[int, ...], complete: bool) -> float:
        chosen = tuple(pictures[kind] for kind in kinds)
        return samples_of([LabelledCell("p", "m", chosen, kinds, None, complete)], TINY)[0].scale

    whole = scale(tuple(sorted((*range(22), *range(22)))), complete=True)
    assert abs(np.log(scale((18, 20), complete=False) / whole)) < 0.05
    assert abs(np.log(scale((18, 20), complete=True) / whole)) > 0.2


def test_what_is_seen_on_another_day_is_the_same_size_and_sometimes_looks_otherwise() -> None:
    mask = np.zeros((66, 18), bool)
    mask[3:63, 3:15] = True
    bands = np.where(np.arange(66)[:, None] // 6 % 2, 90, 150)
    source = CutOut(np.where(mask, bands, 255).astype(np.uint8), mask, 0.0)
    seen = [on_another_day(source, np.random.default_rng(seed)) for seed in range(40)]
    assert any((s.crop.shape == mask.shape) and (s.crop == source.crop).all() for s in seen)
    assert sum(s.crop.shape != mask.shape for s in seen) > 10
    for one in seen:
        assert one.crop.shape == one.mask.shape
        assert one.mask.any()
        assert (one.crop[~one.mask] > 150).mean() > 0.8
