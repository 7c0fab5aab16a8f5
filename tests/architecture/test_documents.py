"""What the documents say of the code is so."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TREE = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8").split("```")


@pytest.mark.parametrize("package", ["karyogui", "model"])
def test_the_tree_names_every_module_that_there_is(package: str) -> None:
    tree = next(block for block in TREE if f"\n{package}/\n" in block)
    named = set(re.findall(r"\w+(?=\.py)", tree))
    deep = {
        "board",
        "case_browser",
        "dialogs",
        "metaphase",
        "migrations",
        "report",
        "review",
        "training",
    }
    for path in (ROOT / package).rglob("*.py"):
        inner = path.relative_to(ROOT / package).parts[1:-1]
        if path.stem == "__init__" or deep & set(inner):
            continue
        assert path.stem in named or path.stem.startswith("pdf_"), path


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/MODEL_CARD.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target
