"""Opens the kitchen's console on this machine."""

from __future__ import annotations

import sys

from consoles.kit.launch import launch
from kitchen_tui.app import KitchenApp

if __name__ == "__main__":
    sys.exit(launch(KitchenApp, plain="--plain" in sys.argv))
