"""The ward desk: beds as tiles, admission, moves, discharge, holds, and meals for those who cannot order."""

from __future__ import annotations

from textual.pilot import Pilot

from consoles.kit.testing import pressed, settled
from core.delivery.model import Tray
from core.diets.commands import HoldTrays
from core.diets.model import DietProfile
from core.orders.model import Order
from core.orders.placing import PlaceOrder
from core.wards.commands import SetBedState
from core.wards.model import Stay
from tests.ward_tui.ward import HANDHELD, LAPTOP, NURSE, Ward, flat

DESK = {"desk": True, "who": "nurse-1"}


async def admit(w: Ward, pilot: Pilot[None], name: str, *, born: str = "") -> None:
    """Name and birth date, as a nurse types them."""
    await pressed(pilot, "a", *name, "tab")
    for sign in born:
        await pilot.press({" ": "space", "-": "minus"}.get(sign, sign))


async def test_beds_are_tiles_with_states_in_words(w: Ward) -> None:
    w.order(w.patient("A-001"))
    w.patient("A-002")
    w.nil_by_mouth(w.order(w.patient("A-003")))
    w.do(SetBedState(bed_id="A-004", state="cleaning"), NURSE)
    w.do(SetBedState(bed_id="A-005", state="closed"), NURSE)
    async with w.shown(LAPTOP, **DESK):
        shown = w.screen()
        for tile in (
            ">A-001  P  ordered",
            "A-002  P  no order yet",
            "A-003  P  nil by mouth",
            "A-004     cleaning",
            "A-005     closed",
            "A-006     vacant",
        ):
            assert tile in shown
        assert "30 beds, 3 patients, 1 no order yet, 1 nil by mouth" in shown
        assert "order until 13:05, 30 min left" in shown


async def test_flags_on_a_tile_are_whole(w: Ward) -> None:
    w.patient("A-001", allergies=("peanut", "fish"), diet=("diabetic", "low_salt"), isolation="airborne")
    async with w.shown(LAPTOP, **DESK):
        shown = w.screen()
        assert "[!] ALLERGY FISH, PEANUT" in shown and "[=] DIABETIC + LOW SALT" in shown
        assert "[+] ISOLATION AIRBORNE," in shown and "nurse only" in shown


async def test_names_stand_nowhere_on_the_desk(w: Ward) -> None:
    w.patient("A-001")
    async with w.shown(LAPTOP, **DESK):
        assert "Uwimana" not in w.screen()


async def test_a_locked_desk_hides_its_patients(w: Ward) -> None:
    w.patient("A-001", allergies=("peanut",))
    async with w.shown(LAPTOP, desk=True, who=""):
        assert "A-001" not in w.screen() and "PEANUT" not in w.screen()


async def test_arrows_pages_and_typed_numbers_choose_a_bed(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "right", "down", "left")
        assert ">A-004" in w.screen()
        await pressed(pilot, "up", "pagedown")
        assert ">A-019" in w.screen()
        await pressed(pilot, "pageup")
        assert ">A-001" in w.screen()
        await pressed(pilot, "slash", *"27", "enter")
        assert ">A-027" in w.screen()


async def test_another_ward_is_two_keys_away(w: Ward) -> None:
    w.patient("B-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "v", "2")
        assert "WARD B DESK" in w.screen() and "B-001  P" in w.screen()


async def test_enter_lists_what_can_be_done_for_a_bed(w: Ward) -> None:
    w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "enter")
        for act in ("order", "hold trays", "bed", "move", "discharge"):
            assert act in w.screen()
        await pressed(pilot, "1")
        assert w.screen().startswith(" ORDER FOR A-001")


async def test_the_desk_fits_a_handheld(w: Ward) -> None:
    w.patient("A-001", allergies=("peanut",))
    async with w.shown(HANDHELD, **DESK):
        assert ">A-001  P  no order yet" in w.screen() and "[!] ALLERGY PEANUT" in w.screen()


async def test_the_run_is_one_key_from_the_desk_and_back(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "r")
        assert w.screen().startswith(" MY RUN")
        await pressed(pilot, "d")
        assert "DESK" in w.screen()


# -- ordering -------------------------------------------------------------------------------------------------------


async def test_one_key_orders_for_a_patient(w: Ward) -> None:
    stay_id = w.patient("A-016", allergies=("peanut",))
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "slash", *"16", "enter", "o")
        shown = w.screen()
        assert "Isombe" not in shown and "Ibishyimbo" in shown and "1 not allowed" in shown
        await pressed(pilot, "2")
        assert "ordered by nurse 1 for A-016" in w.screen() and "A-016  P  ordered" in w.screen()
        w.sync()
        (order,) = w.rows(Order)
        assert (order.stay_id, order.placed_by, w.console.verdicts()) == (stay_id, "nurse-1", [("applied", "")])
        assert 8_000 <= int(order.number[2:]) <= 9_999


async def test_several_dishes_go_on_one_tray(w: Ward) -> None:
    w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "o", "down", "space")
        assert "(v) Ibishyimbo" in w.screen()
        await pressed(pilot, "4")
        (command,) = [one for one in w.app.seen.performed if isinstance(one, PlaceOrder)]
        assert [line.dish_id for line in command.lines] == ["ibishyimbo", "umuceri"]


async def test_a_tick_can_be_taken_off_again(w: Ward) -> None:
    w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "o", "space", "space")
        assert "(v)" not in w.screen()


async def test_a_dish_that_is_not_allowed_any_more_leaves_the_list(w: Ward) -> None:
    stay_id = w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "o")
        assert "Isombe" in w.screen()
        from core.diets.allergies import RecordAllergy
        from tests.ward_tui.ward import DOCTOR

        w.do(RecordAllergy(stay_id=stay_id, code="peanut"), DOCTOR)
        await w.hear(pilot)
        assert "Isombe" not in w.screen() and "[!] ALLERGY PEANUT" in w.screen()


async def test_nil_by_mouth_has_no_dish_and_says_why(w: Ward) -> None:
    w.nil_by_mouth(w.order(w.patient("A-001")))
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "o")
        assert "nil by mouth since 12:35, doctor" in w.screen()
        await pressed(pilot, "enter")
        assert w.app.seen.performed == []


async def test_against_a_preference_is_asked_once(w: Ward) -> None:
    w.patient("A-001", preferences=("vegetarian",))
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "o")
        assert "against a preference: vegetarian" in w.screen()
        await pressed(pilot, "1")
        assert "it is against a preference" in w.screen()
        await pressed(pilot, "1")
        assert w.app.seen.performed == []
        await pressed(pilot, "1", "2")
        w.sync()
        assert w.console.verdicts() == [("applied", "")]


async def test_who_has_no_order_yet_gets_shorter_with_each_order(w: Ward) -> None:
    for bed in ("A-002", "A-001"):
        w.patient(bed)
    w.nil_by_mouth(w.order(w.patient("A-003")))
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "l")
        assert "2 without a meal" in w.screen() and "30 min to cut-off" in w.screen()
        assert "A-003" not in w.screen()
        await pressed(pilot, "2", "enter", "1")
        assert "1 without a meal" in w.screen() and ">1  A-001" in w.screen() and " 2  " not in w.screen()
        await pressed(pilot, "o", "1")
        assert "Everybody who may eat has ordered." in w.screen()
        await pressed(pilot, "backspace")
        assert "DESK" in w.screen()


async def test_after_the_cut_off_it_is_a_late_tray(w: Ward) -> None:
    w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        w.pass_(minutes=40)
        w.app.acting.acted(w.app.mono())
        w.sync()
        await w.hear(pilot)
        assert "late trays until 14:45" in w.screen()
        await pressed(pilot, "o", "1")
        w.sync()
        assert [order.late for order in w.rows(Order)] == [True]


# -- holding, moving, going home ------------------------------------------------------------------------------------


async def test_hold_stops_all_food_at_once_with_a_reason(w: Ward) -> None:
    order_id = w.out("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "h", "3")
        assert isinstance(w.app.seen.performed[-1], HoldTrays)
        assert w.app.seen.performed[-1].reason == "vomiting"
        assert "A-001  P  nil by mouth" in w.screen() and "[X] HOLD ALL TRAYS" in w.screen()
        w.sync()
        assert (w.row(Order, order_id).stop, w.row(Tray, w.tray(order_id).id).label_void) == ("trays_held", True)


async def test_another_reason_is_typed(w: Ward) -> None:
    w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "h", "7", *"fever", "enter")
        assert w.app.seen.performed[-1].reason == "fever"


async def test_another_bed_on_the_same_ward(w: Ward) -> None:
    stay_id = w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "b", "2")
        w.sync()
        assert w.row(Stay, stay_id).bed_id == "A-003"


async def test_a_bed_that_was_given_away_meanwhile_is_told_and_nobody_is_dropped(w: Ward) -> None:
    stay_id = w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        w.patient("A-002")  # this console has not heard of it
        await pressed(pilot, "b", "1")
        await w.hear(pilot)
        assert w.row(Stay, stay_id).bed_id == "A-001"
        assert w.console.verdicts() == [("rejected", "bed_taken")]
        assert w.chip() == "REFUSED 1"


async def test_a_patient_moves_to_another_ward_and_the_meal_goes_along(w: Ward) -> None:
    order_id = w.order(w.patient("A-001"))
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "m", "1", "2")
        w.sync()
        stay = w.row(Stay, w.row(Order, order_id).stay_id)
        assert (stay.ward_id, stay.bed_id, w.row(Order, order_id).ward_id) == ("B", "B-001", "B")


async def test_a_move_without_a_bed_keeps_the_patient_on_the_list(w: Ward) -> None:
    stay_id = w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "m", "1", "1", "v", "2", "slash")
        await pressed(pilot, "escape", "pagedown")
        w.sync()
        assert (w.row(Stay, stay_id).ward_id, w.row(Stay, stay_id).bed_id) == ("B", "")
        await pressed(pilot, "down", "down", "down", "down")
        assert "no bed  P" in w.screen()


async def test_going_home_is_asked_once_and_names_the_bed(w: Ward) -> None:
    order_id = w.order(w.patient("A-001"))
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "d")
        assert "Discharge A-001?" in w.screen() and "nobody pays for it" in flat(w.screen())
        await pressed(pilot, "1")
        assert w.app.seen.performed == []
        await pressed(pilot, "d", "2")
        w.sync()
        assert (w.state(order_id), "A-001     vacant" in w.screen()) == ("cancelled", True)


async def test_keys_for_a_patient_say_when_nobody_lies_there(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        for key in ("o", "h", "m", "d"):
            await pressed(pilot, key)
            assert "Nobody lies there." in w.screen()
        await pressed(pilot, "b")
        assert "Nobody waits for a bed." in w.screen()


# -- admission ------------------------------------------------------------------------------------------------------


async def test_a_patient_is_admitted_to_the_chosen_bed_asked_none(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "slash", *"16", "enter")
        await admit(w, pilot, "Mukamana", born="12 4 1990")
        await pressed(pilot, "tab", "tab", "tab", "tab", "right", "space", "enter")
        assert "A-016: admitted" in w.screen() and "A-016  P  no order yet" in w.screen()
        w.sync()
        (stay,) = w.rows(Stay)
        profile = w.row(DietProfile, stay.id)
        assert (stay.bed_id, profile.allergies_asked, profile.allergens) == ("A-016", True, "")
        assert [verdict[0] for verdict in w.console.verdicts()] == ["applied"] * 3


async def test_a_name_is_all_that_is_needed_and_not_asked_holds_the_first_tray(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "a", "enter")
        assert "A name is needed" in w.screen()
        await pressed(pilot, *"Keza", "enter")
        assert "[?] ALLERGY NOT ASKED" in w.screen()
        w.sync()
        (stay,) = w.rows(Stay)
        assert w.row(DietProfile, stay.id).allergies_asked is False


async def test_allergies_are_ticked_or_told_in_words(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        await admit(w, pilot, "Keza")
        await pressed(pilot, "tab", "tab", "tab", "tab", "tab", "space", "tab", *"cassava", "enter")
        w.sync()
        (stay,) = w.rows(Stay)
        profile = w.row(DietProfile, stay.id)
        assert (profile.allergens, profile.unmatched) == ("peanut", True)


async def test_asked_and_some_without_saying_which_is_not_saved(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        await admit(w, pilot, "Keza")
        await pressed(pilot, "tab", "tab", "tab", "tab", "right", "right", "space", "enter")
        assert "Which? Tick it, or write it in words." in w.screen()
        assert w.app.seen.performed == []


async def test_a_day_that_is_none_and_a_number_with_odd_signs_are_said(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        await admit(w, pilot, "Keza", born="45 99 1990")
        await pressed(pilot, "enter")
        assert "That is no day" in w.screen()
        for _ in range(10):
            await pilot.press("backspace")
        await pressed(pilot, "tab", *"DH", "space", "1", "enter")
        assert "A hospital number is letters" in w.screen()
        assert w.app.seen.performed == []


async def test_who_waits_for_a_bed_gets_one(w: Ward) -> None:
    async with w.shown(LAPTOP, **DESK) as pilot:
        await admit(w, pilot, "Keza")
        await pressed(pilot, "tab", "tab", "left", "space")
        await pressed(pilot, "enter")
        await settled(pilot)
        await pressed(pilot, "b", "1")
        w.sync()
        (stay,) = w.rows(Stay)
        assert stay.bed_id.startswith("A-")


async def test_a_runner_may_not_admit_and_reads_why(w: Ward) -> None:
    async with w.shown(LAPTOP, desk=True, who="runner-1") as pilot:
        await pressed(pilot, "a", *"Keza", "enter")
        assert "This is not part of your role" in w.screen()
        assert w.app.seen.performed == []
