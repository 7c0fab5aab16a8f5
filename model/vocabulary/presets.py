"""Network presets. Every number that the paper prints or leaves open is a field here."""

from __future__ import annotations

from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any, Literal

from model.vocabulary.errors import ModelError

ZoomGradient = Literal["boxcar", "sampler"]
Normalisation = Literal["image", "foreground"]
Extractor = Literal["residual", "inverted"]

LEAST_CHANNELS: int = 8
"""Of what goes into a residual block. oneDNN's gradient of the strided 1×1 shortcut is wrong, or
overwrites memory, below the 8 channels that its AVX2 code takes at once (uxlfoundation/oneDNN
issue 6035)."""


@dataclass(frozen=True)
class NetworkConfig:
    """One network and the pictures that it expects.

    Lengths are pixels of the G-Net's input (the *canvas*) unless said otherwise; pairs are
    (height, width). The varifocal box keeps the canvas's aspect, so on the paper's square canvas
    it is the paper's square.
    """

    preset: str
    # Pictures (III-B)
    canvas: tuple[int, int]  # input of the G-Net
    field: tuple[int, int]  # part of the picture's plane that the canvas shows, in picture pixels
    local: tuple[int, int]  # input of the L-Net
    scale_per_cell: bool  # bring every cell to one common scale first
    normalisation: Normalisation  # eq. (11) over the whole image, or over the chromosome only
    # Feature extraction (II-A.1, table II)
    widths: tuple[int, int, int]
    units: int
    stem_channels: int
    stem_stride: int
    # Subnets (table II, table III)
    class_grid: tuple[int, int]  # max-pooled map in front of type and polarity
    box_grid: tuple[int, int]  # max-pooled map in front of the localisation
    slim: int  # channels of a 1×1 convolution before flattening; 0: none, as printed
    box_hidden: int
    fused_hidden: int
    size_hidden: int  # units for the relative size joined to the fused features; 0: none
    # Varifocal mechanism (II-A.3, eq. 5): minimum margin, maximum shift, least half-height
    t1: float
    t2: float
    least_half: float
    zoom_gradient: ZoomGradient
    # Which network: an id of model.network.comparison.CLASSIFIERS
    classifier: str = "varifocal"
    # Deep CNNs of both scales: wide residual units (fig. 4), or inverted residuals (model.network.
    # lite), whose maps at strides 8, 16 and 32 have `widths` and which ignore units and stem
    extractor: Extractor = "residual"
    glance: tuple[int, int] | None = None  # the canvas as an inverted G-Net sees it; None: as it is

    def __post_init__(self) -> None:
        if min(self.stem_channels, *self.widths) < LEAST_CHANNELS:
            raise ModelError(
                f"A network needs at least {LEAST_CHANNELS} channels in its stem and blocks: "
                "with fewer, some processors compute wrong gradients."
            )

    @property
    def aspect(self) -> float:
        """Width of the canvas over its height; 1 in the paper."""
        return self.canvas[1] / self.canvas[0]

    def to_json(self) -> dict[str, Any]:
        """Plain values for the file beside the weights."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> NetworkConfig:
        """The inverse of `to_json`; ModelError when a field is missing or unknown.

        A field with a default may be missing: older weights were written before it.
        """
        names = {field.name for field in fields(cls)}
        needed = {field.name for field in fields(cls) if field.default is MISSING}
        odd = (needed - values.keys()) | (values.keys() - names)
        if odd:
            named = ", ".join(sorted(odd))
            raise ModelError(f"The weights describe a different network ({named}).")
        plain: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**plain)


PAPER = NetworkConfig(
    preset="paper",
    canvas=(256, 256),
    field=(320, 320),
    local=(128, 128),
    scale_per_cell=False,
    normalisation="image",
    widths=(160, 320, 640),
    units=4,
    stem_channels=16,
    stem_stride=1,
    class_grid=(4, 4),
    box_grid=(8, 8),
    slim=0,
    box_hidden=1024,
    fused_hidden=512,
    size_hidden=0,
    t1=64.0,
    t2=128.0,
    least_half=32.0,
    zoom_gradient="boxcar",
)
"""As printed: tables II and III, T1 = 64, T2 = 128, padding to 320, input 256 and 128."""

COMPACT = NetworkConfig(
    preset="compact",
    canvas=(192, 96),
    field=(192, 96),
    local=(160, 80),
    scale_per_cell=True,
    normalisation="foreground",
    widths=(32, 64, 128),
    units=4,
    stem_channels=16,
    stem_stride=2,
    class_grid=(4, 2),
    box_grid=(4, 2),
    slim=32,
    box_hidden=64,
    fused_hidden=256,
    size_hidden=32,
    t1=80.0,
    t2=32.0,
    least_half=12.0,
    zoom_gradient="sampler",
)
"""The same network at a hundredth of the cost, for two CPU cores.

An upright canvas of one cell-normalised pixel per pixel; the box may shrink to a small
chromosome (half-height 12) and grow to the longest (80), so the zoom ranges from 1 to 7 where
the paper's ranges from 2 to 4. The gradient is the better of the two by measurement
(docs/EXPERIMENTS.md).
"""

SWIFT = replace(
    COMPACT,
    preset="swift",
    local=(128, 64),
    widths=(40, 112, 320),
    extractor="inverted",
    glance=(128, 64),
)
"""The extractor redesigned, as the paper's discussion suggests: inverted residuals, begun with what
ImageNet taught, a third of `compact`'s operations (ADR 0036). All else is as in `compact`."""

PRESETS: tuple[NetworkConfig, ...] = (COMPACT, SWIFT, PAPER)


def preset(name: str) -> NetworkConfig:
    """The preset of that name; ModelError for an unknown one."""
    for config in PRESETS:
        if config.preset == name:
            return config
    known = ", ".join(config.preset for config in PRESETS)
    raise ModelError(f"There is no preset “{name}”.", f"Known presets: {known}.")
