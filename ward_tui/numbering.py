"""The number of an order placed at a ward: from 8000 up, where the server's own count from 1 does not come."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIRST, COUNT = 8_000, 2_000
LETTERS = {"breakfast": "B", "lunch": "L", "dinner": "D", "snack": "S"}


def next_number(db: Connection, service_id: str) -> str:
    """The first that is free here, counted from a place of this console's own: two of them seldom meet.

    When they do the server refuses the second one (`number_taken`), in words.
    """
    from core.delivery.queries import numbers_of_service
    from core.store import queue

    me = queue.this(db)
    taken = numbers_of_service(db, service_id)
    seed = f"{me.id if me is not None else ''} {service_id}".encode()
    start = int.from_bytes(hashlib.sha256(seed).digest()[:4], "big") % COUNT
    letter = LETTERS.get(service_id.rpartition("-")[2], "M")
    numbers = (f"{letter}-{FIRST + (start + step) % COUNT:04}" for step in range(COUNT))
    return next(number for number in numbers if number not in taken)
