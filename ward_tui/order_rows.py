"""Which dishes a patient may have at a service, judged by the rules that judge the order itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.words import reason_words
from ward_tui.flags import flags_of
from ward_tui.judging import looking, patient_now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ward_tui.judging import Instant
    from ward_tui.screens.order import OrderRows


def guest_rows(db: Connection, stay_id: str, service_id: str, now: Instant, language: str) -> OrderRows:
    """Whatever is sold: a guest's food is not judged by what the patient may eat (R17)."""
    from core.diets.queries import profile_of
    from core.kernel.found import held
    from core.menu.model import Service
    from core.menu.queries import dishes_of
    from sync.client.numbers import next_number
    from ward_tui.screens.order import Offer, OrderRows

    with looking(db, now) as tx:
        service = held(tx, Service, service_id)
    sold = [dish for dish in dishes_of(db, service.meal) if dish.out_of_stock_at is None] if service is not None else []
    return OrderRows(
        offers=tuple(Offer(dish.id, dish.name(language), dish.price_francs) for dish in sold),
        flags=tuple(flags_of(None, patient_now(profile_of(db, stay_id), now), language, guest=True)),
        number=next_number(db, service_id) if service is not None else "",
        not_allowed=0,
    )


def order_rows(db: Connection, stay_id: str, service_id: str, now: Instant, language: str) -> OrderRows:
    from core.diets.queries import profile_of
    from core.diets.rules import judge_lines
    from core.kernel.refusal import Refusal, Unknown
    from core.menu.model import Service
    from core.menu.queries import dishes_of
    from core.orders.rules import used_besides
    from sync.client.numbers import next_number
    from ward_tui.screens.order import Offer, OrderRows

    profile = profile_of(db, stay_id)
    offers: list[Offer] = []
    refused: list[str] = []
    with looking(db, now) as tx:
        try:
            service = tx.get(Service, service_id)
        except (Refusal, Unknown):
            return OrderRows((), (), "", 0)
        serve_at = max(service.dispatch_at, now.at)
        used = used_besides(tx, stay_id=stay_id, service_id=service_id, serve_at=serve_at)
        for dish in dishes_of(db, service.meal):
            found = judge_lines(tx, stay_id=stay_id, lines=[(dish.id, 2)], serve_at=serve_at, used=used)
            asks = [one for one in found.reasons if one.kind == "warn"]
            if found.forbids:
                first = found.reasons[0]
                refused.append(reason_words(first.code, first.arguments, language, staff=True))
                continue
            said = "; ".join(reason_words(one.code, one.arguments, language, staff=True) for one in asks)
            offers.append(Offer(dish.id, dish.name(language), dish.price_francs, said))
    return OrderRows(
        offers=tuple(offers),
        flags=tuple(flags_of(profile, patient_now(profile, now), language)),
        number=next_number(db, service_id),
        not_allowed=len(refused),
        why_none=refused[0] if refused and not offers else "",
    )
