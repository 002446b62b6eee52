"""Opening wards and beds, and the way of a patient through them: admit, bed, move, discharge."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from core.kernel.found import held
from core.kernel.handle import FACT, SERVER, Handle
from core.kernel.message import Command, Part
from core.kernel.refusal import Refusal
from core.kernel.text import RowId, ShortWords
from core.kernel.tx import Tx
from core.kernel.values import Role
from core.wards import away, doors
from core.wards.events import StayArchived, StayClosed, StayMoved, StayOpened
from core.wards.identity import identifiers_of, patient_id_of
from core.wards.model import (
    Bed,
    BedAssignment,
    BedDoor,
    BedState,
    Kitchen,
    Patient,
    Stay,
    StayMove,
    Ward,
)

DayText = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Language = Literal["rw", "en", "fr"]


# -- the house ------------------------------------------------------------------------------------------------------


class OpenKitchen(Command):
    kitchen_id: RowId
    title: ShortWords = Field(min_length=1)


def open_kitchen(tx: Tx, cmd: OpenKitchen) -> None:
    tx.add(Kitchen(id=cmd.kitchen_id, name=cmd.title))


class OpenWard(Command):
    ward_id: RowId
    kitchen_id: RowId
    name_en: ShortWords = Field(min_length=1)
    name_fr: ShortWords = ""
    name_rw: ShortWords = ""
    extension: ShortWords = ""
    walking_order: int = Field(default=0, ge=0, le=10_000)
    minutes_from_kitchen: int = Field(default=0, ge=0, le=240)
    first: bool = False


def open_ward(tx: Tx, cmd: OpenWard) -> None:
    tx.get(Kitchen, cmd.kitchen_id)
    columns = cmd.model_dump(exclude={"ward_id"})
    tx.add(Ward(id=cmd.ward_id, **columns))


class NewBed(Part):
    """One bed of AddBeds: the code on its wall, and the short code of its QR ("" for none yet)."""

    bed_id: RowId
    door_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{0,12}$")] = ""


class AddBeds(Command):
    ward_id: RowId
    beds: Annotated[tuple[NewBed, ...], Field(min_length=1, max_length=500)]


def add_beds(tx: Tx, cmd: AddBeds) -> None:
    ward = tx.get(Ward, cmd.ward_id)
    for bed in cmd.beds:
        tx.add(Bed(id=bed.bed_id, ward_id=ward.id, kitchen_id=ward.kitchen_id))
        if bed.door_code:
            tx.add(BedDoor(id=bed.bed_id, ward_id=ward.id, code=bed.door_code))


class SetBedState(Command):
    bed_id: RowId
    state: Literal["in_use", "cleaning", "closed"]


def set_bed_state(tx: Tx, cmd: SetBedState) -> None:
    """A bed with a patient in it is in use, whatever the plan says."""
    bed = tx.get(Bed, cmd.bed_id)
    lying = tx.all(BedAssignment, of=bed)
    if lying and cmd.state != BedState.IN_USE.value:
        raise Refusal("bed_taken", bed=bed.id, at=lying[0].started_at, winner=lying[0].stay_id)
    tx.change(bed, state=cmd.state)


# -- the stay -------------------------------------------------------------------------------------------------------


class OpenStay(Command):
    """A patient is here, bed or no bed. Known by id, by hospital number, or (nobody is dropped) by neither yet."""

    stay_id: RowId
    ward_id: RowId
    patient_id: RowId | Literal[""] = ""
    hospital_number: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9./-]{0,32}$")] = ""
    full_name: ShortWords = ""
    birth_date: DayText | Literal[""] = ""
    language: Language = "rw"
    phone: Annotated[str, StringConstraints(pattern=r"^[+0-9 ]{0,20}$")] = ""

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if not self.patient_id and not self.full_name:
            raise ValueError("a patient needs an id or a name")
        return self


def open_stay(tx: Tx, cmd: OpenStay) -> None:
    """A fact: the patient lies here. Whether it fits what is known of the person is looked at on the server."""
    ward = tx.get(Ward, cmd.ward_id)
    patient_id = cmd.patient_id or patient_id_of(_number(cmd))
    if held(tx, Stay, cmd.stay_id) is not None:
        return tx.already()
    if not cmd.patient_id and held(tx, Patient, patient_id) is None:
        tx.add(
            Patient(
                id=patient_id,
                hospital_number=_number(cmd),
                full_name=cmd.full_name,
                birth_date=cmd.birth_date,
                language=cmd.language,
                phone=cmd.phone,
            )
        )
    stay = tx.add(
        Stay(
            id=cmd.stay_id,
            patient_id=patient_id,
            ward_id=ward.id,
            kitchen_id=ward.kitchen_id,
            opened_at=tx.at,
        )
    )
    known = {"full_name": cmd.full_name, "birth_date": cmd.birth_date, "hospital_number": cmd.hospital_number}
    tx.emit(StayOpened(stay_id=stay.id, identifiers=identifiers_of(stay_id=stay.id, **known), **known))


def _number(cmd: OpenStay) -> str:
    """Whoever has none gets one for the time being."""
    return cmd.hospital_number or f"T-{cmd.stay_id[-12:]}"


class AssignBed(Command):
    stay_id: RowId
    bed_id: RowId


def assign_bed(tx: Tx, cmd: AssignBed) -> None:
    """An intent: two consoles may offer one bed, and one of them is told who has it."""
    stay = _open_stay(tx, cmd.stay_id)
    bed = tx.get(Bed, cmd.bed_id)
    if bed.ward_id != stay.ward_id:
        raise Refusal("bed_of_another_ward", bed=bed.id, ward=bed.ward_id)
    _lay(tx, stay, bed)


class MoveStay(Command):
    """The patient goes to another ward, into this bed or into none yet."""

    stay_id: RowId
    ward_id: RowId
    bed_id: RowId | Literal[""] = ""


def move_stay(tx: Tx, cmd: MoveStay) -> None:
    stay = _open_stay(tx, cmd.stay_id)
    ward = tx.get(Ward, cmd.ward_id)
    if ward.id == stay.ward_id:
        raise Refusal("same_ward", ward=ward.id)
    if ward.closed_at is not None:
        raise Refusal("ward_closed", ward=ward.id)
    _leave_bed(tx, stay)
    tx.add(
        StayMove(
            id=tx.new_id(),
            stay_id=stay.id,
            from_ward_id=stay.ward_id,
            ward_id=ward.id,
            kitchen_id=ward.kitchen_id,
            at=tx.at,
            claimed_at=tx.claimed_at,
            by=tx.actor.person_id,
        )
    )
    moved = tx.change(
        stay,
        ward_id=ward.id,
        kitchen_id=ward.kitchen_id,
        bed_id="",
        bed_before=stay.bed_id,
        bed_changed_at=tx.at,
    )
    if cmd.bed_id:
        bed = tx.get(Bed, cmd.bed_id)
        if bed.ward_id != ward.id:
            raise Refusal("bed_of_another_ward", bed=bed.id, ward=bed.ward_id)
        _lay(tx, moved, bed)
        tx.change(moved, bed_before=stay.bed_id)
    tx.emit(StayMoved(stay_id=stay.id, from_ward_id=stay.ward_id))


class Discharge(Command):
    """The patient has gone."""

    stay_id: RowId


def discharge(tx: Tx, cmd: Discharge) -> None:
    """A fact. What becomes of the meals is R22, and theirs to decide (`core.reactions`)."""
    stay = tx.get(Stay, cmd.stay_id)
    if stay.closed_at is not None:
        return tx.already(at=stay.closed_at)
    _leave_bed(tx, stay)
    tx.change(stay, closed_at=tx.at, bed_id="", bed_before=stay.bed_id, bed_changed_at=tx.at)
    tx.emit(StayClosed(stay_id=stay.id))


class ArchiveStay(Command):
    """A day after discharge, by time itself: the stay leaves the devices."""

    stay_id: RowId


def archive_stay(tx: Tx, cmd: ArchiveStay) -> None:
    stay = tx.get(Stay, cmd.stay_id)
    if stay.closed_at is None:
        raise Refusal("stay_open", stay=stay.id)
    tx.change(stay, archived_at=tx.at)
    tx.emit(StayArchived(stay_id=stay.id))


def _open_stay(tx: Tx, stay_id: str) -> Stay:
    stay = tx.get(Stay, stay_id)
    if stay.closed_at is not None:
        raise Refusal("stay_closed", at=stay.closed_at)
    return stay


def _lay(tx: Tx, stay: Stay, bed: Bed) -> None:
    if bed.state != BedState.IN_USE:
        raise Refusal("bed_closed", bed=bed.id, state=bed.state)
    for lying in tx.all(BedAssignment, of=bed):
        if lying.stay_id == stay.id:
            return tx.already(at=lying.started_at)
        raise Refusal("bed_taken", bed=bed.id, at=lying.started_at, winner=lying.stay_id)
    _leave_bed(tx, stay)
    tx.add(
        BedAssignment(
            id=tx.new_id(),
            stay_id=stay.id,
            bed_id=bed.id,
            ward_id=bed.ward_id,
            kitchen_id=bed.kitchen_id,
            started_at=tx.at,
        )
    )
    tx.change(stay, bed_id=bed.id, bed_before=stay.bed_id, bed_changed_at=tx.at)


def _leave_bed(tx: Tx, stay: Stay) -> None:
    for lying in tx.all(BedAssignment, of=stay):
        tx.change(lying, ended_at=tx.at)


ADMINS = frozenset({Role.ADMIN, Role.SYSTEM})
WARD_STAFF = frozenset({Role.NURSE, Role.DOCTOR, Role.ADMIN, Role.SYSTEM})

HANDLERS = (
    Handle(OpenKitchen, open_kitchen, where=SERVER, roles=ADMINS),
    Handle(OpenWard, open_ward, where=SERVER, roles=ADMINS),
    Handle(AddBeds, add_beds, where=SERVER, roles=ADMINS),
    Handle(
        SetBedState,
        set_bed_state,
        roles=WARD_STAFF,
        reads=(lambda cmd, tx: ((Bed, cmd.bed_id), (BedAssignment, "bed_id", cmd.bed_id)),),
    ),
    Handle(
        OpenStay,
        open_stay,
        kind=FACT,
        roles=WARD_STAFF,
        reads=(
            lambda cmd, tx: (
                (Ward, cmd.ward_id),
                (Stay, cmd.stay_id),
                (Patient, cmd.patient_id or patient_id_of(_number(cmd))),
            ),
        ),
    ),
    Handle(
        AssignBed,
        assign_bed,
        roles=WARD_STAFF,
        reads=(
            lambda cmd, tx: (
                (Stay, cmd.stay_id),
                (Bed, cmd.bed_id),
                (BedAssignment, "bed_id", cmd.bed_id),
                (BedAssignment, "stay_id", cmd.stay_id),
            ),
        ),
    ),
    Handle(MoveStay, move_stay, roles=WARD_STAFF),
    Handle(Discharge, discharge, kind=FACT, roles=WARD_STAFF),
    Handle(ArchiveStay, archive_stay, where=SERVER, roles={Role.SYSTEM}),
    *away.HANDLERS,
    *doors.HANDLERS,
)
