"""What a console's request is answered with: hello, enrol, incarnation, push, changes, image. Bytes in,
bytes out, no I/O.

A request that must be judged or written first is answered in two steps: the `Work` to be done, then the answer. The
server's doors and the simulator carry out the same work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from urllib.parse import parse_qs, unquote

import msgspec
from sqlalchemy import Connection

from core.devices.model import Device
from core.kernel.refusal import Refusal
from core.store import log
from core.store.open import Store
from core.store.tables import SCHEMA
from sync.patience import BUSY_WAIT_MS
from sync.ports import Answer
from sync.protocol import (
    PULL_NUMBERS,
    SNAPSHOT_BEHIND,
    AudienceChange,
    Changes,
    Enrol,
    Hello,
    Notices,
    Outcome,
    PushAnswer,
    Reincarnate,
)
from sync.server import audience, changes, devices, ferry, incidents, notices, snapshot
from sync.server.changes import Reader, TooFarBehind
from sync.server.devices import Refused, Verify
from sync.server.perform import Submission
from sync.server.push import PushRefused, open_segment
from sync.wire import WireError, decode, encode, unpack_segment

KIND = "application/x-dusangire"
MOST_IMAGES = 64
ENROLS_A_MINUTE = 20
MOST_ADDRESSES = 10_000
Outcomes = Sequence[Outcome | None]
Chore = Callable[[Connection], object]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. Header names are in small letters; path and query as they came, still escaped."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """Acts to be judged, then a chore to be written, before `then` gives the answer."""

    submissions: Sequence[Submission]
    then: Callable[[Outcomes], Answer | Work]
    chore: Chore | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a request comes to. `aside`: a chore that nobody waits for."""

    answer: Answer | Work
    aside: Chore | None = None


@dataclass(frozen=True, slots=True)
class Listening:
    """A live stream that may open. told: another set of audiences; the stream then says that and nothing else."""

    reader: Reader
    cursor: int
    told: Changes | None


class Reception:
    """One server process's way to answer. `now`: ms UTC. It keeps images and counts tries;
    everything else is the store's."""

    def __init__(
        self, store: Store, now: Callable[[], int], verify: Verify, *, snapshot_behind: int = SNAPSHOT_BEHIND
    ) -> None:
        self._store, self._now, self._verify, self._behind = store, now, verify, snapshot_behind
        self._fresh = min(snapshot.FRESH_NUMBERS, snapshot_behind // 2)  # or an image would be too far behind itself
        self._images: dict[str, snapshot.Image] = {}
        self._tries: dict[str, tuple[int, int]] = {}  # address -> minute, tries in it

    def receive(self, asked: Asked) -> Said:
        """Never raises for a bad request; StoreTrouble when the disk is full or broken."""
        try:
            return self._receive(asked)
        except Refused as refused:
            return Said(refusal(refused))
        except WireError as error:
            return Said(refusal(Refused(400, error.code, **error.detail)))

    def _receive(self, asked: Asked) -> Said:
        if asked.path.startswith(IMAGE):
            return Said(self._image(asked))
        known = {
            "/sync/hello": self._hello,
            "/sync/enrol": self._enrol,
            "/sync/incarnation": self._incarnation,
            "/sync/push": self._push,
            "/sync/ferry": self._ferry,
            "/sync/changes": self._changes,
            "/sync/seen": self._seen,
            "/sync/incidents": self._incidents,
            "/sync/notices": self._notices,
        }.get(asked.path)
        if known is None:
            raise Refused(404, "bad_message")
        return known(asked)

    # -- joining ------------------------------------------------------------------------------------------------------

    def _hello(self, asked: Asked) -> Said:
        return Said(told(devices.hello(self._store, self._now(), decode(asked.body, Hello))))

    def _enrol(self, asked: Asked) -> Said:
        """A lost answer is given again: the same code, key and incarnation are the same act."""
        self._count_try(asked.address)
        message = decode(asked.body, Enrol)
        wanted = devices.enrolment(self._store, self._now(), message)

        def enrolled(outcomes: Outcomes) -> Answer | Work:
            device_id = devices.enrolled(outcomes[0], wanted)
            return Work((), welcomed(device_id), self._opening(device_id, message.incarnation))

        def welcomed(device_id: str) -> Callable[[Outcomes], Answer]:
            return lambda _: told(devices.welcome(self._store, self._now(), device_id))

        return Said(Work((wanted,), _in_words(enrolled)))

    def _incarnation(self, asked: Asked) -> Said:
        message = decode(asked.body, Reincarnate)
        devices.check_reincarnation(self._store, message, self._verify)
        done = Answer(200, {"content-type": KIND})
        return Said(Work((), lambda _: done, self._opening(message.device, message.new)))

    def _opening(self, device_id: str, incarnation: str) -> Chore:
        return lambda connection: devices.open_incarnation(connection, self._now(), device_id, incarnation)

    def _count_try(self, address: str) -> None:
        """So many tries a minute from one address; the table forgets whole minutes, so it stays small."""
        minute = self._now() // 60_000
        seen, tries = self._tries.get(address, (minute, 0))
        if seen != minute or len(self._tries) > MOST_ADDRESSES:
            self._tries = {who: entry for who, entry in self._tries.items() if entry[0] == minute}
            tries = 0
        self._tries[address] = (minute, tries + 1)
        if tries >= ENROLS_A_MINUTE:
            raise Refused(429, "too_many_tries")

    # -- the queue of a console ---------------------------------------------------------------------------------------

    def _push(self, asked: Asked) -> Said:
        """Judged turn by turn; between two turns of one device others have theirs."""
        segment = unpack_segment(asked.body)
        try:
            opened = open_segment(self._store, segment, self._verify)
        except PushRefused as refused:
            return Said(_answer(refused.trouble, refused.status))
        now = self._now()
        return Said(
            Work(opened.submissions, self._pushed),
            lambda connection: log.note_contact(connection, segment.incarnation, at=now),
        )

    def _pushed(self, outcomes: Outcomes) -> Answer:
        answered = takewhile(lambda outcome: outcome is not None, outcomes)  # the client counts them from its first
        known = tuple(outcome for outcome in answered if outcome is not None)
        with self._store.reading() as connection:
            head = log.read_head(connection)
        return told(PushAnswer(known, head.seq, max(self._now(), head.at), head.durable_seq))

    def _ferry(self, asked: Asked) -> Said:
        """Another console's queue, carried here by one of ours, which could not read it."""
        device, at = self._asking(asked)
        if not devices.standing(self._store, device.id, at)[1]:
            raise Refused(403, "device_revoked")
        try:
            carried, submissions = ferry.open_carried(self._store, asked.body, self._verify)
        except Refusal as refusal:
            raise Refused(400, refusal.code, **refusal.detail) from refusal
        with self._store.reading() as connection:
            before = log.read_head(connection).seq
        left = ferry.parts(submissions)
        gathered: list[Outcome | None] = []

        def judged(outcomes: Outcomes) -> Answer | Work:
            gathered.extend(outcomes)
            part = next(left, None)
            return Work(part, judged) if part is not None else told(ferry.told(carried, before, gathered))

        return Said(judged(()))

    # -- the news for a console ---------------------------------------------------------------------------------------

    def _changes(self, asked: Asked) -> Said:
        listening = self._reader(asked)
        if listening.told is not None:
            return Said(told(listening.told))
        limit = _parameter(asked, "limit")
        most = min(int(limit), PULL_NUMBERS) if limit.isdecimal() and int(limit) > 0 else PULL_NUMBERS
        try:
            found = changes.since(
                self._store,
                listening.reader,
                listening.cursor,
                self._now(),
                most=most,
                behind=self._behind,
                asked=self._besides(asked),
            )
        except TooFarBehind as far:
            raise Refused(410, "too_far_behind") from far
        name, now = asked.headers.get("dusangire-incarnation", ""), self._now()
        return Said(told(found), lambda connection: devices.note_heard(connection, now, name, listening.cursor))

    def _besides(self, asked: Asked) -> changes.Asked:
        """What is asked besides the news. Raises Refused: 409 log_differs, when this log is not the one that the
        console was told of."""
        said = parse_qs(asked.query, keep_blank_values=True).get("witness")
        if said is None:
            return changes.NOTHING_MORE
        number, _, seal = said[0].partition(".")
        if number:
            with self._store.reading() as connection:
                if not number.isdecimal() or log.seal_at(connection, int(number)).hex() != seal:
                    raise Refused(409, "log_differs")
        parked = _parameter(asked, "parked")
        oldest = int(parked) if parked.isdecimal() else 0
        return changes.Asked(checks=_parameter(asked, "checks") == str(SCHEMA), seal=True, parked=oldest)

    def listen(self, asked: Asked) -> Listening | Answer:
        """Whether a live stream opens, and from where."""
        try:
            return self._reader(asked)
        except Refused as refused:
            return refusal(refused)

    def _reader(self, asked: Asked) -> Listening:
        """Who asks, from which cursor; and the set it may hold, if it is another than it holds."""
        device, at = self._asking(asked)
        epoch, _, number = _parameter(asked, "cursor").rpartition(".")
        if not number.isdecimal():
            raise Refused(400, "bad_message")
        head, may = devices.standing(self._store, device.id, at)
        if not may:
            raise Refused(403, "device_revoked")
        if epoch != head.epoch:
            raise Refused(409, "other_epoch")
        if int(number) > head.seq:
            raise Refused(409, "log_differs")
        held, version, cursor = _parameter(asked, "audiences"), audience.version_of(may), int(number)
        same = not held or (held.isdecimal() and int(held) == version)
        if same and cursor < head.horizon_seq:
            raise Refused(410, "too_far_behind")
        wanted = None if same else self._other_audiences(head, cursor, AudienceChange(version, may))
        return Listening(Reader(device.id, frozenset(may), version), cursor, wanted)

    def _other_audiences(self, head: log.Head, cursor: int, wanted: AudienceChange) -> Changes:
        """Another set than the one held: told first, and its cursor stays, for what it may hold begins there."""
        at = max(self._now(), head.at)
        return Changes(head.epoch, (), (), cursor, head.seq, at, at, wanted, head.durable_seq)

    def _asking(self, asked: Asked) -> tuple[Device, int]:
        """The device that signed this request. Raises Refused."""
        said = devices.Signed(
            device=asked.headers.get("dusangire-device", ""),
            incarnation=asked.headers.get("dusangire-incarnation", ""),
            time=asked.headers.get("dusangire-time", ""),
            signature=asked.headers.get("dusangire-signature", ""),
            about=f"{asked.method} {asked.path}?{asked.query}" if asked.query else f"{asked.method} {asked.path}",
        )
        now = self._now()
        return devices.who_asks(self._store, now, said, self._verify), now

    def _incidents(self, asked: Asked) -> Said:
        """A console says what befell its store; also one that may pull no more."""
        device, _ = self._asking(asked)
        done = Answer(200, {"content-type": KIND})
        return Said(Work(incidents.submissions(device, asked.body, _parameter(asked, "sum")), lambda _: done))

    # -- who has it ---------------------------------------------------------------------------------------------------

    def _seen(self, asked: Asked) -> Said:
        """A card asks which consoles have taken over what its patient may eat."""
        device, at = self._asking(asked)
        return Said(told(devices.seen_by(self._store, at, device.id, _parameter(asked, "stay"))))

    # -- what went wrong there ----------------------------------------------------------------------------------------

    def _notices(self, asked: Asked) -> Said:
        """Also from a console out of use: its errors are ours."""
        device, _ = self._asking(asked)
        acts = notices.from_console(device.id, decode(asked.body, Notices))
        done = Answer(200, {"content-type": KIND})
        return Said(Work(acts, lambda _: done))

    # -- whole audiences ----------------------------------------------------------------------------------------------

    def _image(self, asked: Asked) -> Answer:
        """A whole audience, or the part of it that is asked for."""
        device, at = self._asking(asked)
        head, may = devices.standing(self._store, device.id, at)
        name = unquote(asked.path.removeprefix(IMAGE))
        if not may:
            raise Refused(403, "device_revoked")
        if name not in may:
            raise Refused(403, "not_your_audience")
        kept = self._images.get(name)
        if kept is None or not snapshot.still_good(kept, head, most=self._fresh):
            if len(self._images) >= MOST_IMAGES:
                self._images.clear()
            kept = self._images[name] = snapshot.make(self._store, name)
            if name not in devices.standing(self._store, device.id, at)[1]:  # taken away while it was being made
                raise Refused(403, "not_your_audience")
        return _part(asked, kept)


IMAGE = "/sync/image/"


def told(message: msgspec.Struct) -> Answer:
    return _answer(message, 200)


def refusal(refused: Refused) -> Answer:
    more = {"retry-after": str(BUSY_WAIT_MS // 1_000)} if refused.status == 503 else {}
    return _answer(refused.trouble, refused.status, more)


def _answer(message: msgspec.Struct, status: int, more: Mapping[str, str] = {}) -> Answer:
    return Answer(status, {"content-type": KIND, **more}, encode(message))


def _in_words(then: Callable[[Outcomes], Answer | Work]) -> Callable[[Outcomes], Answer | Work]:
    """A refusal after the work is an answer too."""

    def answer(outcomes: Outcomes) -> Answer | Work:
        try:
            return then(outcomes)
        except Refused as refused:
            return refusal(refused)

    return answer


def _parameter(asked: Asked, name: str) -> str:
    return parse_qs(asked.query).get(name, [""])[0]


def _part(asked: Asked, kept: snapshot.Image) -> Answer:
    headers = {
        "content-type": KIND,
        "etag": f'"{kept.etag}"',
        "dusangire-seq": str(kept.seq),
        "accept-ranges": "bytes",
    }
    size = len(kept.packed)
    wanted = asked.headers.get("range", "")
    if not wanted or asked.headers.get("if-range", headers["etag"]) != headers["etag"]:
        return Answer(200, headers, kept.packed)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    if not first.isdecimal() or int(first) >= size or (last and not last.isdecimal()):
        return Answer(416, {**headers, "content-range": f"bytes */{size}"})
    end = min(int(last) if last else size - 1, size - 1)
    headers["content-range"] = f"bytes {first}-{end}/{size}"
    return Answer(206, headers, kept.packed[int(first) : end + 1])
