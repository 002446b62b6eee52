"""What people want at their consoles and pages: mostly what fits what they see there,
and now and then what does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.cases.commands import AcknowledgeOutcome, CloseCase, TakeCase
from core.delivery.commands import CollectTray, GiveTray, ReportEaten, ReportIssue, TakeOut
from core.diets.allergies import RecordAllergiesAsked, RecordAllergy, WithdrawAllergy
from core.diets.commands import EndDietOrder, HoldTrays, PrescribeDiet, StartNilByMouth
from core.diets.profile import replaced_by_order
from core.kernel.message import Command
from core.kernel.values import Role
from core.menu.commands import BackInStock, MarkOutOfStock
from core.orders.attempts import Ordered
from core.orders.commands import (
    AcknowledgeStop,
    FlagProblem,
    MarkReady,
    ResolveProblem,
    StartCooking,
    TakeBack,
    TickLine,
)
from core.orders.model import OrderState
from core.orders.placing import CancelOrder, PlaceOrder
from core.payments.commands import PutOnAccount, TakeCash
from core.people.commands import GiveGrant, RevokeGrant
from core.wards.commands import AssignBed, Discharge, MoveStay, OpenStay, SetBedState
from sync.simulation import hospital
from sync.simulation.chance import SeededChance
from sync.simulation.views import View

_S = OrderState


@dataclass(slots=True)
class Hands:
    """Who is about to press, on what they see. number: of the next order; fresh: makes ids of things that are new."""

    view: View
    dice: SeededChance
    person_id: str
    ward_id: str  # "" on a console for every ward
    number: Callable[[], int]
    fresh: Callable[[], int]

    def one(self, rows: list[str]) -> str:
        return self.dice.one_of(rows) if rows else ""

    def order_in(self, *states: OrderState) -> str:
        return self.one([order.id for order in self.view.orders(*states)])

    def stay(self) -> str:
        return self.one([stay.id for stay in self.view.stays()])


@dataclass(frozen=True, slots=True)
class Wish:
    """A command, and the version of the row that its person saw (edits)."""

    command: Command
    expect: int = 0


Want = Callable[[Hands], Command | Wish | None]


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
        number=f"{service.meal[0].upper()}-{hands.number():04}",
        lines=tuple(Ordered(dish_id=dish, halves=hands.dice.between(1, 2)) for dish in wanted),
        method=hands.dice.one_of(("cash", "account")),
        confirm=True,
    )


def _cancel(hands: Hands) -> Command | None:
    order = hands.order_in(_S.CONFIRMED, _S.HELD, _S.COOKING, _S.READY)
    return CancelOrder(order_id=order, reason="not hungry") if order else None


def _asked(hands: Hands) -> Command | None:
    stay = hands.stay()
    return RecordAllergiesAsked(stay_id=stay, none=hands.dice.happens(0.7)) if stay else None


def _allergy(hands: Hands) -> Command | None:
    stay = hands.stay()
    return RecordAllergy(stay_id=stay, code=hands.dice.one_of(("peanut", "milk", "rice"))) if stay else None


def _withdraw(hands: Hands) -> Command | None:
    allergy = hands.one([allergy.id for allergy in hands.view.allergies()])
    return WithdrawAllergy(allergy_id=allergy, finding="refuted", reason="tested") if allergy else None


def _hold(hands: Hands) -> Command | None:
    stay = hands.stay()
    return HoldTrays(stay_id=stay, reason="vomiting") if stay else None


def _nil(hands: Hands) -> Command | None:
    stay = hands.stay()
    return StartNilByMouth(stay_id=stay, reason="procedure") if stay else None


def _diet(hands: Hands) -> Command | None:
    stay = hands.stay()
    profile = hands.view.profile(stay) if stay else None
    if profile is None:
        return None
    seen = replaced_by_order(profile.periods, from_at=profile.changed_at + 1)
    return PrescribeDiet(stay_id=stay, replaces=seen, components=(hands.dice.one_of(("regular", "diabetic")),))


def _end_diet(hands: Hands) -> Command | None:
    order = hands.one([order.id for order in hands.view.diet_orders() if order.state == "active"])
    return EndDietOrder(diet_order_id=order) if order else None


# -- on the way -----------------------------------------------------------------------------------------------------


def _take_out(hands: Hands) -> Command | None:
    order = hands.order_in(_S.READY)
    return TakeOut(order_id=order, tray_id=hands.view.tray_id(order)) if order else None


def _give(hands: Hands) -> Command | None:
    orders = hands.view.orders(_S.OUT, _S.READY)
    if not orders:
        return None
    order = hands.dice.one_of(orders)
    nurse = "nurse_a" if hands.dice.happens(0.2) else ""
    return GiveTray(
        order_id=order.id,
        tray_id=hands.view.tray_id(order.id),
        wristband=order.stay_id,
        to_nurse=nurse,
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


def _revoke(hands: Hands) -> Command | None:
    grants = [one for one in hands.view.grants() if one.revoked_at is None and one.role != "admin"]
    return RevokeGrant(grant_id=hands.dice.one_of(grants).id) if grants else None


def _grant(hands: Hands) -> Command:
    person = hands.dice.one_of([name for name in hospital.STAFF if not name.startswith("admin")])
    role, ward = hands.dice.one_of(hospital.STAFF[person][0])
    return GiveGrant(person_id=person, role=role.value, ward_id=ward)  # type: ignore[arg-type]  # a staff role


_READS: tuple[tuple[Want, int], ...] = ((_read_it, 3),)
_CASES: tuple[tuple[Want, int], ...] = ((_take_case, 1), (_close_case, 1), *_READS)
_CARRIES: tuple[tuple[Want, int], ...] = (
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
_NURSES: tuple[tuple[Want, int], ...] = (
    (_admit, 4),
    (_bed, 6),
    (_move, 3),
    (_discharge, 1),
    (_bed_state, 1),
    (_place, 14),
    (_cancel, 2),
    (_asked, 2),
    (_allergy, 1),
    (_hold, 1),
    (_give, 4),
    (_stop_seen, 2),
    (_problem, 1),
    *_CASES,
)
_COOKS: tuple[tuple[Want, int], ...] = (
    (_start, 12),
    (_tick, 3),
    (_ready, 10),
    (_back, 2),
    (_stop_seen, 3),
    (_problem, 2),
    (_solved, 1),
    (_stock, 1),
    *_READS,
)
WANTS: Mapping[Role, tuple[tuple[Want, int], ...]] = {
    Role.NURSE: _NURSES,
    Role.RUNNER: _CARRIES,
    Role.CASHIER: ((_cash, 4), (_account, 1), *_CASES),
    Role.COOK: _COOKS,
    Role.KITCHEN_LEAD: (*_COOKS, (_take_out, 3), (_place, 1), (_dish, 1), *_CASES),
    Role.DOCTOR: ((_diet, 5), (_end_diet, 1), (_nil, 2), (_withdraw, 2), (_allergy, 1), (_bed, 2), (_move, 1), *_CASES),
    Role.NUTRITIONIST: ((_hold, 1), (_allergy, 1), (_place, 3), (_dish, 2), *_CASES),
    Role.ADMIN: ((_revoke, 2), (_grant, 4), (_dish, 3), (_bed, 1), (_stop_seen, 1), *_CASES),
}
