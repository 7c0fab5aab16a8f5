"""Odd photographs: each is used with a remark or refused with a sentence, and nothing is lost."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from karyogui.domain.cell import PictureKind
from karyogui.errors import KaryoError
from karyogui.services.importing import ImportOutcome
from karyogui.services.pictures import read_picture
from karyogui.services.progress import SilentMonitor
from karyogui.services.workspace import Workspace
from model.segmentation.quality import assess
from model.segmentation.separate import open_separator
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind
from tests.unit.services.fakes import encoded
from tests.unit.services.photographs import karyogram, metaphase

GOOD = metaphase(3, 20, (300, 360))


def saved(picture: Image.Image | np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def stained() -> bytes:
    """Giemsa: purple chromosomes on a pale ground."""
    light = GOOD.astype(np.float64)
    return saved(np.dstack([light, light * 0.8, np.minimum(light * 1.05, 255)]).astype(np.uint8))


def turned_by_camera() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(np.ascontiguousarray(np.rot90(GOOD)), "JPEG", exif=exif, quality=95)


def see_through() -> bytes:
    rgba = np.dstack([GOOD, GOOD, GOOD, np.full_like(GOOD, 255)])
    rgba[:40, :, :3], rgba[:40, :, 3] = 0, 0
    return saved(rgba)


def deep_with_a_faulty_pixel() -> bytes:
    values = GOOD.astype(np.uint16) * 16
    values[5, 5] = 65535
    return saved(values, "TIFF", compression="tiff_lzw")


def brought_in(
    workspace: Workspace, folder: Path, name: str, data: bytes, kind: PictureKind | None = None
) -> ImportOutcome:
    path = folder / name
    path.write_bytes(data)
    return workspace.importer.import_paths([path], SilentMonitor(), None, kind)


@pytest.mark.parametrize(
    ("name", "make", "remark"),
    [
        ("plain.png", lambda: saved(GOOD), None),
        ("plain.bmp", lambda: saved(GOOD, "BMP"), None),
        ("plain.jpg", lambda: saved(GOOD, "JPEG", quality=95), None),
        ("lzw.tif", lambda: saved(GOOD, "TIFF", compression="tiff_lzw"), None),
        ("deep.tif", deep_with_a_faulty_pixel, None),
        ("grey as colour.png", lambda: saved(Image.fromarray(GOOD).convert("RGB")), None),
        ("opaque.png", lambda: saved(Image.fromarray(GOOD).convert("RGBA")), None),
        ("stained.png", stained, "is in colour: only the brightness is used"),
        ("alpha.png", see_through, "is partly transparent: shown on white"),
        ("camera.jpg", turned_by_camera, "is turned upright as the camera noted it (EXIF)"),
        ("jpeg.png", lambda: saved(GOOD, "JPEG", quality=95), "another format than the name says"),
        ("bright.png", lambda: saved(255 - GOOD), "is bright on dark: turned round for the"),
        ("bits.png", lambda: saved(Image.fromarray(GOOD > 170)), "black and white without grey"),
    ],
)
def test_what_can_be_used_comes_in_with_one_remark(
    workspace: Workspace,
    tmp_path: Path,
    data_folder: Path,
    name: str,
    make: Callable[[], bytes],
    remark: str | None,
) -> None:
    data = make()
    outcome = brought_in(workspace, tmp_path, name, data)
    assert outcome.problems == ()
    assert outcome.metaphases == 1
    if remark is None:
        assert outcome.remarks == ()
    else:
        (said,) = outcome.remarks
        assert name in said
        assert remark in said
    (picture,) = workspace.library.cell(outcome.cell_ids[0]).pictures
    # The raw file is kept byte for byte; what is shown of it is made again each time.
    assert (data_folder / "pictures" / picture.key[:2] / picture.key).read_bytes() == data
    assert (picture.width, picture.height) == (360, 300)
    grey = read_picture(data, name)
    assert grey.shape == (300, 360)
    if name != "bits.png":
        used = 255 - grey if name == "bright.png" else grey
        compared = used[40:], GOOD[40:]
        assert np.corrcoef(*(part.ravel() for part in compared))[0, 1] > 0.98


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("truncated.tif", lambda: saved(GOOD, "TIFF")[:40_000], "is damaged or incomplete"),
        ("empty.tif", lambda: b"", "is empty (0 bytes)"),
        ("words.png", lambda: b"no picture at all", "is not a picture that can be read"),
        ("blank.png", lambda: saved(np.full((300, 360), 240, np.uint8)), "it is blank"),
        (
            "wide.png",
            lambda: encoded(np.tile(GOOD, (1, 56))[:, :20_000]),
            "has 20,000 × 300 pixels, more than a photograph of one cell",
        ),
        (
            "wider.png",
            lambda: encoded(np.tile(GOOD[:4], (1, 56))[:, :20_001]),
            "is too large (20,001 × 4 pixels)",
        ),
        ("filed.png", lambda: encoded(karyogram()), "looks like a finished karyogram"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_and_the_rest_comes_in(
    workspace: Workspace,
    tmp_path: Path,
    name: str,
    make: Callable[[], bytes],
    sentence: str,
) -> None:
    folder = tmp_path / "24-0173"
    folder.mkdir()
    data = make()
    with pytest.raises(KaryoError) as refused:
        brought_in(workspace, folder, name, data)
    assert name in str(refused.value)
    assert sentence in str(refused.value)
    assert workspace.library.summaries() == ()
    (folder / "good.png").write_bytes(saved(GOOD))
    outcome = workspace.importer.import_paths([folder], SilentMonitor())
    assert outcome.metaphases == len(outcome.cell_ids) == 1
    (problem,) = outcome.problems
    assert sentence in problem
    # Nothing that was given is touched.
    assert (folder / name).read_bytes() == data


def test_a_person_may_insist_that_a_karyogram_is_a_metaphase(
    workspace: Workspace, tmp_path: Path
) -> None:
    outcome = brought_in(
        workspace, tmp_path, "filed.png", encoded(karyogram()), kind=PictureKind.METAPHASE
    )
    assert (outcome.problems, outcome.metaphases) == ((), 1)


def test_the_same_oddity_of_many_pictures_is_one_remark(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "cell"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_bytes(saved(GOOD[number : number + 60, :60], "BMP"))
    outcome = workspace.importer.import_paths([folder], SilentMonitor())
    assert outcome.remarks == (
        "cell: 5 of 5 pictures are of another format than the name says: read by its content.",
    )


def test_folders_of_metaphases_become_cells_of_slides(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "24-0173"
    for place in ("slide A", "slide B"):
        (folder / place).mkdir(parents=True)
        (folder / place / "1.png").write_bytes(saved(GOOD))
    outcome = workspace.importer.import_paths([folder], SilentMonitor())
    assert len(outcome.case_ids) == 1
    (summary,) = workspace.library.summaries()
    assert [(cell.slide, cell.name) for cell in summary.cells] == [
        ("slide A", "1"),
        ("slide B", "1"),
    ]
    assert workspace.library.cell(outcome.cell_ids[0]).pictures[0].kind == "metaphase"
    assert summary.thumbnail is not None
    with Image.open(io.BytesIO(summary.thumbnail)) as small:
        shown = np.asarray(small)
    # The whole photograph on its own ground, not on white.
    assert shown.shape == (160, 240)
    assert abs(int(shown[0, 0]) - int(np.median(GOOD))) < 30
    assert shown.min() < 140


def dirt() -> np.ndarray:
    return np.random.default_rng(0).integers(200, 230, (400, 500)).astype(np.uint8)


def one_nucleus() -> np.ndarray:
    rows, columns = np.mgrid[0:400, 0:500]
    inside = (rows - 200) ** 2 + (columns - 220) ** 2 < 60**2
    return np.where(inside, 100, 220).astype(np.uint8)


@pytest.mark.parametrize("make", [dirt, one_nucleus])
def test_a_photograph_without_chromosomes_comes_in_and_the_analysis_says_so(
    workspace: Workspace, tmp_path: Path, make: Callable[[], np.ndarray]
) -> None:
    outcome = brought_in(workspace, tmp_path, "none.png", saved(make()), PictureKind.METAPHASE)
    assert outcome.metaphases == 1
    with pytest.raises(ModelError, match="No chromosome can be seen in the picture"):
        open_separator("classical")(make())


@pytest.mark.parametrize("make", [lambda: GOOD, lambda: 255 - GOOD], ids=["dark", "bright"])
def test_the_analysis_turns_bright_on_dark_round(make: Callable[[], np.ndarray]) -> None:
    separation = open_separator("classical")(make())
    assert sum(found.kind is ObjectKind.CHROMOSOME for found in separation.instances) == 20


def test_two_cells_in_one_photograph_are_separated_and_warned_of() -> None:
    both = metaphase(5, 92, (800, 1100))
    separation = open_separator("classical")(both)
    quality = assess(separation, both)
    assert quality.objects > 80
    assert not quality.worth
    assert "two cells" in quality.reason.lower()
