"""A statement that is written out once says the same as the longer road, on either database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.store.open import Store
from core.store.server_schema import door_try, number_block
from core.store.statement import MOST_KEYS, Statement

PUT = Statement(insert(number_block))
BY_ID = Statement(
    select(number_block)
    .where(number_block.c.service_id.in_(bindparam("keys", expanding=True)))
    .order_by(number_block.c.next)
)
ABOVE = Statement(
    select(number_block.c.service_id)
    .where(
        number_block.c.next > bindparam("least"),
        number_block.c.service_id.in_(bindparam("keys", expanding=True)),
        number_block.c.next < 1_000,
    )
    .order_by(number_block.c.service_id)
    .limit(2)
)
RAISE = Statement(
    update(number_block)
    .where(number_block.c.service_id == bindparam("of"))
    .values(next=number_block.c.next + 1)
    .returning(number_block.c.next, number_block.c.next - 1)
)


@pytest.fixture
def blocks(server_store: Store) -> Store:
    """Five services, whose next numbers are 1 to 5."""
    with server_store.writing() as connection:
        PUT.many(connection, [{"service_id": name, "next": place} for place, name in enumerate("abcde", 1)])
    return server_store


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, MOST_KEYS + 1])
def test_a_list_of_keys_may_have_any_length(blocks: Store, count: int) -> None:
    keys = [*"abcde", *(str(number) for number in range(MOST_KEYS))][:count]
    with blocks.reading() as connection:
        found = BY_ID.all(connection, {"keys": keys})
        assert [row.service_id for row in found] == keys[:5]
        assert found == list(connection.execute(BY_ID.clause, {"keys": keys}))


def test_a_list_stands_in_its_place_among_other_values(blocks: Store) -> None:
    with blocks.reading() as connection:
        found = ABOVE.tuples(connection, {"least": 1, "keys": ("e", "a", "d", "c")})
    assert [row[0] for row in found] == ["c", "d"]


def test_a_change_can_tell_what_it_came_to(blocks: Store) -> None:
    with blocks.writing() as connection:
        now, before = RAISE.one(connection, {"of": "c"})
        assert (now, before) == (4, 3)
        with pytest.raises(LookupError):
            RAISE.one(connection, {"of": "nobody"})


def test_a_truth_comes_back_as_a_truth(server_store: Store) -> None:
    tries = [{"id": bytes([at]), "door": "d", "at": at, "opened": at == 2} for at in (1, 2)]
    with server_store.writing() as connection:
        Statement(insert(door_try)).many(connection, tries)
        rows = Statement(select(door_try.c.opened, door_try.c.id).order_by(door_try.c.at)).all(connection)
    assert [(row.opened, bytes(row.id)) for row in rows] == [(False, b"\x01"), (True, b"\x02")]
    assert all(type(row.opened) is bool for row in rows)


def test_a_rule_of_the_store_is_broken_as_on_the_longer_road(blocks: Store) -> None:
    with pytest.raises(IntegrityError), blocks.writing() as connection:
        PUT.run(connection, {"service_id": "a", "next": 9})
    with pytest.raises(IntegrityError), blocks.writing() as connection:
        PUT.many(connection, [{"service_id": "f", "next": 9}, {"service_id": "a", "next": 9}])
    with blocks.reading() as connection:
        assert [row.next for row in BY_ID.all(connection, {"keys": list("af")})] == [1], "nothing is half done"


def test_who_listens_to_an_engine_hears_it_too(blocks: Store) -> None:
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, words: str, *_rest: Any) -> None:
        said.append(words.split()[0])

    event.listen(blocks._writer, "before_cursor_execute", listen)
    try:
        with blocks.writing() as connection:
            RAISE.one(connection, {"of": "a"})
            PUT.many(connection, [{"service_id": "g", "next": 1}])
    finally:
        event.remove(blocks._writer, "before_cursor_execute", listen)
    assert [word for word in said if word != "BEGIN"] == ["UPDATE", "INSERT"]


def test_nothing_is_asked_outside_a_transaction(blocks: Store) -> None:
    if blocks.dialect != "sqlite":
        return  # there every statement begins one
    with blocks._reader.connect() as connection, pytest.raises(AssertionError):
        BY_ID.all(connection, {"keys": ["a"]})


def test_it_takes_one_list_of_keys() -> None:
    two = select(number_block).where(
        number_block.c.service_id.in_(bindparam("some", expanding=True)),
        number_block.c.next.in_(bindparam("others", expanding=True)),
    )
    with pytest.raises(TypeError):
        Statement(two)
