from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from model.inference.predictor import BATCH, Predictor
from model.network.varifocal import VarifocalNet
from model.scale import REFERENCE_LOG_SIZE
from model.segmentation.cut_out import cut_out
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import X
from model.vocabulary.presets import NetworkConfig
from model.vocabulary.results import CellResult, Scale
from tests.unit.model.assignment.cells import complement
from tests.unit.model.builders import PIXEL_FOR_PIXEL, TINY, Grey, blob, tilted, write_net

EVEN = replace(PIXEL_FOR_PIXEL, canvas=(96, 48), field=(96, 48), t1=40.0, t2=16.0)


def telling_net(config: NetworkConfig) -> VarifocalNet:
    """Random weights whose answers differ: types by picture, polarity by what is above what."""
    torch.manual_seed(7)
    net = VarifocalNet(config)
    nn.init.normal_(net.localisation.box.weight, std=3.0)
    nn.init.normal_(net.fused.type_mlp[2].weight, std=3.0)
    above_below = torch.tensor([1.0, -1.0]).repeat(net.fused.pool_g.size // 2)
    first, last = net.fused.polarity_mlp[0], net.fused.polarity_mlp[2]
    with torch.no_grad():
        first.weight.zero_()
        first.weight[0, : len(above_below)] = above_below
        first.weight[1, : len(above_below)] = -above_below
        last.weight.zero_()
        last.weight[0, 0] = last.weight[1, 1] = 3.0
    return net


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Predictor]:
    def _load(config: NetworkConfig = TINY, views: int = 4) -> Predictor:
        weights = write_net(telling_net(config), tmp_path / "tiny.safetensors", version="7")
        return Predictor.load(weights, "cpu", views, runtime="torch")

    return _load


def pictures(n: int = 8) -> list[Grey]:
    return [blob(3 * i % 24, seed=i) for i in range(n)]


def types(result: CellResult) -> np.ndarray:
    return np.array([o.type_probabilities for o in result.objects])


def test_a_predictor_tells_what_it_is(load: Callable[..., Predictor], tmp_path: Path) -> None:
    predictor = load()
    assert (predictor.name, predictor.version, predictor.device) == ("tiny", "7", "cpu")
    assert len(predictor.sha256) == 64
    with pytest.raises(ModelError):
        Predictor.load(tmp_path / "gone.safetensors")


@pytest.mark.parametrize("views", [1, 2, 4])
@pytest.mark.parametrize("config", [TINY, PIXEL_FOR_PIXEL], ids=["scaled", "as it is"])
def test_probabilities_are_probabilities(
    load: Callable[..., Predictor], config: NetworkConfig, views: int
) -> None:
    result = load(config, views).predict_cell(pictures())
    assert len(result.objects) == 8
    for item in result.objects:
        assert item.type_probabilities.shape == (24,)
        assert item.polarity_probabilities.shape == (2,)
        for p in (item.type_probabilities, item.polarity_probabilities):
            assert p.dtype == np.float64
            assert (p >= 0).all()
            assert p.sum() == pytest.approx(1.0, abs=1e-12)
        assert item.assigned_type is not None
        expected = item.type_probabilities[item.assigned_type]
        assert item.confidence == pytest.approx(expected, abs=1e-6)


def test_objects_come_in_the_order_of_the_pictures(load: Callable[..., Predictor]) -> None:
    """More pictures than one batch holds, and the same answers in another order."""
    given = pictures(BATCH + 5)
    predictor = load()
    straight = predictor.predict_cell(given)
    for picture, item in zip(given, straight.objects, strict=True):
        assert np.array_equal(item.cut_out.crop, picture[3:-3, 3:-3])
    order = np.random.default_rng(0).permutation(len(given))
    shuffled = predictor.predict_cell([given[i] for i in order])
    assert shuffled.scale.size == pytest.approx(straight.scale.size)
    assert np.allclose(types(shuffled), types(straight)[order], atol=1e-6)
    assert np.ptp(types(straight), axis=0).max() > 0.05  # the answers do differ


def test_half_a_turn_of_the_picture_swaps_the_polarity(load: Callable[..., Predictor]) -> None:
    """The four views are the same then, so the types stay; margins are even on both sides."""
    given = [blob(k, height=80 - 4 * k, width=14 + 2 * (k % 3), seed=k) for k in range(6)]
    predictor = load(EVEN)
    straight = predictor.predict_cell(given)
    turned = predictor.predict_cell([np.rot90(p, 2).copy() for p in given])
    for a, b in zip(straight.objects, turned.objects, strict=True):
        assert np.allclose(a.polarity_probabilities, b.polarity_probabilities[::-1], atol=1e-4)
        assert np.allclose(a.type_probabilities, b.type_probabilities, atol=1e-4)
    sides = [o.polarity_probabilities[0] for o in straight.objects]
    assert max(abs(p - 0.5) for p in sides) > 0.01


def test_a_mirrored_picture_keeps_the_polarity(load: Callable[..., Predictor]) -> None:
    given = [blob(k, height=60, seed=k) for k in range(4)]
    predictor = load(EVEN)
    straight = predictor.predict_cell(given)
    mirrored = predictor.predict_cell([p[:, ::-1].copy() for p in given])
    for a, b in zip(straight.objects, mirrored.objects, strict=True):
        assert np.allclose(a.polarity_probabilities, b.polarity_probabilities, atol=1e-4)


def test_an_empty_cell_has_no_objects(load: Callable[..., Predictor]) -> None:
    result = load().predict_cell([])
    assert result.objects == ()
    assert result.warnings == ()


def test_progress_is_told_up_to_the_end(load: Callable[..., Predictor]) -> None:
    told: list[tuple[int, int, str]] = []
    load(PIXEL_FOR_PIXEL).predict_cell(pictures(20), lambda *step: told.append(step))
    done = [step[0] for step in told]
    assert done == sorted(done)
    assert {step[1] for step in told} == {40}
    assert told[-1][0] == 40
    assert all(step[2] for step in told)


@pytest.mark.parametrize("at", [0, 3, 8])
def test_what_the_callback_raises_goes_through(load: Callable[..., Predictor], at: int) -> None:
    class CancelledError(Exception):
        pass

    def report(done: int, total: int, message: str) -> None:
        if done >= at:
            raise CancelledError

    with pytest.raises(CancelledError):
        load().predict_cell(pictures(8), report)


@pytest.mark.parametrize("config", [TINY, PIXEL_FOR_PIXEL], ids=["scaled", "as it is"])
def test_a_picture_of_nothing_stays_unassigned_in_its_place(
    load: Callable[..., Predictor], config: NetworkConfig
) -> None:
    white, empty = np.full((20, 12), 255, np.uint8), np.zeros((0, 4), np.uint8)
    given = pictures(4)
    predictor = load(config)
    result = predictor.predict_cell([white, *given, empty])
    for item in (result.objects[0], result.objects[-1]):
        assert item.assigned_type is None
        assert item.confidence == 0.0
        assert not item.seen
        assert item.cut_out.crop.size > 0
        assert item.type_probabilities.sum() == pytest.approx(1.0)
        assert item.polarity_probabilities.sum() == pytest.approx(1.0)
    assert result.objects[0].cut_out.crop.shape == (20, 12)
    alone = predictor.predict_cell(given)
    assert np.allclose(types(result)[1:-1], types(alone))
    assert result.warnings == alone.warnings


def test_a_cell_of_nothing_but_white_pictures_has_no_answer(load: Callable[..., Predictor]) -> None:
    result = load().predict_cell([np.full((20, 12), 255, np.uint8)] * 2)
    assert [o.assigned_type for o in result.objects] == [None, None]
    assert result.scale == Scale(1.0)


def test_magnification_does_not_change_the_answers(load: Callable[..., Predictor]) -> None:
    """The scale of the cell makes up for it."""
    given = pictures(12)
    predictor = load()
    double = [np.kron(p, np.ones((2, 2), np.uint8)) for p in given]
    once, twice = predictor.predict_cell(given), predictor.predict_cell(double)
    assert twice.scale.size == pytest.approx(once.scale.size / 2, rel=0.02)
    assert np.allclose(types(once), types(twice), atol=0.1)


def test_without_a_scale_per_cell_the_scale_is_1(load: Callable[..., Predictor]) -> None:
    assert load(PIXEL_FOR_PIXEL).predict_cell(pictures(3)).scale == Scale(1.0)


def test_the_zoom_box_is_told_in_fractions_of_the_crop(tmp_path: Path) -> None:
    """A localisation that always answers u = (½, ½, 0.6): 28 px high in the middle of 48."""
    net = VarifocalNet(PIXEL_FOR_PIXEL)
    nn.init.zeros_(net.localisation.box.weight)
    with torch.no_grad():
        net.localisation.box.bias.copy_(torch.logit(torch.tensor([0.5, 0.5, 0.6])))
    predictor = Predictor.load(write_net(net, tmp_path / "n.safetensors"), "cpu", runtime="torch")
    result = predictor.predict_cell([blob(0, height=40, width=10), blob(0, height=20, width=14)])
    boxes = [o.zoom_box for o in result.objects]
    assert boxes[0] == pytest.approx((-0.2, 0.15, 1.2, 0.85), abs=1e-5)
    assert boxes[1] == pytest.approx((0.0, -0.2, 1.0, 1.2), abs=1e-5)


def test_the_zoom_box_follows_the_scale(load: Callable[..., Predictor]) -> None:
    """The same cell twice as large: the same box of the crop."""
    given = pictures(10)
    predictor = load()
    double = [np.kron(p, np.ones((2, 2), np.uint8)) for p in given]
    once, twice = predictor.predict_cell(given), predictor.predict_cell(double)
    for a, b in zip(once.objects, twice.objects, strict=True):
        assert a.zoom_box == pytest.approx(b.zoom_box, abs=0.15)


def test_tilted_pictures_are_set_upright_first(load: Callable[..., Predictor]) -> None:
    result = load().predict_cell([tilted(blob(2), 40), blob(3)])
    assert result.objects[0].cut_out.angle == pytest.approx(40, abs=2)
    assert result.objects[1].cut_out.angle == 0.0


def with_answers(
    load: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch,
    kinds: list[dict[int, float]], q_down: float,
) -> CellResult:  # fmt: skip
    """A cell whose network answers these type probabilities and one polarity for all."""
    p = np.full((len(kinds), 24), 1e-9)
    for row, answer in zip(p, kinds, strict=True):
        for kind, value in answer.items():
            row[kind] = value
    views = torch.from_numpy(p), torch.tensor([[1 - q_down, q_down]]).expand(len(kinds), 2)
    predictor = load(PIXEL_FOR_PIXEL)
    monkeypatch.setattr(
        "model.inference.predictor.look", lambda *_: (*views, torch.zeros(len(kinds), 4))
    )
    return predictor.predict_cell(pictures(len(kinds)))


def test_doubts_are_told_in_numbers(
    load: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = with_answers(load, monkeypatch, [{12: 0.95, 13: 0.05}, {13: 0.6, 14: 0.4}], 0.8)
    sure, unsure = result.objects
    assert unsure.type_probabilities[[13, 14]] == pytest.approx([0.6, 0.4], abs=0.002)
    for item in (sure, unsure):
        assert item.seen
        assert item.polarity_probabilities == pytest.approx([0.2, 0.8])
    assert (sure.assigned_type, unsure.assigned_type) == (12, 13)
    assert unsure.margin < sure.margin


def test_a_sure_chromosome_stays_where_it_looks(
    load: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = with_answers(load, monkeypatch, [{0: 0.99}, {1: 0.97}], 0.02)
    assert [(o.assigned_type, o.moved) for o in result.objects] == [(0, False), (1, False)]


def test_only_of_stout_chromosomes_the_size_is_heard_beside_the_bands(
    load: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 21 and a 1 are as likely by their bands: at the scale of a 21 it is one."""
    p = np.full((1, 24), 1e-9)
    p[0, [0, 20]] = 0.5
    monkeypatch.setattr(
        "model.inference.predictor.look",
        lambda *_: (torch.from_numpy(p), torch.tensor([[0.5, 0.5]]), torch.zeros(1, 4)),
    )
    predictor = load(PIXEL_FOR_PIXEL)
    cut = cut_out(blob(0))
    for kind in (0, 20):
        size = float(np.exp(REFERENCE_LOG_SIZE[kind]) / np.sqrt(cut.mask.sum()))
        [even] = predictor.each_sized(predictor.look_again([cut], Scale(size)), Scale(size))
        assert even.type_probabilities[[0, 20]] == pytest.approx([0.5, 0.5], abs=0.002)
        [again] = predictor.look_again([cut], Scale(size, 1.2))
        cell = predictor.assigned([again], Scale(size, 1.2))
        [stout] = predictor.sized(cell, np.array([False])).objects
        assert predictor.each_sized([again], Scale(size, 1.2))[0].assigned_type == kind
        assert stout.assigned_type == kind
        assert stout.confidence > 0.99


def test_a_small_marker_is_of_no_type_however_much_the_cell_lacks_one(
    load: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside 45 of a normal cell it looks most like the X that is missing, at half its area."""
    kinds = [*complement("XY")[:44], X, X]
    p = np.full((46, 24), 1e-9)
    p[np.arange(46), kinds] = 0.99
    p[45, [X, 6, 17]] = 0.6, 0.2, 0.2
    rows = cycle(torch.from_numpy(p))

    def answered(runtime: object, images: torch.Tensor, *_: object) -> tuple[torch.Tensor, ...]:
        part = torch.stack([next(rows) for _ in images])
        return part, torch.tensor([[0.1, 0.9]]).expand(len(part), 2), torch.zeros(len(part), 4)

    monkeypatch.setattr("model.inference.predictor.look", answered)
    predictor = load()
    sizes = np.exp(REFERENCE_LOG_SIZE[kinds])
    for share, marker in ((1.0, X), (0.5, None)):
        sizes[45] = np.exp(REFERENCE_LOG_SIZE[X]) * np.sqrt(share)
        cell = predictor.predict_cell([bar(size) for size in sizes])
        assert [o.assigned_type for o in cell.objects] == [*kinds[:45], marker]
        told = cell.objects[45].misfit
        assert (told is None) == (marker == X)
        assert told is None or (told.type == X and told.share == pytest.approx(share, abs=0.1))


def bar(size: float) -> Grey:
    """A picture of a dark bar with an area of `size`² pixels, five times as high as broad."""
    breadth = size / np.sqrt(5)
    picture = np.full((round(5 * breadth) + 12, round(breadth) + 12), 255, np.uint8)
    picture[6:-6, 6:-6] = 90
    return picture


def test_a_moved_chromosome_says_so(
    load: Callable[..., Predictor], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [{20: 0.99}, {20: 0.98}, {20: 0.7, 21: 0.3}]
    result = with_answers(load, monkeypatch, answers, 0.99)
    assert [o.assigned_type for o in result.objects] == [20, 20, 21]
    moved = result.objects[2]
    assert (moved.moved, moved.assigned_type) == (True, 21)
    assert moved.margin < result.objects[0].margin
    assert (result.assignment, result.alternative is None) == ("map", False)
    assert moved.confidence == pytest.approx(0.3, abs=0.002)
    assert int(moved.type_probabilities.argmax()) == 20  # the network's own answer stays
    assert "1 of chromosome 22" in result.warnings
