"""The courtesy before the import of torch: it loads, and its failing harms nothing."""

import subprocess
import sys

import pytest

from karyogui.workers import model_analyser


def test_libraries_are_there_before_torch_is_imported() -> None:
    if sys.platform != "linux":
        pytest.skip("libraries are mapped ahead on Linux only")
    program = (
        "import sys; from karyogui.workers.model_analyser import load_libraries; load_libraries();"
        "assert 'torch' not in sys.modules;"
        "assert 'libtorch_cpu' in open('/proc/self/maps').read();"
        "import torch; assert torch.ones(2).sum() == 2"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_without_torch_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_analyser.importlib.util, "find_spec", lambda name: None)
    model_analyser.load_libraries()
