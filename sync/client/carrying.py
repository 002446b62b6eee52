"""Where a carried queue is laid and found: sticks in this machine, folders, and the line that passes it on."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.kernel.refusal import Refusal
from core.store.open import Store
from sync.client import ferry
from sync.client.ferry import Load
from sync.client.moment import Moment
from sync.client.talk import Sign
from sync.ferry import ENDING, FILE_BYTES
from sync.ports import Clock, Link, LinkDown
from sync.protocol import FerryAnswer

STICKS = ("/media", "/run/media", "/mnt", "/Volumes")
DEPTH = 2  # /media/stick, /run/media/person/stick
BESIDE = "carried"  # the folder beside the data where no stick is there


@dataclass(frozen=True, slots=True)
class Laid:
    """A file that lies on the disk for good: every byte of it was written through."""

    path: Path
    acts: int
    size: int


def sticks(roots: tuple[str, ...] = STICKS) -> tuple[Path, ...]:
    """What is mounted where sticks are, and can be written to; sorted."""
    return tuple(place for place in _mounted(roots) if os.access(place, os.W_OK))


def files(beside: Path, roots: tuple[str, ...] = STICKS) -> tuple[Path, ...]:
    """Carried queues that lie on sticks and in this folder, the newest first."""
    found: dict[Path, float] = {}
    for folder in (*_mounted(roots), beside):
        with contextlib.suppress(OSError):
            found.update({path: path.stat().st_mtime for path in folder.glob(f"*{ENDING}") if path.is_file()})
    return tuple(sorted(found, key=lambda path: (-found[path], path)))


def lay(loaded: Load, folder: Path, *, name: str = "") -> Laid:
    """Writes it whole or not at all, under this name or one that tells whose it is and of when.

    Raises Refusal: ferry_disk_full, ferry_no_place; nothing is left half-written.
    """
    path = folder / (name or name_of(loaded))
    fresh = path.with_name(path.name + ".new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "wb") as file:
            file.write(loaded.data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        _through(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Refusal("ferry_disk_full", folder=str(folder)) from error
        raise Refusal("ferry_no_place", folder=str(folder), why=error.strerror or "") from error
    return Laid(path, loaded.acts, len(loaded.data))


def name_of(loaded: Load) -> str:
    """`kitchen-1-20261125-1204.ferry`, by the centre's clock (UTC)."""
    name = re.sub(r"[^a-z0-9]+", "-", loaded.name.lower()).strip("-") or "console"
    return f"{name}-{datetime.fromtimestamp(loaded.at / 1_000, UTC):%Y%m%d-%H%M%S}{ENDING}"


def read(path: Path) -> bytes:
    """Raises Refusal: no_such_file, ferry_too_large."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES + 1)
    except OSError as error:
        raise Refusal("no_such_file", file=path.name) from error
    if len(data) > FILE_BYTES:
        raise Refusal("ferry_too_large", most=FILE_BYTES // (1024 * 1024))
    return data


def pass_on(store: Store, link: Link, clock: Clock, sign: Sign, data: bytes) -> FerryAnswer:
    """Hands the file to the server. A second time nothing more happens.

    Raises Refusal: ferry_no_server, and what the file or the server says against it.
    """
    moment: Moment = clock.now()
    headers = ferry.question(store, moment, sign, data)
    try:
        return ferry.taken(link.ask("POST", ferry.PATH, data, headers))
    except LinkDown as error:
        raise Refusal("ferry_no_server") from error


def _mounted(roots: tuple[str, ...]) -> list[Path]:
    return sorted({place for root in roots for place in _below(Path(root), DEPTH) if os.path.ismount(place)})


def _below(root: Path, depth: int) -> Iterator[Path]:
    try:
        children = sorted(child for child in root.iterdir() if child.is_dir())
    except OSError:
        return
    for child in children:
        yield child
        if depth > 1:
            yield from _below(child, depth - 1)


def _through(folder: Path) -> None:
    """The name is on the disk too; some file systems cannot say so, and then the file counts all the same."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
