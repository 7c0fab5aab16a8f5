"""Models are compared on cells that neither has seen; the figures are means over those cells."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karyogui.errors import KaryoError
from karyogui.services.model_comparison import (
    CHANCE,
    Comparison,
    Plan,
    Verdict,
    by_chance,
    cells_of,
    compare,
    plan,
    read_metrics,
    write_subset,
)
from karyogui.services.models import InstalledModel
from model.data.cells import read_archive
from model.vocabulary.archive import fold_of
from tests.unit.services.fakes import blob, encoded

CASES = tuple(f"case-{number}" for number in range(30))


def model(name: str, data: str = "cells.zip: 30 cells", split: str = "all cases") -> InstalledModel:
    card = {"split": split}
    return InstalledModel(
        Path(f"{name}.safetensors"), name, "1", "compact", "", data=data, split=split, card=card
    )


def held(fold: int) -> str:
    return f"by case, fold {fold} of 5 held out (6 cells)"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "cells.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for case in CASES:
            archive.writestr(f"top/{case}/cell-1/1-1.png", encoded(blob(20, 8, 1)))
            archive.writestr(f"top/{case}/cell-1/X-1.png", encoded(blob(16, 8, 2)))
        archive.writestr("top/.hidden/cell-1/1-1.png/", b"")
        archive.writestr("readme.txt", b"")
    return path


def test_the_card_tells_what_was_held_out() -> None:
    """Older cards tell it in a sentence alone."""
    assert model("a", split=held(3)).held_out_fold == 3
    assert model("a").held_out_fold is None
    told = InstalledModel(Path("w"), "a", "1", "compact", "", card={"held_out_fold": 2})
    assert told.held_out_fold == 2
    everything = replace(told, card={"held_out_fold": None, "split": held(1)})
    assert everything.held_out_fold is None


def test_only_cases_that_both_held_out_count(data: Path) -> None:
    planned = plan(model("a", split=held(2)), model("b", split=held(2)), data)
    assert planned.fair
    assert planned.cases == tuple(sorted(case for case in CASES if fold_of(case) == 2))
    assert "neither model was trained on" in planned.remark


@pytest.mark.parametrize(
    ("first", "second", "who"),
    [
        (held(1), held(2), "a and b"),
        (held(1), "all cases", "a and b"),
        ("", held(1), "a and b"),
    ],
)
def test_without_common_unseen_cases_it_warns(
    data: Path, first: str, second: str, who: str
) -> None:
    planned = plan(model("a", split=first), model("b", split=second), data)
    assert not planned.fair
    assert len(planned.cells) == len(CASES)
    assert who in planned.remark
    assert "flatter" in planned.remark


def test_other_data_is_unseen_whatever_the_split(data: Path) -> None:
    elsewhere = model("a", "elsewhere.zip: 9 cells")
    planned = plan(elsewhere, model("b", split=held(0)), data)
    assert planned.fair
    assert {fold_of(case) for case in planned.cases} == {0}


@pytest.mark.parametrize("named", ["cells-2026-01-02.zip: 7 cells", "CELLS_3: 7 cells", ""])
def test_an_earlier_state_of_the_data_counts_as_seen(data: Path, named: str) -> None:
    assert not plan(model("a", named), model("b", "elsewhere: 1"), data).fair


def test_fine_tuned_weights_have_seen_what_they_began_with(data: Path) -> None:
    tuned = InstalledModel(
        Path("t"), "t", "1", "compact", "", data="own: 3", split=held(1),
        card={
            "split": held(1), "settings": {"epochs": {"g_net": 0, "l_net": 0, "fused": 3}},
        },
    )  # fmt: skip
    planned = plan(tuned, model("b", "elsewhere: 1"), data)
    assert {fold_of(case) for case in planned.cases} == {1}


def test_at_most_so_many_cells_are_spread_over_the_cases(data: Path) -> None:
    planned = plan(model("a", "x: 1"), model("b", "y: 1"), data, most_cells=3)
    assert planned.cells == tuple((case, "cell-1") for case in sorted(CASES)[::10])


def test_cells_of_a_zip_and_of_the_folder_are_the_same(data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(data) as archive:
        archive.extractall(tmp_path / "folder")
    assert cells_of(data) == cells_of(tmp_path / "folder")
    assert cells_of(data) == tuple((case, "cell-1") for case in sorted(CASES))


@pytest.mark.parametrize("content", [b"no zip", b""])
def test_data_that_cannot_be_read_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.zip").write_bytes(content)
    with pytest.raises(KaryoError, match=r"bad\.zip cannot be read"):
        cells_of(tmp_path / "bad.zip")
    with pytest.raises(KaryoError, match="There is no file"):
        cells_of(tmp_path / "gone.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(KaryoError, match="no labelled chromosomes"):
        cells_of(tmp_path / "empty")


def test_a_subset_is_an_archive_of_its_own(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "subset.zip"
    write_subset(data, [("case-3", "cell-1"), ("case-7", "cell-1")], target)
    assert [cell.case for cell in read_archive(target).cells] == ["case-3", "case-7"]


def cell(case: str, assigned: float, exact: bool, **more: Any) -> dict[str, Any]:
    return {
        "case": case,
        "cell": "cell-1",
        "type": {"acc_per_case_d": assigned, "acc_per_case": assigned - 0.1},
        "polarity": {"acc_per_case": 0.9},
        "cells_exactly_right": float(exact),
        "findings": {"sensitivity": None, "specificity": float(exact)},
        "seconds_per_cell": 1.0,
        **more,
    }


def side_by_side(
    first: Sequence[dict[str, Any]], second: Sequence[dict[str, Any]], fair: bool = True
) -> Comparison:
    names = [(told["case"], "cell-1") for told in (*first, *second)]
    planned = Plan(tuple(sorted(set(names))), fair, "")
    sides: tuple[Mapping[str, object], Mapping[str, object]] = (
        {"cells": list(first)},
        {"cells": list(second)},
    )
    return compare(model("a"), model("b"), "cells.zip", planned, sides)


def figures(comparison: Comparison) -> dict[str, tuple[float | None, float | None]]:
    return {figure.key: (figure.first, figure.second) for figure in comparison.figures}


def test_figures_are_means_over_the_cells_both_tell_of() -> None:
    comparison = side_by_side(
        [cell("a", 1.0, True), cell("b", 0.5, False), cell("c", 0.0, False)],
        [cell("b", 1.0, True), cell("a", 1.0, True)],
    )
    assert comparison.cells == 2
    assert figures(comparison)["assigned"] == (pytest.approx(0.75), pytest.approx(1.0))
    assert figures(comparison)["exact"] == (0.5, 1.0)
    assert figures(comparison)["sensitivity"] == (None, None)
    assert (comparison.gained, comparison.lost) == (1, 0)
    assert comparison.verdict is Verdict.BETTER


def test_the_default_assignment_counts_where_both_have_it() -> None:
    new = {"acc_per_case_assigned": 0.99, "acc_per_case_d": 0.5, "acc_per_case": 0.5}
    both = side_by_side([cell("a", 0, True, type=new)], [cell("a", 0, True, type=new)])
    assert figures(both)["assigned"] == (0.99, 0.99)
    older = side_by_side([cell("a", 0.6, True)], [cell("a", 0, True, type=new)])
    assert figures(older)["assigned"] == (0.6, 0.5)


@pytest.mark.parametrize(
    ("assigned", "polarity", "verdict"),
    [
        (0.8, 0.9, Verdict.BETTER),
        (0.9, 0.95, Verdict.BETTER),
        (0.7, 0.95, Verdict.WORSE),
        (0.9, 0.8, Verdict.WORSE),
    ],
)
def test_lower_in_type_or_polarity_is_worse(
    assigned: float, polarity: float, verdict: Verdict
) -> None:
    second = cell("a", assigned, True, polarity={"acc_per_case": polarity})
    assert side_by_side([cell("a", 0.8, True)], [second]).verdict is verdict


def test_seen_cases_no_common_cell_or_a_missing_figure_are_no_comparison() -> None:
    one = [cell("a", 0.8, True)]
    assert side_by_side(one, one, fair=False).verdict is Verdict.INCOMPARABLE
    assert side_by_side(one, [cell("b", 0.9, True)]).verdict is Verdict.INCOMPARABLE
    without = [cell("a", 0.9, True, polarity=None)]
    assert side_by_side(one, without).verdict is Verdict.INCOMPARABLE


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"cells": 3}'])
def test_figures_that_cannot_be_read_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "metrics.json").write_text(text)
    with pytest.raises(KaryoError, match="figures"):
        read_metrics(tmp_path / "metrics.json")


def separation(name: str, **card: Any) -> InstalledModel:
    told = {"kind": "separation", "data": ["base.zip"], "held_out_fold": 0, **card}
    return InstalledModel(Path(f"{name}.safetensors"), name, "1", "", "", card=told,
                          kind="separation")  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own-checked-pictures.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30):
            archive.writestr(f"case-{number:012x}-cell-{number}.json", "{}")
            archive.writestr(f"case-{number:012x}-cell-{number}.png", b"")
    return path


def test_own_photographs_are_unseen_by_who_never_had_them(own: Path) -> None:
    seen = {"base.zip": 0, "own-checked-pictures.zip": 2}
    planned = plan(separation("old"), separation("new", held_out_folds=seen), own)
    assert planned.fair
    assert {fold_of(case) for case in planned.cases} == {2}
    assert len(planned.cells) == sum(fold_of(f"case-{n:012x}") == 2 for n in range(30))
    everything = separation("all", held_out_folds={"own-checked-pictures.zip": None})
    assert not plan(separation("old"), everything, own).fair
    assert not plan(separation("old", data=[], held_out_fold=None), everything, own).fair


def test_of_the_base_archive_only_its_own_fold_is_unseen(tmp_path: Path) -> None:
    path = tmp_path / "base.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1000, 1300):
            archive.writestr(f"annotations/{number}.xml", "")
    seen = {"base.zip": 0, "own-checked-pictures.zip": 2}
    planned = plan(separation("old"), separation("new", held_out_folds=seen), path)
    assert planned.fair
    assert {fold_of(case) for case in planned.cases} == {0}


def test_an_archive_without_photographs_is_refused_for_a_separation(data: Path) -> None:
    with pytest.raises(KaryoError, match="boxes or outlines"):
        plan(separation("old"), separation("new"), data)


def repairs_of(*counts: float) -> dict[str, Any]:
    names = ("repairs", "merged", "split", "missed", "false")
    cells = [
        {"case": str(n), "cell": f"cell {n}", "seconds": 2.0, **dict.fromkeys(names, count)}
        for n, count in enumerate(counts)
    ]
    return {"cells": cells}


def compared(before: Sequence[float], after: Sequence[float], fair: bool = True) -> Comparison:
    cells = tuple((str(n), f"cell {n}") for n in range(len(before)))
    both = repairs_of(*before), repairs_of(*after)
    return compare(separation("old"), separation("new"), "own", Plan(cells, fair, ""), both)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((3, 4, 2, 5, 3, 2), (1, 2, 1, 2, 0, 1), Verdict.BETTER),
        ((1, 2, 1, 2, 0, 1), (3, 4, 2, 5, 3, 2), Verdict.WORSE),
        ((3, 4, 2, 5), (0, 0, 0, 0), Verdict.SAME),  # four cells may be chance
        ((3, 4, 2, 5, 3, 2), (4, 3, 3, 4, 4, 1), Verdict.SAME),
        ((2, 2, 2, 2, 2, 2), (2, 2, 2, 2, 2, 2), Verdict.SAME),
        ((), (), Verdict.INCOMPARABLE),
    ],
)
def test_repairs_decide_unless_they_differ_by_chance(
    before: Sequence[float], after: Sequence[float], verdict: Verdict
) -> None:
    found = compared(before, after)
    assert found.verdict is verdict
    assert compared(before, after, fair=False).verdict is Verdict.INCOMPARABLE


def test_what_the_repairs_are_is_told_for_both() -> None:
    found = compared((2, 0, 1), (0, 1, 1))
    figures = {figure.key: (figure.first, figure.second) for figure in found.figures}
    assert figures["repairs"] == (1.0, pytest.approx(2 / 3))
    assert figures["free"] == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert (found.gained, found.lost, found.cells) == (1, 1, 3)


@given(st.lists(st.integers(-6, 6), max_size=20))
def test_chance_is_a_share_and_does_not_care_for_the_side(changes: list[int]) -> None:
    chance = by_chance(changes)
    assert 0.0 < chance <= 1.0
    assert chance == by_chance([-change for change in changes])
    if len([change for change in changes if change]) < 5:
        assert chance > CHANCE
