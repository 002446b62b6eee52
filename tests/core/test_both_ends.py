"""A console that holds everything and the server decide alike: the same presses leave the same rows on both ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from core import handlers
from core.kernel.handle import Where
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.kernel.row import Row
from core.kernel.tx import Tx
from core.kernel.values import Actor, Origin, Role, uuid7
from core.menu.commands import BackInStock, MarkOutOfStock
from core.payments.commands import PutOnAccount, TakeCash
from core.store import image, log, queue
from core.store.device_schema import op_row
from core.store.open import Store, open_memory
from core.store.read import TxSource
from core.store.tables import ROWS, SERVER, decode_row
from core.store.write import write_rows
from sync.client import desk, rebase
from sync.client.desk import Signed
from sync.client.moment import Moment
from sync.protocol import APPLIED, APPLIED_EXCEPTION, DUPLICATE, REJECTED, Changes, Outcome
from sync.server.changes import for_reader
from sync.server.perform import Submission, perform, submit
from sync.wire import decode_op
from tests import given
from tests.core.histories import Day, days

PRESSES = 50
EVERYTHING = (
    "hospital",
    "admin",
    "kitchen:main",
    *(f"{kind}:{ward}" for kind in ("ward", "care") for ward in "AB"),
    *(f"person:{one.person_id}" for one in given.STAFF),
)
# what the server does besides, on rows that the console's own act wrote as well
SERVER_GOES_ON = (MarkOutOfStock, BackInStock)
TAKEN_IN = (APPLIED, APPLIED_EXCEPTION, DUPLICATE)


@dataclass
class BothEnds:
    """One hospital's server store and one console's, and the wire between them."""

    server: Store
    console: Store
    day: Day
    pressed: int = 0
    needed_server: list[str] = field(default_factory=list)
    undecided: list[bytes] = field(default_factory=list)  # acts that the console could not judge: rows had left it

    def moment(self) -> Moment:
        return Moment(wall=self.day.at, mono=self.day.at, boot="boot")

    def press(self, command: Command, actor: Actor) -> str:
        """On the console. The refusal's code, "" when it was saved."""
        self.pressed += 1
        chance = self.pressed.to_bytes(10, "big") + bytes(16)
        try:
            pressed = desk.press(self.console, self.moment(), chance, Signed(actor, ""), command)
        except Refusal as refusal:
            return refusal.code
        if pressed.needs_server and handlers.HANDLES[command.name].where is not Where.SERVER:
            self.needed_server.append(command.name)
            self.undecided.append(pressed.op_id)
        return ""

    def push(self) -> list[tuple[Submission, Outcome]]:
        """Every act that has no answer yet, in one turn, as a console's segment would bring them."""
        with self.console.reading() as connection:
            me = queue.this(connection)
            unsent = queue.unsent(connection, me.incarnation, me.answered_dseq, 64)
        sent = [_submission(body) for _, body in unsent]
        outcomes = perform(self.server, self.day.at, sent)
        if unsent:
            with self.console.writing() as connection:
                queue.answered(connection, dseq=unsent[-1][0], chain=b"")
        assert all(outcome is not None for outcome in outcomes)
        return [(one, outcome) for one, outcome in zip(sent, outcomes, strict=True) if outcome is not None]

    def elsewhere(self, command: Command, actor: Actor) -> None:
        """The same press at another door of the server."""
        self.pressed += 1
        op_id = uuid7(self.day.at, self.pressed.to_bytes(10, "big"))
        perform(self.server, self.day.at, [submit(command, op_id=op_id, actor=actor, origin=Origin.CLI)])

    def pull(self, outcomes: list[Outcome]) -> None:
        with self.server.reading() as connection:
            head = log.read_head(connection)
            with self.console.reading() as held:
                cursor = queue.read_cursor(held)
            assert cursor is not None
            rows = log.changes_between(connection, cursor.seq, head.seq)
        for row in rows:
            if row.body:
                self.day.learn(decode_row(row.table_name, bytes(row.body)))
        changes = Changes(
            epoch=head.epoch,
            changes=tuple(for_reader(rows, frozenset(EVERYTHING))),
            outcomes=tuple(outcomes),
            next=head.seq,
            head=head.seq,
            at=self.day.at,
            rules_at=self.day.at,
            audience_change=None,
            durable_seq=head.seq,
        )
        rebase.take(self.console, self.moment(), changes)

    def written_here(self) -> dict[tuple[type[Row], str], Row | None]:
        """Every row that an unsettled act of this console has written, as the console shows it."""
        with self.console.reading() as connection:
            keys = [key for (key,) in connection.execute(select(op_row.c.key).where(op_row.c.mode == "w"))]
            pairs = [key.split(" ", 1) for key in keys if "@" not in key.split(" ", 1)[0]]
            source = TxSource(connection, whole=False)
            return {(ROWS[t], i): source.rows(ROWS[t], [i]).get(i) for t, i in pairs}

    def on_the_server(self, table: type[Row], row_id: str) -> Row | None:
        """The server's row, as far as a console may see it."""
        with self.server.reading() as connection:
            row = TxSource(connection, whole=True).rows(table, [row_id]).get(row_id)
        return row if row is not None and table.seen_by(row.__dict__) else None

    def differences(self) -> list[str]:
        """Rows that one end has otherwise than the other, as far as somebody who holds everything may see them."""
        found = []
        with self.server.reading() as there, self.console.reading() as here:
            for row_class in ROWS.values():
                if not row_class.audiences:
                    continue
                theirs = {row.id: row for row in image.every_row(there, row_class)}
                seen = {i: row for i, row in theirs.items() if set(row_class.seen_by(row.__dict__)) & set(EVERYTHING)}
                ours = {row.id: row for row in image.every_row(here, row_class)}
                found += [
                    f"{row_class.table_name} {i}: {ours.get(i)!r} here, {seen.get(i)!r} there"
                    for i in {*seen, *ours}
                    if ours.get(i) != seen.get(i)
                ]
        return found


def _submission(body: bytes) -> Submission:
    op = decode_op(body)
    return Submission(
        op_id=op.op_id,
        kind=op.kind,
        args=op.args,
        actor_id=op.actor_id,
        origin=Origin.DEVICE,
        origin_ref="console-1",
        v=op.v,
        entity=op.entity,
        expect=op.expect,
        base_seq=op.base_seq,
        claimed_at=op.claimed_at,
        body=body,
    )


@contextmanager
def both_ends(seed: int) -> Iterator[BothEnds]:
    """A hospital with six patients, and a console that has loaded all of it."""
    server, console, day = open_memory(whole=True), open_memory(whole=False), Day(seed)
    with server.writing() as connection:
        SERVER.create_all(connection)
        log.create_hospital(connection, epoch="e", at=given.MORNING, signing_seed="00" * 32, practice=True)
        tx = Tx(TxSource(connection, whole=True))
        given.hospital(tx)
        for ward in "AAABBB":
            day.learn(given.stay(tx, ward=ward))
        write_rows(connection, tx.written())
    queue.create_device_schema(console)
    with server.reading() as there, console.writing() as here:
        queue.become(
            here, id="console-1", kind="admin", name="console", incarnation="i", server_url="", server_key=b"",
            answered_hash=b"",
        )  # fmt: skip
        queue.write_cursor(here, _cursor())
        for audience in EVERYTHING:
            image.lay(here, image.make(there, audience))
    yield BothEnds(server, console, day)
    server.close()
    console.close()


def _cursor() -> queue.Cursor:
    at = given.MORNING
    return queue.Cursor("e", 0, 0, at, at, at, at, "boot", 0, EVERYTHING, 1, 0)


@days
def test_each_press_leaves_the_rows_on_the_console_that_it_leaves_on_the_server(seed: int) -> None:
    with both_ends(seed) as ends:
        for _ in range(PRESSES):
            command, actor, _ = ends.day.next()
            if Role.SYSTEM in actor.roles:
                ends.elsewhere(command, actor)
                ends.pull([])
                continue
            refused_here = ends.press(command, actor)
            shown = ends.written_here()
            answers = ends.push()
            for one, outcome in answers:
                assert outcome.outcome in (*TAKEN_IN, REJECTED), outcome
                if outcome.outcome == REJECTED and one.op_id not in ends.undecided:
                    assert outcome.code in ("gone", "not_your_ward"), (one.kind, outcome)
            if not refused_here and not isinstance(command, SERVER_GOES_ON) and answers[0][1].outcome in TAKEN_IN:
                there = {(table, row_id): ends.on_the_server(table, row_id) for table, row_id in shown}
                assert shown == there, command
            ends.pull([outcome for _, outcome in answers])
            assert ends.written_here() == {}
        assert ends.differences() == []


@days
def test_after_hours_without_a_line_the_console_shows_what_the_server_says(seed: int) -> None:
    with both_ends(seed) as ends:
        away = ends.day.one((3, 7, 12))
        for _ in range(PRESSES // away):
            for _ in range(away):
                command, actor, _ = ends.day.next()
                if Role.SYSTEM in actor.roles or ends.day.chance.random() < 0.2:
                    ends.elsewhere(command, actor)
                else:
                    ends.press(command, actor)
            ends.pull([])
            ends.pull([outcome for _, outcome in ends.push()])
            assert ends.differences() == []


@pytest.mark.parametrize("seed", range(5))
def test_who_holds_everything_needs_the_server_only_for_what_is_the_server_s_alone(seed: int) -> None:
    with both_ends(seed) as ends:
        for _ in range(PRESSES):
            command, actor, _ = ends.day.next()
            if Role.SYSTEM in actor.roles or "nothing" in command.model_dump_json():
                continue
            if isinstance(command, TakeCash | PutOnAccount):
                continue  # what was never due, or is settled, no console can tell from what it does not hold
            ends.press(command, actor)
            ends.pull([outcome for _, outcome in ends.push()])
        assert ends.needed_server == []


def test_time_itself_acts_on_the_server_alone() -> None:
    by_time = [handle for handle in handlers.HANDLES.values() if handle.roles == {Role.SYSTEM}]
    assert {handle.where for handle in by_time} == {Where.SERVER}
