"""Commands as bytes, and what follows from an act in the same transaction."""

from __future__ import annotations

import pytest

from core import handlers
from core.kernel.handle import Handle
from core.kernel.tx import Tx
from core.orders.commands import StartCooking
from core.orders.placing import PlaceOrder
from core.people.commands import AddPerson
from tests import given


def code_of(name: str, v: int, args: bytes) -> str:
    with pytest.raises(handlers.Undecodable) as refused:
        handlers.decode(name, v, args)
    return refused.value.code


@pytest.mark.parametrize(
    ("name", "v", "args", "code"),
    [
        ("orders.eat_it_yourself", 1, b"{}", "unknown_command"),
        ("orders.start_cooking", 2, b'{"order_id":"x"}', "wrong_version"),
        ("orders.start_cooking", 1, b'{"order_id":"x","why":"hungry"}', "unknown_field"),
        ("orders.start_cooking", 1, b"{}", "bad_arguments"),
        ("orders.start_cooking", 1, b'{"order_id":5}', "bad_arguments"),
        ("orders.start_cooking", 1, b"not json", "bad_arguments"),
        ("orders.start_cooking", 1, b'{"order_id":"../../x"}', "bad_arguments"),
    ],
)
def test_bytes_that_are_no_act_say_why(name: str, v: int, args: bytes, code: str) -> None:
    assert code_of(name, v, args) == code


def test_an_act_s_name_is_its_concept_and_its_imperative() -> None:
    assert (StartCooking.name, PlaceOrder.name, StartCooking(order_id="o1").entity) == (
        "orders.start_cooking",
        "orders.place_order",
        "o1",
    )


@pytest.mark.parametrize("handle", handlers.HANDLES.values(), ids=list(handlers.HANDLES))
def test_no_command_carries_a_secret_or_bytes(handle: Handle) -> None:
    fields = handle.command.model_fields
    assert not {"password", "pin", "token", "secret"} & set(fields)
    assert bytes not in [field.annotation for field in fields.values()]


def test_what_is_encoded_is_what_is_decoded(tx: Tx) -> None:
    command = given.place(given.stay(tx), wish="nta munyu — sans sel")
    assert handlers.decode(command.name, 1, handlers.encode(command)) == command


def test_a_batch_is_loaded_before_it_is_judged_and_asks_the_store_nothing_more(tx: Tx) -> None:
    orders = [given.order(tx) for _ in range(3)]
    given.saved(tx)
    fresh = Tx(tx.source)
    acts = [(handlers.HANDLES[StartCooking.name], StartCooking(order_id=order.id)) for order in orders]
    handlers.prefetch(fresh, acts)
    source = given.source(fresh)
    asked = source.queries
    for handle, command in acts:
        fresh.begin(given.act(command, by=given.COOK, at=given.NOON))
        handlers.run(fresh, handle, command)
        fresh.keep()
    assert source.queries == asked


def test_texts_are_composed_so_that_one_name_is_one_name() -> None:
    decomposed = AddPerson(person_id="x", display="Ame\u0301lie", full_name="x")
    assert decomposed.display == "Amélie"
