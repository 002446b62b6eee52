"""What else happens in the same transaction: event -> functions, one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.delivery import billing as delivery_billing
from core.delivery import trays
from core.delivery.events import TrayGiven, TrayNotGiven
from core.diets import care
from core.diets.events import RulesChanged
from core.kernel.message import Command, Event
from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.menu.events import DishFactsChanged
from core.orders import billing, numbers, rules, sweep
from core.orders import reactions as orders
from core.orders.attempts import note_refused_order
from core.orders.events import (
    DishSubstituted,
    MealReady,
    OrderArchived,
    OrderCancelled,
    OrderMoved,
    OrderPlaced,
    OrderStopped,
    RemakeWanted,
    StepForced,
    StepTakenBack,
    StopLifted,
)
from core.orders.placing import PlaceOrder
from core.payments import ledger
from core.payments.events import CashTaken, CashWaived
from core.wards import reactions as wards
from core.wards.events import (
    PatientRecognised,
    StayArchived,
    StayClosed,
    StayMoved,
    StayOpened,
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """here: on both ends, from rows that whoever may give the command holds. Otherwise on the server alone."""

    react: Callable[[Tx, Any], None]
    here: bool


def _here(react: Callable[[Tx, Any], None]) -> Reaction:
    return Reaction(react, here=True)


def _server(react: Callable[[Tx, Any], None]) -> Reaction:
    return Reaction(react, here=False)


REACTIONS: Mapping[type[Event], tuple[Reaction, ...]] = MappingProxyType(
    {
        StayOpened: (_here(care.open_profile_for), _server(wards.name_the_label)),
        PatientRecognised: (_here(trays.learn_identifiers),),
        StayMoved: (
            _here(care.move_profile_for),
            _here(orders.move_orders),
            _server(wards.move_the_label),
        ),
        StayClosed: (
            _here(care.close_profile_for),
            _here(orders.end_orders),
            _server(wards.take_the_label_away),
        ),
        StayArchived: (_here(care.archive_profile_for),),
        RulesChanged: (_here(rules.judge_again),),
        DishSubstituted: (_server(billing.lower_bill),),
        DishFactsChanged: (_server(sweep.judge_dish_again),),
        OrderPlaced: (_server(numbers.number_what_follows), _server(billing.open_bill)),
        OrderCancelled: (_server(billing.drop_bill),),
        OrderMoved: (_here(trays.move_trays), _server(billing.move_bill)),
        OrderStopped: (_here(trays.void_label),),
        StopLifted: (_here(trays.renew_label),),
        MealReady: (_here(trays.put_on_tray),),
        RemakeWanted: (_here(trays.discard),),
        StepTakenBack: (_here(trays.step_back), _server(billing.take_charge_back)),
        StepForced: (_here(trays.follow_forced), _server(delivery_billing.charge_forced)),
        OrderArchived: (_here(trays.archive_trays),),
        TrayGiven: (_server(delivery_billing.charge_given),),
        TrayNotGiven: (_server(delivery_billing.charge_not_given),),
        CashTaken: (_server(ledger.book_cash),),
        CashWaived: (_server(ledger.book_waiver),),
    }
)

# A refused act leaves nothing behind, except what these write in the same transaction.
AFTER_REFUSAL: Mapping[tuple[type[Command], str], tuple[Callable[[Tx, Any, Refusal], None], ...]] = MappingProxyType(
    {
        (PlaceOrder, "meal_blocked"): (note_refused_order,),
        (PlaceOrder, "meal_held"): (note_refused_order,),
    }
)
