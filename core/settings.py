"""What one machine is told before it starts: folders, addresses, sizes. Never a rule:
those are policies of the hospital.

One file, `dusangire.toml`, in this machine's configuration folder (or in DUSANGIRE_HOME, which then holds everything).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from core.kernel.refusal import Refusal

APP = "dusangire"
FILE_NAME = "dusangire.toml"
HOME = "DUSANGIRE_HOME"
LANGUAGES = ("en", "fr", "rw")
THEMES = ("dark", "contrast", "ansi", "plain")
KEY_PLACES = ("file", "desktop")


@dataclass(frozen=True, slots=True)
class Settings:
    """One machine's settings. Paths are absolute; ports and sizes are whole numbers.

    keys: where this console's keys lie: `file` (0600, bound to this machine) or `desktop` (the desktop's own keyring).
    hosts: names this server answers to; empty means those of this machine. secure: pages and consoles come over https.
    """

    data_folder: Path
    language: str = "en"
    theme: str = "dark"
    server_url: str = ""
    ca_file: Path | None = None
    plain_store: bool = False
    keys: str = "file"
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    hosts: tuple[str, ...] = ()
    secure: bool = True
    processes: int = 1

    @property
    def hospital_url(self) -> str:
        """The server's database: its own file unless an address is set."""
        return self.database_url or f"sqlite:///{self.data_folder / 'hospital.db'}"


SECTIONS: Mapping[str, tuple[str, ...]] = {
    "console": ("language", "theme", "server_url", "ca_file", "plain_store", "keys"),
    "server": ("database_url", "host", "port", "hosts", "secure", "processes"),
    "machine": ("data_folder",),
}
CHOICES: Mapping[str, tuple[str, ...]] = {"language": LANGUAGES, "theme": THEMES, "keys": KEY_PLACES}
_PATHS = ("data_folder", "ca_file")


def settings_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where this machine's file lies, whether it is there or not."""
    home = environment.get(HOME, "")
    folder = Path(home) if home else platformdirs.user_config_path(APP, appauthor=False)
    return folder / FILE_NAME


def load(environment: Mapping[str, str] = os.environ, **changed: Any) -> Settings:
    """This machine's settings; `changed` overrides single ones. A file that is not there means the defaults.

    Raises Refusal("bad_settings") with the file, the key and what is wrong with it: nothing is half taken over.
    """
    path = settings_file(environment)
    home = environment.get(HOME, "")
    folder = Path(home) / "data" if home else platformdirs.user_data_path(APP, appauthor=False)
    values = _read(path) if path.exists() else {}
    values.update(changed)
    known = replace(Settings(data_folder=folder.absolute()), **values)
    return replace(known, data_folder=known.data_folder.expanduser().absolute())


def _read(path: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal("bad_settings", file=path.name, key="", why=str(error)) from error
    values: dict[str, Any] = {}
    for section, entries in told.items():
        if section not in SECTIONS or not isinstance(entries, dict):
            raise Refusal("bad_settings", file=path.name, key=section, why="unknown")
        for key, value in entries.items():
            if key not in SECTIONS[section]:
                raise Refusal("bad_settings", file=path.name, key=f"{section}.{key}", why="unknown")
            values[key] = _value(path, key, value)
    return values


def _value(path: Path, key: str, value: Any) -> Any:
    """One value, of the kind that its field has."""
    if key in _PATHS and isinstance(value, str):
        return Path(value)
    if key == "hosts" and isinstance(value, list) and all(isinstance(host, str) for host in value):
        return tuple(value)
    wanted = {field.name: field.type for field in fields(Settings)}[key]
    kinds = {"str": str, "bool": bool, "int": int}
    fits = wanted in kinds and type(value) is kinds[str(wanted)]
    if not fits or value not in CHOICES.get(key, (value,)):
        raise Refusal("bad_settings", file=path.name, key=key, why=repr(value)[:60])
    return value
