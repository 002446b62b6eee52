"""What one machine is told: one file, every key known, nothing half taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.kernel.refusal import Refusal

WHOLE = """
[console]
language = "fr"
theme = "contrast"
server_url = "https://dusangire.chuk.rw"
ca_file = "ca.pem"
keys = "desktop"

[server]
host = "0.0.0.0"
port = 443
hosts = ["dusangire.chuk.rw"]
secure = true
"""


def load(folder: Path, text: str | None = None, **changed: Any) -> settings.Settings:
    if text is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / settings.FILE_NAME).write_text(text)
    return settings.load({settings.HOME: str(folder)}, **changed)


def trouble(folder: Path, text: str) -> dict[str, str | int]:
    with pytest.raises(Refusal) as refused:
        load(folder, text)
    assert refused.value.code == "bad_settings"
    return refused.value.detail


def test_without_a_file_the_defaults_hold_and_everything_lies_in_one_home(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert (found.language, found.port, found.plain_store, found.secure, found.data_folder) == (
        "en",
        8080,
        False,
        True,
        tmp_path / "data",
    )


def test_a_whole_file_is_taken_over(tmp_path: Path) -> None:
    found = load(tmp_path, WHOLE)
    assert (found.language, found.theme, found.port, found.hosts, found.ca_file, found.keys) == (
        "fr",
        "contrast",
        443,
        ("dusangire.chuk.rw",),
        Path("ca.pem"),
        "desktop",
    )


def test_what_is_said_at_the_start_comes_before_the_file(tmp_path: Path) -> None:
    assert load(tmp_path, WHOLE, port=9).port == 9


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[console]\ncolour = 'red'", "console.colour"),
        ("[kitchen]\nx = 1", "kitchen"),
        ("port = 1", "port"),
        ("[server]\nport = '80'", "port"),
        ("[server]\nport = true", "port"),
        ("[server]\nsecure = 1", "secure"),
        ("[server]\nhosts = 'one'", "hosts"),
        ("[console]\nlanguage = 'de'", "language"),
        ("[console]\ntheme = 'pink'", "theme"),
        ("[console]\nkeys = 'pocket'", "keys"),
    ],
)
def test_a_key_that_is_unknown_or_wrong_is_named(tmp_path: Path, text: str, key: str) -> None:
    assert trouble(tmp_path, text)["key"] == key


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    assert trouble(tmp_path, "[console")["file"] == settings.FILE_NAME


def test_the_database_is_a_file_of_this_machine_unless_an_address_is_set(tmp_path: Path) -> None:
    own, other = load(tmp_path), load(tmp_path, database_url="postgresql+psycopg:///hospital")
    assert (own.hospital_url, other.hospital_url) == (
        f"sqlite:///{tmp_path / 'data' / 'hospital.db'}",
        "postgresql+psycopg:///hospital",
    )


def test_settings_hold_no_rule_of_the_hospital() -> None:
    from core.kernel.policy import DEFAULTS

    assert not set(DEFAULTS) & {name for names in settings.SECTIONS.values() for name in names}
