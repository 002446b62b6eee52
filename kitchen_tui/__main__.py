"""Opens the kitchen's console on this machine."""

from __future__ import annotations

import sys

from consoles.kit.lasting import lasting

with lasting():
    from consoles.kit.launch import settings_of
    from kitchen_tui.app import main

if __name__ == "__main__":
    sys.exit(main(settings_of(), plain="--plain" in sys.argv))
