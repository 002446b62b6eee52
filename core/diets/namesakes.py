"""Two patients of one ward who are called alike: a classic of trays that reach the wrong bed (R18).

Time looks for them, not the admission: names are read on the server alone, and an admission waits for nobody.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import Connection, Table, select

from core.diets.model import DietProfile, DietProfileTable
from core.kernel.handle import SERVER, Handle
from core.kernel.message import Command
from core.kernel.text import RowId
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.wards.model import LabelIdentityTable

FEWEST_WORDS = 2  # a single name says too little: half a ward may share it
PROFILE: Table = DietProfileTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
LABEL: Table = LabelIdentityTable.__table__  # type: ignore[attr-defined]  # as above


class TellNameAlert(Command):
    """Somebody on the ward is called alike, or is not any more: by time itself."""

    stay_id: RowId
    alert: bool


def tell_name_alert(tx: Tx, cmd: TellNameAlert) -> None:
    """It is on the label and at the bed, and changes nothing of what may be eaten."""
    tx.change(tx.get(DietProfile, cmd.stay_id), name_alert=cmd.alert)


def untold(db: Connection, *, limit: int) -> list[tuple[str, int]]:
    """Stays whose alert is not as it should be (what `telling_of` reads), each with the version that says so."""
    here = (
        select(PROFILE.c.id, PROFILE.c.ward_id, PROFILE.c.name_alert, PROFILE.c.version, LABEL.c.full_name)
        .select_from(PROFILE.join(LABEL, LABEL.c.id == PROFILE.c.id))
        .where(PROFILE.c.open, LABEL.c.left_at.is_(None))
        .order_by(PROFILE.c.id)
    )
    rows = db.execute(here).all()
    alike = called_alike((row.id, row.ward_id, row.full_name) for row in rows)
    wrong = [row for row in rows if row.name_alert != (row.id in alike)]
    return [(f"{row.id} {'no' if row.name_alert else 'yes'}", row.version) for row in wrong[:limit]]


def telling_of(key: str) -> TellNameAlert:
    stay_id, alert = key.split(" ")
    return TellNameAlert(stay_id=stay_id, alert=alert == "yes")


def called_alike(patients: Iterable[tuple[str, str, str]]) -> frozenset[str]:
    """The ids among (id, ward, name) whose name is also somebody else's on that ward, or a part of it.

    Whoever has all words of a name has its rarest one as well: only those are compared.
    """
    known = [(patient_id, ward_id, _words(name)) for patient_id, ward_id, name in patients]
    known = [one for one in known if len(one[2]) >= FEWEST_WORDS]
    with_word: dict[tuple[str, str], list[int]] = {}
    for place, (_, ward_id, words) in enumerate(known):
        for word in words:
            with_word.setdefault((ward_id, word), []).append(place)
    alike: set[str] = set()
    for place, (patient_id, ward_id, words) in enumerate(known):
        for other in min((with_word[(ward_id, word)] for word in sorted(words)), key=len):
            if other != place and words <= known[other][2]:
                alike.update((patient_id, known[other][0]))
    return frozenset(alike)


@lru_cache(maxsize=8_192)  # asked every other second for everybody in the house
def _words(name: str) -> frozenset[str]:
    """Without accents, case and marks: `Uwimana, Jean-Marie` and `UWIMANA JEAN MARIE` are one name."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return frozenset(kept.split())


HANDLERS = (Handle(TellNameAlert, tell_name_alert, where=SERVER, roles={Role.SYSTEM}),)
