"""Fits the judge of the classical separation and writes its table.

`python -m model.training.fit_judge --data ARCHIVE [--pictures 150]` measures every hypothesis of
pictures of training cases (held-out fold 0 stays apart), labels it by the annotated boxes (one
whole chromosome: intersection over union of boxes at least 0.65), picks the terms by an L1
penalty and fits them again with a light L2 penalty.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from model.data.metaphases import MetaphaseArchive
from model.light import flatten
from model.segmentation.classical import clumps_of, tight_mask, with_margin
from model.segmentation.hypotheses import VALUES
from model.segmentation.judge import LIMIT
from model.segmentation.preparation import estimate_width, threshold_mask
from model.vocabulary.errors import ModelError, refusing_in_words

Array = NDArray[np.float64]

TABLE = Path(__file__).resolve().parents[1] / "segmentation" / "judge_table.py"
MATCH: float = 0.65
SPARSITY: float = 0.008
"""Inverse weight of the L1 penalty that picks the terms."""
_HEAD = '''"""Written by `python -m model.training.fit_judge`; see `model/segmentation/judge.py`."""

from __future__ import annotations

'''


def measured(archive: MetaphaseArchive, name: str) -> tuple[Array, NDArray[np.bool_]]:
    """Values (n, V) of a picture's hypotheses and whether (n,) each is one whole chromosome."""
    flattened = flatten(archive.picture(name))
    dark = threshold_mask(flattened)
    width = estimate_width(dark)
    truth = np.array([t.box for t in archive.truth(name)], np.float64)
    values, boxes = [], []
    for clump in clumps_of(flattened, dark, width):
        for hypothesis in clump.hypotheses:
            mask, origin = tight_mask(hypothesis.mask, clump.origin)
            values.append(hypothesis.values)
            boxes.append(with_margin(mask, origin, width, dark.shape))
    overlap = _overlaps(np.array(boxes, np.float64), truth)
    return np.stack(values), overlap.max(axis=1) >= MATCH


def fit(values: Array, whole: NDArray[np.bool_]) -> str:
    """The text of the table module, from values (n, V) and whether each is one whole (n,)."""
    mean, spread = values.mean(axis=0), values.std(axis=0)
    shifted = np.clip((values - mean) / spread, -LIMIT, LIMIT)
    pairs = [(i, -1) for i in range(len(VALUES))]
    pairs += [(i, j) for i in range(len(VALUES)) for j in range(i, len(VALUES))]
    terms = np.stack([shifted[:, i] * (shifted[:, j] if j >= 0 else 1) for i, j in pairs], axis=1)
    picking = LogisticRegression(C=SPARSITY, l1_ratio=1.0, solver="liblinear").fit(terms, whole)
    picked = np.flatnonzero(picking.coef_[0])
    model = LogisticRegression(C=0.05, max_iter=500).fit(terms[:, picked], whole)
    lines = [_HEAD, f"BIAS: float = {model.intercept_[0]:.4f}\n"]
    lines.append("STANDARD: dict[str, tuple[float, float]] = {\n")
    for name, m, s in zip(VALUES, mean, spread, strict=True):
        lines.append(f'    "{name}": ({m:.4f}, {s:.4f}),\n')
    lines.append('}\n"""Mean and standard deviation of every value."""\n\n')
    lines.append("TERMS: tuple[tuple[str, str, float], ...] = (\n")
    for at, weight in zip(picked, model.coef_[0], strict=True):
        i, j = pairs[at]
        second = VALUES[j] if j >= 0 else ""
        lines.append(f'    ("{VALUES[i]}", "{second}", {weight:.4f}),\n')
    lines.append(')\n"""Two values to multiply, the second may be absent, and the weight."""\n')
    return "".join(lines)


def _overlaps(boxes: Array, truth: Array) -> Array:
    """(n, m) intersection over union of boxes (n, 4) and (m, 4), each x, y, w, h."""
    low = np.maximum(boxes[:, None, :2], truth[None, :, :2])
    high = np.minimum(
        boxes[:, None, :2] + boxes[:, None, 2:], truth[None, :, :2] + truth[None, :, 2:]
    )
    both = np.maximum(high - low, 0).prod(axis=2)
    union = boxes[:, 2:].prod(axis=1)[:, None] + truth[:, 2:].prod(axis=1)[None] - both
    return np.asarray(both / union)


@refusing_in_words
def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and write the table, `model/segmentation/judge_table.py`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=150)
    parser.add_argument("--hold-out", type=int, default=0)
    parser.add_argument("--out", type=Path, default=TABLE)
    options = parser.parse_args(arguments)
    archive = MetaphaseArchive(options.data)
    names, _ = archive.split(options.hold_out)
    values, whole = [], []
    for at in np.linspace(0, len(names) - 1, options.pictures).astype(int):
        try:
            v, w = measured(archive, names[at])
        except ModelError:
            continue
        values.append(v)
        whole.append(w)
    options.out.write_text(fit(np.concatenate(values), np.concatenate(whole)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
