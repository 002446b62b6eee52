"""The bed's door and the staff's: who is let in, who waits, and what nobody learns from a door that stays shut."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.kernel.case import Case
from core.kernel.values import MINUTE_MS
from core.people import passwords
from core.people.commands import EndPerson, SetPassword
from core.store.tables import TABLES
from core.wards.commands import Discharge
from tests import given
from tests.sync.server.portal import BED, CODE, EMPTY_CODE, STRANGER, Phone, Portal

PASSWORD = "a long enough password"


def test_the_code_at_the_bed_and_the_birth_date_open_the_patients_meals(phone: Phone) -> None:
    phone.get(f"/b/{CODE}")
    assert BED in phone.text
    assert phone.enter().location == "/patient/"
    assert "My plan" in phone.follow().text


def test_a_door_in_capitals_is_the_same_door(phone: Phone) -> None:
    assert BED in phone.get(f"/B/{CODE}").text


def test_a_typed_code_may_have_small_letters_and_spaces(phone: Phone) -> None:
    assert phone.post("/door", {"code": " 7xw k88 "}).location == f"/b/{CODE}"


def test_a_code_that_no_bed_has_says_so_in_three_parts(phone: Phone) -> None:
    assert phone.get("/b/NOBED1").answer.status_code == 404
    assert "No bed has this code." in phone.text and "Nothing was opened." in phone.text


@pytest.mark.parametrize("born", [STRANGER, {"day": "13", "month": "4", "year": "1974"}])
def test_a_wrong_birth_date_and_an_empty_bed_are_answered_alike(phone: Phone, born: dict[str, str]) -> None:
    wrong = phone.enter(CODE, born).location.replace(CODE, "")
    assert phone.enter(EMPTY_CODE, born).location.replace(EMPTY_CODE, "") == wrong
    assert "set-cookie" not in phone.answer.headers


def test_what_is_no_date_is_not_counted_as_a_try(phone: Phone) -> None:
    for _ in range(7):
        phone.enter(born={"day": "31", "month": "2", "year": "1974"})
    assert phone.location.endswith("no=date")
    assert phone.enter().location == "/patient/"


def test_after_five_wrong_tries_even_the_right_date_waits(phone: Phone, portal: Portal) -> None:
    for _ in range(5):
        phone.enter(born=STRANGER)
    assert phone.enter().location.endswith("no=shut")
    assert "Locked until 09:00" in phone.follow().text
    portal.clock.at += 31_000
    assert phone.enter().location == "/patient/"


def test_the_ward_is_told_once_of_a_run_of_wrong_tries(phone: Phone, portal: Portal) -> None:
    for _ in range(8):
        phone.enter(born=STRANGER)
        portal.clock.at += 20 * MINUTE_MS
    cases = _cases(portal)
    assert [(case.code, case.ward_id) for case in cases] == [("door_tries", "A")]


def test_one_address_has_so_many_tries_a_minute(phone: Phone) -> None:
    for _ in range(20):
        phone.enter(EMPTY_CODE, born=STRANGER)
    assert phone.enter().location.endswith("no=often")


def test_the_cookie_is_for_this_host_alone_where_the_line_is_secure(portal: Portal) -> None:
    with portal.open(secure=True) as phone:
        cookie = phone.enter().answer.headers["set-cookie"].casefold()
    assert cookie.startswith("__host-dusangire=")
    assert all(part in cookie for part in ("secure", "httponly", "samesite=lax", "path=/"))


def test_signing_out_ends_the_session_and_not_only_the_cookie(patient: Phone) -> None:
    kept = dict(patient.client.cookies)
    patient.get("/patient/me")
    patient.post("/sign-out", {"token": patient.hidden("token")})
    patient.client.cookies.update(kept)
    assert patient.get("/patient/").location.startswith("/")
    assert patient.answer.status_code == 303


def test_a_session_ends_after_half_an_hour_without_a_look(patient: Phone, portal: Portal) -> None:
    portal.clock.at += 29 * MINUTE_MS
    assert patient.get("/patient/").answer.status_code == 200
    portal.clock.at += 31 * MINUTE_MS
    assert patient.get("/patient/").answer.status_code == 303
    assert "signed out" in patient.follow().text


def test_whoever_goes_home_is_signed_out_at_the_next_look(patient: Phone, portal: Portal) -> None:
    portal.do(Discharge(stay_id=_stay_of(portal)), given.NURSE)
    assert patient.get("/patient/").answer.status_code == 303


# -- staff ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def nurse(portal: Portal) -> str:
    """The e-mail address of a nurse with a password."""
    from core.people.commands import AddPerson, GiveGrant

    portal.do(AddPerson(person_id="nurse_9", display="nurse 9", full_name="Nurse Nine", email="Nine@Hospital.rw"))
    portal.do(GiveGrant(person_id="nurse_9", role="nurse", ward_id="A"))
    portal.do(SetPassword(person_id="nurse_9", password_hash=passwords.hash_password(PASSWORD)))
    return "nine@hospital.rw"


def test_staff_sign_in_and_see_what_their_beds_doors_have_seen(phone: Phone, nurse: str) -> None:
    phone.enter(born=STRANGER)
    phone.post("/sign-in", {"email": nurse, "password": PASSWORD})
    assert phone.location == "/staff"
    assert "nurse 9" in phone.follow().text and f"{BED} 1" in phone.text


def test_a_wrong_password_and_an_unknown_person_are_answered_alike(phone: Phone, nurse: str) -> None:
    wrong = phone.post("/sign-in", {"email": nurse, "password": "not that one"}).location
    assert phone.post("/sign-in", {"email": "nobody@hospital.rw", "password": PASSWORD}).location == wrong


def test_somebody_who_has_left_is_signed_out_at_once(phone: Phone, portal: Portal, nurse: str) -> None:
    phone.post("/sign-in", {"email": nurse, "password": PASSWORD})
    portal.do(EndPerson(person_id="nurse_9"))
    assert phone.get("/staff").answer.status_code == 303


def test_a_patients_session_opens_no_staff_page_and_the_other_way_round(
    patient: Phone, portal: Portal, nurse: str
) -> None:
    assert patient.get("/staff").answer.status_code == 303
    with portal.open() as other:
        other.post("/sign-in", {"email": nurse, "password": PASSWORD})
        assert other.get("/patient/menu").answer.status_code == 303


def _cases(portal: Portal) -> list[Case]:
    with portal.store.reading() as connection:
        rows = connection.execute(select(TABLES[Case])).mappings()
        return [Case.trusted(dict(row)) for row in rows]


def _stay_of(portal: Portal) -> str:
    from core.wards.model import Stay

    with portal.store.reading() as connection:
        return str(connection.execute(select(TABLES[Stay].c.id)).scalar_one())
