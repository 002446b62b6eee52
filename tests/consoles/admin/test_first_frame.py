"""The first frame waits for nothing heavy, and no module of the console reaches the store before it is asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "httpx", "argon2", "cryptography", "msgspec", "sqlcipher3", "keyring")
SCREENS = "overview orders order wards beds people person devices trouble reports events postings".split()


@pytest.mark.parametrize("modules", ["consoles.admin.app", ", ".join(f"consoles.admin.screens.{s}" for s in SCREENS)])
def test_screens_are_imported_without_the_store(modules: str) -> None:
    asked = f"import sys, {modules}; print(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == ""
