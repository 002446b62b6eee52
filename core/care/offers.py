"""What a patient may have at a service, judged dish by dish by the rules that judge the order itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from core.diets.rules import judge_lines
from core.diets.verdict import Reason, VerdictKind
from core.kernel.tx import Tx
from core.menu.model import Service
from core.menu.queries import dishes_of
from core.orders.rules import used_besides


@dataclass(frozen=True, slots=True)
class Offer:
    """One dish. reasons: none when it is simply allowed; a preference asks, all else forbids."""

    dish_id: str
    name: str
    francs: int
    kind: VerdictKind
    reasons: tuple[Reason, ...]

    @property
    def is_allowed(self) -> bool:
        return self.kind in (VerdictKind.ALLOW, VerdictKind.WARN)


def offers(tx: Tx, db: Connection, *, stay_id: str, service: Service, language: str) -> list[Offer]:
    """The menu of a service for one patient: what is allowed first, each part as the menu has it."""
    serve_at = max(service.dispatch_at, tx.at)
    used = used_besides(tx, stay_id=stay_id, service_id=service.id, serve_at=serve_at)
    found = []
    for dish in dishes_of(db, service.meal):
        verdict = judge_lines(tx, stay_id=stay_id, lines=[(dish.id, 2)], serve_at=serve_at, used=used)
        found.append(Offer(dish.id, dish.name(language), dish.price_francs, verdict.kind, verdict.reasons))
    return sorted(found, key=_forbidden_last)


def _forbidden_last(offer: Offer) -> bool:
    return not offer.is_allowed
