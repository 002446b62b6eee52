"""What the run list shows, asked in the store's thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.words import word
from ward_tui.cards import card_of
from ward_tui.judging import patient_now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ward_tui.judging import Instant
    from ward_tui.screens.run import RunRows


def run_rows(db: Connection, person_id: str, now: Instant, language: str) -> RunRows:
    from core.delivery.queries import carts, run_of, to_collect
    from core.kernel.values import MINUTE_MS
    from core.menu.queries import next_services
    from sync.client.policies import policy
    from ward_tui.screens.run import RunRows

    run = run_of(db, person_id)
    life = policy(db, "tray_life_minutes") * MINUTE_MS
    cards = tuple(
        card_of(stop, patient_now(stop.profile, now), is_next=number == 0, tray_life_ms=life, language=language)
        for number, stop in enumerate(run.stops)
    )
    coming = next_services(db, now.at, limit=1)
    return RunRows(
        cards=cards,
        given=run.given,
        all=run.all,
        carts=word("ward.cart", language, cart=", ".join(run.ward_ids)) if run.ward_ids else "",
        meal=word(f"meal.{meal_of(run.service_id)}", language) if run.service_id else "",
        ready=sum(len(cart.loadable) for cart in carts(db)),
        to_collect=len(to_collect(db)),
        next_meal=word(f"meal.{coming[0].meal}", language) if coming else "",
        next_at=coming[0].dispatch_at if coming else 0,
    )


def meal_of(service_id: str) -> str:
    """A service's id ends with its meal."""
    return service_id.rpartition("-")[2]
