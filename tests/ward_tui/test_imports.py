"""The handheld's first frame waits for nothing heavy: what is imported before it is counted, not timed."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("sqlmodel", "sqlalchemy", "pydantic", "httpx", "argon2", "cryptography", "msgspec", "sqlcipher3", "keyring")


def _asked(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_every_screen_is_imported_without_the_store() -> None:
    screens = ("run", "load", "collect", "way", "bedside", "cash", "signing", "desk", "order", "unordered", "admit")
    names = ", ".join(["ward_tui.app", *(f"ward_tui.screens.{name}" for name in screens)])
    assert _asked(f"import sys, {names}; print(' '.join(m for m in {HEAVY!r} if m in sys.modules))") == ""


def test_the_first_frame_is_drawn_before_anything_heavy_is_imported() -> None:
    program = f"""
import asyncio, sys
from ward_tui.app import WardApp
from core.kernel.refusal import Refusal
heavy = []
def opening(on_change):
    raise Refusal("not_enrolled")
class Watched(WardApp):
    def open_store(self):
        heavy.extend(m for m in {HEAVY!r} if m in sys.modules)
        drawn = self.screen.is_mounted and "MY RUN" in self.seen.query("TopLine").first().lines[0]
        heavy.append("frame" if drawn else "none")
        super().open_store()
async def main():
    app = Watched(opening)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.pause()
    print(heavy)
asyncio.run(main())
"""
    assert _asked(program) == "['frame']"
