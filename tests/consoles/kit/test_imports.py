"""The first frame waits for nothing heavy: what is imported before it is counted, not timed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "httpx", "argon2", "cryptography", "msgspec", "sqlcipher3", "keyring")


@pytest.mark.parametrize("module", ["consoles.kit.app", "consoles.kit.launch", "kitchen_tui.app"])
def test_a_console_is_imported_without_its_store(module: str) -> None:
    asked = f"import sys, {module}; print(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == ""


def test_the_first_frame_is_drawn_before_anything_heavy_is_imported() -> None:
    program = f"""
import asyncio, sys
from kitchen_tui.app import KitchenApp
from core.kernel.refusal import Refusal
heavy = []
def opening(on_change):
    raise Refusal("not_enrolled")
class Watched(KitchenApp):
    def open_store(self):
        heavy.extend(m for m in {HEAVY!r} if m in sys.modules)
        drawn = self.screen.is_mounted and "KITCHEN" in self.seen.query("TopLine").first().lines[0]
        heavy.append("frame" if drawn else "none")
        super().open_store()
async def main():
    app = Watched(opening)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
    print(heavy)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "['frame']"
