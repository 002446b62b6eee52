"""The book of somebody outside: every accepted act on food, every meal with its dishes and where it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from core.diets.allergies import MatchAllergy, RecordAllergiesAsked, RecordAllergy, WithdrawAllergy
from core.diets.commands import HoldTrays, StartNilByMouth
from core.diets.isolation import EndIsolation, Isolate
from core.diets.overrides import AllowDish, EndAllowance
from core.diets.prescribing import DietWritten, DraftDiet, EndDietOrder, PrescribeDiet, SignDiet
from core.kernel.message import Command
from core.menu.commands import SetDish, SetIngredient, SetService
from core.wards.commands import OpenStay
from sync.protocol import APPLIED, APPLIED_EXCEPTION
from sync.simulation.meals import (
    DIET,
    FAST,
    FOREVER,
    HOLD,
    ISOLATION,
    Kitchen,
    Leaf,
    Leave,
    Line,
    Patient,
    Plate,
    Reason,
    Said,
)
from sync.simulation.meals import forbidden as judged
from sync.simulation.replica import Judgement

NUTRIENTS = tuple(name for name in SetIngredient.model_fields if name.endswith(("_kcal", "_mg")))
NOT_A_FOOD = "not_a_food"
SUBSTANCES = frozenset(
    "celery crustaceans egg fish gluten lupin milk molluscs mustard nuts peanut sesame soya sulphites".split()
)
NOT_EATEN = ("cancelled", "undeliverable")


@dataclass
class Meal:
    """One order as the log last had it."""

    order: Any
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def dishes(self) -> list[Line]:
        """In the sequence of their ids: what the product adds up first matters to no sum, only to whom it blames."""
        return [self.lines[line_id] for line_id in sorted(self.lines)]

    @property
    def day(self) -> str:
        return str(self.order.service_id)[:10]


@dataclass
class Book:
    """See the module. Acts are taken in by their numbers, each once."""

    kitchen: Kitchen = field(default_factory=Kitchen)
    patients: dict[str, Patient] = field(default_factory=dict)
    meals: dict[str, Meal] = field(default_factory=dict)
    of_stay: dict[str, list[str]] = field(default_factory=dict)
    drafts: dict[str, tuple[DietWritten, int]] = field(default_factory=dict)
    dispatch: dict[str, int] = field(default_factory=dict)
    seq: int = 0

    def copy(self) -> Book:
        other = deepcopy(Book(self.kitchen, self.patients, {}, {}, self.drafts, self.dispatch, self.seq))
        other.meals = {key: Meal(meal.order, dict(meal.lines)) for key, meal in self.meals.items()}
        other.of_stay = {key: list(ids) for key, ids in self.of_stay.items()}
        return other

    def take(self, act: Judgement, command: Command | None) -> frozenset[str]:
        """Takes in the next act. The stays whose food it has changed."""
        assert act.seq == self.seq + 1, "each act once, in order"
        self.seq = act.seq
        touched: frozenset[str] = frozenset()
        if command is not None and act.outcome in (APPLIED, APPLIED_EXCEPTION):
            touched = self._told(act, command)
        for (table, row_id), version in act.changes:
            row: Any = version.row
            if table == "order" and row is not None:
                self._order(row)
            elif table == "order_line" and row is not None:
                self.meals[row.order_id].lines[row_id] = (row.dish_id, row.halves)
            elif table == "dish_facts":
                self._leave_nothing_for(row_id)
        return touched

    def forbidden(self, meal: Meal, *, at: int) -> set[Reason]:
        """What speaks against a meal that is eaten at this instant, or at its service if that is later."""
        order = meal.order
        others = [self.meals[order_id] for order_id in self.of_stay[order.stay_id]]
        besides = [
            line
            for other in others
            if other is not meal and other.day == meal.day and other.order.state not in NOT_EATEN
            for line in other.dishes
        ]
        patient = self.patients.get(order.stay_id, Patient())
        return judged(patient, self.kitchen, meal.dishes, besides, at)

    def served_at(self, meal: Meal, at: int) -> int:
        return max(at, self.dispatch[meal.order.service_id])

    def open_meals(self, stay_id: str) -> Iterable[Meal]:
        return (self.meals[order_id] for order_id in self.of_stay.get(stay_id, ()))

    # -- what acts say ------------------------------------------------------------------------------------------------

    def _order(self, row: Any) -> None:
        if row.id not in self.meals:
            self.meals[row.id] = Meal(row)
            self.of_stay.setdefault(row.stay_id, []).append(row.id)
        self.meals[row.id].order = row

    def _told(self, act: Judgement, command: Command) -> frozenset[str]:
        if isinstance(command, OpenStay):
            self.patients.setdefault(command.stay_id, Patient())
        elif isinstance(command, SetService):
            self.dispatch[command.service_id] = command.dispatch_at
        elif isinstance(command, SetIngredient):
            self.kitchen.leaves[command.ingredient_id] = _leaf(command)
        elif isinstance(command, SetDish):
            self.kitchen.plates[command.dish_id] = _plate(command)
        else:
            return self._told_of_a_patient(act, command)
        return frozenset()

    def _told_of_a_patient(self, act: Judgement, command: Command) -> frozenset[str]:
        stay_id = _stay_of(act, command)
        patient = self.patients.get(stay_id)
        if patient is None:
            return frozenset()
        before, leaves = patient.rules(), dict(patient.leaves)
        self._say(patient, act, command)
        if patient.rules() != before:
            patient.leaves.clear()  # what was signed for was signed for on the rules before
        return frozenset({stay_id}) if patient.rules() != before or patient.leaves != leaves else frozenset()

    def _say(self, patient: Patient, act: Judgement, command: Command) -> None:
        made = _made(act)
        if isinstance(command, RecordAllergy) and "allergy" in made:
            known = command.code if command.code in SUBSTANCES or command.code in self.kitchen.leaves else ""
            patient.allergies[made["allergy"].id] = frozenset({known}) if known else None
            patient.asked = True
        elif isinstance(command, RecordAllergiesAsked) and "allergy_review" in made:
            patient.asked = True
        elif isinstance(command, MatchAllergy) and command.allergy_id in patient.allergies:
            patient.allergies[command.allergy_id] = frozenset(command.codes) - {NOT_A_FOOD}
        elif isinstance(command, WithdrawAllergy):
            patient.allergies.pop(command.allergy_id, None)
        elif isinstance(command, HoldTrays) and "tray_hold" in made:
            patient.said[(HOLD, made["tray_hold"].id)] = Said(HOLD, act.at)
        elif isinstance(command, StartNilByMouth) and "diet_order" in made:
            patient.said[(FAST, made["diet_order"].id)] = _fast(command, act.at)
        elif isinstance(command, Isolate) and "diet_order" in made:
            starts = max(act.at, command.from_at or act.at)
            _isolate(patient, made["diet_order"].id, command, starts)
        elif isinstance(command, EndIsolation):
            _end_isolations(patient, act.at)
        elif isinstance(command, DraftDiet) and "diet_order" in made:
            self.drafts[made["diet_order"].id] = (command, act.at if command.from_at is None else command.from_at)
        elif isinstance(command, PrescribeDiet) and "diet_order" in made:
            starts = max(act.at, command.from_at or act.at)
            _order_diet(patient, made["diet_order"].id, command, starts, command.replaces)
        elif isinstance(command, SignDiet):
            written, starts = self.drafts[command.diet_order_id]
            _order_diet(patient, command.diet_order_id, written, max(act.at, starts), command.replaces)
        elif isinstance(command, EndDietOrder):
            is_a_diet = (DIET, command.diet_order_id) in patient.said  # an isolation ends with its own order
            for kind in (DIET, ISOLATION) if command.in_error or not is_a_diet else (DIET,):
                ended = patient.said.get((kind, command.diet_order_id))
                if ended is not None:
                    ended.ends = min(ended.ends, act.at)
        elif isinstance(command, AllowDish) and "allowance" in made:
            leave = Leave(command.dish_id, frozenset(command.codes), act.at, command.until_at)
            patient.leaves[made["allowance"].id] = leave
        elif isinstance(command, EndAllowance):
            patient.leaves.pop(command.allowance_id, None)

    def _leave_nothing_for(self, dish_id: str) -> None:
        for patient in self.patients.values():
            for leave_id in [one for one, leave in patient.leaves.items() if leave.dish == dish_id]:
                del patient.leaves[leave_id]


def told_again(begun: Book, acts: Iterable[Judgement], commands: Mapping[bytes, Command | None]) -> Book:
    """The book of another history, from where all begin."""
    book = begun.copy()
    for act in acts:
        book.take(act, commands.get(act.of))
    return book


def _order_diet(patient: Patient, order_id: str, written: DietWritten, starts: int, replaces: Iterable[str]) -> None:
    named = set(replaces)
    for (kind, name), said in patient.said.items():
        if name in named and kind != ISOLATION:
            said.ends = min(said.ends, starts)
    patient.said[(DIET, order_id)] = Said(
        DIET,
        starts,
        FOREVER if written.until_at is None else written.until_at,
        tuple(written.components),
        written.food_level,
        written.fluid_level,
        dict(written.limits),
    )
    if written.isolation:
        _isolate(patient, order_id, written, starts)


def _isolate(patient: Patient, order_id: str, written: DietWritten | Isolate, starts: int) -> None:
    """In place of any isolation before."""
    _end_isolations(patient, starts)
    ends = FOREVER if written.until_at is None else written.until_at
    said = Said(ISOLATION, starts, ends, protective=written.isolation == "protective")
    patient.said[(ISOLATION, order_id)] = said


def _end_isolations(patient: Patient, at: int) -> None:
    for (kind, _), said in patient.said.items():
        if kind == ISOLATION:
            said.ends = min(said.ends, at)


def _fast(command: StartNilByMouth, at: int) -> Said:
    starts = at if command.from_at is None else command.from_at
    if command.until_at is None:
        return Said(FAST, starts)
    return Said(FAST, min(starts, command.until_at - 1), command.until_at)


def _leaf(command: SetIngredient) -> Leaf:
    amounts = {name: getattr(command, name) for name in NUTRIENTS}
    return Leaf(frozenset((*command.allergens, *command.may_contain)), command.verified, amounts)


def _plate(command: SetDish) -> Plate:
    parts = tuple((part.ingredient_id, part.grams) for part in command.parts)
    return Plate(parts, frozenset(command.cross_contact), frozenset(command.suits), command.is_drink, command.level)


def _made(act: Judgement) -> dict[str, Any]:
    """The rows that an act has made, one a table."""
    return {key[0]: version.row for key, version in act.changes if version.row is not None and version.row.version == 1}


def _stay_of(act: Judgement, command: Command) -> str:
    """Whom a command is about: it names the patient, or a record of theirs."""
    named = getattr(command, "stay_id", "")
    if named:
        return str(named)
    tables = ("allergy", "diet_order", "allowance")
    found = [version.row for (table, _), version in act.changes if table in tables and version.row is not None]
    return str(getattr(found[0], "stay_id", "")) if found else ""
