import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from model.inference.runtimes.base import Outputs
from model.inference.views import ALL_VIEWS, SURE_AFTER_FOUR, TILTS, VIEWS, look, tilted
from model.vocabulary.labels import Q_DOWN


class Recorder:
    """A runtime sure of every picture whose first pixel is above 0; it keeps what it was shown."""

    id = label = "recorder"
    device = "cpu"
    note = ""

    def __init__(self) -> None:
        self.shown: list[tuple[Tensor, Tensor]] = []

    def __call__(self, images: Tensor, sizes: Tensor) -> Outputs:
        self.shown.append((images.clone(), sizes.clone()))
        sure = images.flatten(1).amax(1) > 0
        types = torch.zeros(len(images), 24)
        types[:, 3] = torch.where(sure, 50.0, images.flatten(1).argmin(1).float())
        polarities = torch.zeros(len(images), 2)
        polarities[:, Q_DOWN] = torch.where(sure, 50.0, images.flatten(1).argmin(1).float() - 2.5)
        return types, polarities, torch.full((len(images), 4), float(len(self.shown)))


def pictures(*sure: bool) -> tuple[Tensor, Tensor]:
    images = torch.stack([torch.tensor([[[-9.0, -1.0, -2.0], [-3.0, -4.0, -5.0]]])] * len(sure))
    images[torch.tensor(sure)] += 10.0
    return images, torch.arange(2.0 * len(sure)).reshape(-1, 2)


def test_sure_chromosomes_are_seen_once_and_the_others_four_times() -> None:
    runtime = Recorder()
    images, sizes = pictures(True, False, True)
    types, polarities, boxes = look(runtime, images, sizes, len(VIEWS))
    (first, _), (further, told) = runtime.shown
    assert torch.equal(first, images)
    assert torch.equal(further, torch.cat([images[1:2].flip(axes) for axes, _ in VIEWS[1:]]))
    assert torch.equal(told, sizes[1:2].repeat(3, 1))
    assert torch.equal(boxes, torch.ones(3, 4))  # those of the first view
    assert types.sum(1) == pytest.approx(1.0)
    assert polarities.sum(1) == pytest.approx(1.0)


def test_uncertain_chromosomes_are_averaged_and_turned_views_swap_the_polarity() -> None:
    images, sizes = pictures(False)
    types, polarities, _ = look(Recorder(), images, sizes, len(VIEWS))
    alone = [Recorder()(images.flip(axes), sizes) for axes, _ in VIEWS]
    assert types == pytest.approx(torch.stack([a[0].softmax(1) for a in alone]).mean(0))
    seen = [a[1].softmax(1) for a in alone]
    swapped = [p.flip(1) if swaps else p for p, (_, swaps) in zip(seen, VIEWS, strict=True)]
    assert polarities == pytest.approx(torch.stack(swapped).mean(0))
    assert not torch.allclose(polarities, seen[0])


def test_one_view_asks_once_however_uncertain() -> None:
    runtime = Recorder()
    look(runtime, *pictures(False, False), views=1)
    assert len(runtime.shown) == 1


def test_beyond_certainty_all_are_seen_in_all_views() -> None:
    runtime = Recorder()
    look(runtime, *pictures(True, True), sure=2.0)
    shown = [len(images) for images, _ in runtime.shown]
    assert shown == [2, 2 * (len(VIEWS) - 1), 2 * (ALL_VIEWS - len(VIEWS))]


class Sharper(Recorder):
    """Sure of the first picture at the second look and never of the others."""

    def __call__(self, images: Tensor, sizes: Tensor) -> Outputs:
        types, polarities, boxes = super().__call__(images, sizes)
        types[:, 3], polarities[:, Q_DOWN] = 6.0, 2.0
        if len(self.shown) == 2:
            of_first = sizes[:, 0] == 0
            types[of_first, 3], polarities[of_first, Q_DOWN] = 50.0, 0.0
            turned = torch.tensor([swaps for _, swaps in VIEWS[1:]]).repeat_interleave(2)
            polarities[of_first, Q_DOWN] = torch.where(turned[of_first], -50.0, 50.0)
        return types, polarities, boxes


def test_only_what_four_views_leave_in_doubt_is_tilted() -> None:
    runtime = Sharper()
    images, sizes = pictures(False, False)
    types, polarities, _ = look(runtime, images, sizes)
    assert [len(shown) for shown, _ in runtime.shown] == [2, 6, 8]
    assert (runtime.shown[2][1] == sizes[1]).all()
    assert float(torch.minimum(types[0].amax(), polarities[0].amax())) >= SURE_AFTER_FOUR
    assert types.sum(1) == pytest.approx(1.0)
    assert polarities.sum(1) == pytest.approx(1.0)


def test_the_tilted_views_count_as_much_as_the_others() -> None:
    images, sizes = pictures(False)
    types, polarities, _ = look(Recorder(), images, sizes)
    shown = [images, *(tilted(images, degrees) for degrees in TILTS)]
    alone = [(Recorder()(s.flip(axes), sizes), swaps) for s in shown for axes, swaps in VIEWS]
    assert len(alone) == ALL_VIEWS
    assert types == pytest.approx(torch.stack([a[0].softmax(1) for a, _ in alone]).mean(0))
    told = [p.flip(1) if swaps else p for (_, p, _), swaps in alone for p in (p.softmax(1),)]
    assert polarities == pytest.approx(torch.stack(told).mean(0))


def rod(degrees: float) -> Tensor:
    """A dark rod through the middle of a white canvas, turned clockwise; depth is high."""
    ys, xs = torch.meshgrid(torch.arange(96.0) - 47.5, torch.arange(48.0) - 23.5, indexing="ij")
    angle = torch.deg2rad(torch.tensor(degrees))
    along = xs * torch.sin(angle) - ys * torch.cos(angle)
    across = xs * torch.cos(angle) + ys * torch.sin(angle)
    return ((along.abs() < 20) & (across.abs() < 4)).float()[None, None] * 3.0 - 1.0


@given(st.floats(-20.0, 20.0))
def test_a_tilt_is_a_rotation_that_keeps_shape_and_background(degrees: float) -> None:
    """Also on a canvas that is not square: a rod tilted is the rod drawn at that angle."""
    turned = tilted(rod(0.0), degrees)
    drawn = [rod(degrees), rod(-degrees)]
    assert min((turned - d).abs().mean().item() for d in drawn) < 0.03
    assert turned[..., 0, 0].item() == pytest.approx(-1.0)
    assert turned.mean().item() == pytest.approx(rod(0.0).mean().item(), abs=0.01)


def test_tilting_back_and_forth_gives_the_picture() -> None:
    back = tilted(tilted(rod(10.0), 8.0), -8.0)
    assert (back - rod(10.0)).abs().mean() < 0.05
