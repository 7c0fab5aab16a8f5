"""Chromosomes too round to have an axis: how they are set upright, and who is left alone."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.inference.predictor import Predictor
from model.inference.runtimes.base import Outputs, Runtime
from model.inference.upright import ADVANTAGE, ANGLES, best_way, has_no_axis, ways_up
from model.network.varifocal import VarifocalNet
from model.segmentation.crops import crop_of
from model.segmentation.cut_out import LEAST_ELONGATION, elongation
from model.vocabulary.results import CutOut, Scale
from model.weights import load_model
from tests.unit.model.builders import PIXEL_FOR_PIXEL, write_net

EVEN = replace(PIXEL_FOR_PIXEL, canvas=(96, 48), field=(96, 48), t1=40.0, t2=16.0)
SIDE = 90
BANDS = 3.0
"""Pixels of a radian of the banding."""


class Bands:
    """A network that is sure where bands lie across, and surer of one end than of the other."""

    device, label, note = torch.device("cpu"), "bands", ""

    def __call__(self, images: torch.Tensor, sizes: torch.Tensor) -> Outputs:
        """As a runtime."""
        down = images.diff(dim=2).abs().mean((1, 2, 3))
        across = images.diff(dim=3).abs().mean((1, 2, 3))
        sure = 8.0 * (down - across) / (down + across)
        types = torch.zeros(len(images), 24)
        types[:, 3] = sure
        polarities = torch.stack([sure, torch.zeros(len(images))], 1)
        return types, polarities, torch.zeros(len(images), 4)


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    weights = write_net(VarifocalNet(EVEN), tmp_path / "tiny.safetensors")
    model = load_model(weights, torch.device("cpu"))
    return Predictor(model, cast("Runtime", Bands()), views=1)


def page(degrees: float, half: tuple[int, int] = (15, 14)) -> tuple[np.ndarray, np.ndarray]:
    """A picture with one banded ellipse that lies turned by so many degrees, and its mask."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    angle = math.radians(degrees)
    along = rows * math.cos(angle) + columns * math.sin(angle)
    beside = columns * math.cos(angle) - rows * math.sin(angle)
    mask = (along / half[0]) ** 2 + (beside / half[1]) ** 2 <= 1
    grey = np.where(mask, 120 + 90 * np.sin(along / BANDS), 255)
    return grey.astype(np.uint8), mask


def lying(degrees: float, turn: float = 0.0, half: tuple[int, int] = (15, 14)) -> CutOut:
    grey, mask = page(degrees, half)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    top, left = int(rows[0]), int(columns[0])
    tight = mask[top : rows[-1] + 1, left : columns[-1] + 1]
    return crop_of(grey, tight, (left, top), turn)


def slant(cut_out: CutOut) -> float:
    """Degrees (0 … 90) by which its bands are off lying across."""
    grey = cv2.GaussianBlur(cut_out.crop, (0, 0), 1.0).astype(np.float64)
    inner = cv2.erode(cut_out.mask.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    down, across = (np.gradient(grey, axis=a)[inner] for a in (0, 1))
    # The direction in which grey changes most: straight down where bands lie across.
    spread = np.cov(np.stack([across, down]))
    main = np.linalg.eigh(spread)[1][:, 1]
    return math.degrees(math.acos(min(1.0, abs(float(main[1])))))


@pytest.mark.parametrize("degrees", [0.0, 30.0, 65.0, 90.0, 118.0, 150.0])
def test_a_round_chromosome_is_turned_until_it_is_seen_best(
    predictor: Predictor, degrees: float
) -> None:
    given_one = lying(degrees)
    assert has_no_axis(given_one)
    (upright,) = predictor.set_upright([given_one], Scale(1.0))
    assert slant(upright) < 20
    (seen,) = predictor.look_again([given_one], Scale(1.0))
    assert seen.cut_out.angle == upright.angle
    cell = predictor.predict_cut_outs([given_one] * 3)
    assert {o.cut_out.angle for o in cell.objects} == {upright.angle}


def test_one_that_lies_well_stays_as_it_lies(predictor: Predictor) -> None:
    upright = lying(0.0)
    assert predictor.set_upright([upright], Scale(1.0)) == [upright]


def test_one_with_an_axis_is_left_alone_whatever_its_bands_say(predictor: Predictor) -> None:
    """Bands along a long chromosome: a wrong picture, but its axis is not the network's."""
    grey = np.full((60, 24), 255, np.uint8)
    grey[4:-4, 4:-4] = (120 + 90 * np.sin(np.arange(16) / 2)).astype(np.uint8)
    long = CutOut(grey, grey < 255, 0.0)
    assert elongation(long.mask) > LEAST_ELONGATION
    assert predictor.set_upright([long], Scale(1.0)) == [long]


def test_ready_cut_outs_stand_as_they_are_given(predictor: Predictor) -> None:
    """Somebody has set them upright; photographs alone have chromosomes that lie anyhow."""
    askew = lying(90.0)
    (seen,) = predictor.predict_cell([askew.crop]).objects
    assert seen.cut_out.angle == 0.0
    (turned,) = predictor.predict_cut_outs([askew]).objects
    assert turned.cut_out.angle != 0.0


@pytest.mark.parametrize("turn", [-90.0, -30.0, 10.0, 60.0])
def test_a_persons_turn_goes_on_from_how_the_program_set_it(
    predictor: Predictor, turn: float
) -> None:
    """Also where it leads back to how the chromosome lay: the program does not have its way."""
    (program,) = predictor.set_upright([lying(90.0)], Scale(1.0))
    (person,) = predictor.set_upright([lying(90.0, turn)], Scale(1.0))
    assert person.angle == pytest.approx(program.angle + turn)
    off = abs(turn) % 180
    assert slant(person) == pytest.approx(min(off, 180 - off), abs=20)


def test_what_was_set_upright_once_is_not_turned_again(predictor: Predictor) -> None:
    (once,) = predictor.set_upright([lying(60.0)], Scale(1.0))
    assert once.angle != 0.0
    assert predictor.set_upright([once], Scale(1.0)) == [once]


@given(
    st.lists(st.floats(-9.0, -0.01), min_size=1 + len(ANGLES), max_size=1 + len(ANGLES)),
)
def test_in_doubt_it_stays(sure: list[float]) -> None:
    types = np.full((len(sure), 24), 1e-6)
    types[:, 5] = np.exp(sure)
    polarities = np.tile([0.5, 0.5], (len(sure), 1))
    best = best_way(types, polarities)
    top = np.log(types.max(1))
    assert best == 0 or top[best] > top[0] + ADVANTAGE
    assert best == 0 or top[best] == top.max()


def test_a_few_pixels_are_no_reason_to_fail() -> None:
    speck = CutOut(np.array([[90]], np.uint8), np.ones((1, 1), np.bool_), 0.0)
    assert len(ways_up(speck)) == 1 + len(ANGLES)


def test_the_next_look_at_the_cells_scale_sets_them_up_alike(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crop does not jump when it is looked at again: what counts is the scale that stays."""
    asked: list[Scale] = []
    chosen = Predictor.set_upright

    def noted(self: Predictor, cut_outs: Sequence[CutOut], scale: Scale) -> list[CutOut]:
        asked.append(scale)
        return chosen(self, cut_outs, scale)

    monkeypatch.setattr(Predictor, "set_upright", noted)
    monkeypatch.setattr(Predictor, "config", replace(EVEN, scale_per_cell=True))
    monkeypatch.setattr(
        "model.inference.predictor.refine_scale", lambda areas, types, size: size * 1.3
    )
    cell = predictor.predict_cut_outs([lying(60.0)] * 4)
    assert asked[-1] == cell.scale != asked[0]
    (again, *_) = predictor.look_again([lying(60.0)], cell.scale)
    assert again.cut_out.angle == cell.objects[0].cut_out.angle
