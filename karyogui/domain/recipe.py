"""How a whole metaphase picture was enhanced: a record that can be read, repeated and undone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace

LEAST_GAMMA, MOST_GAMMA = 0.2, 5.0
LEAST_FACTOR, MOST_FACTOR = 0.25, 4.0
CHOSEN: float = 0.0
"""As a factor: the program chooses."""


@dataclass(frozen=True)
class Recipe:
    """How the whole picture is looked at before anything is cut; it is itself never altered.

    The steps happen in the order of the fields, except that the picture is inverted first:
    `flatten` evens out the background; `denoise` and `unsharp` are strengths, 0 (off) … 1;
    `contrast_low` and `contrast_high` are the percentiles (0 … 100) of the grey levels that become
    black and white; `gamma` (0.2 … 5) bends what lies between, above 1 darker; `inverted` turns
    light on dark into dark on light. `width` and `scale` do not change the picture: they
    are factors (0.25 … 4; `CHOSEN` leaves it to the program) of the estimated width of a chromosome
    and of the scale at which types are recognised. Without arguments it is the
    identity. ValueError for values out of range.
    """

    flatten: bool = False
    denoise: float = 0.0
    contrast_low: float = 0.0
    contrast_high: float = 100.0
    gamma: float = 1.0
    unsharp: float = 0.0
    inverted: bool = False
    width: float = CHOSEN
    scale: float = CHOSEN

    def __post_init__(self) -> None:
        if not (0 <= self.denoise <= 1 and 0 <= self.unsharp <= 1):
            raise ValueError("strengths lie between 0 and 1")
        if not 0 <= self.contrast_low < self.contrast_high <= 100:
            raise ValueError("percentiles rise, within 0 and 100")
        if not LEAST_GAMMA <= self.gamma <= MOST_GAMMA:
            raise ValueError(f"gamma lies between {LEAST_GAMMA} and {MOST_GAMMA}")
        for factor in (self.width, self.scale):
            if factor != CHOSEN and not LEAST_FACTOR <= factor <= MOST_FACTOR:
                raise ValueError(f"factors lie between {LEAST_FACTOR:g} and {MOST_FACTOR:g}")

    @property
    def is_identity(self) -> bool:
        """Whether it leaves every picture as it is."""
        return self == Recipe()

    @property
    def enhances(self) -> bool:
        """Whether it changes what a picture looks like."""
        return replace(self, width=CHOSEN, scale=CHOSEN) != Recipe()

    def differs_in_scale_only(self, other: Recipe) -> bool:
        """Whether objects separated with the other would be found with this one too."""
        return self != other and replace(self, scale=other.scale) == other

    def text(self) -> str:
        """The steps in words, in their order, for the history and the report."""
        steps = []
        if self.inverted:
            steps.append("inverted")
        if self.flatten:
            steps.append("background evened out")
        if self.denoise:
            steps.append(f"noise reduced ({self.denoise:.0%})".replace("%", " %"))
        if (self.contrast_low, self.contrast_high) != (0.0, 100.0):
            steps.append(
                f"contrast stretched from percentile {self.contrast_low:g} "
                f"to {self.contrast_high:g}"
            )
        if self.gamma != 1.0:
            steps.append(f"gamma {self.gamma:.2f}")
        if self.unsharp:
            steps.append(f"unsharp mask ({self.unsharp:.0%})".replace("%", " %"))
        if self.width:
            steps.append(f"separated at {self.width:g} times the estimated width")
        if self.scale:
            steps.append(f"types predicted at {self.scale:g} times the estimated scale")
        return ", ".join(steps) or "none"

    def to_json(self) -> str:
        """One JSON object with every field."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """The recipe in a JSON object; keys it does not know are left out.

        ValueError for anything that is not a JSON object of numbers and booleans in range.
        """
        stored = json.loads(text)
        if not isinstance(stored, dict):
            raise ValueError("a recipe is a JSON object")
        values: dict[str, float | bool] = {}
        for field in fields(cls):
            if field.name not in stored:
                continue
            value, is_switch = stored[field.name], isinstance(field.default, bool)
            if not isinstance(value, bool if is_switch else (int, float)) or (
                isinstance(value, bool) is not is_switch
            ):
                raise ValueError(f"{field.name} of a recipe is of the wrong kind")
            values[field.name] = value if is_switch else float(value)
        return cls(**values)  # type: ignore[arg-type]
