"""TIFF beyond eight bits and one page: samples as the file's tags say, pages as files of their own.

Every dialect that cameras and acquisition programs write: any depth, packed or not; planes one
after the other; further channels, which are transparency only where tag 338 says so; levels
counted from white; turned (tag 274); several pages; compressions that Pillow does not know.
"""

from __future__ import annotations

import io
import struct
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from karyogui.errors import KaryoError
from karyogui.services.picture_formats import READ
from karyogui.services.picture_limits import MAX_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tifffile

MARKS = tuple(mark for _, mark in READ[1].marks)
PREVIEW = 4
"""A page with less than a part of so many of the largest one's pixels is a preview."""
LEAST_PREVIEWED = 240
"""Pixels of the longer side from which any such page is one: pages may be cut-outs, too."""
_ALPHA = (1, 2)
"""Tag 338: associated and unassociated transparency; 0 is anything else."""
_COLOURS = {"RGB": 3, "YCBCR": 3, "CIELAB": 3, "ICCLAB": 3, "ITULAB": 3, "SEPARATED": 4}
_LIGHTNESS = ("CIELAB", "ICCLAB", "ITULAB")
_READ_AS = ("MINISWHITE", "MINISBLACK", "RGB", "SEPARATED", "PALETTE", *_LIGHTNESS)
_SIGNED = 2
"""Tag 339: numbers that may be negative."""
_HINT = "Export the picture again as an ordinary TIFF or PNG."


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of a picture as stored: `colour` (h, w) or (h, w, 3), `alpha` (h, w) 0 … 1 or None.

    `further` counts channels that are neither; `orientation` is 1 … 8 as in EXIF.
    """

    colour: NDArray[Any]
    alpha: NDArray[np.float64] | None = None
    inverted: bool = False
    further: int = 0
    orientation: int = 1


def is_tiff(data: bytes) -> bool:
    """Whether a file begins as a TIFF does."""
    return data.startswith(MARKS)


class Pages(NamedTuple):
    """How many pictures of a file are `readable`; `is_damaged` where there are more that cannot."""

    readable: int
    is_damaged: bool = False


def tiff_pages(data: bytes) -> Pages:
    """The pictures that a TIFF holds, its previews aside; one where their number is unknown."""
    directories, _ = _chain(data)
    if directories > MAX_DIRECTORIES:
        return Pages(directories)
    try:
        with _opened(data) as file:
            pages, broken = _pages(file), not _ends_well(data) or _has_broken(file)
            return Pages(max(1, len(pages)) * _planes(file), broken and bool(pages))
    # Where a later directory breaks off, the first one can be read all the same. A file that cannot
    # be read at all is refused when it is opened, with its sentence.
    except Exception:
        with suppress(Exception):
            header = header_of(data)
            return Pages(1, header.height * header.width > 0)
        return Pages(1)


MAX_DIRECTORIES = 4 * MAX_PAGES
"""Previews and all that describes a page have some, too."""
MAX_BYTES = 1_000_000_000
"""Samples of one picture, or of a stack of them, that are decoded at a time."""


def tiff_page(data: bytes, number: int, name: str) -> bytes:
    """One picture of several as a TIFF of its own, sample for sample; `number` counts from 0.

    KaryoError when it cannot be read.
    """
    import tifffile

    with _opened(data) as file:
        pages, planes = _pages(file), _planes(file)
        page = pages[number // planes]
        values = _stack(file, page, name)[number] if planes > 1 else _decoded(page, name)
        buffer = io.BytesIO()
        planar = page.planarconfig if values.ndim == 3 else None
        tifffile.imwrite(
            buffer,
            values,
            photometric=page.photometric,
            planarconfig=planar,
            extrasamples=page.extrasamples or None,
            colormap=page.colormap,
            compression="zlib",
            metadata=None,
            extratags=[(274, 3, 1, _orientation(page), True)],
        )
    return buffer.getvalue()


class Header(NamedTuple):
    """Of a TIFF's picture: pixels each way, bits of a sample and bytes of all of them.

    `is_plain` where Pillow reads it as it is meant: unsigned, up to eight bits, the first page.
    """

    height: int
    width: int
    bits: int
    size: int
    is_plain: bool


def header_of(data: bytes) -> Header:
    """What the header alone says."""
    with _opened(data) as file:
        page = _main(file)
        bits = _bits(page)
        samples = page.imagelength * page.imagewidth * page.imagedepth * page.samplesperpixel
        is_plain = bits <= 8 and page.sampleformat != _SIGNED and page.index == 0
        # A damaged tag holds several numbers, or none: then this raises.
        size = int(samples) * -(-bits // 8)
        return Header(int(page.imagelength), int(page.imagewidth), bits, size, is_plain)


class StoredParts(NamedTuple):
    """Where a TIFF's samples lie: (offset, bytes) of each part; bytes of a row of pixels."""

    places: tuple[tuple[int, int], ...]
    is_packed: bool
    row: int


def stored_parts(data: bytes) -> StoredParts:
    """Strips or tiles of the picture; raises whatever a damaged header raises."""
    with _opened(data) as file:
        page = _main(file)
        places = tuple(zip(page.dataoffsets, page.databytecounts, strict=False))
        samples = page.samplesperpixel
        if page.planarconfig == 2:  # of the planes that are not used nothing can be missed
            colours = _COLOURS.get(_photometric(page), 1)
            places, samples = places[: len(places) * colours // samples], 1
        row = page.imagewidth * samples * _bits(page) // 8
        return StoredParts(places, int(page.compression) != 1, row)


def _photometric(page: tifffile.TiffPage) -> str:
    return str(getattr(page.photometric, "name", page.photometric))


def _bits(page: tifffile.TiffPage) -> int:
    bits: Any = page.bitspersample
    return int(np.max(bits))


def read_samples(data: bytes, name: str) -> Samples | None:
    """Samples of the picture; None for colours that are better left to Pillow.

    KaryoError, with the compression or the depth named, when they cannot be read.
    """
    with _opened(data) as file:
        page = _main(file)
        kind = _photometric(page)
        if kind not in _READ_AS or (kind == "PALETTE" and page.colormap is None):
            return None
        values = _channels_last(_decoded(page, name), page)
        values = values.astype(np.uint8) if values.dtype == np.bool_ else values
        if values.dtype.kind not in "uif" or values.ndim not in (2, 3):
            numbers = "complex numbers" if values.dtype.kind == "c" else str(values.dtype)
            raise KaryoError(f"{name} is a TIFF of {numbers}, which is no picture.", _HINT)
        colour, alpha, further = _parted(values, _COLOURS.get(kind, 1), page)
        if kind == "PALETTE":
            colour = np.moveaxis(np.asarray(page.colormap)[:, colour], 0, -1)
        elif kind == "SEPARATED":
            colour = _of_inks(colour, _bits(page))
        elif kind in _LIGHTNESS:
            colour = colour[..., 0]
        if kind != "PALETTE":
            colour = _of_eight_bits(colour, _bits(page))
        inverted = kind == "MINISWHITE"
        return Samples(colour, alpha, inverted, further, _orientation(page))


@contextmanager
def _opened(data: bytes) -> Iterator[tifffile.TiffFile]:
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        yield file


def _pages(file: tifffile.TiffFile) -> list[tifffile.TiffPage]:
    """The pages that are pictures; previews may stand before them."""
    pages = [p for p in _whole_pages(file) if not p.is_reduced and p.imagewidth * p.imagelength]
    if not pages:
        return []
    largest = max(pages, key=lambda p: p.imagewidth * p.imagelength)
    return [p for p in pages if not _is_preview(p, largest)]


def _is_preview(page: tifffile.TiffPage, largest: tifffile.TiffPage) -> bool:
    """Whether a page is much smaller than the largest one; among cut-outs also of its shape."""
    width, height = largest.imagewidth, largest.imagelength
    if page.imagewidth * page.imagelength > width * height // PREVIEW:
        return False
    off = abs(page.imagewidth * height - page.imagelength * width)
    return max(width, height) >= LEAST_PREVIEWED or off <= max(width, height)


def _main(file: tifffile.TiffFile) -> tifffile.TiffPage:
    """The picture of a file that holds one."""
    with suppress(Exception):  # a later directory may be damaged
        return _pages(file)[0]
    return file.pages.first


def _whole_pages(file: tifffile.TiffFile) -> list[tifffile.TiffPage]:
    return [file.pages.get(i).aspage() for i in range(len(file.pages))]


def _has_broken(file: tifffile.TiffFile) -> bool:
    """Whether a directory of the file describes no picture: its entries are damaged."""
    return any(not p.imagewidth * p.imagelength for p in _whole_pages(file))


def _ends_well(data: bytes) -> bool:
    """Whether the chain of directories comes to its end, and not to a place that is none."""
    return _chain(data)[1]


def _chain(data: bytes) -> tuple[int, bool]:
    """How many directories follow one another, and whether they come to their end.

    One of more than `MAX_DIRECTORIES` is followed no further: to make pages of it takes long.
    """
    order = "<" if data.startswith(b"II") else ">"
    is_big = data[2:4] in (b"+\0", b"\0+")
    # Of a BigTIFF the offset of the first directory, the count of entries and one entry are longer.
    first, count_form, size, offset_form = (8, "Q", 20, "Q") if is_big else (4, "H", 12, "I")
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(order + offset_form, data, first)
        while at:
            if at in seen or len(seen) > MAX_DIRECTORIES:
                return len(seen), False
            seen.add(at)
            (entries,) = struct.unpack_from(order + count_form, data, at)
            after = at + struct.calcsize(count_form) + size * entries
            (at,) = struct.unpack_from(order + offset_form, data, after)
            if not entries:
                return len(seen), False
    except (struct.error, OverflowError):  # beyond the end of the file, or of all files
        return len(seen), False
    return len(seen), True


def _planes(file: tifffile.TiffFile) -> int:
    """Pictures behind one directory entry, as ImageJ writes large stacks; 1 usually."""
    if len(file.pages) != 1 or not file.series:
        return 1
    one = int(np.prod(file.pages.first.shape))
    return max(1, int(np.prod(file.series[0].shape)) // max(1, one))


def _stack(file: tifffile.TiffFile, page: tifffile.TiffPage, name: str) -> NDArray[Any]:
    _check_bytes(int(file.series[0].nbytes), name)
    try:
        return np.asarray(file.series[0].asarray()).reshape(-1, *page.shape)
    except Exception as error:
        raise _unreadable(page, name) from error


def _check_bytes(count: int, name: str) -> None:
    if count > MAX_BYTES:
        raise KaryoError(
            f"{name} is too large: unpacked it would have {count / 1e9:.1f} GB.",
            "Save its pictures one by one, or smaller.",
        )


def _decoded(page: tifffile.TiffPage, name: str) -> NDArray[Any]:
    _check_bytes(int(page.nbytes), name)
    try:
        return np.asarray(page.asarray())
    # Codecs raise whatever they stumble over, and ValueError where they do not know the format.
    except Exception as error:
        raise _unreadable(page, name) from error


def not_read_here(data: bytes, name: str) -> KaryoError:
    """The refusal of a picture whose samples or colours nothing here reads."""
    with _opened(data) as file:
        return _unreadable(_main(file), name)


def _unreadable(page: tifffile.TiffPage, name: str) -> KaryoError:
    depth = f"{_photometric(page).lower()}, {_bits(page)} bits"
    how = str(getattr(page.compression, "name", page.compression)).replace("_", " ")
    if how == "NONE":
        return KaryoError(
            f"{name} is damaged or incomplete, or a TIFF of a kind ({depth}) not read here.", _HINT
        )
    return KaryoError(
        f"{name} is damaged or incomplete, or its TIFF compression ({how}, {depth}) is not read "
        "here.",
        _HINT,
    )


def _channels_last(values: NDArray[Any], page: tifffile.TiffPage) -> NDArray[Any]:
    """(h, w) or (h, w, channels), whichever way the planes lie."""
    axes = str(page.axes)
    if "S" in axes:
        values = np.moveaxis(values, axes.index("S"), -1)
    return np.squeeze(values, axis=tuple(i for i in range(values.ndim - 2) if values.shape[i] == 1))


def _parted(
    values: NDArray[Any], colours: int, page: tifffile.TiffPage
) -> tuple[NDArray[Any], NDArray[np.float64] | None, int]:
    """Colour, transparency where the file says so, and the number of further channels."""
    if values.ndim == 2:
        return values, None, 0
    extras = values[..., colours:]
    kinds = [int(kind) for kind in page.extrasamples][: extras.shape[2]]
    place = next((i for i, kind in enumerate(kinds) if kind in _ALPHA), None)
    colour = values[..., 0] if colours == 1 else values[..., :colours]
    if place is None:
        return colour, None, extras.shape[2]
    whole = 1.0
    if values.dtype.kind in "ui":
        whole = 2.0 ** _bits(page) - 1
    alpha = np.clip(extras[..., place].astype(np.float64) / whole, 0.0, 1.0)
    if kinds[place] == 1:  # associated: the colours are already weakened by it
        seen = np.maximum(alpha, 1e-6)
        colour = colour / (seen if colour.ndim == 2 else seen[..., None])
    return colour, alpha, extras.shape[2] - 1


def _of_eight_bits(colour: NDArray[Any], bits: int) -> NDArray[Any]:
    """Samples of fewer bits over the whole range of eight, which is how they are shown."""
    if colour.dtype != np.uint8 or bits >= 8:
        return colour
    levels = np.rint(np.linspace(0, 255, 2**bits)).astype(np.uint8)
    return np.asarray(levels[np.minimum(colour, len(levels) - 1)])


def _of_inks(inks: NDArray[Any], bits: int) -> NDArray[Any]:
    """Red, green and blue (h, w, 3) of cyan, magenta, yellow and black (h, w, 4)."""
    if inks.shape[2] < _COLOURS["SEPARATED"]:
        raise ValueError("fewer than four inks")
    whole = 2.0**bits - 1 if inks.dtype.kind in "ui" else 1.0
    light = (whole - inks[..., :3].astype(np.float64)) * (1.0 - inks[..., 3:] / whole)
    return light if inks.dtype.kind == "f" else np.rint(light).astype(inks.dtype)


def _orientation(page: tifffile.TiffPage) -> int:
    tag = page.tags.get(274)
    value = int(tag.value) if tag is not None else 1
    return value if value in range(1, 9) else 1
