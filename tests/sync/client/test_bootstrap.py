"""A console that begins, or was away too long, takes whole pictures: in parts, over a broken line, once each, and never
through a file."""

from __future__ import annotations

import builtins
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.devices import keys
from core.store import horizon, log, queue
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Stay
from sync.client import contact, images
from sync.ports import Answer, LinkDown
from sync.server import snapshot
from sync.server.reception import Asked
from tests.sync.client.hospital import Console, Hospital, StepLink, enrolled
from tests.sync.client.step_by_step import one_step

DAY = 86_400_000


def admit(hospital: Hospital, *numbers: int) -> None:
    for number in numbers:
        hospital.told(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name=f"Patient {number}"))


def image_of(console: Console, audience: str, more: Mapping[str, str]) -> Answer:
    """One request for a picture, signed as this console signs."""
    path = f"/sync/image/{audience}"
    with console.store.reading() as connection:
        me, cursor = queue.this(connection), queue.read_cursor(connection)
    assert cursor is not None
    signed = contact.signed_headers(me, cursor, console.time.now(), keys.signer(console.seed), "GET", path)
    return console.link.hospital.process.answer(Asked("GET", path, "", {**signed, **more}))


def forgotten(hospital: Hospital) -> None:
    more = True
    while more:
        with hospital.store.writing() as connection:
            more = horizon.turn(connection, hospital.time.now().wall)


class Breaking(StepLink):
    """A line that loses every other part of a picture, after the server has sent it."""

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        answer = super().ask(method, path, body, headers)
        if "/sync/image/" in path:
            self.parts = [*getattr(self, "parts", []), headers["range"]]
            if len(self.parts) % 2:
                raise LinkDown("broken")
        return answer


def test_a_picture_has_a_name_of_its_bytes_and_any_part_of_it_can_be_had(console: Console) -> None:
    whole = image_of(console, "ward:A", {})
    etag, size = whole.headers["etag"], len(whole.body)
    part = image_of(console, "ward:A", {"range": "bytes=10-19", "if-range": etag})
    other = image_of(console, "ward:A", {"range": "bytes=10-19", "if-range": '"another"'})
    beyond = image_of(console, "ward:A", {"range": f"bytes={size}-"})
    assert (whole.status, part.status, other.status, beyond.status) == (200, 206, 200, 416)
    assert (part.body, part.headers["content-range"]) == (whole.body[10:20], f"bytes 10-19/{size}")
    assert other.body == whole.body


def test_a_line_that_breaks_loses_one_part_and_not_what_came_before(
    hospital: Hospital, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "PART_BYTES", 300)
    admit(hospital, *range(20))
    line = Breaking(hospital)
    console.link = line
    _away_for_long(console)
    talk = None
    for _ in range(400):
        talk = one_step(console, talk)
        if talk is None:
            break
    starts = [int(said.removeprefix("bytes=").split("-")[0]) for said in line.parts]
    assert max(starts) >= 600
    assert all(later in (earlier, earlier + 300, 0) for earlier, later in zip(starts, starts[1:], strict=False))
    assert console.holds(Stay, "stay-19") is not None


def test_one_picture_serves_many_consoles(hospital: Hospital, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = snapshot.make

    def make(store: Any, audience: str) -> snapshot.Image:
        made.append(audience)
        return real(store, audience)

    monkeypatch.setattr(snapshot, "make", make)
    consoles = [enrolled(hospital, tmp_path, f"handheld {number}") for number in range(3)]
    shared = [audience for audience in made if not audience.startswith("device:")]
    assert sorted(shared) == sorted(set(shared))
    assert all(console.rows_held() > 0 for console in consoles)


def test_a_picture_is_never_unpacked_into_a_file(
    hospital: Hospital, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(hospital, 1)
    written: list[str] = []
    real_open, real_os_open = builtins.open, os.open

    def opening(file: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
        if any(letter in mode for letter in "wax+"):
            written.append(str(file))
        return real_open(file, mode, *args, **more)

    def os_opening(path: Any, flags: int, *args: Any, **more: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            written.append(str(path))
        return real_os_open(path, flags, *args, **more)

    monkeypatch.setattr(builtins, "open", opening)
    monkeypatch.setattr(os, "open", os_opening)
    before = set(console.where.folder.iterdir())
    _away_for_long(console)
    console.sync()
    assert console.holds(Stay, "stay-1") is not None
    assert (written, {path.name for path in set(console.where.folder.iterdir()) - before} - BESIDE) == ([], set())


BESIDE = {"device.db-wal", "device.db-shm"}


def test_a_console_from_behind_the_horizon_loads_anew_and_keeps_its_queue(console: Console, hospital: Hospital) -> None:
    console.link.down = True
    console.press(OpenStay(stay_id="stay-1", ward_id="A", full_name="Patient 1"))
    console.press(AssignBed(stay_id="stay-1", bed_id="A-001"))
    hospital.time.at = DAY
    admit(hospital, *range(2, 9))
    hospital.time.at = console.time.at = 2 * DAY
    forgotten(hospital)
    with hospital.store.reading() as connection:
        stands = log.read_head(connection)
    console.link.down = False
    console.link.asked.clear()
    console.sync()
    loaded = [asked for asked in console.link.asked if "/sync/image/" in asked]
    assert (stands.horizon_seq > 10, bool(loaded), console.waiting) == (True, True, 0)
    assert console.verdicts() == [("applied", "")] * 2
    assert [console.holds(Stay, f"stay-{number}") is not None for number in range(1, 9)] == [True] * 8


def test_a_picture_from_behind_the_horizon_is_made_anew(console: Console, hospital: Hospital) -> None:
    admit(hospital, 1)
    old = image_of(console, "ward:A", {})
    admit(hospital, 2)
    kept = image_of(console, "ward:A", {})
    hospital.time.at = console.time.at = DAY
    admit(hospital, 3)
    forgotten(hospital)
    fresh = image_of(console, "ward:A", {})
    numbers = [int(answer.headers["dusangire-seq"]) for answer in (old, kept, fresh)]
    assert numbers[0] == numbers[1] < numbers[2]


def _away_for_long(console: Console) -> None:
    with console.store.writing() as connection:
        connection.exec_driver_sql("UPDATE this_device SET schema = 1")  # loads everything anew at the next greeting
