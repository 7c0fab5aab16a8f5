import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model.data.metaphases import MetaphaseArchive, Truth
from model.evaluation.metaphases import evaluate as verb
from model.evaluation.metaphases import page as metaphase_page
from model.evaluation.metaphases import run as metaphase_run
from model.evaluation.metaphases import summary as metaphase_summary
from model.evaluation.metaphases.cells import FoundCell, FoundObject
from model.evaluation.metaphases.outlines import mask_ious
from model.evaluation.metaphases.run import Kept, Looker, Setting, look_at_all, separating
from model.inference.predictor import Predictor
from model.segmentation.base import (
    GreyImage,
    Instance,
    Report,
    Separation,
    silent,
)  # fmt: skip
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind
from model.vocabulary.labels import TYPES
from tests.unit.model.builders import Grey, write_zip
from tests.unit.model.metaphases import (
    NORMAL_XX,
    SIZE,
    boxes,
    ellipse,
    encoded,
    labelme,
    metaphase,
    picture,
    voc,
)  # fmt: skip

TRISOMY_21 = (*NORMAL_XX, TYPES.index("21"))
LISTED = b"filename,n,what\na2.png,47,21\n"


def found_in(name: str, truths: tuple[Truth, ...]) -> FoundCell:
    """What an oracle finds."""
    objects = []
    for t in truths:
        x, y, w, h = (round(v) for v in t.box)
        probabilities = np.full(24, 0.01)
        probabilities[t.type] = 0.77
        mask = ellipse((x, y, w, h))
        objects.append(
            FoundObject(ObjectKind.CHROMOSOME, 0.9, t.box, mask, (x, y), t.type, probabilities)
        )
    return FoundCell(name, tuple(objects), 1.0, 0.5, method="oracle")


class Oracle:
    """Looks up the truth by the picture's name; counts how often it looks."""

    looked: list[str]
    fails: dict[str, Exception]
    archive: MetaphaseArchive
    opened: int

    def __init__(self, *_: object) -> None:
        return

    def open(self) -> Callable[[str, GreyImage], FoundCell]:
        type(self).opened += 1

        def look(name: str, grey: GreyImage) -> FoundCell:
            self.looked.append(name)
            if name in self.fails:
                raise self.fails[name]
            return found_in(name, self.archive.truth(name))

        return look

    def fingerprint(self) -> str:
        return "0racle"


@pytest.fixture(autouse=True)
def _plain_page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are drawn where the page is looked at; they take seconds."""
    if request.function is not test_an_oracle_from_archive_to_page:
        monkeypatch.setattr(metaphase_page, "_figures", lambda measured: "")
        monkeypatch.setattr(metaphase_page, "picture_sheet", lambda cells: b"")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        **metaphase("a1"), **metaphase("a2", TRISOMY_21), **metaphase("b1"), **metaphase("c1"),
        "number_abnormalities.csv": LISTED,
    }  # fmt: skip
    path = write_zip(tmp_path / "some.zip", files)
    Oracle.looked, Oracle.fails, Oracle.opened = [], {}, 0
    Oracle.archive = MetaphaseArchive(path)
    monkeypatch.setattr(verb, "Setting", Oracle)
    monkeypatch.setattr(metaphase_summary, "PRECISION_DRAWS", 5)  # intervals are tested elsewhere
    return path


def run(path: Path, *others: str) -> tuple[int, dict[str, Any], Path]:
    out = path.parent / "out"
    status = verb.main(["--data", str(path), "--out", str(out), "--all", *others])
    written = out / "metrics.json"
    return status, json.loads(written.read_text()) if written.exists() else {}, out


def test_an_oracle_from_archive_to_page(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, metrics, out = run(path, "--coco", "--pictures", "2")
    assert status == 0
    figures = metrics["metaphases"]
    assert figures["precision"]["types_map50"]["value"] == pytest.approx(1)
    assert figures["identified"]["value"] == 1
    assert figures["findings"]["abnormal_cells"] == 1
    assert (metrics["separator"], figures["cells"], figures["cases"]) == ("oracle", 4, 3)
    printed = capsys.readouterr().out
    assert "mAP50 of 24 types" in printed
    assert (out / "metrics.md").read_text() in printed
    page = (out / "page.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 2
    sheet = cv2.imread(str(out / "pictures.webp"))
    assert sheet is not None
    assert sheet.shape[1] > 2 * SIZE[0]
    assert "A true chromosome and an object whose boxes have an IoU" in page
    detections = json.loads((out / "detections.json").read_text())
    assert len(detections) == 46 * 4 + 1
    assert detections[0]["score"] == pytest.approx(0.9 * 0.77)


def test_the_outcome_is_the_same_without_types(path: Path) -> None:
    status, metrics, out = run(path, "--no-classes", "--coco")
    assert status == 0
    assert "corrections" not in metrics["metaphases"]
    assert metrics["metaphases"]["precision"]["chromosome_ap50"]["value"] == pytest.approx(1)
    assert {d["category_id"] for d in json.loads((out / "detections.json").read_text())} == {1}


def test_a_stopped_run_goes_on_where_it_was(path: Path) -> None:
    Oracle.fails = {"b1": KeyboardInterrupt()}  # type: ignore[dict-item]
    with pytest.raises(KeyboardInterrupt):
        run(path)
    Oracle.fails, Oracle.looked = {}, []
    assert run(path)[0] == 0
    assert Oracle.looked == ["b1", "c1"]
    Oracle.looked, Oracle.opened = [], 0
    assert run(path)[0] == 0
    assert (Oracle.looked, Oracle.opened) == ([], 0)


def test_what_is_kept_is_of_that_picture_only(path: Path) -> None:
    run(path)
    kept = next((path.parent / "out" / "cells").rglob("a1.json"))
    kept.write_text("{")
    other = {**metaphase("a1"), **metaphase("a2", TRISOMY_21), **metaphase("b1")}
    other["images/b1.png"] = encoded(picture(boxes(46), seed=99))
    write_zip(path, other)
    Oracle.looked = []
    run(path)
    assert Oracle.looked == ["a1", "b1"]


def test_one_picture_s_failure_is_told_and_counts_as_missed(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Oracle.fails = {"a1": ModelError("No chromosome can be seen."), "c1": ValueError("a bug")}
    status, metrics, out = run(path)
    assert status == 0
    figures = metrics["metaphases"]
    assert figures["errors"] == [
        {"name": "a1", "error": "No chromosome can be seen."},
        {"name": "c1", "error": "ValueError: a bug"},
    ]
    assert figures["separated"]["value"] == pytest.approx((47 + 46) / (3 * 46 + 47))
    assert "ValueError: a bug" in (out / "metrics.md").read_text()
    assert "c1 could not be analysed" in caplog.text
    assert "a1 could not" not in caplog.text  # no bug, no trace


def test_damaged_files_of_an_archive_are_told(path: Path, tmp_path: Path) -> None:
    files = {**metaphase("a1"), **metaphase("b1"), **metaphase("c1"), **metaphase("d1")}
    files["images/b1.png"] = b"none"
    files["annotations/c1.xml"] = b"<"
    files["annotations/d1.xml"] = voc([("A1", (10, 10, 34, 54)), ("mar", (60, 10, 84, 54))])
    write_zip(path, files)
    Oracle.archive = MetaphaseArchive(path)
    status, metrics, _ = run(path, "--pictures", "9")
    assert status == 0
    figures = metrics["metaphases"]
    assert [e["name"] for e in figures["errors"]] == ["b1"]
    assert [p.split(":")[0] for p in figures["left_out"]] == ["c1", "d1"]
    assert figures["cells"] == 3


def test_only_the_cases_that_are_held_out(path: Path) -> None:
    archive = MetaphaseArchive(path)
    for fold in range(5):
        names = list(archive.split(fold)[1])
        Oracle.looked = []
        status = verb.main(["--data", str(path), "--out", str(path.parent / str(fold)),
                            "--hold-out", str(fold)])  # fmt: skip
        assert (status, Oracle.looked) == ((0, names) if names else (2, []))


def test_few_pictures_are_spread_evenly(path: Path) -> None:
    run(path, "--limit", "2")
    assert Oracle.looked == ["a1", "b1"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to evaluate"),
        (["--data", "nowhere.zip"], "There is no file or folder"),
        (["--outlines", "nowhere.zip"], "There is no file or folder"),
    ],
)
def test_refusals_are_one_sentence(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb.main([*arguments, "--out", str(tmp_path / "out")]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_limit_of_nothing_is_refused(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "--limit", "0")[0] == 2
    assert "--limit" in capsys.readouterr().err


def test_outlines_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    squares = [[[x, 20], [x + 19, 20], [x + 19, 59], [x, 59]] for x in (10, 60, 110)]
    files = {
        "f_1a.json": labelme(squares, picture([])), "f_1b.json": labelme([], picture([])),
        "f_2.json": labelme([["x"]], picture([])),
    }  # fmt: skip
    outlines = write_zip(path.parent / "outlines.zip", files)

    def look(name: str, grey: GreyImage) -> FoundCell:
        # The first exactly, half of the second, nothing of the third, one of nobody.
        places = ((10, 20, 20, 40), (60, 20, 20, 20), (300, 300, 9, 9))
        objects = tuple(
            FoundObject(ObjectKind.CHROMOSOME, 1.0, p, np.ones((p[3], p[2]), np.bool_), p[:2])
            for p in places
        )
        return FoundCell(name, objects, 1.0, method="oracle")

    monkeypatch.setattr(Oracle, "open", lambda self: look)
    out = path.parent / "out"
    assert verb.main(["--outlines", str(outlines), "--all", "--out", str(out)]) == 0
    figures = json.loads((out / "metrics.json").read_text())["outlines"]
    assert (figures["pictures"], figures["outlines"]) == (1, 3)
    assert figures["mean_matched_iou"]["value"] == pytest.approx(0.75)
    assert figures["mean_iou_of_all"]["value"] == pytest.approx(0.5)
    assert figures["separated"]["value"] == pytest.approx(2 / 3)
    assert figures["count_right"]["value"] == 1
    assert figures["objects_without_pair"]["value"] == 1
    assert len(figures["left_out"]) == 2


def test_masks_meet_only_where_both_have_pixels() -> None:
    ring = np.ones((10, 10), np.bool_)
    ring[2:8, 2:8] = False
    inner = np.ones((6, 6), np.bool_)
    assert mask_ious([(ring, (5, 5))], [(inner, (7, 7)), (ring, (5, 5)), (inner, (90, 90))]) == (
        pytest.approx(np.array([[0, 1, 0]]))
    )


class Whole:
    """A separator that takes every dark pixel for one object."""

    id = "whole"
    label = "whole"

    def __call__(
        self, grey: Grey, report: Report = silent, width_factor: float = 0.0
    ) -> Separation:
        rows, columns = np.nonzero(grey < 150)
        x, y = int(columns.min()), int(rows.min())
        mask = (grey < 150)[y : rows.max() + 1, x : columns.max() + 1]
        box = (x, y, mask.shape[1], mask.shape[0])
        return Separation(
            (Instance(mask, (x, y), ObjectKind.CHROMOSOME, 0.5, box),), grey, 9.0, "whole"
        )


def test_looking_with_a_separator_alone() -> None:
    found = separating(Whole())("a1", picture(boxes(1)))
    assert found.method == "whole"
    assert found.objects[0].type is None
    assert found.objects[0].class_score == 0
    assert found.seconds_classification is None
    assert found.seconds_separation > 0


def test_the_whole_way_keeps_the_classes_of_the_chromosomes(tiny_weights: Path) -> None:
    from model.evaluation.metaphases.run import classifying
    from model.inference.metaphase import MetaphaseReader

    reader = MetaphaseReader(Whole(), Predictor.load(tiny_weights, "cpu", runtime="torch"))
    (found,) = classifying(reader)("a1", picture(boxes(1))).objects
    assert found.probabilities is not None
    assert found.probabilities.sum() == pytest.approx(1)


def test_processes_find_what_one_process_finds(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "forkserver" in multiprocessing.get_all_start_methods():
        # From one that has imported everything: alone each takes seconds.
        multiprocessing.set_forkserver_preload(
            [metaphase_run.__name__, "model.segmentation.separate"]
        )
        monkeypatch.setattr(metaphase_run, "START", "forkserver")
    archive, names = Oracle.archive, ("a1", "b1")
    setting = Setting("classical", None, None)
    alone = look_at_all(archive, names, setting, Kept(tmp_path / "one"))
    told: list[tuple[int, int]] = []
    several = look_at_all(archive, names, setting, Kept(tmp_path / "two"), 2,
                          lambda done, of: told.append((done, of)))  # fmt: skip
    assert [c.name for c in several] == list(names)
    for one, other in zip(alone, several, strict=True):
        values, others = one.to_json(), other.to_json()
        for key in ("seconds", "peak_memory"):
            del values[key], others[key]
        assert values == others
    assert told == [(1, 2), (2, 2)]


def test_missing_weights_stop_the_run_before_a_picture(path: Path, tmp_path: Path) -> None:
    looker = Looker(Oracle.archive, Setting("learned", tmp_path / "no.safetensors", None),
                    Kept(tmp_path))  # fmt: skip
    with pytest.raises(ModelError):
        looker("a1")
    assert not list(tmp_path.glob("*.json"))


def test_another_setting_keeps_apart(tmp_path: Path) -> None:
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(b"1")
    first = Setting("learned", weights, None)
    before = first.fingerprint()
    assert before == Setting("learned", weights, None).fingerprint()
    assert before != Setting("classical", weights, None).fingerprint()
    weights.write_bytes(b"2")
    assert first.fingerprint() != before


def test_a_full_disk_is_one_sentence(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="could not be written"):
        Looker(Oracle.archive, Oracle(), Kept(tmp_path / "file"))("a1")
