"""Why something cannot be done with a cell, in the same words for services and storage."""

from __future__ import annotations

from karyogui.errors import KaryoError


def signed(name: str, act: str) -> KaryoError:
    """The cell is signed off; `act` is a participle: it cannot be `edited`."""
    return KaryoError(f"{name} is signed off and cannot be {act}.", "Withdraw the sign-off first.")


def awaiting(name: str, act: str) -> KaryoError:
    """The network has not answered to a repair yet; `act` is a participle."""
    return KaryoError(
        f"{name} cannot be {act} yet: a repair of it is still being analysed.",
        "Try again in a moment.",
    )


def not_analysed(name: str) -> KaryoError:
    """Nobody has looked at the cell."""
    return KaryoError(f"{name} has not been analysed yet.", "Analyse it first.")


def no_photograph(name: str, act: str) -> KaryoError:
    """The cell came as ready cut-outs; `act` is what the photograph would be needed to do."""
    return KaryoError(
        f"{name} came as ready cut-outs: there is no photograph to {act}.",
        "Import the photograph of the metaphase.",
    )
