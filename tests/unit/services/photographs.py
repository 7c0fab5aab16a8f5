"""Generated photographs: metaphases, karyograms and single chromosomes, without any network."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult, CutOutPicture
from karyogui.domain.separation import ObjectKind, Quality, SeparatedObject
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, Progress
from tests.unit.services.fakes import FakeAnalyser, blob, encoded


def rod(length: int, width: int, turn: float, seed: int = 0) -> np.ndarray:
    """A banded chromosome as darkness 0 … 255, turned by degrees, in a square that holds it."""
    side = length + 8
    upright = np.zeros((side, side), np.uint8)
    upright[4 : 4 + length, side // 2 - width // 2 : side // 2 - width // 2 + width] = 255 - blob(
        length, width, seed
    )
    turning = cv2.getRotationMatrix2D((side / 2, side / 2), turn, 1.0)
    return np.asarray(cv2.warpAffine(upright, turning, (side, side)))


def metaphase(
    seed: int = 0, count: int = 46, shape: tuple[int, int] = (600, 720), level: int = 225
) -> np.ndarray:
    """(h, w) uint8: `count` rods apart from one another on a light ground with a gradient."""
    random = np.random.default_rng(seed)
    height, width = shape
    ground = level + np.linspace(-12, 12, width)[None, :] + random.normal(0, 2, shape)
    dark = np.zeros(shape, np.float64)
    free = np.ones(shape, bool)
    placed = 0
    for number in range(50 * count):
        if placed == count:
            break
        picture = rod(70 - placed % 46, 14, float(random.uniform(0, 360)), number)
        side = picture.shape[0]
        y = int(random.integers(8, height - side - 8))
        x = int(random.integers(8, width - side - 8))
        place = np.s_[y : y + side, x : x + side]
        grown = cv2.dilate((picture > 0).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        if not free[place][grown].all():
            continue
        dark[place] = np.maximum(dark[place], picture)
        free[place] &= ~grown
        placed += 1
    return np.clip(ground - 0.8 * dark, 0, 255).astype(np.uint8)


def karyogram(seed: int = 0) -> np.ndarray:
    """(h, w) uint8: 46 upright rods in four rows on white, as a laboratory files them."""
    random = np.random.default_rng(seed)
    sheet = np.full((520, 640), 255, np.uint8)
    number = 0
    for row, in_row in enumerate((10, 14, 12, 10)):
        base = 120 * (row + 1)
        for place in range(in_row):
            length = 80 - number + int(random.integers(0, 4))
            left = 30 + place * (580 // in_row)
            sheet[base - length : base, left : left + 16] = blob(length, 16, number)
            number += 1
    return sheet


class MetaphaseAnalyser(FakeAnalyser):
    """Takes every dark component of a photograph for a chromosome, the smallest for debris.

    Cut-outs go to `FakeAnalyser`. A photograph without anything dark is refused.
    """

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        whole = request.metaphase
        if whole is None:
            return super().analyse(request, monitor)
        self.requests.append(request)
        monitor.report(Progress(0, 1, whole.name))
        dark = (whole.pixels < 195).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(dark)
        boxes = [tuple(int(v) for v in stats[n]) for n in range(1, count) if stats[n, 4] > 20]
        if not boxes:
            raise KaryoError("No chromosome can be seen in the picture.", "Choose another one.")
        boxes.sort(key=lambda box: -box[4])
        separated, cut_outs = [], []
        for number, (x, y, w, h, area) in enumerate(boxes, start=1):
            inside = np.s_[y : y + h, x : x + w]
            label = np.bincount(labels[inside][dark[inside] > 0]).argmax()
            mask = labels[inside] == label
            kind = ObjectKind.CHROMOSOME if number < len(boxes) else ObjectKind.DEBRIS
            score = area / boxes[0][4]
            found = SeparatedObject(f"c{number:02}", kind, mask, (x, y), (x, y, w, h), score)
            separated.append(found)
            if kind is ObjectKind.CHROMOSOME:
                crop = np.where(mask, whole.enhanced[inside], 255).astype(np.uint8)
                cut_outs.append(CutOutPicture(whole.name, crop))
        inner = super().analyse(
            AnalysisRequest(request.cell_id, request.cell_name, tuple(cut_outs)), monitor
        )
        objects = tuple(
            replace(item, id=found.id, segment=replace(item.segment, box=found.box))
            for item, found in zip(inner.chromosomes, separated, strict=False)
        )
        quality = Quality(len(objects), 2, 3, 0.75, 450, True, "Few chromosomes touch.", 0.8)
        found_so = tuple(separated)
        return replace(inner, chromosomes=objects, separated=found_so, quality=quality, check=())


def enlarged(picture: np.ndarray, times: int) -> np.ndarray:
    """`times` as large each way."""
    size = picture.shape[1] * times, picture.shape[0] * times
    return np.array(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))


def make_case_folder(folder: Path, *names: str) -> Path:
    """A folder with one small PNG of a metaphase for each name, which may name a sub-folder."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(metaphase(number, 20, (300, 360))))
    return folder
