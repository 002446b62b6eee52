"""A process to be frozen: `python -m tests.crash.hand press|judge FOLDER [off]`.

It acts for ever and prints the id of each act once it was told that it is saved. off: its commits do not wait for the
disk, to show that a rig would see that.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.stories import dying


def main(doing: str, folder: str, *how: str) -> None:
    if "off" in how:
        event.listen(Engine, "begin", _careless)
    {"press": dying.press, "judge": dying.judge}[doing](Path(folder))


def _careless(connection: object) -> None:
    driver = connection.connection.driver_connection  # type: ignore[attr-defined]  # SQLite's own
    driver.execute("PRAGMA synchronous = OFF")


if __name__ == "__main__":
    main(*sys.argv[1:])
