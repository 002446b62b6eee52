"""Random days of a small hospital: whatever people might press, sensible or not, in whatever sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

import pytest

from core.cases.commands import CloseCase, TakeCase
from core.delivery.commands import CONSEQUENCES, CollectTray, EndWaiting, GiveTray, ReportEaten, ReportIssue, TakeOut
from core.delivery.model import Tray
from core.diets.allergies import MatchAllergy, RecordAllergiesAsked, RecordAllergy, WithdrawAllergy
from core.diets.commands import EndDietOrder, HoldTrays, PrescribeDiet, StartNilByMouth
from core.diets.isolation import EndIsolation, Isolate
from core.diets.model import Allergy, Allowance, DietOrder, DietProfile, TrayHold
from core.diets.overrides import AllowDish, EndAllowance
from core.diets.prescribing import CosignDiet, DraftDiet, SignDiet, TakeVerbalDiet
from core.kernel.case import Case
from core.kernel.message import Command
from core.kernel.row import Row
from core.kernel.values import HOUR_MS, MINUTE_MS, SYSTEM, Actor, Role
from core.menu.commands import BackInStock, MarkOutOfStock
from core.orders.attempts import NoteAttempt, Ordered
from core.orders.commands import (
    AcknowledgeStop,
    ArchiveOrder,
    CompleteOrder,
    FlagProblem,
    MarkReady,
    ResolveProblem,
    StartCooking,
    TakeBack,
    TickLine,
)
from core.orders.held import SubstituteDish
from core.orders.model import Order, OrderLine
from core.orders.override import OverrideState, steps_by_hand
from core.orders.placing import CancelOrder, PlaceOrder
from core.payments.commands import PutOnAccount, TakeCash
from core.wards.away import MarkAway, MarkBack
from core.wards.commands import AssignBed, Discharge, MoveStay, OpenStay, SetBedState
from core.wards.model import Stay
from tests import given

T = TypeVar("T")
SEEDS = [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(100, 160))]
days = pytest.mark.parametrize("seed", SEEDS)
DISHES = (given.RICE, given.BEANS, given.ISOMBE, given.MILK_PORRIDGE, given.SALTY)
SERVICES = (given.LUNCH, given.DINNER)
BEDS = tuple(f"{ward}-{number:03}" for ward in "AB" for number in range(1, 3))
ANYBODY = (*given.STAFF, given.person("runner_everywhere", Role.RUNNER))
# what keeps a day alive is pressed more often than what ends it
OFTEN = (*["place"] * 9, *["start", "ready", "take_out", "give", "prescribe", "asked"] * 3)


class Day:
    """What could be pressed next, from what has happened so far. The same seed is the same day."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.at = given.MORNING
        self.known: dict[type[Row], dict[str, Row]] = {}
        self.done: list[Command] = []  # what was not refused
        self._count = 0
        self._ways: dict[str, Callable[[], Command]] = {
            name.removeprefix("_press_"): getattr(self, name) for name in dir(self) if name.startswith("_press_")
        }

    def learn(self, row: Row) -> None:
        """A row that somebody has written: from now on it can be pressed upon."""
        self.known.setdefault(type(row), {})[row.id] = row

    def next(self) -> tuple[Command, Actor, int]:
        """The next press: of whom, when."""
        self.at += self.one((0, 1, MINUTE_MS, 3 * MINUTE_MS, 10 * MINUTE_MS))
        command = self._ways[self.one([*self._ways, *OFTEN])]()
        return command, self.actor_for(command), self.at

    def actor_for(self, command: Command) -> Actor:
        from core.handlers import HANDLES

        roles = HANDLES[command.name].roles
        fitting = [one for one in given.STAFF if one.roles & roles and one.wards is None]
        return self.one(fitting or [one for one in given.STAFF if one.roles & roles] or [SYSTEM])

    def one(self, of: Sequence[T]) -> T:
        return of[self.chance.randrange(len(of))]

    def maybe(self, value: T, otherwise: T) -> T:
        return value if self.chance.random() < 0.5 else otherwise

    def id_of(self, table: type[Row]) -> str:
        """A row there is, or now and then one that there never was."""
        rows = sorted(self.known.get(table, ()))
        return "nothing" if not rows or self.chance.random() < 0.02 else self.one(rows)

    def fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}-{self._count:04}"

    # -- wards ------------------------------------------------------------------------------------------------------

    def _press_open_stay(self) -> Command:
        number = self.fresh("H")
        return OpenStay(
            stay_id=f"stay-{number}", ward_id=self.one("AB"), hospital_number=number, full_name=f"Patient {number}"
        )

    def _press_assign(self) -> Command:
        return AssignBed(stay_id=self.id_of(Stay), bed_id=self.one(BEDS))

    def _press_bed_state(self) -> Command:
        return SetBedState(bed_id=self.one(BEDS), state=self.one(("in_use", "in_use", "closed")))  # type: ignore[arg-type]

    def _press_move(self) -> Command:
        return MoveStay(stay_id=self.id_of(Stay), ward_id=self.one("AB"), bed_id=self.maybe("", self.one(BEDS)))

    def _press_away(self) -> Command:
        return MarkAway(stay_id=self.id_of(Stay), why="leave", until_at=self.maybe(None, self.at + HOUR_MS))

    def _press_back(self) -> Command:
        return MarkBack(stay_id=self.id_of(Stay))

    def _press_discharge(self) -> Command:
        return Discharge(stay_id=self.id_of(Stay)) if self.chance.random() < 0.3 else self._press_place()

    # -- diets ------------------------------------------------------------------------------------------------------

    def _press_allergy(self) -> Command:
        code = self.one(("peanut", "milk", "cassava_leaves", "fish", "sesame", "celery", ""))
        return RecordAllergy(stay_id=self.id_of(Stay), code=code, text="" if code else "something red")

    def _press_asked(self) -> Command:
        return RecordAllergiesAsked(stay_id=self.id_of(Stay), none=self.maybe(True, False))

    def _press_match(self) -> Command:
        return MatchAllergy(allergy_id=self.id_of(Allergy), codes=(self.one(("peanut", "not_a_food", "gold")),))

    def _press_withdraw(self) -> Command:
        return WithdrawAllergy(
            allergy_id=self.id_of(Allergy),
            finding=self.one(("refuted", "entered_in_error")),  # type: ignore[arg-type]
            reason="tested",
        )

    def _press_prescribe(self) -> Command:
        stay_id = self.id_of(Stay)
        standing = [row for table in (DietOrder, TrayHold) for row in self.known.get(table, {}).values()]
        of_the_stay = sorted(row.id for row in standing if getattr(row, "stay_id", "") == stay_id)
        return PrescribeDiet(
            stay_id=stay_id,
            replaces=tuple(named for named in of_the_stay if self.chance.random() < 0.9)[-40:],
            components=self.one(((), ("regular",), ("diabetic",), ("low_salt",))),
            preferences=self.one(((), (), ("halal",))),
            food_level=self.one(("", "", "", "4", "7")),  # type: ignore[arg-type]
            limits=self.maybe({}, {"potassium_mg": self.one((150, 400, 900))}),
            from_at=self.one((None, None, None, self.at - HOUR_MS, self.at + HOUR_MS)),
        )

    def _press_draft(self) -> Command:
        return DraftDiet(stay_id=self.id_of(Stay), components=self.one((("regular",), ("low_salt",))))

    def _press_sign(self) -> Command:
        return SignDiet(diet_order_id=self.id_of(DietOrder), replaces=())

    def _press_hear(self) -> Command:
        return TakeVerbalDiet(
            stay_id=self.id_of(Stay), replaces=(), components=("regular",), doctor_id=self.one(("doctor_1", "nurse_1"))
        )

    def _press_cosign(self) -> Command:
        return CosignDiet(diet_order_id=self.id_of(DietOrder))

    def _press_allow(self) -> Command:
        stay_id = self.id_of(Stay)
        profile = self.known.get(DietProfile, {}).get(stay_id)
        return AllowDish(
            stay_id=stay_id,
            dish_id=self.one(DISHES),
            codes=self.one((("component",), ("allergy", "component"), ("nutrient_limit",))),
            why="eats nothing else",
            until_at=self.at + self.one((HOUR_MS, 9 * HOUR_MS)),
            rules_version=getattr(profile, "rules_version", 1),
            second_id=self.maybe("", "nurse_1"),
        )

    def _press_end_allowance(self) -> Command:
        return EndAllowance(allowance_id=self.id_of(Allowance))

    def _press_end_diet(self) -> Command:
        return EndDietOrder(diet_order_id=self.id_of(DietOrder), in_error=self.maybe(True, False))

    def _press_fast(self) -> Command:
        starts = self.maybe(None, self.at + self.one((-HOUR_MS, 0, HOUR_MS)))
        ends = self.maybe(None, max(starts or 0, self.at) + self.one((1, HOUR_MS)))
        return StartNilByMouth(stay_id=self.id_of(Stay), reason="procedure", from_at=starts, until_at=ends)

    def _press_isolate(self) -> Command:
        kind = self.one(("airborne", "contact", "protective"))
        until = self.maybe(None, self.at + HOUR_MS)
        return Isolate(stay_id=self.id_of(Stay), isolation=kind, until_at=until)  # type: ignore[arg-type]  # one of them

    def _press_end_isolation(self) -> Command:
        return EndIsolation(stay_id=self.id_of(Stay))

    def _press_hold(self) -> Command:
        return HoldTrays(stay_id=self.id_of(Stay), reason="dialysis")

    # -- menu -------------------------------------------------------------------------------------------------------

    def _press_out_of_stock(self) -> Command:
        return MarkOutOfStock(dish_id=self.one(DISHES))

    def _press_in_stock(self) -> Command:
        return BackInStock(dish_id=self.one(DISHES))

    # -- orders -----------------------------------------------------------------------------------------------------

    def _press_place(self) -> Command:
        return PlaceOrder(
            stay_id=self.id_of(Stay),
            service_id=self.one(SERVICES),
            number=f"L-{int(self.fresh('n')[2:]):04}",
            lines=tuple(Ordered(dish_id=self.one(DISHES), halves=self.one((1, 2, 3))) for _ in range(self.one((1, 2)))),
            method=self.one(("cash", "account")),  # type: ignore[arg-type]
            confirm=self.maybe(True, False),
        )

    def _of_order(self, command: Any, **more: Any) -> Command:
        made: Command = command(order_id=self.id_of(Order), **more)
        return made

    def _press_guest(self) -> Command:
        placed = self._press_place()
        return placed.model_copy(update={"guest": True}) if isinstance(placed, PlaceOrder) else placed

    def _press_substitute(self) -> Command:
        lines = sorted(self.known.get(OrderLine, {}).values(), key=lambda row: row.id)
        if not lines:
            return self._press_place()
        line = self.one(lines)
        order_id = str(getattr(line, "order_id", ""))
        return SubstituteDish(order_id=order_id, line_id=line.id, dish_id=self.one(DISHES))

    def _press_cancel(self) -> Command:
        return self._of_order(CancelOrder)

    def _press_start(self) -> Command:
        return self._of_order(StartCooking)

    def _press_tick(self) -> Command:
        return TickLine(line_id=self.id_of(OrderLine), ticked=self.maybe(True, False))

    def _press_ready(self) -> Command:
        return self._of_order(MarkReady)

    def _press_take_back(self) -> Command:
        return self._of_order(TakeBack, step=self.one(("cooking", "ready", "out", "delivered", "handed_to_nurse")))

    def _press_stop_seen(self) -> Command:
        return self._of_order(AcknowledgeStop)

    def _press_problem(self) -> Command:
        return self._of_order(FlagProblem, problem="burnt", remake=self.maybe(True, False))

    def _press_override(self) -> Command:
        order_id = self.id_of(Order)
        state = getattr(self.known.get(Order, {}).get(order_id), "state", "confirmed")
        steps = steps_by_hand(state)
        if not steps:
            return self._press_place()
        return OverrideState(order_id=order_id, seen=state, step=self.one(steps).value, reason="seen by the admin")  # type: ignore[arg-type]

    def _press_resolve(self) -> Command:
        return self._of_order(ResolveProblem, closing="seen to")

    def _press_attempt(self) -> Command:
        return self._of_order(NoteAttempt, step=self.one(("start", "ready", "take_out", "give")))

    def _press_complete(self) -> Command:
        return self._of_order(CompleteOrder)

    def _press_archive(self) -> Command:
        return self._of_order(ArchiveOrder)

    # -- delivery ---------------------------------------------------------------------------------------------------

    def _press_take_out(self) -> Command:
        return self._of_order(TakeOut)

    def _press_give(self) -> Command:
        order_id = self.id_of(Order)
        order = self.known.get(Order, {}).get(order_id)
        trays = [tray.id for tray in self.known.get(Tray, {}).values() if getattr(tray, "order_id", "") == order_id]
        return GiveTray(
            order_id=order_id,
            tray_id=max(trays, default=""),
            wristband=getattr(order, "stay_id", "") if self.chance.random() < 0.8 else self.id_of(Stay),
            to_nurse=self.maybe("", "nurse_1"),
            nurse_id=self.maybe("", "nurse_1"),
        )

    def _press_issue(self) -> Command:
        return self._of_order(ReportIssue, code=self.one(sorted(CONSEQUENCES)))

    def _press_eaten(self) -> Command:
        return self._of_order(ReportEaten)

    def _press_collect(self) -> Command:
        return self._of_order(CollectTray)

    def _press_end_waiting(self) -> Command:
        return self._of_order(EndWaiting)

    # -- money and cases --------------------------------------------------------------------------------------------

    def _press_cash(self) -> Command:
        return self._of_order(TakeCash, francs=self.one((100, 500, 1_200)))

    def _press_account(self) -> Command:
        return self._of_order(PutOnAccount)

    def _press_case(self) -> Command:
        return TakeCase(case_id=self.id_of(Case))

    def _press_close(self) -> Command:
        return CloseCase(case_id=self.id_of(Case), closing="done")
