"""What a photograph is worth, judged before work starts."""

from __future__ import annotations

from dataclasses import dataclass

TWO_CELLS: int = 70
"""Objects of a photograph above which there is rather a second cell than dirt."""
LEAST_CONTRAST: float = 0.05
"""Band contrast below which a cell is solid stained."""


OTHER_BANDS: float = 0.5
"""How likely the bands are not G-bands, from which no type is predicted."""
SCALE_OFF: float = 1.1
"""Factor from which the sizes of a cell do not fit its types."""


@dataclass(frozen=True)
class Quality:
    """What a separated picture promises.

    `objects` were taken for chromosomes; `crossings` are estimated; `touching_groups` are groups
    of objects that share pixels or lie against each other; `sharpness` is 0 … 1; `band_level` is
    the estimated number of bands of a haploid set, None where too little can be seen; `worth` is
    whether karyotyping pays, and `reason` why or why not, in one sentence; `score` (0 … 1) ranks
    the cells of a case. `band_contrast` is how much the stain varies along a chromosome, of its
    depth (None where too few straight ones lie in the picture). `repairs` is how many faults of
    separation and types a person has to expect (None where the estimate is not known). `width` is
    that of a chromosome in pixels, `width_factor` how it stands to the first estimate: other than 1
    where the program chose another by the cell, or a person did (None where not known).
    `other_bands` is how likely (0 … 1) the bands are no G-bands, `inverse_bands` whether their
    inverse reads as G-bands, `scale_fits` by what the scale of the types would have to be
    multiplied to fit them: None where that was not judged.
    """

    objects: int
    crossings: int
    touching_groups: int
    sharpness: float
    band_level: int | None
    worth: bool
    reason: str
    score: float
    band_contrast: float | None = None
    repairs: float | None = None
    width: float | None = None
    width_factor: float | None = None
    other_bands: float | None = None
    inverse_bands: bool = False
    scale_fits: float | None = None

    @property
    def has_bands(self) -> bool:
        """Whether chromosomes are banded at all, as far as it could be measured."""
        return self.band_contrast is None or self.band_contrast >= LEAST_CONTRAST

    @property
    def is_readable(self) -> bool:
        """Whether types can be recognised by the bands."""
        return not self.unreadable

    @property
    def unreadable(self) -> str:
        """Why no type can be recognised, the beginning of a sentence; empty where one can."""
        if not self.has_bands:
            return "No bands can be seen"
        if self.other_bands is None or self.other_bands < OTHER_BANDS:
            return ""
        return "The bands cannot be read as G-bands" + (
            ", rather as R-bands" if self.inverse_bands else ""
        )

    @property
    def other_scale(self) -> float | None:
        """By what the scale would have to be multiplied; None where the sizes fit the types."""
        fits = self.scale_fits
        if fits is None or 1 / SCALE_OFF < fits < SCALE_OFF:
            return None
        return fits

    @classmethod
    def refused(cls, reason: str) -> Quality:
        """Of a photograph in which nothing is distinct; `reason` says why, in a sentence."""
        return cls(0, 0, 0, 0.0, None, False, reason, 0.0)
