"""Generated metaphases with boxes, laid out as `MetaphaseArchive` reads them.

`python -m model.data.generated_archive --out DIR` writes pictures, Pascal VOC annotations and the
list of abnormal numbers. What is measured on them shows that a program works, not how good it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np

from model.data.ideogram import load_appearance
from model.data.metaphase_synthetic import SlideStyle, SyntheticMetaphase, render_metaphase
from model.data.metaphases import NUMBERS
from model.data.synthetic import karyotype_counts
from model.segmentation.base import ANNOTATION_MARGIN
from model.vocabulary.errors import ModelError, refusing_in_words

KARYOTYPES: tuple[str, ...] = ("46,XX", "46,XY", "47,XY,+21", "46,XX", "45,X", "46,XY")
"""What the cells are, in turn."""
SEED: int = 11


@dataclass(frozen=True, eq=False)
class GeneratedCell:
    """A picture with its truth; `name` as `model.data.metaphases.case_of` reads it."""

    name: str
    karyotype: str
    style: SlideStyle
    metaphase: SyntheticMetaphase


def generated_cells(count: int, seed: int = SEED) -> Iterator[GeneratedCell]:
    """Cells from easy to hard: more and more chromosomes touch, cross and bend."""
    for number in range(count):
        karyotype = KARYOTYPES[number % len(KARYOTYPES)]
        hard = number / max(1, count - 1)
        style = SlideStyle()
        style = replace(
            style,
            touching=round(6 + 10 * hard),
            crossings=round(2 + 5 * hard),
            light=232.0 - 14.0 * (number % 3),
            blur=0.7 + 0.15 * (number % 3),
            chromosomes=replace(style.chromosomes, bend=1.6 + 1.6 * hard),
        )
        rng = np.random.default_rng([seed, number])
        metaphase = render_metaphase(karyotype_counts(karyotype), rng, style)
        yield GeneratedCell(f"generated-{chr(ord('a') + number)}1", karyotype, style, metaphase)


def write_archive(out: Path, count: int, seed: int = SEED) -> None:
    """Write `count` cells (1 … 26) into the folder `out`; ModelError when that cannot be done."""
    if not 1 <= count <= 26:
        raise ModelError("--cells must be 1 … 26.")
    listed = ["filename,number of chromosomes,chromosomes with abnormal number"]
    try:
        for folder in ("images", "annotations"):
            (out / folder).mkdir(parents=True, exist_ok=True)
        for cell in generated_cells(count, seed):
            _, packed = cv2.imencode(".png", cell.metaphase.picture)
            (out / "images" / f"{cell.name}.png").write_bytes(packed.tobytes())
            (out / "annotations" / f"{cell.name}.xml").write_bytes(annotation(cell))
            total = len(cell.metaphase.chromosomes)
            if total != 46:
                kind = "21" if total == 47 else "X"
                listed.append(f"{cell.name}.png,{total},{kind}")
        (out / f"{NUMBERS}.csv").write_text("\n".join([*listed, ""]), encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{out} cannot be written.", f"The system says: {error}.") from error


def annotation(cell: GeneratedCell) -> bytes:
    """Pascal VOC: a box for each whole chromosome, with the margin that annotators leave."""
    height, breadth = cell.metaphase.picture.shape
    width = load_appearance("7").width * cell.style.scale * cell.style.chromosomes.width
    left, top, right, bottom = (width * margin for margin in ANNOTATION_MARGIN)
    root = ElementTree.Element("annotation")
    size = ElementTree.SubElement(root, "size")
    for key, value in (("width", breadth), ("height", height), ("depth", 1)):
        ElementTree.SubElement(size, key).text = str(value)
    for chromosome in cell.metaphase.chromosomes:
        x, y, w, h = chromosome.box
        corners = {
            "xmin": max(0, round(x - left)),
            "ymin": max(0, round(y - top)),
            "xmax": min(breadth, round(x + w + right)),
            "ymax": min(height, round(y + h + bottom)),
        }
        one = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(one, "name").text = chromosome.type
        box = ElementTree.SubElement(one, "bndbox")
        for key, value in corners.items():
            ElementTree.SubElement(box, key).text = str(value)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode").encode()


@refusing_in_words
def main(argv: list[str]) -> int:
    """Write an archive; exit status 0."""
    parser = argparse.ArgumentParser("python -m model.data.generated_archive", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument("--cells", type=int, default=6, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=SEED, help="default: %(default)s")
    options = parser.parse_args(argv)
    write_archive(options.out, options.cells, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
