"""The separation check of a photograph that a person has repaired: of what is new in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from model.inference.check_values import Look, Scene
from model.inference.predictor import Predictor
from model.inference.separation_check import Judge, worth_a_look
from model.light import flatten
from model.segmentation.base import GreyImage, Instance
from model.segmentation.crops import crop_of
from model.segmentation.preparation import estimate_width
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.results import CheckEntry, Scale


def check_again(
    picture: GreyImage,
    instances: Sequence[Instance],
    looks: Sequence[Look | None],
    scale: Scale,
    fresh: Collection[int],
    judge: Judge,
    predictor: Predictor,
) -> tuple[CheckEntry, ...]:
    """Entries of the objects `fresh`, by number; `looks` are those of the chromosomes.

    An object that a person outlined has no votes: usual values stand in their place. New objects
    that were rejected are classified first.
    """
    flattened = flatten(picture)
    width = estimate_width(_covered(instances, flattened.shape)) or 1.0
    rejected = [i for i in worth_a_look(instances, width) if i in fresh]
    cut_outs = [crop_of(flattened, instances[i].mask, instances[i].origin) for i in rejected]
    told = list(looks)
    for i, seen in zip(rejected, predictor.look_again(cut_outs, scale), strict=True):
        told[i] = Look(seen.type_probabilities)
    scene = Scene(instances, told, flattened, width, scale.size)
    return judge.judged(scene, fresh, by_types=not scale.is_stout)[0]


def _covered(instances: Sequence[Instance], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W): the pixels of all chromosomes."""
    page: NDArray[np.bool_] = np.zeros(shape, np.bool_)
    for o in instances:
        if o.kind is ObjectKind.CHROMOSOME:
            (x, y), (h, w) = o.origin, o.mask.shape
            page[y : y + h, x : x + w] |= o.mask
    return page
