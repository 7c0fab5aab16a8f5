"""Picture files into grey arrays: by content, whatever the name; every refusal is a sentence."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import PurePath
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from karyogui.errors import KaryoError
from karyogui.services.picture_kind import SMALL, Impression, look_at

Grey = NDArray[np.uint8]

FORMATS = ("PNG", "TIFF", "BMP", "JPEG")
SUFFIXES = (".png", ".tif", ".tiff", ".bmp", ".dib", ".jpg", ".jpeg", ".jpe")
MAGICS = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
MAX_SIDE = 20_000
"""Pixels; a longer picture is refused from its header, before anything is decoded."""
MAX_PIXELS = 100_000_000
MIN_SIDE = 4
"""Pixels; nothing can be told of a chromosome that is thinner."""
MIN_CONTRAST = 8
"""Grey levels of 255 between the darkest and the lightest pixel; with less nothing is seen."""
MAX_METAPHASE_SIDE = 8_192
"""Pixels; no camera on a microscope takes one cell larger: it is a scan of many."""
COLOUR, COLOURED = 24, 0.005
"""Grey levels between two channels, and the share of pixels with that much, that make colour."""
OUTLIERS = 0.02
"""Per cent of a large 16-bit picture's pixels that may be faulty at each end of its range."""
_LARGE = 100_000
_LOOKED_AT = 1_000
_KEPT_BYTES = 64 * 2**20
"""Of the pixels of large pictures that are kept, the latest ones: some 40 usual photographs."""
_NEAREST = Image.Resampling.NEAREST
_ORIENTATION = 0x0112
_PHOTOMETRIC = 262
_HINT_READABLE = "PNG, TIFF, BMP and JPEG pictures can be read."
_HINT_AGAIN = "Export the picture again, or leave it out."

# Refused here with a sentence; Pillow's own warning on the console helps nobody.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


_ENDINGS = {
    "PNG": (".png",),
    "TIFF": (".tif", ".tiff"),
    "BMP": (".bmp", ".dib"),
    "JPEG": (".jpg", ".jpeg", ".jpe"),
}


class Remark(StrEnum):
    """What is odd about a picture that can be used nevertheless; the value follows `it is`."""

    COLOUR = "in colour: only the brightness is used"
    TRANSPARENT = "partly transparent: shown on white"
    TWO_LEVELS = "black and white without grey: no band can be seen, so types are guesses"
    TURNED = "turned upright as the camera noted it (EXIF)"
    OTHER_FORMAT = "of another format than the name says: read by its content"
    BRIGHT = "bright on dark: turned round for the analysis, the file stays as it is"


@dataclass(frozen=True, eq=False)
class OpenedPicture:
    """A picture as (h, w) grey, 0 … 255, never to be written to, and what is odd about it."""

    pixels: Grey
    remarks: tuple[Remark, ...] = ()

    @cached_property
    def impression(self) -> Impression:
        """What it seems to show; looked at once."""
        return look_at(self.pixels)


class _Kept:
    """The large pictures that were opened last, by name and content.

    From its import to its analysis a photograph is asked for several times; decoding it takes
    longer than all else that happens to it on the way.
    """

    def __init__(self) -> None:
        self._pictures: OrderedDict[tuple[str, bytes], OpenedPicture] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def open(self, data: bytes, name: str) -> OpenedPicture:
        """As `open_picture`."""
        key = (name, hashlib.sha256(data).digest())
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
        opened = _opened(data, name)
        if max(opened.pixels.shape) >= SMALL and opened.pixels.nbytes <= _KEPT_BYTES // 2:
            self._keep(key, opened)
        return opened

    def _keep(self, key: tuple[str, bytes], opened: OpenedPicture) -> None:
        with self._lock:
            if key not in self._pictures:
                self._bytes += opened.pixels.nbytes
            self._pictures[key] = opened
            while self._bytes > _KEPT_BYTES:
                self._bytes -= self._pictures.popitem(last=False)[1].pixels.nbytes


_KEPT = _Kept()


def is_picture(name: str, head: bytes) -> bool:
    """Whether a file is meant to be a picture, by its name's ending or its first bytes."""
    return name.lower().endswith(SUFFIXES) or head.startswith(MAGICS)


def read_picture(data: bytes, name: str) -> Grey:
    """The pixels of `open_picture`."""
    return open_picture(data, name).pixels


def open_picture(data: bytes, name: str) -> OpenedPicture:
    """The picture in a file's bytes as (h, w) grey, 0 … 255, polarity of the contrast as it is.

    Colour becomes luminance, transparency shows white, 16-bit and float values are stretched from
    their own smallest to their own largest value (a few faulty pixels of a large picture aside),
    EXIF orientation is applied. `name` is for the sentences, and for the remark on a wrong ending.
    Raises `KaryoError` for what is empty, unreadable, truncated, smaller than 4 pixels, larger
    than 20,000 pixels or 100 megapixels, or blank.
    """
    if not data:
        raise KaryoError(f"{name} is empty (0 bytes).", _HINT_AGAIN)
    return _KEPT.open(data, name)


def _opened(data: bytes, name: str) -> OpenedPicture:
    remarks: list[Remark] = []
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.size, name)
            _refuse_pages(image, name)
            grey = _decode(image, data)
            remarks += _remarks(image, name)
    except KaryoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name) from error
    # Decoders raise whatever they stumble over (OSError, SyntaxError, struct.error, zlib.error …);
    # for the person all of it means the same.
    except Exception as error:
        grey = _read_tiff(data, name, error)
    if int(grey.max()) - int(grey.min()) < MIN_CONTRAST:
        raise KaryoError(
            f"There is no chromosome to be seen in {name}: it is blank.", "Leave the picture out."
        )
    if np.count_nonzero(np.bincount(grey.ravel(), minlength=256)) <= 2:
        remarks.append(Remark.TWO_LEVELS)
    pixels = np.ascontiguousarray(grey)
    pixels.flags.writeable = False  # it is shared
    return OpenedPicture(pixels, tuple(remarks))


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from a picture's header, as stored; None where it cannot be told cheaply."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return image.size
    # As in `open_picture`: decoders raise anything, and the refusal comes when it is opened.
    except Exception:
        return None


def check_metaphase(grey: Grey, name: str) -> None:
    """Refuse a picture (h, w) that is too large for a photograph of one cell: `KaryoError`."""
    height, width = grey.shape
    if max(grey.shape) > MAX_METAPHASE_SIDE:
        raise KaryoError(
            f"{name} has {width:,} × {height:,} pixels, more than a photograph of one cell "
            f"(at most {MAX_METAPHASE_SIDE:,} on a side).",
            "Cut the cell out of the scan, or export it smaller.",
        )


def _remarks(image: Image.Image, name: str) -> list[Remark]:
    """What is odd about a decoded picture beside its grey levels."""
    found = []
    ending = PurePath(name).suffix.lower()
    if ending in SUFFIXES and ending not in _ENDINGS.get(image.format or "", ()):
        found.append(Remark.OTHER_FORMAT)
    if int(image.getexif().get(_ORIENTATION, 1)) in range(2, 9):
        found.append(Remark.TURNED)
    if image.mode in ("1", "L") or image.mode.startswith(("I", "F")):
        return found
    # Some of the pixels are enough, without mixing neighbours.
    step = max(1, max(image.size) // _LOOKED_AT)
    few = image.resize((image.width // step or 1, image.height // step or 1), _NEAREST)
    pixels = np.asarray(few.convert("RGBA")).astype(np.int16)
    channels, alpha = pixels[..., :3], pixels[..., 3]
    spread = (channels.max(axis=-1) - channels.min(axis=-1))[alpha > 0]
    if spread.size and float((spread > COLOUR).mean()) > COLOURED:
        found.append(Remark.COLOUR)
    if alpha.min() < 255:
        found.append(Remark.TRANSPARENT)
    return found


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if min(size) < MIN_SIDE:
        raise KaryoError(
            f"{name} has only {width} × {height} pixels: too small for a chromosome.",
            "Leave the picture out.",
        )
    if max(size) > MAX_SIDE or width * height > MAX_PIXELS:
        raise _too_large(name, f" ({width:,} × {height:,} pixels)")


def _too_large(name: str, size: str = "") -> KaryoError:
    return KaryoError(
        f"{name} is too large{size}: a picture may have {MAX_SIDE:,} pixels on a side "
        f"and {MAX_PIXELS // 1_000_000} megapixels.",
        "Cut out what matters, or export it smaller.",
    )


def _unreadable(name: str, error: Exception) -> KaryoError:
    if isinstance(error, UnidentifiedImageError):
        return KaryoError(f"{name} is not a picture that can be read.", _HINT_READABLE)
    return KaryoError(f"{name} is damaged or incomplete and cannot be read.", _HINT_AGAIN)


def _decode(image: Image.Image, data: bytes) -> Grey:
    orientation = int(image.getexif().get(_ORIENTATION, 1))
    deep = _is_deep_colour(image, data)
    inverted = _shows_white_as_zero(image)
    image.load()
    if deep:
        return _stretched(_oriented(_luminance(_read_deep(data)), orientation))
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I") or upright.mode == "F":
        values = _stretched(np.asarray(upright))
        return np.subtract(255, values, dtype=np.uint8) if inverted else values
    return np.asarray(_over_white(upright).convert("L"))


def _refuse_pages(image: Image.Image, name: str) -> None:
    """A file of several pictures would lose all but one; a small preview page is no picture."""
    if image.format != "TIFF":
        return
    size = image.size
    pages = 1
    for page in range(1, int(getattr(image, "n_frames", 1))):
        image.seek(page)
        pages += image.size[0] * image.size[1] > size[0] * size[1] // 4
    image.seek(0)
    if pages > 1:
        raise KaryoError(
            f"{name} holds {pages} pictures in one file.", "Save each picture as its own file."
        )


def _is_deep_colour(image: Image.Image, data: bytes) -> bool:
    """Whether there are 16-bit channels, of which Pillow would keep only the upper byte."""
    if image.format == "PNG":
        return len(data) > 25 and data[24] == 16 and data[25] in (2, 4, 6)
    if image.format == "TIFF":
        tags = getattr(image, "tag_v2", {})
        bits = tags.get(258, (1,))
        return len(bits) > 1 and max(bits) == 16
    return False


def _shows_white_as_zero(image: Image.Image) -> bool:
    """Whether a TIFF of 16 bits counts from white to black; for 8 bits Pillow turns it round."""
    return image.format == "TIFF" and getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0


def _read_deep(data: bytes) -> NDArray[Any]:
    """16-bit channels in the order red, green, blue (, alpha)."""
    import cv2

    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise ValueError("not decoded")
    if values.ndim == 2:
        return values
    order = [2, 1, 0, 3][: values.shape[2]]
    return values[..., order]


def _luminance(values: NDArray[Any]) -> NDArray[np.float64]:
    """(h, w), (h, w, 1 or 2: grey, alpha) or (h, w, 3 or 4: RGB, alpha) to (h, w), over white."""
    largest = float(np.iinfo(values.dtype).max) if values.dtype.kind in "ui" else 1.0
    floats = values.astype(np.float64)
    if floats.ndim == 2:
        return floats
    channels = floats.shape[2]
    grey = floats[..., 0] if channels < 3 else floats[..., :3] @ np.array([0.299, 0.587, 0.114])
    if channels in (2, 4):
        alpha = floats[..., -1] / largest
        grey = grey * alpha + largest * (1.0 - alpha)
    return np.asarray(grey, dtype=np.float64)


def _over_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image
    colour = image.convert("RGBA")
    white = Image.new("RGBA", colour.size, "white")
    return Image.alpha_composite(white, colour)


def _stretched(values: NDArray[Any]) -> Grey:
    """From the smallest to the largest finite value onto 0 … 255.

    In a large picture a few faulty pixels of the camera must not take most of the range: where
    the rest of the pixels fills less than half of it, they are clipped.
    """
    floats = values.astype(np.float64)
    finite = np.isfinite(floats)
    if not finite.any():
        return np.zeros(values.shape, np.uint8)
    low, high = float(floats[finite].min()), float(floats[finite].max())
    if floats.size >= _LARGE:
        ends = np.percentile(floats[finite], [OUTLIERS, 100.0 - OUTLIERS])
        if 0.0 < ends[1] - ends[0] < 0.5 * (high - low):
            low, high = float(ends[0]), float(ends[1])
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    floats = np.nan_to_num(floats, nan=low, posinf=high, neginf=low)
    return np.clip(np.rint((floats - low) * (255.0 / (high - low))), 0, 255).astype(np.uint8)


def _oriented(values: NDArray[np.float64], orientation: int) -> NDArray[np.float64]:
    """Apply an EXIF orientation (1 … 8)."""
    if orientation in (5, 6, 7, 8):
        values = values.T
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return values


def _read_tiff(data: bytes, name: str, reason: Exception) -> Grey:
    """What Pillow does not know of TIFF (32-bit, planar, half floats); else its refusal, told."""
    if not data.startswith(MAGICS[3:]):
        raise _unreadable(name, reason) from reason
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            page = file.pages.first
            _check_size((page.imagewidth, page.imagelength), name)
            values = np.squeeze(page.asarray())
            inverted = page.photometric == tifffile.PHOTOMETRIC.MINISWHITE
            planar = page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
    except KaryoError:
        raise
    except Exception as error:
        raise _unreadable(name, reason) from error
    if planar and values.ndim == 3:
        values = np.moveaxis(values, 0, -1)
    if values.ndim not in (2, 3) or values.dtype.kind not in "uif":
        raise _unreadable(name, reason) from reason
    is_byte = values.dtype == np.uint8
    grey = _luminance(values)
    result = grey.astype(np.uint8) if is_byte else _stretched(grey)
    return np.subtract(255, result, dtype=np.uint8) if inverted else result
