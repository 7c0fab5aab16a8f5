"""The examples of the documents run as they stand there."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from karyogui.paths import WEIGHTS
from model.data.synthetic import karyotype_counts, render_cell
from model.vocabulary.assets import ROOT


def test_one_chromosome_is_classified(tmp_path: Path) -> None:
    chromosome = render_cell(karyotype_counts("46,XX"), np.random.default_rng(1))[0]
    Image.fromarray(chromosome.image).save(tmp_path / "one.png")
    example = ROOT / "docs" / "examples" / "classify_one.py"
    weights = WEIGHTS / "compact.safetensors"
    command = [sys.executable, str(example), str(weights), str(tmp_path / "one.png")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    told = done.stdout.splitlines()
    assert told[0].startswith("type: 1 ")
    assert told[1].startswith("q arm ")
    assert told[2].startswith("zoom: ")
