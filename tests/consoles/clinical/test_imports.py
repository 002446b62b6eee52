"""The clinical console's first frame waits for nothing heavy."""

from __future__ import annotations

import subprocess
import sys

from tests.consoles.kit.test_imports import HEAVY


def test_the_clinical_console_is_imported_without_its_store() -> None:
    asked = (
        "import sys, consoles.clinical.app, consoles.clinical.screens.patients, consoles.clinical.screens.card;"
        f" print(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == ""
