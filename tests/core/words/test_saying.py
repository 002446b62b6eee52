"""What is said, in the words of the screens: refusals, cases, reasons, flags, states and outcomes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.words import (
    LANGUAGES,
    amount,
    case_words,
    clock,
    command_words,
    day,
    duration,
    flag_mark,
    flag_words,
    has,
    money,
    outcome_words,
    reason_words,
    refusal_words,
    state_words,
    word,
)

NOON = 1_795_514_400_000  # 2026-11-24 12:00 in Kigali
HALF_TEN = NOON - 90 * 60_000


def test_a_refusal_is_three_sentences() -> None:
    said = refusal_words("bed_taken", {"bed": "B-009", "at": NOON, "winner": "ab" * 16})
    assert (said.what, said.stays, said.next) == (
        "B-009 was given to another patient at 12:00.",
        "The admission waits here, nobody is dropped.",
        "Choose another bed.",
    )


def test_a_refusal_is_read_as_one_text() -> None:
    assert str(refusal_words("charged_already")) == "This meal is charged already. It costs once. Nothing to do."


def test_a_meal_names_itself_when_ordering_has_closed() -> None:
    said = refusal_words("after_cut_off", {"service": "2026-11-24-lunch", "at": HALF_TEN})
    assert said.what == "Lunch closed at 10:30."


def test_a_blocked_meal_says_which_rule_stands_against_it() -> None:
    detail = {"reason": "allergy", "dish": "isombe", "substance": "peanut", "how": "contains"}
    assert refusal_words("meal_blocked", detail).what == "Not for this patient: allergy: contains peanut."


def test_a_nurse_who_would_order_a_diet_is_told_what_she_can_do_now() -> None:
    said = refusal_words("not_your_role", {"command": "diets.prescribe_diet"})
    assert said.next == "You can hold the trays now (h) and the doctor will be told."


def test_any_other_act_of_another_role_is_named() -> None:
    said = refusal_words("not_your_role", {"command": "orders.start_cooking"}, "fr")
    assert "commencer la cuisson" in said.what


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_without_words_is_told_by_its_name(language: str) -> None:
    assert "never_heard_of" in refusal_words("never_heard_of", {"at": 1}, language).what


@pytest.mark.parametrize("language", LANGUAGES)
def test_missing_arguments_never_raise(language: str) -> None:
    assert "{" not in str(refusal_words("too_late_to_cancel", None, language))


def test_a_sentence_begins_with_a_capital_whatever_begins_it() -> None:
    assert refusal_words("dish_not_served", {"dish": "isombe", "service": "lunch"}).what.startswith("Isombe is not")


def test_an_id_that_nobody_can_read_is_not_shown() -> None:
    assert refusal_words("case_taken", {"by": "0f" * 16}).what == "A colleague looks after this case."


def test_braces_in_what_people_wrote_stay_what_they_are() -> None:
    said = refusal_words("order_cancelled", {"number": "L-0001", "at": NOON, "reason": "{number} %s {0}"})
    assert said.what == "L-0001 was cancelled at 12:00: {number} %s {0}."


def test_a_case_says_what_follows_and_what_closes_it() -> None:
    said = case_words("overpaid", {"francs": 2_000, "over": 500})
    assert (said.what, said.consequence) == ("500 RWF too much was taken (2,000 RWF).", "The cash is in the books.")


def test_a_fact_its_rule_could_not_take_in_says_why_and_stands() -> None:
    said = case_words("bed_closed", {"bed": "A-050", "state": "closed"})
    assert said.what == "A-050 cannot be used: closed."
    assert said.consequence.startswith("It was done all the same")


def test_a_patient_reads_why_a_dish_is_not_for_them() -> None:
    detail = {"substance": "peanut", "how": "contains"}
    assert word("page.not_for_you", reason=reason_words("allergy", detail)) == (
        "Not for you: contains peanut, and you have a peanut allergy."
    )


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", "contient de l'arachide, et vous êtes allergique à l'arachide"),
        ("rw", "harimo ubunyobwa, kandi ufite aleriji y'ubunyobwa"),
    ],
)
def test_an_allergen_bends_as_the_language_does(language: str, told: str) -> None:
    assert reason_words("allergy", {"substance": "peanut", "how": "contains"}, language) == told


def test_what_may_be_in_it_is_not_said_to_be_in_it() -> None:
    assert reason_words("allergy", {"substance": "milk", "how": "may_contain"}).startswith("may contain milk")


def test_an_ingredient_without_words_is_named_by_its_code() -> None:
    assert reason_words("allergy", {"substance": "groundnut_paste"}, staff=True) == "allergy: contains groundnut paste"


def test_staff_read_the_levels_by_number_and_name() -> None:
    told = reason_words("texture", {"level": "7", "required": "4"}, staff=True)
    assert told == "texture: needs 4 pureed, this is 7 regular"


def test_levels_of_drinks_are_those_of_drinks() -> None:
    assert reason_words("fluid", {"level": "0", "required": "2"}) == "your drinks must be prepared as 2 mildly thick"


def test_a_refused_drink_is_told_by_the_levels_of_drinks() -> None:
    said = refusal_words("meal_blocked", {"reason": "fluid", "dish": "", "level": "0", "required": "2"})
    assert said.what == "Not for this patient: drink: needs 2 mildly thick, this is 0 thin."


def test_limits_are_told_with_their_unit() -> None:
    detail: dict[str, str | int] = {"nutrient": "sodium_mg", "most": 2_000, "left": -40}
    assert reason_words("nutrient_limit", detail, staff=True) == (
        "over the day's limit: sodium (salt), 0 mg left of 2,000 mg"
    )


def test_rules_of_unknown_age_have_no_number() -> None:
    assert flag_words("rules_old", {"hours": -1}) == "[?] RULES TOO OLD"


@pytest.mark.parametrize(
    ("code", "detail", "flag"),
    [
        ("allergy", {"substances": "peanut fish"}, "[!] ALLERGY PEANUT, FISH"),
        ("nil_by_mouth", {"since": NOON + 9 * 60_000, "why": "doctor"}, "[X] NIL BY MOUTH since 12:09, doctor"),
        ("nil_by_mouth", {}, "[X] NIL BY MOUTH"),
        ("texture", {"level": "4"}, "[#] TEXTURE 4 PUREED"),
        ("fluids", {"level": "2"}, "[~] FLUIDS 2 MILDLY THICK"),
        ("component", {"components": "diabetic low_salt"}, "[=] DIABETIC + LOW SALT"),
        ("override", {"by": "nutritionist"}, "[*] OVERRIDE nutritionist"),
        ("isolation", {"isolation": "contact"}, "[+] ISOLATION CONTACT"),
        ("isolation_airborne", {}, "[+] ISOLATION AIRBORNE, nurse only"),
        ("name_alert", {}, "[&] NAME ALERT, same ward"),
        ("glucose_first", {}, "[%] GLUCOSE FIRST, nurse"),
        ("needs_help_eating", {}, "[H] NEEDS HELP EATING"),
        ("guest", {}, "[G] GUEST, not for the patient"),
        ("allergies_not_asked", {}, "[?] ALLERGY NOT ASKED"),
        ("rules_old", {"hours": 5}, "[?] RULES 5 h OLD"),
    ],
)
def test_flags_are_those_of_the_screens(code: str, detail: dict[str, str | int], flag: str) -> None:
    assert flag_words(code, detail) == flag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mark_of_a_flag_is_the_same_in_every_language(language: str) -> None:
    assert flag_words("allergy", {"substance": "milk"}, language).startswith(flag_mark("allergy"))


def test_a_flag_nobody_has_words_for_still_warns() -> None:
    assert flag_words("brand_new_rule") == "[?] BRAND NEW RULE"


def test_staff_and_patients_read_their_own_words_for_a_state() -> None:
    assert (state_words("cooking"), state_words("cooking", "en", "patient")) == ("COOKING", "Being prepared")


def test_a_patient_reads_why_an_order_was_cancelled() -> None:
    told = state_words("cancelled", "en", "patient", reason="discharged")
    assert told == "Cancelled: the patient has gone home"


def test_the_machine_of_a_state_can_be_named() -> None:
    assert (state_words("tray.out"), state_words("payment.pending")) == ("on the way", "to collect")


@pytest.mark.parametrize(
    ("outcome", "code", "detail", "line"),
    [
        ("", "", {}, "saved on this device"),
        ("applied", "", {"at": NOON}, "confirmed 12:00"),
        ("duplicate", "done_already", {"by": "cook_1"}, "cook 1 did it, counted once"),
        ("duplicate", "done_already", {"at": NOON}, "done before, counted once"),
        ("rejected", "charged_already", {}, "REFUSED: This meal is charged already."),
        ("applied_exception", "unknown_patient", {}, "CASE: A patient was admitted whom the server does not know."),
        ("parked", "unknown_command", {}, "AT THE CENTRE, NOT JUDGED YET"),
    ],
)
def test_an_outcome_is_one_line(outcome: str, code: str, detail: dict[str, str | int], line: str) -> None:
    assert outcome_words(outcome, code, detail) == line


def test_an_act_is_named_in_the_readers_language() -> None:
    assert [command_words("orders.start_cooking", language) for language in LANGUAGES] == [
        "start cooking",
        "commencer la cuisson",
        "gutangira guteka",
    ]


def test_one_thing_takes_the_singular() -> None:
    assert [word("page.found", "en", count=count) for count in (0, 1, 2)] == ["0 dishes", "1 dish", "2 dishes"]


def test_french_counts_nothing_in_the_singular() -> None:
    told = [word("portal.cart.dishes", "fr", count=count) for count in (0, 1, 2)]
    assert told == ["0 plat", "1 plat", "2 plats"]


def test_an_unknown_language_reads_english() -> None:
    assert word("order_state.cooking", "sw") == "COOKING"


def test_a_language_knows_which_words_it_has() -> None:
    assert (has("order_state.cooking", "rw"), has("order_state.nothing", "rw")) == (True, False)


@pytest.mark.parametrize(
    ("language", "told"), [("en", "1,500 RWF"), ("fr", "1\N{NO-BREAK SPACE}500 RWF"), ("rw", "1.500 RWF")]
)
def test_money_on_pages_is_written_as_the_reader_writes_it(language: str, told: str) -> None:
    assert (money(1_500, language, page=True), money(1_500, language)) == (told, "1,500 RWF")


def test_times_are_those_of_the_hospital() -> None:
    assert (clock(NOON), day(NOON, "en"), clock(NOON, zone="Europe/Paris")) == ("12:00", "Tue 24 Nov", "11:00")


@pytest.mark.parametrize(
    ("minutes", "told"), [(6, "6 min"), (60, "1 h"), (80, "1 h 20"), (1_440, "1 day"), (4_321, "3 days")]
)
def test_ages_are_rounded_down(minutes: int, told: str) -> None:
    assert duration(minutes * 60_000 + 59_000, "en") == told


def test_amounts_carry_their_unit() -> None:
    assert [amount(810, "sodium_mg"), amount(46_400, "carbohydrate_mg"), amount(250, "energy_kcal")] == [
        "810 mg",
        "46 g",
        "250 kcal",
    ]


def test_words_are_there_before_any_model_is_loaded() -> None:
    """A console's first frame waits for no database library, and reads no file before a word is wanted."""
    watched = "('sqlmodel', 'sqlalchemy', 'pydantic', 'tomllib')"
    told = f"import sys, core.words; print([name for name in {watched} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True)
    assert answer.stdout.strip() == "[]"
