"""One process a store talks to the server: the one that holds the lock file.
The kernel frees it when that process dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class SyncLock:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    @property
    def held(self) -> bool:
        return self._file is not None

    def take(self) -> bool:
        """Whether it is ours now. Never waits."""
        if self._file is not None:
            return True
        opened = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(opened)
            return False
        self._file = opened
        return True

    def free(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
