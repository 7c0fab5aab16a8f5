"""What can be chosen by name: id → name for people, the default first."""

from __future__ import annotations

from collections.abc import Mapping

CLASSIFIERS: Mapping[str, str] = {
    "varifocal": "Varifocal-Net",
    "resnet": "ResNet",
    "resnet-stn": "ResNet-STN",
    "g-net": "G-Net",
    "l-net-simple": "L-Net (Simple)",
    "varifocal-simple": "Varifocal-Net (Simple)",
    "zoom-size": "Zoom with size",
}
"""Networks; `model.network.comparison` builds them."""

CLASSIFIER, SEPARATION = "classifier", "separation"
NETWORKS: Mapping[str, str] = {
    CLASSIFIER: "Classifier: types and polarity",
    SEPARATION: "Separation: chromosomes in photographs",
}
"""What can be trained and installed; each has one in use."""

ASSIGNMENTS: Mapping[str, str] = {
    "map": "Best overall (maximum a posteriori)",
    "dispatch": "Algorithm 1 (paper)",
}
"""Methods that assign the chromosomes of a cell; `model.assignment.methods` has them."""

DEVICES: Mapping[str, str] = {
    "auto": "Automatic",
    "cpu": "CPU",
    "cuda": "Graphics card (CUDA)",
}
"""Where a network runs."""

DEFAULT_CLASSIFIER: str = next(iter(CLASSIFIERS))
DEFAULT_ASSIGNMENT: str = next(iter(ASSIGNMENTS))
