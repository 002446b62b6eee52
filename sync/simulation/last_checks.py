"""When everything is quiet again: nothing waits, nothing is lost, everybody was told,
and images say what the log says."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any

from core.kernel.refusal import Refusal
from core.store import image, queue
from core.store.tables import ROWS, TABLES
from sync.client import standing
from sync.protocol import NEEDS_READING, PARKED
from sync.server import parked, proof
from sync.simulation.checks_console import unsettled_kinds
from sync.simulation.console import Console
from sync.simulation.journal import Broken
from sync.simulation.views import rows_held
from sync.simulation.world import World

AT_THE_END = ("1", "8", "9", "12", "16", "N02", "N03", "N04", "N07", "N13", "N21", "N23", "N25")
MOST_ASKS_A_MINUTE = 13  # of an idle console: it polls each five seconds where no stream comes through (N26)


def is_quiet(world: World) -> bool:
    """Whether every console has sent what it had and knows what there is to know."""
    return not any(_lacks(world, console) for console in world.consoles)


def _lacks(world: World, console: Console) -> str:
    if not console.on:
        return "is off"
    cursor = console.cursor()
    waiting = console.waiting()
    if waiting:
        return f"has {waiting} acts to send"
    if cursor.epoch != world.servers.epoch:
        return f"is in {cursor.epoch}"
    if _is_revoked(world, console):
        return f"holds {cursor.audiences}" if cursor.audiences else ""
    if cursor.seq < world.replica.seq:
        return f"is at {cursor.seq} of {world.replica.seq}"
    if cursor.seq < cursor.ready_seq or not cursor.audiences:
        return "is still loading"
    unsettled = unsettled_kinds(console)
    if unsettled:
        return f"waits for the rows of {unsettled[0]}"
    return ""


def _is_revoked(world: World, console: Console) -> bool:
    device = world.replica.now("device", console.who.device_id)
    return device is None or device.revoked_at is not None


def say_what_waits(world: World) -> None:
    """1. Every op of a console that lives gets its outcome; the queue is empty after the last fault."""
    for console in world.consoles:
        lacks = _lacks(world, console)
        if lacks:
            raise Broken("1", f"{console.name} {lacks} after hours of quiet; {console.talk!r}")


def check(world: World) -> None:
    nothing_is_lost(world)
    everything_is_settled(world)
    everybody_is_told(world)
    images_say_what_the_log_says(world)
    tables_say_what_the_log_says(world)
    money_adds_up(world)
    what_is_parked_is_listed(world)
    the_log_is_whole(world)
    world.journal.check(AT_THE_END)


def nothing_is_lost(world: World) -> None:
    """1, 16, N04. Every act is in the log with one outcome, or went with a store or a server that is no more."""
    for deed in world.journal.deeds.values():
        if deed.where == "template" or deed.op_id in world.replica.by_id or deed.lost:
            continue
        if not deed.sure and not _is_held(world, deed.op_id):
            continue  # nobody was told that it is saved, and it is not
        raise Broken(
            "1", f"{deed.kind} of {deed.actor_id} at {deed.where} {deed.op_id.hex()[-6:]} is nowhere in the log"
        )


def everything_is_settled(world: World) -> None:
    """1. No console keeps an act without a verdict, and the verdict is the log's last word; one that was revoked never
    pulls, so it stays with its first. What is there is what was pressed (N02): the log has the hash of the very bytes
    that lie here."""
    for console in world.consoles:
        is_revoked = _is_revoked(world, console)
        for stored in _listing(console):
            act = told = world.replica.by_id.get(bytes(stored.op_id))
            if stored.outcome != PARKED or not is_revoked:
                told = world.replica.verdict(bytes(stored.op_id))
            if act is None or told is None or (stored.outcome, stored.commit_seq) != (told.outcome, told.seq):
                raise Broken(
                    "1", f"{console.name}: {stored.kind} is {stored.outcome} of {stored.commit_seq}, in the log {told}"
                )
            mine = (stored.incarnation, stored.dseq) == (act.incarnation, act.dseq)
            if mine and hashlib.sha256(stored.body).digest() != act.body_hash:
                raise Broken("N02", f"{console.name}: {stored.kind} is another act in the log")


def everybody_is_told(world: World) -> None:
    """9. A verdict that somebody must read is on every screen of its actor and supervisor until it is read."""
    unread = {row.id: row for row in world.replica.all("unread_outcome")}
    for act in world.replica.acts:
        if act.origin == "device" and act.outcome in NEEDS_READING:
            world.journal.count("verdicts to read")
            row: Any = unread.get(act.of.hex())
            if row is None and not _was_read(world, act.of.hex()):
                raise Broken("9", f"{act.kind} ended {act.code} and nobody can read it")
    for console in world.consoles:
        if _is_revoked(world, console):
            continue
        with console.store.reading() as connection:
            seen = standing.unread_ids(connection)
        may = frozenset(console.cursor().audiences)
        for row in unread.values():
            if (
                not may.isdisjoint(type(row).seen_by(row.__dict__))
                and row.id not in seen
                and row.acknowledged_at is None
            ):
                raise Broken("9", f"{console.name} does not show the verdict on {row.kind}")


def idle_consoles_are_quiet(world: World, minutes: int) -> None:
    """N26. A console with nothing to say does not ask again and again."""
    world.journal.check("N26")
    for name, watch in world.watches.items():
        if watch.asks > minutes * MOST_ASKS_A_MINUTE:
            raise Broken("N26", f"{name} asked {watch.asks} times in {minutes} idle minutes")


def images_say_what_the_log_says(world: World) -> None:
    """12. An image and the log's replay are the same rows, for every audience there is."""
    audiences = sorted({name for versions in world.replica.rows.values() for name in versions[-1].after})
    with world.server_store.reading() as connection:
        for audience in audiences:
            held = world.replica.held_by((audience,), world.replica.seq)
            made = _rows_in(image.make(connection, audience))
            told = sorted((table, row_id, row.version) for (table, row_id), row in held.items())
            if made != told:
                different = [one for one in (*made, *told) if (one in made) != (one in told)]
                raise Broken("12", f"the image of {audience} differs from the log in {different[:3]}")


def tables_say_what_the_log_says(world: World) -> None:
    """N07. The server's own tables are its log, replayed from the first act."""
    store = world.server_store
    if store.look("PRAGMA quick_check(1)") != [("ok",)]:
        raise Broken("N23", "the server's database is damaged")
    told = {key: versions[-1] for key, versions in world.replica.rows.items()}
    for row_class, table in TABLES.items():
        if not row_class.audiences:
            continue  # secrets, and what nobody outside reads, are in no log
        kept = dict(store.look(f'SELECT id, version FROM "{table.name}"'))  # noqa: S608 - a table of ours
        logged = {row_id: one for (name, row_id), one in told.items() if name == table.name}
        for row_id, one in logged.items():
            if one.row is not None and kept.get(row_id) != one.row.version:
                raise Broken("N07", f"{table.name} {row_id} is {kept.get(row_id)}, in the log {one.row.version}")
        strangers = sorted(set(kept).difference(logged))
        if strangers:
            raise Broken("N07", f"{table.name} {strangers[:3]} came into being without an act")


def the_log_is_whole(world: World) -> None:
    """N21. What an auditor does: every number, seal, chain and body from the first act on."""
    with world.server_store.reading() as connection:
        try:
            proof.prove(connection)
        except Refusal as broken:
            raise Broken("N21", f"the log is not whole: {broken.code} {dict(broken.detail)}") from broken


def money_adds_up(world: World) -> None:
    """8, N13. What people took in cash is what the ledger has, in all."""
    taken = 0
    for act in world.replica.acts:
        deed = world.journal.deeds.get(act.of)
        if act.kind == "payments.take_cash" and deed is not None and act.outcome not in ("rejected", "parked"):
            taken += getattr(deed.command, "francs", 0)
    booked = sum(row.francs for row in world.replica.all("ledger_entry") if row.account == "cash")
    if taken != booked:
        raise Broken("8", f"{taken} francs were taken, the ledger has {booked}")


def what_is_parked_is_listed(world: World) -> None:
    """2, 9. Once everything is mended, only what no version can judge has no verdict, and an operator is shown it; what
    the log's row of an act says is the last word on it."""
    for op_id, outcome, code in world.server_store.look("SELECT op_id, outcome, code FROM op"):
        told = world.replica.verdict(bytes(op_id))
        if told is None or (told.outcome, told.code) != (outcome, code):
            raise Broken("2", f"the row of {bytes(op_id).hex()[-6:]} says {outcome} {code}, the log {told}")
    listed = {bytes.fromhex(one.op_id): one for one in parked.listed(world.server_store)}
    unjudged = {act.op_id for act in world.replica.acts if act.outcome == PARKED}
    waiting = unjudged.difference(world.replica.marks)
    if waiting != set(listed):
        raise Broken("9", f"{len(waiting)} acts have no verdict, an operator is shown {len(listed)}")
    for act in [one for one in listed.values() if one.can_be_judged]:
        deed = world.journal.deeds.get(bytes.fromhex(act.op_id))
        if deed is None or deed.command is not None:
            raise Broken("9", f"{act.kind} still waits for its verdict: {act.code}")


def ending(world: World) -> str:
    """What is left at the end: the log's outcomes and every console's rows."""
    digest = hashlib.sha256()
    for act in world.replica.acts:
        digest.update(f"{act.seq} {act.op_id.hex()} {act.kind} {act.outcome} {act.code} {act.at}".encode())
    for console in world.consoles:
        for key, row in sorted(rows_held(console.store).items(), key=lambda entry: entry[0]):
            digest.update(f"{console.name} {key} {row.version}".encode())
    return digest.hexdigest()


def _listing(console: Console) -> list[Any]:
    with console.store.reading() as connection:
        return list(queue.queue_listing(connection, 100_000))


def _is_held(world: World, op_id: bytes) -> bool:
    return any(bytes(stored.op_id) == op_id for console in world.consoles for stored in _listing(console))


def _was_read(world: World, outcome_id: str) -> bool:
    versions = world.replica.rows.get(("unread_outcome", outcome_id), [])
    return bool(versions) and versions[-1].row is None


def _rows_in(data: bytes) -> list[tuple[str, str, int]]:
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(data)
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = []
        for table in sorted(set(tables).intersection(ROWS)):
            for row_id, version in database.execute(f'SELECT id, version FROM "{table}"'):  # noqa: S608 - a table of ours
                found.append((table, row_id, version))
        return sorted(found)
    finally:
        database.close()
