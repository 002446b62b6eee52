"""The way of a patient: admitted though no bed is free, laid in one bed, moved, and gone,
with what each means for meals."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.kernel.tx import Tx
from core.kernel.values import DAY_MS, SYSTEM
from core.orders.model import OrderState
from core.payments.model import CashDue, Payment
from core.wards.commands import (
    AddBeds,
    ArchiveStay,
    AssignBed,
    Discharge,
    MoveStay,
    NewBed,
    OpenKitchen,
    OpenStay,
    OpenWard,
    SetBedState,
)
from core.wards.doors import NoteDoorTries
from core.wards.model import (
    Bed,
    BedAssignment,
    BedDoor,
    LabelIdentity,
    Patient,
    Stay,
    StayMove,
    Ward,
)
from tests import given

S = OrderState


# -- the house ------------------------------------------------------------------------------------------------------


def test_a_ward_belongs_to_a_kitchen_that_exists(tx: Tx) -> None:
    ward = OpenWard(ward_id="C", kitchen_id="nowhere", name_en="Ward C")
    assert given.refusal_of(tx, ward) == "gone"


def test_a_kitchen_and_a_ward_are_opened_once(tx: Tx) -> None:
    kitchen = OpenKitchen(kitchen_id="main", title="Again")
    ward = OpenWard(ward_id="A", kitchen_id="main", name_en="Again")
    assert [given.refusal_of(tx, command) for command in (kitchen, ward)] == ["exists_already"] * 2


def test_a_bed_with_a_door_has_a_short_code_that_only_the_ward_sees(tx: Tx) -> None:
    given.perform(tx, AddBeds(ward_id="A", beds=(NewBed(bed_id="A-101", door_code="K7Q2"),)))
    door = tx.get(BedDoor, "A-101")
    assert (door.code, BedDoor.seen_by(door.__dict__)) == ("K7Q2", ("admin", "ward:A"))


def test_of_a_list_of_beds_with_one_known_already_none_is_added(tx: Tx) -> None:
    beds = AddBeds(ward_id="A", beds=(NewBed(bed_id="A-200"), NewBed(bed_id="A-001")))
    assert given.refusal_of(tx, beds) == "exists_already"
    assert tx.peek(Bed, "A-200") is None


def test_a_bed_with_a_patient_in_it_is_neither_cleaned_nor_closed(tx: Tx) -> None:
    given.stay(tx, bed="A-001")
    refused = [given.refusal_of(tx, SetBedState(bed_id="A-001", state=state)) for state in ("cleaning", "closed")]
    assert refused == ["bed_taken"] * 2


def test_a_closed_bed_takes_nobody_until_it_is_open_again(tx: Tx) -> None:
    stay = given.stay(tx)
    given.perform(tx, SetBedState(bed_id="A-001", state="closed"))
    closed = given.refusal_of(tx, AssignBed(stay_id=stay.id, bed_id="A-001"))
    given.perform(tx, SetBedState(bed_id="A-001", state="in_use"))
    assert (closed, given.refusal_of(tx, AssignBed(stay_id=stay.id, bed_id="A-001"))) == ("bed_closed", "")


def test_wrong_tries_at_a_bed_s_door_are_told_to_the_ward(tx: Tx) -> None:
    given.perform(tx, NoteDoorTries(bed_id="A-001", tries=5), by=SYSTEM)
    assert given.open_cases(tx)[-1].ward_id == "A"


# -- admitted -------------------------------------------------------------------------------------------------------


def test_a_patient_is_here_whether_a_bed_is_free_or_not(tx: Tx) -> None:
    stay = given.stay(tx)
    assert (stay.bed_id, stay.ward_id, stay.kitchen_id, stay.closed_at) == ("", "A", "main", None)


def test_the_label_says_name_birth_date_and_number(tx: Tx) -> None:
    stay = given.stay(tx)
    label, patient = tx.get(LabelIdentity, stay.id), tx.get(Patient, stay.patient_id)
    assert (label.full_name, label.birth_date, label.hospital_number) == (
        patient.full_name,
        "1974-04-12",
        patient.hospital_number,
    )


def test_a_patient_without_a_number_gets_one_for_the_time_being(tx: Tx) -> None:
    given.perform(tx, OpenStay(stay_id="unknown-woman", ward_id="A", full_name="Unknown woman"), by=given.NURSE)
    patient = tx.get(Patient, tx.get(Stay, "unknown-woman").patient_id)
    assert patient.hospital_number.startswith("T-")


def test_two_consoles_that_admit_the_same_person_mean_the_same_patient(tx: Tx) -> None:
    ways = ("H-000999", "h 000999")
    ids = []
    for place, number in enumerate(ways):
        command = OpenStay(stay_id=f"s-{place}", ward_id="A", hospital_number=number.replace(" ", "-"), full_name="A B")
        given.perform(tx, command, by=given.NURSE)
        ids.append(tx.get(Stay, f"s-{place}").patient_id)
        given.leave(tx, tx.get(Stay, f"s-{place}"))
    assert ids[0] == ids[1]


def test_another_name_under_a_known_number_is_looked_at(tx: Tx) -> None:
    first = given.stay(tx)
    given.leave(tx, first)
    number = tx.get(Patient, first.patient_id).hospital_number
    again = OpenStay(
        stay_id="again", ward_id="A", hospital_number=number, full_name="Somebody Else", birth_date="1999-01-01"
    )
    done = given.perform(tx, again, by=given.NURSE)
    assert (done.cases, tx.get(LabelIdentity, "again").birth_date) == (["identity_differs"], "1974-04-12")


def test_a_stay_of_a_patient_nobody_knows_is_open_and_looked_at(tx: Tx) -> None:
    done = given.perform(tx, OpenStay(stay_id="x", ward_id="A", patient_id="nobody"), by=given.NURSE)
    assert (done.cases, tx.get(Stay, "x").closed_at) == (["unknown_patient"], None)


def test_the_same_admission_told_twice_is_one(tx: Tx) -> None:
    command = OpenStay(stay_id="x", ward_id="A", full_name="A B")
    given.perform(tx, command, by=given.NURSE)
    assert given.perform(tx, command, by=given.NURSE).already == {}


def test_a_patient_needs_an_id_or_a_name() -> None:
    with pytest.raises(ValidationError):
        OpenStay(stay_id="x", ward_id="A", hospital_number="H-1")


@pytest.mark.parametrize("name", ["Uwi\u202emana", "Uwi\u200bmana", "Uwi\nmana"])
def test_a_name_with_characters_that_nobody_sees_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        OpenStay(stay_id="x", ward_id="A", full_name=name)


# -- a bed ----------------------------------------------------------------------------------------------------------


def test_two_offer_one_bed_and_the_second_is_told_who_lies_there(tx: Tx) -> None:
    winner, loser = given.stay(tx, bed="A-001"), given.stay(tx)
    refused = given.refusal(tx, AssignBed(stay_id=loser.id, bed_id="A-001"), by=given.NURSE)
    assert (refused.code, refused.detail["winner"], given.now(tx, loser).bed_id) == ("bed_taken", winner.id, "")


def test_a_patient_who_lies_there_already_is_laid_once(tx: Tx) -> None:
    stay = given.stay(tx, bed="A-001")
    assert given.perform(tx, AssignBed(stay_id=stay.id, bed_id="A-001"), by=given.NURSE).already == {
        "at": given.MORNING
    }


def test_a_new_bed_frees_the_old_one(tx: Tx) -> None:
    stay, next_one = given.stay(tx, bed="A-001"), given.stay(tx)
    given.perform(tx, AssignBed(stay_id=stay.id, bed_id="A-002"), by=given.NURSE)
    moved = given.now(tx, stay)
    assert (moved.bed_id, moved.bed_before) == ("A-002", "A-001")
    assert given.refusal_of(tx, AssignBed(stay_id=next_one.id, bed_id="A-001"), by=given.NURSE) == ""


def test_a_bed_of_another_ward_is_not_given(tx: Tx) -> None:
    stay = given.stay(tx)
    assert given.refusal_of(tx, AssignBed(stay_id=stay.id, bed_id="B-001"), by=given.ADMIN) == "bed_of_another_ward"


def test_no_bed_for_a_patient_who_has_gone(tx: Tx) -> None:
    stay = given.stay(tx)
    given.leave(tx, stay)
    assert given.refusal_of(tx, AssignBed(stay_id=stay.id, bed_id="A-001"), by=given.NURSE) == "stay_closed"


# -- moved ----------------------------------------------------------------------------------------------------------


def test_r20_a_moved_patient_leaves_the_bed_and_every_reader_changes(tx: Tx) -> None:
    stay = given.stay(tx, bed="A-001")
    given.move_to(tx, stay, "B")
    moved = given.now(tx, stay)
    assert (moved.ward_id, moved.bed_id, moved.bed_before, tx.get(LabelIdentity, stay.id).ward_id) == (
        "B",
        "",
        "A-001",
        "B",
    )
    assert tx.all(BedAssignment, of=moved) == []


def test_a_patient_may_be_moved_straight_into_a_bed(tx: Tx) -> None:
    stay = given.stay(tx, bed="A-001")
    given.perform(tx, MoveStay(stay_id=stay.id, ward_id="B", bed_id="B-003"), by=given.ADMIN)
    assert (given.now(tx, stay).bed_id, given.now(tx, stay).bed_before) == ("B-003", "A-001")


def test_a_move_into_a_taken_bed_is_refused_whole(tx: Tx) -> None:
    given.stay(tx, ward="B", bed="B-001")
    stay = given.stay(tx, bed="A-001")
    move = MoveStay(stay_id=stay.id, ward_id="B", bed_id="B-001")
    assert (given.refusal_of(tx, move, by=given.ADMIN), given.now(tx, stay)) == ("bed_taken", stay)


@pytest.mark.parametrize(("ward", "bed", "code"), [("A", "", "same_ward"), ("B", "A-002", "bed_of_another_ward")])
def test_a_move_that_leads_nowhere_is_refused(tx: Tx, ward: str, bed: str, code: str) -> None:
    stay = given.stay(tx)
    assert given.refusal_of(tx, MoveStay(stay_id=stay.id, ward_id=ward, bed_id=bed), by=given.ADMIN) == code


def test_a_move_is_kept_as_evidence(tx: Tx) -> None:
    stay = given.stay(tx)
    given.move_to(tx, stay, "B")
    step = tx.all(StayMove, of=stay)[0]
    assert (step.from_ward_id, step.ward_id, step.by, step.at) == ("A", "B", "admin_1", given.NOON)


def test_r21_the_meal_follows_the_patient_and_is_placed_once(tx: Tx) -> None:
    order = given.order(tx, state=S.READY, method="cash")
    given.move_to(tx, given.stay_of(tx, order), "B")
    wards = (given.now(tx, order).ward_id, given.tray(tx, order).ward_id, tx.get(CashDue, order.id).ward_id)
    assert wards == ("B", "B", "B")


# -- gone -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.CONFIRMED, S.HELD])
def test_r22_a_meal_not_begun_is_cancelled_and_costs_nothing(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state, method="cash")
    given.leave(tx, given.stay_of(tx, order))
    assert (given.now(tx, order).state, given.now(tx, order).reason, tx.get(Payment, order.id).due_francs) == (
        S.CANCELLED,
        "discharged",
        0,
    )


@pytest.mark.parametrize("state", [S.COOKING, S.KITCHEN_ISSUE, S.READY])
def test_r22_a_meal_on_the_stove_is_stopped(tx: Tx, state: OrderState) -> None:
    order = given.order(tx, state=state)
    given.leave(tx, given.stay_of(tx, order))
    assert (given.now(tx, order).state, given.now(tx, order).stop) == (state, "discharged")


def test_r22_a_meal_on_its_way_says_that_the_patient_has_gone_and_is_not_handed_to_a_stranger(tx: Tx) -> None:
    order = given.order(tx, state=S.OUT)
    press = given.give(tx, order)
    given.leave(tx, given.stay_of(tx, order))
    assert (given.now(tx, order).problem, given.refusal_at_press(tx, press, by=given.RUNNER)) == (
        "discharged",
        "meal_blocked",
    )


def test_r22_what_was_delivered_stays_delivered(tx: Tx) -> None:
    order = given.order(tx, state=S.DELIVERED)
    given.leave(tx, given.stay_of(tx, order))
    assert given.now(tx, order) == order


def test_a_discharge_frees_the_bed_and_takes_the_label_out_of_the_kitchen(tx: Tx) -> None:
    stay = given.stay(tx, bed="A-001")
    given.leave(tx, stay)
    gone, label = given.now(tx, stay), tx.get(LabelIdentity, stay.id)
    assert (gone.closed_at, gone.bed_id, gone.bed_before, label.left_at) == (given.NOON, "", "A-001", given.NOON)
    assert LabelIdentity.seen_by(label.__dict__) == ()


def test_a_discharge_told_twice_is_one(tx: Tx) -> None:
    stay = given.stay(tx)
    given.leave(tx, stay)
    assert given.perform(tx, Discharge(stay_id=stay.id), by=given.NURSE).already == {"at": given.NOON}


def test_r23_a_patient_who_comes_back_begins_a_new_stay_and_no_old_meal_comes_back(tx: Tx) -> None:
    order = given.order(tx)
    first = given.stay_of(tx, order)
    given.leave(tx, first)
    given.perform(tx, OpenStay(stay_id="again", ward_id="A", patient_id=first.patient_id), by=given.NURSE)
    assert (tx.get(Stay, "again").patient_id, given.now(tx, order).state) == (first.patient_id, S.CANCELLED)


def test_a_day_after_discharge_the_stay_leaves_the_devices(tx: Tx) -> None:
    stay = given.stay(tx)
    early = given.refusal_of(tx, ArchiveStay(stay_id=stay.id), by=SYSTEM)
    given.leave(tx, stay)
    done = given.perform(tx, ArchiveStay(stay_id=stay.id), by=SYSTEM, at=given.NOON + DAY_MS)
    left = {type(change.after).seen_by(change.after.__dict__) for change in done.changes}
    assert (early, left) == ("stay_open", {()})


@pytest.mark.parametrize("command", [OpenWard, AddBeds, OpenKitchen])
def test_the_house_is_built_by_administrators_alone(command: Any) -> None:
    from core.handlers import HANDLES
    from core.wards.commands import ADMINS

    assert HANDLES[command.name].roles == ADMINS


def test_a_ward_keeps_its_walking_order(tx: Tx) -> None:
    assert [tx.get(Ward, ward).walking_order for ward in ("A", "B")] == [0, 1]
