"""The parts of a bedside: what a form is decided from, what a typed day means, how a drawing gives way."""

from __future__ import annotations

import pytest

from consoles.kit.testing import pressed
from core.kernel.refusal import Refusal
from core.kernel.values import HOUR_MS
from core.orders.model import Order
from tests.ward_tui.ward import Ward
from ward_tui.bedside_form import Allowed, BedsideSeen, Form, Scans, form_of
from ward_tui.bedside_rows import bedside_rows
from ward_tui.drawing import Drawing
from ward_tui.judging import Instant, instant, verdict_at_bed
from ward_tui.portions import portion
from ward_tui.scanning import as_number, found
from ward_tui.typing_in import birth_date


def seen(w: Ward, order_id: str, *, rules_age: int = 0) -> BedsideSeen:
    """What the handheld knows of one tray, with rules of that age."""
    w.sync()
    with w.console.store.reading() as db:
        now = instant(db, w.console.time.now())
        now = Instant(now.at, rules_age, now.rules_at, now.fresh_ms, now.hold_ms, now.grace_ms)
        return bedside_rows(db, order_id, now, "en")


def scans(w: Ward, order_id: str, *, wristband: str = "") -> Scans:
    stay_id = wristband or w.row(Order, order_id).stay_id
    return Scans(tray_id=w.tray(order_id).id, version=w.tray(order_id).label_version, wristband=stay_id)


def test_tray_and_person_and_rules_make_a_match(w: Ward) -> None:
    order_id = w.out("A-001")
    assert form_of(seen(w, order_id), scans(w, order_id), None, round_open=False) is Form.MATCH


def test_nothing_scanned_is_no_contradiction(w: Ward) -> None:
    order_id = w.out("A-001")
    assert form_of(seen(w, order_id), Scans(), None, round_open=False) is Form.SCAN


def test_a_stop_stands_before_every_match(w: Ward) -> None:
    order_id = w.out("A-001")
    w.nil_by_mouth(order_id)
    assert form_of(seen(w, order_id), scans(w, order_id), None, round_open=True) is Form.BLOCKED


def test_a_block_stands_before_a_wrong_person(w: Ward) -> None:
    order_id = w.out("A-001")
    w.nil_by_mouth(order_id)
    wrong = scans(w, order_id, wristband="stay-of-somebody")
    assert form_of(seen(w, order_id), wrong, None, round_open=True) is Form.BLOCKED


def test_old_rules_and_an_allergy_ask_a_nurse_and_without_one_the_round(w: Ward) -> None:
    allergic, other = w.out("A-001", allergies=("fish",)), w.out("A-002")
    old = 5 * HOUR_MS
    assert form_of(seen(w, allergic, rules_age=old), scans(w, allergic), None, round_open=True) is Form.ASK
    assert form_of(seen(w, other, rules_age=old), scans(w, other), None, round_open=False) is Form.ROUND
    assert form_of(seen(w, other, rules_age=old), scans(w, other), None, round_open=True) is Form.MATCH


def test_what_a_nurse_allowed_holds_for_these_reasons_and_no_newer_ones(w: Ward) -> None:
    order_id = w.out("A-001", allergies=("fish",))
    old = seen(w, order_id, rules_age=5 * HOUR_MS)
    codes = frozenset(reason.code for reason in old.verdict.reasons)
    allowed = Allowed("nurse-1", "nurse 1", "asked", codes)
    assert form_of(old, scans(w, order_id), allowed, round_open=False) is Form.MATCH
    other = Allowed("nurse-1", "nurse 1", "asked", frozenset({"recipe_unverified"}))
    assert form_of(old, scans(w, order_id), other, round_open=False) is Form.ASK


def test_an_order_that_is_not_held_here_is_unknown(w: Ward) -> None:
    w.out("A-001")
    assert form_of(seen(w, "nowhere"), Scans(), None, round_open=False) is Form.UNKNOWN


@pytest.mark.parametrize("what", ["allowed", "nil_by_mouth", "allergy"])
def test_the_screen_and_the_press_say_the_same(w: Ward, what: str) -> None:
    """The verdict that is shown is the one that the press is refused by."""
    order_id = w.out("A-001", "isombe")
    if what == "nil_by_mouth":
        w.nil_by_mouth(order_id)
    if what == "allergy":
        w.allergic_now(order_id, "peanut")
    w.sync()
    with w.console.store.reading() as db:
        now = instant(db, w.console.time.now())
        stop = bedside_rows(db, order_id, now, "en").stop
        assert stop is not None
        shown = verdict_at_bed(db, now, stop.order)
    from core.delivery.commands import GiveTray

    give = GiveTray(order_id=order_id, tray_id=w.tray(order_id).id, wristband=stop.stay.id)
    refused = ""
    try:
        w.console.press(give)
    except Refusal as refusal:
        refused = refusal.code
    assert bool(refused) == shown.forbids


def test_a_day_is_understood_however_it_is_typed() -> None:
    for typed in ("12 4 1974", "12/04/1974", "12.4.1974", "12041974", " 12-04-1974 "):
        assert birth_date(typed) == "1974-04-12"
    assert birth_date("1974-04-12") == "1974-04-12"
    assert birth_date("soon") == "soon"


def test_a_number_is_one_however_it_is_typed() -> None:
    for typed in ("L-0412", "l412", "l-412", "L0412"):
        assert as_number(typed) == "L-0412"
    assert as_number("nothing") == "nothing"


def test_portions_are_written_as_on_labels() -> None:
    assert [portion(halves) for halves in (1, 2, 3, 4)] == ["1/2", "1", "1 1/2", "2"]


def test_a_scan_means_a_tray_a_wristband_or_nothing(w: Ward) -> None:
    order_id = w.out("A-001")
    w.sync()
    with w.console.store.reading() as db:
        assert found(db, f"TRAY:{w.tray(order_id).id}:1").order_id == order_id
        assert found(db, f"STAY:{w.row(Order, order_id).stay_id}").order_id == order_id
        assert found(db, w.number(order_id)).tray_id == w.tray(order_id).id
        assert [found(db, code).kind for code in ("TRAY:x:1", "5901", "L-9999")] == ["unknown"] * 3


def test_a_flag_that_is_too_long_goes_on_under_its_words() -> None:
    drawing = Drawing(26)
    drawing.flag("[!] ALLERGY CRUSTACEANS, MOLLUSCS, PEANUT", "flag")
    told = [line.plain.rstrip() for line in drawing.lines]
    assert told == ["[!] ALLERGY CRUSTACEANS,", "    MOLLUSCS, PEANUT"]


def test_what_is_pressed_stands_at_the_bottom_with_its_target() -> None:
    drawing = Drawing(20)
    drawing.line("words")
    drawing.gap = drawing.height
    drawing.button("go", "go")
    drawing.stretch(10)
    target = drawing.target_at(3, 8)
    assert (drawing.height, drawing.target_at(3, 2), target.action if target else "") == (10, None, "go")


def test_a_picture_that_is_too_long_is_turned_not_cut() -> None:
    drawing = Drawing(20)
    for number in range(9):
        drawing.line(f"row {number}")
    first, last = drawing.window(0, 5, "more"), drawing.window(4, 5, "more")
    assert first.lines[-1].plain.strip() == "more"
    assert last.lines[-1].plain.strip() == "row 8"


async def test_words_from_data_cannot_steer_the_screen(w: Ward) -> None:
    """A wish with brackets and escapes is text, word for word."""
    stay_id = w.patient("A-001")
    from core.delivery.commands import TakeOut
    from core.orders.attempts import Ordered
    from core.orders.placing import PlaceOrder
    from tests.ward_tui.house import LUNCH
    from tests.ward_tui.ward import RUNNER, Role, actor

    wish = PlaceOrder(
        stay_id=stay_id,
        service_id=LUNCH,
        number="L-0500",
        lines=(Ordered(dish_id="umuceri"),),
        wish="[/nope] [b]cut small[/b]",
    )
    order_id = w.ready(w.do(wish, actor("nutritionist-1", Role.NUTRITIONIST)))
    w.do(TakeOut(order_id=order_id, tray_id=w.tray(order_id).id), RUNNER)
    async with w.shown() as pilot:
        await pressed(pilot, "enter")
        assert '"[/nope] [b]cut small[/b]"' in w.screen()
