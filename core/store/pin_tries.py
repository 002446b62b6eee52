"""Wrong PINs on this console: counters that survive a restart,
a kill between two tries and a clock that is set back."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, insert, select

from core.store.device_schema import pin_try

THIS_CONSOLE = ""


@dataclass(frozen=True, slots=True)
class PinTries:
    """Wrong tries in a row of one person, or of everybody on this console."""

    who: str
    tries: int = 0
    wait_ms: int = 0
    wait_mono: int = 0
    wait_boot: str = ""
    verifier_at: int = 0
    seen_at: int = 0


def of(connection: Connection, who: str) -> PinTries:
    row = connection.execute(select(pin_try).where(pin_try.c.who == who)).one_or_none()
    return PinTries(**row._asdict()) if row is not None else PinTries(who)


def keep(connection: Connection, tries: PinTries) -> None:
    connection.execute(insert(pin_try).prefix_with("OR REPLACE", dialect="sqlite"), asdict(tries))
