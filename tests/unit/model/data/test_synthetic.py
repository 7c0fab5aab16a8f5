import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from model.data import demo as demonstration
from model.data.demo import (
    DEMO_CELLS,
    DEMO_FOLDER,
    DEMO_METAPHASES,
    DEMO_MOSAIC,
    METAPHASE_FOLDER,
    DemoCell,
    DemoMetaphase,
    DemoMosaic,
    draw_demo,
    draw_mosaic,
    write_demo,
)
from model.data.ideogram import load_appearance, load_ideogram
from model.data.synthetic import (
    CellStyle,
    draw_bands,
    draw_outline,
    draw_style,
    karyotype_counts,
    render_cell,
    render_chromosome,
    smooth,
)
from model.vocabulary.labels import Q_DOWN, Q_UP, TYPES

SIZES = {
    "1": 46.1, "2": 45.1, "3": 41.3, "4": 39.9, "5": 39.0, "6": 38.2, "7": 36.6, "8": 34.7,
    "9": 33.7, "10": 33.6, "11": 33.5, "12": 33.5, "13": 29.9, "14": 29.1, "15": 28.6, "16": 27.3,
    "17": 26.4, "18": 25.9, "19": 22.4, "20": 23.3, "21": 19.2, "22": 20.4, "X": 35.4, "Y": 21.4,
}  # fmt: skip


def size(image: NDArray[np.uint8]) -> float:
    return float(np.sqrt((image < 255).sum()))


def profile(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean darkness of every row's chromosome pixels, at 50 even steps."""
    weight = (image < 255).astype(float)
    rows = ((255.0 - image) * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1.0)
    steps = np.linspace(0, len(rows) - 1, 50)
    return np.asarray(np.interp(steps, np.arange(len(rows)), rows), dtype=np.float64)


kinds = st.sampled_from(TYPES)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=25, deadline=None)
@given(kind=kinds, seed=seeds, scale=st.floats(0.5, 2.0), tilt=st.floats(-90.0, 90.0))
def test_every_chromosome_is_a_tight_grey_crop(
    kind: str, seed: int, scale: float, tilt: float
) -> None:
    image = render_chromosome(kind, np.random.default_rng(seed), scale=scale, tilt_degrees=tilt)
    inside = image < 255
    assert image.dtype == np.uint8
    assert image.ndim == 2
    assert inside[0].any()
    assert inside[-1].any()
    assert inside[:, 0].any()
    assert inside[:, -1].any()
    assert 80 < image[inside].mean() < 170
    assert image[inside].std() > 40


@settings(max_examples=10, deadline=None)
@given(kind=kinds, seed=seeds)
def test_the_same_seed_gives_the_same_picture(kind: str, seed: int) -> None:
    first = render_chromosome(kind, np.random.default_rng(seed))
    second = render_chromosome(kind, np.random.default_rng(seed))
    assert np.array_equal(first, second)


def test_two_homologues_differ() -> None:
    rng = np.random.default_rng(0)
    style = draw_style(rng)
    first, second = (render_chromosome("7", rng, style=style) for _ in range(2))
    assert first.shape != second.shape or not np.array_equal(first, second)


def test_sizes_are_those_of_real_cut_outs() -> None:
    rng = np.random.default_rng(1)
    for kind, expected in SIZES.items():
        drawn = [size(render_chromosome(kind, rng, style=CellStyle())) for _ in range(5)]
        assert np.median(drawn) == pytest.approx(expected, rel=0.08), kind


def test_sizes_fall_in_the_order_of_the_groups() -> None:
    rng = np.random.default_rng(2)
    median = {
        kind: np.median([size(render_chromosome(kind, rng, style=CellStyle())) for _ in range(5)])
        for kind in ("1", "4", "X", "13", "16", "21")
    }
    assert list(median.values()) == sorted(median.values(), reverse=True)


def test_scale_multiplies_the_size() -> None:
    image, double = (
        render_chromosome("3", np.random.default_rng(3), scale=scale, style=CellStyle())
        for scale in (1.0, 2.0)
    )
    assert double.shape[0] == pytest.approx(2 * image.shape[0], rel=0.1)


def test_the_p_arm_is_up_and_never_longer() -> None:
    rng = np.random.default_rng(4)
    for kind in set(TYPES) - {"1", "3", "16", "19", "20"}:  # the metacentrics' arms may tie
        style = CellStyle()
        bands = draw_bands(kind, load_appearance(kind).length, rng, style)
        assert bands.centromere < bands.length / 2
        assert bands.stops[-1] == pytest.approx(bands.length)


def test_acrocentrics_are_thin_above_the_centromere() -> None:
    rng = np.random.default_rng(5)
    for kind in ("13", "15", "21"):
        bands = draw_bands(kind, load_appearance(kind).length, rng, CellStyle())
        width = draw_outline(kind, bands, rng, CellStyle()).half_width
        border = int(len(width) * bands.centromere / bands.length)
        assert width[:border].mean() < 0.75 * width[border:].mean()


def test_bands_of_homologues_agree_and_those_of_other_chromosomes_do_not() -> None:
    rng = np.random.default_rng(6)
    straight = CellStyle(bend=0.0)

    def mean(kind: str) -> NDArray[np.float64]:
        profiles = [profile(render_chromosome(kind, rng, style=straight)) for _ in range(5)]
        return np.asarray(np.mean(profiles, axis=0), dtype=np.float64)

    means = {kind: mean(kind) for kind in ("1", "9", "X", "18")}
    for kind in means:
        seen = mean(kind)
        alike = {other: float(np.corrcoef(seen, means[other])[0, 1]) for other in means}
        assert max(alike, key=alike.__getitem__) == kind
        assert alike[kind] > 0.85


def test_the_bands_follow_the_ideogram() -> None:
    rng = np.random.default_rng(7)
    ideogram = load_ideogram("1", 400)
    darkness = draw_bands("1", 119.0, rng, CellStyle()).darkness
    stops = [0.0, *load_appearance("1").stops]
    seen = {
        band.label: darkness[int(a * len(darkness)) : int(b * len(darkness))].mean()
        for band, a, b in zip(ideogram.bands, stops, stops[1:], strict=False)
    }
    assert seen["q31"] > seen["q32"] + 0.15
    assert seen["q41"] > seen["q42"] + 0.1
    assert seen["p21"] > seen["p36.1"]


def test_contraction_and_width_act_on_the_whole_cell() -> None:
    def shape(style: CellStyle) -> tuple[int, ...]:
        return render_chromosome("2", np.random.default_rng(8), style=style).shape

    assert shape(CellStyle(contraction=1.25))[0] > 1.4 * shape(CellStyle(contraction=0.8))[0]
    assert shape(CellStyle(width=1.3, bend=0.0))[1] > shape(CellStyle(width=0.8, bend=0.0))[1]


@pytest.mark.parametrize(("kind", "scale"), [("24", 1.0), ("x", 1.0), ("1", 0.0), ("1", 9.0)])
def test_an_unknown_chromosome_or_scale_is_refused(kind: str, scale: float) -> None:
    with pytest.raises(ValueError, match=r"no chromosome|scale"):
        render_chromosome(kind, np.random.default_rng(0), scale=scale)


def test_a_cell_has_the_asked_chromosomes_in_the_order_of_the_types() -> None:
    counts = {"21": 3, "X": 1, "5": 2}
    cell = render_cell(counts, np.random.default_rng(9))
    assert [chromosome.kind for chromosome in cell] == ["5", "5", "21", "21", "21", "X"]
    assert all(chromosome.tilt == 0.0 for chromosome in cell)


def test_polarity_is_a_turn_by_180_degrees() -> None:
    counts = {"9": 2, "14": 1}
    upright = render_cell(counts, np.random.default_rng(10), turned=0.0)
    turned = render_cell(counts, np.random.default_rng(10), turned=1.0)
    assert {chromosome.polarity for chromosome in upright} == {Q_DOWN}
    assert {chromosome.polarity for chromosome in turned} == {Q_UP}
    for one, other in zip(upright, turned, strict=True):
        assert np.array_equal(np.rot90(one.image, 2), other.image)


def test_tilt_is_clockwise_and_within_its_limit() -> None:
    cell = render_cell({"4": 12}, np.random.default_rng(11), tilt_degrees=25.0, tilted=1.0)
    assert all(0.0 < abs(chromosome.tilt) <= 25.0 for chromosome in cell)
    tilted = render_chromosome(
        "4", np.random.default_rng(12), style=CellStyle(bend=0.0), tilt_degrees=25.0
    )
    columns = np.arange(tilted.shape[1])
    top, bottom = (
        float((columns * (part < 255)).sum() / (part < 255).sum())
        for part in (tilted[:15], tilted[-15:])
    )
    assert top > bottom + 15


def test_a_blur_of_nothing_changes_nothing_and_keeps_the_mean() -> None:
    values = np.random.default_rng(13).normal(size=(40, 3))
    assert np.array_equal(smooth(values, 0.0), values)
    assert smooth(np.full((40, 3), 2.5), 3.0) == pytest.approx(2.5)
    assert smooth(values, 4.0).std() < values.std()


@pytest.mark.parametrize(
    ("karyotype", "total", "special"),
    [
        ("46,XY", 46, {"X": 1, "Y": 1}),
        ("47,XX,+21", 47, {"21": 3, "X": 2, "Y": 0}),
        ("45,X", 45, {"X": 1, "Y": 0}),
        ("47,XXY", 47, {"X": 2, "Y": 1}),
        ("46,XX,+8,-22", 46, {"8": 3, "22": 1}),
    ],
)
def test_counts_of_a_numerical_karyotype(
    karyotype: str, total: int, special: dict[str, int]
) -> None:
    counts = karyotype_counts(karyotype)
    assert list(counts) == list(TYPES)
    assert sum(counts.values()) == total
    assert special.items() <= counts.items()


@pytest.mark.parametrize(
    "karyotype", ["", "46", "46,XZ", "47,XY", "46,XX,t(9;22)", "45,XX,+21", "46,XX,+X", "4x,XX"]
)
def test_a_karyotype_that_is_not_numerical_or_does_not_add_up_is_refused(karyotype: str) -> None:
    with pytest.raises(ValueError, match=r"not a|add up"):
        karyotype_counts(karyotype)


def mosaic_of_one_drawing() -> Iterator[Any]:
    """The mosaic with the chromosomes of its first cell in every cell: drawing 20 takes long."""
    drawn: list[Any] = []

    def render(*arguments: Any, **options: Any) -> Any:
        if not drawn:
            drawn.append(render_cell(*arguments, **options))
        return drawn[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demonstration, "render_cell", render)
        yield from draw_mosaic()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demonstration, "draw_mosaic", mosaic_of_one_drawing)
        write_demo(folder)
    return folder


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def pictures(archive: Path) -> dict[str, NDArray[np.uint8]]:
    with zipfile.ZipFile(archive) as packed:
        return {
            name: np.asarray(Image.open(io.BytesIO(packed.read(name))))
            for name in packed.namelist()
        }


@pytest.mark.parametrize("cell", DEMO_CELLS, ids=lambda cell: cell.name)
def test_the_demo_reproduces_the_shipped_pictures(demo: Path, cell: DemoCell) -> None:
    written, shipped = (pictures(folder / f"{cell.name}.zip") for folder in (demo, DEMO_FOLDER))
    assert list(written) == list(shipped)
    # Processors round exp and sin differently in the last bit: one grey level may differ.
    for name, picture in written.items():
        assert picture.shape == shipped[name].shape
        assert np.abs(picture.astype(int) - shipped[name].astype(int)).max() <= 1


@pytest.mark.parametrize("metaphase", DEMO_METAPHASES, ids=lambda metaphase: metaphase.name)
def test_the_demo_reproduces_the_shipped_metaphases(demo: Path, metaphase: DemoMetaphase) -> None:
    name = f"{METAPHASE_FOLDER}/{metaphase.name}.png"
    written, shipped = (np.asarray(Image.open(folder / name)) for folder in (demo, DEMO_FOLDER))
    assert written.shape == shipped.shape
    assert np.abs(written.astype(int) - shipped.astype(int)).max() <= 2
    assert (DEMO_FOLDER / name).stat().st_size <= 500_000
    truth = json.loads((DEMO_FOLDER / "truth.json").read_text(encoding="utf-8"))[name]
    kinds_seen = Counter(row["type"] for row in truth["chromosomes"])
    counts = karyotype_counts(metaphase.karyotype)
    assert kinds_seen == Counter({kind: n for kind, n in counts.items() if n})


@pytest.mark.parametrize("name", ["truth.json", "README.md"])
def test_the_demo_reproduces_the_shipped_texts(demo: Path, name: str) -> None:
    assert (demo / name).read_bytes() == (DEMO_FOLDER / name).read_bytes()


def test_the_demo_reproduces_the_first_shipped_cell_of_the_mosaic(demo: Path) -> None:
    name = f"{DEMO_MOSAIC.name}.zip"
    written, shipped = pictures(demo / name), pictures(DEMO_FOLDER / name)
    first = [n for n in written if n.startswith("cell-01/")]
    assert [n for n in shipped if n.startswith("cell-01/")] == first
    for each in first:
        assert written[each].shape == shipped[each].shape
        # One grey level, and what the lossy packing makes of it.
        assert np.abs(written[each].astype(int) - shipped[each].astype(int)).max() <= 8


def test_writing_the_demo_twice_gives_the_same_bytes(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert files_below(demo) == files_below(DEMO_FOLDER)
    monkeypatch.setattr(demonstration, "DEMO_METAPHASES", DEMO_METAPHASES[:1])
    monkeypatch.setattr(demonstration, "DEMO_CELLS", DEMO_CELLS[:1])
    monkeypatch.setattr(
        demonstration, "draw_mosaic",
        lambda: draw_mosaic(DemoMosaic(DEMO_MOSAIC.name, (("45,X", 1),), DEMO_MOSAIC.seed)),
    )  # fmt: skip
    again, mosaic = tmp_path / "again", tmp_path / "mosaic"
    write_demo(again)
    for name in (f"{DEMO_CELLS[0].name}.zip", f"{METAPHASE_FOLDER}/{DEMO_METAPHASES[0].name}.png"):
        assert (again / name).read_bytes() == (demo / name).read_bytes()
    monkeypatch.setattr(demonstration, "DEMO_METAPHASES", ())
    monkeypatch.setattr(demonstration, "DEMO_CELLS", ())
    write_demo(mosaic)
    name = f"{DEMO_MOSAIC.name}.zip"
    assert (again / name).read_bytes() == (mosaic / name).read_bytes()
    first, second, whole = (
        json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        for folder in (again, mosaic, demo)
    )
    assert len(first) == 3
    assert all(told in (second.get(n), whole[n]) for n, told in first.items())


@pytest.mark.parametrize("cell", DEMO_CELLS, ids=lambda cell: cell.name)
def test_the_demo_truth_tells_the_karyotype_and_the_archive_does_not(cell: DemoCell) -> None:
    archive = DEMO_FOLDER / f"{cell.name}.zip"
    truth = json.loads((DEMO_FOLDER / "truth.json").read_text(encoding="utf-8"))[archive.name]
    kinds_seen = Counter(row["type"] for row in truth["files"].values())
    assert kinds_seen == Counter({k: n for k, n in karyotype_counts(cell.karyotype).items() if n})
    polarities = Counter(row["polarity"] for row in truth["files"].values())
    assert min(polarities[Q_UP], polarities[Q_DOWN]) > 15
    tilts = [row["tilt_degrees"] for row in truth["files"].values() if row["tilt_degrees"]]
    assert 2 <= len(tilts) <= 12
    assert max(map(abs, tilts)) <= 25
    assert archive.stat().st_size < 200_000
    order = [row["type"] for row in truth["files"].values()]
    assert order != sorted(order, key=TYPES.index)
    assert [chromosome.kind for chromosome in draw_demo(cell)] == order
