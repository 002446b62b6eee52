"""The number of an order that a console places: of those leased to it, from 8000 up, where nobody else counts.

A label that was printed without a server is therefore true for ever. A console that has none left orders all the same:
its number follows, from the server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Table, func, select

from core.devices.commands import LeaseNumbers
from core.devices.model import DeviceKind, DeviceTable, NumberLeaseTable
from core.kernel.found import held
from core.kernel.tx import Tx
from core.kernel.values import DAY_MS
from core.menu.model import ServiceTable
from core.orders.events import OrderPlaced
from core.orders.model import FollowingNumbers, Order, OrderTable

FIRST, END = 8_000, 9_800  # leased to consoles; from END up are those that follow
LEASED_AT_ONCE = 20
FEW = 5  # a console that has so few left for a service that is open gets twenty more
MOST_LEASES = 10  # of one console
REST_MS = 3 * DAY_MS  # a number that was given back is not given to anybody else before
FOLLOWS = "????"
ORDERING = (DeviceKind.WARD.value, DeviceKind.CLINICAL.value)
LETTERS = {"breakfast": "B", "lunch": "L", "dinner": "D", "snack": "S"}

DEVICE: Table = DeviceTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
LEASE: Table = NumberLeaseTable.__table__  # type: ignore[attr-defined]  # as above
ORDER: Table = OrderTable.__table__  # type: ignore[attr-defined]  # as above
SERVICE: Table = ServiceTable.__table__  # type: ignore[attr-defined]  # as above


def letter_of(service_id: str) -> str:
    return LETTERS.get(service_id.rpartition("-")[2], "M")


def does_follow(number: str) -> bool:
    """Whether this order waits for its number."""
    return number.endswith(FOLLOWS)


def leased_to(db: Connection, device_id: str) -> list[int]:
    """The first of each twenty that this console may give, the oldest numbers first."""
    leased = select(LEASE.c.first).where(LEASE.c.device_id == device_id, LEASE.c.returned_at.is_(None))
    return list(db.execute(leased.order_by(LEASE.c.first)).scalars())


def those_of(leases: Iterable[int], service_id: str) -> Iterator[str]:
    """Every number of these leases for a service, and the one that follows behind them."""
    letter = letter_of(service_id)
    for first in leases:
        for step in range(LEASED_AT_ONCE):
            yield f"{letter}-{first + step:04}"
    yield f"{letter}-{FOLLOWS}"


# -- on the server ----------------------------------------------------------------------------------------------------


def number_what_follows(tx: Tx, event: OrderPlaced) -> None:
    """Counted in a row of its own for each service: few orders come without a number."""
    order = tx.get(Order, event.order_id)
    if not does_follow(order.number):
        return
    known = held(tx, FollowingNumbers, order.service_id)
    count = known.count if known is not None else 0
    if known is None:
        tx.add(FollowingNumbers(id=order.service_id, count=1))
    else:
        tx.change(known, count=count + 1)
    tx.change(order, number=f"{order.number[0]}-{END + count:04}")


def wanted(db: Connection, at: int, *, most: int) -> list[tuple[str, int]]:
    """("device first", since): the consoles that need more numbers now, and the first of those they get."""
    short = _short(db, at)[:most]
    if not short:
        return []
    resting = select(LEASE.c.first).where(LEASE.c.returned_at.is_(None) | (LEASE.c.returned_at > at - REST_MS))
    taken = set(db.execute(resting).scalars())
    free = [first for first in range(FIRST, END, LEASED_AT_ONCE) if first not in taken]
    return [(f"{device_id} {first}", since) for (device_id, since), first in zip(short, free, strict=False)]


def leasing_of(key: str) -> LeaseNumbers:
    device_id, first = key.split(" ")
    return LeaseNumbers(device_id=device_id, first=int(first))


def _short(db: Connection, at: int) -> list[tuple[str, int]]:
    """Consoles that may order and have few numbers left: (id, since when it is one), by their ids."""
    ordering = select(DEVICE.c.id, DEVICE.c.enrolled_at).where(DEVICE.c.kind.in_(ORDERING))
    in_use = ordering.where(DEVICE.c.revoked_at.is_(None)).order_by(DEVICE.c.id)
    since = {row.id: int(row.enrolled_at) for row in db.execute(in_use)}
    leases: dict[str, list[int]] = {device_id: [] for device_id in since}
    for row in db.execute(select(LEASE.c.device_id, LEASE.c.first).where(LEASE.c.returned_at.is_(None))):
        if row.device_id in leases:
            leases[row.device_id].append(row.first)
    used = _used(db, at)
    return [(device_id, since[device_id]) for device_id, firsts in leases.items() if _is_short(firsts, used)]


def _is_short(firsts: list[int], used: dict[str, dict[int, int]]) -> bool:
    if not firsts or len(firsts) >= MOST_LEASES:
        return not firsts
    most = max((sum(blocks.get(first, 0) for first in firsts) for blocks in used.values()), default=0)
    return most > len(firsts) * LEASED_AT_ONCE - FEW


def _used(db: Connection, at: int) -> dict[str, dict[int, int]]:
    """Service -> first of a lease -> how many of its numbers orders have, for services that are not over."""
    found: dict[str, dict[int, int]] = {}
    for service_id in db.execute(select(SERVICE.c.id).where(SERVICE.c.ends_at > at)).scalars():
        letter = letter_of(service_id)
        numbers = select(func.substr(ORDER.c.number, 3)).where(
            ORDER.c.service_id == service_id,
            ORDER.c.number >= f"{letter}-{FIRST}",
            ORDER.c.number < f"{letter}-{END}",
        )
        blocks = found.setdefault(service_id, {})
        for number in db.execute(numbers).scalars():
            first = int(number) // LEASED_AT_ONCE * LEASED_AT_ONCE
            blocks[first] = blocks.get(first, 0) + 1
    return found
