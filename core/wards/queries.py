"""Where patients are: wards, their beds with whoever lies in them, and those who wait for a bed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, select

from core.kernel.row import Row
from core.wards.model import (
    Bed,
    BedAssignment,
    BedAssignmentTable,
    BedState,
    BedTable,
    Stay,
    StayTable,
    Ward,
    WardTable,
)

R = TypeVar("R", bound=Row)
WARD: Table = WardTable.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
BED: Table = BedTable.__table__  # type: ignore[attr-defined]  # as above
LYING: Table = BedAssignmentTable.__table__  # type: ignore[attr-defined]  # as above
STAY: Table = StayTable.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True, slots=True)
class BedSeen:
    """One bed, and the stay of whoever lies in it."""

    bed: Bed
    stay: Stay | None

    @property
    def is_vacant(self) -> bool:
        return self.stay is None and self.bed.state == BedState.IN_USE


def wards(db: Connection) -> list[Ward]:
    """Every ward that is open, in the sequence they are walked."""
    still = select(WARD).where(WARD.c.closed_at.is_(None))
    return _rows(db, Ward, still.order_by(WARD.c.walking_order, WARD.c.id))


def ward_by_id(db: Connection, ward_id: str) -> Ward | None:
    found = _rows(db, Ward, select(WARD).where(WARD.c.id == ward_id))
    return found[0] if found else None


def beds_of_ward(db: Connection, ward_id: str) -> list[BedSeen]:
    """The beds of a ward by their number, A-2 before A-10, each with its patient."""
    beds = _rows(db, Bed, select(BED).where(BED.c.ward_id == ward_id))
    lying = select(LYING).where(LYING.c.ward_id == ward_id, LYING.c.ended_at.is_(None))
    in_bed = {one.bed_id: one.stay_id for one in _rows(db, BedAssignment, lying)}
    stays = {stay.id: stay for stay in stays_of_ward(db, ward_id)}
    seen = [BedSeen(bed, stays.get(in_bed.get(bed.id, ""))) for bed in beds]
    return sorted(seen, key=lambda one: natural(one.bed.id))


def stays_of_ward(db: Connection, ward_id: str) -> list[Stay]:
    """Everybody who is a patient of a ward now, with and without a bed, as they came."""
    here = select(STAY).where(STAY.c.ward_id == ward_id, STAY.c.closed_at.is_(None))
    return _rows(db, Stay, here.order_by(STAY.c.opened_at, STAY.c.id))


def without_bed(db: Connection, ward_id: str) -> list[Stay]:
    """Patients of a ward who wait for a bed: nobody is dropped."""
    return [stay for stay in stays_of_ward(db, ward_id) if not stay.bed_id]


def stay_by_id(db: Connection, stay_id: str) -> Stay | None:
    found = _rows(db, Stay, select(STAY).where(STAY.c.id == stay_id))
    return found[0] if found else None


@lru_cache(maxsize=4_096)  # a wall puts the same beds into their sequence again and again
def natural(code: str) -> tuple[tuple[int, int | str], ...]:
    """For sorting codes as people count: A-2 before A-10."""
    parts = (part for part in re.split(r"(\d+)", code) if part)
    return tuple((0, int(part)) if part.isdigit() else (1, part.casefold()) for part in parts)


def _rows(db: Connection, table: type[R], chosen: Select[Any]) -> list[R]:
    return [table.trusted(dict(row)) for row in db.execute(chosen).mappings()]
