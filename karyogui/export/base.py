"""What an exporter is: a frozen `ReportData` in, bytes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from karyogui.domain.report import ReportData
from karyogui.errors import KaryoError


@contextmanager
def needing(package: str, form: str) -> Iterator[None]:
    """Imports of a package of the extra “exchange”; `KaryoError` where it is not installed."""
    try:
        yield
    except ImportError as error:
        raise KaryoError(
            f"{form} needs the package {package}, which is not installed.",
            "Install KaryoGUI with its extra “exchange”.",
        ) from error


class Exporter(Protocol):
    """One file format. Menus and the command line are built from `EXPORTERS`.

    `id` names it on the command line, `label` in a menu, `suffix` is the file name's ending with
    its dot; `prints` says whether letters are drawn, with the fonts of the program, which do not
    have all of them. An exporter keeps no state between calls.
    """

    @property
    def id(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def suffix(self) -> str: ...

    @property
    def prints(self) -> bool: ...

    def write(self, data: ReportData, target: BinaryIO) -> None:
        """Write the whole file to a binary stream, from where it stands; it is left open.

        Raises whatever the stream raises (OSError on a full disk); any case can be written, also
        one without cells and a cell without chromosomes.
        """
