"""People are added, given roles and secrets; what cannot be leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.people.model import Credential, PinVerifier
from core.people.passwords import matches
from core.store import log
from core.store.open import Store
from core.store.read import TxSource
from core.store.server_schema import op
from core.store.tables import TABLES
from tests.admin_cli.conftest import Command

PASSWORD, PIN = "inkono-umuriro-amazi", "418273"


def credential(store: Store, person: str) -> Credential:
    with store.reading() as connection:
        return TxSource(connection, whole=True).rows(Credential, [person])[person]


def person(dusangire: Command, name: str) -> dict[str, Any]:
    return next(one for one in dusangire("people", "list", "--json").json if one["person"] == name)


def head(store: Store) -> int:
    with store.reading() as connection:
        return log.read_head(connection).seq


def test_a_person_is_added_with_a_role(dusangire: Command, hospital: Path) -> None:
    said = dusangire("people", "add", "cook_9", "cook", "--name", "Uwase Aline")
    assert (said.code, said.out) == (0, "cook_9 is cook.\n")
    assert [one["role"] for one in person(dusangire, "cook_9")["roles"]] == ["cook"]


def test_password_and_pin_come_from_stdin_and_are_kept_as_hashes(dusangire: Command, store: Store) -> None:
    words = ("people", "add", "nurse_9", "nurse", "--ward", "B", "--name", "Uwase Aline", "--password", "--pin")
    said = dusangire(*words, lines=(PASSWORD, PIN))
    kept = credential(store, "nurse_9")
    assert matches(kept.password_hash, PASSWORD) and matches(kept.pin_hash, PIN)
    assert not any(secret in said.out + said.err for secret in (PASSWORD, PIN))


def test_a_pin_is_known_where_the_person_works(dusangire: Command, store: Store) -> None:
    dusangire("people", "add", "nurse_9", "nurse", "--ward", "B", "--name", "Uwase Aline", "--pin", lines=(PIN,))
    table = TABLES[PinVerifier]
    with store.reading() as connection:
        places = connection.execute(select(table.c.place).where(table.c.person_id == "nurse_9")).scalars().all()
    assert places == ["ward:B"]


@pytest.mark.parametrize(
    "words",
    [
        ("cook_1", "cook", "--name", "Twice"),
        ("cook_9", "chef", "--name", "No such role"),
        ("cook 9", "cook", "--name", "No such id"),
        ("cook_9", "cook", "--name", "No such ward", "--ward", "Z"),
        ("cook_9", "cook", "--name", "No such language", "--language", "de"),
        ("cook_9", "cook", "--name", "No such pin", "--pin"),
    ],
)
def test_a_person_that_cannot_be_added_leaves_nothing(dusangire: Command, store: Store, words: tuple[str, ...]) -> None:
    before = head(store)
    said = dusangire("people", "add", *words)
    assert (said.code, len(said.sentences), head(store)) == (2, 3, before)


def test_a_second_role_is_given_until_a_day(dusangire: Command, hospital: Path) -> None:
    said = dusangire("people", "grant", "cook_1", "runner", "--until", "2026-12-24", "--json")
    roles = person(dusangire, "cook_1")["roles"]
    ends = next(one["until_at"] for one in roles if one["role"] == "runner")
    assert said.json == {"person": "cook_1", "role": "runner", "ward": ""}
    assert (ends, sorted(one["role"] for one in roles)) == (1_798_149_600_000, ["cook", "runner"])


@pytest.mark.parametrize(
    "words",
    [
        ("nobody", "cook"),
        ("cook_1", "patient"),
        ("cook_1", "runner", "--until", "tomorrow"),
        ("cook_1", "runner", "--until", "2020-01-01"),
        ("cook_1", "nurse", "--ward", "Z"),
    ],
)
def test_a_role_that_cannot_be_given_is_refused_in_words(
    dusangire: Command, hospital: Path, words: tuple[str, ...]
) -> None:
    said = dusangire("people", "grant", *words)
    assert (said.code, len(said.sentences)) == (2, 3)


def test_a_new_pin_works_and_the_old_one_does_not(dusangire: Command, store: Store) -> None:
    assert dusangire("people", "pin", "cook_2", lines=("907142",)).code == 0
    kept = credential(store, "cook_2").pin_hash
    assert matches(kept, "907142") and not matches(kept, "246802")


def test_a_new_password_works(dusangire: Command, store: Store) -> None:
    assert dusangire("people", "password", "doctor_1", lines=(PASSWORD,)).code == 0
    assert matches(credential(store, "doctor_1").password_hash, PASSWORD)


@pytest.mark.parametrize("pin", ["", "123456", "111111", "12345", "abcdef"])
def test_a_pin_that_is_easy_is_refused(dusangire: Command, store: Store, pin: str) -> None:
    before = credential(store, "cook_2").pin_hash
    assert dusangire("people", "pin", "cook_2", lines=(pin,)).code == 2
    assert credential(store, "cook_2").pin_hash == before


def test_nobody_is_asked_for_the_pin_of_somebody_who_is_not_there(dusangire: Command, hospital: Path) -> None:
    said = dusangire("people", "pin", "nobody")
    assert (said.code, len(said.sentences)) == (2, 3)


def test_no_secret_lies_in_the_log(dusangire: Command, store: Store) -> None:
    dusangire("people", "add", "cook_9", "cook", "--name", "A", "--password", "--pin", lines=(PASSWORD, PIN))
    from core.store.server_schema import op_body

    with store.reading() as connection:
        bodies = b"".join(bytes(body) for body in connection.execute(select(op_body.c.body)).scalars())
    assert PASSWORD.encode() not in bodies and PIN.encode() not in bodies


def test_the_log_says_that_the_command_line_did_it(dusangire: Command, store: Store) -> None:
    before = head(store)
    dusangire("people", "grant", "cook_1", "runner")
    with store.reading() as connection:
        done = (
            select(op.c.origin, op.c.kind, func.count())
            .where(op.c.commit_seq > before)
            .group_by(op.c.origin, op.c.kind)
        )
        assert [tuple(row) for row in connection.execute(done)] == [("cli", "people.give_grant", 1)]
