"""The settings that are handed out are settings that Dusangire takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.mark.parametrize("name", ["dusangire.toml", "container.toml"])
def test_a_settings_file_is_taken_as_it_stands(tmp_path: Path, name: str) -> None:
    (tmp_path / settings.FILE_NAME).write_text((DEPLOY / name).read_text())

    taken = settings.load({settings.HOME: str(tmp_path)})

    assert (str(taken.data_folder), taken.port) == ("/var/lib/dusangire", 8080)


def test_the_example_names_every_setting() -> None:
    told = (DEPLOY / "dusangire.toml").read_text()

    assert [key for keys in settings.SECTIONS.values() for key in keys if f"{key} = " not in told] == []


@pytest.mark.parametrize("name", ["dusangire-server.service", "dusangire-kitchen.service"])
def test_a_unit_keeps_its_data_where_the_settings_say(name: str) -> None:
    unit = (DEPLOY / name).read_text()

    assert "StateDirectory=dusangire\n" in unit
    assert f"Environment={settings.HOME}=/etc/dusangire\n" in unit


def test_the_nightly_copy_goes_to_a_folder_that_its_unit_may_write_and_a_missed_night_is_made_up_for() -> None:
    unit = (DEPLOY / "dusangire-backup.service").read_text()
    timer = (DEPLOY / "dusangire-backup.timer").read_text()
    *_, command = [line for line in unit.splitlines() if line.startswith("ExecStart=")]

    assert command.split()[1:] == ["server", "backup", "/var/lib/dusangire-copies", "--keep", "30"]
    assert "StateDirectory=dusangire dusangire-copies\n" in unit
    assert f"Environment={settings.HOME}=/etc/dusangire\n" in unit
    assert "Persistent=true\n" in timer
