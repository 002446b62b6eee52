"""A cook's hand as a process of its own, that can be killed in the middle: `python -m admin_cli.demo.hand PERSON PIN`.

It ticks and unticks lines for ever and prints the id of each act once the press has returned: what it has printed is
saved, whatever happens to the process.
"""

from __future__ import annotations

import sys

from sqlalchemy import Connection, select

from core.orders.commands import TickLine
from core.orders.model import OrderLine, OrderState, OrderTable
from core.settings import load
from core.store.tables import TABLES
from sync.client.door import Door

MOST_PRESSES = 100_000


def cooking_lines(db: Connection) -> list[str]:
    """Lines of meals on the stove."""
    orders = OrderTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
    lines = TABLES[OrderLine]
    found = select(lines.c.id).join(orders, orders.c.id == lines.c.order_id)
    return list(db.execute(found.where(orders.c.state == OrderState.COOKING).order_by(lines.c.id)).scalars())


def main(person_id: str, pin: str) -> int:
    with Door.open(load()) as door:
        door.sign_in(person_id, pin)
        lines = door.read(cooking_lines)
        if not lines:
            return 1
        for press in range(MOST_PRESSES):
            line_id = lines[press % len(lines)]
            ticked = press // len(lines) % 2 == 0
            pressed = door.perform(TickLine(line_id=line_id, ticked=ticked))
            print(pressed.op_id.hex(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
