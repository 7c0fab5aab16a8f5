"""`python -m docs.make_licences` writes docs/LICENCES.md and docs/sbom.json (CycloneDX 1.6).

They tell what a wheel of the program needs at run time, with all that this needs in turn, as it is
installed where the script runs, and what comes along in `assets`.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, cast

from packaging.requirements import Requirement

from karyogui import __version__

FOLDER = Path(__file__).parent
ASSETS = (
    ("DejaVu and Noto fonts", "assets/fonts", "Bitstream Vera and OFL-1.1, texts beside them"),
    ("Ideogram table", "assets/ideograms", "CC0-1.0, from the package ideogram"),
    ("Icons, weights, demonstration cells", "assets", "Apache-2.0, made for this program"),
)


def main() -> int:
    """Write both files; exit status 0."""
    found = sorted(_all_needed(), key=lambda d: d.metadata["Name"].lower())
    (FOLDER / "LICENCES.md").write_text(_page(found), encoding="utf-8")
    text = json.dumps(_bill(found), indent=1, ensure_ascii=False) + "\n"
    (FOLDER / "sbom.json").write_text(text, encoding="utf-8")
    return 0


def direct() -> list[str]:
    """What pyproject.toml asks for, without the extras."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["project"]["dependencies"])


def _all_needed() -> Iterator[Distribution]:
    """What the program needs here, and what that needs in turn."""
    waiting, seen = direct(), set[str]()
    while waiting:
        need = Requirement(waiting.pop())
        wanted = need.marker is None or need.marker.evaluate({"extra": ""})
        if not wanted or _plain(need.name) in seen:
            continue
        seen.add(_plain(need.name))
        try:
            here = distribution(need.name)
        except PackageNotFoundError:  # for another system
            continue
        yield here
        waiting += here.requires or ()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(package: Distribution) -> str:
    """The licence as the package's own description tells it."""
    said = cast(Message, package.metadata)
    told = said.get("License-Expression") or ""
    classes = [
        line.rpartition("::")[2].strip()
        for line in said.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    first = (said.get("License") or "").strip().splitlines()
    short = first[0] if first and len(first[0]) < 60 else ""
    return told or ", ".join(classes) or short or "see its own files"


def _page(found: list[Distribution]) -> str:
    lines = [
        "# Licences",
        "",
        "KaryoGUI is Apache-2.0 ([LICENSE](../LICENSE)). What it needs at run time, as installed",
        "on Linux, made by `python -m docs.make_licences`; the same as a bill of materials in",
        "[sbom.json](sbom.json) (CycloneDX). Each package keeps its own licence.",
        "",
        "| package | version | licence |",
        "|---|---|---|",
    ]
    lines += [
        f"| {p.metadata['Name']} | {p.version.partition('+')[0]} | {licence_of(p)} |" for p in found
    ]
    lines += ["", "| comes along | where | licence |", "|---|---|---|"]
    lines += [f"| {name} | `{place}` | {licence} |" for name, place, licence in ASSETS]
    return "\n".join(lines) + "\n"


def _bill(found: list[Distribution]) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "karyogui", "version": __version__}
        },
        "components": [
            {
                "type": "library",
                "name": package.metadata["Name"],
                "version": (version := package.version.partition("+")[0]),
                "purl": f"pkg:pypi/{_plain(package.metadata['Name'])}@{version}",
                "licenses": [{"license": {"name": licence_of(package)}}],
            }
            for package in found
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
