"""What has happened to what a patient may eat."""

from __future__ import annotations

from core.kernel.message import Event


class RulesChanged(Event):
    """What a patient may eat is different now: every open order of the stay is judged again (R14).

    why: allergy_recorded, allergy_matched, allergy_withdrawn, allergies_asked, diet_prescribed, diet_ended,
    nil_by_mouth, trays_held, isolated, isolation_ended, dish_allowed, allowance_ended.
    """

    stay_id: str
    why: str
