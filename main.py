"""Start KaryoGUI from the repository root; imports nothing heavy."""

import sys
from multiprocessing import freeze_support


def run() -> int:
    """Hand over to the command line; without a verb it opens the window."""
    from karyogui.cli import main

    return main()


if __name__ == "__main__":
    # First, or a frozen build opens a second window in every child process.
    freeze_support()
    sys.exit(run())
