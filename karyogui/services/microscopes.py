"""Files of microscopes, of DICOM archives and of phones, by readers that are an optional extra.

Each reader is imported when such a file is opened (`pip install karyogui[microscopes]`); without it
the file is named as one that is not read. A file of several scenes, planes, channels or
frames is one of several pictures.
"""

from __future__ import annotations

import importlib.util
import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from karyogui.errors import KaryoError
from karyogui.services.picture_formats import HEAD_BYTES, PictureFormat, format_of
from karyogui.services.picture_limits import check_memory, check_size

Samples = NDArray[Any]
HINT = (
    "Install the readers (pip install karyogui[microscopes]), or export the picture as TIFF or PNG."
)
_COLOURS = (3, 4)


@dataclass(frozen=True)
class Planes:
    """The pictures of an opened file: (width, height), bytes of a sample, how many, one of them."""

    size: tuple[int, int]
    sample_bytes: int
    count: int
    read: Callable[[int], Samples]


@dataclass(frozen=True)
class MicroscopeReader:
    """What opens a format: the package that it needs, and how it opens the bytes of a file."""

    package: str
    opened: Callable[[bytes], Any]

    @property
    def is_there(self) -> bool:
        """Whether the package is installed."""
        return importlib.util.find_spec(self.package) is not None


def reader_of(data: bytes) -> MicroscopeReader | None:
    """What reads a file, where it is one of these formats and the reader is installed."""
    kind = format_of("", data[:HEAD_BYTES])
    reader = READERS.get(kind.name) if kind is not None else None
    return reader if reader is not None and reader.is_there else None


def not_read(kind: PictureFormat, name: str, otherwise: str) -> KaryoError:
    """The refusal of a file that nothing here reads; `otherwise` is the hint without a reader."""
    hint = HINT if kind.name in READERS else otherwise
    return KaryoError(f"{name} is {kind.called} file, which is not read here.", hint)


def count_planes(reader: MicroscopeReader, data: bytes) -> int:
    """How many pictures a file holds; raises whatever the reader raises."""
    with reader.opened(data) as planes:
        return int(planes.count)


def plane_as_tiff(reader: MicroscopeReader, data: bytes, number: int, name: str) -> bytes:
    """One picture of a file as a TIFF of its own, sample for sample; `number` counts from 0.

    KaryoError for one that is too large; else raises whatever the reader raises.
    """
    import tifffile

    with reader.opened(data) as planes:
        width, height = planes.size
        check_size((width, height), name)
        check_memory(name, width * height, width * height * planes.sample_bytes, deep=True)
        values = np.asarray(planes.read(number))
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    is_colour = values.ndim == 3 and values.shape[2] in _COLOURS
    if values.ndim != 2 and not is_colour:
        raise ValueError(f"a plane of shape {values.shape}")
    buffer = io.BytesIO()
    photometric = "rgb" if is_colour else "minisblack"
    tifffile.imwrite(buffer, values, photometric=photometric, compression="zlib", metadata=None)
    return buffer.getvalue()


@contextmanager
def _heic(data: bytes) -> Iterator[Planes]:
    import pillow_heif

    file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    yield Planes(file.size, 4, len(file), lambda n: np.asarray(file[n].to_pillow().convert("RGB")))


@contextmanager
def _dicom(data: bytes) -> Iterator[Planes]:
    import pydicom
    from pydicom.pixels.processing import convert_color_space
    from pydicom.pixels.utils import pixel_array

    held = pydicom.dcmread(io.BytesIO(data))
    count = int(held.get("NumberOfFrames", 1) or 1)

    def frame(number: int) -> Samples:
        values = pixel_array(held, index=number)
        kind = str(held.PhotometricInterpretation)
        if kind.startswith("YBR"):
            values = convert_color_space(values, kind, "RGB")
        if kind == "MONOCHROME1":  # counted from white
            values = np.asarray(values.max() - values)
        return np.asarray(values)

    size = int(held.Columns), int(held.Rows)
    yield Planes(size, int(held.SamplesPerPixel) * -(-int(held.BitsAllocated) // 8), count, frame)


@contextmanager
def _czi(data: bytes) -> Iterator[Planes]:
    from pylibCZIrw import czi

    with _as_file(data, ".czi") as path, czi.open_czi(str(path)) as file:
        whole = file.total_bounding_box
        places = file.scenes_bounding_rectangle or {None: file.total_bounding_rectangle}
        extents = [range(*whole.get(axis, (0, 1))) for axis in "TZC"]
        chosen = [
            (scene, place, {"T": t, "Z": z, "C": c})
            for scene, place in places.items()
            for t in extents[0] for z in extents[1] for c in extents[2]
        ]  # fmt: skip

        def plane(number: int) -> Samples:
            scene, place, where = chosen[number]
            values = file.read(roi=tuple(place), plane=where, scene=scene)
            return np.asarray(values[..., ::-1] if values.shape[-1] in _COLOURS else values)

        largest = max(places.values(), key=lambda r: r.w * r.h)
        yield Planes((int(largest.w), int(largest.h)), 6, len(chosen), plane)


@contextmanager
def _nd2(data: bytes) -> Iterator[Planes]:
    import nd2

    with nd2.ND2File(io.BytesIO(data)) as file:
        yield _stacked(dict(file.sizes), np.dtype(file.dtype).itemsize, file.asarray)


@contextmanager
def _lif(data: bytes) -> Iterator[Planes]:
    import liffile

    with liffile.LifFile(io.BytesIO(data)) as file:
        parts = [
            _stacked(dict(image.sizes), np.dtype(image.dtype).itemsize, image.asarray)
            for image in file.images
            if {"Y", "X"} <= set(image.sizes)
        ]
        at = [(part, n) for part in parts for n in range(part.count)]
        size = max((part.size for part in parts), key=lambda s: s[0] * s[1])
        yield Planes(size, parts[0].sample_bytes, len(at), lambda n: at[n][0].read(at[n][1]))


def _stacked(sizes: Mapping[str, int], item: int, whole: Callable[[], Samples]) -> Planes:
    """Planes of an array whose axes are named, Y and X among them, S of the samples of a pixel."""
    axes = list(sizes)
    last = [axis for axis in ("Y", "X", "S") if axis in sizes]
    before = [axis for axis in axes if axis not in last]
    count = int(np.prod([sizes[axis] for axis in before], dtype=np.int64)) if before else 1

    def plane(number: int) -> Samples:
        values = np.asarray(whole()).transpose([axes.index(axis) for axis in (*before, *last)])
        return np.asarray(values.reshape(count, *values.shape[len(before) :])[number])

    of_pixel = sizes.get("S", 1) * item * count  # all planes are read to give one
    return Planes((sizes["X"], sizes["Y"]), of_pixel, count, plane)


@contextmanager
def _as_file(data: bytes, suffix: str) -> Iterator[Path]:
    """A file with these bytes, for a library that reads nothing else; gone afterwards."""
    handle, name = tempfile.mkstemp(suffix=suffix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


READERS: dict[str, MicroscopeReader] = {
    "HEIC": MicroscopeReader("pillow_heif", _heic),
    "Zeiss CZI": MicroscopeReader("pylibCZIrw", _czi),
    "Nikon ND2": MicroscopeReader("nd2", _nd2),
    "Leica LIF": MicroscopeReader("liffile", _lif),
    "DICOM": MicroscopeReader("pydicom", _dicom),
}
"""By the format's name in `picture_formats.NAMED`."""
