from dataclasses import fields
from pathlib import Path

import pytest

from karyogui.errors import KaryoError
from karyogui.settings import SETTINGS, Kind, Settings, SettingsStore, load, login_name, save


def test_the_file_is_readable_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    chosen = Settings(who='Anna "A" Müller\n', theme="dark", analyse_after_import=False)
    save(path, chosen)
    assert load(path) == chosen
    assert 'theme = "dark"' in path.read_text(encoding="utf-8")
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.toml"]


def test_the_table_names_every_field() -> None:
    assert [s.key for s in SETTINGS] == list(dict.fromkeys(s.key for s in SETTINGS))
    assert {s.key for s in SETTINGS} == {f.name for f in fields(Settings)}
    for setting in SETTINGS:
        default = getattr(Settings(), setting.key)
        if setting.kind is Kind.CHOICE:
            assert default in [value for value, _ in setting.choices]
        if setting.kind is Kind.SWITCH:
            assert isinstance(default, bool)


DEEP = "theme = " + "[" * 20_000


@pytest.mark.parametrize("text", ["theme = ", "\x00", 'theme = "pink"', "theme = 3", "", DEEP])
def test_a_broken_file_gives_the_defaults(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    assert load(path) == Settings()


def test_what_is_right_in_a_half_wrong_file_counts(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('theme = "pink"\nwho = "Anna"\nunknown = 1\n', encoding="utf-8")
    assert load(path) == Settings(who="Anna")


def test_listeners_hear_of_changes_until_they_stop(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "deep" / "settings.toml")
    heard: list[Settings] = []
    stop = store.listen(heard.append)
    store.change(Settings())
    store.change(Settings(who="Anna"))
    stop()
    store.change(Settings(who="Ben"))
    assert heard == [Settings(who="Anna")]
    assert load(store.path) == Settings(who="Ben")


def test_a_place_that_cannot_be_written_is_told_and_the_choice_holds(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = SettingsStore(tmp_path / "file" / "settings.toml")
    with pytest.raises(KaryoError, match="could not be saved"):
        store.change(Settings(who="Anna"))
    assert store.values.who == "Anna"


def test_without_a_name_the_login_name_stands() -> None:
    assert Settings(who="  ").user == login_name()
    assert Settings(who=" Anna ").user == "Anna"


def test_a_chosen_separation_that_is_gone_is_none(tmp_path: Path) -> None:
    own = tmp_path / "own.safetensors"
    assert Settings().separation_weights is None
    assert Settings(separation=str(own)).separation_weights is None
    own.touch()
    assert Settings(separation=str(own)).separation_weights == own
