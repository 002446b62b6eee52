"""R18: two patients of one ward who are called alike have an alert on their labels, for as long as both are there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.diets.model import DietProfile
from core.diets.namesakes import PROFILE, TellNameAlert, called_alike, telling_of, untold
from core.kernel.tx import Tx
from core.kernel.values import SYSTEM
from core.wards.commands import OpenStay
from core.wards.model import Stay
from tests import given


def admit(tx: Tx, stay_id: str, name: str, *, ward: str = "A") -> Stay:
    nurse = given.NURSE if ward == "A" else given.NURSE_B
    given.perform(tx, OpenStay(stay_id=stay_id, ward_id=ward, hospital_number=stay_id, full_name=name), by=nurse)
    return tx.get(Stay, stay_id)


def time_passes(tx: Tx) -> list[str]:
    """Everything that time finds to tell; who has an alert then."""
    for key, _ in untold(given.saved(tx), limit=99):
        given.perform(tx, telling_of(key), by=SYSTEM)
    told = select(PROFILE.c.id).where(PROFILE.c.name_alert, PROFILE.c.open).order_by(PROFILE.c.id)
    return list(given.saved(tx).execute(told).scalars())


@pytest.mark.parametrize(
    "other", ["Uwimana Jean", "UWIMANA, Jean", "Jean Uwimana", "Uwimana Jéan", "Uwimana Jean Bosco"]
)
def test_r18_names_that_are_read_alike_are_alike(tx: Tx, other: str) -> None:
    admit(tx, "s1", "Uwimana Jean")
    admit(tx, "s2", other)
    admit(tx, "s3", "Mukamana Alice")
    assert time_passes(tx) == ["s1", "s2"]


@pytest.mark.parametrize("other", ["Uwimana Jeanne", "Uwimana", "Mugabo Jean", "Habimana Paul"])
def test_r18_half_a_name_is_not_enough(tx: Tx, other: str) -> None:
    admit(tx, "s1", "Uwimana Jean")
    admit(tx, "s2", other)
    assert time_passes(tx) == []


def test_r18_on_another_ward_nobody_is_mistaken(tx: Tx) -> None:
    admit(tx, "s1", "Uwimana Jean")
    admit(tx, "s2", "Uwimana Jean", ward="B")
    assert time_passes(tx) == []


def test_r18_the_alert_comes_and_goes_with_the_other_patient(tx: Tx) -> None:
    admit(tx, "s1", "Uwimana Jean")
    other = admit(tx, "s2", "Uwimana Jean", ward="B")
    alerts = [time_passes(tx)]
    given.move_to(tx, other, "A")
    alerts.append(time_passes(tx))
    given.leave(tx, other)
    alerts.append(time_passes(tx))
    assert alerts == [[], ["s1", "s2"], []]


def test_r18_an_alert_is_no_rule_and_stops_no_meal(tx: Tx) -> None:
    stay = given.stay(tx)
    order = given.order(tx, stay=stay)
    before = tx.get(DietProfile, stay.id).rules_version
    given.perform(tx, TellNameAlert(stay_id=stay.id, alert=True), by=SYSTEM)
    assert (tx.get(DietProfile, stay.id).rules_version, given.now(tx, order)) == (before, order)


def test_r18_what_was_told_is_not_told_again(tx: Tx) -> None:
    admit(tx, "s1", "Uwimana Jean")
    admit(tx, "s2", "Uwimana Jean")
    time_passes(tx)
    assert untold(given.saved(tx), limit=99) == []


def test_three_of_a_name_are_all_alike_and_one_alone_is_not() -> None:
    ward = [(str(number), "A", "Uwimana Jean") for number in range(3)] + [("x", "A", "Ingabire Rose")]
    assert called_alike(ward) == {"0", "1", "2"}
