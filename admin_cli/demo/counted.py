"""NOTHING LOST, counted: every act in every console's own store against the server's log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from core.store.device_schema import op as pressed
from core.store.device_schema import outcome as answered
from core.store.open import Store
from core.store.server_schema import op as judged
from sync.protocol import APPLIED, APPLIED_EXCEPTION, DUPLICATE, PARKED


@dataclass(frozen=True, slots=True)
class Counted:
    """acts = confirmed + refused + parked + waiting. lost and twice are nought, or something is wrong.

    lost: answered here, unknown to the log. twice: the log knows it under another outcome or number than was told here.
    """

    acts: int = 0
    confirmed: int = 0
    refused: int = 0
    parked: int = 0
    waiting: int = 0
    lost: int = 0
    twice: int = 0

    @property
    def is_well(self) -> bool:
        whole = self.acts == self.confirmed + self.refused + self.parked + self.waiting
        return whole and not self.lost and not self.twice

    @property
    def sentence(self) -> str:
        parts = f"{self.confirmed} confirmed + {self.refused} refused"
        parts += f" + {self.parked} not judged yet" if self.parked else ""
        parts += f" + {self.waiting} waiting" if self.waiting else ""
        return f"{self.acts} acts = {parts}; {self.lost} lost, {self.twice} done twice"


def count(consoles: Iterable[Store], server: Store) -> Counted:
    """Compares now; acts that are being sent this moment are still waiting."""
    told: dict[bytes, tuple[str, int] | None] = {}
    for store in consoles:
        with store.reading() as connection:
            rows = connection.execute(
                select(pressed.c.op_id, answered.c.outcome, answered.c.commit_seq).outerjoin(
                    answered, answered.c.op_id == pressed.c.op_id
                )
            )
            for row in rows:
                told[bytes(row.op_id)] = (row.outcome, row.commit_seq) if row.outcome else None
    with server.reading() as connection:
        known = {
            bytes(row.op_id): (row.outcome, row.commit_seq)
            for row in connection.execute(select(judged.c.op_id, judged.c.outcome, judged.c.commit_seq))
        }
    kinds = [outcome[0] for outcome in told.values() if outcome is not None]
    return Counted(
        acts=len(told),
        confirmed=sum(1 for kind in kinds if kind in (APPLIED, DUPLICATE, APPLIED_EXCEPTION)),
        refused=sum(1 for kind in kinds if kind not in (APPLIED, DUPLICATE, APPLIED_EXCEPTION, PARKED)),
        parked=sum(1 for kind in kinds if kind == PARKED),
        waiting=sum(1 for outcome in told.values() if outcome is None),
        lost=sum(1 for op_id, outcome in told.items() if outcome is not None and op_id not in known),
        twice=sum(1 for op_id, outcome in told.items() if outcome is not None and known.get(op_id, outcome) != outcome),
    )
