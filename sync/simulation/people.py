"""What people want at their consoles and pages: mostly what fits what they see there,
and now and then what does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.cases.commands import AcknowledgeOutcome, CloseCase, TakeCase
from core.delivery.commands import CollectTray, GiveTray, ReportEaten, ReportIssue, TakeOut
from core.kernel.message import Command
from core.kernel.values import Role
from core.menu.commands import BackInStock, MarkOutOfStock
from core.orders.attempts import Ordered
from core.orders.commands import (
    AcknowledgeChange,
    AcknowledgeStop,
    FlagProblem,
    MarkReady,
    ResolveProblem,
    StartCooking,
    TakeBack,
    TickLine,
)
from core.orders.held import SubstituteDish
from core.orders.model import Order, OrderState
from core.orders.override import OverrideState, steps_by_hand
from core.orders.placing import CancelOrder, PlaceOrder
from core.payments.commands import PutOnAccount, TakeCash
from core.people.commands import GiveGrant, RevokeGrant
from core.wards.commands import AssignBed, Discharge, MoveStay, OpenStay, SetBedState
from sync.simulation import clinic, hospital
from sync.simulation.hands import Hands, Wants, Wish

_S = OrderState


def wish(hands: Hands, roles: frozenset[Role]) -> Wish | None:
    """What somebody with these roles does next, or None when there is nothing to do for them here."""
    wants = [entry for role in sorted(roles) for entry in WANTS.get(role, ())]
    if not wants:
        return None
    for _ in range(6):
        found = hands.dice.weighted(wants)(hands)
        if found is not None:
            return found if isinstance(found, Wish) else Wish(found)
    return None


def next_step(hands: Hands, order: Order) -> Command | None:
    """What brings this meal nearer to its bed, as this console has it."""
    if order.state in (_S.CONFIRMED, _S.KITCHEN_ISSUE):
        return StartCooking(order_id=order.id)
    if order.state == _S.COOKING:
        return MarkReady(order_id=order.id)
    if order.state == _S.READY and hands.dice.happens(0.7):
        return TakeOut(order_id=order.id, tray_id=hands.view.tray_id(order.id))
    return _given(hands, order) if order.state in (_S.READY, _S.OUT) else None


# -- in the ward ----------------------------------------------------------------------------------------------------


def _admit(hands: Hands) -> Command:
    ward = hands.ward_id or hands.dice.one_of(sorted(hospital.WARDS))
    count = hands.fresh()
    known = hands.dice.happens(0.2)
    return OpenStay(
        stay_id=f"stay-{count}",
        ward_id=ward,
        hospital_number=f"H-{hands.dice.between(1, 9) if known else count}",
        full_name=f"Patient {count}",
        birth_date="1980-01-01",
    )


def _bed(hands: Hands) -> Command | None:
    stays = [stay for stay in hands.view.stays() if not stay.bed_id] or hands.view.stays()
    if not stays:
        return None
    stay = hands.dice.one_of(stays)
    beds = hands.view.free_beds(stay.ward_id) or hands.view.beds()
    return AssignBed(stay_id=stay.id, bed_id=hands.dice.one_of(beds).id) if beds else None


def _move(hands: Hands) -> Command | None:
    stays = hands.view.stays()
    if not stays:
        return None
    stay = hands.dice.one_of(stays)
    ward = hands.dice.one_of([ward for ward in sorted(hospital.WARDS) if ward != stay.ward_id])
    bed = f"{ward}-{hands.dice.between(1, hospital.BEDS):03}"
    return MoveStay(stay_id=stay.id, ward_id=ward, bed_id=bed if hands.dice.happens(0.4) else "")


def _discharge(hands: Hands) -> Command | None:
    stay = hands.stay()
    return Discharge(stay_id=stay) if stay else None


def _bed_state(hands: Hands) -> Command | None:
    bed = hands.one([bed.id for bed in hands.view.beds()])
    return SetBedState(bed_id=bed, state=hands.dice.one_of(("in_use", "cleaning", "closed"))) if bed else None


def _place(hands: Hands) -> Command | None:
    stays = hands.view.stays()
    if not stays:
        return None
    stay = hands.dice.one_of(stays)
    services = hands.view.services(stay.kitchen_id)
    dishes = hands.view.dishes()
    if not services or not dishes:
        return None
    service = hands.dice.one_of(services)
    wanted = hands.dice.some_of([dish.id for dish in dishes], 0.4) or (dishes[0].id,)
    return PlaceOrder(
        stay_id=stay.id,
        service_id=service.id,
        number=hands.number(service.id),
        lines=tuple(Ordered(dish_id=dish, halves=hands.dice.between(1, 2)) for dish in wanted),
        method=hands.dice.one_of(("cash", "account")),
        confirm=True,
    )


def _substitute(hands: Hands) -> Command | None:
    """Another dish in the place of one: mostly on a meal that waits for it."""
    orders = hands.view.orders(_S.HELD) or hands.view.orders(_S.CONFIRMED, _S.COOKING)
    dishes = hands.view.dishes()
    order = hands.one([one.id for one in orders])
    line = hands.one([one.id for one in hands.view.lines(order)]) if order else ""
    if not line or not dishes:
        return None
    return SubstituteDish(order_id=order, line_id=line, dish_id=hands.dice.one_of(dishes).id)


def _cancel(hands: Hands) -> Command | None:
    order = hands.order_in(_S.CONFIRMED, _S.HELD, _S.COOKING, _S.READY)
    return CancelOrder(order_id=order, reason="not hungry") if order else None


# -- on the way -----------------------------------------------------------------------------------------------------


def _take_out(hands: Hands) -> Command | None:
    order = hands.order_in(_S.READY)
    return TakeOut(order_id=order, tray_id=hands.view.tray_id(order)) if order else None


def _give(hands: Hands) -> Command | None:
    orders = hands.view.orders(_S.OUT, _S.READY)
    if not orders:
        return None
    return _given(hands, hands.dice.one_of(orders))


def _given(hands: Hands, order: Order) -> Command:
    """Mostly to the right patient, by the tray's own label."""
    nurse = "nurse_a" if hands.dice.happens(0.2) else ""
    decides: dict[str, Any] = {"nurse_id": "head_nurse", "why": "asked the patient"} if hands.dice.happens(0.15) else {}
    return GiveTray(
        order_id=order.id,
        tray_id=hands.view.tray_id(order.id),
        wristband=order.stay_id if hands.dice.happens(0.95) else "stay-1",
        to_nurse=nurse,
        **decides,
    )


def _issue(hands: Hands) -> Command | None:
    order = hands.order_in(_S.OUT, _S.READY, _S.CONFIRMED)
    code = hands.dice.one_of(("asleep", "refused", "spilled", "nil_by_mouth"))
    return ReportIssue(order_id=order, code=code) if order else None  # type: ignore[arg-type]  # one of its words


def _eaten(hands: Hands) -> Command | None:
    order = hands.order_in()
    return ReportEaten(order_id=order) if order else None


def _collect(hands: Hands) -> Command | None:
    order = hands.order_in(_S.DELIVERED, _S.HANDED_TO_NURSE)
    return CollectTray(order_id=order) if order else None


def _cash(hands: Hands) -> Command | None:
    due = hands.view.cash_due()
    order = hands.one([one.id for one in due]) if due and hands.dice.happens(0.8) else hands.order_in()
    return TakeCash(order_id=order, francs=hands.dice.one_of((300, 700, 1_400))) if order else None


def _account(hands: Hands) -> Command | None:
    due = hands.one([one.id for one in hands.view.cash_due()])
    return PutOnAccount(order_id=due) if due else None


# -- in the kitchen -------------------------------------------------------------------------------------------------


def _start(hands: Hands) -> Command | None:
    order = hands.order_in(_S.CONFIRMED, _S.KITCHEN_ISSUE)
    return StartCooking(order_id=order) if order else None


def _tick(hands: Hands) -> Command | None:
    order = hands.order_in(_S.COOKING)
    line = hands.one([line.id for line in hands.view.lines(order)]) if order else ""
    return TickLine(line_id=line, ticked=hands.dice.happens(0.8)) if line else None


def _ready(hands: Hands) -> Command | None:
    order = hands.order_in(_S.COOKING)
    return MarkReady(order_id=order) if order else None


def _back(hands: Hands) -> Command | None:
    steps = {_S.COOKING: "cooking", _S.READY: "ready", _S.OUT: "out", _S.DELIVERED: "delivered"}
    orders = hands.view.orders(*steps)
    if not orders:
        return None
    order = hands.dice.one_of(orders)
    return TakeBack(order_id=order.id, step=steps[OrderState(order.state)])  # type: ignore[arg-type]  # one of its steps


def _stop_seen(hands: Hands) -> Command | None:
    order = hands.one([order.id for order in hands.view.orders() if order.stop and not order.stop_seen_by])
    return AcknowledgeStop(order_id=order) if order else None


def _change_seen(hands: Hands) -> Command | None:
    """A cook has read what changed on a card: of the rules as this console has them."""
    orders = hands.view.orders(_S.CONFIRMED, _S.HELD, _S.COOKING, _S.READY)
    order = hands.dice.one_of(orders) if orders else None
    profile = hands.view.profile(order.stay_id) if order is not None else None
    if order is None or profile is None:
        return None
    return AcknowledgeChange(order_id=order.id, rules_version=profile.rules_version)


def _problem(hands: Hands) -> Command | None:
    order = hands.order_in()
    return FlagProblem(order_id=order, problem="burnt", remake=hands.dice.happens(0.5)) if order else None


def _solved(hands: Hands) -> Command | None:
    order = hands.one([order.id for order in hands.view.orders() if order.problem])
    return ResolveProblem(order_id=order, closing="made anew") if order else None


def _stock(hands: Hands) -> Command | None:
    dishes = hands.view.dishes()
    dish = hands.dice.one_of(dishes) if dishes else None
    if dish is None:
        return None
    return BackInStock(dish_id=dish.id) if dish.out_of_stock_at else MarkOutOfStock(dish_id=dish.id)


# -- over all -------------------------------------------------------------------------------------------------------


def _read_it(hands: Hands) -> Command | None:
    outcome = hands.one([outcome.id for outcome in hands.view.unread()])
    return AcknowledgeOutcome(outcome_id=outcome) if outcome else None


def _take_case(hands: Hands) -> Command | None:
    case = hands.one([case.id for case in hands.view.open_cases()])
    return TakeCase(case_id=case) if case else None


def _close_case(hands: Hands) -> Command | None:
    case = hands.one([case.id for case in hands.view.open_cases()])
    return CloseCase(case_id=case, closing="settled") if case else None


def _dish(hands: Hands) -> Wish | None:
    dishes = hands.view.dishes()
    dish = hands.dice.one_of(dishes) if dishes else None
    if dish is None:
        return None
    return Wish(hospital.dish_as(dish.id, price=hands.dice.between(400, 900)), dish.version)


def _ingredient(hands: Hands) -> Wish | None:
    """A supplier writes something else on the packet: it has more in it, or nobody vouches for it any more."""
    ingredients = hands.view.ingredients()
    one = hands.dice.one_of(ingredients) if ingredients else None
    if one is None:
        return None
    known = hospital.ALLERGENS.get(one.id, ())
    allergens = (*known, "milk") if hands.dice.happens(0.3) and "milk" not in known else known
    wanted = hospital.ingredient_as(one.id, allergens=allergens, verified=hands.dice.happens(0.8))
    return Wish(wanted, one.version)


def _override(hands: Hands) -> Command | None:
    orders = [order for order in hands.view.orders() if steps_by_hand(order.state)]
    if not orders:
        return None
    order = hands.dice.one_of(orders)
    step: Any = hands.dice.one_of(steps_by_hand(order.state)).value
    return OverrideState(order_id=order.id, seen=order.state, step=step, reason="as the ward has told")


def _revoke(hands: Hands) -> Command | None:
    grants = [one for one in hands.view.grants() if one.revoked_at is None and one.role != "admin"]
    return RevokeGrant(grant_id=hands.dice.one_of(grants).id) if grants else None


def _grant(hands: Hands) -> Command:
    person = hands.dice.one_of([name for name in hospital.STAFF if not name.startswith("admin")])
    role, ward = hands.dice.one_of(hospital.STAFF[person][0])
    return GiveGrant(person_id=person, role=role.value, ward_id=ward)  # type: ignore[arg-type]  # a staff role


_READS: Wants = ((_read_it, 3),)
_CASES: Wants = ((_take_case, 1), (_close_case, 1), *_READS)
_CARRIES: Wants = (
    (_take_out, 6),
    (_give, 10),
    (_issue, 2),
    (_eaten, 1),
    (_collect, 2),
    (_cash, 5),
    (_account, 1),
    (_back, 1),
    *_READS,
)
_NURSES: Wants = (
    (_admit, 4),
    (_bed, 6),
    (_move, 3),
    (_discharge, 1),
    (_bed_state, 1),
    (_place, 14),
    (_cancel, 2),
    (_substitute, 2),
    (_give, 4),
    (_stop_seen, 2),
    (_problem, 1),
    *clinic.OF_NURSES,
    *_CASES,
)
_COOKS: Wants = (
    (_start, 12),
    (_tick, 3),
    (_ready, 10),
    (_back, 2),
    (_stop_seen, 3),
    (_change_seen, 3),
    (_problem, 2),
    (_solved, 1),
    (_stock, 1),
    *_READS,
)
WANTS: Mapping[Role, Wants] = {
    Role.NURSE: _NURSES,
    Role.RUNNER: _CARRIES,
    Role.CASHIER: ((_cash, 4), (_account, 1), *_CASES),
    Role.COOK: _COOKS,
    Role.KITCHEN_LEAD: (*_COOKS, (_take_out, 3), (_place, 1), (_substitute, 1), (_dish, 1), (_ingredient, 1), *_CASES),
    Role.DOCTOR: (*clinic.OF_DOCTORS, (_bed, 3), (_move, 2), *_CASES),
    Role.NUTRITIONIST: (*clinic.OF_NUTRITIONISTS, (_place, 5), (_substitute, 3), (_dish, 2), (_ingredient, 2), *_CASES),
    Role.ADMIN: (
        (_revoke, 2),
        (_grant, 4),
        (_dish, 3),
        (_ingredient, 1),
        (_override, 3),
        (_bed, 1),
        (_stop_seen, 1),
        *_CASES,
    ),
}
