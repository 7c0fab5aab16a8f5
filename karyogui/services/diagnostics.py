"""What helps to answer questions: versions, computer, folders, weights, the last acts.

Without names: paths tell no user, and of the log only what it tells by numbers.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
from numpy._core._multiarray_umath import __cpu_features__ as cpu_features

from karyogui import __version__
from karyogui.log import FILE
from model.vocabulary.card import read_card
from model.vocabulary.errors import ModelError
from model.vocabulary.files import read_plain

PACKAGES = (
    "PySide6-Essentials", "torch", "openvino", "numpy", "scipy", "opencv-python-headless",
    "pillow", "SQLAlchemy", "reportlab",
)  # fmt: skip
FEATURES = ("FMA3", "AVX2", "AVX512F", "AVX512_ICL", "AVX512_SPR", "NEON", "ASIMDDP")
"""Extensions of the processor that decide what the network can run with, as NumPy calls them."""
LAST_LINES = 40
GIB = 2**30


def diagnostics(
    data_folder: Path, weights: Path, separation: Path, log_folder: Path, device: str
) -> str:
    """A text to copy into a question. Takes no longer than reading a few files."""
    facts = {
        "KaryoGUI": __version__,
        "Python": f"{platform.python_version()}, {platform.platform()}",
        "Libraries": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
        "Processor": f"{_processor()}, {os.cpu_count()} cores, {_features()}",
        "Memory": f"{psutil.virtual_memory().total / GIB:.1f} GiB",
        "Device": device,
        "Weights": _weights(weights),
        "Separation": _weights(separation),
        "Data folder": f"{without_user(str(data_folder))}, {_free(data_folder)}",
        "Log": without_user(str(log_folder / FILE)),
    }
    head = "\n".join(f"{name}: {value}" for name, value in facts.items())
    return f"{head}\n\n{last_lines(log_folder / FILE)}\n"


def last_lines(log_file: Path, most: int = LAST_LINES) -> str:
    """The end of the log; of an exception only its kind, since its words may hold a name."""
    try:
        lines = read_plain(log_file).decode("utf-8", errors="replace").splitlines()
    except OSError as error:
        return f"There is no log to read ({error.strerror})."
    return "\n".join(without_user(_without_words(line)) for line in lines[-most:])


def without_user(text: str) -> str:
    """A text with the home folder as ~, which shows no person's name."""
    return text.replace(str(Path.home()), "~")


def _without_words(line: str) -> str:
    # Acts begin with their time and places in a traceback with blanks; the rest are exceptions.
    return line if re.match(r"\d{4}-|\s|Traceback|$", line) else line.partition(":")[0]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    name = re.search(r"^model name\s*: (.+)$", told, re.MULTILINE)
    return name.group(1) if name else platform.machine()


def _features() -> str:
    return " ".join(name for name in FEATURES if cpu_features.get(name)) or "no extensions"


def _weights(file: Path) -> str:
    try:
        card = read_card(file)
    except ModelError:
        return f"{file.name}, not readable"
    return f"{card.get('name')} {card.get('version')} ({str(card.get('sha256'))[:12]})"


def _free(folder: Path) -> str:
    try:
        return f"{shutil.disk_usage(folder).free / GIB:.1f} GiB free"
    except OSError as error:
        return f"not readable ({error.strerror})"
