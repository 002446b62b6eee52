"""The server as one program: what those who watch it are told, what it will not serve, what its log never says."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from core.kernel.refusal import Refusal
from core.settings import Settings
from core.store import log, migrations
from core.store.open import Store, open_server_store
from sync.server.app import hosts_of, listen, open_hospital, serve, tell_logs
from tests import given
from tests.sync.server.portal import BORN, CODE, Phone, Portal


def test_it_says_that_it_lives_and_is_ready(phone: Phone) -> None:
    assert phone.get("/healthz").page == "ok\n"
    assert phone.get("/readyz").page == "ok\n"


def test_it_is_not_ready_once_its_writer_has_stopped(phone: Phone, portal: Portal) -> None:
    portal.servers[-1].house.writer.stop()
    assert phone.get("/readyz").answer.status_code == 503
    assert phone.get("/healthz").answer.status_code == 200


def test_while_the_writer_takes_nothing_in_a_page_says_so_and_nothing_is_lost(patient: Phone, portal: Portal) -> None:
    patient.put_in_cart(given.RICE)
    form = patient.order_form()
    portal.servers[-1].house.writer.stop()
    patient.post(f"/patient/checkout/{given.LUNCH}", form)
    assert patient.answer.status_code == 503 and patient.answer.headers["retry-after"] == "2"
    assert "Nothing was done, and nothing was lost." in patient.text


def test_its_counters_name_doors_and_no_people(patient: Phone) -> None:
    patient.order()
    text = patient.get("/metrics").page
    assert 'dusangire_answer_seconds_count{door="place",status="303"} 1.0' in text
    assert "A-015" not in text and "stay-" not in text


def test_a_fault_of_ours_is_told_in_words_with_a_number_and_no_trace(
    patient: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server.pages import patient as pages

    def broken(*_: object) -> None:
        raise ValueError("Uwimana secret")

    monkeypatch.setattr(pages, "plan_of", broken)
    patient.get("/patient/plan")
    assert patient.answer.status_code == 500
    assert "Something went wrong here." in patient.text
    assert patient.answer.headers["dusangire-request"] in patient.text
    assert "Uwimana" not in patient.page and "Traceback" not in patient.page


def test_its_log_is_json_and_holds_nothing_of_anybody(
    portal: Portal, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server.pages import patient as pages

    before = (logging.getLogger().handlers[:], logging.getLogger().level)
    tell_logs()
    try:
        with portal.open() as phone:
            phone.enter()
            phone.order()
            monkeypatch.setattr(pages, "plan_of", lambda *_: 1 / 0)
            phone.get("/patient/plan?q=secret")
    finally:
        logging.getLogger().handlers[:], logging.getLogger().level = before
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    said = json.dumps(lines)
    assert {"answered", "failed"} <= {line["event"] for line in lines}
    failed = next(line for line in lines if line["event"] == "failed")
    assert failed["error"] == "ZeroDivisionError" and any("sync.server" in place for place in failed["where"])
    assert not any(word in said for word in ("secret", BORN["year"], CODE, "A-015", "peanut", "patient/"))


def test_there_must_be_a_hospital_to_serve(store: Store, sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        open_hospital(Settings(data_folder=tmp_path, database_url=sqlite_url, secure=False))
    assert refused.value.code == "no_hospital"


def test_a_plain_line_is_for_practice_only(store: Store, sqlite_url: str, tmp_path: Path) -> None:
    with store.writing() as connection:
        log.create_hospital(connection, epoch="e", at=given.MIDNIGHT, signing_seed="00" * 32, practice=False)
    with pytest.raises(Refusal) as refused:
        open_hospital(Settings(data_folder=tmp_path, database_url=sqlite_url, secure=False))
    assert refused.value.code == "not_practice"
    open_hospital(Settings(data_folder=tmp_path, database_url=sqlite_url, secure=True)).close()


def test_an_address_that_somebody_else_has_is_said_so(portal: Portal, sqlite_url: str, tmp_path: Path) -> None:
    (taken,) = listen(["127.0.0.1"], 0)
    taken.listen()
    settings = Settings(data_folder=tmp_path, database_url=sqlite_url, secure=False)
    before = (logging.getLogger().handlers[:], logging.getLogger().level)
    try:
        with pytest.raises(Refusal) as refused:
            serve(settings, "127.0.0.1", taken.getsockname()[1])
    finally:
        taken.close()
        logging.getLogger().handlers[:], logging.getLogger().level = before
    assert refused.value.code == "address_taken"


def test_it_answers_to_the_names_it_was_told_else_to_this_machines() -> None:
    told = Settings(data_folder=Path("/nowhere"), hosts=("meals.hospital.rw",))
    assert hosts_of(told, ["10.0.0.7"]) == ("meals.hospital.rw",)
    assert {"localhost", "127.0.0.1", "10.0.0.7"} <= set(hosts_of(Settings(data_folder=Path("/nowhere")), ["10.0.0.7"]))


def test_the_schema_of_the_pages_is_in_the_first_revision(sqlite_url: str) -> None:
    opened = open_server_store(sqlite_url)
    with opened.reading() as connection:
        assert migrations.differences(connection) == []
    opened.close()
