"""Food for whoever visits a patient (R17): a meal and a tray of its own, paid, and never the patient's.

It is not checked against the patient's rules. It lies in the patient's reach all the same: where nothing may be eaten
there, or nobody goes in without protection, whoever orders it is asked first.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.diets.model import DietProfile
from core.diets.profile import standing
from core.diets.verdict import Reason, Verdict
from core.kernel.found import held
from core.kernel.refusal import Refusal
from core.kernel.tx import Tx
from core.menu.model import DishFacts

AIRBORNE = "airborne"


def verdict_on_guest(tx: Tx, dish_ids: Iterable[str]) -> Verdict:
    """What has run out is all that speaks against it."""
    facts = [held(tx, DishFacts, dish_id) for dish_id in dict.fromkeys(dish_ids)]
    return Verdict(tuple(Reason("out_of_stock", one.id) for one in facts if one is not None and one.out_of_stock))


def refuse_unasked(tx: Tx, stay_id: str, *, serve_at: int, confirmed: bool) -> None:
    """Raises Refusal "guest_asks" with what is the matter in the room; confirmed: whoever orders has waved it on."""
    profile = held(tx, DietProfile, stay_id)
    if confirmed or profile is None:
        return
    now = standing(profile.periods, max(serve_at, tx.at))
    if now.fasting is not None:
        raise Refusal("guest_asks", reason="nil_by_mouth")
    if AIRBORNE in now.isolation:
        raise Refusal("guest_asks", reason="isolation_airborne")
