"""The shipped demonstration is right, or says that it is not settled and where to look."""

import contextlib
import io
import json
from pathlib import Path

import pytest

from karyogui.cli import main
from model.vocabulary.assets import ASSETS

DEMO = ASSETS / "demo" / "demo-metaphases"


TRUTHS = {"metaphase-46-XY": "46,XY", "metaphase-47-XX-plus21": "47,XX,+21"}


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Where the files are that one call has written, and what it said."""
    out, said = tmp_path_factory.mktemp("out"), io.StringIO()
    with contextlib.redirect_stdout(said):
        main(["analyse", *(str(DEMO / f"{name}.png") for name in TRUTHS), "--out", str(out)])
    return out, said.getvalue()


@pytest.mark.parametrize("name", TRUTHS)
def test_a_demonstration_is_never_wrong_without_a_word(
    analysed: tuple[Path, str], name: str
) -> None:
    out, said = analysed
    truth = TRUTHS[name]
    told = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))
    entries = told["separation_check"]
    if not entries:
        assert (told["iscn_proposal"], told["iscn_question"]) == (truth, "")
        return
    assert told["iscn_proposal"] == ""
    assert told["iscn_question"].startswith("Count not settled: ")
    assert f"{name}.json: Count not settled: " in said
    if f"would be {truth}." not in told["iscn_question"]:
        assert {entry["kind"] for entry in entries} & {"several", "rejected", "part"}
