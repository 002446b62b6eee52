"""A real terminal of its own: a session of tmux on a socket that nobody else uses, read and pressed from outside."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0
LOOK_SECONDS = 0.03
BARE = ("env", "-u", "NO_COLOR", "-u", "COLUMNS", "-u", "LINES")


class Terminal:
    """One program in a terminal of this size. When it has ended, what it said last still stands there, and `ended`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, size: tuple[int, int]) -> None:
        self._folder = TemporaryDirectory(prefix="dusangire-story-")  # short: the path of a socket may not be long
        self._socket = f"{self._folder.name}/tmux"
        told = [f"{name}={value}" for name, value in environment.items()]
        program = shlex.join([*BARE, *told, *command])
        width, height = size
        opened = ("-x", str(width), "-y", str(height), "-c", str(ROOT), f"{program}; echo ended $?; exec cat")
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "story", *opened)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["tmux", "-S", self._socket, "kill-session", "-t", "story"], check=False, capture_output=True)
        self._folder.cleanup()

    def rows(self) -> list[str]:
        return self._tmux("capture-pane", "-p", "-t", "story").split("\n")

    def text(self) -> str:
        return "\n".join(self.rows())

    def press(self, *keys: str) -> None:
        """By tmux's names: 1, x, Enter, Escape, F10."""
        self._tmux("send-keys", "-t", "story", *keys)

    def wait_for(self, *words: str) -> str:
        """What stands there when it says all of it. Raises AssertionError with what it says instead."""
        return self.wait_until(lambda text: all(one in text for one in words), f"{words} not seen")

    def wait_until(self, fits: Callable[[str], bool], what: str) -> str:
        ends = time.monotonic() + SECONDS
        while not fits(text := self.text()):
            if time.monotonic() > ends:
                raise AssertionError(f"{what}:\n{text}")
            time.sleep(LOOK_SECONDS)
        return text

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-u", "-S", self._socket, *words], check=True, capture_output=True, text=True)
        return done.stdout
