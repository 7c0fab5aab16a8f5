"""Every kind of picture comes in grey and upright; every refusal is a sentence with the name."""

import contextlib
import io
import struct
import zlib

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from karyogui.errors import KaryoError
from karyogui.services.pictures import page_count, page_of, read_picture
from model.memory import peak_memory
from tests.unit.services.fakes import blob, encoded

GREY = blob(30, 12, 3)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says its size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_grey_pictures_come_unchanged(kind: str) -> None:
    assert np.array_equal(read_picture(encoded(GREY, kind), "1.x"), GREY)


def test_jpeg_comes_nearly_unchanged() -> None:
    data = saved(Image.fromarray(GREY), "JPEG", quality=98)
    assert np.abs(read_picture(data, "1.jpg").astype(int) - GREY).max() < 16


@pytest.mark.parametrize("mode", ["RGB", "P", "LA", "RGBA"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_colour_and_palette_become_grey(mode: str, kind: str) -> None:
    data = saved(Image.fromarray(GREY).convert(mode), kind)
    assert np.abs(read_picture(data, "1.png").astype(int) - GREY).max() <= 1


def test_one_bit_pictures_become_black_and_white() -> None:
    data = saved(Image.fromarray(GREY < 200).convert("1"), "PNG")
    assert set(np.unique(read_picture(data, "1.png"))) == {0, 255}


def test_transparency_shows_white() -> None:
    rgba = np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)])
    rgba[:10, :, :3], rgba[:10, :, 3] = 0, 0
    grey = read_picture(encoded(rgba), "1.png")
    assert (grey[:10] == 255).all()
    assert np.array_equal(grey[10:], GREY[10:])


def test_transparent_palette_entry_shows_white() -> None:
    image = Image.fromarray(GREY).convert("P")
    darkest = int(np.asarray(image).min())
    data = saved(image, "PNG", transparency=darkest)
    assert (read_picture(data, "1.png")[np.asarray(image) == darkest] == 255).all()


@pytest.mark.parametrize("largest", [4095, 65535])
def test_sixteen_bits_are_stretched_by_their_own_range(largest: int) -> None:
    deep = (GREY.astype(np.float64) / 255 * largest).astype(np.uint16)
    expected = np.rint((GREY - GREY.min()) * (255 / (255 - int(GREY.min()))))
    for data in (saved(Image.fromarray(deep), "PNG"), saved(Image.fromarray(deep), "TIFF")):
        assert np.abs(read_picture(data, "1.tif") - expected).max() <= 1


@pytest.mark.parametrize("ending", [".png", ".tif"])
@pytest.mark.parametrize("alpha", [False, True])
def test_sixteen_bit_colour_keeps_its_depth(ending: str, alpha: bool) -> None:
    # Twelve bits in sixteen: the upper bytes alone would leave 16 grey levels.
    deep = GREY.astype(np.uint16) * 16
    channels = [deep] * 3 + ([np.full_like(deep, 65535)] if alpha else [])
    _, data = cv2.imencode(ending, np.dstack(channels))
    grey = read_picture(data.tobytes(), "1")
    low = int(GREY.min())
    assert np.abs(grey - np.rint((GREY - low) * (255 / (255 - low)))).max() <= 1


def test_tiff_of_32_bit_floats_is_read() -> None:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, GREY.astype(np.float32) / 255)
    grey = read_picture(buffer.getvalue(), "1.tif")
    assert np.argmin(grey) == np.argmin(GREY)


def test_tiff_that_only_tifffile_knows_is_read() -> None:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, (GREY.astype(np.float16) / 255), photometric="minisblack")
    grey = read_picture(buffer.getvalue(), "1.tif")
    assert (grey.min(), grey.max()) == (0, 255)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_that_counts_from_white_is_turned_round(dtype: type) -> None:
    buffer = io.BytesIO()
    values = (255 - GREY).astype(dtype) * (1 if dtype is np.uint8 else 257)
    tifffile.imwrite(buffer, values, photometric="miniswhite")
    grey = read_picture(buffer.getvalue(), "1.tif")
    assert grey[0, 0] == 255
    assert grey[15, 6] < 160


def test_light_on_dark_is_kept_for_the_network_to_turn() -> None:
    assert np.array_equal(read_picture(encoded(255 - GREY), "1.png"), 255 - GREY)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    picture = GREY.copy()
    picture[2:6, 2:5] = 0
    exif = Image.Exif()
    exif[0x0112] = orientation
    # What the viewer must do, by the EXIF standard, told independently of the code.
    turned = {
        1: picture,
        2: picture[:, ::-1],
        3: picture[::-1, ::-1],
        4: picture[::-1],
        5: picture.T,
        6: np.rot90(picture, -1),
        7: np.rot90(picture, 2).T,
        8: np.rot90(picture),
    }[orientation]
    data = saved(Image.fromarray(picture), kind, exif=exif)
    assert np.array_equal(read_picture(data, "1"), turned)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_to_sixteen_bit_colour(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = GREY.copy()
    picture[2:6, 2:5] = 0
    expected = read_picture(saved(Image.fromarray(picture), "PNG", exif=exif), "1")
    deep = np.dstack([picture.astype(np.uint16) * 257] * 3)
    _, bare = cv2.imencode(".png", deep)
    body = exif.tobytes().removeprefix(b"Exif\0\0")
    chunk = b"eXIf" + body
    chunk = struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data = bare.tobytes()
    found = read_picture(data[:33] + chunk + data[33:], "1")
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_the_content_counts_not_the_ending() -> None:
    assert np.array_equal(read_picture(encoded(GREY, "BMP"), "picture.png"), GREY)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"not a picture at all", "is not a picture that can be read"),
        (encoded(GREY)[:100], "is damaged or incomplete"),
        (encoded(GREY, "BMP")[:150], "is damaged or incomplete"),
        (encoded(GREY, "JPEG")[:300], "is damaged or incomplete"),
        (encoded(GREY, "TIFF")[:150], "damaged or incomplete|not a picture"),
        (b"\x89PNG\r\n\x1a\n", "damaged|not a picture"),
        (encoded(np.zeros((1, 1), np.uint8)), "has only 1 × 1 pixels"),
        (encoded(np.zeros((400, 2), np.uint8)), "has only 2 × 400 pixels"),
        (encoded(np.full((30, 30), 255, np.uint8)), "no chromosome to be seen in bad"),
        (encoded(np.full((30, 30), 7, np.uint16)), "no chromosome to be seen in bad"),
        (encoded(np.zeros((30, 30, 4), np.uint8)), "no chromosome to be seen in bad"),
        (png_header(20_000, 20_000), "bad is too large"),
        (png_header(20_001, 10), "bad is too large"),
        (png_header(10_001, 10_000), "bad is too large"),
        (png_header(2**31 - 1, 2**31 - 1), "bad is too large"),
    ],
)
def test_a_bad_picture_is_refused_in_words(data: bytes, sentence: str) -> None:
    with pytest.raises(KaryoError, match=sentence) as caught:
        read_picture(data, "bad")
    assert "bad" in caught.value.sentence
    assert caught.value.hint


def test_a_huge_tiff_is_refused_from_its_header() -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(GREY)
    data = bytearray(buffer.getvalue())
    # Width and height are stored as values in the tags: 256 and 257.
    for tag in (256, 257):
        at = data.find(struct.pack("<HHI", tag, 4, 1))
        if at < 0:
            at = data.find(struct.pack("<HHI", tag, 3, 1))
        data[at + 2 : at + 12] = struct.pack("<HII", 4, 1, 20_000)
    with pytest.raises(KaryoError, match="too large"):
        read_picture(bytes(data), "big.tif")


def test_several_pictures_in_one_tiff_are_refused() -> None:
    pages = [Image.fromarray(GREY) for _ in range(3)]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    with pytest.raises(KaryoError, match="holds 3 pictures in one file"):
        read_picture(data, "stack.tif")


def test_a_preview_page_in_a_tiff_is_no_picture() -> None:
    preview = Image.fromarray(GREY).resize((5, 10))
    data = saved(Image.fromarray(GREY), "TIFF", save_all=True, append_images=[preview])
    assert np.array_equal(read_picture(data, "1.tif"), GREY)


@given(st.data())
def test_damage_is_told_and_never_a_bug(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "TIFF", "BMP", "JPEG"]))
    good = bytearray(encoded(GREY, kind))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    try:
        picture = read_picture(bytes(good[:cut]), "x")
    except KaryoError:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 2


class TestMemory:
    """Told from the header, before anything is decoded."""

    def test_a_small_tiff_that_asks_for_gigabytes_is_refused(self) -> None:
        buffer = io.BytesIO()
        small = np.zeros((64, 65, 3), np.uint16)
        tifffile.imwrite(buffer, small, compression="zlib", photometric="rgb")
        data = bytearray(buffer.getvalue())
        buffer.seek(0)
        with tifffile.TiffFile(buffer) as file:
            for tag in (256, 257):
                at = file.pages.first.tags[tag].valueoffset
                data[at : at + 2] = (9900).to_bytes(2, "little")
        before = peak_memory()
        with pytest.raises(KaryoError, match="GB of memory"):
            read_picture(bytes(data), "small.tif")
        assert peak_memory() - before < 100

    def test_a_stack_of_many_pictures_is_refused_when_it_would_be_unpacked(self) -> None:
        buffer = io.BytesIO()
        with tifffile.TiffWriter(buffer, imagej=True) as writer:
            writer.write(np.zeros((2, 300, 300), np.uint8), contiguous=True)
        data = buffer.getvalue().replace(b"images=2", b"images=9").replace(b"frames=2", b"frames=9")
        for number in range(page_count(data).readable):
            with contextlib.suppress(KaryoError):
                page_of(data, number, "stack.tif")

    def test_a_deep_png_of_a_hundred_megapixels_is_refused(self) -> None:
        def chunk(kind: bytes, body: bytes) -> bytes:
            crc = zlib.crc32(kind + body).to_bytes(4, "big")
            return len(body).to_bytes(4, "big") + kind + body + crc

        size = (9900).to_bytes(4, "big")
        head = chunk(b"IHDR", size + size + bytes([16, 6, 0, 0, 0]))
        data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"0" * 1000))
        with pytest.raises(KaryoError, match="GB of memory"):
            read_picture(data, "deep.png")

    def test_a_large_deep_photograph_is_read_as_before(self) -> None:
        deep = (np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 15) + 100
        colour = np.stack([deep, deep // 2, deep // 3], axis=-1)
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, colour, photometric="rgb")
        grey = read_picture(buffer.getvalue(), "colour.tif")
        floats = colour.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
        low, high = floats.min(), floats.max()
        expected = np.clip(np.rint((floats - low) * (255.0 / (high - low))), 0, 255)
        assert np.abs(grey.astype(int) - expected).max() <= 1
