"""A metaphase photograph in, chromosomes with types and polarities out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from model.assignment.by_size import lying_alone
from model.inference.check_values import Look, Scene
from model.inference.legibility import legibility
from model.inference.predictor import Predictor
from model.inference.separation_check import (
    DROPPED,
    RESTORED,
    Judge,
    as_large_as_two,
    worth_a_look,
)
from model.inference.settling import settled
from model.inference.ways import Mender, weighed
from model.light import flatten
from model.segmentation.base import (
    CHOSEN,
    GreyImage,
    Instance,
    Mask,
    Report,
    Separation,
    Separator,
    silent,
)
from model.segmentation.crops import crop_of
from model.segmentation.quality import assess
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.quality import Quality
from model.vocabulary.results import CellResult, CheckEntry, ObjectResult, Scale

MaskAt = tuple[Mask, tuple[int, int], float]
"""A mask (h, w), the place (x, y) of its top left pixel, a person's fine rotation in degrees."""


@dataclass(frozen=True, eq=False)
class MetaphaseResult:
    """What was made of a picture.

    `chromosomes` are the indices of those instances of the separation that `cell` tells of, in its
    order; the others were rejected. `check` is what a person has to look at; `scene` what the judge
    was asked about: types by bands alone, before sizes are heard. `seconds` are separation and
    classification.
    """

    separation: Separation
    quality: Quality
    cell: CellResult
    chromosomes: tuple[int, ...]
    seconds: tuple[float, float]
    scene: Scene
    check: tuple[CheckEntry, ...] = ()


def scene_of(
    separation: Separation, cell: CellResult, rejected: Mapping[int, ObjectResult]
) -> Scene:
    """A separation as the judge wants it; `cell` tells of its chromosomes, in their order."""
    looks: dict[int, Look] = {
        i: Look(o.type_probabilities, o.assigned_type, o.margin)
        for i, o in zip(_chromosomes(separation), cell.objects, strict=True)
    }
    looks |= {i: Look(o.type_probabilities) for i, o in rejected.items()}
    return Scene(
        separation.instances,
        [looks.get(i) for i in range(len(separation.instances))],
        separation.flattened,
        separation.chromosome_width,
        cell.scale.size,
    )


def _chromosomes(separation: Separation) -> tuple[int, ...]:
    return tuple(i for i, o in enumerate(separation.instances) if o.kind is ObjectKind.CHROMOSOME)


def _standing(separation: Separation) -> list[Instance]:
    return [separation.instances[i] for i in _chromosomes(separation)]


class MetaphaseReader:
    """Separates a metaphase and looks at its chromosomes.

    What the `judge` doubts is separated in another way where the `mender` finds that likely better;
    what it doubts then is to be checked.
    """

    def __init__(
        self,
        separator: Separator,
        predictor: Predictor,
        judge: Judge | None = None,
        mender: Mender | None = None,
    ) -> None:
        self._separator = separator
        self._predictor = predictor
        self._judge = judge
        self._mender = mender

    @property
    def separator(self) -> Separator:
        """What separates."""
        return self._separator

    @property
    def predictor(self) -> Predictor:
        """What classifies."""
        return self._predictor

    def read(
        self,
        picture: GreyImage,
        report: Report = silent,
        width_factor: float = CHOSEN,
        scale_factor: float = CHOSEN,
    ) -> MetaphaseResult:
        """The whole way of one picture (H, W) uint8; ModelError when no chromosome can be seen.

        The factors are what a person says of the estimated width and scale, by what to multiply
        them.
        """
        began, by_hand = time.perf_counter(), bool(scale_factor)
        first = self._separator(picture, report, width_factor)
        separated = time.perf_counter()
        cell = self._classified(first, report, scale_factor)
        separation = settled(first, cell, self._predictor)
        cell = self._looked_on(first, cell, separation)
        mended = self._mended(separation, cell)
        if (
            mended is not separation
            and self._quality(separation, picture, cell, by_hand).is_readable
        ):
            cell = self._looked_on(separation, cell, mended)
            separation = mended
        quality = self._quality(separation, picture, cell, by_hand)
        rejected = self._rejected(separation, cell.scale)
        scene = scene_of(separation, cell, rejected)
        # What the judge knows of shapes is that of ordinary chromosomes, not of stouter ones.
        if self._judge and quality.is_readable and not cell.scale.is_stout:
            changed = self._judge.sorted_out(scene)
            if changed:
                separation, cell, rejected = self._sorted_out(separation, cell, rejected, changed)
                scene = scene_of(separation, cell, rejected)
                quality = self._quality(separation, picture, cell, by_hand)
        chosen = _chromosomes(separation)
        cell = self._predictor.sized(
            cell, lying_alone(separation.instances, chosen, cell.scale.size)
        )
        result = MetaphaseResult(separation, quality, cell, chosen, (0.0, 0.0), scene)
        check: tuple[CheckEntry, ...] = ()
        if self._judge:
            # Types of stout ones are too often wrong to tell anything of their outlines.
            tells = quality.is_readable and not cell.scale.is_stout
            check, repairs = self._judge.judged(scene, by_types=tells)
            quality = replace(quality, repairs=repairs)
        if not quality.is_readable:  # what it looks like is then a guess
            check = tuple(replace(entry, types=(), type_probability=0.0) for entry in check)
            check = as_large_as_two(scene, check) if self._judge else check
        seconds = (separated - began, time.perf_counter() - separated)
        return replace(result, quality=quality, check=check, seconds=seconds)

    def _quality(
        self, separation: Separation, picture: GreyImage, cell: CellResult, by_hand: bool
    ) -> Quality:
        """The quality, and what the types say of bands and scale; a scale `by_hand` is no doubt."""
        quality = assess(separation, picture)
        told = legibility(cell, lambda crops: self._predictor.look_again(crops, cell.scale))
        if told is None:
            return quality
        return replace(
            quality,
            other_bands=told.other_bands,
            inverse_bands=told.inverse,
            scale_fits=None if by_hand else told.scale_fits,
        )

    def _looked_on(self, before: Separation, cell: CellResult, now: Separation) -> CellResult:
        """The cell of a separation that differs in some objects: these are looked at, all assigned.

        Its scale stays.
        """
        if now is before:
            return cell
        chosen = _standing(before)
        known = {id(o): seen for o, seen in zip(chosen, cell.objects, strict=True)}
        new = [o for o in _standing(now) if id(o) not in known]
        cut_outs = [crop_of(now.flattened, o.mask, o.origin) for o in new]
        types = [o.types for o in new]
        looks = self._predictor.look_again(cut_outs, cell.scale, seen_before=types)
        known |= {id(o): seen for o, seen in zip(new, looks, strict=True)}
        return self._predictor.assigned([known[id(o)] for o in _standing(now)], cell.scale)

    def _mended(self, separation: Separation, cell: CellResult) -> Separation:
        """Doubtful objects in another way where that is likely better: as far as types tell."""
        if self._mender is None or self._judge is None:
            return separation
        scene = scene_of(separation, cell, {})
        ways, values = weighed(separation, cell, scene, self._predictor, self._judge)
        return self._mender.mended(separation, ways, values)

    def _sorted_out(
        self,
        separation: Separation,
        cell: CellResult,
        rejected: Mapping[int, ObjectResult],
        changed: Mapping[int, str],
    ) -> tuple[Separation, CellResult, dict[int, ObjectResult]]:
        """What was no chromosome is dropped, what was one after all stands; all assigned anew."""
        looks = {**rejected, **dict(zip(_chromosomes(separation), cell.objects, strict=True))}
        kinds = {DROPPED: ObjectKind.DEBRIS, RESTORED: ObjectKind.CHROMOSOME}
        instances = tuple(
            replace(o, kind=kinds[changed[i]], by_way=changed[i]) if i in changed else o
            for i, o in enumerate(separation.instances)
        )
        now = replace(separation, instances=instances, doubts=())
        standing = _chromosomes(now)
        assigned = self._predictor.assigned([looks[i] for i in standing], cell.scale)
        return now, assigned, {i: look for i, look in looks.items() if i not in standing}

    def _rejected(self, separation: Separation, scale: Scale) -> dict[int, ObjectResult]:
        """What rejected objects of a chromosome's size look like."""
        numbers = worth_a_look(separation.instances, separation.chromosome_width)
        chosen = [separation.instances[i] for i in numbers]
        cut_outs = [crop_of(separation.flattened, o.mask, o.origin) for o in chosen]
        return dict(zip(numbers, self._predictor.look_again(cut_outs, scale), strict=True))

    def _classified(
        self, separation: Separation, report: Report, scale_factor: float
    ) -> CellResult:
        chosen = _standing(separation)
        cut_outs = [crop_of(separation.flattened, o.mask, o.origin) for o in chosen]
        types = [o.types for o in chosen]
        return self._predictor.predict_cut_outs(cut_outs, report, types, scale_factor)

    def read_separated(
        self,
        picture: GreyImage,
        masks: Sequence[MaskAt],
        scale: Scale | None = None,
        report: Report = silent,
    ) -> tuple[ObjectResult, ...]:
        """Look at given objects of a picture, as after a repair; nothing is assigned.

        `scale` is the cell's; without it the objects themselves have to tell it.
        """
        flattened = flatten(picture)
        cut_outs = [crop_of(flattened, mask, origin, turn) for mask, origin, turn in masks]
        if scale is None:
            seen = self._predictor.predict_cut_outs(cut_outs, report)
            return self._predictor.each_sized(seen.objects, seen.scale)
        return self._predictor.each_sized(
            self._predictor.look_again(cut_outs, scale, report), scale
        )
