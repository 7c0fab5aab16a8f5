from pathlib import Path

from PySide6.QtCore import QByteArray

from karyogui.ui.window_state import WindowState


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "window.ini"
    state = WindowState(path)
    state.keep("layout", QByteArray(b"\x00\xff"))
    state.keep("cell", 7)
    state.keep("folder", "a b")
    state.keep("gone", 1)
    state.keep("gone", None)
    state.flush()
    again = WindowState(path)
    assert again.bytes("layout") == QByteArray(b"\x00\xff")
    assert again.number("cell") == 7
    assert again.text("folder") == "a b"
    assert again.number("gone") is None


def test_nonsense_is_as_if_there_were_nothing(tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    path.write_text("[General]\ncell=seven\nlayout=7\n", encoding="utf-8")
    state = WindowState(path)
    assert state.number("cell") is None
    assert state.bytes("layout") is None
    assert state.text("missing") == ""
