"""The command line opens consoles by name, and says so when one is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from admin_cli import console
from core.kernel.refusal import Refusal

CONSOLE = """
def main(settings):
    print("opened in", settings.language)
    return 3
"""


def test_a_console_gets_this_machines_settings_and_gives_the_exit_code(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine / "dusangire.toml").write_text('[console]\nlanguage = "rw"\n')
    (machine / "some_tui").mkdir()
    (machine / "some_tui" / "app.py").write_text(CONSOLE)
    monkeypatch.syspath_prepend(str(machine))
    done = CliRunner().invoke(console._opens("some_tui.app", "Opens some console."))
    assert (done.exit_code, done.stdout) == (3, "opened in rw\n")


@pytest.mark.parametrize("module", ["nowhere_tui.app", "admin_cli.nothing", "admin_cli.days"])
def test_a_console_that_is_not_installed_is_refused(machine: Path, module: str) -> None:
    done = CliRunner().invoke(console._opens(module, "Opens nothing."))
    assert isinstance(done.exception, Refusal) and done.exception.code == "console_missing"
