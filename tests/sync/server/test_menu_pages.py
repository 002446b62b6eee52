"""The menu page: every dish is there, allowed or greyed with its reason; and it is never older than the rules."""

from __future__ import annotations

import pytest

from core.diets.allergies import RecordAllergy
from core.diets.commands import HoldTrays, PrescribeDiet, StartNilByMouth
from core.kernel.values import HOUR_MS, MINUTE_MS
from core.menu.commands import MarkOutOfStock
from core.store.open import Store
from tests import given
from tests.sync.server.portal import Phone, Portal, admit, furnish

DISHES = (given.RICE, given.BEANS, given.ISOMBE, given.MILK_PORRIDGE, given.SALTY)


def test_every_dish_is_on_the_menu_whatever_its_verdict(patient: Phone) -> None:
    patient.get("/patient/menu")
    assert all(patient.card(dish) for dish in DISHES)


def test_a_dish_with_the_patients_allergen_is_greyed_with_badge_and_reason(patient: Phone) -> None:
    card = patient.get("/patient/menu").card(given.ISOMBE)
    assert 'class="dish block"' in card
    assert "Not for you:" in card
    assert "contains peanut, and you have a peanut allergy" in card
    assert 'aria-disabled="true"' in card


def test_an_allowed_dish_can_be_put_in_the_cart(patient: Phone) -> None:
    card = patient.get("/patient/menu").card(given.RICE)
    assert 'class="dish allow"' in card and "Add to cart" in card and "aria-disabled" not in card


def test_a_greyed_dish_names_the_nearest_one_that_is_allowed(patient: Phone) -> None:
    assert f'href="#dish-{given.BEANS}"' in patient.get("/patient/menu").card(given.ISOMBE)


@pytest.mark.parametrize("language, words", [("fr", "contient de l'arachide"), ("rw", "harimo ubunyobwa")])
def test_the_reason_is_told_in_the_readers_language(patient: Phone, language: str, words: str) -> None:
    patient.get(f"/patient/menu?language={language}")
    assert words in patient.text
    assert f'lang="{language}"' in patient.page
    assert words in patient.get("/patient/menu").text, "the language is remembered"


def test_nil_by_mouth_leaves_the_menu_readable_and_nothing_to_order(patient: Phone, portal: Portal) -> None:
    portal.do(StartNilByMouth(stay_id=_stay(patient), reason="doctor"), given.DOCTOR)
    patient.get("/patient/menu")
    assert "Nothing to eat or drink for now." in patient.text
    assert all('class="dish block"' in patient.card(dish) for dish in DISHES)


def test_held_trays_are_told_on_the_first_page(patient: Phone, portal: Portal) -> None:
    portal.do(HoldTrays(stay_id=_stay(patient), reason="other"), given.NURSE)
    assert "Your meals wait for your doctor." in patient.get("/patient/").text


def test_what_has_run_out_is_finished_on_the_very_next_page(patient: Phone, portal: Portal) -> None:
    patient.get("/patient/menu")
    portal.do(MarkOutOfStock(dish_id=given.RICE), given.COOK)
    assert 'class="dish finished"' in patient.get("/patient/menu").card(given.RICE)


def test_no_page_is_older_than_an_allergy_recorded_a_moment_ago(patient: Phone, portal: Portal) -> None:
    assert 'class="dish allow"' in patient.get("/patient/menu").card(given.MILK_PORRIDGE)
    portal.do(RecordAllergy(stay_id=_stay(patient), code="milk"), given.NURSE)
    assert 'class="dish block"' in patient.get("/patient/menu").card(given.MILK_PORRIDGE)


def test_a_diet_that_a_dish_does_not_suit_greys_it(patient: Phone, portal: Portal) -> None:
    portal.do(PrescribeDiet(stay_id=_stay(patient), replaces=(), components=("low_salt",)), given.DOCTOR)
    card = patient.get("/patient/menu").card(given.SALTY)
    assert 'class="dish block"' in card and "does not fit your meal plan: Low salt" in card


def test_a_preference_asks_and_does_not_forbid(patient: Phone, portal: Portal) -> None:
    wish = PrescribeDiet(stay_id=_stay(patient), replaces=(), components=("regular",), preferences=("vegetarian",))
    portal.do(wish, given.DOCTOR)
    card = patient.get("/patient/menu").card(given.RICE)
    assert 'class="dish warn"' in card and "Add all the same" in card


def test_after_the_cut_off_the_menu_says_so_and_has_no_buttons(phone: Phone, portal: Portal) -> None:
    portal.clock.at = given.CUT_OFF + 10 * MINUTE_MS
    phone.enter()
    phone.get("/patient/menu")
    assert "Lunch closed at 10:30." in phone.text
    assert "Ask the ward for a late tray." in phone.text
    assert 'name="line"' not in phone.page


def test_between_two_meals_the_page_says_what_opens_when(portal: Portal) -> None:
    portal.clock.at = given.MIDNIGHT + 2 * HOUR_MS
    with portal.open() as phone:
        phone.enter()
        assert "Lunch can be ordered from 06:00." in phone.get("/patient/menu").text


def test_search_finds_a_dish_by_its_name_in_any_language(patient: Phone) -> None:
    patient.get("/patient/menu?q=IBISH")
    assert patient.card(given.BEANS)
    assert f'id="dish-{given.RICE}"' not in patient.page
    assert "1 dish" in patient.text


def test_a_search_without_a_find_says_so(patient: Phone) -> None:
    assert "No dish is called that." in patient.get("/patient/menu?q=pizza").text


def test_a_dishs_own_page_tells_what_is_in_it_and_what_is_not_known(patient: Phone) -> None:
    patient.get(f"/patient/dishes/{given.ISOMBE}")
    assert "peanut" in patient.text and "Contains" in patient.text and "kcal" in patient.text


def test_a_dish_that_does_not_exist_is_not_there(patient: Phone) -> None:
    assert patient.get("/patient/dishes/pizza").answer.status_code == 404
    assert "There is no such page." in patient.text


def test_the_plan_page_tells_the_plan_and_the_allergies(patient: Phone) -> None:
    patient.get("/patient/plan")
    assert "Regular" in patient.text and "peanut" in patient.text


def test_both_databases_show_the_same_menu(server_store: Store) -> None:
    hospital = furnish(server_store)
    admit(hospital, allergies=("peanut",))
    with hospital.open() as phone:
        phone.enter()
        phone.get("/patient/menu")
        assert 'class="dish block"' in phone.card(given.ISOMBE)
        assert 'class="dish allow"' in phone.card(given.RICE)


def _stay(phone: Phone) -> str:
    from sqlalchemy import select

    from core.store.tables import TABLES
    from core.wards.model import Stay

    with phone.portal.store.reading() as connection:
        return str(connection.execute(select(TABLES[Stay].c.id)).scalar_one())
