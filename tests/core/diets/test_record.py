"""The clinical record: allergies, diet orders, fasts and holds, each told to the profile in the same transaction."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.diets.allergies import MatchAllergy, RecordAllergiesAsked, RecordAllergy, WithdrawAllergy
from core.diets.commands import EndDietOrder, HoldTrays, PrescribeDiet, StartNilByMouth
from core.diets.model import (
    Allergy,
    AllergyReview,
    CareFile,
    DietOrder,
    DietProfile,
    DietState,
    TrayHold,
    Verification,
)
from core.diets.profile import periods_of, replaced_by_order
from core.diets.rules import judge
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, HOUR_MS
from tests import given

NOON = given.NOON


def profile(tx: Tx, stay_id: str) -> DietProfile:
    return tx.get(DietProfile, stay_id)


def code(tx: Tx, stay_id: str, dish: str = given.RICE, *, serve_at: int = NOON, at: int = NOON) -> str:
    """The headline of the verdict on one dish."""
    tx.begin(given.act(HoldTrays(stay_id=stay_id, reason="-"), by=given.NURSE, at=at))
    found = judge(tx, stay_id=stay_id, dish_id=dish, serve_at=serve_at)
    tx.drop()
    return found.code


def unnamed(tx: Tx, stay_id: str, **more: Any) -> given.Done:
    """An order whose doctor saw nothing of what stands."""
    return given.prescribe(tx, stay_id, beside=True, **more)


# -- allergies ------------------------------------------------------------------------------------------------------


def test_a_recorded_allergy_is_a_row_of_its_own_and_stands_in_the_profile(tx: Tx) -> None:
    stay = given.stay(tx)
    given.record_allergy(tx, stay.id, "peanut")
    given.record_allergy(tx, stay.id, "peanut")
    rows = tx.all(Allergy, of=tx.get(CareFile, stay.id))
    assert (profile(tx, stay.id).allergens, len(rows), rows[0].verification) == (
        "peanut",
        2,
        Verification.UNCONFIRMED,
    )


def test_r8_an_unconfirmed_allergy_blocks_like_a_confirmed_one(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, RecordAllergy(stay_id=stay.id, code="peanut", confirmed=False), by=given.NURSE)
    assert code(tx, stay.id, given.ISOMBE) == "allergy"


@pytest.mark.parametrize("criticality", ["low", "high", "unable_to_assess"])
def test_r8_how_critical_an_allergy_is_never_excludes_it(tx: Tx, criticality: Any) -> None:
    stay = given.stay(tx)
    given.perform(tx, RecordAllergy(stay_id=stay.id, code="peanut", criticality=criticality), by=given.NURSE)
    assert code(tx, stay.id, given.ISOMBE) == "allergy"


@pytest.mark.parametrize("finding", ["refuted", "entered_in_error"])
def test_r8_a_refuted_or_mistaken_allergy_does_not_block(tx: Tx, finding: Any) -> None:
    stay = given.stay(tx)
    allergy = given.record_allergy(tx, stay.id, "peanut").added(Allergy)[0]
    given.perform(tx, WithdrawAllergy(allergy_id=allergy.id, finding=finding, reason="eats it daily"), by=given.DOCTOR)
    after = profile(tx, stay.id)
    assert (after.allergens, after.allergies_asked, code(tx, stay.id, given.ISOMBE)) == ("", True, "allow")


def test_r8_a_mistaken_allergy_says_nothing_about_having_been_asked(tx: Tx) -> None:
    stay = given.stay(tx, asked=False)
    allergy = given.record_allergy(tx, stay.id, "peanut").added(Allergy)[0]
    withdraw = WithdrawAllergy(allergy_id=allergy.id, finding="entered_in_error", reason="wrong patient")
    given.perform(tx, withdraw, by=given.DOCTOR)
    assert profile(tx, stay.id).allergies_asked is False


def test_r8_no_known_allergy_beside_an_allergy_is_a_conflict_and_the_allergy_stands(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    done = given.perform(tx, RecordAllergiesAsked(stay_id=stay.id, none=True), by=given.NURSE)
    assert (done.cases, profile(tx, stay.id).allergens) == (["allergy_data_conflict"], "peanut")


def test_r9_asked_and_none_lets_the_first_tray_go(tx: Tx) -> None:
    stay = given.stay(tx, asked=False)
    before = code(tx, stay.id)
    given.perform(tx, RecordAllergiesAsked(stay_id=stay.id, none=True), by=given.NURSE)
    review = tx.all(AllergyReview, of=tx.get(CareFile, stay.id))[0]
    assert (before, code(tx, stay.id), review.none, review.asked_by) == (
        "allergies_not_asked",
        "allow",
        True,
        "nurse_1",
    )


def test_an_allergy_in_words_holds_everything_until_somebody_has_matched_it(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, RecordAllergy(stay_id=stay.id, text="seawater"), by=given.NURSE)
    assert (profile(tx, stay.id).unmatched, code(tx, stay.id)) == (True, "allergy_unmatched")


def test_an_allergy_that_names_no_known_substance_is_kept_as_words_and_holds(tx: Tx) -> None:
    stay = given.stay(tx)
    allergy = given.record_allergy(tx, stay.id, "unicorn").added(Allergy)[0]
    assert (allergy.code, allergy.text, profile(tx, stay.id).unmatched) == ("", "unicorn", True)


def test_an_allergy_may_name_an_ingredient_of_this_hospital(tx: Tx) -> None:
    stay = given.stay(tx)
    given.record_allergy(tx, stay.id, "cassava_leaves")
    assert (profile(tx, stay.id).allergens, code(tx, stay.id, given.ISOMBE)) == ("cassava_leaves", "allergy")


def test_matched_words_block_what_they_mean(tx: Tx) -> None:
    stay = given.stay(tx)
    done = given.perform(tx, RecordAllergy(stay_id=stay.id, text="groundnuts and milk"), by=given.NURSE)
    match = MatchAllergy(allergy_id=done.added(Allergy)[0].id, codes=("peanut", "milk"))
    given.perform(tx, match, by=given.NUTRITIONIST)
    after = profile(tx, stay.id)
    assert (after.allergens, after.unmatched, code(tx, stay.id, given.ISOMBE)) == ("milk peanut", False, "allergy")


def test_r8_an_allergy_to_a_medicine_blocks_no_food(tx: Tx) -> None:
    stay = given.stay(tx)
    done = given.perform(tx, RecordAllergy(stay_id=stay.id, text="penicillin"), by=given.NURSE)
    given.perform(tx, MatchAllergy(allergy_id=done.added(Allergy)[0].id, codes=("not_a_food",)), by=given.NUTRITIONIST)
    assert (profile(tx, stay.id).allergens, code(tx, stay.id, given.ISOMBE)) == ("", "allow")


def test_words_are_matched_to_known_substances_only_and_nothing_is_saved_otherwise(tx: Tx) -> None:
    stay = given.stay(tx)
    allergy = given.perform(tx, RecordAllergy(stay_id=stay.id, text="dust"), by=given.NURSE).added(Allergy)[0]
    match = MatchAllergy(allergy_id=allergy.id, codes=("peanut", "dust"))
    assert (given.refusal_of(tx, match, by=given.DOCTOR), given.now(tx, allergy)) == ("unknown_substance", allergy)


def test_an_allergy_that_says_nothing_is_no_command() -> None:
    with pytest.raises(ValidationError):
        RecordAllergy(stay_id="stay-1")


def test_r47_recording_wins_over_withdrawing_another_record_of_the_same_substance(tx: Tx) -> None:
    stay = given.stay(tx)
    first = given.record_allergy(tx, stay.id, "peanut").added(Allergy)[0]
    given.record_allergy(tx, stay.id, "peanut")
    given.perform(tx, WithdrawAllergy(allergy_id=first.id, finding="refuted", reason="tested"), by=given.DOCTOR)
    assert profile(tx, stay.id).allergens == "peanut"


def test_an_allergy_is_withdrawn_once(tx: Tx) -> None:
    stay = given.stay(tx)
    allergy = given.record_allergy(tx, stay.id, "peanut").added(Allergy)[0]
    withdraw = WithdrawAllergy(allergy_id=allergy.id, finding="refuted", reason="tested")
    given.perform(tx, withdraw, by=given.DOCTOR)
    assert given.perform(tx, withdraw, by=given.DOCTOR).already == {"by": "doctor_1"}


# -- diets ----------------------------------------------------------------------------------------------------------


def test_a_diet_order_is_never_edited_the_new_one_supersedes_what_it_names(tx: Tx) -> None:
    stay = given.stay(tx, at=NOON - HOUR_MS)
    given.prescribe(tx, stay.id, components=("diabetic",))
    orders = tx.all(DietOrder, of=tx.get(CareFile, stay.id))
    assert [(order.components, order.state, order.superseded_at) for order in orders] == [
        ("regular", DietState.SUPERSEDED, NOON),
        ("diabetic", DietState.ACTIVE, None),
    ]
    assert orders[1].supersedes == orders[0].id


def test_every_change_of_what_may_be_eaten_is_a_new_version_with_its_author(tx: Tx) -> None:
    stay = given.stay(tx)
    before = profile(tx, stay.id)
    given.prescribe(tx, stay.id, components=("diabetic",))
    after = profile(tx, stay.id)
    assert (after.rules_version, after.changed_by, after.changed_at) == (before.rules_version + 1, "doctor_1", NOON)


def test_the_form_names_all_that_holds_when_the_order_starts(tx: Tx) -> None:
    stay = given.stay(tx)
    given.nil_by_mouth(tx, stay.id)
    given.perform(tx, HoldTrays(stay_id=stay.id, reason="dialysis"), by=given.NURSE)
    text = profile(tx, stay.id).periods
    kinds = [period.kind for period in periods_of(text) if period.id in replaced_by_order(text, from_at=NOON)]
    assert kinds == ["diet", "nil_by_mouth", "hold"]


def test_r5_a_second_texture_beside_the_first_holds_all_trays_and_opens_a_case(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, food_level="4")
    done = unnamed(tx, stay.id, food_level="6")
    assert (done.cases, code(tx, stay.id)) == (["texture_conflict"], "texture_conflict")


def test_r5_a_diet_ordered_beside_another_one_adds_to_it(tx: Tx) -> None:
    stay = given.stay(tx)
    done = unnamed(tx, stay.id, components=("low_salt",))
    assert (done.cases, code(tx, stay.id, given.SALTY), code(tx, stay.id, given.RICE)) == ([], "component", "allow")


def test_r13_an_order_entered_late_is_judged_from_now_on_and_keeps_the_hour_it_was_meant_for(tx: Tx) -> None:
    stay = given.stay(tx)
    done = given.prescribe(tx, stay.id, components=("diabetic",), from_at=NOON - 4 * HOUR_MS)
    order = done.added(DietOrder)[0]
    period = periods_of(profile(tx, stay.id).periods)[-1]
    assert (order.from_at, period.from_at) == (NOON - 4 * HOUR_MS, NOON)


def test_an_order_for_tomorrow_leaves_today_alone(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, components=("low_salt",), from_at=NOON + DAY_MS)
    later = NOON + DAY_MS
    assert (code(tx, stay.id, given.SALTY), code(tx, stay.id, given.SALTY, serve_at=later)) == ("allow", "component")


def test_an_order_that_is_over_already_is_refused(tx: Tx) -> None:
    stay = given.stay(tx)
    over = PrescribeDiet(stay_id=stay.id, replaces=(), until_at=NOON)
    assert given.refusal_of(tx, over, by=given.DOCTOR) == "diet_over_already"


def test_a_period_that_ends_before_it_starts_is_no_command() -> None:
    with pytest.raises(ValidationError):
        PrescribeDiet(stay_id="stay-1", replaces=(), from_at=NOON, until_at=NOON)


@pytest.mark.parametrize(
    "wrong",
    [
        {"components": ("keto",)},
        {"preferences": ("crisps",)},
        {"assistance": ("butler",)},
        {"limits": {"vitamin_q": 1}},
    ],
)
def test_a_code_nobody_knows_is_refused_and_nothing_is_saved(tx: Tx, wrong: dict[str, Any]) -> None:
    stay = given.stay(tx)
    before = profile(tx, stay.id)
    refused = given.refusal_of(tx, PrescribeDiet(stay_id=stay.id, replaces=(), **wrong), by=given.DOCTOR)
    assert (refused, profile(tx, stay.id)) == ("unknown_diet_code", before)


def test_a_diet_runs_out_by_itself_and_then_nothing_is_ordered(tx: Tx) -> None:
    stay = given.stay(tx)
    given.prescribe(tx, stay.id, until_at=NOON + HOUR_MS)
    assert code(tx, stay.id, serve_at=NOON + HOUR_MS) == "no_diet_order"


@pytest.mark.parametrize(("in_error", "state"), [(False, DietState.ENDED), (True, DietState.ENTERED_IN_ERROR)])
def test_a_doctor_ends_a_diet_or_says_that_it_was_a_mistake(tx: Tx, in_error: bool, state: DietState) -> None:
    stay = given.stay(tx)
    order = given.prescribe(tx, stay.id).added(DietOrder)[0]
    given.perform(tx, EndDietOrder(diet_order_id=order.id, in_error=in_error), by=given.DOCTOR)
    assert (given.now(tx, order).state, code(tx, stay.id)) == (state, "no_diet_order")


def test_a_diet_is_ended_once(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.prescribe(tx, stay.id).added(DietOrder)[0]
    given.perform(tx, EndDietOrder(diet_order_id=order.id), by=given.DOCTOR)
    assert given.perform(tx, EndDietOrder(diet_order_id=order.id), by=given.DOCTOR).already == {}


# -- stopping food --------------------------------------------------------------------------------------------------


def test_r6_nil_by_mouth_is_not_ended_by_ending_it(tx: Tx) -> None:
    stay = given.stay(tx)
    fast = given.nil_by_mouth(tx, stay.id).added(DietOrder)[0]
    assert given.refusal_of(tx, EndDietOrder(diet_order_id=fast.id), by=given.DOCTOR) == "fasting_ends_by_order"


def test_r6_the_next_order_that_names_it_ends_it(tx: Tx) -> None:
    stay = given.stay(tx)
    fast = given.nil_by_mouth(tx, stay.id).added(DietOrder)[0]
    given.prescribe(tx, stay.id)
    assert (given.now(tx, fast).state, code(tx, stay.id)) == (DietState.SUPERSEDED, "allow")


def test_r47_a_fast_that_the_doctor_could_not_see_stands_and_opens_a_case(tx: Tx) -> None:
    stay = given.stay(tx)
    given.nil_by_mouth(tx, stay.id)
    done = unnamed(tx, stay.id, components=("soft",))
    assert (done.cases, code(tx, stay.id)) == (["fasting_stands"], "nil_by_mouth")


def test_r47_nil_by_mouth_and_a_diet_made_apart_end_alike_whichever_is_heard_first(tx: Tx) -> None:
    one, other = given.stay(tx), given.stay(tx)
    given.nil_by_mouth(tx, one.id)
    unnamed(tx, one.id, components=("soft",))
    unnamed(tx, other.id, components=("soft",))
    given.nil_by_mouth(tx, other.id)
    assert [code(tx, stay.id) for stay in (one, other)] == ["nil_by_mouth"] * 2


def test_nil_by_mouth_heard_of_after_its_end_still_ends_the_diet_before_it(tx: Tx) -> None:
    stay = given.stay(tx, at=NOON - 5 * HOUR_MS)
    late = StartNilByMouth(stay_id=stay.id, reason="procedure", from_at=NOON - 3 * HOUR_MS, until_at=NOON - HOUR_MS)
    given.perform(tx, late, by=given.DOCTOR)
    assert code(tx, stay.id) == "no_diet_order"


def test_held_trays_need_a_reason_and_end_with_the_next_diet_order(tx: Tx) -> None:
    stay = given.stay(tx)
    hold = given.perform(tx, HoldTrays(stay_id=stay.id, reason="dialysis"), by=given.NURSE).added(TrayHold)[0]
    held = code(tx, stay.id)
    given.prescribe(tx, stay.id)
    ended = given.now(tx, hold)
    assert (held, code(tx, stay.id), ended.ended_at, ended.ended_by) == ("trays_held", "allow", NOON, "doctor_1")
    with pytest.raises(ValidationError):
        HoldTrays(stay_id=stay.id, reason=" ")


# -- who sees it ----------------------------------------------------------------------------------------------------


def test_wards_and_kitchens_get_the_profile_and_never_the_record(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    allergy = tx.all(Allergy, of=tx.get(CareFile, stay.id))[0]
    seen = DietProfile.seen_by(profile(tx, stay.id).__dict__)
    assert (seen, Allergy.seen_by(allergy.__dict__)) == (
        ("admin", "care:A", "kitchen:main", f"patient:{stay.id}", "ward:A"),
        ("care:A",),
    )


def test_when_the_patient_moves_the_record_changes_its_readers_with_the_profile(tx: Tx) -> None:
    stay = given.stay(tx, allergies=("peanut",))
    given.perform(tx, HoldTrays(stay_id=stay.id, reason="dialysis"), by=given.NURSE)
    given.move_to(tx, stay, "B")
    record = tx.get(CareFile, stay.id)
    hang = [row.ward_id for table in (Allergy, DietOrder, TrayHold) for row in tx.all(table, of=record)]
    assert (profile(tx, stay.id).ward_id, record.ward_id, set(hang)) == ("B", "B", {"B"})


def test_r22_after_the_stay_nobody_eats_here_any_more(tx: Tx) -> None:
    stay = given.stay(tx)
    given.leave(tx, stay)
    assert code(tx, stay.id) == "no_stay"
