"""How far the hospital's consoles are: this one for certain, the others as the server last said when it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from consoles.admin.app import AdminApp
    from core.reports.needs import Heard
    from sync.client.standing import Standing

EVERY_CONSOLE = ""  # where a card names a patient
ASK_AGAIN_MS = 10_000


def heard_here(db: Connection, app: AdminApp) -> dict[str, Heard]:
    """In the store's thread: by device. What is not in it is not known here."""
    from core.reports.needs import Heard
    from core.store import queue

    me, door, found = queue.this(db), app.store.door, {}
    told = door.seen_by(EVERY_CONSOLE) if door is not None else None
    for holder in told.holders if told is not None else ():
        found[holder.name] = Heard(at=holder.heard_at or None, rules_at=holder.at or None, as_of=told.at if told else 0)
    if me is not None and app.standing is not None:
        found[me.id] = _of_this_one(app.standing, app.now())
    return found


def _of_this_one(standing: Standing, now: int) -> Heard:
    from core.reports.needs import Heard

    age = standing.rules_age_ms
    rules_at = now - age if age is not None else None
    return Heard(at=standing.last_contact_at, rules_at=rules_at, waiting=standing.waiting, as_of=now, is_here=True)


def look_again(app: AdminApp) -> None:
    """Asks the server anew, in the background: no more often than every ten seconds, and only over a link."""
    door, mono = app.store.door, app.mono()
    if door is not None and app.standing is not None and app.standing.live and mono - app.looked_at >= ASK_AGAIN_MS:
        app.looked_at = mono
        door.look_for(EVERY_CONSOLE)
