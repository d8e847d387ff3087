"""Settings: which source wins, and one clear line for each mistake."""

from pathlib import Path

import pytest

from tui.settings import Settings, SettingsError, load


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_defaults_without_a_file(tmp_path: Path) -> None:
    assert load({}, {}, tmp_path / "none.toml") == Settings()


def test_flags_beat_environment_beats_file(tmp_path: Path) -> None:
    path = config(tmp_path, 'profile = "file"\nregion = "file"\ninterval = 9\nread_only = true\n')
    environ = {"QUEUEDECK_PROFILE": "env", "QUEUEDECK_REGION": "env", "QUEUEDECK_READ_ONLY": "0"}
    settings = load({"profile": "flag", "region": None}, environ, path)
    assert (settings.profile, settings.region, settings.interval, settings.read_only) == (
        "flag",
        "env",
        9,
        False,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('colour = "red"', "unknown key 'colour'; the keys are profile, region"),
        ("interval = 'fast'", "interval"),
        ("interval = 0.1", "the shortest is 1 s"),
        ("interval = nan", "the shortest is 1 s"),
        ("interval = inf", "the longest a day"),
        ("rate = 0", "more than 0"),
        ("rate = inf", "more than 0"),
        ("profile = ", "not valid TOML"),
        ('keys = "x"', "keys"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_it(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({}, {}, config(tmp_path, text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        load({}, {}, tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "says"), [("INTERVAL", "soon", "give a number"), ("READ_ONLY", "maybe", "say 1 or 0")]
)
def test_wrong_variables(tmp_path: Path, name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load({}, {f"QUEUEDECK_{name}": value}, tmp_path / "none.toml")
