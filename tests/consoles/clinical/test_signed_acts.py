"""A dish against the rules, an order by word of mouth, a doctor's name under it: what takes more than one person."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from consoles.kit.dialogs import RefusedScreen
from consoles.kit.sign_in import PinScreen, WhoScreen
from core.diets.allergies import RecordAllergy
from core.diets.prescribing import DraftDiet, TakeVerbalDiet
from core.diets.profile import replaced_by_order
from core.kernel.tx import Tx
from core.orders.model import OrderState
from tests import given
from tests.consoles.clinical.conftest import Desk
from tests.consoles.clinical.doing import (
    DESK,
    DOCTOR,
    LAPTOP,
    NURSE,
    NUTRITIONIST,
    PINS,
    app_of,
    card_of,
    foreseen,
    held_rows,
    message,
    open_card,
    order_here,
    press,
    rows,
    saved,
    shown,
    sign_in,
)
from tests.kitchen_tui import lunch

BROCHETTE = lunch.Meal("L-0412", "A-015", (("brochette", 2),))


def held_for_the_diet(tx: Tx) -> None:
    """A brochette that was ordered, and a diet since then that it does not suit."""
    given.dish(tx, "brochette", "plain", price=900, suits=("regular",))
    lunch.order(tx, BROCHETTE)
    lunch.prescribe(tx, "stay-A-015", ("low_salt",), at=lunch.NOW - 60_000)


def held_for_an_allergy(tx: Tx) -> None:
    given.ingredient(tx, "groundnut", allergens=("peanut",))
    given.dish(tx, "isombe", "groundnut", price=900, suits=lunch.SUITS)
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("isombe", 2),)))
    peanut = RecordAllergy(stay_id="stay-A-015", code="peanut")
    given.perform(tx, peanut, by=given.DOCTOR, at=lunch.NOW - 60_000)


async def sign(pilot: Pilot[None], person: str) -> None:
    """Whoever is asked types the six digits."""
    assert isinstance(app_of(pilot).screen, PinScreen)
    await press(pilot, *PINS[person])


def right(pilot: Pilot[None]) -> str:
    """The right half of the card, as one line of words."""
    return " ".join(" ".join(row[62:] for row in rows(pilot)).split())


# -- R16 --------------------------------------------------------------------------------------------------------------


async def test_r16_a_held_dish_is_chosen_already_and_the_preview_says_that_its_meal_is_released(
    desk: Desk, tx: Tx
) -> None:
    held_for_the_diet(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "w", *"eats nothing else")
        assert foreseen(pilot) == [("L-0412", "block", "allow", "released")]
        assert "IF YOU SAVE:  ALLOW BROCHETTE, THIS MEAL, UNTIL 14:30" in shown(pilot)
        assert (saved(pilot), held_rows(pilot)) == ([], 0)


async def test_r16_it_is_signed_with_the_pin_again_and_stands_on_the_card(desk: Desk, tx: Tx) -> None:
    held_for_the_diet(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "w", *"eats nothing else", "enter")
        assert saved(pilot) == []
        await sign(pilot, NUTRITIONIST)
        assert (saved(pilot), order_here(pilot, "L-0412").state) == (["diets.allow_dish"], OrderState.CONFIRMED)
        assert "[*] OVERRIDE nutritionist 1" in rows(pilot)[1]
        assert 'although diet: "eats nothing else", until 14:30' in right(pilot)


async def test_r16_without_a_reason_nothing_is_signed(desk: Desk, tx: Tx) -> None:
    held_for_the_diet(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "w", "enter")
        assert (saved(pilot), message(pilot)) == ([], "Choose a dish, and say why it is allowed.")


async def test_r16_against_an_allergy_a_second_person_gives_a_pin_as_well(desk: Desk, tx: Tx) -> None:
    held_for_an_allergy(tx)
    async with desk().run_test(size=DESK) as pilot:
        card = await open_card(pilot, "A-015")
        await press(pilot, "w", *"tested today")
        assert "Against an allergy: signed with your PIN and a second person's." in right(pilot)
        await press(pilot, "enter")
        await sign(pilot, DOCTOR)
        assert isinstance(app_of(pilot).screen, WhoScreen)
        await press(pilot, "1")
        await sign(pilot, NURSE)
        assert saved(pilot) == ["diets.allow_dish"]
        assert card.card is not None
        assert [(one.allowed_by, one.second_id) for one in card.card.allowed] == [(DOCTOR, NURSE)]


async def test_r16_a_second_person_who_goes_back_leaves_the_dish_forbidden(desk: Desk, tx: Tx) -> None:
    held_for_an_allergy(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "w", *"tested today", "enter")
        await sign(pilot, DOCTOR)
        await press(pilot, "escape")
        assert (saved(pilot), order_here(pilot, "L-0412").state) == ([], OrderState.HELD)
        assert message(pilot) == "Nothing was allowed: a second person has not signed."


async def test_r16_a_nutritionist_reads_before_signing_that_an_allergy_is_a_doctors(desk: Desk, tx: Tx) -> None:
    held_for_an_allergy(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "w", *"tested today")
        assert "You cannot allow this: allergy. Ask a doctor, or choose another dish." in right(pilot)


async def test_r16_a_nurse_reads_whose_work_it_is(desk: Desk, tx: Tx) -> None:
    held_for_the_diet(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NURSE)
        await press(pilot, "w")
        assert isinstance(app_of(pilot).screen, RefusedScreen)
        assert "Only a doctor or a nutritionist can allow a dish" in shown(pilot)


async def test_r16_a_dish_that_is_allowed_is_forbidden_again_with_the_same_key(desk: Desk, tx: Tx) -> None:
    held_for_the_diet(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "w", *"eats nothing else", "enter")
        await sign(pilot, NUTRITIONIST)
        await press(pilot, "w", "shift+tab", "right", "space")
        assert foreseen(pilot) == [("L-0412", "allow", "block", "held")]
        await press(pilot, "enter")
        await sign(pilot, NUTRITIONIST)
        assert saved(pilot) == ["diets.allow_dish", "diets.end_allowance"]
        assert (order_here(pilot, "L-0412").state, "[*]" in rows(pilot)[1]) == (OrderState.HELD, False)


async def test_r16_a_longer_scope_is_chosen_with_the_arrows(desk: Desk, tx: Tx) -> None:
    held_for_the_diet(tx)
    async with desk().run_test(size=DESK) as pilot:
        card = await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "w", *"always", "tab", "right", "space", "enter")
        await sign(pilot, NUTRITIONIST)
        assert card.card is not None
        assert [one.until_at for one in card.card.allowed] == [given.MIDNIGHT + 24 * 3_600_000]


async def test_with_nothing_forbidden_the_key_says_so(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "w")
        assert message(pilot) == "No dish is forbidden that somebody could allow."


# -- by word of mouth, proposed, signed -------------------------------------------------------------------------------


async def test_a_nurse_writes_down_what_a_doctor_said_and_it_holds_at_once(desk: Desk, tx: Tx) -> None:
    given.dish(tx, "brochette", "plain", price=900, suits=("regular",))
    lunch.order(tx, BROCHETTE)
    async with desk().run_test(size=DESK) as pilot:
        card = await open_card(pilot, "A-015", NURSE)
        await press(pilot, "v", *"ren", "enter")
        assert "IF YOU SAVE:  VERBAL ORDER OF DOCTOR_1: RENAL, FROM NOW" in shown(pilot)
        assert foreseen(pilot) == [("L-0412", "allow", "block", "held")]
        await press(pilot, "enter")
        assert saved(pilot) == ["diets.take_verbal_diet"]
        assert "[=] RENAL" in rows(pilot)[1]
        assert "said by doctor_1, written down by nurse_1, 12:12: to be co-signed (g)" in right(pilot)
        assert card.card is not None
        assert [(one.ordered_by, one.heard_by) for one in card.card.waiting] == [(DOCTOR, NURSE)]


async def test_what_waits_for_a_name_stands_on_the_card_once_each(desk: Desk, tx: Tx) -> None:
    lunch.admitted(tx, lunch.Meal("", "A-015", ()))
    proposed(tx, "renal")
    proposed(tx, "diabetic")
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        told = right(pilot)
        assert [told.count(said) for said in ("TO BE SIGNED", "Renal:", "Diabetic:")] == [1, 1, 1]


@pytest.mark.parametrize(("key", "command"), [("3", "diets.take_verbal_diet"), ("4", "diets.draft_diet")])
async def test_a_nurse_who_presses_d_is_offered_both_ways_round(desk: Desk, tx: Tx, key: str, command: str) -> None:
    lunch.served(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NURSE)
        await press(pilot, "d", key, *"ren", "enter", "enter")
        assert saved(pilot) == [command]


async def test_a_proposal_feeds_nobody_until_a_doctor_signs_it(desk: Desk, tx: Tx) -> None:
    lunch.order(tx, lunch.Meal("L-0412", "A-015", (("umuceri", 2),)))
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015", NUTRITIONIST)
        await press(pilot, "v", *"ren", "enter")
        assert foreseen(pilot) == []
        await press(pilot, "enter")
        assert (saved(pilot), "RENAL" in rows(pilot)[1]) == (["diets.draft_diet"], False)
        assert "proposed by nutritionist_1, 12:12: feeds nobody until a doctor signs (g)" in right(pilot)
        await press(pilot, "g")
        assert "Only a doctor can sign a diet order." in shown(pilot)


def proposed(tx: Tx, *components: str) -> None:
    draft = DraftDiet(stay_id="stay-A-015", components=components)
    given.perform(tx, draft, by=given.NUTRITIONIST, at=lunch.NOW - 3_600_000)


async def test_a_doctor_signs_a_proposal_after_seeing_what_it_changes(desk: Desk, tx: Tx) -> None:
    given.dish(tx, "brochette", "plain", price=900, suits=("regular",))
    lunch.order(tx, BROCHETTE)
    proposed(tx, "renal")
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "g")
        assert foreseen(pilot) == [("L-0412", "allow", "block", "held")]
        assert "ends: Regular, since 09:00" in shown(pilot)
        await press(pilot, "enter")
        assert (saved(pilot), card_of(pilot).card.waiting) == (["diets.sign_diet"], ())
        assert "[=] RENAL" in rows(pilot)[1]


@pytest.mark.parametrize(
    ("keys", "commands", "flag"),
    [
        (("right", "space"), ["diets.sign_diet"], "[=] LOW SALT + RENAL"),
        (("right", "right", "space"), ["diets.end_diet_order"], "[=] LOW SALT"),
    ],
    ids=["beside", "drop"],
)
async def test_a_proposal_is_signed_beside_another_diet_or_dropped(
    desk: Desk, tx: Tx, keys: tuple[str, ...], commands: list[str], flag: str
) -> None:
    lunch.admitted(tx, lunch.Meal("", "A-015", (), diet=("low_salt",)))
    proposed(tx, "renal")
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "g", *keys, "enter")
        assert (saved(pilot), card_of(pilot).card.waiting, rows(pilot)[1].strip()) == (commands, (), flag)


async def test_a_doctor_finds_what_is_to_be_signed_and_puts_a_name_to_it(desk: Desk, tx: Tx) -> None:
    lunch.admitted(tx, lunch.Meal("", "A-015", ()))
    profile = card_profile(tx)
    heard = TakeVerbalDiet(
        stay_id="stay-A-015",
        components=("renal",),
        doctor_id=DOCTOR,
        replaces=replaced_by_order(profile, from_at=lunch.NOW),
    )
    given.perform(tx, heard, by=given.NURSE, at=lunch.NOW - 3_600_000)
    async with desk().run_test(size=LAPTOP) as pilot:
        await sign_in(pilot)
        assert "1 to sign: 1" in rows(pilot)[1]
        await press(pilot, "1")
        assert "1 to sign" in rows(pilot)[1]
        await press(pilot, "enter")
        assert "IF YOU SAVE:  CO-SIGN: RENAL" in shown(pilot)
        await press(pilot, "enter")
        assert (saved(pilot), card_of(pilot).card.waiting) == (["diets.cosign_diet"], ())


def card_profile(tx: Tx) -> str:
    from core.diets.model import DietProfile

    return tx.get(DietProfile, "stay-A-015").periods


async def test_with_nothing_to_sign_the_key_says_so(desk: Desk, tx: Tx) -> None:
    lunch.served(tx)
    async with desk().run_test(size=DESK) as pilot:
        await open_card(pilot, "A-015")
        await press(pilot, "g")
        assert message(pilot) == "Nothing of this patient waits for a signature."
