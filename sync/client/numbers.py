"""Which number the next order of a service gets at this console: one of its own that nothing here has used yet."""

from __future__ import annotations

from sqlalchemy import Connection, LargeBinary, cast, func, literal, select

from core.delivery.queries import numbers_of_service
from core.orders.numbers import does_follow, leased_to, those_of
from core.orders.placing import PlaceOrder
from core.store import queue
from core.store.device_schema import op


def next_number(connection: Connection, service_id: str) -> str:
    """The first of this console's own that no order here and no act of its queue has; else one that follows.

    The queue counts too: an order may have left with its patient, and its number is taken all the same.
    """
    me = queue.this(connection)
    leases = leased_to(connection, me.id) if me is not None else []
    taken = numbers_of_service(connection, service_id)
    return next(
        number
        for number in those_of(leases, service_id)
        if does_follow(number) or (number not in taken and not _was_given(connection, number, service_id))
    )


def _was_given(connection: Connection, number: str, service_id: str) -> bool:
    """Whether an act in the queue of this console speaks of this number in this service."""
    says = (func.instr(op.c.body, cast(literal(f'"{word}"'), LargeBinary)) > 0 for word in (number, service_id))
    found = select(op.c.place).where(op.c.kind == PlaceOrder.name, *says).limit(1)
    return connection.execute(found).first() is not None
