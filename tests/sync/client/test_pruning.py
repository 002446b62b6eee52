"""What a verified backup of the server holds leaves a console, and nothing else does; what is left still fits."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from core.cases.commands import AcknowledgeOutcome
from core.kernel.values import DAY_MS
from core.store import device_schema, log, pruned, queue, restore
from core.store.sizes import sizes_of
from core.wards.commands import AssignBed, OpenStay
from sync import chain
from sync.client import outbox, tidy
from tests.sync.client.hospital import Console, Hospital
from tests.sync.client.turning_back import content_of, put_back

MINUTE = 60_000


def admit(console: Console, *numbers: int) -> None:
    for number in numbers:
        console.press(OpenStay(stay_id=f"stay-{number}", ward_id="A", full_name=f"Patient {number}"))


def backed_up(hospital: Hospital) -> None:
    with hospital.store.writing() as connection:
        restore.note_durable(connection, log.read_head(connection).seq)


def tidied(console: Console, kept_ms: int = 0) -> None:
    console.time.at += MINUTE
    while tidy.turn(console.store, console.time.now(), kept_ms=kept_ms):
        pass


def kept(console: Console) -> list[int]:
    with console.store.reading() as connection:
        return [row.place for row in connection.execute(select(device_schema.op.c.place).order_by("place"))]


def test_an_act_stays_until_a_backup_holds_it(console: Console, hospital: Hospital) -> None:
    admit(console, 1, 2)
    console.sync()
    tidied(console)
    before = kept(console)
    backed_up(hospital)
    admit(console, 3)
    console.sync()
    tidied(console)
    assert (before, kept(console)) == ([1, 2], [3])


def test_with_an_act_goes_all_that_was_kept_for_it(console: Console, hospital: Hospital) -> None:
    admit(console, 1, 2)
    console.sync()
    backed_up(hospital)
    console.sync()
    tidied(console)
    with console.store.reading() as connection:
        left = {
            table.name: connection.execute(select(table)).all()
            for table in (device_schema.op, device_schema.outcome, device_schema.op_row, device_schema.shadow)
        }
    assert left == {"op": [], "outcome": [], "op_row": [], "shadow": []}


def test_what_was_done_today_stays_listed(console: Console, hospital: Hospital) -> None:
    admit(console, 1)
    console.sync()
    backed_up(hospital)
    console.sync()
    tidied(console, DAY_MS)
    today = kept(console)
    console.time.at = hospital.time.at = DAY_MS + 2 * MINUTE
    admit(console, 2)
    console.sync()
    tidied(console, DAY_MS)
    assert (today, kept(console)) == ([1], [2])


def test_a_verdict_that_nobody_has_read_keeps_its_act(console: Console, hospital: Hospital) -> None:
    admit(console, 1, 2)
    console.press(AssignBed(stay_id="stay-1", bed_id="A-001"))
    console.sync()
    console.link.down = True
    console.press(AssignBed(stay_id="stay-2", bed_id="A-002"))
    hospital.told(OpenStay(stay_id="stay-9", ward_id="A", full_name="Patient 9"))
    hospital.told(AssignBed(stay_id="stay-9", bed_id="A-002"))
    console.link.down = False
    console.sync()
    backed_up(hospital)
    console.sync()
    tidied(console)
    with console.store.reading() as connection:
        refused = connection.execute(select(device_schema.op.c.op_id)).scalar_one()
    unread = kept(console)
    console.press(AcknowledgeOutcome(outcome_id=bytes(refused).hex()))
    console.sync()
    tidied(console)
    assert (unread, kept(console)) == ([4], [5])


def test_a_long_queue_goes_in_short_turns(
    console: Console, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy, "TURN_ACTS", 3)
    admit(console, *range(8))
    console.sync()
    backed_up(hospital)
    console.sync()
    console.time.at += MINUTE
    left = []
    while tidy.turn(console.store, console.time.now(), kept_ms=0):
        left.append(len(kept(console)))
    assert left == [5, 2, 0]


def test_the_chain_goes_on_where_the_kept_acts_begin(console: Console, hospital: Hospital) -> None:
    """A server that lost the newest answers asks for the acts behind what was pruned."""
    admit(console, 1, 2, 3)
    console.sync()
    backed_up(hospital)
    admit(console, 4, 5)
    console.sync()
    tidied(console)
    before = console.incarnation
    with console.store.writing() as connection:
        me = queue.this(connection)
        head = bytes(me.answered_hash)
        connection.execute(text("DELETE FROM outcome"))
    assert outbox.agree(console.store, 4)
    with console.store.reading() as connection:
        base = pruned.base_of(connection, before, chain.start(before))
        bodies = queue.bodies_until(connection, before, 5, after=base.dseq)
        now = queue.this(connection)
    link = base.chain
    for body in bodies:
        link = chain.extend(link, body)
    assert (base.dseq, len(bodies), now.answered_dseq, link) == (3, 2, 3, head)


def test_after_a_restore_from_the_newest_backup_everything_comes_back_though_acts_were_pruned(
    console: Console, hospital: Hospital
) -> None:
    admit(console, 1, 2, 3)
    console.sync()
    backed_up(hospital)
    content = content_of(hospital)
    admit(console, 4, 5)
    console.sync()
    tidied(console)
    put_back(hospital, content)
    with hospital.store.writing() as connection:
        restore.begin_epoch(connection, "epoch-2")
    console.sync()
    console.sync()
    with hospital.store.reading() as connection:
        stays = connection.execute(text("SELECT id FROM stay ORDER BY id")).scalars().all()
        counted = text("SELECT count(DISTINCT op_id), count(*) FROM op WHERE origin = 'device'")
        pushed = connection.execute(counted).one()
    assert (kept(console), list(stays)) == ([4, 5], [f"stay-{number}" for number in range(1, 6)])
    assert (tuple(pushed), console.verdicts()) == ((5, 5), [("applied", "")] * 2)


def test_after_a_restore_from_an_older_backup_what_both_have_forgotten_is_said(
    console: Console, hospital: Hospital
) -> None:
    older = content_of(hospital)
    admit(console, 1, 2)
    console.sync()
    backed_up(hospital)
    console.sync()
    tidied(console)
    put_back(hospital, older)
    with hospital.store.writing() as connection:
        restore.begin_epoch(connection, "epoch-2")
    for _ in range(3):
        console.sync()
        console.time.at += MINUTE
    with hospital.store.reading() as connection:
        told = connection.execute(text('SELECT code, detail FROM "case"')).all()
    assert [row.code for row in told] == ["acts_forgotten"] and '"acts":2' in told[0].detail


def test_the_sizes_of_a_store_are_told(console: Console, hospital: Hospital) -> None:
    before = sizes_of(console.store)
    console.link.down = True
    admit(console, 1, 2)
    found = sizes_of(console.store)
    assert (before.acts, before.oldest_at, found.acts, found.shadows > 0) == (0, None, 2, True)
    assert found.store > 0 and found.log > 0 and found.acts_bytes > 100
    console.store.checkpoint()
    assert sizes_of(console.store).log == 0


def test_room_that_was_left_free_is_given_back_at_a_start(
    console: Console, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy, "FREE_BYTES", 100_000)
    with console.store.writing() as connection:
        connection.execute(text("CREATE TABLE big AS SELECT zeroblob(4000000) AS stuff"))
    assert not tidy.give_room_back(console.store)
    with console.store.writing() as connection:
        connection.execute(text("DROP TABLE big"))
    before = sizes_of(console.store)
    assert tidy.give_room_back(console.store)
    after = sizes_of(console.store)
    assert before.free > 3_900_000 and after.free == 0 and after.store < before.store - 3_900_000


def test_a_log_beside_the_file_that_has_grown_long_is_emptied(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy, "LOG_BYTES", 10_000)
    admit(console, *range(5))
    assert sizes_of(console.store).log > 10_000
    tidied(console)
    assert sizes_of(console.store).log == 0
