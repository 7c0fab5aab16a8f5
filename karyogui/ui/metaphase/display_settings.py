"""How the picture is shown on this screen: grey levels only, never stored with the case. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from karyogui.services.enhancement import level_table

LEAST_GAMMA, MOST_GAMMA = 0.2, 5.0
LEAST_SPAN = 8
"""Grey levels that stay between black and white."""
_CUT_OFF = 0.5
"""Per cent of the pixels that "auto" lets become black, and white."""


@dataclass(frozen=True)
class DisplaySettings:
    """Grey levels 0 … 255 that become black and white, and the gamma between; > 1 is darker."""

    black: int = 0
    white: int = 255
    gamma: float = 1.0

    def table(self) -> NDArray[np.uint8]:
        """(256,) uint8: what each grey level is shown as."""
        return level_table(self.black, self.white, self.gamma)

    def with_black(self, level: int) -> DisplaySettings:
        """Another black point, kept below the white one."""
        black = min(max(0, level), self.white - LEAST_SPAN)
        return DisplaySettings(black, self.white, self.gamma)

    def with_white(self, level: int) -> DisplaySettings:
        """Another white point, kept above the black one."""
        white = max(min(255, level), self.black + LEAST_SPAN)
        return DisplaySettings(self.black, white, self.gamma)

    def with_gamma(self, gamma: float) -> DisplaySettings:
        """Another gamma, kept within its range."""
        kept = min(max(LEAST_GAMMA, gamma), MOST_GAMMA)
        return DisplaySettings(self.black, self.white, round(kept, 2))

    @property
    def middle(self) -> float:
        """The grey level that is shown as middle grey: where the gamma handle stands."""
        return float(self.black + (self.white - self.black) * 0.5 ** (1 / self.gamma))

    def with_middle(self, level: float) -> DisplaySettings:
        """Another gamma, given by the grey level that becomes middle grey."""
        share = (level - self.black) / (self.white - self.black)
        share = min(max(0.01, share), 0.99)
        return self.with_gamma(float(np.log(0.5) / np.log(share)))


def automatic(counts: NDArray[np.int64]) -> DisplaySettings:
    """Settings for a histogram (256,): nearly all pixels lie between black and white."""
    total = int(counts.sum())
    if not total:
        return DisplaySettings()
    shares = np.cumsum(counts) / total
    black = int(np.searchsorted(shares, _CUT_OFF / 100))
    white = int(np.searchsorted(shares, 1 - _CUT_OFF / 100))
    if white - black < LEAST_SPAN:
        return DisplaySettings()
    return DisplaySettings(black, white)
