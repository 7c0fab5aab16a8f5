"""Regions of photographs: a cell of its own, two cells of one picture; nothing is cut or lost."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from karyogui.domain.analysis import AnalysisRequest, AnalysisResult
from karyogui.domain.cell import Cell
from karyogui.domain.recipe import Recipe
from karyogui.domain.separation import ObjectKind, Repair, SeparatedObject
from karyogui.domain.sitting import ActionKind
from karyogui.errors import KaryoError
from karyogui.services.progress import Monitor, SilentMonitor
from karyogui.services.regions import TWO_CELLS, divided
from karyogui.services.repair_geometry import DEPTH, staining
from karyogui.services.workspace import Workspace
from tests.unit.ui.metaphase.cells import chromosomes_of
from tests.unit.ui.metaphase.generated import HEIGHT, WIDTH, generated_metaphase
from tests.unit.ui.metaphase.readers import HeldReader

PIXELS, OBJECTS = generated_metaphase()
LEFT = [(0.0, 0.0), (290.0, 0.0), (290.0, float(HEIGHT)), (0.0, float(HEIGHT))]
"""Six objects lie across its edge."""
EMPTY = [(2.0, 2.0), (36.0, 2.0), (36.0, 36.0), (2.0, 36.0)]
SMALL = [(5.0, 5.0), (20.0, 9.0), (9.0, 20.0)]
OUTSIDE = [(-90.0, -90.0), (-20.0, -90.0), (-20.0, -20.0)]
WHO = "Ann"


@pytest.fixture
def metaphase(workspace: Workspace, tmp_path: Path) -> Cell:
    path = tmp_path / "24-0173" / "metaphase 1.png"
    path.parent.mkdir()
    path.write_bytes(cv2.imencode(".png", PIXELS)[1].tobytes())
    outcome = workspace.importer.import_paths([path], SilentMonitor())
    return workspace.library.cell(outcome.cell_ids[0])


def picture_of(workspace: Workspace, cell_id: int) -> np.ndarray:
    return workspace.analysis.photograph(cell_id)


# -- the picture -----------------------------------------------------------------------------------


def test_each_stained_pixel_is_on_one_side_and_unaltered() -> None:
    parts = divided(PIXELS, LEFT)
    x, y, w, h = parts.box
    inside = np.full_like(PIXELS, 255)
    inside[y : y + h, x : x + w] = parts.inside
    stained = staining(PIXELS) > DEPTH
    on_one = (inside == PIXELS) | (parts.outside == PIXELS)
    assert on_one[stained].all()
    both = np.minimum(staining(inside), staining(parts.outside)) > DEPTH
    assert not (both & stained).any()
    assert parts.across == 6


def test_no_object_is_cut_by_the_edge() -> None:
    parts = divided(PIXELS, LEFT, OBJECTS)
    x, y, w, h = parts.box
    inside = np.zeros_like(PIXELS)
    inside[y : y + h, x : x + w] = parts.inside
    alone = [o for o in OBJECTS if o.id not in ("c01", "c02")]
    for each in alone:
        (left, top), (height, width) = each.origin, each.mask.shape
        window = np.s_[top : top + height, left : left + width]
        kept = [(page[window] == PIXELS[window])[each.mask] for page in (inside, parts.outside)]
        assert kept[0].all() or kept[1].all()


def test_light_on_dark_is_divided_as_well() -> None:
    parts = divided(255 - PIXELS, LEFT)
    assert not parts.is_empty
    assert np.median(parts.outside[:, : WIDTH // 3]) < 60


@pytest.mark.parametrize(
    "loop", [[], [(5.0, 5.0)], [(5.0, 5.0), (20.0, 9.0), (9.0, 20.0)], OUTSIDE]
)
def test_a_region_that_is_too_small_says_so(loop: list[tuple[float, float]]) -> None:
    with pytest.raises(KaryoError) as refused:
        divided(PIXELS, loop)
    assert refused.value.sentence == "This region is too small for a cell."


# -- the cells -------------------------------------------------------------------------------------


def test_a_region_becomes_a_cell_of_the_case_and_the_photograph_stays(
    workspace: Workspace, metaphase: Cell
) -> None:
    made = workspace.regions.take_out(metaphase.id, LEFT, WHO)
    (new_id,) = made.cell_ids
    new = workspace.library.cell(new_id)
    assert (new.case_id, new.name) == (metaphase.case_id, f"{metaphase.name}, region")
    assert new.has_photograph
    assert not new.is_analysed
    assert new.pictures[0].name.startswith(f"{metaphase.pictures[0].name}, ")
    assert new.pictures[0].name.endswith("painted over")
    assert picture_of(workspace, new_id).shape[1] < WIDTH
    assert workspace.library.cell(metaphase.id) == metaphase
    assert (picture_of(workspace, metaphase.id) == PIXELS).all()
    assert "6 objects that cross the edge went to the side with most of each" in made.told


def test_every_part_of_a_photograph_has_a_name_of_its_own(
    workspace: Workspace, metaphase: Cell
) -> None:
    acts = (workspace.regions.take_out, workspace.regions.divide)
    made = [i for act in acts * 2 for i in act(metaphase.id, LEFT, WHO).cell_ids]
    assert [workspace.library.cell(i).name.removeprefix(f"{metaphase.name}, ") for i in made] == [
        "region", "part 1", "part 2", "region 2", "part 3", "part 4",
    ]  # fmt: skip


def test_a_photograph_is_divided_into_two_cells_and_its_own_can_be_taken_back(
    workspace: Workspace, metaphase: Cell
) -> None:
    workspace.repairs.set_recipe(metaphase.id, Recipe(flatten=True), WHO)
    made = workspace.regions.divide(metaphase.id, LEFT, WHO)
    names = [workspace.library.cell(i).name for i in made.cell_ids]
    assert names == [f"{metaphase.name}, part 1", f"{metaphase.name}, part 2"]
    assert all(workspace.library.cell(i).recipe == Recipe(flatten=True) for i in made.cell_ids)
    own = workspace.library.cell(metaphase.id)
    assert own.exclusion is not None
    assert own.exclusion.reason == TWO_CELLS
    assert own.exclusion.who == WHO
    assert (picture_of(workspace, metaphase.id) == PIXELS).all()
    case = workspace.library.case(metaphase.case_id)
    assert sum(not cell.is_excluded for cell in case.cells) == 2
    workspace.library.take_back([metaphase.id], WHO)
    assert not workspace.library.cell(metaphase.id).is_excluded


def test_two_regions_of_one_photograph_have_names_of_their_own(
    workspace: Workspace, metaphase: Cell
) -> None:
    ids = [workspace.regions.take_out(metaphase.id, LEFT, WHO).cell_ids[0] for _ in range(2)]
    assert len({workspace.library.cell(i).name for i in ids}) == 2


@pytest.mark.parametrize("act", ["take_out", "divide"])
def test_a_region_that_holds_nothing_is_refused_and_nothing_changes(
    workspace: Workspace, metaphase: Cell, act: str
) -> None:
    with pytest.raises(KaryoError) as refused:
        getattr(workspace.regions, act)(metaphase.id, EMPTY, WHO)
    assert refused.value.sentence == "Nothing in this region could be a chromosome."
    assert len(workspace.library.case(metaphase.case_id).cells) == 1
    assert not workspace.library.cell(metaphase.id).is_excluded


def test_a_division_needs_something_on_both_sides(workspace: Workspace, metaphase: Cell) -> None:
    whole = [(0.0, 0.0), (float(WIDTH), 0.0), (float(WIDTH), float(HEIGHT)), (0.0, float(HEIGHT))]
    with pytest.raises(KaryoError, match="Nothing would be left"):
        workspace.regions.divide(metaphase.id, whole, WHO)
    assert len(workspace.library.case(metaphase.case_id).cells) == 1
    assert workspace.regions.take_out(metaphase.id, whole, WHO).cell_ids


def test_cut_outs_have_no_regions(workspace: Workspace, imported: Cell) -> None:
    with pytest.raises(KaryoError, match="no photograph to divide"):
        workspace.regions.take_out(imported.id, LEFT, WHO)


# -- what was repaired -----------------------------------------------------------------------------


class Reader(HeldReader):
    """Separates only where no objects are given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[tuple[SeparatedObject, ...]] = []

    def analyse(self, request: AnalysisRequest, monitor: Monitor) -> AnalysisResult:
        self.given.append(request.objects)
        if not request.objects:
            return super().analyse(request, monitor)
        assert request.metaphase is not None
        chromosomes = tuple(chromosomes_of(request.metaphase.pixels, request.objects))
        return AnalysisResult(
            request.cell_id, chromosomes, self.model(), 1.0, separated=request.objects
        )


def in_left(each: SeparatedObject) -> bool:
    columns = each.origin[0] + np.nonzero(each.mask)[1]
    return bool((columns < 290).mean() >= 0.5)


@pytest.fixture
def repaired(workspace: Workspace, metaphase: Cell) -> tuple[Cell, Reader]:
    """An analysed photograph on whose left side a chromosome was made debris by a person."""
    reader = Reader()
    workspace.analysis.analyse(metaphase.id, reader, SilentMonitor())
    cell = workspace.library.cell(metaphase.id)
    left = [o for o in cell.objects if o.kind is ObjectKind.CHROMOSOME and in_left(o)]
    after = replace(left[0], kind=ObjectKind.DEBRIS, by_person=True)
    mark = Repair(ActionKind.MARK, "Marked as debris", (left[0],), (after,))
    workspace.repairs.apply(cell.id, mark, WHO)
    return workspace.library.cell(cell.id), reader


def test_the_parts_of_a_divided_picture_keep_what_was_repaired_in_them(
    workspace: Workspace, repaired: tuple[Cell, Reader]
) -> None:
    cell, reader = repaired
    made = workspace.regions.divide(cell.id, LEFT, WHO)
    assert made.told.endswith("; what was repaired stays as it is.")
    one, other = (workspace.library.cell(i) for i in made.cell_ids)
    expected = {o.id: o for o in cell.objects if in_left(o)}
    assert {o.id for o in one.objects} == set(expected)
    assert sum(o.by_person for o in one.objects) == 1
    assert not other.objects  # nothing was repaired there: it is separated anew
    pixels, whole = picture_of(workspace, one.id), PIXELS
    for each in one.objects:
        (x, y), (h, w) = each.origin, each.mask.shape
        (u, v) = expected[each.id].origin
        assert (each.mask == expected[each.id].mask).all()
        same = pixels[y : y + h, x : x + w] == whole[v : v + h, u : u + w]
        assert same[each.mask].all()
    assert one.quality is not None
    assert one.quality.objects == len(one.chromosomes)
    workspace.analysis.analyse(one.id, reader, SilentMonitor())
    assert [len(given) for given in reader.given] == [0, len(expected)]
    again = workspace.library.cell(one.id)
    assert [(o.id, o.kind, o.origin) for o in again.objects] == [
        (o.id, o.kind, o.origin) for o in one.objects
    ]


def test_a_region_keeps_what_was_repaired_in_it(
    workspace: Workspace, repaired: tuple[Cell, Reader]
) -> None:
    cell, _ = repaired
    (new,) = workspace.regions.take_out(cell.id, LEFT, WHO).cell_ids
    assert any(o.by_person for o in workspace.library.cell(new).objects)


def test_without_a_repair_nothing_is_carried(workspace: Workspace, metaphase: Cell) -> None:
    workspace.analysis.analyse(metaphase.id, Reader(), SilentMonitor())
    made = workspace.regions.divide(metaphase.id, LEFT, WHO)
    assert "repaired" not in made.told
    assert not any(workspace.library.cell(i).is_analysed for i in made.cell_ids)
