"""What a training of the separation makes its examples from, read from the archives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.data.cells import read_archive
from model.data.metaphases import MetaphaseArchive, OutlineArchive
from model.data.separation_data import (
    alone_in,
    empty_scene,
    outline_scenes,
    pieces_of,
    pieces_of_cell,
    scenes_of,
)
from model.data.separation_samples import SIDE, Piece, Sample, Scene, compose
from model.data.splits import spread_evenly
from model.vocabulary.archive import fold_of
from model.vocabulary.errors import ModelError

COMPOSED_OF_OWN: float = 0.25
"""Share of examples composed anew of their chromosomes, where only outlined pictures are given."""
MOST_LAID: int = 9
"""Chromosomes laid over a real picture, at most."""
VALIDATED: int = 12
"""Examples of pictures that are held out, looked at after each epoch."""


@dataclass(frozen=True)
class Shares:
    """Of the examples, where there are pictures with boxes."""

    outlined: float = 0.06
    """Of pictures with drawn outlines."""
    composed: float = 0.12
    """Of cut-outs on an empty slide."""


@dataclass(frozen=True, eq=False)
class Material:
    """Scenes and pieces to make examples from; a kind may be empty.

    `shares` are those where there are `scenes`; without any, all examples are of outlined pictures.
    `held` are outlined ones held out.
    """

    scenes: list[Scene]
    pieces: list[Piece]
    outlined: list[Scene]
    cells: list[list[Piece]]
    shares: Shares = Shares()
    held: tuple[Scene, ...] = ()

    @property
    def pictures(self) -> int:
        """How many are learned from."""
        return len(self.scenes) or len(self.outlined)

    def example(self, rng: np.random.Generator, width: float) -> Sample:
        """One example by the shares above."""
        if not self.scenes:
            return self._own_example(rng, width)
        kind = rng.random()
        if self.outlined and kind < self.shares.outlined:
            scene = self.outlined[rng.integers(len(self.outlined))]
            loose = [p for p in scene.known if rng.random() < 0.1]
            return compose(scene, loose, rng, width)
        if self.cells and kind < self.shares.outlined + self.shares.composed:
            return self._composed(rng, width)
        scene = self.scenes[rng.integers(len(self.scenes))]
        laid = self._laid(rng)
        if self.cells and laid and rng.random() < 0.3:
            cell = self.cells[rng.integers(len(self.cells))]
            laid[:2] = [cell[rng.integers(len(cell))] for _ in range(2)]
        return compose(scene, laid, rng, width)

    def _own_example(self, rng: np.random.Generator, width: float) -> Sample:
        if self.cells and rng.random() < COMPOSED_OF_OWN:
            return self._composed(rng, width)
        scene = self.outlined[rng.integers(len(self.outlined))]
        return compose(scene, self._laid(rng), rng, width)

    def _composed(self, rng: np.random.Generator, width: float) -> Sample:
        cell = self.cells[rng.integers(len(self.cells))]
        laid = [p for p in cell if rng.random() < rng.uniform(0.4, 1.0)]
        return compose(empty_scene(rng, width, SIDE), laid, rng, width)

    def _laid(self, rng: np.random.Generator) -> list[Piece]:
        count = 0 if rng.random() < 0.3 or not self.pieces else int(rng.integers(1, MOST_LAID + 1))
        return [self.pieces[rng.integers(len(self.pieces))] for _ in range(count)]

    def validation(self, width: float) -> list[Sample]:
        """Examples of held-out pictures as they are: the same ones each time."""
        scenes = spread_evenly(self.held, VALIDATED)
        return [
            compose(scenes[n % len(scenes)], [], np.random.default_rng((0, n)), width)
            for n in range(VALIDATED if scenes else 0)
        ]


def read_material(
    data: Sequence[Path],
    outlines: Path | None,
    cells: Sequence[Path],
    held_out: int | None,
    notice: Callable[[str], None],
    limit: int | None = None,
    shares: Shares = Shares(),
) -> Material:
    """Everything that the archives hold; what cannot be used is reported.

    ModelError when no picture is left to train on, or of outlined ones alone no chromosome.
    """
    scenes: list[Scene] = []
    for path in data:
        archive = MetaphaseArchive(path)
        names = archive.split(held_out)[0]
        scenes += scenes_of(archive, names[:limit], notice)
    outlined: list[Scene] = []
    held: list[Scene] = []
    if outlines is not None:
        drawn = OutlineArchive(outlines)
        kept, apart = drawn.split(held_out)
        outlined = outline_scenes(drawn, kept[:limit], notice)
        if not data:
            held = outline_scenes(drawn, spread_evenly(apart, VALIDATED), notice)
    if not scenes and not any(scene.known for scene in outlined):
        raise ModelError("No picture is left to train on.", "Give an archive with more cases.")
    if scenes:
        pieces = [piece for scene in scenes for piece in pieces_of(scene)]
    else:
        pieces = [piece for scene in outlined for piece in alone_in(scene)]
    composed: list[list[Piece]] = []
    for path in cells:
        kept_cells = (c for c in read_archive(path).cells if fold_of(c.case) != held_out)
        composed += [pieces_of_cell(cell) for cell in kept_cells]
    if not cells and not scenes:
        alone = ([replace(p, bends=True) for p in alone_in(scene)] for scene in outlined)
        composed = [cell for cell in alone if cell]
    return Material(scenes, pieces, outlined, composed, shares, tuple(held))
