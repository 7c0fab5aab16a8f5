"""What all verbs share: a data folder that is there, and words for any terminal."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import TYPE_CHECKING

from karyogui.errors import KaryoError
from karyogui.paths import default_data_folder
from karyogui.settings import login_name

if TYPE_CHECKING:
    from karyogui.services.progress import Progress
    from karyogui.services.workspace import Workspace


def add_case_options(parser: argparse.ArgumentParser) -> None:
    """The options of a verb about one case of a data folder."""
    parser.add_argument("--data-folder", type=Path, metavar="DIR", help="where the cases are kept")
    parser.add_argument(
        "--case", required=True, type=plain_text, metavar="NAME", help="the case's name"
    )


def plain_text(typed: str) -> str:
    """A text of the command line, which may hold bytes that are no UTF-8 in its own way."""
    from karyogui.services.file_names import shown_name

    return shown_name(typed)


def folder_of(options: argparse.Namespace) -> Path:
    """The data folder that the options name, or the usual one."""
    return Path(options.data_folder or default_data_folder())


def existing(folder: Path) -> Path:
    """The data folder; `KaryoError` where there is none."""
    if not folder.is_dir():
        raise KaryoError(f"There is no data folder {folder}.")
    return folder


def opened(folder: Path, new: bool = False) -> AbstractContextManager[Workspace]:
    """A data folder, opened; `KaryoError` where there is none, unless a `new` one is made."""
    from karyogui.services.workspace import open_workspace

    return closing(open_workspace(folder if new else existing(folder), who=login_name))


def tell(text: str) -> None:
    """Print text of which the terminal may lack characters."""
    print(_printable(text, sys.stdout.encoding), flush=True)


def complain(text: str) -> None:
    """The same on the standard error."""
    print(_printable(text, sys.stderr.encoding), file=sys.stderr, flush=True)


def _printable(text: str, encoding: str | None) -> str:
    known = encoding or "utf-8"
    return text.encode(known, "backslashreplace").decode(known)


class ConsoleMonitor:
    """Shows progress on one line of a terminal, and nothing in a log or a pipe."""

    def report(self, progress: Progress) -> None:
        """Rewrite the line; clear it at the end."""
        if not sys.stderr.isatty():
            return
        is_last = progress.done >= progress.total
        text = "" if is_last else f"{progress.message} {progress.done}/{progress.total}"
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
