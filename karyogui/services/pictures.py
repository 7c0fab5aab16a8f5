"""Picture files into grey arrays: by content, whatever the name; every refusal is a sentence."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from karyogui.errors import KaryoError
from karyogui.services.deep_pictures import is_deep, read_deep
from karyogui.services.microscopes import count_planes, not_read, plane_as_tiff, reader_of
from karyogui.services.picture_cover import is_covered
from karyogui.services.picture_ends import breaks_off, ends_in_black
from karyogui.services.picture_formats import DECODERS, HEAD_BYTES, NAMED, READABLE, format_of
from karyogui.services.picture_kind import SMALL, Impression, look_at
from karyogui.services.picture_limits import (
    MAX_PIXELS,
    check_memory,
    check_size,
    too_large,
)
from karyogui.services.picture_marks import marks_in_colour, painted_over
from karyogui.services.picture_range import Remark as Remark
from karyogui.services.picture_range import stretched
from karyogui.services.tiff import (
    Pages,
    Samples,
    header_of,
    is_tiff,
    not_read_here,
    read_samples,
    tiff_page,
    tiff_pages,
)
from model.light import lit_field

Grey = NDArray[np.uint8]

MIN_CONTRAST = 8
"""Grey levels of 255 between the darkest and the lightest pixel; with less nothing is seen."""
DIM = 0.4
"""Median brightness, as a share of the brightest, below which a coloured picture glows in the
dark: fluorescence."""
COLOUR, COLOURED = 24, 0.005
"""Grey levels between two channels, and the share of pixels with that much, that make colour."""
_LOOKED_AT = 1_000
_LUMINANCE = np.array([0.299, 0.587, 0.114])
_KEPT_BYTES = 64 * 2**20
"""Of the pixels of large pictures that are kept, the latest ones: some 40 usual photographs."""
_ORIENTATION = 0x0112
_HINT_READABLE = f"{READABLE} pictures can be read."
_END_OF_GIF = b";"
_CLEAR = 0.02
"""Opacity up to which all of a picture is transparent: nothing of it would be seen."""
_HINT_AGAIN = "Export the picture again, or leave it out."

# Refused here with a sentence; Pillow's own warning on the console helps nobody.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


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


def read_picture(data: bytes, name: str) -> Grey:
    """The pixels of `open_picture`."""
    return open_picture(data, name).pixels


def open_picture(data: bytes, name: str) -> OpenedPicture:
    """The picture in a file's bytes as (h, w) grey, 0 … 255, polarity of the contrast as it is.

    Colour becomes luminance (in fluorescence the one channel that holds the signal), transparency
    shows white, 16-bit and float values are stretched from their own smallest to their own largest
    value (a few faulty pixels, a frame and what is burnt in at one end aside), a noted orientation
    is applied. `name` is for the sentences, and for the remark on a wrong ending.
    Raises `KaryoError` for what is empty, unreadable, truncated, smaller than 4 pixels, larger
    than 20,000 pixels or 100 megapixels, or blank.
    """
    if not data:
        raise KaryoError(f"{name} is empty (0 bytes).", _HINT_AGAIN)
    return _KEPT.open(data, name)


def _opened(data: bytes, name: str) -> OpenedPicture:
    seen = format_of("", data[:HEAD_BYTES])
    if seen in NAMED:
        if reader_of(data) is None:
            raise not_read(seen, name, _HINT_READABLE)
        if (planes := page_count(data).readable) > 1:
            raise several_pictures(name, planes)
        return _opened(page_of(data, 0, name), name)
    remarks: list[Remark] = []
    read = _from_tiff if is_tiff(data) else _from_pillow
    grey = read(data, name, remarks)
    if breaks_off(data):
        raise KaryoError(f"{name} is damaged or incomplete: its end is missing.", _HINT_AGAIN)
    if ends_in_black(data):
        remarks.append(Remark.ENDS_IN_BLACK)
    called = format_of(name, b"")
    if seen is not None and called not in (None, seen) and called not in NAMED:
        remarks.append(Remark.OTHER_FORMAT)
    if int(grey.max()) - int(grey.min()) < MIN_CONTRAST:
        raise KaryoError(
            f"There is no chromosome to be seen in {name}: it is blank.", "Leave the picture out."
        )
    if np.count_nonzero(np.bincount(grey.ravel(), minlength=256)) <= 2:
        remarks.append(Remark.TWO_LEVELS)
    if is_covered(grey):
        remarks.append(Remark.COVERED)
    pixels = np.ascontiguousarray(grey)
    pixels.flags.writeable = False  # it is shared
    return OpenedPicture(pixels, tuple(remarks))


def page_count(data: bytes) -> Pages:
    """The pictures that a file holds, previews aside; one where their number is unknown."""
    if is_tiff(data):
        return tiff_pages(data)
    try:
        if (reader := reader_of(data)) is not None:
            return Pages(count_planes(reader, data))
        with Image.open(io.BytesIO(data), formats=DECODERS) as image:
            cut = image.format == "GIF" and not data.rstrip(b"\0").endswith(_END_OF_GIF)
            if not cut:
                return Pages(_frames(image))
        # One that breaks off has as many frames as can be found until then.
        return Pages(_frames_until_the_break(data), is_damaged=True)
    # As in `open_picture`: decoders raise anything, and the refusal comes when it is opened.
    except Exception:
        return Pages(1)


def _frames(image: Image.Image) -> int:
    """Pictures of a file; what a phone stores within its JPEG, a gain map or preview, is none."""
    count = int(getattr(image, "n_frames", 1))
    if image.format != "MPO":
        return count
    sizes = []
    for number in range(count):
        image.seek(number)
        sizes.append(image.size)
    image.seek(0)
    return sizes.count(sizes[0])


def _frames_until_the_break(data: bytes) -> int:
    with Image.open(io.BytesIO(data), formats=DECODERS) as image:
        for number in count():
            try:
                image.seek(number)
                image.load()
            # EOFError at the end, and whatever the decoder stumbles over before it.
            except Exception:
                return max(1, number)
    return 1


def page_of(data: bytes, number: int, name: str) -> bytes:
    """One picture of a file of several as a file of its own; `number` counts from 0."""
    try:
        if is_tiff(data):
            return tiff_page(data, number, name)
        if (reader := reader_of(data)) is not None:
            return plane_as_tiff(reader, data, number, name)
        with Image.open(io.BytesIO(data), formats=DECODERS) as image:
            image.seek(number)
            buffer = io.BytesIO()
            image.convert("RGBA" if "A" in image.getbands() else "RGB").save(buffer, "PNG")
            return buffer.getvalue()
    except KaryoError:
        raise
    except Exception as error:
        if (seen := format_of("", data[:HEAD_BYTES])) in NAMED:
            raise KaryoError(
                f"{name} is {seen.called} file, damaged or incomplete, and cannot be read.",
                _HINT_AGAIN,
            ) from error
        raise _unreadable(name, error, data) from error


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from a picture's header, as stored; None where it cannot be read cheaply."""
    try:
        with Image.open(io.BytesIO(data), formats=DECODERS) as image:
            return image.size
    # As in `open_picture`: decoders raise anything, and the refusal comes when it is opened.
    except Exception:
        return None


def _unreadable(name: str, error: Exception, data: bytes) -> KaryoError:
    if not isinstance(error, UnidentifiedImageError):
        return KaryoError(f"{name} is damaged or incomplete and cannot be read.", _HINT_AGAIN)
    seen, called = format_of("", data[:HEAD_BYTES]), format_of(name, b"")
    if seen is not None:
        return KaryoError(
            f"{name} is damaged or incomplete, or {seen.called} file of a kind not read here.",
            _HINT_AGAIN,
        )
    if called in NAMED:
        return not_read(called, name, _HINT_READABLE)
    return KaryoError(f"{name} is not a picture that can be read.", _HINT_READABLE)


def _from_pillow(data: bytes, name: str, remarks: list[Remark]) -> Grey:
    try:
        with Image.open(io.BytesIO(data), formats=DECODERS) as image:
            check_size(image.size, name)
            deep = image.mode.startswith(("I", "F")) or is_deep(image, data)
            pixels = image.width * image.height
            samples = pixels * len(image.getbands()) * (4 if deep else 1)
            check_memory(name, pixels, samples, deep)
            pages = _frames(image)
            if pages > 1 and image.format != "TIFF":
                raise several_pictures(name, pages)
            return _decode(image, data, remarks)
    except KaryoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_large(name) from error
    # Decoders raise whatever they stumble over (OSError, SyntaxError, struct.error, zlib.error …);
    # for the person all of it means the same.
    except Exception as error:
        raise _unreadable(name, error, data) from error


def _from_tiff(data: bytes, name: str, remarks: list[Remark]) -> Grey:
    """Eight bits as Pillow reads them; what it does not know, and what is deeper, by its tags."""
    try:
        header = header_of(data)
    except Exception as error:
        raise _unreadable(name, error, data) from error
    if not header.width * header.height:
        raise KaryoError(f"{name} is damaged or incomplete and cannot be read.", _HINT_AGAIN)
    check_size((header.width, header.height), name)
    check_memory(name, header.height * header.width, header.size, deep=header.bits > 8)
    if (pages := tiff_pages(data).readable) > 1:
        raise several_pictures(name, pages)
    if header.is_plain:
        with suppress(KaryoError):
            return _from_pillow(data, name, remarks)
    try:
        samples = read_samples(data, name)
        if samples is not None:
            return _grey_of(samples, remarks)
    except KaryoError:
        raise
    # Tags that do not agree with one another let arrays be of any shape.
    except Exception as error:
        raise _unreadable(name, error, data) from error
    with suppress(KaryoError):
        return _from_pillow(data, name, remarks)
    raise not_read_here(data, name)


def several_pictures(name: str, pages: int) -> KaryoError:
    """The refusal of a file of several pictures, of which all but one would be lost."""
    return KaryoError(
        f"{name} holds {pages} pictures in one file.", "Save each picture as its own file."
    )


def _decode(image: Image.Image, data: bytes, remarks: list[Remark]) -> Grey:
    orientation = int(image.getexif().get(_ORIENTATION, 1))
    orientation = orientation if orientation in range(1, 9) else 1
    level = image.info.get("transparency")
    image.load()
    if is_deep(image, data):
        return _grey_of(read_deep(image, data, level, orientation), remarks)
    upright = ImageOps.exif_transpose(image)
    if orientation > 1:
        remarks.append(Remark.TURNED)
    if upright.mode.startswith("I") or upright.mode == "F":
        return _grey_of(Samples(np.asarray(upright)), remarks)
    if upright.mode in ("1", "L") and level is None:
        return np.asarray(upright.convert("L"))
    white = _over_white(upright, remarks)
    colour = np.asarray(white.convert("RGB"))
    marks = marks_in_colour([colour[..., k] for k in range(3)], 255.0)
    if marks is not None:
        remarks.append(Remark.MARKED)
        return painted_over(np.asarray(white.convert("L")), marks)
    channel = _signal_channel(colour, 255.0, remarks)
    return np.asarray(white.convert("L") if channel is None else colour[..., channel])


def _over_white(image: Image.Image, remarks: list[Remark]) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image
    colour = image.convert("RGBA")
    opacity = np.asarray(colour.getchannel("A"))
    least, most = int(opacity.min()), int(opacity.max())
    if most <= 255 * _CLEAR:
        remarks.append(Remark.CLEAR)
        return colour.convert("RGB")
    if least < 255:
        remarks.append(Remark.TRANSPARENT)
    white = Image.new("RGBA", colour.size, "white")
    return Image.alpha_composite(white, colour)


def _grey_of(samples: Samples, remarks: list[Remark]) -> Grey:
    """Deep samples as upright grey, 0 … 255, over white."""
    colour, alpha = samples.colour, samples.alpha
    seen = np.ones(colour.shape[:2], dtype=np.bool_)
    if alpha is not None and float(alpha.max()) <= _CLEAR:
        remarks.append(Remark.CLEAR)
        alpha = None
    elif alpha is not None and float(alpha.min()) < 1.0:
        remarks.append(Remark.TRANSPARENT)
        seen = alpha > 0
    if samples.further:
        remarks.append(Remark.FURTHER)
    if samples.orientation > 1:
        remarks.append(Remark.TURNED)
    values, marks = colour, None
    if values.ndim == 3:
        # Channel by channel: all of them as float64 would take many times what they are.
        parts = [values[..., k] for k in range(values.shape[2])]
        largest = max(float(part[np.isfinite(part)].max(initial=1)) for part in parts)
        marks = marks_in_colour(parts, largest)
        channel = None if marks is not None else _signal_channel(values, largest, remarks)
        values = _luminance(parts) if channel is None else parts[channel]
    if marks is not None:
        remarks.append(Remark.MARKED)
        seen &= ~marks
    grey = values.astype(np.uint8) if colour.dtype == np.uint8 else stretched(values, seen, remarks)
    if marks is not None:
        grey = painted_over(grey, marks)
    if samples.inverted:
        grey = np.subtract(255, grey, dtype=np.uint8)
    if alpha is not None:
        grey = np.rint(grey * alpha + 255.0 * (1.0 - alpha)).astype(np.uint8)
    return _oriented(grey, samples.orientation)


def _luminance(channels: list[NDArray[Any]]) -> NDArray[np.float64]:
    """The brightness (h, w) of red, green and blue."""
    total = np.zeros(channels[0].shape, np.float64)
    for channel, weight in zip(channels, _LUMINANCE, strict=True):
        total += channel.astype(np.float64) * weight
    return total


def _signal_channel(colour: NDArray[Any], largest: float, remarks: list[Remark]) -> int | None:
    """The channel (0 … 2) that holds the signal of a fluorescence picture (h, w, 3), else None.

    Luminance gives blue a weight of a ninth: a chromosome stained with DAPI would vanish.
    """
    step = max(1, max(colour.shape[:2]) // _LOOKED_AT)
    few = np.nan_to_num(colour[::step, ::step].astype(np.float64), posinf=largest, neginf=0.0)
    few *= 255.0 / max(largest, 1e-9)
    brightness = few.max(axis=-1)
    if float((brightness - few.min(axis=-1) > COLOUR).mean()) <= COLOURED:
        return None
    remarks.append(Remark.COLOUR)
    brightest = float(np.percentile(brightness, 99.5))
    if float(np.median(brightness)) > DIM * brightest:
        return None
    if lit_field(brightness.astype(np.uint8)) is not None:
        return None
    remarks[-1] = Remark.FLUORESCENCE
    above = np.maximum(few - np.median(few, axis=(0, 1)), 0)
    return int(above.mean(axis=(0, 1)).argmax())


def _oriented(grey: Grey, orientation: int) -> Grey:
    """Apply an EXIF orientation (1 … 8)."""
    if orientation in (5, 6, 7, 8):
        grey = grey.T
    if orientation in (3, 4, 7, 8):
        grey = grey[::-1]
    if orientation in (2, 3, 6, 7):
        grey = grey[:, ::-1]
    return grey
