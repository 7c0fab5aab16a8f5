"""Pictures of one cell in, types and polarities out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from model.assignment.by_size import Sizes
from model.assignment.calibration import Calibration
from model.assignment.methods import assignment
from model.device import choose
from model.inference.agreement import SeenBefore, agreed
from model.inference.runtimes import AUTO, open_runtime
from model.inference.runtimes.base import BATCH, Runtime
from model.inference.upright import best_way, has_no_axis, turned_further, ways_up
from model.inference.views import ALL_VIEWS, look
from model.preprocessing import (
    normalise,
    place,
    relative_sizes,
    sharpened,
    stretched,
    stretched_shape,
)
from model.scale import by_size, estimate_scale, estimate_stretch, refine_scale
from model.segmentation.base import CHOSEN
from model.segmentation.cut_out import cut_out
from model.vocabulary.choices import DEFAULT_ASSIGNMENT
from model.vocabulary.errors import ModelError
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig
from model.vocabulary.results import CellResult, CutOut, FloatArray, ObjectResult, Scale
from model.weights import LoadedModel, load_model

Report = Callable[[int, int, str], None]

SCALE_TOLERANCE: float = 0.03
"""Logarithm of the scale by which the first estimate may be off before a second look."""


def _silent(done: int, total: int, message: str) -> None:
    del done, total, message


@dataclass(frozen=True, eq=False)
class _Probabilities:
    """Type (n, 24), polarity (n, 2), boxes (n, 4) in canvas pixels."""

    type: FloatArray
    polarity: FloatArray
    boxes: FloatArray


class Predictor:
    """A loaded network that looks at whole cells.

    A chromosome that is not certain at first sight is seen in twelve views (as is, mirrored,
    turned, both; and these tilted to either side) whose probabilities are averaged; the views are
    those of training, and turning swaps the polarity.
    """

    def __init__(
        self,
        model: LoadedModel,
        runtime: Runtime,
        views: int = ALL_VIEWS,
        method: str = DEFAULT_ASSIGNMENT,
    ) -> None:
        self._model = model
        self._runtime = runtime
        self._views = views
        self.calibration = Calibration.of_card(model.card)
        self._assign = assignment(method, self.calibration)
        self.name = str(model.card.get("name", "unnamed"))
        self.version = str(model.card.get("version", ""))
        self.sha256 = str(model.card["sha256"])
        self.device = runtime.device
        self.runtime = runtime.label
        self.note = runtime.note

    @classmethod
    def load(
        cls,
        weights: Path,
        device: str = "auto",
        views: int = ALL_VIEWS,
        assignment: str = DEFAULT_ASSIGNMENT,
        runtime: str = AUTO,
        cache: Path | None = None,
    ) -> Predictor:
        """Load weights onto a device; ModelError when either is unusable.

        `runtime` is an id of `RUNTIMES` or "auto", the fastest that works here; `cache` is a
        folder that keeps what it converts.
        """
        model = load_model(weights, choose(device))
        return cls(model, open_runtime(model, device, runtime, cache), views, assignment)

    @property
    def config(self) -> NetworkConfig:
        """The network's configuration."""
        return self._model.config

    def predict_cell(
        self, pictures: Sequence[NDArray[np.uint8]], report: Report = _silent
    ) -> CellResult:
        """Look at one cell: pictures (h, w) uint8 of its chromosomes, any tilt, any size.

        `report(done, total, message)` is called as work proceeds; what it raises goes through.
        """
        sources: list[CutOut | None] = []
        for number, picture in enumerate(pictures):
            report(number, 2 * len(pictures), "Setting chromosomes upright")
            sources.append(_cut_out_if_any(picture))
        standing = [s for s in sources if s is not None]
        seen = self.predict_cut_outs(standing, report, as_given=True)
        seen = self.sized(seen, np.ones(len(standing), np.bool_))
        found = iter(seen.objects)
        objects = tuple(
            _nothing_seen(picture) if source is None else next(found)
            for picture, source in zip(pictures, sources, strict=True)
        )
        where = [i for i, source in enumerate(sources) if source is not None]
        return replace(seen, objects=objects, disagreeing=tuple(where[i] for i in seen.disagreeing))

    def predict_cut_outs(
        self,
        cut_outs: Sequence[CutOut],
        report: Report = _silent,
        seen_before: SeenBefore = (),
        scale_factor: float = CHOSEN,
        as_given: bool = False,
    ) -> CellResult:
        """As `predict_cell`, of chromosomes that are cut out and set upright along their axes.

        Those without an axis are turned as they are seen best, unless they stand `as_given`: ready
        cut-outs were set upright by somebody.
        `seen_before` are the probabilities of types (24,) by which each was seen in the photograph;
        `scale_factor` is what a person says of the estimated scale, by what to multiply it.
        """
        if not cut_outs:
            return CellResult((), (), Scale(1.0), self._assign.id)
        upright, seen, scale = self._look_at_scale(cut_outs, report, scale_factor, as_given)
        found = self.assigned(self._alone(upright, seen, seen_before, scale), scale)
        report(2 * len(upright), 2 * len(upright), "Assigned")
        return found

    def assigned(
        self, seen: Sequence[ObjectResult], scale: Scale, alone: NDArray[np.bool_] | None = None
    ) -> CellResult:
        """A cell of chromosomes that were looked at one by one, at this scale.

        With `alone` (n,), which of them lie by themselves, these may be too small for a type.
        """
        if not seen:
            return CellResult((), (), scale, self._assign.id)
        masks = [each.cut_out.mask for each in seen]
        sizes = None if alone is None else Sizes.of(masks, scale, alone)
        assign = assignment(self._assign.id, self.calibration, sizes)
        placed = assign(np.stack([each.type_probabilities for each in seen]))
        objects = tuple(
            replace(
                each,
                assigned_type=kind,
                confidence=0.0 if kind is None else float(each.type_probabilities[kind]),
                moved=placed.moved[i],
                margin=placed.margins[i],
                misfit=placed.misfits.get(i),
            )
            for i, (each, kind) in enumerate(zip(seen, placed.types, strict=True))
        )
        return CellResult(
            objects,
            placed.warnings,
            scale,
            self._assign.id,
            placed.disagreeing,
            placed.alternative,
            placed.alternative_margin,
        )

    def sized(self, cell: CellResult, alone: NDArray[np.bool_]) -> CellResult:
        """A cell assigned anew with what sizes say, of stout chromosomes and of small ones.

        Once, when it is settled what its chromosomes are: a half may have the size of another type.
        `alone` (n,) are those that nothing covers or touches.
        """
        return self.assigned(self.each_sized(cell.objects, cell.scale), cell.scale, alone)

    def each_sized(self, seen: Sequence[ObjectResult], scale: Scale) -> tuple[ObjectResult, ...]:
        """As `sized`, of some chromosomes that nobody has assigned."""
        if not scale.is_stout or not seen:
            return tuple(seen)
        areas = np.array([max(1, int(o.cut_out.mask.sum())) for o in seen])
        types = by_size(np.stack([o.type_probabilities for o in seen]), areas, scale.size)
        best = [int(i) for i in types.argmax(1)]
        return tuple(
            replace(o, type_probabilities=p, assigned_type=b, confidence=float(p[b]))
            for o, p, b in zip(seen, types, best, strict=True)
        )

    def look_again(
        self,
        cut_outs: Sequence[CutOut],
        scale: Scale,
        report: Report = _silent,
        seen_before: SeenBefore = (),
        views: int | None = None,
    ) -> tuple[ObjectResult, ...]:
        """Look at some chromosomes of a cell whose scale is known, without assigning them.

        Their type is the most probable one, as long as nobody has assigned the cell. `views` are
        fewer views than usual.
        """
        if not cut_outs:
            return ()
        upright = self.set_upright(cut_outs, scale)
        seen = self._look(upright, scale, report, views)
        return self._alone(upright, seen, seen_before, scale)

    def _alone(
        self,
        upright: Sequence[CutOut],
        seen: _Probabilities,
        seen_before: SeenBefore,
        scale: Scale,
    ) -> tuple[ObjectResult, ...]:
        """Each by itself: its type is the most probable one."""
        calibrated = agreed(self.calibration.apply(seen.type), seen_before)
        best = [int(i) for i in calibrated.argmax(1)]
        return tuple(
            ObjectResult(
                source,
                calibrated[i],
                seen.polarity[i] / seen.polarity[i].sum(),
                _box_in_crop(seen.boxes[i], source.crop.shape, scale, self.config),
                best[i],
                float(calibrated[i, best[i]]),
                raw_type_probabilities=seen.type[i] / seen.type[i].sum(),
            )
            for i, source in enumerate(upright)
        )

    def set_upright(self, cut_outs: Sequence[CutOut], scale: Scale) -> list[CutOut]:
        """Chromosomes too round to have an axis as the network sees them best, others as given.

        A person's turn goes on from there.
        """
        upright = list(cut_outs)
        lying = {i: each.unturned or each for i, each in enumerate(upright)}
        ways = {i: ways_up(each) for i, each in lying.items() if has_no_axis(each)}
        if not ways:
            return upright
        seen = self._look([way for some in ways.values() for way in some], scale, _silent, views=1)
        types = seen.type / seen.type.sum(1, keepdims=True)
        polarities = seen.polarity / seen.polarity.sum(1, keepdims=True)
        start = 0
        for i, some in ways.items():
            end = start + len(some)
            best = some[best_way(types[start:end], polarities[start:end])]
            by_person = upright[i].unturned is not None
            upright[i] = turned_further(upright[i], best.angle) if by_person else best
            start = end
        return upright

    def _look_at_scale(
        self, cut_outs: Sequence[CutOut], report: Report, factor: float, as_given: bool
    ) -> tuple[list[CutOut], _Probabilities, Scale]:
        """Look once; a second time when the types say that the scale was off, and nobody else."""
        upright, scale = list(cut_outs), Scale(1.0)
        if not self.config.scale_per_cell:
            if not as_given:
                upright = self.set_upright(cut_outs, scale)
            return upright, self._look(upright, scale, report), scale
        areas = np.array([max(1, int(c.mask.sum())) for c in cut_outs])
        heights = np.array([c.mask.shape[0] for c in cut_outs])
        size = estimate_scale(areas) * (factor or 1.0)
        scale = Scale(size, estimate_stretch(heights, areas))
        if not as_given:
            upright = self.set_upright(cut_outs, scale)
        seen = self._look(upright, scale, report)
        if factor:
            return upright, seen, scale
        better = replace(scale, size=refine_scale(areas, seen.type, scale.size))
        if abs(np.log(better.size / scale.size)) <= SCALE_TOLERANCE:
            return upright, seen, scale
        if not as_given:  # or the next look, at the cell's scale, might turn them otherwise
            upright = self.set_upright(cut_outs, better)
        return upright, self._look(upright, better, report), better

    @torch.inference_mode()
    def _look(
        self, cut_outs: list[CutOut], scale: Scale, report: Report, views: int | None = None
    ) -> _Probabilities:
        shaped = [stretched(c, scale.stretch) for c in cut_outs]
        canvases = np.stack([place(c.crop, scale.size, self.config) for c in shaped])
        if scale.is_stout:
            canvases = np.stack([sharpened(canvas, self.config) for canvas in canvases])
        images = normalise(torch.from_numpy(canvases), self.config)
        sizes = relative_sizes(shaped, scale.size)
        outputs = []
        for start in range(0, len(cut_outs), BATCH):
            report(len(cut_outs) + start, 2 * len(cut_outs), "Classifying chromosomes")
            part = slice(start, start + BATCH)
            outputs.append(look(self._runtime, images[part], sizes[part], views or self._views))
        type_, polarity, boxes = (torch.cat(parts).double().numpy()
                                  for parts in zip(*outputs, strict=True))  # fmt: skip
        return _Probabilities(type_, polarity, boxes)


def _cut_out_if_any(picture: NDArray[np.uint8]) -> CutOut | None:
    try:
        return cut_out(picture)
    except ModelError:
        return None


def _nothing_seen(picture: NDArray[np.uint8]) -> ObjectResult:
    """A picture without a chromosome stays in the cell, unassigned."""
    whole = np.ascontiguousarray(picture) if picture.size else np.full((1, 1), 255, np.uint8)
    return ObjectResult(
        CutOut(whole, np.ones(whole.shape, dtype=np.bool_), 0.0),
        type_probabilities=np.full(len(TYPES), 1 / len(TYPES)),
        polarity_probabilities=np.full(2, 0.5),
        zoom_box=(0.0, 0.0, 1.0, 1.0),
        assigned_type=None,
        confidence=0.0,
        seen=False,
    )


def _box_in_crop(
    box: FloatArray, shape: tuple[int, ...], scale: Scale, config: NetworkConfig
) -> tuple[float, float, float, float]:
    """A box in canvas pixels as fractions of the crop that stands in the canvas's middle."""
    height, width = config.canvas
    high, broad = stretched_shape(shape, scale.stretch)
    factor = scale.size * height / config.field[0]
    factor = min(factor, (height - 2) / high, (width - 2) / broad)
    h, w = high * factor, broad * factor
    left, top = (width - w) / 2, (height - h) / 2
    return (
        float((box[0] - left) / w),
        float((box[1] - top) / h),
        float((box[2] - left) / w),
        float((box[3] - top) / h),
    )
