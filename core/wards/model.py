"""Kitchens, wards, beds, and the stays of patients in them."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from sqlmodel import Index, text

from core.kernel.row import ADMIN, HOSPITAL, NOBODY, Audience, Row

OF_THE_STAY = (ADMIN, Audience("kitchen", "kitchen_id"), Audience("ward", "ward_id"))
OF_CARE = (Audience("care", "ward_id"),)


class BedState(StrEnum):
    IN_USE = "in_use"  # vacant or occupied: the assignments tell
    CLEANING = "cleaning"
    CLOSED = "closed"


class Kitchen(Row):
    audiences: ClassVar = (HOSPITAL,)

    name: str


class KitchenTable(Kitchen, table=True):
    __tablename__ = "kitchen"


class Ward(Row):
    """One ward. `first` wards (emergency) come before all others at the stove."""

    audiences: ClassVar = (HOSPITAL,)
    owners: ClassVar = {"kitchen_id": "kitchen"}

    kitchen_id: str
    name_en: str
    name_fr: str = ""
    name_rw: str = ""
    extension: str = ""
    walking_order: int = 0
    minutes_from_kitchen: int = 0
    first: bool = False
    closed_at: int | None = None


class WardTable(Ward, table=True):
    __tablename__ = "ward"


class Bed(Row):
    """One bed; its id is the code on its wall, `A-015`."""

    audiences: ClassVar = (*OF_THE_STAY, *OF_CARE)

    ward_id: str
    kitchen_id: str
    state: str = BedState.IN_USE


class BedTable(Bed, table=True):
    __tablename__ = "bed"


class BedDoor(Row):
    """The short code of a bed's QR: worth nothing without the patient's birth date. Its id is the bed's."""

    audiences: ClassVar = (ADMIN, Audience("ward", "ward_id"))

    ward_id: str
    code: str


class BedDoorTable(BedDoor, table=True):
    __tablename__ = "bed_door"
    __table_args__ = (Index("bed_door_code", "code", unique=True),)


class Patient(Row):
    """A person who has been here as a patient. Stays on the server; devices get what a stay needs."""

    audiences: ClassVar = NOBODY

    hospital_number: str
    full_name: str
    birth_date: str  # 1974-04-12
    language: str = "rw"
    phone: str = ""


class PatientTable(Patient, table=True):
    __tablename__ = "patient"
    __table_args__ = (Index("patient_hospital_number", "hospital_number", unique=True),)


class Stay(Row):
    """One admission, from opening to discharge. A stay without a bed is legal: nobody is ever dropped."""

    audiences: ClassVar = (*OF_THE_STAY, *OF_CARE)
    owners: ClassVar = {"patient_id": "patient"}
    retired_by: ClassVar = "archived_at"
    housekeeping: ClassVar = "leaves the devices a day after discharge"

    patient_id: str
    ward_id: str
    kitchen_id: str
    bed_id: str = ""
    bed_before: str = ""
    bed_changed_at: int | None = None
    opened_at: int
    away_from_at: int | None = None  # on leave or elsewhere for treatment: no tray comes by itself
    away_until_at: int | None = None
    away_why: str = ""  # leave, dialysis, procedure
    closed_at: int | None = None
    archived_at: int | None = None

    def is_away_at(self, instant: int) -> bool:
        """Whether the patient is elsewhere in the house, or out of it, at an instant."""
        if self.away_from_at is None or instant < self.away_from_at:
            return False
        return self.away_until_at is None or instant < self.away_until_at


class StayTable(Stay, table=True):
    __tablename__ = "stay"
    __table_args__ = (
        Index(
            "stay_open_patient",
            "patient_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )


class BedAssignment(Row):
    """One patient in one bed, from until. No bed has two at any instant (invariant 7)."""

    audiences: ClassVar = (*OF_THE_STAY, *OF_CARE)
    owners: ClassVar = {"bed_id": "bed", "stay_id": "stay"}
    listed_while_empty: ClassVar = "ended_at"

    stay_id: str
    bed_id: str
    ward_id: str
    kitchen_id: str
    started_at: int
    ended_at: int | None = None


class BedAssignmentTable(BedAssignment, table=True):
    __tablename__ = "bed_assignment"
    __table_args__ = (
        Index(
            "bed_assignment_open",
            "bed_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class StayMove(Row):
    """One transfer between wards, as evidence: from where, to where, by whom."""

    audiences: ClassVar = (*OF_THE_STAY, *OF_CARE)
    owners: ClassVar = {"stay_id": "stay"}
    housekeeping: ClassVar = "kept for good: the census is counted from it"

    stay_id: str
    from_ward_id: str
    ward_id: str
    kitchen_id: str
    at: int
    claimed_at: int
    by: str


class StayMoveTable(StayMove, table=True):
    __tablename__ = "stay_move"


class LabelIdentity(Row):
    """What a tray's label says about its person; its id is the stay's. Leaves the kitchen with the stay."""

    audiences: ClassVar = (Audience("kitchen", "kitchen_id"), *OF_CARE)
    retired_by: ClassVar = "left_at"
    housekeeping: ClassVar = "leaves the devices when its person leaves the ward's kitchen"

    ward_id: str
    kitchen_id: str
    full_name: str
    birth_date: str
    hospital_number: str
    left_at: int | None = None


class LabelIdentityTable(LabelIdentity, table=True):
    __tablename__ = "label_identity"
