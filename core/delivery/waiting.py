"""Trays that waited for their patient for too long, found by time itself: two hours after assembly they are no meal."""

from __future__ import annotations

from sqlalchemy import Connection, Table, exists, select

from core.delivery.commands import CONSEQUENCES
from core.delivery.model import DeliveryIssueTable, TrayState, TrayTable
from core.kernel.policy import DEFAULTS, PolicyTable
from core.kernel.values import MINUTE_MS
from core.orders.model import OrderState, OrderTable

TRAY: Table = TrayTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
ISSUE: Table = DeliveryIssueTable.__table__  # type: ignore[attr-defined]  # as above
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # as above
POLICY: Table = PolicyTable.__table__  # type: ignore[attr-defined]  # as above
WAITING = tuple(sorted(code for code, follows in CONSEQUENCES.items() if follows.waits))


def waited_too_long(db: Connection, at: int, *, limit: int) -> list[tuple[str, int]]:
    """Orders whose tray still waits though its life is over, and since when it is; the oldest first."""
    chosen = db.execute(select(POLICY.c.value).where(POLICY.c.id == "tray_life_minutes")).scalar_one_or_none()
    life = (DEFAULTS["tray_life_minutes"] if chosen is None else chosen) * MINUTE_MS
    waits = exists().where(ISSUE.c.order_id == ORDER.c.id, ISSUE.c.code.in_(WAITING)).correlate(ORDER)
    found = (
        select(ORDER.c.id, TRAY.c.assembled_at)
        .select_from(ORDER.join(TRAY, TRAY.c.order_id == ORDER.c.id))
        .where(ORDER.c.state == OrderState.OUT.value, TRAY.c.state == TrayState.OUT.value)
        .where(TRAY.c.assembled_at <= at - life, waits)
        .order_by(TRAY.c.assembled_at, ORDER.c.id)
    )
    return [(row[0], row[1] + life) for row in db.execute(found.limit(limit))]
