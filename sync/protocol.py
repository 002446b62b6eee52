"""The messages that devices and server exchange: shapes, versions and limits (sync.md §2.1-2.7).

Every message is a frozen msgspec structure. An `Op` is encoded once, on the device, and those bytes are what is stored,
hashed, signed (through its segment) and sent: there is no canonical form.
"""

from __future__ import annotations

import msgspec

PROTO = 1
MIN_PROTO = 1  # the oldest that may pull; ...
FIRST_PROTO = 1  # ... a queue is taken from every version that ever was
SEGMENT_OPS = 500  # ops in one segment
FEWEST_OPS = 16  # ... and where answers do not come in time, not fewer than these
SEGMENT_BYTES = 256 * 1024  # one segment, compressed
TURN_OPS = 64  # ops the server judges in one transaction
TURN_MS = 20  # ... or as many as fit into this
PULL_NUMBERS = 500  # commit numbers in one answer to a pull
SNAPSHOT_BEHIND = 20_000  # further behind than this: take an image instead
HEARTBEAT_MS = 15_000  # a live stream says something at least this often
SILENCE_MS = 30_000  # a console that has heard nothing for this long is OFFLINE

# outcomes: every op gets exactly one that is final (`parked` may become final once)
APPLIED = "applied"
DUPLICATE = "duplicate"
APPLIED_EXCEPTION = "applied_exception"
REJECTED = "rejected"
SUPERSEDED = "superseded"
PARKED = "parked"
OUTCOMES = (APPLIED, DUPLICATE, APPLIED_EXCEPTION, REJECTED, SUPERSEDED, PARKED)
NEEDS_READING = (APPLIED_EXCEPTION, REJECTED, SUPERSEDED, PARKED)  # shown until acknowledged


class Op(msgspec.Struct, array_like=True, frozen=True):
    """One act of one person. `args` is the command's JSON, exactly as the device wrote it."""

    op_id: bytes  # uuid7, 16 bytes
    salt: bytes  # 16 random bytes: a hash that outlives an erased body cannot be guessed back
    dseq: int  # 1, 2, 3 ... within the incarnation
    actor_id: str
    grant_id: str
    kind: str  # the command's name, e.g. "orders.start_cooking"
    v: int  # the command's version
    entity: str  # id of the row that the act is mainly about, or ""
    expect: int  # version of that row the person saw (edits), else 0
    base_seq: int  # the device's cursor at the press
    args: bytes
    claimed_at: int  # ms UTC by the device's corrected clock
    t_mono: int  # ms since boot
    boot_id: str
    clk_err: int  # ms, how wrong claimed_at may be


class Segment(msgspec.Struct, array_like=True, frozen=True):
    """A run of ops in dseq order under one signature.

    head_hash: sha256 chain, h(0) = sha256(incarnation), h(n) = sha256(h(n-1) || sha256(op bytes n)).
    signature: Ed25519 of the device key over incarnation | last dseq | head_hash.
    """

    proto: int
    device: str
    incarnation: str
    from_dseq: int
    ops: tuple[bytes, ...]
    head_hash: bytes
    signature: bytes


class Outcome(msgspec.Struct, array_like=True, frozen=True):
    """What became of one op. `commit_seq` is its number in the hospital's log."""

    op_id: bytes
    dseq: int
    outcome: str
    code: str  # refusal, case or reason code, "" when applied
    detail: str  # JSON object of words' arguments, "" when none (winner, place, instant)
    commit_seq: int


class PushAnswer(msgspec.Struct, array_like=True, frozen=True):
    outcomes: tuple[Outcome, ...]
    head: int
    at: int  # the server's instant, ms UTC
    durable_seq: int


class Change(msgspec.Struct, array_like=True, frozen=True):
    """One row as it stands after commit `seq`; `body` is a msgpack map column -> value, empty for an evict."""

    seq: int
    table: str
    row_id: str
    body: bytes


class AudienceChange(msgspec.Struct, array_like=True, frozen=True):
    """The device's new set of audiences; it takes over when this version differs from its own."""

    version: int
    audiences: tuple[str, ...]


class Check(msgspec.Struct, array_like=True, frozen=True):
    """What the rows of an audience sum up to at the number that the answer ends with."""

    audience: str
    sum: int


class Changes(msgspec.Struct, array_like=True, frozen=True):
    """All a device needs to step from its cursor to `next`: applied in one local transaction.

    The last fields are told only to those who ask for them, and while empty they are not sent at all: a console that
    does not know them never meets them.
    """

    epoch: str
    changes: tuple[Change, ...]
    outcomes: tuple[Outcome, ...]
    next: int
    head: int
    at: int
    rules_at: int  # instant at which the rules (diets, recipes) of this answer were read
    audience_change: AudienceChange | None
    durable_seq: int
    checks: tuple[Check, ...] = ()
    seal: bytes = b""  # of the act `next`


class Incident(msgspec.Struct, array_like=True, frozen=True):
    """What befell a console's store. detail: a JSON object of the words' arguments; at: the console's estimate."""

    id: bytes
    code: str
    detail: str
    at: int


class Incidents(msgspec.Struct, array_like=True, frozen=True):
    """Told until the server has them; each becomes a case once."""

    incidents: tuple[Incident, ...]


class Trouble(msgspec.Struct, array_like=True, frozen=True):
    """A refused message. `code` has its words; `detail` is a JSON object of their arguments."""

    code: str
    detail: str = ""


class Hello(msgspec.Struct, array_like=True, frozen=True):
    """Handshake, with each new connection."""

    proto: int
    min_proto: int
    app: str
    schema: int
    device: str
    incarnation: str


class HelloAnswer(msgspec.Struct, array_like=True, frozen=True):
    proto: int
    min_proto: int
    schema: int
    epoch: str
    at: int
    head: int
    last_dseq: int
    audiences: AudienceChange
    epochs: tuple[tuple[str, int], ...] = ()  # every one there was, with the number it began with; oldest first


class Enrol(msgspec.Struct, array_like=True, frozen=True):
    """A new device shows its one-time code and its public key."""

    code: str
    public_key: bytes
    incarnation: str
    name: str


class EnrolAnswer(msgspec.Struct, array_like=True, frozen=True):
    device: str
    kind: str
    name: str
    epoch: str
    audiences: AudienceChange
    server_key: bytes  # Ed25519 public key of the server, pinned by the device


class Reincarnate(msgspec.Struct, array_like=True, frozen=True):
    """A forked or restored store asks for a new incarnation; signed with the device key over both ids."""

    device: str
    old: str
    new: str
    signature: bytes


class Holder(msgspec.Struct, array_like=True, frozen=True):
    """A console that holds a patient. at: when it said that it has the newest rules, 0 when that is not known."""

    name: str
    kind: str
    has: bool
    at: int
    heard_at: int


class SeenAnswer(msgspec.Struct, array_like=True, frozen=True):
    """Which consoles have taken over the newest change of what one patient may eat."""

    stay: str
    seq: int
    changed_at: int
    at: int  # the server's instant
    holders: tuple[Holder, ...]


class Ferry(msgspec.Struct, array_like=True, frozen=True):
    """A queue that is carried: segments in dseq order, each packed as it would be pushed. Sealed for the server."""

    device: str
    name: str
    made_at: int  # the console's estimate, ms UTC
    segments: tuple[bytes, ...]


class FerryAnswer(msgspec.Struct, array_like=True, frozen=True):
    """What became of a carried queue: so many acts, so many of them new here, so many that somebody must read."""

    name: str
    made_at: int
    acts: int
    fresh: int
    unread: int
    waiting: int = 0  # of its acts that the server has not judged: it was asked by two at once


class Notice(msgspec.Struct, array_like=True, frozen=True):
    """One kind of error on one console, with all its times. where: a place in our code, never a text."""

    code: str
    where: str
    first_at: int
    last_at: int
    count: int


class Notices(msgspec.Struct, array_like=True, frozen=True):
    """What went wrong on a console, told with its next contact; told twice it counts once."""

    notices: tuple[Notice, ...]
