"""One network, two who look: the analysis of a cell and a repair wait for each other."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest

from karyogui.domain.analysis import MetaphasePicture
from karyogui.services.progress import Cancelled, Monitor, Progress, SilentMonitor
from karyogui.workers.model_analyser import ModelAnalyser

PICTURE = MetaphasePicture("cell.tif", np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8))


class Reader:
    """Looks until it is let go, and notices two looks at a time."""

    def __init__(self) -> None:
        self.begun, self.go = Event(), Event()
        self.looking = 0
        self.most = 0

    def read_separated(self, *_: object) -> tuple[()]:
        self.looking += 1
        self.most = max(self.most, self.looking)
        self.begun.set()
        self.go.wait(10)
        self.looking -= 1
        return ()


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    made = Reader()
    monkeypatch.setattr(ModelAnalyser, "_loaded", lambda _: SimpleNamespace())
    monkeypatch.setattr(ModelAnalyser, "_reader", lambda *_: made)
    return made


def look(analyser: ModelAnalyser, monitor: Monitor) -> None:
    analyser.classify(PICTURE, (), None, monitor)


def test_looks_wait_for_each_other_and_say_so(reader: Reader) -> None:
    analyser, told = ModelAnalyser(Path("w")), Event()
    said: list[str] = []

    def hear(progress: Progress) -> None:
        said.append(progress.message)
        told.set()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(look, analyser, SilentMonitor())
        assert reader.begun.wait(10)
        second = pool.submit(look, analyser, SimpleNamespace(report=hear))
        assert told.wait(10)
        reader.go.set()
        first.result(10)
        second.result(10)
    assert reader.most == 1
    assert set(said) == {"Waiting for the network"}


def test_who_waits_can_be_cancelled(reader: Reader) -> None:
    analyser = ModelAnalyser(Path("w"))

    def cancel(_progress: Progress) -> None:
        raise Cancelled

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(look, analyser, SilentMonitor())
        assert reader.begun.wait(10)
        with pytest.raises(Cancelled):
            look(analyser, SimpleNamespace(report=cancel))
        reader.go.set()
        first.result(10)
    look(analyser, SilentMonitor())
