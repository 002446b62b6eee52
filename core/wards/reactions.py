"""What else a stay's opening, move and end do to its label and to what is known of its person: on the server."""

from __future__ import annotations

from core.kernel.found import found
from core.kernel.tx import Tx
from core.wards.events import PatientRecognised, StayClosed, StayMoved, StayOpened
from core.wards.identity import identifiers_of
from core.wards.model import LabelIdentity, Patient, Stay


def name_the_label(tx: Tx, event: StayOpened) -> None:
    """The label says what the hospital knows of the patient; a new name under an old number is looked at."""
    stay = tx.get(Stay, event.stay_id)
    patient = found(tx, Patient, stay.patient_id)
    if patient is None:
        tx.case("unknown_patient", about=stay)
        return
    tx.add(
        LabelIdentity(
            id=stay.id,
            ward_id=stay.ward_id,
            kitchen_id=stay.kitchen_id,
            full_name=patient.full_name,
            birth_date=patient.birth_date,
            hospital_number=patient.hospital_number,
        )
    )
    if not event.full_name:
        hashes = _identifiers(stay, patient)
        tx.emit(PatientRecognised(stay_id=stay.id, identifiers=hashes, birth_date=patient.birth_date))
    said, known = (event.full_name, event.birth_date), (patient.full_name, patient.birth_date)
    if event.full_name and said != known:
        tx.case("identity_differs", about=stay, number=patient.hospital_number)


def _identifiers(stay: Stay, patient: Patient) -> str:
    return identifiers_of(
        stay_id=stay.id,
        full_name=patient.full_name,
        birth_date=patient.birth_date,
        hospital_number=patient.hospital_number,
    )


def move_the_label(tx: Tx, event: StayMoved) -> None:
    stay = tx.get(Stay, event.stay_id)
    label = found(tx, LabelIdentity, stay.id)
    if label is not None:
        tx.change(label, ward_id=stay.ward_id, kitchen_id=stay.kitchen_id)


def take_the_label_away(tx: Tx, event: StayClosed) -> None:
    label = found(tx, LabelIdentity, event.stay_id)
    if label is not None:
        tx.change(label, left_at=tx.at)
