from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from karyogui.domain.report import CellReport
from karyogui.export.base import Exporter
from karyogui.export.drawing import cell_pages, karyogram_image
from karyogui.export.karyogram_pictures import KaryogramPng, KaryogramTiff
from karyogui.export.layout import SHEET_WIDTH, lay_out
from tests.unit.export.builders import cell, counts_of, report_data


def written(exporter: Exporter, *cells: CellReport, **fields: Any) -> Image.Image:
    target = BytesIO()
    exporter.write(report_data(*cells, **fields), target)
    return Image.open(BytesIO(target.getvalue()))


def test_png_is_grey_at_print_resolution() -> None:
    image = written(KaryogramPng(), cell(counts_of(c21=3)))
    assert (image.format, image.mode) == ("PNG", "L")
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert image.width >= SHEET_WIDTH
    assert image.height > 1000


def test_tiff_is_grey_lossless_at_print_resolution() -> None:
    image = written(KaryogramTiff(), cell())
    assert (image.format, image.mode) == ("TIFF", "L")
    assert image.info["compression"] == "tiff_lzw"
    assert image.info["dpi"] == pytest.approx((300, 300))


def test_several_cells_are_stacked_in_png_and_pages_in_tiff() -> None:
    cells = [cell(name=f"cell {n}") for n in range(3)]
    pages = cell_pages(report_data(*cells))
    png = written(KaryogramPng(), *cells)
    assert png.height == sum(page.height for page in pages)
    tiff = written(KaryogramTiff(), *cells)
    assert tiff.n_frames == 3
    tiff.seek(2)
    np.testing.assert_array_equal(np.asarray(tiff), np.asarray(pages[2]))


def test_background_is_exactly_white_and_no_frame_is_round_a_chromosome() -> None:
    report = cell({"1": 2})
    image = np.asarray(karyogram_image(report))
    for picture in lay_out(report).pictures:
        h, w = picture.pixels.shape
        x, y = picture.x, picture.y
        assert (image[y - 3 : y, x : x + w] == 255).all()
        assert (image[y : y + h, x - 3 : x] == 255).all()
        assert (image[y : y + h, x + w : x + w + 3] == 255).all()
        np.testing.assert_array_equal(image[y : y + h, x : x + w], picture.pixels)


def test_labels_are_drawn() -> None:
    report = cell({"1": 2})
    (label,) = (t for t in lay_out(report).texts if t.text == "1")
    image = np.asarray(karyogram_image(report))
    x, y = round(label.x), round(label.y)
    assert image[y - 40 : y, x - 20 : x + 20].min() < 50


def test_a_longer_name_takes_more_lines_and_nothing_is_cut() -> None:
    short, long = (
        written(KaryogramPng(), cell(name=name))
        for name in ("a", "Łódź-" * 100 + " " + "x y " * 99)
    )
    assert long.width == short.width
    assert long.height > short.height + 100
    margin = np.asarray(long)[:, -60:]
    assert (margin == 255).all()


def test_no_cell_and_no_chromosome_give_a_picture_with_a_sentence() -> None:
    for image in (written(KaryogramPng()), written(KaryogramPng(), cell({}))):
        assert np.asarray(image).min() < 128


def test_a_demonstration_cell_says_so() -> None:
    plain, demo = written(KaryogramPng(), cell()), written(KaryogramPng(), cell(), is_demo=True)
    assert demo.height > plain.height
