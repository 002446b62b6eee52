"""A PostgreSQL cluster of the tests' own: made in a temporary folder when first asked for, gone when they end.

It listens on a socket in that folder and on no port, so any number of runs can stand beside one another and beside
whatever else this machine serves. PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import psycopg

OWNER = "dusangire"
START_SECONDS = 30
# Nothing of it outlives the run, so nothing of it is forced to disk. What a commit promises is PostgreSQL's to keep.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "1GB",
    "autovacuum": "off",
    "jit": "off",
}
# The server is this shell's child: it goes when the run goes, however the run goes.
GUARD = """
"$@" & server=$!
while test -d "/proc/$RUN" && kill -0 $server 2>/dev/null; do sleep 1; done
kill -INT $server 2>/dev/null
wait $server
test -d "/proc/$RUN" || rm -rf "$DATA"
"""


_guards: list[subprocess.Popen[bytes]] = []  # those that this very process has started


class NoPostgres(Exception):  # noqa: N818 - a state of this machine
    """PostgreSQL's programs are not on this machine, or do not start."""


def url_of(folder: Path, database: str) -> str:
    return f"postgresql+psycopg://{OWNER}@/{database}?host={folder}"


def programs() -> Path:
    """The folder of the newest PostgreSQL here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    anywhere = which("initdb")
    if anywhere is None:
        raise NoPostgres("PostgreSQL's server is not installed. No test was changed. `make needs` installs it.")
    return Path(anywhere).resolve().parent


def running(folder: Path, *, for_process: int) -> Path:
    """The folder of the socket of this run's cluster, started now unless another worker has done so."""
    with alone(folder):
        data = folder / "cluster"
        if not (data / "postmaster.pid").exists():
            _start(data, for_process)
    return data


def stop(folder: Path) -> None:
    """Ends the cluster of this run, if there is one, and waits for it."""
    pid = folder / "cluster" / "postmaster.pid"
    if pid.exists():
        os.kill(int(pid.read_text().splitlines()[0]), signal.SIGINT)
        _until(lambda: not pid.exists())
    for guard in _guards:
        guard.wait(START_SECONDS)


def create_database(socket: Path, name: str, *, template: str = "template0") -> None:
    _say(socket, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop_database(socket: Path, name: str) -> None:
    """Whoever is still connected is cut off: a test that leaves a connection open harms nobody else."""
    _say(socket, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def has_database(socket: Path, name: str) -> bool:
    return bool(_say(socket, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One worker of a run at a time."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start(data: Path, for_process: int) -> None:
    binaries = programs()
    data.mkdir(mode=0o700)
    person = _owner(data)
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **person,
    )
    if made.returncode:
        raise NoPostgres(f"PostgreSQL could not make a cluster: {made.stderr.strip()}")
    options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with _log(data).open("w") as log:
        guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", binaries / "postgres", "-D", data, "-k", data, *options],
            env={**os.environ, "RUN": str(for_process), "DATA": str(data)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            **person,
        )
    _guards.append(guard)
    if not _until(lambda: _answers(data) or guard.poll() is not None) or guard.poll() is not None:
        raise NoPostgres(f"PostgreSQL did not start: {_log(data).read_text()[-2000:]}")


def _log(data: Path) -> Path:
    return data.parent / "postgres.log"


def _owner(data: Path) -> dict[str, Any]:
    """Who runs it: whoever runs the tests, but for root."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            person = pwd.getpwnam(name)
        except KeyError:
            continue
        shutil.chown(data, person.pw_uid, person.pw_gid)
        return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise NoPostgres("PostgreSQL does not run as root, and there is neither `postgres` nor `nobody` here.")


def _answers(socket: Path) -> bool:
    try:
        _say(socket, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _say(socket: Path, statement: str) -> list[Any]:
    with psycopg.connect(host=str(socket), dbname="postgres", user=OWNER, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _until(happened: Any) -> bool:
    """Waits for another process; true when it happened."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.02)
    return False


def database_name(test: str) -> str:
    """A database's name from a test's: letters that need no quoting, short enough for PostgreSQL."""
    return re.sub(r"\W+", "_", test.lower())[:40]
