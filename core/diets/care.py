"""The clinical record behind a profile: opened, moved and closed with the stay, kept in step with every order.

Ward and kitchen consoles hold the profile and not the record. What they write is told from the profile alone; the
record's own rows are brought in step wherever they are held.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from core.diets.allowed import NONE_ALLOWED, allowed_of
from core.diets.catalogue import NOT_A_FOOD
from core.diets.children import SMALL_YEARS, is_child
from core.diets.events import RulesChanged
from core.diets.model import (
    Allergy,
    AllergyReview,
    Allowance,
    CareFile,
    DietAttempt,
    DietKind,
    DietOrder,
    DietProfile,
    DietState,
    TrayHold,
    Verification,
)
from core.diets.profile import HOLD, ISOLATION, Period
from core.kernel.row import Row
from core.kernel.tx import Tx
from core.kernel.values import as_codes, codes
from core.menu.substances import existing
from core.wards.model import Stay

WITHDRAWN = (Verification.REFUTED.value, Verification.ENTERED_IN_ERROR.value)
OF_THE_FILE: tuple[type[Row], ...] = (Allergy, AllergyReview, DietOrder, TrayHold, DietAttempt, Allowance)


class OfStay(Protocol):
    """An event of the wards that names a stay."""

    @property
    def stay_id(self) -> str: ...


class StayOpening(OfStay, Protocol):
    """The opening of a stay, with the keyed hashes of what its person is recognised by."""

    @property
    def identifiers(self) -> str: ...

    @property
    def birth_date(self) -> str: ...


def open_profile_for(tx: Tx, event: StayOpening) -> None:
    """A stay begins: nothing is known yet, so nothing is allowed yet (R4, R9)."""
    stay = tx.get(Stay, event.stay_id)
    tx.add(CareFile(id=stay.id, ward_id=stay.ward_id))
    tx.add(
        DietProfile(
            id=stay.id,
            ward_id=stay.ward_id,
            kitchen_id=stay.kitchen_id,
            opened_at=stay.opened_at,
            identifiers=event.identifiers,
            child=is_child(event.birth_date, tx.at),
            small_child=is_child(event.birth_date, tx.at, under=SMALL_YEARS),
            changed_at=tx.at,
            changed_by=tx.actor.person_id,
        )
    )


def move_profile_for(tx: Tx, event: OfStay) -> None:
    """The patient is on another ward: what may be eaten goes along, and changes its readers."""
    stay = tx.get(Stay, event.stay_id)
    profile = tx.get(DietProfile, stay.id)
    tx.change(profile, ward_id=stay.ward_id, kitchen_id=stay.kitchen_id)
    care_file = existing(tx, CareFile, stay.id)
    if care_file is None:
        return
    for table in OF_THE_FILE:
        for row in tx.all(table, of=care_file):
            tx.change(row, ward_id=stay.ward_id)
    tx.change(care_file, ward_id=stay.ward_id)


def close_profile_for(tx: Tx, event: OfStay) -> None:
    """The stay is over: whatever is still on its way is no longer for anybody here."""
    tx.change(tx.get(DietProfile, event.stay_id), open=False)


def archive_profile_for(tx: Tx, event: OfStay) -> None:
    """The stay leaves the devices, and so does what could be eaten in it."""
    tx.change(tx.get(DietProfile, event.stay_id), archived_at=tx.at)
    care_file = existing(tx, CareFile, event.stay_id)
    if care_file is not None:
        tx.change(care_file, archived_at=tx.at)


def rewrite_profile(tx: Tx, profile: DietProfile, *, why: str, **columns: object) -> None:
    """Changes what may be eaten, as a new version of the patient's rules; nothing happens when nothing differs.

    What was allowed against the rules before is allowed no longer (R16).
    """
    newest = tx.get(DietProfile, profile.id)
    if all(getattr(newest, name) == value for name, value in columns.items()):
        return
    _end_allowances(tx, newest, why=why)
    tx.change(
        newest,
        **columns,
        allowances=NONE_ALLOWED,
        rules_version=newest.rules_version + 1,
        changed_at=tx.at,
        changed_by=tx.actor.person_id,
    )
    tx.emit(RulesChanged(stay_id=profile.id, why=why))


def _end_allowances(tx: Tx, profile: DietProfile, *, why: str) -> None:
    """Makes no ids: both ends agree, whether they hold the record or not."""
    for allowed in allowed_of(profile.allowances):
        allowance = existing(tx, Allowance, allowed.id)
        if allowance is not None and allowance.ended_at is None:
            tx.change(allowance, ended_at=tx.at, ended_by=tx.actor.person_id, ended_why=why)


def retell_allergies(tx: Tx, stay_id: str, *, why: str) -> None:
    """The profile's allergies, told again from the record: after one of them was matched or withdrawn."""
    care_file = tx.get(CareFile, stay_id)
    recorded = tx.all(Allergy, of=care_file)
    counting = [allergy for allergy in recorded if allergy.verification not in WITHDRAWN]
    meant = [allergy for allergy in recorded if allergy.verification != Verification.ENTERED_IN_ERROR]
    rewrite_profile(
        tx,
        tx.get(DietProfile, stay_id),
        why=why,
        allergens=as_codes([code for allergy in counting for code in codes(allergy.code) if code != NOT_A_FOOD]),
        unmatched=any(not allergy.code for allergy in counting),
        allergies_asked=bool(meant) or bool(tx.all(AllergyReview, of=care_file)),
    )


def close_orders(tx: Tx, ended: Iterable[Period], *, state: str, at: int) -> None:
    """Brings the record's own rows in step with the profile, where they are held. Makes no ids: both ends agree."""
    for period in ended:
        if period.kind == ISOLATION:
            continue  # no order that names it ends it
        if period.kind == HOLD:
            hold = existing(tx, TrayHold, period.id)
            if hold is not None and hold.ended_at is None:
                tx.change(hold, ended_at=at, ended_by=tx.actor.person_id)
            continue
        order = existing(tx, DietOrder, period.id)
        if order is not None:
            tx.change(order, state=state, superseded_at=at)


def close_isolations(tx: Tx, before: Iterable[Period], *, at: int) -> None:
    """The same for isolations that are over, those with an order of their own. Makes no ids: both ends agree."""
    for period in before:
        order = existing(tx, DietOrder, period.id) if period.kind == ISOLATION else None
        if order is not None and order.kind == DietKind.ISOLATION and order.state == DietState.ACTIVE:
            tx.change(order, state=DietState.SUPERSEDED.value, superseded_at=max(at, order.from_at))
