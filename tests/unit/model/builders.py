"""Tiny networks and striped blobs for the tests of `model`: no picture file, no real network."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from model.network.varifocal import Classifier
from model.training.checkpoint import write_weights
from model.vocabulary.archive import fold_of
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig

Grey = NDArray[np.uint8]

TINY = NetworkConfig(
    preset="tiny",
    canvas=(48, 24),
    field=(192, 96),
    local=(32, 16),
    scale_per_cell=True,
    normalisation="foreground",
    widths=(8, 10, 12),
    units=1,
    stem_channels=8,
    stem_stride=1,
    class_grid=(2, 1),
    box_grid=(2, 1),
    slim=4,
    box_hidden=8,
    fused_hidden=8,
    size_hidden=4,
    t1=20.0,
    t2=8.0,
    least_half=5.0,
    zoom_gradient="sampler",
)
"""The compact network at a thousandth of its cost."""

PIXEL_FOR_PIXEL = replace(TINY, field=TINY.canvas, scale_per_cell=False)
"""Pictures stand unscaled in the canvas."""


def blob(kind: int = 0, *, height: int | None = None, width: int = 14, seed: int = 0) -> Grey:
    """A striped upright blob on 255: its length and stripes tell the type, a dark end the q arm."""
    height = height or round(90 - 2.4 * kind)
    rng = np.random.default_rng((seed, kind))
    rows = np.arange(height)
    stripes = 110 + 60 * np.sin(2 * np.pi * rows * (2 + kind % 5) / height)
    stripes[height // 2 :] -= 40
    picture = np.full((height + 6, width + 6), 255.0)
    picture[3:-3, 3:-3] = stripes[:, None] + rng.normal(0, 3, (height, width))
    return np.clip(picture, 0, 255).astype(np.uint8)


def tilted(picture: Grey, degrees: float, background: int = 255) -> Grey:
    """The picture turned clockwise about its middle, on a canvas large enough."""
    height, width = picture.shape
    side = int(np.ceil(np.hypot(height, width))) + 4
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    turned = cv2.warpAffine(picture, turn, (side, side), borderValue=background)
    return turned.astype(np.uint8)


def png(picture: Grey) -> bytes:
    """The picture as a PNG file."""
    done, data = cv2.imencode(".png", picture)
    assert done
    return data.tobytes()


def cell_files(case: str, cell: str, types: Sequence[int], seed: int = 0) -> dict[str, bytes]:
    """Files of one cell, `<case>/<cell>/<type>-<n>.png`."""
    files: dict[str, bytes] = {}
    for kind in sorted(set(types)):
        for n in range(types.count(kind)):
            picture = blob(kind, seed=seed + 100 * n)
            files[f"{case}/{cell}/{TYPES[kind]}-{n + 1}.png"] = png(picture)
    return files


def manifest(rows: Mapping[tuple[str, str], Sequence[int]]) -> bytes:
    """`manifest.csv` with the copies of each type of each cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["case", "cell", *TYPES])
    writer.writerows([*key, *counts] for key, counts in rows.items())
    return text.getvalue().encode()


def write_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def write_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    """A folder of these files."""
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


def case_in_fold(fold: int, nth: int = 0) -> str:
    """The name of a case that falls into this fold."""
    names = (f"case-{number}" for number in range(1000))
    return [name for name in names if fold_of(name) == fold][nth]


def write_net(net: Classifier, path: Path, **card: Any) -> Path:
    """Weights with the card that a training writes beside them; `card` changes its entries."""
    usual = {
        "name": net.config.preset,
        "version": "2024.01.01",
        "preset": net.config.preset,
        "split": "by case, fold 0 of 5 held out (1 cells)",
        "classes": list(TYPES),
        "config": net.config.to_json(),
    }
    write_weights(path, net.state_dict(), usual | card)
    return path
