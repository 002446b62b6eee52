"""explain, reports, cases, diets: what can be read of the demo hospital at its noon."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from core.orders.model import Order
from core.store.open import Store
from core.store.tables import TABLES
from tests.admin_cli.conftest import Command

TODAY = "2026-11-25"


def test_a_day_is_shown_as_a_table_with_its_sums(dusangire: Command, hospital: Path) -> None:
    said = dusangire("reports", "day")
    assert f"{TODAY}: 36 orders, 6 given." in said.out and "From the server, 11:46." in said.out


def test_a_day_as_json_adds_up(dusangire: Command, hospital: Path) -> None:
    told = dusangire("reports", "day", "yesterday", "--json").json
    assert (told["day"], told["orders"], told["given"], told["age_ms"]) == ("2026-11-24", 33, 33, 0)
    assert sum(row["cash_francs"] for row in told["rows"]) == told["francs"]["cash"]


def test_a_day_as_csv_has_a_line_a_row(dusangire: Command, hospital: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(dusangire("reports", "day", TODAY, "--csv").out)))
    assert sum(int(row["orders"]) for row in rows) == 36 and {row["meal"] for row in rows} == {"lunch"}


def test_a_text_that_looks_like_a_formula_is_made_harmless_in_csv(capsys: pytest.CaptureFixture[str]) -> None:
    from admin_cli.shown import as_csv

    as_csv(("ward", "orders"), [{"ward": "=cmd()", "orders": -1}, {"ward": "A", "orders": None}])
    assert capsys.readouterr().out == "ward,orders\n'=cmd(),-1\nA,\n"


def test_an_empty_day_is_said_in_words(dusangire: Command, hospital: Path) -> None:
    assert "No meals on 2020-01-01." in dusangire("reports", "day", "2020-01-01").out


def test_a_day_that_is_none_is_refused(dusangire: Command, hospital: Path) -> None:
    said = dusangire("reports", "day", "someday")
    assert (said.code, len(said.sentences)) == (2, 3)


# -- explain --------------------------------------------------------------------------------------------------------


def number_of(store: Store, state: str, stop: str = "") -> str:
    """The number of today's first order of that kind."""
    order = TABLES[Order]
    alike = select(order.c.number).where(order.c.state == state, order.c.stop == stop)
    with store.reading() as connection:
        return str(connection.execute(alike.order_by(order.c.number.desc()).limit(1)).scalar_one())


def test_a_stopped_meal_is_explained_by_its_fast(dusangire: Command, store: Store) -> None:
    number = number_of(store, "cooking", "nil_by_mouth")
    told = dusangire("explain", number, "--json").json
    fasting = told["rules"][1]
    assert (told["headline"], fasting["verdict"], fasting["stands_on"][0]["by"]) == (
        "nil_by_mouth",
        "block",
        "doctor_1",
    )
    assert [rule["place"] for rule in told["rules"]] == list(range(1, 13))


def test_an_explanation_reads_as_text(dusangire: Command, store: Store) -> None:
    said = dusangire("explain", number_of(store, "delivered"))
    assert all(part in said.out for part in ("RULES", "ON WHOSE WORD", "LIFE", "ACTS", "From the server, 11:46."))
    assert " 4 allergy       ok" in said.out


def test_the_servers_acts_are_told_with_their_outcome(dusangire: Command, store: Store) -> None:
    acts = dusangire("explain", number_of(store, "delivered"), "--json").json["acts"]
    assert [act["kind"] for act in acts][:1] == ["orders.start_cooking"]
    assert {act["outcome"] for act in acts} == {"applied"}


def test_an_explanation_names_no_patient(dusangire: Command, store: Store) -> None:
    from core.store.demo import pages

    said = dusangire("explain", number_of(store, "delivered"))
    names = {name for patient in pages.patients() for name in patient["full_name"].split()}
    assert [name for name in names if name in said.out] == []


def test_an_order_nobody_knows_is_refused(dusangire: Command, hospital: Path) -> None:
    said = dusangire("explain", "L-9999")
    assert said.code == 2 and said.sentences[0] == "I do not know order L-9999."


# -- cases ----------------------------------------------------------------------------------------------------------


def case_id(dusangire: Command) -> str:
    (only,) = dusangire("cases", "list", "--json").json
    return str(only["case"])


def test_an_open_case_is_listed_in_words(dusangire: Command, hospital: Path) -> None:
    (only,) = dusangire("cases", "list", "--json").json
    assert (only["code"], only["ward"], only["owner"]) == ("texture_conflict", "ICU", "")
    assert only["words"]["what"] in dusangire("cases", "show", only["case"][-8:]).out


def test_a_case_has_an_owner_once_somebody_takes_it(dusangire: Command, hospital: Path) -> None:
    said = dusangire("cases", "take", case_id(dusangire), "--as", "nurse_3", lines=("urumuri-ijoro-inyenyeri",))
    (only,) = dusangire("cases", "list", "--json").json
    assert (said.code, only["owner"], only["words"]["consequence"] in dusangire("cases", "list").out) == (
        0,
        "nurse_3",
        True,
    )


def test_a_person_closes_a_case_with_a_password_and_words(dusangire: Command, hospital: Path) -> None:
    case = case_id(dusangire)
    words = ("cases", "close", case[-8:], "--as", "nurse_3", "--done", "doctor 2 was asked: puree")
    said = dusangire(*words, "--json", lines=("urumuri-ijoro-inyenyeri",))
    assert (said.json["closed_by"], said.json["closing"]) == ("nurse_3", "doctor 2 was asked: puree")
    assert dusangire("cases", "list").out == "Nothing needs a person.\n"


@pytest.mark.parametrize(
    ("person", "password"), [("nurse_3", "wrong"), ("nobody", "urumuri-ijoro-inyenyeri"), ("nurse_3", "")]
)
def test_a_wrong_password_closes_nothing(dusangire: Command, hospital: Path, person: str, password: str) -> None:
    case = case_id(dusangire)
    said = dusangire("cases", "close", case, "--as", person, "--done", "done", lines=(password,))
    assert (said.code, case_id(dusangire)) == (2, case)


def test_whose_work_it_is_not_may_not_close_it(dusangire: Command, hospital: Path) -> None:
    case = case_id(dusangire)
    said = dusangire("cases", "close", case, "--as", "cook_1", "--done", "done", lines=("amashaza-inkono-umuriro",))
    assert (said.code, len(said.sentences), case_id(dusangire)) == (2, 3, case)


@pytest.mark.parametrize("name", ["", "0", "nothing_like_it"])
def test_a_case_must_be_named_without_doubt(dusangire: Command, hospital: Path, name: str) -> None:
    assert dusangire("cases", "show", name).code == 2


# -- diets ----------------------------------------------------------------------------------------------------------


def test_a_what_if_case_is_judged_without_a_hospital(dusangire: Command, machine: Path) -> None:
    case = {
        "serve_at": "2026-11-24T12:30:00+02:00",
        "patient": {"allergies": ["peanut"], "diets": [{"components": ["regular"]}]},
        "dishes": [{"name": "isombe", "allergens": ["peanut"]}, {"name": "rice"}],
    }
    (machine / "case.json").write_text(json.dumps(case))
    told = dusangire("diets", "verdict", machine / "case.json").json
    assert (told["verdict"], told["headline"]) == ("block", "allergy")
    assert [(dish["name"], dish["verdict"]) for dish in told["dishes"]] == [("isombe", "block"), ("rice", "allow")]
    assert told["reasons"][0]["words"] == "allergy: contains peanut"


def test_a_case_may_come_from_stdin(dusangire: Command, machine: Path) -> None:
    case = '{"serve_at": "2026-11-24T12:30:00Z", "patient": {}, "dishes": [{"name": "rice"}]}'
    assert dusangire("diets", "verdict", "-", lines=(case,)).json["headline"] == "no_diet_order"


def test_a_case_that_cannot_be_judged_is_refused_in_words(dusangire: Command, machine: Path) -> None:
    said = dusangire("diets", "verdict", "-", lines=("{}",))
    assert (said.code, len(said.sentences)) == (2, 3)
