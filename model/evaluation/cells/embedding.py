"""Features placed in the plane by t-SNE (fig. 9)."""

from __future__ import annotations

import numpy as np

from model.evaluation.cells.collect import IntArray
from model.vocabulary.results import FloatArray

MOST: int = 2000
"""Chromosomes that are embedded at most: more take minutes and show no more."""
FEWEST: int = 10
COMPONENTS: int = 50
"""Principal components kept first, as is usual for t-SNE."""


def choose(sizes: list[int], most: int = MOST) -> list[IntArray]:
    """For cells of these sizes, which chromosomes of each to embed; the same every time."""
    rng = np.random.default_rng(0)
    total = sum(sizes)
    chosen = np.sort(rng.choice(total, min(most, total), replace=False))
    ends = np.cumsum(sizes)
    return [chosen[(chosen >= end - size) & (chosen < end)] - (end - size)
            for size, end in zip(sizes, ends, strict=True)]  # fmt: skip


def place(features: FloatArray) -> FloatArray | None:
    """Features (m, d) → places (m, 2), the same every time; None for fewer than ten."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    m, d = features.shape
    if m < FEWEST:
        return None
    spread = features.std(axis=0)
    standard = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    reduced = PCA(min(COMPONENTS, m, d), random_state=0).fit_transform(standard)
    perplexity = min(30.0, (m - 1) / 3)
    placed = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(reduced)
    return np.asarray(placed, dtype=np.float64)
