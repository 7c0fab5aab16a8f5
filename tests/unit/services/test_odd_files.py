"""Files whose samples are stored in rare ways, or that are damaged so that a decoder is content."""

import io
import struct
from collections.abc import Callable

import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from karyogui.errors import KaryoError
from karyogui.services.pictures import Remark, open_picture, page_count
from tests.unit.services.photographs import metaphase
from tests.unit.services.test_dialects import saved, tiff

GREY = metaphase(3, 46, (480, 600))
GREY[:40, :90] = 255  # clipped to white
HEIGHT, WIDTH = GREY.shape
DEEP = GREY.astype(np.uint16) * 257
CLEAR = np.zeros_like(GREY)
INKS = np.stack([np.zeros_like(DEEP)] * 3 + [65535 - DEEP])
ICON = cv2.resize(GREY, (WIDTH // 8, HEIGHT // 8))


def pages(*pictures: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        for picture in pictures:
            writer.write(picture, metadata=None)
    return buffer.getvalue()


def of_phone(shape: tuple[int, int]) -> bytes:
    """A JPEG with another picture within, as phones store gain maps."""
    further = Image.fromarray(cv2.resize(GREY, shape)).convert("RGB")
    whole = Image.fromarray(GREY).convert("RGB")
    return saved(whole, "MPO", save_all=True, append_images=[further], quality=95)


def without_number(value: float) -> bytes:
    numbers = GREY.astype(np.float32) / 255
    numbers[:60] = value
    return tiff(numbers)


ODD: dict[str, tuple[Callable[[], bytes], set[Remark]]] = {
    "signed eight bits": (lambda: tiff((GREY.astype(np.int16) - 128).astype(np.int8)), set()),
    "four inks in 16 bits": (
        lambda: tiff(np.moveaxis(INKS, 0, -1), photometric="separated"), set()),
    "four inks, one after the other": (
        lambda: tiff(INKS, photometric="separated", planarconfig="separate"), set()),
    "four inks and transparency": (
        lambda: tiff(np.dstack([*(INKS // 257).astype(np.uint8), np.full_like(GREY, 255)]),
                     photometric="separated", extrasamples=[2]), set()),
    "lightness in 16 bits": (
        lambda: tiff(np.dstack([DEEP, CLEAR, CLEAR]), photometric="cielab"), set()),
    "palette of 16 bits": (
        lambda: tiff(GREY.astype(np.uint16), photometric="palette", colormap=np.stack(
            [np.pad(np.arange(256) * 257, (0, 65280))] * 3).astype(np.uint16)), set()),
    "a preview before the picture": (lambda: pages(ICON, GREY), set()),
    "a preview behind the picture": (lambda: pages(GREY, ICON), set()),
    "wholly transparent PNG": (
        lambda: saved(Image.fromarray(np.dstack([GREY] * 3 + [CLEAR])), "PNG"), {Remark.CLEAR}),
    "wholly transparent TIFF": (
        lambda: tiff(np.dstack([DEEP] * 3 + [CLEAR.astype(np.uint16)]), photometric="rgb",
                     extrasamples=[2]), {Remark.CLEAR}),
    "a gain map in a JPEG": (lambda: of_phone((WIDTH // 4, HEIGHT // 4)), set()),
    "a large gain map in a JPEG": (lambda: of_phone((WIDTH // 2, HEIGHT // 2)), set()),
    "JPEG 2000 in colour, 16 bits": (
        lambda: imagecodecs.jpeg2k_encode(np.dstack([DEEP] * 3), level=0), set()),
    "JPEG 2000, 12 bits": (
        lambda: imagecodecs.jpeg2k_encode(DEEP // 16, level=0, bitspersample=12), set()),
    "zeros behind the end": (lambda: saved(Image.fromarray(GREY), "WEBP") + bytes(5000), set()),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_rare_samples_are_read_as_they_are_meant(name: str) -> None:
    make, remarks = ODD[name]
    opened = open_picture(make(), "cell")
    assert opened.pixels.shape == GREY.shape
    assert np.corrcoef(opened.pixels.ravel(), GREY.ravel())[0, 1] > 0.98
    assert set(opened.remarks) == remarks


def test_minus_infinity_is_no_dark_object() -> None:
    opened = open_picture(without_number(-np.inf), "cell")
    assert opened.remarks == (Remark.NO_DATA,)
    assert np.median(opened.pixels[:60]) > 200


def test_pages_of_cut_outs_are_no_previews_however_small() -> None:
    first, last = GREY[:110, :100], GREY[:24, :16]
    assert page_count(pages(first, last)) == (2, False)


def zeroed(data: bytes, share: float = 0.5) -> bytes:
    kept = round(len(data) * share)
    return data[:kept] + bytes(len(data) - kept)


@pytest.mark.parametrize(
    "data",
    [
        tiff(GREY, rowsperstrip=16),
        tiff(DEEP, rowsperstrip=16),
        tiff(np.dstack([GREY] * 3), photometric="rgb"),
        tiff(GREY, tile=(64, 64)),
        saved(Image.fromarray(GREY), "BMP"),
    ],
    ids=["TIFF", "16 bits", "colour", "tiles", "BMP"],
)
def test_raw_samples_that_end_in_zeros_are_told(data: bytes) -> None:
    assert Remark.ENDS_IN_BLACK not in open_picture(data, "cell").remarks
    assert Remark.ENDS_IN_BLACK in open_picture(zeroed(data), "cell").remarks


def test_a_black_frame_is_not_told_as_an_incomplete_file() -> None:
    framed = np.pad(GREY, 40)
    assert Remark.ENDS_IN_BLACK not in open_picture(tiff(framed), "cell").remarks


@pytest.mark.parametrize(
    "data",
    [
        saved(Image.fromarray(GREY), "WEBP", lossless=True),
        saved(Image.fromarray(GREY), "AVIF"),
        saved(Image.fromarray(GREY), "JPEG"),
        saved(Image.fromarray(GREY), "PNG"),
        tiff(DEEP, compression="lzw", rowsperstrip=16),
        tiff(GREY, compression="packbits", rowsperstrip=16),
        tiff(GREY, compression="zlib", rowsperstrip=HEIGHT),
        tiff(GREY, compression="jpeg", rowsperstrip=HEIGHT),
    ],
    ids=["WebP", "AVIF", "JPEG", "PNG", "LZW", "PackBits", "deflate", "JPEG in TIFF"],
)
@pytest.mark.parametrize("share", [0.5, 0.7, 0.9, 0.95])
def test_a_packed_picture_that_lacks_its_end_is_damaged(data: bytes, share: float) -> None:
    open_picture(data, "cell")
    for broken in (zeroed(data, share), data[: round(len(data) * share)]):
        with pytest.raises(KaryoError, match="cell is damaged or incomplete"):
            open_picture(broken, "cell")


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (tiff(DEEP, photometric=32844), "c.tif", r"TIFF of a kind \(logl, 16 bits\)"),
        (imagecodecs.jpegls_encode(GREY), "c.jpg", "is a JPEG-LS file"),
        (imagecodecs.jpeg_encode(DEEP // 16, bitspersample=12), "c.jpg", "a JPEG file of a kind"),
        (saved(Image.fromarray(GREY), "PPM"), "c", "is a netpbm file"),
        (saved(Image.fromarray(GREY), "TGA"), "c.tga", "is a Targa file"),
        (saved(Image.fromarray(GREY), "AVIF")[:900], "c.avif", "damaged or incomplete"),
        (b"v/1\x01" + bytes(300), "c", "is an OpenEXR file"),
        (struct.pack("<2sHI", b"II", 42, 8) + bytes(40), "c.tif", "damaged or incomplete"),
    ],
    ids=["LogL", "JPEG-LS", "12 bits", "netpbm", "Targa", "AVIF", "EXR", "no directory"],
)
def test_a_refusal_names_the_true_reason(data: bytes, name: str, sentence: str) -> None:
    with pytest.raises(KaryoError, match=sentence):
        open_picture(data, name)
