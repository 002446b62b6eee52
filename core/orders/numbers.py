"""The number of an order that a console places: from 8000 up, where the server's own count from 1 does not come."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

FIRST, COUNT = 8_000, 2_000
LETTERS = {"breakfast": "B", "lunch": "L", "dinner": "D", "snack": "S"}


def next_number(device_id: str, service_id: str, taken: Collection[str]) -> str:
    """The first that is free here, counted from a place of this console's own: two of them seldom meet.

    When they do the server refuses the second one (`number_taken`), in words. taken: the service's numbers held here.
    """
    seed = f"{device_id} {service_id}".encode()
    start = int.from_bytes(hashlib.sha256(seed).digest()[:4], "big") % COUNT
    letter = LETTERS.get(service_id.rpartition("-")[2], "M")
    numbers = (f"{letter}-{FIRST + (start + step) % COUNT:04}" for step in range(COUNT))
    return next(number for number in numbers if number not in taken)
