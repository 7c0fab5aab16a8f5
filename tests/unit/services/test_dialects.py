"""One photograph in every dialect that cameras and programs write: seen alike, or told."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from karyogui.domain.cell import PictureKind
from karyogui.errors import KaryoError
from karyogui.services.discovery import find_cells
from karyogui.services.picture_kind import look_at
from karyogui.services.pictures import Remark, open_picture, page_count
from karyogui.services.progress import SilentMonitor
from karyogui.services.reading import Notes, read_pictures
from karyogui.services.sorting import sort_pictures
from tests.unit.services.fakes import encoded
from tests.unit.services.photographs import karyogram, metaphase

PHOTOGRAPH = metaphase(3, 46, (480, 600))
HEIGHT, WIDTH = PHOTOGRAPH.shape
DEEP = PHOTOGRAPH.astype(np.uint16) * 16  # 12 bits in 16
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH]
RADIUS = (((X / WIDTH - 0.5) ** 2 + (Y / HEIGHT - 0.5) ** 2) * 2).astype(np.float64)


def tiff(values: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, metadata=None, **options)
    return buffer.getvalue()


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def burnt_in() -> bytes:
    values = DEEP.copy()
    cv2.putText(values, "100x 12 bit", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 65535, 3)
    return tiff(values)


SOFT_TEXT = np.zeros((HEIGHT, WIDTH), np.uint8)
cv2.putText(SOFT_TEXT, "100x", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 1, cv2.LINE_AA)
cv2.line(SOFT_TEXT, (WIDTH - 150, 20), (WIDTH - 50, 20), 255, 5, cv2.LINE_AA)


def softly_burnt_in(values: np.ndarray, *levels: float) -> np.ndarray:
    """Text and a bar with soft edges, once for each level, each lower than the one before."""
    for number, level in enumerate(levels):
        share = np.roll(SOFT_TEXT, 60 * number, axis=0) / 255
        values = values * (1 - share) + level * share
    return values


def marked(values: np.ndarray, whole: int) -> np.ndarray:
    """Red text, and a yellow bar over a grey picture."""
    red = softly_burnt_in(values, whole)
    yellow = np.roll(SOFT_TEXT, 120, axis=0)[..., None] / 255 * np.array([1, 1, 0])
    colour = np.dstack([red, *[softly_burnt_in(values, 0)] * 2])
    seen = np.roll(SOFT_TEXT, 120, axis=0)[..., None] / 255
    return (colour * (1 - seen) + whole * yellow).astype(values.dtype)


def beside(extra: np.ndarray, kind: int, colours: int) -> bytes:
    planes = [DEEP] * colours + [extra]
    return tiff(
        np.dstack(planes),
        photometric="rgb" if colours == 3 else "minisblack",
        planarconfig="contig",
        extrasamples=[kind],
    )


def selection() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint16)
    mask[100:200, 100:300] = 65535
    return mask


def without_light() -> bytes:
    """Colour of floats in which single pixels have no finite value."""
    values = np.dstack([PHOTOGRAPH / 255] * 3)
    values[10::97, 10::89] = -np.inf
    return tiff(values, photometric="rgb")


def without_data() -> bytes:
    values = PHOTOGRAPH.astype(np.float32) / 255
    values[RADIUS > 0.9] = np.nan
    return tiff(values)


def clear_level() -> bytes:
    """A 16-bit grey PNG in which one level means transparent."""
    values = np.where(RADIUS > 0.9, 5, DEEP).astype(np.uint16)
    data = saved(Image.fromarray(values), "PNG")
    chunk = b"tRNS" + struct.pack(">H", 5)
    chunk = struct.pack(">I", 2) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return data[:33] + chunk + data[33:]


def fluorescence() -> bytes:
    """DAPI in blue on black, and two spots of other colours."""
    colour = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    colour[..., 2] = np.clip((240 - PHOTOGRAPH.astype(int)) * 1.2, 0, 255)
    colour[50:54, 60:64, 0] = 255
    colour[90:94, 160:164, 1] = 255
    return encoded(colour)


def lit(fall: np.ndarray) -> bytes:
    return encoded(np.clip(PHOTOGRAPH * fall, 0, 255).astype(np.uint8))


DIALECTS: dict[str, tuple[Callable[[], bytes], set[Remark]]] = {
    "8 bits": (lambda: encoded(PHOTOGRAPH), set()),
    "12 bits in 16": (lambda: tiff(DEEP), set()),
    "12 bits, text burnt in at 65535": (burnt_in, {Remark.OVERLAY}),
    "12 bits, soft text at 65535": (
        lambda: tiff(softly_burnt_in(DEEP, 65535).astype(np.uint16)), {Remark.OVERLAY}),
    "12 bits, text of three levels": (
        lambda: tiff(softly_burnt_in(DEEP, 65535, 50000, 40000).astype(np.uint16)),
        {Remark.OVERLAY}),
    "floats, text below all others": (
        lambda: tiff(softly_burnt_in(PHOTOGRAPH / 255, -20).astype(np.float32)),
        {Remark.OVERLAY}),
    "text in colour": (lambda: encoded(marked(PHOTOGRAPH, 255)), {Remark.MARKED}),
    "text in colour, JPEG": (
        lambda: saved(Image.fromarray(marked(PHOTOGRAPH, 255)), "JPEG"), {Remark.MARKED}),
    "text in colour at 65535 of 12 bits": (
        lambda: tiff(marked(DEEP, 65535), photometric="rgb"), {Remark.MARKED}),
    "5 bits packed": (lambda: tiff(PHOTOGRAPH // 8, bitspersample=5), set()),
    "an empty plane beside colour": (
        lambda: tiff(np.stack([DEEP] * 3 + [DEEP * 0]), photometric="rgb",
                     planarconfig="separate", extrasamples=[0]), {Remark.FURTHER}),
    "planes one after the other": (
        lambda: tiff(np.stack([DEEP] * 3), photometric="rgb", planarconfig="separate"), set()),
    "counted from white": (lambda: tiff(4095 - DEEP, photometric="miniswhite"), set()),
    "a saved selection beside colour": (
        lambda: beside(selection(), 0, 3), {Remark.FURTHER}),
    "an empty channel beside grey": (
        lambda: beside(np.zeros_like(DEEP), 0, 1), {Remark.FURTHER}),
    "opaque transparency": (lambda: beside(np.full_like(DEEP, 65535), 2, 3), set()),
    "turned, 16-bit colour": (
        lambda: tiff(np.dstack([DEEP] * 3)[::-1, ::-1], photometric="rgb",
                     extratags=[(274, 3, 1, 3, True)]), {Remark.TURNED}),
    "64-bit floats with LZW": (lambda: tiff(DEEP / 7.0, compression="lzw"), set()),
    "10 bits packed": (
        lambda: tiff(DEEP // 4, bitspersample=10, compression=None), set()),
    "no data outside of the field": (without_data, {Remark.NO_DATA}),
    "pixels without light": (without_light, {Remark.NO_DATA}),
    "a transparent level": (clear_level, {Remark.TRANSPARENT}),
    "fluorescence in blue": (fluorescence, {Remark.FLUORESCENCE}),
    "WebP": (lambda: saved(Image.fromarray(PHOTOGRAPH), "WEBP", lossless=True), set()),
    "JPEG 2000": (lambda: saved(Image.fromarray(PHOTOGRAPH), "JPEG2000"), set()),
    "GIF": (lambda: saved(Image.fromarray(PHOTOGRAPH), "GIF"), set()),
    "dark towards the corners": (lambda: lit(1 - 0.65 * RADIUS), set()),
    "dark towards a side": (lambda: lit(0.35 + 0.65 * X / WIDTH), set()),
}  # fmt: skip


@pytest.mark.parametrize("name", DIALECTS)
def test_a_photograph_is_seen_alike_in_every_dialect(name: str) -> None:
    make, remarks = DIALECTS[name]
    opened = open_picture(make(), "cell")
    assert opened.pixels.shape == PHOTOGRAPH.shape
    assert set(opened.remarks) == remarks
    seen = look_at(opened.pixels)
    assert seen.kind is PictureKind.METAPHASE
    assert abs(seen.objects - 46) <= (5 if "data" in name or "level" in name else 1)
    assert seen.bright_on_dark == (name == "fluorescence in blue")


def test_a_picture_of_few_bits_is_as_light_as_one_of_eight() -> None:
    grey = open_picture(tiff(PHOTOGRAPH // 8, bitspersample=5), "cell").pixels
    assert np.abs(grey.astype(int) - PHOTOGRAPH).max() <= 8


def test_light_too_bright_for_the_camera_is_no_text() -> None:
    """Chromosomes that shine beyond the range: what they are surrounded by is not a picture."""
    light = cv2.GaussianBlur(255.0 - PHOTOGRAPH, (0, 0), 1.5)
    values = np.minimum(light, 60.0)
    seen = open_picture(tiff((values * 1000).astype(np.uint16)), "cell")
    assert not seen.remarks
    assert np.corrcoef(seen.pixels.ravel(), values.ravel())[0, 1] > 0.99


def window(level: int) -> np.ndarray:
    """A photograph in the dark window of another program, with a title and buttons."""
    screen = np.full((HEIGHT + 160, WIDTH + 220), level, np.uint8)
    screen[100 : 100 + HEIGHT, 180 : 180 + WIDTH] = PHOTOGRAPH
    cv2.putText(screen, "Capture 3", (12, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 210, 2)
    for row in range(5):
        screen[120 + 60 * row : 150 + 60 * row, 30:120] = level + 30
    return screen


def round_field() -> np.ndarray:
    middle = ((X - WIDTH / 2) ** 2 + (Y - HEIGHT / 2) ** 2) ** 0.5
    return np.where(middle < HEIGHT * 0.49, PHOTOGRAPH, 6).astype(np.uint8)


@pytest.mark.parametrize("width", [3, 10, 40])
@pytest.mark.parametrize("level", [0, 30])
def test_a_dark_frame_is_no_object(width: int, level: int) -> None:
    framed = cv2.copyMakeBorder(PHOTOGRAPH, *[width] * 4, cv2.BORDER_CONSTANT, value=level)
    seen = look_at(np.asarray(framed, np.uint8))
    assert (seen.kind, seen.bright_on_dark) == (PictureKind.METAPHASE, False)
    assert abs(seen.objects - 46) <= 2


FRAMES = {
    "white": (65535,),
    "black": (0,),
    "white, then black": (65535, 0),
    "black, then white": (0, 65535),
}


@pytest.mark.parametrize("wide", [2, 20, 90])
@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("inverted", [False, True])
def test_a_frame_takes_nothing_of_the_range(name: str, wide: int, inverted: bool) -> None:
    """A few hundred levels of 65,536 within a frame that a program drew: all 256 are theirs."""
    values = (255 - PHOTOGRAPH if inverted else PHOTOGRAPH).astype(np.uint16) * 3 + 100
    for level in FRAMES[name]:
        values = cv2.copyMakeBorder(values, *[wide] * 4, cv2.BORDER_CONSTANT, value=level)
    opened = open_picture(tiff(np.asarray(values)), "cell")
    frames = len(FRAMES[name])
    rim = wide * frames
    assert np.ptp(opened.pixels[rim:-rim, rim:-rim].astype(int)) > 240
    seen = look_at(opened.pixels)
    assert seen.kind is PictureKind.METAPHASE
    assert abs(seen.objects - 46) <= 1 + frames  # a frame may be seen as one


def test_white_without_a_frame_stays_white() -> None:
    """Chromosomes cut free on the white end of the range: nothing around them is a frame."""
    values = np.where(PHOTOGRAPH < 180, DEEP, 65535).astype(np.uint16)
    grey = open_picture(tiff(values), "cell").pixels
    assert int(grey[values == 65535].min()) == 255
    assert int(grey[values < 65535].max()) < 60


@pytest.mark.parametrize("level", [20, 45, 70])
def test_a_photograph_in_a_dark_window_is_a_metaphase(level: int) -> None:
    seen = look_at(window(level))
    assert (seen.kind, seen.bright_on_dark) == (PictureKind.METAPHASE, False)
    assert abs(seen.objects - 46) <= 1


def test_a_round_field_is_a_metaphase() -> None:
    seen = look_at(round_field())
    assert (seen.kind, seen.bright_on_dark) == (PictureKind.METAPHASE, False)
    assert 30 <= seen.objects <= 46


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"ZISRAWFILE" + bytes(300), "is a Zeiss CZI file"),
        (bytes(128) + b"DICM" + bytes(100), "is a DICOM file"),
        (b"\0\0\0\x18ftypheic" + bytes(100), "is a HEIC file"),
        (tiff(np.ones((30, 30), np.complex64) * 1j), "is a TIFF of complex numbers"),
    ],
)
def test_a_format_that_is_not_read_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(KaryoError, match=sentence):
        open_picture(data, "cell")


def sorted_names(paths: list[Path]) -> tuple[list[tuple[str, list[str]]], tuple[str, ...]]:
    with find_cells(paths) as found:
        cells = sort_pictures(found.cells, SilentMonitor())
        named = [(cell.name, [picture.name for picture in cell.pictures]) for cell in cells.cells]
        return named, (*found.problems, *cells.problems)


def test_pages_of_a_file_are_cells_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    pages = [metaphase(seed, 46, (480, 600)) for seed in range(3)]
    tifffile.imwrite(path, np.stack(pages).astype(np.uint16) * 16, photometric="minisblack")
    with find_cells([path]) as found:
        cells = sort_pictures(found.cells, SilentMonitor()).cells
        assert [cell.name for cell in cells] == [f"stack ({k} of 3)" for k in (1, 2, 3)]
        for cell, page in zip(cells, pages, strict=True):
            assert cell.kind is PictureKind.METAPHASE
            pixels = open_picture(cell.pictures[0].read(), "page").pixels
            low, high = int(page.min()), int(page.max())
            wanted = (page.astype(float) - low) * 255 / (high - low)
            assert np.abs(pixels - wanted).max() <= 2


def test_frames_of_a_gif_are_cells_of_their_own(tmp_path: Path) -> None:
    frames = [Image.fromarray(metaphase(seed, 46, (480, 600))) for seed in range(2)]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    named, problems = sorted_names([tmp_path])
    assert [name for name, _ in named] == ["two (1 of 2)", "two (2 of 2)"]
    assert not problems
    with find_cells([tmp_path]) as found:
        notes = Notes()
        cells = sort_pictures(found.cells, SilentMonitor()).cells
        assert [len(list(read_pictures(cell, notes))) for cell in cells] == [1, 1]
    assert not notes.remarks  # a frame is what its file is


def test_a_picture_of_a_format_that_is_not_read_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(encoded(PHOTOGRAPH[:60, :40]))
    (tmp_path / "two.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    (tmp_path / "notes.txt").write_text("nothing")
    named, _ = sorted_names([tmp_path])
    assert [names for _, names in named] == [["one.png", "two.heic"]]


@pytest.mark.parametrize("side", [360, 520, 900])
def test_a_karyogram_is_seen_whatever_is_written_around_it(side: int) -> None:
    sheet = cv2.copyMakeBorder(karyogram(), 60, 90, 20, 20, cv2.BORDER_CONSTANT, value=255)
    cv2.putText(sheet, "Case 12: 46,XX", (30, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    for row in range(4):
        base = 60 + 120 * (row + 1) + 6
        for place in range(10):
            cv2.line(sheet, (50 + 58 * place, base), (80 + 58 * place, base), 0, 1)
            cv2.putText(
                sheet, str(place), (60 + 58 * place, base + 16), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 0, 1
            )
    factor = side / max(sheet.shape)
    small = cv2.resize(sheet, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    assert look_at(np.asarray(small, np.uint8)).kind is PictureKind.KARYOGRAM


def three_pages() -> tuple[bytes, list[int], list[int]]:
    """A TIFF of three pages, and where their directories and their pixels begin."""
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        for seed in range(3):
            writer.write(metaphase(seed, 46, (240, 300)), metadata=None, compression="zlib")
    data = buffer.getvalue()
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        pages = [page.aspage() for page in file.pages]
        return data, [p.offset for p in pages], [p.dataoffsets[0] for p in pages]


def next_of(data: bytes, directory: int) -> int:
    """Where a directory tells where the next one is."""
    (entries,) = struct.unpack_from("<H", data, directory)
    return directory + 2 + 12 * entries


def pointing(data: bytes, at: int, to: int) -> bytes:
    changed = bytearray(data)
    struct.pack_into("<I", changed, at, to)
    return bytes(changed)


DATA, DIRECTORIES, PIXELS = three_pages()
DAMAGED = {
    "breaks off before the second directory": (DATA[: DIRECTORIES[1] - 1], 1),
    "breaks off in the second directory": (DATA[: DIRECTORIES[1] + 5], 1),
    "points beyond its end": (
        pointing(DATA, next_of(DATA, DIRECTORIES[0]), len(DATA) + 999), 1
    ),
    "points into pixels": (pointing(DATA, next_of(DATA, DIRECTORIES[0]), PIXELS[1]), 1),
    "leads in a circle": (pointing(DATA, next_of(DATA, DIRECTORIES[1]), DIRECTORIES[0]), 2),
    "has a directory of rubbish": (
        DATA[: DIRECTORIES[1] + 2] + b"\xff" * 58 + DATA[DIRECTORIES[1] + 60 :], 2
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_later_pages_are_named_and_the_others_come_in(tmp_path: Path, damage: str) -> None:
    data, readable = DAMAGED[damage]
    path = tmp_path / "stack.tif"
    path.write_bytes(data)
    with find_cells([path]) as found:
        chosen = sort_pictures(found.cells, SilentMonitor())
        assert len(chosen.cells) == readable
        assert all(open_picture(c.pictures[0].read(), "page").pixels.any() for c in chosen.cells)
    (problem,) = chosen.problems
    assert "stack.tif" in problem
    assert "is damaged, and what else it holds was left out" in problem


def test_damaged_pixels_of_a_later_page_are_named_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    path.write_bytes(DATA[: PIXELS[2] + 10])
    with find_cells([path]) as found:
        chosen = sort_pictures(found.cells, SilentMonitor())
        notes = Notes()
        read = [p.name for cell in chosen.cells for p in read_pictures(cell, notes)]
    assert read == ["stack (1 of 3).tif", "stack (2 of 3).tif"]
    assert "stack.tif is damaged" in notes.problems[0] or "(3 of 3)" in notes.problems[0]


def test_a_whole_file_is_not_called_damaged() -> None:
    assert page_count(DATA) == (3, False)


def test_a_gif_that_breaks_off_is_named() -> None:
    frames = [Image.fromarray(metaphase(seed, 46, (240, 300))) for seed in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    whole = buffer.getvalue()
    assert page_count(whole) == (3, False)
    cut = page_count(whole[: len(whole) * 2 // 3])
    assert cut.is_damaged
    assert cut.readable < 3
