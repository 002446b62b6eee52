"""The console's machinery: the queue, what each act touched, the server's version of rows it changed, the cursor.

Frozen: changed only by a step of `core.store.device_steps` that never rewrites `op` (architecture.md §4).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

DEVICE = MetaData()

# an act, immutable once committed; queued, answered and settled are told by `outcome` and the cursor.
# place: its order on this machine, for ever; dseq: its order within its incarnation
op = Table(
    "op",
    DEVICE,
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("dseq", BigInteger, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("op_id", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("op_id", "op_id"),
    Index("op_dseq", "incarnation", "dseq"),
)

# what the server said of it
outcome = Table(
    "outcome",
    DEVICE,
    Column("op_id", LargeBinary, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("commit_seq", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),  # 0 until the cursor has reached commit_seq
    Index("outcome_settled", "settled", "commit_seq"),
)

# what an unsettled act touched: key is "table id" or, for a list, "table@column owner"; mode: r read, w wrote,
# m missing
op_row = Table(
    "op_row",
    DEVICE,
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("mode", Text, primary_key=True),
    Index("op_row_key", "key", "mode", "place"),  # a row that thousands read is asked for its few writers
)

# the server's version of each row that an unsettled act has changed; body is empty when the server has none
shadow = Table(
    "shadow",
    DEVICE,
    Column("table_name", Text, primary_key=True),
    Column("row_id", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

cursor = Table(
    "cursor",
    DEVICE,
    Column("one", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ready_seq", BigInteger, nullable=False),  # after a bootstrap: usable once seq has reached this
    Column("rules_at", BigInteger, nullable=False),
    Column("server_at", BigInteger, nullable=False),
    Column("heard_wall", BigInteger, nullable=False),  # this machine's clock when it last heard the server
    Column("heard_mono", BigInteger, nullable=False),
    Column("heard_boot", Text, nullable=False),
    Column("clock_error", BigInteger, nullable=False),
    Column("audiences", Text, nullable=False),
    Column("audiences_version", BigInteger, nullable=False),
    Column("durable_seq", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False, server_default="0"),  # latest instant of the server's known here
    Column("seen_wall", BigInteger, nullable=False, server_default="0"),
    Column("seen_mono", BigInteger, nullable=False, server_default="0"),
    Column("seen_boot", Text, nullable=False, server_default=""),
)

# one row: who this machine is. The private key is not here: the vault has it.
this_device = Table(
    "this_device",
    DEVICE,
    Column("one", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kitchen_id", Text, nullable=False),
    Column("ward_id", Text, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("server_url", Text, nullable=False),
    Column("server_key", LargeBinary, nullable=False),
    Column("next_place", BigInteger, nullable=False),
    Column("next_dseq", BigInteger, nullable=False),
    Column("answered_dseq", BigInteger, nullable=False),  # of this incarnation: all up to here have an outcome
    Column("answered_hash", LargeBinary, nullable=False),  # the chain there
    Column("schema", BigInteger, nullable=False),
)

# who has signed in here while the server was in reach, and may therefore do so when it is not
signed_here = Table(
    "signed_here",
    DEVICE,
    Column("person_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# where the acts kept here begin: those before, of this incarnation, are in a verified backup of the server
pruned = Table(
    "pruned",
    DEVICE,
    Column("incarnation", Text, primary_key=True),
    Column("dseq", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False),  # there
)

# what befell this store and a person must hear of, until the server has it
incident = Table(
    "incident",
    DEVICE,
    Column("id", LargeBinary, primary_key=True),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON object: the words' arguments
    Column("at", BigInteger, nullable=False),
)

# the newest seal of the server's log that was told here: a log that was rewritten since does not hold it
witness = Table(
    "witness",
    DEVICE,
    Column("one", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("seal", LargeBinary, nullable=False),
)

# what went wrong on this console, by kind; told: how often the server knows of
notice = Table(
    "notice",
    DEVICE,
    Column("code", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
)

# wrong PINs in a row, of a person and (who = "") of this whole console; counted before the PIN is compared
pin_try = Table(
    "pin_try",
    DEVICE,
    Column("who", Text, primary_key=True),
    Column("tries", BigInteger, nullable=False),
    Column("wait_ms", BigInteger, nullable=False),
    Column("wait_mono", BigInteger, nullable=False),  # by the steady clock: setting the wall clock shortens nothing
    Column("wait_boot", Text, nullable=False),
    Column("verifier_at", BigInteger, nullable=False),  # of which PIN: a new one starts at nought
    Column("seen_at", BigInteger, nullable=False),  # latest instant seen here: a clock set back extends nothing
)
