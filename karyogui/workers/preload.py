"""Load the network's shared libraries without holding up the window.

An `import` maps shared libraries while it holds the interpreter's lock: a quarter of a second in
which no event is handled. A foreign call gives the lock away, so the large ones are mapped by one
first; the import that follows finds them there. Only a courtesy: whatever fails here is left to
the import.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

LIBRARIES = ("libc10.so", "libtorch_cpu.so", "libtorch.so", "libtorch_python.so")


def load_libraries() -> None:
    """Map the libraries in the calling thread; nothing on other systems than Linux."""
    package = importlib.util.find_spec("torch")
    if sys.platform != "linux" or package is None or package.origin is None:
        return
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype = ctypes.c_void_p
    for name in LIBRARIES:
        library = Path(package.origin).parent / "lib" / name
        if library.exists():
            dlopen(os.fsencode(library), os.RTLD_LAZY)
