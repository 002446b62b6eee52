"""Bugs that somebody might write one day, each planted by a patch of the real step: the simulator must find all."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

import core.people.access
import core.store.log
import core.store.restore
import core.wards.commands
import sync.client.conversation
import sync.client.outbox
import sync.client.overlay
import sync.client.pull
import sync.client.rebase
import sync.client.refused
import sync.client.talk
import sync.server.changes
import sync.server.judge
import sync.server.live
import sync.server.perform
import sync.simulation.serving
from core.store import log, queue
from sync import chain
from sync.protocol import Outcome
from sync.server.perform import perform_over
from sync.simulation.console import Console
from sync.simulation.world import World
from sync.wire import decode_op, encode_op
from tests.simulation import planted_again
from tests.simulation.planted_rules import (
    a_diet_order_ends_every_fast,
    a_recipe_is_judged_as_it_was,
    a_state_is_skipped,
    francs_by_float,
    last_allergy_wins,
    money_goes_back_twice,
    nobody_asks_about_holds,
    nothing_is_checked_at_the_bed,
    old_word_tells_the_hour,
    rules_change_and_nothing_is_swept,
    unsafe_meal_is_given_in_silence,
    what_is_lent_is_kept,
    word_for_a_set_given_back_is_taken,
)

Plant = Callable[[pytest.MonkeyPatch], None]


class Lost(Exception):  # noqa: N818 - what it is
    """The commit did not happen."""


def acknowledged_before_commit(patch: pytest.MonkeyPatch) -> None:
    turns = [0]

    def perform(store: Any, now: int, submissions: Any) -> Any:
        turns[0] += 1
        outcomes = None
        with contextlib.suppress(Lost), store.writing() as connection:
            outcomes = perform_over(connection, now, submissions)
            if turns[0] % 9 == 0:
                raise Lost
        return outcomes

    patch.setattr(sync.simulation.serving, "perform", perform)


def last_commit_lost_on_power_cut(patch: pytest.MonkeyPatch) -> None:
    """What `synchronous = NORMAL` does."""
    press, crash = Console.press, Console.crash

    def pressed(self: Any, *told: Any) -> Any:
        self.flushed = self.store.content()
        return press(self, *told)

    def crashed(self: Any, *told: Any) -> None:
        crash(self, *told)
        flushed = getattr(self, "flushed", None)
        if flushed is not None:
            self.store.overwrite(flushed)
            self.places = min(self.places, self.store.look("SELECT coalesce(max(place), 0) FROM op")[0][0])

    patch.setattr(Console, "press", pressed)
    patch.setattr(Console, "crash", crashed)


def op_ids_not_unique(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.store.log, "known_ops", lambda connection, ids: {})


def equal_bodies_are_one_act(patch: pytest.MonkeyPatch) -> None:
    seen: dict[tuple[str, bytes, str], Outcome] = {}
    real = sync.simulation.serving.perform

    def perform(store: Any, now: int, submissions: Any) -> Any:
        outcomes = []
        for one in submissions:
            key = (one.kind, one.args, one.actor_id)
            if key not in seen or not one.incarnation:
                outcome = real(store, now, [one])[0]
                if outcome is not None:
                    seen[key] = outcome
                outcomes.append(outcome)
            else:
                outcomes.append(replace_outcome(seen[key], one))
        return outcomes

    patch.setattr(sync.simulation.serving, "perform", perform)


def replace_outcome(outcome: Outcome, one: Any) -> Outcome:
    return Outcome(one.op_id, one.dseq, "duplicate", "", "", outcome.commit_seq)


def cursor_before_rows(patch: pytest.MonkeyPatch) -> None:
    real = sync.client.rebase.take

    def take(store: Any, moment: Any, changes: Any) -> Any:
        with store.writing() as connection:
            before = queue.read_cursor(connection)
            assert before is not None
            if changes.next > before.seq:
                queue.write_cursor(connection, sync.client.rebase.heard(before, moment, changes))
        return real(store, moment, changes)

    patch.setattr(sync.client.rebase, "take", take)


def new_op_id_on_retry(patch: pytest.MonkeyPatch) -> None:
    real = sync.client.outbox.next_segment
    sent: dict[bytes, int] = {}

    def next_segment(store: Any, sign: Any, most: int = 500) -> Any:
        segment = real(store, sign, most)
        if segment is None:
            return None
        bodies = []
        for body in segment.ops:
            op = decode_op(body)
            sent[op.op_id] = sent.get(op.op_id, 0) + 1
            again = hashlib.sha256(op.op_id + bytes([sent[op.op_id] % 256])).digest()[:16]
            fields = {name: getattr(op, name) for name in op.__struct_fields__}
            bodies.append(body if sent[op.op_id] == 1 else encode_op(type(op)(**{**fields, "op_id": again})))
        with store.reading() as connection:
            head = bytes(queue.this(connection).answered_hash)
        for body in bodies:
            head = chain.extend(head, body)
        message = chain.segment_message(segment.incarnation, segment.from_dseq + len(bodies) - 1, head)
        return msgspec.structs.replace(segment, ops=tuple(bodies), head_hash=head, signature=sign(message))

    patch.setattr(sync.client.outbox, "next_segment", next_segment)


def bed_is_checked_and_taken_apart(patch: pytest.MonkeyPatch) -> None:
    real = World.__init__

    def began(self: Any, *told: Any) -> None:
        real(self, *told)
        self.server_store.raw.execute("DROP INDEX bed_assignment_open")

    def lay(tx: Any, stay: Any, bed: Any) -> None:
        if not tx.source.whole:
            return laid(tx, stay, bed)
        core.wards.commands._leave_bed(tx, stay)
        columns = {"stay_id": stay.id, "bed_id": bed.id, "ward_id": bed.ward_id, "kitchen_id": bed.kitchen_id}
        tx.add(core.wards.commands.BedAssignment(id=tx.new_id(), started_at=tx.at, **columns))
        tx.change(stay, bed_id=bed.id, bed_before=stay.bed_id, bed_changed_at=tx.at)

    laid = core.wards.commands._lay
    patch.setattr(World, "__init__", began)
    patch.setattr(core.wards.commands, "_lay", lay)


def refused_act_is_hidden(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sync.server.judge, "NEEDS_READING", ("superseded",))


def purge_is_skipped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sync.client.pull, "_drop_uncovered", lambda connection, audiences: None)


def stale_role_is_cached(patch: pytest.MonkeyPatch) -> None:
    known: dict[str, Any] = {}
    real = core.people.access.actor_at

    def actor_at(tx: Any, person_id: str, grant_id: str, *, handle: Any, claimed_at: int) -> Any:
        found, problem = real(tx, person_id, grant_id, handle=handle, claimed_at=claimed_at)
        if not problem:
            known[person_id] = found
        before = known.get(person_id)
        return (before, "") if problem and before is not None else (found, problem)

    patch.setattr(core.people.access, "actor_at", actor_at)


def device_clock_decides(patch: pytest.MonkeyPatch) -> None:
    real = sync.server.perform.judge

    def judge(tx: Any, at: int, claimed_at: int, *told: Any) -> Any:
        return real(tx, claimed_at, claimed_at, *told)

    patch.setattr(sync.server.perform, "judge", judge)


def chain_without_the_one_before(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(chain, "extend", lambda head, body: hashlib.sha256(body).digest())


def rows_cached_between_turns(patch: pytest.MonkeyPatch) -> None:
    """A lost update: a turn judges over rows that another one has changed."""
    real, kept = sync.server.perform.TxSource.rows, {}

    def rows(self: Any, table: Any, ids: Any) -> Any:
        found = real(self, table, ids)
        if self.whole and table.table_name == "order":
            for row_id in ids:
                if row_id in found:
                    found[row_id] = kept.setdefault(row_id, found[row_id])
        return found

    patch.setattr(sync.server.perform.TxSource, "rows", rows)


def part_of_a_batch_is_written(patch: pytest.MonkeyPatch) -> None:
    real = sync.server.perform.write_rows

    def write(connection: Any, changes: Any) -> None:
        changes = list(changes)
        real(connection, changes[:-1] if len(changes) > 4 else changes)

    patch.setattr(sync.server.perform, "write_rows", write)


def restored_without_a_new_epoch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core.store.restore, "begin_epoch", lambda connection, epoch: log.lock_head(connection))


def retries_for_ever(patch: pytest.MonkeyPatch) -> None:
    real = sync.client.refused.only_push
    patch.setattr(
        sync.client.refused,
        "only_push",
        lambda talk, moment, code: replace(real(talk, moment, code), pull_due=moment.mono),
    )
    patch.setattr(sync.client.refused, "failed", lambda talk, moment, chance, **told: talk)


def stream_outlives_its_right(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sync.server.live.Live, "_check_audiences", lambda self, listeners, batch: None)


def unique_index_on_a_console(patch: pytest.MonkeyPatch) -> None:
    real = World.place

    def place(self: Any, *told: Any) -> Any:
        console = real(self, *told)
        console.store.raw.execute("CREATE UNIQUE INDEX one_bed ON bed_assignment (bed_id)")
        return console

    patch.setattr(World, "place", place)


def a_change_is_not_captured(patch: pytest.MonkeyPatch) -> None:
    real = sync.server.perform._change_rows

    def change_rows(seq: int, judged: Any) -> Any:
        return [row for row in real(seq, judged) if row["table_name"] != "tray"]

    patch.setattr(sync.server.perform, "_change_rows", change_rows)


def poison_blocks_the_queue(patch: pytest.MonkeyPatch) -> None:
    real = sync.simulation.serving.perform

    def perform(store: Any, now: int, submissions: Any) -> Any:
        unknown = [place for place, one in enumerate(submissions) if one.kind == "orders.teleport"]
        outcomes = real(store, now, submissions[: unknown[0]] if unknown else submissions)
        return outcomes + [None] * (len(submissions) - len(outcomes))

    patch.setattr(sync.simulation.serving, "perform", perform)


def own_acts_replayed_whole(patch: pytest.MonkeyPatch) -> None:
    """A rebase that replays the whole queue for every change."""

    def closure(connection: Any, changed: Any, settling: Any) -> Any:
        return {*settling, *(stored.place for stored in queue.unsettled(connection))}

    patch.setattr(sync.client.rebase, "closure", closure)


def rebase_forgets_who_read(patch: pytest.MonkeyPatch) -> None:
    real = sync.client.rebase.closure
    patch.setattr(sync.client.rebase, "closure", lambda connection, changed, settling: real(connection, (), settling))


def stale_answer_is_taken(patch: pytest.MonkeyPatch) -> None:
    """The cursor of an answer is believed, whatever it is."""
    real = sync.client.rebase.heard
    patch.setattr(
        sync.client.rebase,
        "heard",
        lambda cursor, moment, changes: replace(real(cursor, moment, changes), seq=changes.next - 1),
    )


def evictions_are_not_sent(patch: pytest.MonkeyPatch) -> None:
    real = sync.server.changes.for_reader

    def for_reader(rows: Any, audiences: Any) -> Any:
        return (change for change in real(rows, audiences) if change.body)

    patch.setattr(sync.server.changes, "for_reader", for_reader)
    patch.setattr(sync.server.live, "for_reader", for_reader)


NOT_BUILT = "what it speaks of is not built"
# the bugs of the design's list, and the plant that stands for each; else why it does not apply here
LISTED: Mapping[str, Plant | str] = {
    "acknowledged before the commit": acknowledged_before_commit,
    "synchronous = NORMAL": last_commit_lost_on_power_cut,
    "no uniqueness of op ids": op_ids_not_unique,
    "acts are told apart by the hash of their body": equal_bodies_are_one_act,
    "cursor saved before the rows": cursor_before_rows,
    "a retry makes a new op id": new_op_id_on_retry,
    "a state is skipped": a_state_is_skipped,
    "a refund is posted twice": money_goes_back_twice,
    "a payment's callback is trusted": NOT_BUILT,
    "balances in floats": francs_by_float,
    "a bed is checked and taken in two transactions": bed_is_checked_and_taken_apart,
    "a rejected act is hidden": refused_act_is_hidden,
    "what was taken away is not purged": purge_is_skipped,
    "a stale role is cached": stale_role_is_cached,
    "a device's clock decides the order": device_clock_decides,
    "a notification goes out in the retried commit": NOT_BUILT,
    "a chain without the act before": chain_without_the_one_before,
    "a migration outside a transaction": "below a commit: tested on real files",
    "the last writer wins on allergies": last_allergy_wins,
    "an update of stock is lost": rows_cached_between_turns,
    "a photo is named before it is uploaded": NOT_BUILT,
    "part of a batch is committed": part_of_a_batch_is_written,
    "numbers are used again after a restore": restored_without_a_new_epoch,
    "a refusal is retried for ever": retries_for_ever,
    "a stream is kept after its right has ended": stream_outlives_its_right,
}

# bug -> the faults that bring it to light; None: as they come
PLANTED: Mapping[Plant, str | None] = {
    acknowledged_before_commit: "",
    last_commit_lost_on_power_cut: "console_dies cut",
    op_ids_not_unique: "lose_answer duplicate",
    equal_bodies_are_one_act: "",
    cursor_before_rows: "console_dies_at_commit",
    new_op_id_on_retry: "lose_answer",
    a_state_is_skipped: "",
    money_goes_back_twice: "",
    francs_by_float: "",
    bed_is_checked_and_taken_apart: "cut",
    refused_act_is_hidden: "newer_console",
    purge_is_skipped: "",
    stale_role_is_cached: "cut cut_in console_off",
    device_clock_decides: "cut",
    chain_without_the_one_before: "",
    last_allergy_wins: "",
    rows_cached_between_turns: "",
    part_of_a_batch_is_written: "",
    restored_without_a_new_epoch: "back_up restore",
    retries_for_ever: "revoke_console",
    stream_outlives_its_right: "",
    unique_index_on_a_console: "",
    a_change_is_not_captured: "",
    poison_blocks_the_queue: "newer_console",
    own_acts_replayed_whole: "cut",
    rebase_forgets_who_read: "",
    stale_answer_is_taken: "",
    evictions_are_not_sent: "",
    rules_change_and_nothing_is_swept: "",
    nothing_is_checked_at_the_bed: "",
    unsafe_meal_is_given_in_silence: "late_change",
    nobody_asks_about_holds: "",
    a_recipe_is_judged_as_it_was: "",
    a_diet_order_ends_every_fast: "cut",
    what_is_lent_is_kept: "cut console_off leap",
    word_for_a_set_given_back_is_taken: "leap slow",
    old_word_tells_the_hour: "leap slow pause_console",
    planted_again.mark_is_not_told_as_the_act_s: "server_stumbles server_older",
    planted_again.judged_again_by_two: "server_older server_stumbles",
    planted_again.an_image_takes_past_the_word: "server_stumbles server_older cut",
    planted_again.the_word_comes_before_its_mark: "server_stumbles server_older cut_in lose_answer",
}
