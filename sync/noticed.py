"""Errors of this process, gathered by kind until they are written down: how often, since when, where in our code."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from core.store.notices import Seen

MOST_KINDS = 32  # in memory; kinds beyond these are counted together
BEYOND = ("many_errors", "")
OURS = ("core", "sync", "consoles", "kitchen_tui", "ward_tui", "admin_cli")
ROOT = "dusangire"


class Noticed(logging.Handler):
    """Hears what our loggers say of errors. codes: logger -> what its errors are called; other loggers are not ours."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        super().__init__(logging.ERROR)
        self._codes = codes
        self._kinds: dict[tuple[str, str], Seen] = {}
        self._guard = threading.Lock()

    def open(self) -> None:
        logging.getLogger(ROOT).addHandler(self)

    def close(self) -> None:
        logging.getLogger(ROOT).removeHandler(self)
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        code = self._codes.get(record.name)
        if code is not None:
            self.note(code, place_of(_error_of(record)), int(record.created * 1_000))

    def note(self, code: str, where: str, at: int) -> None:
        """From any thread."""
        with self._guard:
            name = (code, where)
            if name not in self._kinds and len(self._kinds) >= MOST_KINDS:
                name = BEYOND
            known = self._kinds.get(name)
            first, count = (known.first_at, known.count + 1) if known is not None else (at, 1)
            self._kinds[name] = Seen(*name, first, max(first, at), count)

    def take(self) -> tuple[Seen, ...]:
        """What was gathered since the last time."""
        with self._guard:
            taken = tuple(self._kinds.values())
            self._kinds.clear()
        return taken

    def give_back(self, seen: tuple[Seen, ...]) -> None:
        """They could not be written down: they are told the next time."""
        with self._guard:
            for one in seen:
                known = self._kinds.get((one.code, one.where))
                last, more = (known.last_at, known.count) if known is not None else (one.last_at, 0)
                self._kinds[one.code, one.where] = Seen(one.code, one.where, one.first_at, last, one.count + more)


def place_of(error: BaseException | None) -> str:
    """`sync.client.rebase:take`: where in our own code it went wrong last. No line: those move with every version."""
    place = ""
    trace: TracebackType | None = error.__traceback__ if error is not None else None
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in OURS:
            place = f"{module}:{trace.tb_frame.f_code.co_name}"
        trace = trace.tb_next
    return place[-80:]


def _error_of(record: logging.LogRecord) -> BaseException | None:
    """As the standard library keeps it, or as structlog hands it through in its own dictionary."""
    info: Any = record.exc_info
    if info is None and isinstance(record.msg, dict):
        info = record.msg.get("exc_info")
    if info is True:
        info = sys.exc_info()
    if isinstance(info, tuple):
        info = info[1]
    return info if isinstance(info, BaseException) else None
