"""A case that somebody describes, judged by the very verdict that judges patients: no store, no hospital."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.diets.catalogue import COMPONENTS, PREFERENCES
from core.diets.model import DietProfile
from core.diets.nutrients import NOTHING_YET, Amounts, amounts_of
from core.diets.profile import DIET, HOLD, NIL_BY_MOUTH, Period, as_text
from core.diets.verdict import Verdict, judge_dish, read, together
from core.kernel.refusal import Refusal
from core.kernel.text import Code, Codes
from core.kernel.values import MINUTE_MS, as_codes
from core.menu.model import DishFacts
from core.menu.substances import ALLERGENS, NUTRIENTS

MOST_DISHES = 200
MOST_PERIODS = 40
Grams = Annotated[int, Field(ge=0, lt=1 << 31)]
Nutrients = dict[Code, Grams]


class Part(BaseModel):
    """A part of a case. What the format does not know is refused, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Lasting(Part):
    from_at: AwareDatetime | None = Field(default=None, alias="from")
    until_at: AwareDatetime | None = Field(default=None, alias="until")


class Diet(Lasting):
    components: Codes = ()
    preferences: Codes = ()
    food_level: Literal["", "3", "4", "5", "6", "7EC", "7"] = ""
    fluid_level: Literal["", "0", "1", "2", "3", "4"] = ""
    limits: Nutrients = Field(default_factory=dict)
    isolation: Literal["", "airborne", "contact", "droplet", "protective"] = ""


class Fast(Lasting):
    reason: Literal["doctor", "procedure", "swallow_screen"] = "doctor"


class Patient(Part):
    allergies: Codes = ()
    allergies_asked: bool | None = None
    unmatched_allergy: bool = False
    stay_open: bool = True
    small_child: bool = False
    diets: Annotated[tuple[Diet, ...], Field(max_length=MOST_PERIODS)] = ()
    nil_by_mouth: Annotated[tuple[Fast, ...], Field(max_length=MOST_PERIODS)] = ()
    tray_holds: Annotated[tuple[Lasting, ...], Field(max_length=MOST_PERIODS)] = ()


class Dish(Part):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    halves: Annotated[int, Field(ge=1, le=8)] = 2
    allergens: Codes = ()
    may_contain: Codes = ()
    ingredients: Codes = ()
    verified: bool = True
    level: Literal["0", "1", "2", "3", "4", "5", "6", "7EC", "7"] = "7"
    is_drink: bool = False
    choking: bool = False
    suits: Codes = ()
    preferences: Codes = ()
    nutrients: Nutrients = Field(default_factory=dict)
    out_of_stock: bool = False


class Case(Part):
    """The whole question, as `dusangire diets verdict --help` describes it."""

    serve_at: AwareDatetime
    at: AwareDatetime | None = None
    rules_age_minutes: Annotated[int, Field(ge=0, le=1 << 24)] = 0
    patient: Patient
    used: Nutrients = Field(default_factory=dict)
    dishes: Annotated[tuple[Dish, ...], Field(min_length=1, max_length=MOST_DISHES)]


class Answer(Part):
    """The verdict on the whole meal, and on each dish alone."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    whole: Verdict
    dishes: tuple[tuple[str, Verdict], ...]


def read_case(text: str) -> Case:
    """Raises Refusal("bad_case_file") with the first thing that is wrong and where it stands."""
    try:
        case = Case.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refusal("bad_case_file", where=where, why=first["msg"]) from error
    _refuse_unknown(case)
    return case


def judge(case: Case) -> Answer:
    """Dishes of one meal add up: the one that goes over a limit is the one that is named."""
    serve_at = _instant(case.serve_at)
    at = serve_at if case.at is None else _instant(case.at)
    age = case.rules_age_minutes * MINUTE_MS
    patient = read(_profile(case.patient, at), serve_at=serve_at, at=at, rules_age=age)
    used: Amounts = {**NOTHING_YET, **case.used}
    found: list[tuple[str, Verdict]] = []
    for dish in case.dishes:
        facts = _facts(dish, at)
        found.append((dish.name, judge_dish(patient, facts, used=used, halves=dish.halves)))
        used = amounts_of([(facts, dish.halves)], besides=used)
    return Answer(whole=together(one for _, one in found), dishes=tuple(found))


def _refuse_unknown(case: Case) -> None:
    """A misspelt code would pass for harmless."""
    known = (
        *((("patient.diets", diet.components, COMPONENTS)) for diet in case.patient.diets),
        *((("patient.diets", diet.preferences, PREFERENCES)) for diet in case.patient.diets),
        *((("patient.diets", tuple(diet.limits), NUTRIENTS)) for diet in case.patient.diets),
        *((("dishes.allergens", (*dish.allergens, *dish.may_contain), ALLERGENS)) for dish in case.dishes),
        *((("dishes.nutrients", tuple(dish.nutrients), NUTRIENTS)) for dish in case.dishes),
        ("used", tuple(case.used), NUTRIENTS),
    )
    for where, used, catalogue in known:
        for code in used:
            if code not in catalogue:
                raise Refusal("bad_case_file", where=where, why=f"unknown: {code}")


def _profile(patient: Patient, at: int) -> DietProfile:
    asked = patient.allergies_asked
    return DietProfile(
        id="what_if",
        ward_id="",
        kitchen_id="",
        open=patient.stay_open,
        small_child=patient.small_child,
        allergies_asked=bool(patient.allergies or patient.unmatched_allergy) if asked is None else asked,
        allergens=as_codes(patient.allergies),
        unmatched=patient.unmatched_allergy,
        periods=as_text(_periods(patient)),
        changed_at=at,
        changed_by="",
    )


def _periods(patient: Patient) -> list[Period]:
    diets = [
        Period(
            kind=DIET,
            id=f"diet {place}",
            from_at=_since(diet),
            until_at=_until(diet),
            components=tuple(diet.components),
            preferences=tuple(diet.preferences),
            food=diet.food_level,
            fluid=diet.fluid_level,
            limits=dict(diet.limits),
            isolation=diet.isolation,
        )
        for place, diet in enumerate(patient.diets)
    ]
    fasts = [
        Period(
            kind=NIL_BY_MOUTH,
            id=f"nil by mouth {place}",
            from_at=_since(fast),
            until_at=_until(fast),
            reason=fast.reason,
            at=_since(fast),
        )
        for place, fast in enumerate(patient.nil_by_mouth)
    ]
    holds = [
        Period(kind=HOLD, id=f"hold {place}", from_at=_since(hold), until_at=_until(hold), at=_since(hold))
        for place, hold in enumerate(patient.tray_holds)
    ]
    return [*diets, *fasts, *holds]


def _facts(dish: Dish, at: int) -> DishFacts:
    amounts: dict[str, Any] = {nutrient: dish.nutrients.get(nutrient) for nutrient in NUTRIENTS}
    return DishFacts(
        id=dish.name,
        allergens=as_codes(dish.allergens),
        may_contain=as_codes(dish.may_contain),
        ingredients=as_codes(dish.ingredients),
        suits=as_codes(dish.suits),
        preferences=as_codes(dish.preferences),
        verified=dish.verified,
        is_drink=dish.is_drink,
        choking=dish.choking,
        level=dish.level,
        out_of_stock=dish.out_of_stock,
        changed_at=at,
        changed_by="",
        **amounts,
    )


def _since(lasting: Lasting) -> int:
    return 1 if lasting.from_at is None else _instant(lasting.from_at)


def _until(lasting: Lasting) -> int | None:
    return None if lasting.until_at is None else _instant(lasting.until_at)


def _instant(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)
