"""One console of the demo as a process: `python -m admin_cli.demo.console kitchen`; Esc on its first screen ends it."""

from __future__ import annotations

import sys
from importlib import import_module

from core.settings import load

APPS = {
    "kitchen": "kitchen_tui.app",
    "ward": "ward_tui.app",
    "clinical": "consoles.clinical.app",
    "admin": "consoles.admin.app",
}


def main(name: str) -> int:
    return int(import_module(APPS[name]).main(load(), may_leave=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
