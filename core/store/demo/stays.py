"""The patients of the demo hospital: admitted, asked, put to bed, prescribed, moved, and sent home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.diets.allergies import RecordAllergiesAsked, RecordAllergy, WithdrawAllergy
from core.diets.commands import HoldTrays, PrescribeDiet, StartNilByMouth
from core.kernel.values import DAY_MS, MINUTE_MS
from core.store.demo import pages
from core.store.demo.hours import day_text
from core.store.demo.script import Script
from core.wards.commands import AssignBed, Discharge, MoveStay, OpenStay
from core.wards.identity import patient_id_of

BEDDED_AFTER_MINUTES = 6
ASKED_AFTER_MINUTES = 12
FAR_FROM_REFUTED_MINUTES = 600
REFUTED: Literal["refuted"] = "refuted"


@dataclass(frozen=True, slots=True)
class Guest:
    """A patient of the demo and the stay that their acts are about."""

    written: pages.Page
    stay_id: str
    patient_id: str
    nurse_id: str  # of the ward where they lie now

    @property
    def ward_id(self) -> str:
        return str(self.written["ward"])


def admit_all(script: Script) -> dict[str, Guest]:
    """Everybody by their code. A patient who has moved was admitted where they lay before."""
    return {written["code"]: _live_through(script, written) for written in pages.patients()}


def nurse_of(ward_id: str) -> str:
    return next(str(one["code"]) for one in pages.staff() if one["role"] == "nurse" and one["ward"] == ward_id)


def _live_through(script: Script, written: pages.Page) -> Guest:
    admitted = script.ago(written["admitted_minutes_ago"])
    guest = Guest(
        written=written,
        stay_id=script.word("stay", written["code"]).hex()[:32],
        patient_id=patient_id_of(written["hospital_number"]),
        nurse_id=nurse_of(written["ward"]),
    )
    first_bed = str(written.get("moved_from", written["bed"]))
    first_ward = first_bed.rpartition("-")[0]
    nurse_id = nurse_of(first_ward)
    script.by_staff(admitted, nurse_id, _opening(script, guest, first_ward))
    bedded = AssignBed(stay_id=guest.stay_id, bed_id=first_bed)
    script.by_staff(admitted + BEDDED_AFTER_MINUTES * MINUTE_MS, nurse_id, bedded)
    _ask(script, guest, nurse_id, admitted + ASKED_AFTER_MINUTES * MINUTE_MS)
    _prescribe(script, guest)
    _hold_and_move(script, guest, nurse_id)
    return guest


def _opening(script: Script, guest: Guest, ward_id: str) -> OpenStay:
    written = guest.written
    born = written["birth_date"]
    if "born_days_ago" in written:
        born = day_text(script.now - written["born_days_ago"] * DAY_MS)
    return OpenStay(
        stay_id=guest.stay_id,
        ward_id=ward_id,
        hospital_number=written["hospital_number"],
        full_name=written["full_name"],
        birth_date=born,
        language=written["language"],
    )


def _ask(script: Script, guest: Guest, nurse_id: str, at: int) -> None:
    """Neither "none" nor an allergy: nobody has asked."""
    if guest.written.get("asked_none"):
        script.by_staff(at, nurse_id, RecordAllergiesAsked(stay_id=guest.stay_id, none=True))
    for allergy in guest.written.get("allergy", ()):
        recorded = script.by_staff(
            at,
            nurse_id,
            RecordAllergy(
                stay_id=guest.stay_id,
                code=allergy["code"],
                text=allergy.get("text", ""),
                reaction=allergy.get("reaction", ""),
                criticality=allergy["criticality"],
                confirmed=allergy["verification"] == "confirmed",
            ),
        )
        if allergy["verification"] == REFUTED:
            withdrawal = WithdrawAllergy(
                allergy_id=recorded.made(1), finding=REFUTED, reason="eats it without any trouble"
            )
            script.by_staff(at + FAR_FROM_REFUTED_MINUTES * MINUTE_MS, "doctor_1", withdrawal)


def _prescribe(script: Script, guest: Guest) -> None:
    """Each order replaces what its doctor saw, unless it stands beside it."""
    in_force: list[str] = []
    for order in guest.written.get("diet_order", ()):
        at = script.ago(order["minutes_ago"])
        if order["kind"] == "nil_by_mouth":
            fasting = StartNilByMouth(stay_id=guest.stay_id, reason=order["reason"])
            in_force.append(script.by_staff(at, order["by"], fasting).made(1))
            continue
        beside = order.get("beside", False)
        ordered = script.by_staff(at, order["by"], _diet(guest, order, replaces=() if beside else tuple(in_force)))
        in_force = [*in_force, ordered.made(1)] if beside else [ordered.made(1)]


def _diet(guest: Guest, order: pages.Page, *, replaces: tuple[str, ...]) -> PrescribeDiet:
    return PrescribeDiet(
        stay_id=guest.stay_id,
        replaces=replaces,
        components=tuple(order["components"]),
        preferences=tuple(order.get("preferences", ())),
        food_level=order.get("food_level", ""),
        fluid_level=order.get("fluid_level", ""),
        limits=order.get("limits", {}),
        isolation=order.get("isolation", ""),
        assistance=tuple(order.get("assistance", ())),
    )


def _hold_and_move(script: Script, guest: Guest, nurse_id: str) -> None:
    written = guest.written
    if "hold" in written:
        hold = HoldTrays(stay_id=guest.stay_id, reason=written["hold"]["reason"])
        script.by_staff(script.ago(written["hold"]["minutes_ago"]), written["hold"]["by"], hold)
    if "moved_from" in written:
        move = MoveStay(stay_id=guest.stay_id, ward_id=written["ward"], bed_id=written["bed"])
        script.by_staff(script.ago(written["moved_minutes_ago"]), nurse_id, move)
    if "discharged_minutes_ago" in written:
        home = Discharge(stay_id=guest.stay_id)
        script.by_staff(script.ago(written["discharged_minutes_ago"]), nurse_id, home)
