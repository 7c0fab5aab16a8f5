"""Weights in, one chromosome's picture out: its type, which end is up, and where L-Net looked.

    python docs/examples/classify_one.py assets/weights/compact.safetensors CHROMOSOME.png

The picture shows one chromosome, dark on light, at any tilt. One chromosome alone does not tell how
large it is: without --scale it is taken to be of the common scale of the training. A whole cell
does, and is classified by `Predictor.predict_cell(pictures)`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from model.inference.predictor import Predictor
from model.segmentation.cut_out import cut_out
from model.vocabulary.labels import TYPES
from model.vocabulary.results import Scale


def classify(weights: Path, picture: Path, scale: float = 1.0) -> str:
    """What the network says of one picture, as three lines."""
    grey = np.asarray(Image.open(picture).convert("L"))  # (h, w) uint8
    predictor = Predictor.load(weights, device="cpu", runtime="torch")
    (found,) = predictor.look_again([cut_out(grey)], Scale(scale))
    best = found.type_probabilities.argsort()[::-1][:3]  # of (24,)
    types = ", ".join(f"{TYPES[i]} {found.type_probabilities[i]:.1%}" for i in best)
    up, down = found.polarity_probabilities
    left, top, right, bottom = found.zoom_box
    return (
        f"type: {types}\n"
        f"q arm {'down' if down >= up else 'up'}: {max(up, down):.1%}\n"
        f"zoom: {left:.2f} to {right:.2f} of the width, {top:.2f} to {bottom:.2f} of the height"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="pixels of training per pixel")
    options = parser.parse_args()
    print(classify(options.weights, options.picture, options.scale))


if __name__ == "__main__":
    main()
