"""Food for whoever visits a patient: ordered at the desk, a tray of its own, never the patient's (R17)."""

from __future__ import annotations

from consoles.kit.dialogs import RefusedScreen
from consoles.kit.testing import pressed
from core.delivery.commands import TakeOut
from core.orders.placing import PlaceOrder
from tests.ward_tui.house import RICE
from tests.ward_tui.ward import HANDHELD, LAPTOP, RUNNER, Ward

DESK = {"desk": True, "who": "nurse-1"}


def placed(w: Ward) -> PlaceOrder:
    seen = w.app.seen
    assert seen is not None
    command = seen.performed[-1]
    assert isinstance(command, PlaceOrder)
    return command


async def test_r17_g_orders_for_a_guest_what_the_patient_may_not_have(w: Ward) -> None:
    w.patient("A-001", diet=("renal",))
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "o")
        assert "FOR A GUEST" not in w.screen()
        await pressed(pilot, "g")
        assert "FOR A GUEST OF A-001" in w.screen() and "[G] GUEST, not for the patient" in w.screen()
        await pressed(pilot, "1")
        assert (placed(w).guest, placed(w).method) == (True, "cash")
        assert "ordered by nurse 1 for a guest of A-001" in w.screen()


async def test_r17_the_same_key_goes_back_to_the_patient(w: Ward) -> None:
    w.patient("A-001", diet=("renal",))
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "o", "g", "g")
        assert "ORDER FOR A-001" in w.screen() and "[=] RENAL" in w.screen()


async def test_r17_where_nobody_may_eat_whoever_orders_is_asked_first(w: Ward) -> None:
    w.patient("A-001", isolation="airborne")
    async with w.shown(LAPTOP, **DESK) as pilot:
        await pressed(pilot, "o", "g", "1")
        assert isinstance(w.app.screen, RefusedScreen) and w.app.seen is not None and w.app.seen.performed == []
        await pressed(pilot, "2")
        assert (placed(w).guest, placed(w).confirm) == (True, True)


async def test_r17_at_the_bed_a_guests_tray_shows_no_allergy_of_the_patient_and_says_guest(w: Ward) -> None:
    order_id = w.ready(w.order(w.patient("A-001", allergies=("peanut",), diet=("renal",)), RICE, guest=True))
    w.do(TakeOut(order_id=order_id, tray_id=w.tray(order_id).id), RUNNER)
    async with w.shown(HANDHELD) as pilot:
        assert "[G] GUEST, not for the patient" in w.screen() and "PEANUT" not in w.screen()
        await pressed(pilot, "enter")
        assert "[G] GUEST, not for the patient" in w.screen() and "PEANUT" not in w.screen()
