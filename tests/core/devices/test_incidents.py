"""What a console says befell its store becomes a case where that console stands."""

from __future__ import annotations

import json

import pytest

from core import handlers
from core.devices.incidents import INCIDENTS, ReportIncident
from core.devices.model import Device
from core.kernel.case import Case
from core.kernel.tx import Tx
from core.kernel.values import SYSTEM, Role
from core.words import case_words
from tests import given
from tests.core.devices.test_devices import enrol, make_code


@pytest.fixture
def device(tx: Tx) -> Device:
    make_code(tx, ward_id="A")
    return enrol(tx)


def test_a_case_opens_where_the_console_stands_and_nobody_owns_it_yet(tx: Tx, device: Device) -> None:
    report = ReportIncident(device_id=device.id, what="acts_lost", acts=3, at=given.NOON)
    (case,) = given.perform(tx, report, by=SYSTEM).added(Case)
    assert (case.code, case.ward_id, case.owner_id, case.closed_at) == ("acts_lost", "A", "", None)
    assert json.loads(case.detail) == {"device": "ward A 1", "acts": 3, "audience": "", "since": given.NOON}


@pytest.mark.parametrize("language", ["en", "fr", "rw"])
@pytest.mark.parametrize("what", INCIDENTS)
def test_each_has_words_with_its_console_in_them(what: str, language: str) -> None:
    detail: dict[str, str | int] = {"device": "ward A 1", "acts": 3, "audience": "ward:A", "since": 1}
    words = case_words(what, detail, language)
    assert "ward a 1" in words.what.lower()
    assert words.consequence and words.next


def test_nobody_but_the_house_reports_one() -> None:
    handle = handlers.find(ReportIncident.name)
    assert handle is not None and handle.roles == {Role.SYSTEM}
