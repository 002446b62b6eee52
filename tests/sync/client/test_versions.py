"""A console that is brought to another version keeps its queue, works on at once, and loads its rows anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.store import device_rows, home
from core.store.tables import SCHEMA
from core.wards.commands import AssignBed, OpenStay
from core.wards.model import Stay
from tests.sync.client.hospital import Console, Hospital, enrolled
from tests.sync.client.step_by_step import one_step


@pytest.fixture
def older(console: Console) -> Console:
    """A store as an older version left it: the stay's table lacks a column, and an act waits."""
    console.link.down = True
    console.press(OpenStay(stay_id="stay-1", ward_id="A", full_name="Patient"))
    with console.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE stay DROP COLUMN bed_before")
        connection.exec_driver_sql("UPDATE this_device SET schema = 1")
    console.link.down = False
    return console


def opened_again(console: Console) -> Console:
    console.store.close()
    console.store = home.open_device(console.where)
    return console


def test_a_column_that_is_new_is_added_and_the_rows_stay(older: Console) -> None:
    newer = opened_again(older)

    assert (newer.holds(Stay, "stay-1") is not None, newer.waiting) == (True, 1)


def test_work_goes_on_before_the_link_is_back(older: Console) -> None:
    newer = opened_again(older)
    newer.link.down = True
    newer.press(AssignBed(stay_id="stay-1", bed_id="A-001"))

    stay = newer.holds(Stay, "stay-1")
    assert stay is not None
    assert (newer.waiting, stay.bed_id) == (2, "A-001")


def test_with_the_next_contact_everything_is_loaded_anew_and_the_queue_is_sent(
    older: Console, hospital: Hospital
) -> None:
    newer = opened_again(older)
    newer.sync()

    loaded = [asked for asked in newer.link.asked if asked.startswith("GET /sync/image/")]
    assert loaded
    assert (newer.waiting, hospital.row(Stay, "stay-1") is not None, schema_of(newer)) == (0, True, SCHEMA)


def test_it_is_loaded_anew_once(older: Console) -> None:
    newer = opened_again(older)
    newer.sync()
    newer.link.asked.clear()
    newer.sync()

    assert [asked for asked in newer.link.asked if "image" in asked] == []


def test_a_table_that_differs_otherwise_is_made_anew_and_the_queue_stays(console: Console) -> None:
    console.link.down = True
    console.press(OpenStay(stay_id="stay-1", ward_id="A", full_name="Patient"))
    with console.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE stay ADD COLUMN shoe_size BIGINT NOT NULL DEFAULT 0")

    assert (device_rows.keep_in_step(console.store), console.waiting) == (("stay",), 1)
    assert console.holds(Stay, "stay-1") is None


def test_a_store_of_this_version_is_left_as_it_is(hospital: Hospital, tmp_path: Path) -> None:
    assert device_rows.keep_in_step(enrolled(hospital, tmp_path, "new").store) == ()


def schema_of(console: Console) -> int:
    from core.store import queue

    with console.store.reading() as connection:
        return int(queue.this(connection).schema)


def test_a_console_that_is_too_old_to_pull_still_sends_its_queue(
    console: Console, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("sync.server.devices", "sync.server.push", "sync.wire"):
        monkeypatch.setattr(f"{module}.PROTO", 2)  # the server has grown, and the console has not
    monkeypatch.setattr("sync.server.devices.MIN_PROTO", 2)
    console.press(OpenStay(stay_id="stay-1", ward_id="A", full_name="Patient"))
    talk = one_step(console, one_step(console, None))

    assert talk is not None
    assert (talk.may_pull, console.waiting) == (False, 0)
    assert hospital.row(Stay, "stay-1") is not None


def test_an_act_that_an_older_version_has_queued_is_sent_as_it_was_and_means_what_it_meant(
    console: Console, hospital: Hospital
) -> None:
    """The first version's acknowledgement did not say which verdict was read."""
    from core.cases.commands import AcknowledgeOutcome
    from core.store import queue
    from sync.wire import decode_op, encode_op

    console.link.down = True
    console.press(OpenStay(stay_id="stay-2", ward_id="A", full_name="Patient"))
    console.press(AssignBed(stay_id="stay-2", bed_id="A-002"))
    hospital.told(OpenStay(stay_id="stay-9", ward_id="A", full_name="Patient 9"))
    hospital.told(AssignBed(stay_id="stay-9", bed_id="A-002"))
    console.link.down = False
    console.sync()
    with console.store.reading() as connection:
        refused = bytes(queue.queue_listing(connection, 1)[0].op_id).hex()
    console.link.down = True
    console.press(AcknowledgeOutcome(outcome_id=refused, read="rejected"))
    with console.store.writing() as connection:
        act = connection.exec_driver_sql("SELECT place, body FROM op ORDER BY place DESC LIMIT 1").one()
        now = decode_op(act.body)
        fields = {name: getattr(now, name) for name in now.__struct_fields__}
        old = {**fields, "v": 1, "args": f'{{"outcome_id":"{refused}"}}'.encode()}
        body = encode_op(type(now)(**old))
        connection.exec_driver_sql("UPDATE op SET body = ? WHERE place = ?", (body, act.place))
    console.link.down = False
    console.sync()

    with hospital.store.reading() as connection:
        kept = connection.exec_driver_sql("SELECT v, outcome FROM op ORDER BY commit_seq DESC LIMIT 1").one()
        read = connection.exec_driver_sql("SELECT acknowledged_by FROM unread_outcome").scalars().all()
    assert (tuple(kept), read) == ((1, "applied"), ["nurse-1"])
