"""The shipped demonstration is right, or says that it is not settled and where to look."""

import json
from pathlib import Path

import pytest

from karyogui.cli import main
from model.vocabulary.assets import ASSETS

DEMO = ASSETS / "demo" / "demo-metaphases"


@pytest.mark.parametrize(
    ("name", "truth"), [("metaphase-46-XY", "46,XY"), ("metaphase-47-XX-plus21", "47,XX,+21")]
)
def test_a_demonstration_is_never_wrong_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, truth: str
) -> None:
    main(["analyse", str(DEMO / f"{name}.png"), "--out", str(tmp_path)])
    told = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    entries = told["separation_check"]
    if not entries:
        assert (told["iscn_proposal"], told["iscn_question"]) == (truth, "")
        return
    assert told["iscn_proposal"] == ""
    assert told["iscn_question"].startswith("Count not settled: ")
    assert f"{name}.json: Count not settled: " in capsys.readouterr().out
    if f"would be {truth}." not in told["iscn_question"]:
        assert {entry["kind"] for entry in entries} & {"several", "rejected", "part"}
