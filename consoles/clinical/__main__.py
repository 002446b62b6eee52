"""Opens the clinical console on this machine."""

from __future__ import annotations

import sys

from consoles.kit.lasting import lasting

with lasting():
    from consoles.clinical.app import main
    from consoles.kit.launch import settings_of

if __name__ == "__main__":
    sys.exit(main(settings_of(), plain="--plain" in sys.argv))
