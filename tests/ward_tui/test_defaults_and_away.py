"""Who has no order yet and gets the day's default by itself, and who gets none because the patient is elsewhere."""

from __future__ import annotations

from consoles.kit.testing import pressed
from core.menu.defaults import SetDefaultMeal
from core.store.read import TxSource
from core.wards.away import MarkAway
from core.wards.model import Stay
from tests.ward_tui.house import AT, BEANS
from tests.ward_tui.ward import HANDHELD, LAPTOP, LEAD, NURSE, Ward

DESK = {"desk": True, "who": "nurse-1"}
HOUR_MS = 3_600_000


def with_default(w: Ward) -> None:
    default = SetDefaultMeal(default_id="plain_lunch", kitchen_id="main", meal="lunch", rank=1, dish_ids=(BEANS,))
    w.do(default, LEAD)


def commands(w: Ward) -> list[str]:
    seen = w.app.seen
    assert seen is not None
    return [command.name for command in seen.performed]


def stay(w: Ward, stay_id: str) -> Stay:
    """As this console has it."""
    with w.console.store.reading() as connection:
        return TxSource(connection, whole=False).rows(Stay, [stay_id])[stay_id]


async def test_half_an_hour_before_the_cut_off_the_list_says_which_trays_come_by_themselves(w: Ward) -> None:
    with_default(w)
    w.patient("A-001")
    w.patient("A-002", diet=None)
    async with w.shown(HANDHELD, **DESK) as pilot:
        await pressed(pilot, "l")
        assert "default tray at 13:05" in w.screen()
        assert "no tray comes by itself: no diet" in w.screen()


async def test_where_the_kitchen_has_no_default_nothing_is_promised(w: Ward) -> None:
    w.patient("A-001")
    async with w.shown(HANDHELD, **DESK) as pilot:
        await pressed(pilot, "l")
        assert "A-001" in w.screen() and "default tray" not in w.screen()


async def test_w_notes_that_a_patient_is_away_and_until_when(w: Ward) -> None:
    with_default(w)
    stay_id = w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "w", "2", *"16", "enter")
        assert commands(w) == ["wards.mark_away"]
        assert (stay(w, stay_id).away_why, stay(w, stay_id).away_until_at) == ("dialysis", AT + 205 * 60_000)
        assert ">A-001  P  away" in w.screen() and "at dialysis, back" in w.screen()
        await pressed(pilot, "l")
        assert "A-001" not in w.screen()


async def test_away_without_an_hour_is_until_somebody_says_back(w: Ward) -> None:
    stay_id = w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "w", "1", "enter")
        assert (stay(w, stay_id).away_why, stay(w, stay_id).away_until_at) == ("leave", None)
        await pressed(pilot, "w")
        assert commands(w) == ["wards.mark_away", "wards.mark_back"]
        assert stay(w, stay_id).away_from_at is None and ">A-001  P  no order yet" in w.screen()


async def test_an_hour_that_is_none_is_told_and_nobody_is_away(w: Ward) -> None:
    w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "w", "1", *"25", "enter")
        assert (commands(w), '"25" is no hour. Write 16:00.' in w.screen()) == ([], True)


async def test_away_that_was_pressed_by_mistake_is_undone_with_one_key(w: Ward) -> None:
    stay_id = w.patient("A-001")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "w", "1", "enter")
        await pressed(pilot, "u")
        assert stay(w, stay_id).away_from_at is None


async def test_what_another_desk_has_noted_stands_on_the_tile(w: Ward) -> None:
    stay_id = w.patient("A-001")
    w.do(MarkAway(stay_id=stay_id, why="procedure", until_at=AT + HOUR_MS), NURSE)
    async with w.shown(HANDHELD, **DESK):
        assert "at a procedure, back 13:35" in w.screen()
