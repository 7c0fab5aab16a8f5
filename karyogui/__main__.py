"""Start KaryoGUI as `python -m karyogui`; imports nothing heavy."""

import sys
from multiprocessing import freeze_support

from karyogui.cli import main

if __name__ == "__main__":
    # First, or a frozen build opens a second window in every child process.
    freeze_support()
    sys.exit(main())
