"""Picture files into grey arrays: by content, whatever the name; every refusal is a sentence."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from karyogui.errors import KaryoError

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
_ORIENTATION = 0x0112
_PHOTOMETRIC = 262
_HINT_READABLE = "PNG, TIFF, BMP and JPEG pictures can be read."
_HINT_AGAIN = "Export the picture again, or leave it out."

# Refused here with a sentence; Pillow's own warning on the console helps nobody.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def is_picture(name: str, head: bytes) -> bool:
    """Whether a file is meant to be a picture, by its name's ending or its first bytes."""
    return name.lower().endswith(SUFFIXES) or head.startswith(MAGICS)


def read_picture(data: bytes, name: str) -> Grey:
    """The picture in a file's bytes as (h, w) grey, 0 … 255, polarity of the contrast as it is.

    Colour becomes luminance, transparency shows white, 16-bit and float values are stretched from
    their own smallest to their own largest value, EXIF orientation is applied. `name` is only for
    the sentences. Raises `KaryoError` for what is empty, unreadable, truncated, smaller than
    4 pixels, larger than 20,000 pixels or 100 megapixels, or blank.
    """
    if not data:
        raise KaryoError(f"{name} is empty (0 bytes).", _HINT_AGAIN)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.size, name)
            grey = _decode(image, data, name)
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
    return np.ascontiguousarray(grey)


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
        "Cut the chromosome out, or export it smaller.",
    )


def _unreadable(name: str, error: Exception) -> KaryoError:
    if isinstance(error, UnidentifiedImageError):
        return KaryoError(f"{name} is not a picture that can be read.", _HINT_READABLE)
    return KaryoError(f"{name} is damaged or incomplete and cannot be read.", _HINT_AGAIN)


def _decode(image: Image.Image, data: bytes, name: str) -> Grey:
    _refuse_pages(image, name)
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
            f"{name} holds {pages} pictures in one file.", "Save each chromosome as its own file."
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
    """From the smallest to the largest finite value onto 0 … 255."""
    floats = values.astype(np.float64)
    finite = np.isfinite(floats)
    if not finite.any():
        return np.zeros(values.shape, np.uint8)
    low, high = float(floats[finite].min()), float(floats[finite].max())
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    floats = np.nan_to_num(floats, nan=low, posinf=high, neginf=low)
    return np.rint((floats - low) * (255.0 / (high - low))).astype(np.uint8)


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
