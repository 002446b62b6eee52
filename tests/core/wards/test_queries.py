"""Wards, beds and whoever lies in them, as a ward desk asks."""

from __future__ import annotations

from core.kernel.tx import Tx
from core.wards.commands import AddBeds, Discharge, NewBed, SetBedState
from core.wards.queries import beds_of_ward, stay_by_id, stays_of_ward, ward_by_id, wards, without_bed
from tests import given


def test_wards_stand_as_they_are_walked(tx: Tx) -> None:
    assert [ward.id for ward in wards(given.saved(tx))] == ["A", "B"]


def test_each_bed_shows_who_lies_in_it(tx: Tx) -> None:
    stay = given.stay(tx, bed="A-002")
    seen = beds_of_ward(given.saved(tx), "A")
    assert [(one.bed.id, one.stay.id if one.stay else "") for one in seen[:3]] == [
        ("A-001", ""),
        ("A-002", stay.id),
        ("A-003", ""),
    ]


def test_beds_are_counted_as_people_count(tx: Tx) -> None:
    given.perform(tx, AddBeds(ward_id="B", beds=(NewBed(bed_id="B-12"), NewBed(bed_id="B-6"))))
    assert [one.bed.id for one in beds_of_ward(given.saved(tx), "B")][-2:] == ["B-6", "B-12"]


def test_a_bed_that_is_cleaned_is_not_vacant(tx: Tx) -> None:
    given.perform(tx, SetBedState(bed_id="A-001", state="cleaning"), by=given.NURSE)
    first, second = beds_of_ward(given.saved(tx), "A")[:2]
    assert (first.is_vacant, second.is_vacant) == (False, True)


def test_a_patient_without_a_bed_is_not_dropped(tx: Tx) -> None:
    lying, waiting = given.stay(tx, bed="A-001"), given.stay(tx)
    db = given.saved(tx)
    assert [stay.id for stay in without_bed(db, "A")] == [waiting.id]
    assert {stay.id for stay in stays_of_ward(db, "A")} == {lying.id, waiting.id}


def test_who_has_gone_home_is_on_no_ward(tx: Tx) -> None:
    stay = given.stay(tx, bed="A-001")
    given.perform(tx, Discharge(stay_id=stay.id), by=given.NURSE)
    db = given.saved(tx)
    assert (stays_of_ward(db, "A"), beds_of_ward(db, "A")[0].stay) == ([], None)
    assert stay_by_id(db, stay.id) is not None


def test_an_unknown_ward_is_none(tx: Tx) -> None:
    assert ward_by_id(given.saved(tx), "Z") is None
