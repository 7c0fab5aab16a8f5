"""Writes the demonstration cells of `assets/demo`: `python -m model.data.demo`."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.data.metaphase_synthetic import SlideStyle, SyntheticMetaphase, render_metaphase
from model.data.synthetic import CellStyle, SyntheticChromosome, karyotype_counts, render_cell
from model.vocabulary.assets import ASSETS

DEMO_FOLDER = ASSETS / "demo"
_TIMESTAMP = (2024, 1, 1, 0, 0, 0)
_README = """\
# Demonstration cells

Two generated metaphases, {metaphases}, and three generated cells of cut-outs,
{names}. No picture here shows a real chromosome: each was drawn from the
G-band table in `assets/ideograms` (bands, centromere, satellites), then bent, shaded, blurred and
given grain and noise.

`demo-metaphases` is a case of two photographs, 8-bit grey PNG. Their chromosomes are turned by any
angle; some touch and some cross (light passes both). Around them lie two nuclei, dirt, and a
chromosome of another cell that the border cuts. `truth.json` names the type of every chromosome,
its polarity (1: the q arm points down in the picture, 0: up) and its box (x, y, width, height).

Each archive holds the cut-out chromosomes of one cell as 8-bit grey PNG on white (255), in shuffled
order and under names that tell nothing; about half of them are turned by 180°, a few are tilted by
up to 25°. `truth.json` names the type, the polarity (1: q arm down, 0: q arm up) and the tilt in
degrees (clockwise) of every file in it.

`demo-mosaic.zip` is a case of twenty cells, {mosaic}, a folder each, as WebP, which is
smaller; `truth.json` names the karyotype of each.

Write them again, with the same seeds and so with the same content:

    python -m model.data.demo
"""


@dataclass(frozen=True)
class DemoCell:
    """One demonstration cell: the archive's name, its karyotype, seed and style."""

    name: str
    karyotype: str
    seed: int
    style: CellStyle


DEMO_CELLS = (
    DemoCell("demo-46-XY", "46,XY", 46, CellStyle(texture=0.07, optical_blur=0.7)),
    DemoCell(
        "demo-47-XX-plus21",
        "47,XX,+21",
        4721,
        CellStyle(contraction=0.92, width=1.03, texture=0.08, separation=0.55),
    ),
    DemoCell(
        "demo-45-X",
        "45,X",
        45,
        CellStyle(contraction=1.12, width=0.95, texture=0.07, separation=0.25, bend=1.3),
    ),
)


@dataclass(frozen=True)
class DemoMetaphase:
    """One demonstration metaphase: the picture's name, its karyotype, seed and style."""

    name: str
    karyotype: str
    seed: int
    style: SlideStyle


METAPHASE_FOLDER = "demo-metaphases"
_CLEAR = CellStyle(
    contraction=1.12,
    width=0.94,
    contrast=1.1,
    band_blur=0.8,
    optical_blur=0.7,
    rim=2.2,
    texture=0.03,
    sharpening=0.4,
    separation=0.15,
    bend=1.6,
)
DEMO_METAPHASES = (
    DemoMetaphase(
        "metaphase-47-XX-plus21",
        "47,XX,+21",
        4721,
        SlideStyle(touching=5, crossings=2, blur=0.6, light=233.0, chromosomes=_CLEAR),
    ),
    DemoMetaphase(
        "metaphase-46-XY",
        "46,XY",
        46,
        SlideStyle(
            touching=6,
            crossings=3,
            blur=0.6,
            light=236.0,
            gradient=14.0,
            chromosomes=replace(_CLEAR, contraction=1.2, width=0.92),
        ),
    ),
)


@dataclass(frozen=True)
class DemoMosaic:
    """A demonstration case of many cells: the archive's name, cells of each karyotype, a seed."""

    name: str
    cells: tuple[tuple[str, int], ...]
    seed: int


DEMO_MOSAIC = DemoMosaic("demo-mosaic", (("45,X", 5), ("46,XX", 15)), 2045)
_WEBP_QUALITY = 90


def draw_mosaic(
    mosaic: DemoMosaic = DEMO_MOSAIC,
) -> Iterator[tuple[str, str, tuple[SyntheticChromosome, ...]]]:
    """Name, karyotype and chromosomes of each cell; cells of all lines lie mixed."""
    rng = np.random.default_rng(mosaic.seed)
    karyotypes = [karyotype for karyotype, number in mosaic.cells for _ in range(number)]
    for number, at in enumerate(rng.permutation(len(karyotypes)), 1):
        style = replace(
            CellStyle(texture=0.05, bend=1.3),
            contraction=float(rng.uniform(1.08, 1.18)),
            width=float(rng.uniform(0.92, 0.96)),
            separation=float(rng.uniform(0.15, 0.25)),
        )
        counts = karyotype_counts(karyotypes[at])
        drawn = render_cell(counts, rng, turned=0.5, tilt_degrees=20.0, tilted=0.1, style=style)
        chromosomes = tuple(drawn[index] for index in rng.permutation(len(drawn)))
        yield f"cell-{number:02d}", karyotypes[at], chromosomes


def draw_demo_metaphase(demo: DemoMetaphase) -> SyntheticMetaphase:
    """A demonstration metaphase and its truth."""
    counts = karyotype_counts(demo.karyotype)
    return render_metaphase(counts, np.random.default_rng(demo.seed), demo.style)


def draw_demo(cell: DemoCell) -> tuple[SyntheticChromosome, ...]:
    """The chromosomes of a demonstration cell in shuffled order."""
    rng = np.random.default_rng(cell.seed)
    counts = karyotype_counts(cell.karyotype)
    drawn = render_cell(counts, rng, turned=0.5, tilt_degrees=25.0, tilted=0.1, style=cell.style)
    return tuple(drawn[index] for index in rng.permutation(len(drawn)))


def picture_name(index: int) -> str:
    """Neutral file name of the chromosome at `index`, which counts from 0."""
    return f"chromosome-{index + 1:02d}.png"


def _png(image: NDArray[np.uint8]) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(image).save(packed, format="PNG", optimize=True)
    return packed.getvalue()


def _webp(image: NDArray[np.uint8]) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(image).save(packed, format="WEBP", quality=_WEBP_QUALITY, method=6)
    return packed.getvalue()


def _packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of files with fixed time stamps: the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _TIMESTAMP)
            entry.create_system = 3  # Unix, on every platform
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _archive(chromosomes: tuple[SyntheticChromosome, ...]) -> bytes:
    """The pictures of one cell as PNG."""
    return _packed((picture_name(n), _png(c.image)) for n, c in enumerate(chromosomes))


def _write_mosaic(out: Path) -> str:
    """Write the cells of the mosaic, a folder each; returns their entry of `truth.json`."""
    files, karyotypes = list[tuple[str, bytes]](), dict[str, str]()
    for cell, karyotype, chromosomes in draw_mosaic():
        karyotypes[cell] = karyotype
        files += ((f"{cell}/{n + 1:02d}.webp", _webp(c.image)) for n, c in enumerate(chromosomes))
    (out / f"{DEMO_MOSAIC.name}.zip").write_bytes(_packed(files))
    return f' "{DEMO_MOSAIC.name}.zip": {json.dumps({"karyotypes": karyotypes})}'


def _truth(cell: DemoCell, chromosomes: tuple[SyntheticChromosome, ...]) -> str:
    """One entry of `truth.json`, one line per file."""
    lines = []
    for index, chromosome in enumerate(chromosomes):
        row = {
            "type": chromosome.kind,
            "polarity": chromosome.polarity,
            "tilt_degrees": round(chromosome.tilt, 1),
        }
        lines.append(f'   "{picture_name(index)}": {json.dumps(row)}')
    files = ",\n".join(lines)
    return f' "{cell.name}.zip": {{"karyotype": "{cell.karyotype}", "files": {{\n{files}\n }}}}'


def _metaphase_truth(demo: DemoMetaphase, metaphase: SyntheticMetaphase) -> str:
    """One entry of `truth.json`, one line per chromosome."""
    lines = []
    for chromosome in metaphase.chromosomes:
        row = {
            "type": chromosome.type,
            "polarity": chromosome.polarity,
            "box": chromosome.box,
        }
        lines.append(f"   {json.dumps(row)}")
    rows = ",\n".join(lines)
    return (
        f' "{METAPHASE_FOLDER}/{demo.name}.png": {{"karyotype": "{demo.karyotype}", '
        f'"chromosomes": [\n{rows}\n ]}}'
    )


def write_demo(out: Path) -> None:
    """Write the demonstration pictures and archives, their truth and README into folder `out`."""
    folder = out / METAPHASE_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for demo in DEMO_METAPHASES:
        metaphase = draw_demo_metaphase(demo)
        (folder / f"{demo.name}.png").write_bytes(_png(metaphase.picture))
        entries.append(_metaphase_truth(demo, metaphase))
    for cell in DEMO_CELLS:
        chromosomes = draw_demo(cell)
        (out / f"{cell.name}.zip").write_bytes(_archive(chromosomes))
        entries.append(_truth(cell, chromosomes))
    entries.append(_write_mosaic(out))
    truth = "{\n" + ",\n".join(entries) + "\n}\n"
    (out / "truth.json").write_text(truth, encoding="utf-8", newline="\n")
    names = "; ".join(cell.karyotype for cell in DEMO_CELLS)
    metaphases = " and ".join(demo.karyotype for demo in DEMO_METAPHASES)
    lines = " and ".join(f"{number} × {text}" for text, number in DEMO_MOSAIC.cells)
    readme = _README.format(metaphases=metaphases, names=names, mosaic=lines)
    (out / "README.md").write_text(readme, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_demo(DEMO_FOLDER)
