"""The live streams of consoles: whatever goes wrong while they are told, nobody listens on behind a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from core.kernel.values import Role
from core.people.commands import GiveGrant
from core.wards.commands import OpenStay
from sync.protocol import Changes
from sync.server import live as live_streams
from sync.server.changes import Reader
from sync.server.live import DeviceListener, Live
from sync.server.metrics import Metrics
from sync.wire import decode
from tests.sync.client.hospital import NOON, Hospital, ward_a

LOOKS = 500


class Listening:
    """One open stream of a console that holds ward A."""

    def __init__(self, live: Live, told: int) -> None:
        self.frames: list[Changes] = []
        self.is_over = False
        self._task = asyncio.get_running_loop().create_task(self._listen(live, told))

    async def _listen(self, live: Live, told: int) -> None:
        listener = DeviceListener(self._send, Reader("console", frozenset({"ward:A"}), 1), told)
        await live.join_device(listener)
        await listener.wait(asyncio.Event().wait)  # type: ignore[arg-type]  # a client that never leaves
        self.is_over = True

    async def _send(self, message: Any) -> None:
        if data := message["body"][4:]:
            self.frames.append(decode(data, Changes))

    @property
    def stays(self) -> list[str]:
        return [change.row_id for told in self.frames for change in told.changes if change.table == "stay"]


@pytest.fixture
def hospital(tmp_path: Path) -> Hospital:
    return ward_a(tmp_path)


@pytest.fixture
def live(hospital: Hospital) -> Live:
    return Live(hospital.store, lambda: NOON, Metrics())


def admit(hospital: Hospital, stay: str) -> None:
    hospital.told(OpenStay(stay_id=stay, ward_id="A", full_name=f"Patient {stay}"))


async def until(fits: Callable[[], bool]) -> None:
    """Lets the others go on until it is so."""
    for _ in range(LOOKS):
        if fits():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it has not come")


def away_once(real: Callable[..., Any]) -> Callable[..., Any]:
    """The database does not answer the first time it is asked."""
    asked: list[object] = []

    def ask(*about: Any) -> Any:
        asked.append(about)
        if len(asked) == 1:
            raise OperationalError("SELECT", {}, Exception("server closed the connection"))
        return real(*about)

    return ask


def test_after_an_error_in_the_middle_of_telling_everybody_comes_back_at_their_cursor(
    live: Live, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        live.start()
        before = hospital.head
        first = Listening(live, before)
        await until(lambda: bool(live._devices))
        admit(hospital, "stay-1")
        hospital.told(GiveGrant(person_id="nurse-1", role=Role.NURSE.value, ward_id="B"))
        monkeypatch.setattr(live_streams.audience, "of_devices", away_once(lambda *_: {"console": ("ward:A",)}))
        live.heard(hospital.head)
        await until(lambda: first.is_over)
        await live.heartbeat()
        assert [told.next for told in first.frames if told.next > before] == []
        second = Listening(live, before)
        await until(lambda: second.stays == ["stay-1"])
        await live.close()

    asyncio.run(story())


def test_what_could_not_be_read_when_it_rang_is_told_with_the_next_heartbeat(
    live: Live, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_streams, "HEARTBEAT_MS", 20)
    monkeypatch.setattr(live_streams.log, "changes_between", away_once(live_streams.log.changes_between))
    monkeypatch.setattr(live_streams.audience, "of_devices", lambda *_: {"console": ("ward:A",)})

    async def story() -> None:
        live.start()
        stream = Listening(live, hospital.head)
        await until(lambda: bool(live._devices))
        admit(hospital, "stay-1")
        live.heard(hospital.head)
        await until(lambda: stream.stays == ["stay-1"])
        await live.close()

    asyncio.run(story())
