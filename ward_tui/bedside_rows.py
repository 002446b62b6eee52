"""What a bedside screen knows of one tray, asked in the store's thread on one consistent state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ward_tui.bedside_form import BedsideSeen
from ward_tui.judging import patient_now, verdict_at_bed
from ward_tui.people import names_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ward_tui.judging import Instant


def bedside_rows(db: Connection, order_id: str, now: Instant, language: str) -> BedsideSeen:
    from core.delivery.queries import hand_overs_of, stop_of
    from core.diets.verdict import Verdict
    from core.menu.model import Dish
    from core.store.read import TxSource

    stop = stop_of(db, order_id)
    if stop is None:
        return BedsideSeen(None, Verdict(), now, None)
    dishes = TxSource(db, whole=False).rows(Dish, [line.dish_id for line in stop.meal.lines])
    named = [
        (dishes[line.dish_id].kitchen_name(language) if line.dish_id in dishes else line.dish_id, line.halves)
        for line in stop.meal.lines
    ]
    given = hand_overs_of(db, order_id)
    return BedsideSeen(
        stop=stop,
        verdict=verdict_at_bed(db, now, stop.order),
        now=now,
        patient=patient_now(stop.profile, now),
        dishes=tuple(named),
        first=given[0] if given else None,
        names=names_of(db),
        identifiers=stop.profile.identifiers if stop.profile is not None else "",
    )
