"""How well the network's own answers distinguish other bands and scales from G-bands at theirs.

    python -m model.studies.other_bands --data METAPHASES --out DIR --pictures 60

Photographs of training cases are separated; their cut-outs are shown as they are, with bands
inverted (as R-bands are, roughly), with centromeres alone (C-bands), with faint bands, and at other
scales. Writes what was measured of each, and the weights of `inference/legibility.py` that tell
them apart, fitted on these.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from model.data.metaphases import MetaphaseArchive
from model.data.splits import spread_evenly
from model.evaluation.extra import require
from model.inference.legibility import inverted, measures, profile_of, shifted
from model.inference.predictor import Predictor
from model.scale import refine_scale
from model.segmentation.crops import crop_of
from model.segmentation.separate import open_separator
from model.vocabulary.errors import refusing_in_words
from model.vocabulary.files import write_text
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.results import CutOut
from model.weights import DEFAULT

FAINT: float = 0.3
SCALES: tuple[float, ...] = (0.7, 0.8, 1.25, 1.4)
OTHER: tuple[str, ...] = ("inverted", "centromeres")


@dataclass(frozen=True)
class Seen:
    """One picture shown in one way."""

    name: str
    way: str
    unsure: float
    unlikely: float
    scale_fits: float


@refusing_in_words
def main(argv: Sequence[str] | None = None) -> int:
    """Measure, fit and write; exit status 0."""
    parser = argparse.ArgumentParser("other_bands", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="ARCHIVE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--pictures", type=int, default=60, metavar="N")
    parser.add_argument("--hold-out", type=int, default=0, metavar="FOLD")
    options = parser.parse_args(argv)
    require("sklearn")
    archive = MetaphaseArchive(options.data)
    names, _ = archive.split(options.hold_out)
    separate, predictor = open_separator("auto", None), Predictor.load(DEFAULT)
    seen: list[Seen] = []
    for name in spread_evenly(names, options.pictures):
        found = separate(archive.picture(name))
        standing = [o for o in found.instances if o.kind is ObjectKind.CHROMOSOME]
        crops = [crop_of(found.flattened, o.mask, o.origin) for o in standing]
        seen += in_all_ways(name, crops, predictor)
    options.out.mkdir(parents=True, exist_ok=True)
    told = {"fitted": fitted(seen), "seen": [vars(each) for each in seen]}
    write_text(options.out / "other_bands.json", json.dumps(told, indent=1) + "\n")
    sys.stdout.write(f"{json.dumps(told['fitted'], indent=1)}\n")
    return 0


def in_all_ways(name: str, crops: Sequence[CutOut], predictor: Predictor) -> list[Seen]:
    """What the network makes of a cell's cut-outs as they are, changed, and at other scales."""
    ways = {
        "plain": crops,
        "inverted": [inverted(c) for c in crops],
        "inverted twice": [inverted(inverted(c)) for c in crops],
        "centromeres": [centromere_alone(c) for c in crops],
        "faint": [faint(c) for c in crops],
    }
    shown = [(way, changed, 0.0) for way, changed in ways.items()]
    shown += [(f"scale {factor:g}", crops, factor) for factor in SCALES]
    return [_seen(name, way, changed, factor, predictor) for way, changed, factor in shown]


def _seen(
    name: str, way: str, crops: Sequence[CutOut], factor: float, predictor: Predictor
) -> Seen:
    cell = predictor.predict_cut_outs(crops, scale_factor=factor)
    types = np.array([o.type_probabilities for o in cell.objects])
    areas = np.array([max(1, int(c.mask.sum())) for c in crops])
    fits = refine_scale(areas, types) / cell.scale.size
    return Seen(name, way, *(round(v, 4) for v in (*measures(types), fits)))


def centromere_alone(cut_out: CutOut) -> CutOut:
    """A pale chromosome, dark where it is narrowest: C-banded."""
    bands = profile_of(cut_out)
    if bands is None:
        return cut_out
    widths = cut_out.mask.sum(1).astype(np.float64)
    rows = np.arange(len(bands))
    low, high = int(0.15 * len(rows)), max(int(0.15 * len(rows)) + 1, int(0.85 * len(rows)))
    middle = low + int(ndimage.gaussian_filter1d(widths, 1.0)[low:high].argmin())
    reach = 0.35 * float(np.median(widths[widths > 0]))
    dark = 90.0 * np.exp(-(((rows - middle) / reach) ** 2) / 2)
    return shifted(cut_out, 0.9 * (bands.mean() - bands) + 45.0 - dark)


def faint(cut_out: CutOut) -> CutOut:
    """A chromosome with bands of `FAINT` times their contrast."""
    bands = profile_of(cut_out)
    return cut_out if bands is None else shifted(cut_out, (1 - FAINT) * (bands.mean() - bands))


def fitted(seen: Sequence[Seen]) -> dict[str, object]:
    """Weights and bias that recognise other bands, and the extremes of either side."""
    from sklearn.linear_model import LogisticRegression

    facts = np.array([[s.unsure, s.unlikely] for s in seen])
    other = np.array([s.way in OTHER for s in seen])
    model = LogisticRegression(C=30.0, class_weight="balanced").fit(facts, other)
    likely = model.predict_proba(facts)[:, 1]
    return {
        "pictures": len({s.name for s in seen}),
        "weights": np.round(model.coef_[0], 2).tolist(),
        "bias": round(float(model.intercept_[0]), 2),
        "least_of_other_bands": round(float(likely[other].min()), 3),
        "most_of_g_bands": round(float(likely[~other].max()), 3),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
