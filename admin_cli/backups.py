"""A verified copy of the hospital, and the hospital from such a copy: what consoles may forget hangs on the first, and
what they still hold comes back after the second (sync.md §2.8)."""

from __future__ import annotations

import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from admin_cli.hospital import hospital, shown
from core.kernel.refusal import Refusal
from core.settings import Settings
from core.store import backup, log, migrations, restore
from sync.server.proof import Whole, prove

PREFIX = "hospital"
COPY = re.compile(rf"{PREFIX}-(\d{{8}}-\d{{6}})-(\d+)\.db")
KNOCK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was read whole. seq: it holds every act up to this number."""

    file: Path
    bytes: int
    whole: Whole
    durable_seq: int  # of the living hospital, afterwards


@dataclass(frozen=True, slots=True)
class Restored:
    """The hospital as it is now. aside: where what was there before lies, "" for nowhere."""

    database: str
    aside: str
    epoch: str
    whole: Whole


def back_up(settings: Settings, folder: Path) -> Copied:
    """Writes a copy, reads it whole, and only then lets consoles know. Raises Refusal: no_backup, bad_backup,
    log_broken; then no copy is left and nothing was told."""
    with hospital(settings.hospital_url):
        pass  # it is there, and of this version
    part = folder / f"{PREFIX}-{os.getpid()}.db{backup.PART}"
    backup.discard(part)
    try:
        backup.write_copy(settings.hospital_url, part)
        with backup.opened(part) as copy, copy.reading() as connection:
            whole = prove(connection)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(whole.at / 1_000))
        file = folder / f"{PREFIX}-{stamp}-{whole.seq}.db"
        os.replace(part, file)
    except BaseException:
        backup.discard(part)
        raise
    with hospital(settings.hospital_url) as store, store.writing() as connection:
        if log.lock_head(connection).epoch == whole.epoch:
            restore.note_durable(connection, whole.seq)
        durable = log.read_head(connection).durable_seq
    return Copied(file, file.stat().st_size, whole, durable)


def let_old_go(folder: Path, keep: int) -> tuple[str, ...]:
    """Deletes our own copies in a folder but for so many of the newest; their names, the oldest first. Files that are
    named otherwise are nobody's to delete. Raises Refusal("no_backup") when one cannot be deleted."""
    named = [(found[1], int(found[2]), path) for path in folder.iterdir() if (found := COPY.fullmatch(path.name))]
    gone = []
    for _, _, path in sorted(named)[: -max(1, keep)]:
        try:
            backup.discard(path)
        except OSError as error:
            raise Refusal("no_backup", why=type(error).__name__) from error
        gone.append(path.name)
    return tuple(gone)


def bring_back(settings: Settings, file: Path, *, older: bool = False) -> Restored:
    """The hospital is this copy from now on, in a new epoch. Raises Refusal: server_runs, bad_backup, log_broken,
    older_backup; then everything is as it was. older: also when consoles may have forgotten what this copy lacks."""
    _refuse_while_it_runs(settings)
    with _own_copy(file, settings.data_folder) as mine:
        with backup.opened(mine) as store:
            migrations.bring_up(store)
            with store.reading() as connection:
                whole = prove(connection)
            if not older:
                _refuse_older(settings, whole)
            with store.writing() as connection:
                epoch = restore.begin_epoch(connection, os.urandom(16).hex()).epoch
        aside = backup.move_in(mine, settings.hospital_url)
    return Restored(shown(settings.hospital_url), aside, epoch, whole)


@contextmanager
def _own_copy(file: Path, folder: Path) -> Iterator[Path]:
    """The copy itself is never written: it may be needed again."""
    if not file.is_file():
        raise Refusal("bad_backup", file=file.name, why="gone")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    mine = folder / f"restore-{os.getpid()}.db{backup.PART}"
    backup.discard(mine)
    try:
        mine.touch(mode=0o600)
        shutil.copyfile(file, mine)
        yield mine
    except OSError as error:
        raise Refusal("no_backup", why=type(error).__name__) from error
    finally:
        backup.discard(mine)


def _refuse_while_it_runs(settings: Settings) -> None:
    """Whoever serves would go on with the old file."""
    try:
        socket.create_connection((settings.host, settings.port), KNOCK_SECONDS).close()
    except OSError:
        return
    raise Refusal("server_runs", port=settings.port)


def _refuse_older(settings: Settings, whole: Whole) -> None:
    try:
        with hospital(settings.hospital_url) as store, store.reading() as connection:
            living = log.read_head(connection)
    except Refusal:
        return  # there is none, or none that can be read: that is why it is brought back
    if living.epoch == whole.epoch and living.durable_seq > whole.seq:
        raise Refusal("older_backup", holds=whole.seq, durable=living.durable_seq)
