"""Opens the administrator's console on this machine."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from consoles.admin.app import main
    from core.settings import load

    sys.exit(main(load(), plain="--plain" in sys.argv))
