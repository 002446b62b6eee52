"""What is counted after the trouble: every act in every console's store against the server's log,
and every row on both ends.

What somebody was told comes from outside: `saved` from a screen or a press that returned, `acknowledged` from answers
as they came over the line. Nothing here trusts the one who is looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, text

from core.store import device_schema, image, log, queue, server_schema
from core.store.open import Store
from core.store.tables import TABLES
from sync import chain
from sync.protocol import PARKED, Outcome

MOST_TOLD = 5  # of one kind of trouble
Verdict = tuple[str, str, int]  # outcome, code, number in the log


@dataclass(slots=True)
class Accounts:
    """How it ended. `troubles` is empty when nothing is lost, nothing twice, nothing wedged and both ends are alike."""

    acts: int = 0
    applied: int = 0  # or seen to in another way than refused
    refused: int = 0
    rows: int = 0  # compared on both ends
    saved: int = 0  # told to somebody as saved
    acknowledged: int = 0  # told by the server as judged
    troubles: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        told = f"{self.acts} acts = {self.applied} confirmed + {self.refused} refused"
        told += f"; {self.saved} told as saved, {self.acknowledged} told as judged; {self.rows} rows alike on both ends"
        return told if not self.troubles else f"{told}; TROUBLE: {'; '.join(self.troubles)}"

    def note(self, what: str, found: Sequence[object]) -> None:
        if found:
            shown = ", ".join(str(one) for one in found[:MOST_TOLD])
            self.troubles.append(f"{len(found)} {what} ({shown}{' ...' if len(found) > MOST_TOLD else ''})")


def settle_accounts(
    consoles: Mapping[str, Store],
    server: Store,
    *,
    saved: Iterable[str] = (),
    acknowledged: Iterable[Outcome] = (),
) -> Accounts:
    """saved: ids (hex) of acts somebody was told are saved. acknowledged: every verdict that came over a line."""
    done = Accounts()
    pressed: dict[str, bytes] = {}
    told: dict[str, Verdict] = {}
    with server.reading() as centre:
        judged = _judged(centre)
        _count_log(centre, done, judged)
        for name, store in consoles.items():
            with store.reading() as here:
                _whole(here, done, name)
                _count_console(here, done, name, pressed, told)
                _compare_chain(here, centre, done, name)
                _compare_rows(here, centre, done, name)
    done.acts = len(pressed)
    _count_saved(done, set(saved), pressed)
    _count_judged(done, pressed, told, judged)
    _count_acknowledged(done, list(acknowledged), judged)
    return done


# -- the log ----------------------------------------------------------------------------------------------------------


def _judged(centre: Connection) -> dict[str, list[Any]]:
    """Id -> its rows in the log: one, or something is wrong."""
    found: dict[str, list[Any]] = {}
    for row in centre.execute(select(server_schema.op).order_by(server_schema.op.c.commit_seq)):
        found.setdefault(bytes(row.op_id).hex(), []).append(row)
    return found


def _count_log(centre: Connection, done: Accounts, judged: Mapping[str, list[Any]]) -> None:
    """Every number of the log is one act's, and every body is the one that its hash is of."""
    _whole(centre, done, "the server")
    numbers = sorted(row.commit_seq for rows in judged.values() for row in rows)
    head = log.read_head(centre).seq
    done.note("numbers of the log are not one act's", sorted(set(range(1, head + 1)) ^ set(numbers)))
    done.note("acts are in the log twice", [op_id for op_id, rows in judged.items() if len(rows) > 1])
    bodies = {bytes(row.op_id).hex(): bytes(row.body) for row in centre.execute(select(server_schema.op_body))}
    wrong = [op_id for op_id, rows in judged.items() if _hash(bodies.get(op_id)) not in (b"", bytes(rows[0].body_hash))]
    done.note("bodies are not what their hash says", wrong)


def _hash(body: bytes | None) -> bytes:
    return hashlib.sha256(body).digest() if body is not None else b""


def _whole(connection: Connection, done: Accounts, name: str) -> None:
    found = connection.execute(text("PRAGMA integrity_check")).scalars().all()
    done.note(f"faults in the file of {name}", [one for one in found if one != "ok"])


# -- consoles ---------------------------------------------------------------------------------------------------------


def _count_console(
    here: Connection, done: Accounts, name: str, pressed: dict[str, bytes], told: dict[str, Verdict]
) -> None:
    waiting = queue.waiting(here)
    done.note(f"acts still wait on {name}", range(waiting))
    done.note(f"rows of {name} are not settled", here.execute(select(device_schema.shadow.c.row_id)).scalars().all())
    for row in queue.queue_listing(here, 1_000_000):
        op_id = bytes(row.op_id).hex()
        pressed[op_id] = bytes(row.body)
        if row.outcome:
            told[op_id] = (row.outcome, row.code, row.commit_seq)


def _compare_chain(here: Connection, centre: Connection, done: Accounts, name: str) -> None:
    """The acts of this incarnation are 1, 2, 3 ... and the server's chain ends where this console's does."""
    me = queue.this(here)
    acts = select(device_schema.op.c.dseq, device_schema.op.c.body).where(
        device_schema.op.c.incarnation == me.incarnation
    )
    rows = here.execute(acts.order_by(device_schema.op.c.dseq)).all()
    if [row.dseq for row in rows] != list(range(1, len(rows) + 1)):
        done.troubles.append(f"the acts of {name} have a gap")
    head = chain.start(me.incarnation)
    for row in rows:
        head = chain.extend(head, bytes(row.body))
    known = log.incarnation_row(centre, me.incarnation)
    if known is None or (known["last_dseq"], bytes(known["head_hash"])) != (len(rows), head):
        done.troubles.append(f"the chain of {name} ends elsewhere on the server")


def _compare_rows(here: Connection, centre: Connection, done: Accounts, name: str) -> None:
    """Every row that this console may hold, column by column, and none that it may not."""
    cursor = queue.read_cursor(here)
    assert cursor is not None
    for row_class, table in TABLES.items():
        if not row_class.audiences:
            continue  # no console has such a table
        expected: dict[str, Any] = {}
        for audience in cursor.audiences:
            condition = image.covered_by(row_class, audience)
            if condition is not None:
                expected.update({row.id: tuple(row) for row in centre.execute(select(table).where(condition))})
        held = {row.id: tuple(row) for row in here.execute(select(table))}
        done.rows += len(held)
        differing = [key for key in sorted({*held, *expected}) if held.get(key) != expected.get(key)]
        done.note(f"rows of {table.name} differ on {name}", differing)


# -- the sums ---------------------------------------------------------------------------------------------------------


def _count_saved(done: Accounts, saved: set[str], pressed: Mapping[str, bytes]) -> None:
    done.saved = len(saved)
    done.note("acts were told as saved and are in no console", sorted(saved - pressed.keys()))


def _count_judged(
    done: Accounts, pressed: Mapping[str, bytes], told: Mapping[str, Verdict], judged: Mapping[str, list[Any]]
) -> None:
    """Each act of a console is in the log once, with the same bytes and the verdict that its console was told."""
    done.refused = sum(1 for verdict in told.values() if verdict[0] in ("rejected", "superseded", PARKED))
    done.applied = len(told) - done.refused
    done.note("acts never reached the log", [op_id for op_id in pressed if op_id not in judged])
    done.note("acts have no verdict on their console", [op_id for op_id in pressed if op_id not in told])
    known = {op_id: rows[0] for op_id, rows in judged.items()}
    other = [o for o, body in pressed.items() if o in known and _hash(body) != bytes(known[o].body_hash)]
    done.note("acts have other bytes in the log", other)
    wrong = [o for o, verdict in told.items() if o in known and verdict != _verdict(known[o])]
    done.note("verdicts differ between console and log", wrong)


def _count_acknowledged(done: Accounts, acknowledged: list[Outcome], judged: Mapping[str, list[Any]]) -> None:
    """What the server has said once it has said for good."""
    done.acknowledged = len({outcome.op_id for outcome in acknowledged})
    gone = {outcome.op_id.hex() for outcome in acknowledged if outcome.op_id.hex() not in judged}
    done.note("acts were told as judged and are not in the log", sorted(gone))
    changed = {
        outcome.op_id.hex()
        for outcome in acknowledged
        if outcome.op_id.hex() in judged
        and outcome.outcome != PARKED
        and (outcome.outcome, outcome.code, outcome.commit_seq) != _verdict(judged[outcome.op_id.hex()][0])
    }
    done.note("acts were told another verdict than the log's", sorted(changed))


def _verdict(row: Any) -> Verdict:
    return (row.outcome, row.code, row.commit_seq)
