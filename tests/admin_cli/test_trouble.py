"""trouble, sync on the server: errors by their number, acts without a verdict, one act's life, a queue as a file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.cases.errors import NoteTrouble
from core.kernel.values import SYSTEM, Origin, uuid7
from core.store import log
from core.store.open import Store, open_server_store
from sync.server import parked
from sync.server.perform import perform, submit
from tests.admin_cli.conftest import Command
from tests.core.store.demo.conftest import NOON

ADMIN, PASSWORD = "admin_1", "mudasobwa-urufunguzo-imeza"
MINUTE_MS = 60_000


@pytest.fixture
def central(hospital: Path):
    store = open_server_store(f"sqlite:///{hospital}")
    yield store
    store.close()


def noted(store: Store, *, at: int, more: int = 1) -> None:
    note = NoteTrouble(code="server_stumbled", where="sync.server.live:tell", first_at=at, last_at=at, more=more)
    op_id = uuid7(at, os.urandom(10))
    done = perform(store, NOON, [submit(note, op_id=op_id, actor=SYSTEM, origin=Origin.GATEWAY)])
    assert [outcome.outcome for outcome in done if outcome] == ["applied"]


def test_an_error_is_one_row_however_often_it_comes(dusangire: Command, central: Store) -> None:
    noted(central, at=NOON - 9 * MINUTE_MS, more=3)
    noted(central, at=NOON - MINUTE_MS, more=2)
    (one,) = dusangire("trouble", "list", "--json").json

    assert (one["count"], one["first_at"], one["last_at"]) == (5, NOON - 9 * MINUTE_MS, NOON - MINUTE_MS)
    assert (one["source"], one["number"][:2], one["words"]["next"] != "") == ("server", "E-", True)
    assert one["number"] in dusangire("trouble", "list").out
    assert "sync.server.live:tell" in dusangire("trouble", "show", one["number"]).out


def test_an_error_is_closed_by_name_and_is_open_again_when_it_comes_back(dusangire: Command, central: Store) -> None:
    noted(central, at=NOON - MINUTE_MS)
    (one,) = dusangire("trouble", "list", "--json").json
    words = ("trouble", "close", one["number"], "--as", ADMIN, "--done", "restarted it")
    assert dusangire(*words, lines=("wrong",)).code == 2
    assert dusangire(*words, "--json", lines=(PASSWORD,)).json["closing"] == "restarted it"
    assert dusangire("trouble", "list").out == "No error is open.\n"
    assert dusangire(*words, lines=(PASSWORD,)).code == 2

    noted(central, at=NOON)
    (again,) = dusangire("trouble", "list", "--json").json
    assert (again["count"], again["before"], again["closing"]) == (1, 1, "")


def test_an_error_must_be_named_as_it_is_listed(dusangire: Command, central: Store) -> None:
    said = dusangire("trouble", "show", "E-0000")
    assert (said.code, len(said.sentences)) == (2, 3)


# -- acts without a verdict -----------------------------------------------------------------------------------------


def test_what_could_not_be_judged_is_judged_after_the_mending_under_its_own_id(
    dusangire: Command, central: Store
) -> None:
    note = NoteTrouble(code="server_stumbled", where="here", first_at=NOON, last_at=NOON, more=4)
    sound = submit(note, op_id=uuid7(NOON, os.urandom(10)), actor=SYSTEM, origin=Origin.GATEWAY)
    unknown = replace(sound, kind="cases.not_yet_invented")
    (first,) = perform(central, NOON, [unknown])
    assert first is not None and (first.outcome, dusangire("sync", "retry", "--parked").code) == ("parked", 1)
    with central.writing() as connection:
        connection.exec_driver_sql("UPDATE op SET kind = 'cases.note_trouble' WHERE kind = 'cases.not_yet_invented'")

    told = dusangire("sync", "retry", "--parked", "--json")

    assert (told.code, told.json["judged"], told.json["still_parked"]) == (0, 1, 0)
    assert [(act["op_id"], act["outcome"]) for act in told.json["acts"]] == [(sound.op_id.hex(), "applied")]
    assert [one["count"] for one in dusangire("trouble", "list", "--json").json] == [4]
    assert (parked.judge_again(central, NOON), len(dusangire("trouble", "list", "--json").json)) == ([], 1)


def test_an_acts_whole_life_is_told_by_the_end_of_its_id(dusangire: Command, central: Store) -> None:
    noted(central, at=NOON)
    with central.reading() as connection:
        (newest,) = [row for row in log.changes_between(connection, 0, 10**9) if row.table_name == "trouble"][-1:]
    with central.reading() as connection:
        op_id = bytes(
            connection.exec_driver_sql(f"SELECT op_id FROM op WHERE commit_seq = {newest.seq}").scalar_one()
        ).hex()
    life = dusangire("sync", "explain", op_id[-12:], "--json").json

    assert (life["op_id"], life["kind"], life["outcome"], life["at_centre"]) == (
        op_id,
        "cases.note_trouble",
        "applied",
        True,
    )
    assert f"number {newest.seq} of the log" in dusangire("sync", "explain", op_id).out
    assert dusangire("sync", "explain", "00" * 8).code == 2
