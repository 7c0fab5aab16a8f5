"""Metaphases with a truth, whatever it is: boxes, or outlines."""

from __future__ import annotations

from pathlib import Path

from model.data.metaphases import MetaphaseArchive
from model.data.outlines import OutlineArchive
from model.vocabulary.archive import ArchiveFiles, ending
from model.vocabulary.errors import ModelError


def has_outlines(path: Path) -> bool:
    """Whether an archive of metaphases has outlines, not boxes; ModelError where it has neither."""
    endings = {ending(name) for name in ArchiveFiles(path).names}
    if "xml" in endings:
        return False
    if "json" in endings:
        return True
    raise ModelError(
        f"{path.name} holds no metaphases with boxes or outlines.",
        "Expected annotations/<name>.xml, or labelme files named <name>.json.",
    )


def open_pictures(path: Path) -> MetaphaseArchive | OutlineArchive:
    """The archive; ModelError where it has neither boxes nor outlines."""
    return OutlineArchive(path) if has_outlines(path) else MetaphaseArchive(path)
