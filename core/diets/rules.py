"""The verdict as handlers ask for it: on a dish, on a meal, or as a refusal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.diets.model import CareFile, DietAttempt, DietProfile
from core.diets.nutrients import NOTHING_YET, UNKNOWN, Amounts, amounts_of
from core.diets.profile import standing
from core.diets.verdict import (
    Reason,
    Thresholds,
    Verdict,
    VerdictKind,
    judge_dish,
    read,
    together,
)
from core.kernel.found import held
from core.kernel.handle import Need
from core.kernel.policy import Policy
from core.kernel.refusal import Refusal, Unknown
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.menu.model import DishFacts

Line = tuple[str, int]  # dish id, halves
POLICIES = ("no_diet_order_grace_minutes", "rules_hold_minutes")


def judge(
    tx: Tx, *, stay_id: str, dish_id: str, serve_at: int, halves: int = 2, used: Amounts = NOTHING_YET
) -> Verdict:
    """The verdict on one dish, by the newest rules this machine knows."""
    return judge_lines(tx, stay_id=stay_id, lines=[(dish_id, halves)], serve_at=serve_at, used=used)


def judge_lines(tx: Tx, *, stay_id: str, lines: Sequence[Line], serve_at: int, used: Amounts = NOTHING_YET) -> Verdict:
    """The verdict on a whole meal: the gravest kind, every reason with its dish.

    used: what the patient's other meals of the hospital day bring (`amounts`). The lines of one meal add up, so the
    dish that goes over a limit is the one that is named. What this machine does not know is HOLD.
    """
    try:
        profile = tx.get(DietProfile, stay_id)
    except Unknown as unknown:
        return Verdict((_not_known(unknown),))
    except Refusal:
        return Verdict((Reason("no_stay"),))
    patient = read(profile, serve_at=serve_at, at=tx.at, rules_age=tx.rules_age, thresholds=thresholds_of(tx))
    verdicts = [Verdict(patient.reasons, patient.notes)]
    for dish_id, halves in lines:
        facts = _facts(tx, dish_id)
        if isinstance(facts, Reason):
            verdicts.append(Verdict((facts,)))
            used = dict.fromkeys(used, UNKNOWN)
            continue
        verdicts.append(judge_dish(patient, facts, used=used, halves=halves))
        if patient.standing.limits:
            used = amounts_of([(facts, halves)], besides=used)
    return together(verdicts)


def require_allowed(
    tx: Tx,
    *,
    stay_id: str,
    lines: Sequence[Line],
    serve_at: int,
    used: Amounts = NOTHING_YET,
    only_safety: bool = False,
    confirmed: bool = True,
) -> Verdict:
    """Raises Refusal "meal_blocked", "meal_held" or "meal_asks" with the headline; else the verdict.

    only_safety: for a meal that is being made or carried, when stock and preference no longer matter.
    confirmed: False where a preference must still be confirmed.
    """
    found = judge_lines(tx, stay_id=stay_id, lines=lines, serve_at=serve_at, used=used)
    if only_safety:
        found = found.safety
    refuse(found, confirmed=confirmed)
    return found


def refuse(found: Verdict, *, confirmed: bool = True) -> None:
    """Raises the refusal that a verdict means, if it means one: told by the first reason of that gravity."""
    kind = found.kind
    if kind is VerdictKind.ALLOW or (kind is VerdictKind.WARN and confirmed):
        return
    code = {VerdictKind.BLOCK: "meal_blocked", VerdictKind.HOLD: "meal_held"}.get(kind, "meal_asks")
    headline = found.reasons[0]
    raise Refusal(code, reason=headline.code, dish=headline.dish_id, **headline.arguments)


def amounts(tx: Tx, lines: Iterable[Line], *, besides: Amounts = NOTHING_YET) -> Amounts:
    """What these dishes bring, unknown where a dish is not known here: for the day's other meals."""
    facts = [(_facts(tx, dish_id), halves) for dish_id, halves in lines]
    known = [(of_dish, halves) for of_dish, halves in facts if isinstance(of_dish, DishFacts)]
    if len(known) < len(facts):
        return dict.fromkeys(besides, UNKNOWN)
    return amounts_of(known, besides=besides)


def has_limits(tx: Tx, *, stay_id: str, serve_at: int) -> bool:
    """Whether the day's other meals matter at all for this patient: most have no limit, and need no sums."""
    try:
        profile = tx.get(DietProfile, stay_id)
    except (Unknown, Refusal):
        return False
    return bool(standing(profile.periods, max(serve_at, tx.at)).limits)


def needs_of_meal(stay_id: str, dish_ids: Iterable[str]) -> list[Need]:
    """What `judge_lines` will read: for a prefetch."""
    policies: list[Need] = [(Policy, name) for name in POLICIES]
    return [(DietProfile, stay_id), *policies, *((DishFacts, dish_id) for dish_id in dish_ids)]


def thresholds_of(tx: Tx) -> Thresholds:
    return Thresholds(
        no_order_grace=tx.policy("no_diet_order_grace_minutes") * MINUTE_MS,
        rules_hold=tx.policy("rules_hold_minutes") * MINUTE_MS,
    )


def log_attempt(
    tx: Tx,
    *,
    stay_id: str,
    day: str,
    step: str,
    code: str,
    dish_id: str = "",
    order_id: str = "",
    suggested_id: str = "",
) -> DietAttempt:
    """Somebody tried what the rules forbid. step: order, start, ready, take_out, give; code: the headline's.

    The nutritionist hears of a patient, dish and rule once a hospital day, whichever door it was tried at.
    """
    profile = tx.get(DietProfile, stay_id)
    return tx.add(
        DietAttempt(
            id=tx.new_id(),
            stay_id=stay_id,
            ward_id=profile.ward_id,
            dish_id=dish_id,
            order_id=order_id,
            step=step,
            code=code,
            by=tx.actor.person_id,
            at=tx.at,
            day=day,
            suggested_id=suggested_id,
            told=not _told_already(tx, stay_id, day, code, dish_id),
        )
    )


def _told_already(tx: Tx, stay_id: str, day: str, code: str, dish_id: str) -> bool:
    care_file = held(tx, CareFile, stay_id)
    tried = tx.all(DietAttempt, of=care_file) if care_file is not None else []
    return any(one.told and (one.day, one.code, one.dish_id) == (day, code, dish_id) for one in tried)


def _facts(tx: Tx, dish_id: str) -> DishFacts | Reason:
    try:
        return tx.get(DishFacts, dish_id)
    except Unknown as unknown:
        return _not_known(unknown, dish_id=dish_id)
    except Refusal:
        return Reason("not_known_here", dish_id, (("what", "dish_facts"),))


def _not_known(unknown: Unknown, *, dish_id: str = "") -> Reason:
    return Reason("not_known_here", dish_id, (("what", unknown.table),))
