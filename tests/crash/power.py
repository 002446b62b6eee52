"""Power cuts: a store on a file system of its own, copied in the middle of the work as the disk holds it that instant.

The file system is an image on a loop device. The process is frozen (SIGSTOP), what it has told by then is read, the
image is copied and the copy mounted, so its journal is played back as after a power cut: what was not forced to the
disk is not there. Then the process goes on to the next cut. Where this machine lets nobody mount, the files are copied
as they are: that tries a kill at any instant, but not the disk.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select, text

from core.store import device_schema, home, server_schema
from core.store.home import Home
from core.store.open import Store, open_server_store
from core.store.vault import Vault

IMAGE, IMAGE_MB = ".image", 48
MOST_TOLD = 40  # acts between two cuts
SECONDS = 60.0
LOOK_SECONDS = 0.002
LATEST_CUT_SECONDS = 0.05
HEX_ID = 32


@dataclass(slots=True)
class Cuts:
    """What the copies held of what was told."""

    cuts: int = 0
    told: int = 0
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def may_mount(folder: Path) -> bool:
    """Whether this machine lets this user mount an image of a file system."""
    with suppress(OSError, subprocess.CalledProcessError), mounted(_image(folder, "tried", 8), folder / "tried"):
        return True
    return False


@contextmanager
def disk(folder: Path, name: str) -> Iterator[Path]:
    """An empty file system in a file of its own beside it, mounted while the block lasts; else a mere folder."""
    place = folder / name
    if may_mount(folder):
        with mounted(_image(folder, name, IMAGE_MB), place):
            yield place
    else:
        place.mkdir()
        yield place


def _image(folder: Path, name: str, megabytes: int) -> Path:
    image = folder / f"{name}{IMAGE}"
    with image.open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)
    _do("mkfs.ext4", "-q", "-F", str(image))
    return image


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    _do("mount", "-o", "loop", str(image), str(place))
    try:
        yield place
    finally:
        _do("umount", str(place))


@contextmanager
def small_disk(folder: Path, *, kilobytes: int) -> Iterator[Path]:
    """A file system in memory that is soon full."""
    folder.mkdir(parents=True, exist_ok=True)
    _do("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _do("umount", str(folder))


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)


# -- cutting ----------------------------------------------------------------------------------------------------------


def cut_power(doing: str, folder: Path, disk: Path, cuts: int, *, seed: int = 1, how: tuple[str, ...] = ()) -> Cuts:
    """doing: `press` (a console's store in `folder`) or `judge` (a server's). disk: where its file system is."""
    _do("sync", "-f", str(folder))  # what was there before the first act is not what is tried
    found, dice = Cuts(), random.Random(seed)
    command = [sys.executable, "-m", "tests.crash.hand", doing, str(folder), *how]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as hand:
        try:
            told = _Told(hand)
            for number in range(cuts):
                told.wait_for(len(told.ids) + dice.randint(1, MOST_TOLD))
                time.sleep(dice.random() * LATEST_CUT_SECONDS)  # nothing is waited for: the instant is drawn by lot
                with _as_after_a_cut(hand, told, disk, number) as found_disk:
                    kept, damage = _kept(doing, found_disk / folder.relative_to(disk))
                found.cuts += 1
                found.lost += [f"cut {number}: {op_id}" for op_id in told.ids if op_id not in kept]
                found.damaged += [f"cut {number}: {one}" for one in damage]
        finally:
            hand.kill()
    found.told = len(told.ids)
    return found


@contextmanager
def _as_after_a_cut(hand: subprocess.Popen[bytes], told: _Told, disk: Path, number: int) -> Iterator[Path]:
    """The process stands still; what it told before is read; the disk as it is now is mounted beside it."""
    hand.send_signal(signal.SIGSTOP)
    while Path(f"/proc/{hand.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(LOOK_SECONDS)
    told.read()
    place = disk.with_name(f"cut-{number}")
    image, copy = disk.with_name(disk.name + IMAGE), place.with_name(place.name + IMAGE)
    try:
        if image.exists():
            _do("cp", "--sparse=always", str(image), str(copy))
            with mounted(copy, place):
                yield place
        else:
            yield Path(shutil.copytree(disk, place))
    finally:
        copy.unlink(missing_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        hand.send_signal(signal.SIGCONT)


class _Told:
    """The ids that the process has printed, read without ever waiting for it but here."""

    def __init__(self, hand: subprocess.Popen[bytes]) -> None:
        assert hand.stdout is not None
        self._hand, self._pipe, self._rest = hand, hand.stdout.fileno(), b""
        fcntl.fcntl(self._pipe, fcntl.F_SETFL, fcntl.fcntl(self._pipe, fcntl.F_GETFL) | os.O_NONBLOCK)
        self.ids: list[str] = []

    def read(self) -> None:
        with suppress(BlockingIOError):
            while piece := os.read(self._pipe, 65_536):
                *lines, self._rest = (self._rest + piece).split(b"\n")
                self.ids += [line.decode() for line in lines if len(line) == HEX_ID]

    def wait_for(self, count: int) -> None:
        ends = time.monotonic() + SECONDS
        while len(self.ids) < count:
            assert self._hand.poll() is None, "the process has ended by itself"
            assert time.monotonic() < ends, f"{len(self.ids)} of {count} acts told"
            self.read()
            time.sleep(LOOK_SECONDS)


def _kept(doing: str, place: Path) -> tuple[set[str], list[str]]:
    """The acts in a store as it was found after the cut, and what is wrong with the file."""
    store: Store = home.open_device(Home(place, Vault(place))) if doing == "press" else open_server_store(_url(place))
    table = device_schema.op if doing == "press" else server_schema.op
    try:
        with store.reading() as connection:
            ids = {bytes(op_id).hex() for op_id in connection.execute(select(table.c.op_id)).scalars()}
            told = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    finally:
        store.close()
    return ids, [one for one in told if one != "ok"]


def _url(place: Path) -> str:
    return f"sqlite:///{place / 'hospital.db'}"
