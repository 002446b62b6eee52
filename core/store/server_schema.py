"""The server's machinery: head, ops, changes, incarnations, sessions, effects. Nothing here has an audience.

None of these rows is written by a handler: steps of the sync server write them
through `core.store.log` and `core.store.web`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text

from core.store.tables import SERVER

# one row: the hospital. Every writing transaction changes it first, so one at a time writes (sync.md §2.5).
head = Table(
    "head",
    SERVER,
    Column("one", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Text, nullable=False),
    Column("epochs", Text, nullable=False),  # each epoch and the number it began with, oldest first: "a 0 b 4711"
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("turn", BigInteger, nullable=False),
    Column("rules_version", BigInteger, nullable=False),
    Column("durable_seq", BigInteger, nullable=False),
    Column("horizon_seq", BigInteger, nullable=False),  # behind it the log holds only the newest word on each row
    Column("erased_seq", BigInteger, nullable=False),  # up to it the bytes of acts are gone, but for those held back
    Column("seal", LargeBinary, nullable=False),  # of the newest act: each act's runs over that of the one before it
    Column("practice", Boolean, nullable=False),
    Column("signing_seed", Text, nullable=False),  # Ed25519 seed of the server, hex
)

# one row an act, for good: this is the audit of state changes (sync.md §2.1)
op = Table(
    "op",
    SERVER,
    Column("op_id", LargeBinary, primary_key=True),
    Column("commit_seq", BigInteger, nullable=False),
    Column("told_seq", BigInteger, nullable=False),  # of its outcome: its own, or the mark's that judged it after all
    Column("origin", Text, nullable=False),
    Column("origin_ref", Text, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("dseq", BigInteger, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("v", BigInteger, nullable=False),
    Column("entity", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("claimed_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("seal", LargeBinary, nullable=False),
    Index("op_commit", "commit_seq", unique=True),
    Index("op_device", "origin_ref", "commit_seq"),
    Index("op_dseq", "incarnation", "dseq"),
    Index("op_entity", "entity", "commit_seq"),
)

# the bytes of an op, until horizon, durable number and open cases have passed
op_body = Table(
    "op_body",
    SERVER,
    Column("op_id", LargeBinary, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# acts whose bytes outlive the horizon: a case about them is open, or nobody could judge them yet
held_back = Table(
    "held_back",
    SERVER,
    Column("op_id", LargeBinary, primary_key=True),
)

# one row a changed row, numbered by its act: (seq, part) is gap-free in commit order per act
change = Table(
    "change",
    SERVER,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("part", BigInteger, primary_key=True, autoincrement=False),
    Column("table_name", Text, nullable=False),
    Column("row_id", Text, nullable=False),
    Column("before", Text, nullable=False),  # audiences, space-separated
    Column("after", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("change_row", "table_name", "row_id", "seq"),
)

# where each device's chain of ops stands
incarnation = Table(
    "incarnation",
    SERVER,
    Column("id", Text, primary_key=True),
    Column("device_id", Text, nullable=False),
    Column("last_dseq", BigInteger, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("cursor", BigInteger, nullable=False),  # how far the device says it has come
    Column("heard_at", BigInteger, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    Index("incarnation_device", "device_id"),
)

# acts that a device sent again under a new incarnation: their place in its chain
resent = Table(
    "resent",
    SERVER,
    Column("incarnation", Text, primary_key=True),
    Column("dseq", BigInteger, primary_key=True, autoincrement=False),
    Column("op_id", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

session = Table(
    "session",
    SERVER,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("stay_id", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("session_stay", "stay_id"),
)

# tries at a door (a bed's code, an account), for rate limits; dropped after a day
door_try = Table(
    "door_try",
    SERVER,
    Column("id", LargeBinary, primary_key=True),
    Column("door", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("opened", Boolean, nullable=False),
    Index("door_try_door", "door", "at"),
)

# what the outside world must still be told; claimed, tried a bounded number of times, then visibly failed
effect = Table(
    "effect",
    SERVER,
    Column("op_id", LargeBinary, primary_key=True),
    Column("effect", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, claimed, done, failed
    Column("tries", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Index("effect_due", "state", "due_at"),
)

# a meal that somebody is still choosing: no order yet, so no act, no change, no reader but its own stay
cart_line = Table(
    "cart_line",
    SERVER,
    Column("stay_id", Text, primary_key=True),
    Column("service_id", Text, primary_key=True),
    Column("dish_id", Text, primary_key=True),
    Column("halves", BigInteger, nullable=False),
    Column("set_at", BigInteger, nullable=False),
)

# how far the order numbers of a service have been handed out to the processes that serve its pages
number_block = Table(
    "number_block",
    SERVER,
    Column("service_id", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),
)

# which console said that it holds what a patient may eat, up to which number, and when: one row for each pair
taken_over = Table(
    "taken_over",
    SERVER,
    Column("stay_id", Text, primary_key=True),
    Column("device_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

MACHINERY = (
    head,
    op,
    op_body,
    held_back,
    change,
    incarnation,
    resent,
    session,
    door_try,
    effect,
    cart_line,
    number_block,
    taken_over,
)
