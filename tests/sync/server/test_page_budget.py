"""What a page may cost: at most four questions to the database and thirty kilobytes, whatever it shows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from core.kernel.values import Origin, due_op_id
from core.menu.commands import Part, SetDish
from core.store.open import Store
from sync.server.perform import perform, submit
from tests import given
from tests.sync.server.portal import Phone, Portal

CARDS = 25
PAGES = (
    "/patient/",
    "/patient/menu",
    "/patient/cart",
    f"/patient/checkout/{given.LUNCH}",
    "/patient/orders",
    "/patient/orders/{order}",
    "/patient/plan",
    "/patient/me",
    f"/patient/dishes/{given.RICE}",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_the_database_at_most_four_questions(patient: Phone, path: str) -> None:
    order = patient.order(given.RICE)
    patient.put_in_cart(given.RICE)
    patient.get("/patient/menu")
    with _questions(patient.portal.store) as asked:
        assert patient.get(path.format(order=order)).answer.status_code == 200
    assert 1 <= len(asked) <= 4, asked


@pytest.mark.parametrize("language", ["en", "fr", "rw"])
def test_a_menu_of_25_dishes_is_at_most_30_kilobytes_and_10_on_the_wire(
    patient: Phone, portal: Portal, language: str
) -> None:
    _long_menu(portal)
    answer = patient.get(f"/patient/menu?language={language}").answer
    assert answer.text.count("<article") == CARDS
    assert len(answer.content) <= 30_000
    assert int(answer.headers["content-length"]) <= 10_000
    assert answer.headers["content-encoding"] == "gzip"


@contextmanager
def _questions(store: Store) -> Iterator[list[str]]:
    """What the pages' own thread asks; the clockwork and the bell ask from others, whenever they like."""
    asked: list[str] = []

    def heard(connection: object, cursor: object, statement: str, *rest: object) -> None:
        own = not threading.current_thread().name.startswith("asyncio")
        if own and statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    event.listen(store._reader, "before_cursor_execute", heard)
    try:
        yield asked
    finally:
        event.remove(store._reader, "before_cursor_execute", heard)


def _long_menu(portal: Portal) -> None:
    """Dishes with the longest names that the kitchen takes; a third of them with an allergen of the patient's."""
    wanted = []
    for number in range(CARDS - 5):
        name = f"Slow-cooked dish number {number} with leaves, groundnut and a little smoked fish"
        dish = SetDish(
            dish_id=f"dish_{number}",
            name_en=name,
            name_fr=name,
            name_rw=name[:60],
            kitchen_en=f"dish {number}",
            kitchen_fr=f"dish {number}",
            kitchen_rw=f"dish {number}",
            category="main",
            price_francs=1_000,
            suits=("regular",),
            services=("lunch",),
            parts=(Part(ingredient_id="groundnut_paste" if number % 3 else "beans", grams=50),),
        )
        op_id = due_op_id("menu", dish.dish_id, given.MIDNIGHT)
        wanted.append(submit(dish, op_id=op_id, actor=given.LEAD, origin=Origin.CLI))
    outcomes = perform(portal.store, portal.clock.at, wanted)
    assert {outcome.outcome for outcome in outcomes if outcome} == {"applied"}
