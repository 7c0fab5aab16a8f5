"""The page of the photograph: raw and enhanced alike, nothing drawn into them, the cost told."""

import re
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from pypdf import PdfReader

from karyogui.domain.karyogram import Karyogram
from karyogui.domain.recipe import Recipe
from karyogui.domain.report import CellReport, Photograph
from karyogui.export.pdf_report import PdfReport
from tests.unit.export.builders import cell, edited, metaphase_cell, report_data

RECIPE = Recipe(flatten=True, unsharp=0.5)


def written(*cells: CellReport) -> bytes:
    target = BytesIO()
    PdfReport().write(report_data(*cells), target)
    return target.getvalue()


def pages_of(*cells: CellReport) -> list[str]:
    pages = PdfReader(BytesIO(written(*cells))).pages
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pages]


def pictures_of(data: bytes) -> list[tuple[np.ndarray, tuple[float, float, float, float]]]:
    """Grey pixels and place of the pictures on the last page, from the left."""
    reader = PdfReader(BytesIO(data))
    document = pypdfium2.PdfDocument(data)
    page = document[len(document) - 1]
    places = sorted(o.get_bounds() for o in page.get_objects() if o.type == 3)
    document.close()
    pixels = [np.asarray(image.image) for image in reader.pages[-1].images]
    return list(zip(pixels, places, strict=True))


def test_a_cell_without_a_recipe_shows_its_raw_photograph_alone() -> None:
    report = metaphase_cell()
    page = pages_of(report)[-1]
    assert "Metaphase of cell 1 of 1: slide A, cell A" in page
    assert "Raw metaphase: plate.png, not enhanced." in page
    assert "Enhanced metaphase" not in page
    assert "Enhancement: none by a person" in page
    ((pixels, _),) = pictures_of(written(report))
    assert report.photograph is not None
    assert np.array_equal(pixels, report.photograph.raw)


def test_raw_and_enhanced_stand_beside_each_other_at_one_scale() -> None:
    report = metaphase_cell(RECIPE)
    page = pages_of(report)[-1]
    assert f"Enhanced metaphase: {RECIPE.text()}." in page
    assert f"Enhancement: {RECIPE.text()}; the whole picture, before cutting." in page
    assert "The raw file is unaltered." in page
    data = written(report)
    (one, left), (other, right) = pictures_of(data)
    assert report.photograph is not None
    assert report.photograph.enhanced is not None
    assert {int(one[0, 0]), int(other[0, 0])} == {220, 35}
    assert (left[1], left[3]) == (right[1], right[3])
    assert left[2] < right[0]
    assert left[2] - left[0] == pytest.approx(right[2] - right[0])
    # Grey, untouched: no boundary lines, boxes or numbers.
    for pixels in (one, other):
        assert pixels.ndim == 2
    raws = [report.photograph.raw, report.photograph.enhanced]
    assert sorted(p.tobytes() for p in (one, other)) == sorted(r.tobytes() for r in raws)


def test_objects_quality_and_cost_are_told() -> None:
    page = pages_of(metaphase_cell())[-1]
    assert "Objects: 46 chromosomes, 1 nucleus; 1 object by a person." in page
    assert "Quality: worth karyotyping. Few chromosomes touch. Estimated: 1 crossing," in page
    assert "2 touching groups, sharpness 75 %, about 450 bands." in page
    cost = "Correction cost: 3 corrections (cut 2, move 1) in 3.5 min, 2 sittings."
    assert cost in page
    assert "Correction cost: none recorded." in pages_of(metaphase_cell(sittings=()))[-1]


def test_the_cost_of_a_cell_of_cut_outs_is_told_with_its_corrections() -> None:
    report = cell(sittings=metaphase_cell().cell.sittings)
    assert "Correction cost: 3 corrections" in " ".join(pages_of(report))
    assert "Correction cost" not in " ".join(pages_of(cell()))


def test_several_cells_have_each_their_photograph_behind_them() -> None:
    pages = pages_of(metaphase_cell(name="first"), cell(name="second"), metaphase_cell(name="3rd"))
    shown = [page for page in pages if "Metaphase of cell" in page]
    assert len(shown) == 2
    assert "Metaphase of cell 1 of 3: slide A, first" in shown[0]
    assert "Metaphase of cell 3 of 3: slide A, 3rd" in shown[1]
    assert "slide A, first 46 46,XX" in pages[0]


def test_chromosomes_are_told_apart_by_their_ids() -> None:
    report = metaphase_cell()
    doubtful = [c for c in report.cell.chromosomes if c.id == "c8"]
    assert doubtful[0].segment.source == "plate.png"
    turned = edited(report, Karyogram(report.cell.placements).turn(["c8"], 180))
    text = " ".join(pages_of(turned))
    assert "Object Predicted" in text
    assert "c8 5 5 5, 1st of 2 turned by 180°" in text


def test_a_photograph_of_any_shape_fits_its_page() -> None:
    for shape in ((8000, 300), (200, 8000), (60, 60)):
        raw = np.full(shape, 200, np.uint8)
        report = metaphase_cell(RECIPE, photograph=Photograph("x" * 300, raw, 255 - raw))
        data = written(report)
        assert len(data) < 3_000_000
        for _, (left, bottom, right, top) in pictures_of(data):
            assert 40 < left < right < 555
            assert 60 < bottom < top < 800
