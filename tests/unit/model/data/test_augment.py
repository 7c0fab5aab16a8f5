from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.data.augment import augment
from model.vocabulary.labels import Q_DOWN, Q_UP
from model.vocabulary.training import PAPER_AUGMENTATION, Augmentation
from tests.unit.model.builders import blob

ONLY_FLIPS = replace(PAPER_AUGMENTATION, rotation=0.0)


def canvas(side: int = 128) -> NDArray[np.uint8]:
    """A striped blob on a square of background."""
    picture = blob(3, height=60, width=15)
    framed = np.full((side, side), 255, np.uint8)
    top, left = (side - picture.shape[0]) // 2, (side - picture.shape[1]) // 2
    framed[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return framed


def views(strength: Augmentation, n: int = 40) -> list[tuple[NDArray[np.uint8], int]]:
    rng = np.random.default_rng(1)
    return [augment(canvas(), Q_DOWN, rng, strength) for _ in range(n)]


def darkness(picture: NDArray[np.uint8], half: slice) -> float:
    return float((255 - picture[half].astype(float)).sum())


def test_flips_alone_leave_every_grey_level() -> None:
    given = np.arange(256 * 3, dtype=np.uint8).reshape(24, 32)
    flips = [given, given[:, ::-1], given[::-1], given[::-1, ::-1]]
    rng = np.random.default_rng(1)
    seen = set()
    for _ in range(40):
        view, polarity = augment(given, Q_DOWN, rng, ONLY_FLIPS)
        found = [i for i, flip in enumerate(flips) if np.array_equal(view, flip)]
        assert found
        assert polarity == (Q_UP if found[0] >= 2 else Q_DOWN)
        seen.add(found[0])
    assert seen == {0, 1, 2, 3}


@pytest.mark.parametrize("strength", [Augmentation(), PAPER_AUGMENTATION], ids=["compact", "paper"])
def test_the_polarity_tells_where_the_dark_arm_lies(strength: Augmentation) -> None:
    """The q arm of the blob is the darker half: down as given, up after a vertical flip."""
    flat = replace(strength, rotation=min(strength.rotation, 20.0), erase=0.0)
    for view, polarity in views(flat):
        upper, lower = darkness(view, slice(None, 64)), darkness(view, slice(64, None))
        assert (upper > lower) == (polarity == Q_UP)


def test_a_given_q_up_comes_back_turned_round_as_often() -> None:
    rng = np.random.default_rng(2)
    polarities = [augment(canvas(), Q_UP, rng, PAPER_AUGMENTATION)[1] for _ in range(200)]
    assert 60 < sum(p == Q_UP for p in polarities) < 140


def test_the_paper_turns_and_flips_and_does_nothing_else() -> None:
    given = canvas()
    for view, _ in views(PAPER_AUGMENTATION):
        assert view.max() == 255
        assert int(view.min()) >= int(given.min())
        total = darkness(view, slice(None))
        assert total == pytest.approx(darkness(given, slice(None)), rel=0.01)


def test_the_paper_turns_by_at_most_45_degrees() -> None:
    leans = []
    for view, _ in views(PAPER_AUGMENTATION):
        y, x = np.nonzero(view < 200)
        values, vectors = np.linalg.eigh(np.cov(np.stack([x, y]).astype(float)))
        dx, dy = vectors[:, np.argmax(values)]
        leans.append(np.degrees(np.arctan2(abs(dx), abs(dy))))
    assert max(leans) < 46
    assert max(leans) > 30


@pytest.mark.parametrize("strength", [Augmentation(), PAPER_AUGMENTATION], ids=["compact", "paper"])
def test_the_background_stays_255(strength: Augmentation) -> None:
    for view, _ in views(strength):
        assert view.dtype == np.uint8
        assert view.shape == (128, 128)
        assert (view[:4] == 255).all()
        assert (view[:, :4] == 255).all()
        assert (view == 255).mean() > 0.75
        assert (view < 200).sum() > 400  # and the chromosome is still there


@pytest.mark.parametrize("name", ["erase", "blur"])
def test_an_empty_canvas_stays_empty(name: str) -> None:
    empty = np.full((32, 16), 255, np.uint8)
    strong = replace(Augmentation(), **{name: 1.0})
    view, _ = augment(empty, Q_DOWN, np.random.default_rng(0), strong)
    assert (view == 255).all()


def test_the_same_seed_gives_the_same_views() -> None:
    for (a, p), (b, q) in zip(views(Augmentation(), 10), views(Augmentation(), 10), strict=True):
        assert p == q
        assert np.array_equal(a, b)
    pairs = zip(views(Augmentation(), 10), views(Augmentation(), 11)[1:], strict=True)
    assert any(not np.array_equal(a, b) for (a, _), (b, _) in pairs)


def test_the_given_canvas_is_not_written_to() -> None:
    given = canvas()
    given.setflags(write=False)
    for _ in range(20):
        augment(given, Q_DOWN, np.random.default_rng(0), Augmentation())
    assert np.array_equal(given, canvas())
