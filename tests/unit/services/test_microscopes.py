"""Files of microscopes, DICOM and HEIC: read by optional readers, told by name without them."""

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from karyogui.errors import KaryoError
from karyogui.services import microscopes
from karyogui.services.microscopes import READERS, MicroscopeReader, _stacked
from karyogui.services.pictures import Pages, Remark, open_picture, page_count, page_of
from tests.unit.services.photographs import metaphase

PAGE = metaphase(1, 20, (120, 160))
DEEP = PAGE.astype(np.uint16) * 200


def needs(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install karyogui[microscopes]")


def heic(frames: int = 1) -> bytes:
    needs("pillow_heif")
    import pillow_heif
    from PIL import Image

    images = [Image.fromarray(PAGE).convert("RGB") for _ in range(frames)]
    file = pillow_heif.from_pillow(images[0])
    for image in images[1:]:
        file.add_from_pillow(image)
    buffer = io.BytesIO()
    file.save(buffer, quality=-1)
    return buffer.getvalue()


def dicom(frames: int = 1, photometric: str = "MONOCHROME2") -> bytes:
    needs("pydicom")
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    held = FileDataset("x.dcm", {}, file_meta=meta, preamble=b"\0" * 128)
    held.SOPClassUID, held.SOPInstanceUID = meta.MediaStorageSOPClassUID, generate_uid()
    held.Rows, held.Columns, held.SamplesPerPixel = *DEEP.shape, 1
    held.PhotometricInterpretation, held.PixelRepresentation = photometric, 0
    held.BitsAllocated = held.BitsStored = 16
    held.HighBit = 15
    if frames > 1:
        held.NumberOfFrames = frames
    held.PixelData = DEEP.tobytes() * frames
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, held, enforce_file_format=True)
    return buffer.getvalue()


def czi(folder: Path, planes: int = 1, scenes: int = 1) -> bytes:
    needs("pylibCZIrw")
    from pylibCZIrw import czi as library

    path = folder / f"{planes}-{scenes}.czi"
    with library.create_czi(str(path)) as file:
        for scene in range(scenes):
            for z in range(planes):
                file.write(
                    data=DEEP[..., None] + z,
                    plane={"T": 0, "Z": z, "C": 0},
                    location=(scene * 400, 0),
                    scene=scene,
                )
    return path.read_bytes()


def alike(grey: np.ndarray) -> float:
    return float(np.corrcoef(grey.ravel().astype(float), PAGE.ravel().astype(float))[0, 1])


@pytest.mark.parametrize(
    ("make", "name"), [(lambda _: heic(), "a.heic"), (lambda _: dicom(), "a.dcm"), (czi, "a.czi")]
)
def test_a_single_picture_is_read(make: Callable[[Path], bytes], name: str, tmp_path: Path) -> None:
    data = make(tmp_path)
    assert page_count(data) == Pages(1)
    opened = open_picture(data, name)
    assert opened.pixels.shape == PAGE.shape
    assert alike(opened.pixels) > 0.99
    assert Remark.OTHER_FORMAT not in opened.remarks


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda _: heic(2), 2),
        (lambda _: dicom(3), 3),
        (lambda folder: czi(folder, planes=3), 3),
        (lambda folder: czi(folder, planes=2, scenes=2), 4),
    ],
)
def test_of_several_each_is_a_picture_of_its_own(
    make: Callable[[Path], bytes], count: int, tmp_path: Path
) -> None:
    data = make(tmp_path)
    assert page_count(data) == Pages(count)
    with pytest.raises(KaryoError, match=f"{count} pictures"):
        open_picture(data, "a.czi")
    for number in range(count):
        opened = open_picture(page_of(data, number, "a.czi"), f"a ({number + 1} of {count}).czi")
        assert alike(opened.pixels) > 0.99
        assert opened.remarks == ()


def test_dicom_that_counts_from_white_is_turned_round() -> None:
    assert alike(open_picture(dicom(photometric="MONOCHROME1"), "a.dcm").pixels) < -0.99


@pytest.mark.parametrize("name", sorted(READERS))
def test_without_its_reader_a_file_is_told_by_name_and_what_reads_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from karyogui.services.picture_formats import NAMED

    kind = next(each for each in NAMED if each.name == name)
    monkeypatch.setattr(MicroscopeReader, "is_there", property(lambda _: False))
    at, mark = kind.marks[0]
    data = b"\0" * at + mark + b"\0" * 200
    assert page_count(data) == Pages(1)
    with pytest.raises(KaryoError) as refused:
        open_picture(data, f"a{kind.suffixes[0]}")
    assert (
        refused.value.sentence == f"a{kind.suffixes[0]} is a {name} file, which is not read here."
    )
    assert "karyogui[microscopes]" in refused.value.hint


def test_what_no_extra_reads_has_no_such_hint() -> None:
    with pytest.raises(KaryoError) as refused:
        open_picture(b"8BPS" + b"\0" * 200, "a.psd")
    assert "microscopes" not in refused.value.hint


@pytest.mark.parametrize("name", sorted(READERS))
@pytest.mark.parametrize("rest", [b"", b"\0" * 300, bytes(range(256)) * 3])
def test_a_damaged_file_is_one_sentence(name: str, rest: bytes) -> None:
    from karyogui.services.picture_formats import NAMED

    kind = next(each for each in NAMED if each.name == name)
    at, mark = kind.marks[0]
    with pytest.raises(KaryoError, match="a is"):
        open_picture(b"\0" * at + mark + rest, "a")


def test_one_that_is_too_large_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from contextlib import contextmanager

    read: list[int] = []

    @contextmanager
    def opened(_: bytes) -> Any:
        yield microscopes.Planes((90_000, 90_000), 2, 1, lambda n: read.append(n))  # type: ignore

    monkeypatch.setitem(READERS, "Zeiss CZI", MicroscopeReader("numpy", opened))
    with pytest.raises(KaryoError, match="too large"):
        open_picture(b"ZISRAWFILE" + b"\0" * 200, "a.czi")
    assert not read


def test_planes_of_named_axes_come_one_by_one() -> None:
    values = np.arange(2 * 3 * 4 * 5).reshape(2, 4, 5, 3)
    planes = _stacked({"T": 2, "Y": 4, "X": 5, "C": 3}, 2, lambda: values)
    assert (planes.count, planes.size) == (6, (5, 4))
    assert (planes.read(4) == values[1, :, :, 1]).all()
    colour = _stacked({"Z": 2, "Y": 4, "X": 5, "S": 3}, 1, lambda: values)
    assert (colour.count, colour.read(1).shape) == (2, (4, 5, 3))


def test_images_of_a_lif_are_pictures_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    # No library writes ND2 or LIF: what they hand out is stood in for.
    needs("liffile")
    import liffile

    def image(sizes: dict[str, int], values: np.ndarray) -> SimpleNamespace:
        return SimpleNamespace(sizes=sizes, dtype=values.dtype, asarray=lambda: values)

    class File:
        images = (
            image({"Y": 120, "X": 160}, DEEP),
            image({"C": 2, "Y": 120, "X": 160}, np.stack([DEEP, DEEP + 1])),
            image({"T": 7}, np.zeros(7)),
        )

        def __init__(self, _: object) -> None: ...
        def __enter__(self) -> "File":
            return self

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(liffile, "LifFile", File)
    data = b"\x70\0\0\0" + b"\0" * 200
    assert page_count(data) == Pages(3)
    assert alike(open_picture(page_of(data, 2, "a.lif"), "a (3 of 3).lif").pixels) > 0.99


def test_frames_of_an_nd2_are_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    needs("nd2")
    import nd2

    class File:
        sizes, dtype = {"P": 2, "Y": 120, "X": 160}, DEEP.dtype

        def __init__(self, _: object) -> None: ...
        def __enter__(self) -> "File":
            return self

        def __exit__(self, *_: object) -> None: ...
        def asarray(self) -> np.ndarray:
            return np.stack([DEEP, DEEP])

    monkeypatch.setattr(nd2, "ND2File", File)
    data = b"\xda\xce\xbe\x0a" + b"\0" * 200
    assert page_count(data) == Pages(2)
    assert alike(open_picture(page_of(data, 1, "a.nd2"), "a (2 of 2).nd2").pixels) > 0.99
