"""When a cell may be signed off. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from karyogui.domain.karyogram import TRAY, Karyogram

RENEWING = "A repair is still being looked at: the findings are being renewed."
NOT_RENEWED = "The last repair has not been looked at yet: renew the findings first."


def obstacle(karyogram: Karyogram | None, needs_review: Sequence[str]) -> str:
    """What stands in the way of a sign-off, as a sentence; empty when nothing does.

    `needs_review` are the ids that still need review (`domain.review.review_queue`).
    """
    if karyogram is None or not len(karyogram):
        return "Analyse the cell first."
    in_tray = karyogram.counts[TRAY]
    if in_tray == 1:
        return "One chromosome lies in the tray: place it first."
    if in_tray:
        return f"{in_tray} chromosomes lie in the tray: place them first."
    if len(needs_review) == 1:
        return "One chromosome needs review: look at it (N) and confirm it (Enter)."
    if needs_review:
        return f"{len(needs_review)} chromosomes need review: look at each (N), confirm it (Enter)."
    return ""
