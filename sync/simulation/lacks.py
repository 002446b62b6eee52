"""What a server process cannot judge: it is older than a command, or has a bug in it.

Laid over the product's own steps for the length of one turn of that process, and only from here: the product has no
switch for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core import handlers
from core.kernel.handle import Handle
from core.kernel.message import Command
from core.kernel.tx import Tx

STEPS = ("find", "decode", "run")
_own: dict[str, Any] = {}  # the product's steps, while something is laid over them


class Stumbled(Exception):  # noqa: N818 - what it does
    """A bug of ours, half-way through an act."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Commands that a process cannot judge. is_older: it has never heard of them; else it stumbles over them."""

    kinds: frozenset[str]
    is_older: bool

    def __str__(self) -> str:
        return f"{'does not know' if self.is_older else 'stumbles over'} {', '.join(sorted(self.kinds))}"


@contextmanager
def lacking(lack: Lack | None) -> Iterator[None]:
    """The product as this process has it. Another process may have a turn inside: it has its own."""
    if lack is None and not _own:
        yield
        return
    outermost, before = not _own, {name: getattr(handlers, name) for name in STEPS}
    if outermost:
        _own.update(before)
    vars(handlers).update({**_own, **(_steps(lack) if lack is not None else {})})
    try:
        yield
    finally:
        vars(handlers).update(before)
        if outermost:
            _own.clear()


def _steps(lack: Lack) -> dict[str, Any]:
    own = dict(_own)

    def find(name: str) -> Handle | None:
        found: Handle | None = None if name in lack.kinds else own["find"](name)
        return found

    def decode(name: str, v: int, args: bytes) -> Command:
        if name in lack.kinds:
            raise handlers.Undecodable("unknown_command", name)
        command: Command = own["decode"](name, v, args)
        return command

    def run(tx: Tx, handle: Handle, command: Command) -> None:
        own["run"](tx, handle, command)
        if command.name in lack.kinds:
            raise Stumbled

    return {"find": find, "decode": decode, "run": run} if lack.is_older else {"run": run}
