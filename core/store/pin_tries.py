"""PINs on this console: wrong ones are counted, whatever restarts or is killed between two tries, and whoever gave the
right one while the server was in reach is known here from then on."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, bindparam, insert, select

from core.store.device_schema import pin_try, signed_here
from core.store.statement import Statement

THIS_CONSOLE = ""
_OF = Statement(select(pin_try).where(pin_try.c.who == bindparam("who")))
_KEEP = Statement(insert(pin_try).prefix_with("OR REPLACE", dialect="sqlite"))


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
    row = _OF.first(connection, {"who": who})
    return PinTries(**row._asdict()) if row is not None else PinTries(who)


def keep(connection: Connection, tries: PinTries) -> None:
    _KEEP.run(connection, asdict(tries))


def known_here(connection: Connection) -> frozenset[str]:
    """Who has signed in here with the server in reach."""
    return frozenset(connection.execute(select(signed_here.c.person_id)).scalars())


def know(connection: Connection, person_id: str, at: int) -> None:
    known = insert(signed_here).prefix_with("OR REPLACE", dialect="sqlite")
    connection.execute(known, {"person_id": person_id, "at": at})
