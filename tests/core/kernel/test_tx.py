"""The one writer: an act works in a layer of its own, kept whole or dropped whole,
and everything it changed is told."""

from __future__ import annotations

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from core.cases.commands import TakeCase
from core.kernel.refusal import Refusal, Unknown
from core.kernel.tx import Tx
from core.kernel.values import as_codes, codes, derived_id, due_op_id, is_op_id, uuid7
from core.orders.model import Order, OrderLine
from core.store.open import open_memory
from core.store.queue import create_device_schema
from core.store.read import TxSource
from core.wards.model import Bed, BedAssignment, Kitchen, Stay
from tests import given

ACT = given.act(TakeCase(case_id="x"), by=given.ADMIN, at=given.NOON)


def test_a_dropped_act_leaves_nothing_behind(tx: Tx) -> None:
    tx.begin(ACT)
    tx.add(Kitchen(id="second", name="Second"))
    tx.case("anything")
    tx.drop()
    assert (tx.peek(Kitchen, "second"), [c for c in tx.written() if c.after.id == "second"]) == (None, [])


def test_a_kept_act_tells_each_row_before_and_after_once(tx: Tx) -> None:
    stay = given.stay(tx)
    tx.begin(ACT)
    tx.change(tx.change(stay, bed_id="A-001"), bed_id="A-002")
    _, changes = tx.keep()
    assert [(c.before, c.after.version) for c in changes] == [(stay, stay.version + 2)]


def test_a_change_that_changes_nothing_writes_nothing(tx: Tx) -> None:
    stay = given.stay(tx)
    tx.begin(ACT)
    tx.change(stay, bed_id=stay.bed_id)
    assert tx.keep()[1] == []


def test_a_stale_row_in_hand_never_overwrites_what_the_act_did_before(tx: Tx) -> None:
    stay = given.stay(tx)
    tx.begin(ACT)
    tx.change(stay, bed_id="A-001")
    after = tx.change(stay, bed_before="A-009")
    tx.drop()
    assert (after.bed_id, after.bed_before) == ("A-001", "A-009")


def test_a_column_that_does_not_exist_is_a_mistake_of_ours(tx: Tx) -> None:
    stay = given.stay(tx)
    tx.begin(ACT)
    with pytest.raises(AttributeError):
        tx.change(stay, colour="blue")
    tx.drop()


def test_a_row_is_added_once(tx: Tx) -> None:
    tx.begin(ACT)
    with pytest.raises(Refusal, match="exists_already"):
        tx.add(Kitchen(id="main", name="Again"))
    tx.drop()


def test_a_list_holds_what_the_batch_has_added_and_no_longer_what_has_left_it(tx: Tx) -> None:
    stay = given.stay(tx, bed="A-001")
    bed = tx.get(Bed, "A-001")
    lying = tx.all(BedAssignment, of=bed)
    given.leave(tx, stay)
    assert (len(lying), tx.all(BedAssignment, of=bed)) == (1, [])


def test_a_list_is_sorted_as_its_rows_were_made(tx: Tx) -> None:
    order = given.order(tx, dishes=(given.RICE, given.BEANS, given.SALTY))
    assert [line.dish_id for line in tx.all(OrderLine, of=order)] == [given.RICE, given.BEANS, given.SALTY]


def test_a_table_that_does_not_hang_there_is_a_mistake_of_ours(tx: Tx) -> None:
    with pytest.raises(KeyError):
        tx.all(OrderLine, of=given.stay(tx))


def test_where_everything_is_held_what_is_not_here_is_gone(tx: Tx) -> None:
    with pytest.raises(Refusal, match="gone"):
        tx.get(Order, "nothing")


def test_where_not_everything_is_held_what_is_not_here_is_unknown_and_remembered() -> None:
    store = open_memory(whole=False)
    create_device_schema(store)
    with store.writing() as connection:
        console = Tx(TxSource(connection, whole=False))
        console.begin(ACT)
        with pytest.raises(Unknown):
            console.get(Stay, "stay-1")
        assert list(console.drop().missing) == [("stay", "stay-1")]
    store.close()


def test_what_was_read_is_remembered_row_by_row_and_list_by_list(tx: Tx) -> None:
    stay = given.stay(tx)
    tx.begin(ACT)
    tx.all(Order, of=tx.get(Stay, stay.id))
    assert list(tx.drop().read) == [("stay", stay.id), ("order@stay_id", stay.id)]


def test_two_acts_of_one_batch_see_one_another(tx: Tx) -> None:
    order = given.order(tx)
    given.perform(tx, given.start(order))
    assert [change.after.state for change in tx.written() if isinstance(change.after, Order)] == ["cooking"]


# -- ids ------------------------------------------------------------------------------------------------------------


@examples(st.binary(min_size=10, max_size=10), st.integers(1, given.NOON), st.lists(st.integers(1, 5_000), min_size=2))
def test_the_ids_of_one_act_are_different_and_sort_as_they_were_made(chance: bytes, at: int, counts: list[int]) -> None:
    op_id = uuid7(at, chance)
    made = [derived_id(op_id, count) for count in sorted(set(counts))]
    in_sequence = [one for one in made if int(one[13:16], 16) < 0xFFF]
    assert (len(set(made)), sorted(in_sequence)) == (len(made), in_sequence)
    assert all(is_op_id(one) for one in made)


def test_an_act_s_rows_lie_in_its_place_in_time() -> None:
    early, late = (uuid7(at, b"0123456789") for at in (given.NOON, given.NOON + 1))
    assert derived_id(early, 900) < derived_id(late, 1)


def test_what_falls_due_has_the_same_id_whoever_finds_it() -> None:
    assert due_op_id("complete", "o1", given.NOON) == due_op_id("complete", "o1", given.NOON)
    assert len({due_op_id(rule, row, at) for rule in "ab" for row in "cd" for at in (1, 2)}) == 8


def test_a_form_s_field_holds_a_version_seven_id_or_nothing_of_ours() -> None:
    good = uuid7(given.NOON, bytes(10)).hex()
    assert [is_op_id(text) for text in (good, good[:-1], "x" * 32, "0" * 32)] == [True, False, False, False]


@examples(st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)))
def test_codes_are_kept_sorted_and_once(words: list[str]) -> None:
    assert codes(as_codes(words)) == tuple(sorted(set(words)))
