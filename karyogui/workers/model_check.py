"""Whether weights can be loaded, asked in another process: `-m karyogui.workers.model_check`.

The window never loads a network itself, and a file that makes the loader crash cannot crash it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from karyogui.services.progress import Monitor, Progress
from karyogui.workers.child import REFUSED, run_child

PROGRAM: tuple[str, ...] = (sys.executable, "-m", "karyogui.workers.model_check")


def check_model(weights: Path, monitor: Monitor, program: Sequence[str] = PROGRAM) -> None:
    """Raise `KaryoError` with one sentence unless this program can load the weights."""
    run_child(
        [str(weights)],
        lambda _: monitor.report(Progress(0, 1, f"Checking {weights.stem}")),
        program,
    )


def main(arguments: Sequence[str]) -> int:
    """Load the weights named; exit status 0, or 2 with one sentence on the standard error."""
    from model.device import choose
    from model.segmentation.weights import load_separation
    from model.vocabulary.card import read_card
    from model.vocabulary.choices import SEPARATION
    from model.vocabulary.errors import ModelError
    from model.weights import load_model

    weights = Path(arguments[0])
    try:
        if read_card(weights).get("kind") == SEPARATION:
            load_separation(weights)
        else:
            load_model(weights, choose("cpu"))
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
