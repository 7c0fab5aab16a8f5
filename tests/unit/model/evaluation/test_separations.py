"""Repairs of each picture, by boxes or by outlines."""

import base64
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.data.metaphases import OutlineArchive
from model.data.pictures import has_outlines, open_pictures
from model.evaluation import separations
from model.evaluation.metaphases.cells import FoundCell, FoundObject
from model.segmentation.base import GreyImage
from model.vocabulary.errors import ModelError
from model.vocabulary.kinds import ObjectKind
from tests.unit.model.builders import write_zip

BARS = [(10 + 25 * i, 20, 8, 40) for i in range(4)]
"""x, y, w, h of the chromosomes of a picture."""


def mask_file(names: list[str]) -> dict[str, bytes | str]:
    files: dict[str, bytes | str] = {}
    for name in names:
        shapes = []
        for x, y, w, h in BARS:
            solid = cv2.imencode(".png", np.full((h, w), 255, np.uint8))[1].tobytes()
            shapes.append({
                "label": "chromosome", "shape_type": "mask", "points": [[x, y]],
                "mask": base64.b64encode(solid).decode(),
            })  # fmt: skip
        picture = cv2.imencode(".png", np.full((90, 120), 200, np.uint8))[1].tobytes()
        files[f"{name}.png"] = picture
        files[f"{name}.json"] = json.dumps({"shapes": shapes, "imagePath": f"{name}.png"})
    return files


@pytest.fixture
def archive(tmp_path: Path) -> OutlineArchive:
    opened = open_pictures(write_zip(tmp_path / "o.zip", mask_file(["f_1", "f_2", "f_3"])))
    assert isinstance(opened, OutlineArchive)
    return opened


def thing(x: int, y: int, w: int, h: int, kind: ObjectKind = ObjectKind.CHROMOSOME) -> FoundObject:
    margin = (x - 3, y - 3, w + 6, h + 6)
    return FoundObject(kind, 0.9, margin, np.ones((h, w), bool), (x, y))


def looks(name: str, picture: GreyImage) -> FoundCell:
    """Merges two in the first, splits one and sees one too many in the second, breaks at f_3."""
    if name == "f_3":
        raise ModelError("No chromosome can be seen.")
    bars = [thing(*bar) for bar in BARS]
    if name == "f_1":
        (x, y, _, h), (u, _, w, _) = BARS[:2]
        bars[:2] = [thing(x, y, u + w - x, h)]
    else:
        x, y, w, h = BARS[0]
        bars[:1] = [thing(x, y, w, 28), thing(x, y + 28, w, h - 28), thing(60, 70, 9, 9)]
    return FoundCell(name, tuple(bars), 0.5, 0.25)


def test_merges_splits_misses_and_false_objects_are_counted(archive: OutlineArchive) -> None:
    rows = separations.measured(archive, archive.names, looks, False)
    told = [[row[name] for name in ("cell", *separations.FIGURES)] for row in rows]
    assert told == [
        ["f_1", 1, 1, 0, 0, 0],
        ["f_2", 2, 0, 1, 0, 1],
        ["f_3", 4, 0, 0, 4, 0],  # what cannot be separated is all missed
    ]
    assert rows[0]["seconds"] == 0.75
    assert rows[2]["error"] == "No chromosome can be seen."


def test_only_the_pictures_named_are_measured_and_told(
    archive: OutlineArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(separations.Setting, "open", lambda _: looks)
    names = tmp_path / "names.txt"
    names.write_text("f_2\nf_9\n")
    arguments = ["--data", str(archive.path), "--out", str(tmp_path / "out"), "--progress"]
    assert separations.main([*arguments, "--names", str(names)]) == 0
    out = capsys.readouterr().out
    assert '{"event": "progress", "done": 1, "total": 1}' in out
    assert "1 pictures, a picture: repairs 2.00" in out
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert [cell["cell"] for cell in metrics["cells"]] == ["f_2"]
    names.write_text("nobody\n")
    assert separations.main([*arguments, "--names", str(names)]) == 2
    assert "left to measure on" in capsys.readouterr().err


def test_what_kind_of_truth_an_archive_has_is_found_out(tmp_path: Path) -> None:
    assert has_outlines(write_zip(tmp_path / "o.zip", {"a_1.json": "{}"}))
    boxes = {"images/a.png": b"", "annotations/a.xml": "", "notes.json": ""}
    assert not has_outlines(write_zip(tmp_path / "b.zip", boxes))
    with pytest.raises(ModelError, match="boxes or outlines"):
        has_outlines(write_zip(tmp_path / "c.zip", {"readme.txt": ""}))
