"""What a cell needs before it may be signed off."""

from __future__ import annotations

from collections.abc import Sequence

from karyogui.domain.karyogram import TRAY, Karyogram
from karyogui.domain.separation_check import CheckEntry

ANALYSE_FIRST = "Analyse the cell first."
RENEWING = "A repair is still being analysed: the findings are being renewed."
NOT_RENEWED = "The last repair has not been analysed yet: renew the findings first."


def sign_off_needs(
    karyogram: Karyogram | None,
    needs_review: Sequence[str],
    check: Sequence[CheckEntry] = (),
    renewal: str = "",
    changes: Sequence[str] = (),
) -> tuple[str, ...]:
    """Everything that stands in the way of a sign-off, a sentence each; none when nothing does.

    `needs_review` are the ids that still need review (`domain.review.review_queue`), `check` the
    open entries of the separation check; `renewal` says that findings are being renewed, `changes`
    what has to be settled about labelled changes.
    """
    if karyogram is None or not len(karyogram):
        return (ANALYSE_FIRST,)
    needs = [renewal] if renewal else []
    if check:
        objects = "1 object" if len(check) == 1 else f"{len(check)} objects"
        needs.append(f"Count not settled: {objects} to check (N).")
    in_tray = karyogram.counts[TRAY]
    if in_tray == 1:
        needs.append("One chromosome is in the tray.")
    elif in_tray:
        needs.append(f"{in_tray} chromosomes are in the tray.")
    lying = set(karyogram.in_slot(TRAY))
    others = sum(i not in lying for i in needs_review)
    if others == 1:
        needs.append("One chromosome needs review (N, Enter).")
    elif others > 0:
        needs.append(f"{others} chromosomes need review (N, Enter).")
    return (*needs, *changes)
